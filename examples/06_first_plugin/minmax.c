/* minmax.c - a whole native plugin: two functions. */
#include <perigee/plugin.h>
PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b)) { return a < b ? a : b; }
PERI_FN(i32, max, "Larger of two integers.", (i32, a), (i32, b)) { return a > b ? a : b; }
PERI_PLUGIN("minmax", "1.0.0", "perigee authors", "MIT", "Smaller and larger of two integers.");
