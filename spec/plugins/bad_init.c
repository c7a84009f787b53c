/* bad_init.c - says no when it is loaded. */
#include <perigee/plugin.h>

PERI_PLUGIN("bad_init", "1.0.0", "perigee", "MIT", "Says no.");

PERI_INIT
{
  return peri_fail(cx, PERI_EIO, "no licence server");
}
