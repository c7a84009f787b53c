/* bad_must.c - cannot do without a hook that no host has. */
#include <perigee/plugin.h>

PERI_SINK(nothing, 0, peri_none, peri_none, "Throws everything away.");
PERI_WRITE(nothing)
{
  (void)in;
  return PERI_OK;
}

static void future(void)
{
}
PERI_ITEM_(nothing_future) = {
  PERI_K_HOOK, PERI_MUST | 30, 0, peri_text_nothing, future, 0, 0, 0, 0, 0};

PERI_PLUGIN("bad_must", "1.0.0", "perigee", "MIT", "From the future.");
