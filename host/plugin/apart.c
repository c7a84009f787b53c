/* apart.c - the system maps a library into the highest gap that is large
 * enough: so all of those are filled but one of just its size, with guards
 * around it. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "plugin/apart.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define REACH ((size_t)2 << 30)
#define GAPS_MAX 256

static bool wanted;

void pg_apart_want(void)
{
  wanted = true;
}

static char *reserve(size_t bytes)
{
  void *at = mmap(NULL, bytes, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}

/* Fills the gaps of this size above `guard`. */
static void fill_above(const char *guard, size_t size)
{
  for (int i = 0; i < GAPS_MAX; i++) {
    char *gap = reserve(size);
    if (gap && (uintptr_t)gap < (uintptr_t)guard) {
      munmap(gap, size);
      return;
    }
    if (!gap) {
      return;
    }
  }
}

void pg_apart_prepare(size_t bytes)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  bytes = (bytes + page - 1) & ~(page - 1);
  char *guard = wanted ? reserve(REACH + bytes + REACH) : NULL;
  if (!guard) {
    return;
  }
  /* Large ones first, so that few pieces fill a gap. */
  for (size_t size = REACH / 2; size > bytes; size = (size / 2) & ~(page - 1)) {
    fill_above(guard, size);
  }
  fill_above(guard, bytes);
  munmap(guard + REACH, bytes);
}
