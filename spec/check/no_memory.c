/* no_memory.c - the allocator of the tests, by way of the linker's --wrap. */
#include "check/no_memory.h"

#include "check/check.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
char *__real_realpath(const char *, char *);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_aligned_alloc(size_t, size_t);
char *__wrap_realpath(const char *, char *);
void __wrap_free(void *);

static atomic_long left = -1, live;
static atomic_bool failed;

static bool fails(void)
{
  if (atomic_load(&left) < 0 || atomic_fetch_sub(&left, 1) > 0) {
    return false;
  }
  atomic_store(&failed, true);
  return true;
}

static void *counted(void *block)
{
  atomic_fetch_add(&live, block != NULL);
  return block;
}

void *__wrap_malloc(size_t size)
{
  return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
  return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
  if (fails()) {
    return NULL;
  }
  return block ? __real_realloc(block, size)
               : counted(__real_realloc(NULL, size));
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
  return fails() ? NULL : counted(__real_aligned_alloc(align, size));
}

char *__wrap_realpath(const char *path, char *room)
{
  if (room) {
    return __real_realpath(path, room);
  }
  if (fails()) {
    errno = ENOMEM;
    return NULL;
  }
  return counted(__real_realpath(path, NULL));
}

void __wrap_free(void *block)
{
  atomic_fetch_sub(&live, block != NULL);
  __real_free(block);
}

void no_memory_after(long count)
{
  atomic_store(&left, count);
  atomic_store(&failed, false);
}

bool no_memory_failed(void)
{
  return atomic_load(&failed);
}

long no_memory_live(void)
{
  return atomic_load(&live);
}

void no_memory_each(bool (*job)(void), void (*trim)(void))
{
  long before = no_memory_live();
  for (long n = 0;; n++) {
    no_memory_after(n);
    bool done = job();
    bool hit = no_memory_failed();
    no_memory_after(-1);
    if (trim) {
      trim();
    }
    CHECK(no_memory_live() == before,
          "%ld blocks left behind when allocation %ld fails",
          no_memory_live() - before, n);
    if (!hit) {
      CHECK(done, "failed though no allocation did");
      CHECK(n > 0, "nothing was allocated");
      return;
    }
    CHECK(n < 100000, "no end of allocations");
  }
}
