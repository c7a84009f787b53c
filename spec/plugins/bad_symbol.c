/* bad_symbol.c - needs a function that nobody has. */
#include <perigee/plugin.h>

int perigee_spec_nobody_has_this(int);
PERI_FN(i32, ask, "Asks.", (i32, a))
{
  return perigee_spec_nobody_has_this(a);
}

PERI_PLUGIN("bad_symbol", "1.0.0", "perigee", "MIT", "Lacks a function.");
