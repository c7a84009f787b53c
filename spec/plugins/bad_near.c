/* bad_near.c - its constructor writes beyond its own memory, where there may be
 * nothing, or another library. */
#include <perigee/plugin.h>

#define FAR_ENOUGH (1 << 20)

static char own[64];
static volatile uintptr_t distance = FAR_ENOUGH;

__attribute__((constructor)) static void begin(void)
{
  *(volatile char *)((uintptr_t)own + distance) = 1;
}

PERI_PLUGIN("bad_near", "1.0.0", "perigee", "MIT", "Reaches too far.");
