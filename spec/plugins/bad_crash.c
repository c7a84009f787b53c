/* bad_crash.c - its constructor ends as one that the processor refuses. */
#include <perigee/plugin.h>

#include <signal.h>

__attribute__((constructor)) static void begin(void)
{
  raise(SIGILL);
}

PERI_PLUGIN("bad_crash", "1.0.0", "perigee", "MIT", "Crashes at once.");
