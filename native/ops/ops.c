/* ops.c - the plugin "ops": the primitive operations of expressions.
 *
 * Each file holds one theme.  The names and signatures are those of
 * lua/perigee/expr/ops.lua; the meaning is that of Lua 5.4. */
#include <perigee/plugin.h>

PERI_PLUGIN("ops", "0.1.0", "perigee", "MIT",
            "Primitive operations of expressions.");
