/* bad_kernel.c - a kernel without PROCESS. */
#include <perigee/plugin.h>

PERI_KERNEL(idle, 0, peri_none, peri_none, "value: f64", "", "Does nothing.");

PERI_PLUGIN("bad_kernel", "1.0.0", "perigee", "MIT", "Forgot something.");
