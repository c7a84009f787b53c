/* bad_hang.c - its constructor never returns. */
#include <perigee/plugin.h>

__attribute__((constructor)) static void begin(void)
{
  for (volatile int turn = 0;; turn++) {
  }
}

PERI_PLUGIN("bad_hang", "1.0.0", "perigee", "MIT", "Never begins.");
