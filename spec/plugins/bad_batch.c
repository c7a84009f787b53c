/* bad_batch.c - loads well; its kernel crashes with the first batch. */
#include <perigee/plugin.h>

#include <signal.h>

PERI_KERNEL(burst, 0, peri_none, peri_none, "", "", "Crashes.");
PERI_PROCESS(burst)
{
  (void)in;
  raise(SIGILL);
  return PERI_OK;
}

PERI_PLUGIN("bad_batch", "1.0.0", "perigee", "MIT", "Crashes later.");
