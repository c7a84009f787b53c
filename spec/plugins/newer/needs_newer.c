/* needs_newer.c - built with a later minor version, and says that it needs it.
 */
#define PERI_TARGET_MINOR PERI_ABI_MINOR
#include <perigee/plugin.h>

PERI_FN_CX(bool, has_answer, "Does this host offer the service 'answer'?")
{
  return cx->sv->size >= sizeof *cx->sv;
}

PERI_PLUGIN("needs_newer", "1.0.0", "perigee", "MIT", "For newer hosts only.");
