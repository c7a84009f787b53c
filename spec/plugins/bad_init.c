/* bad_init.c - says no when it is loaded. */
#include <perigee/plugin.h>

static peri_status init(peri_cx *cx)
{
  return peri_fail(cx, PERI_EIO, "no licence server");
}
PERI_TEXT_(owner, "plugin bad_init\n")
PERI_ITEM_(owner) = {0, 0, 0, peri_text_owner, 0, 0, 0, 0, 0, 0};
PERI_ITEM_(init) = {PERI_K_HOOK, PERI_H_INIT, 0, peri_text_owner,
                    (peri_anyfn)init, 0, 0, 0, 0, 0};

PERI_PLUGIN("bad_init", "1.0.0", "perigee", "MIT", "Says no.");
