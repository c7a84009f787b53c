/* bad_minor.c - needs a newer minor version. */
#define PERI_TARGET_MINOR 7
#include <perigee/plugin.h>

PERI_PLUGIN("bad_minor", "1.0.0", "perigee", "MIT", "Too new.");
