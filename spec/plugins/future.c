/* future.c - has hooks and kinds of items that this host does not know, and can
 * do without them. */
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
  PERI_K_HOOK, 30, 0, peri_text_nothing, future, 0, 0, 0, 0, 0};
PERI_TEXT_(gadget, "gadget one\nWhatever that is.")
PERI_ITEM_(gadget) = {77, 0, 0, peri_text_gadget, future, 0, 0, 0, 0, 0};

PERI_PLUGIN("future", "1.0.0", "perigee", "MIT", "From the future.");
