/* bad_twice.c - two sinks of one name. */
#include <perigee/plugin.h>

PERI_SINK(drain, 0, peri_none, peri_none, "Throws everything away.");
PERI_WRITE(drain)
{
  (void)in;
  return PERI_OK;
}
PERI_SINK_AS(other, drain, 0, peri_none, peri_none, "The same.");
PERI_WRITE(other)
{
  (void)in;
  return PERI_OK;
}

PERI_PLUGIN("bad_twice", "1.0.0", "perigee", "MIT", "Says it twice.");
