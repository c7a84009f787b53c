/* min.c - the plugin of the seed: one function. */
#include <perigee/plugin.h>
PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b)) { return a < b ? a : b; }
PERI_PLUGIN("seed", "1.0.0", "perigee authors", "MIT", "The smallest plugin that does something.");
