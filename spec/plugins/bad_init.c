/* bad_init.c - says no when it is loaded. */
#include <perigee/plugin.h>

PERI_PLUGIN("bad_init", "1.0.0", "perigee", "MIT", "Says no.");

static peri_status init(peri_cx *cx)
{
  return peri_fail(cx, PERI_EIO, "no licence server");
}
PERI_ITEM_(init) = {
  PERI_K_HOOK, PERI_H_INIT, 0, peri_text_plugin_, (peri_anyfn)init, 0, 0,
  0,           0,           0};
