/* bad_major.c - built for the next major version. */
#include <perigee/plugin.h>
#undef PERI_ABI_MAJOR
#define PERI_ABI_MAJOR 2

PERI_PLUGIN("bad_major", "1.0.0", "perigee", "MIT", "Too new.");
