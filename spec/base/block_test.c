/* block_test.c - shared, pooled memory. */
#include "base/block.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

static void is_aligned_and_padded(void)
{
  static const size_t sizes[] = {0, 1, 511, 512, 513, 65536, 65537, 9000000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct pg_block *block = pg_block_new(sizes[i]);
    CHECK(block && block->size_max >= sizes[i], "%zu bytes", sizes[i]);
    CHECK((uintptr_t)block->bytes % 64 == 0, "at %p", (void *)block->bytes);
    for (int k = 0; k < PG_BLOCK_PADDING; k++) {
      CHECK(block->bytes[block->size_max + (size_t)k] == 0, "padding");
    }
    memset(block->bytes, 0xee, block->size_max);
    pg_block_unref(block);
  }
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
}

static void lives_as_long_as_a_reference(void)
{
  struct pg_block *block = pg_block_new(100);
  CHECK(pg_block_ref(block) == block, "another block");
  pg_block_unref(block);
  CHECK(pg_block_live_bytes() == block->size_max, "given back too early");
  pg_block_unref(block);
  CHECK(pg_block_live_bytes() == 0, "not given back");
  pg_block_unref(NULL);
  CHECK(!pg_block_ref(NULL), "a reference to nothing");
}

static void grows_and_keeps_what_it_should(void)
{
  struct pg_block *block = pg_block_grow(NULL, 100, 0);
  memset(block->bytes, 'x', 100);
  CHECK(pg_block_grow(block, 200, 100) == block, "moved though there was room");
  struct pg_block *shared = pg_block_ref(block);
  struct pg_block *grown = pg_block_grow(block, 5000, 100);
  CHECK(grown != shared && grown->size_max >= 5000, "not grown");
  CHECK(memcmp(grown->bytes, shared->bytes, 100) == 0, "not the same bytes");
  pg_block_unref(shared);
  pg_block_unref(grown);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
}

static void refuses_absurd_sizes(void)
{
  CHECK(!pg_block_new(SIZE_MAX), "SIZE_MAX bytes");
  CHECK(!pg_block_new((size_t)1 << 62), "2^62 bytes");
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
}

static void pools_a_limited_amount(void)
{
  enum { COUNT = 80 };
  struct pg_block *blocks[COUNT];
  for (int i = 0; i < COUNT; i++) {
    blocks[i] = pg_block_new((size_t)1 << 20);
    CHECK(blocks[i], "block %d", i);
  }
  for (int i = 0; i < COUNT; i++) {
    pg_block_unref(blocks[i]);
  }
  /* two allocations a block: the struct and its bytes */
  CHECK(no_memory_live() <= 2 * 32, "%ld blocks are kept", no_memory_live());
  pg_block_trim();
  CHECK(no_memory_live() == 0, "%ld blocks are kept", no_memory_live());
}

static void *take_and_drop(void *argument)
{
  unsigned seed = (unsigned)(uintptr_t)argument;
  struct pg_block *held[16] = {0};
  for (int i = 0; i < 20000; i++) {
    seed = seed * 1664525u + 1013904223u;
    unsigned at = seed >> 28;
    if (held[at]) {
      CHECK((unsigned char)held[at]->bytes[0] == at, "someone else wrote here");
      pg_block_unref(held[at]);
    }
    held[at] = pg_block_new((size_t)1 << (seed >> 24 & 15));
    held[at]->bytes[0] = (char)at;
  }
  for (int i = 0; i < 16; i++) {
    pg_block_unref(held[i]);
  }
  return NULL;
}

static void is_shared_by_threads(void)
{
  pthread_t threads[4];
  for (uintptr_t i = 0; i < 4; i++) {
    CHECK(pthread_create(&threads[i], NULL, take_and_drop, (void *)i) == 0,
          "thread %d", (int)i);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
  }
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  pg_block_trim();
}

static bool grow_twice(void)
{
  struct pg_block *block = pg_block_new(10);
  block = block ? pg_block_grow(block, 1000, 10) : NULL;
  block = block ? pg_block_grow(block, 100000, 1000) : NULL;
  pg_block_unref(block);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  return block != NULL;
}

int main(void)
{
  is_aligned_and_padded();
  lives_as_long_as_a_reference();
  grows_and_keeps_what_it_should();
  refuses_absurd_sizes();
  pg_block_trim();
  pools_a_limited_amount();
  is_shared_by_threads();
  no_memory_each(grow_twice, pg_block_trim);
  return 0;
}
