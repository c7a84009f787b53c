/* arena_test.c - memory that is given back all at once. */
#include "base/arena.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <stdint.h>
#include <string.h>

static void gives_aligned_memory_of_its_own(void)
{
  struct pg_arena arena = {0};
  unsigned char *blocks[300];
  for (int i = 0; i < 300; i++) {
    size_t n = (size_t)i * 7 % 200;
    blocks[i] = pg_arena_alloc(&arena, n);
    CHECK(blocks[i], "%zu bytes", n);
    CHECK((uintptr_t)blocks[i] % 16 == 0, "block %d is at %p", i,
          (void *)blocks[i]);
    memset(blocks[i], i & 0xff, n);
  }
  for (int i = 0; i < 300; i++) {
    for (size_t k = 0; k < (size_t)i * 7 % 200; k++) {
      CHECK(blocks[i][k] == (i & 0xff), "block %d was overwritten", i);
    }
  }
  pg_arena_fini(&arena);
  pg_arena_fini(&arena);
}

static void keeps_its_largest_part(void)
{
  struct pg_arena arena = {0};
  pg_arena_reset(&arena);
  for (int i = 0; i < 100; i++) {
    CHECK(pg_arena_alloc(&arena, 1000), "block %d", i);
  }
  pg_arena_reset(&arena);
  long live = no_memory_live();
  char *first = pg_arena_alloc(&arena, 30000);
  pg_arena_reset(&arena);
  CHECK(pg_arena_alloc(&arena, 30000) == first, "another place");
  CHECK(no_memory_live() == live, "new memory though there was room");
  pg_arena_fini(&arena);
}

static void copies_any_bytes(void)
{
  struct pg_arena arena = {0};
  char *copy = pg_arena_copy(&arena, "a\0b", 3);
  CHECK(memcmp(copy, "a\0b", 4) == 0, "not the same bytes");
  CHECK(*pg_arena_copy(&arena, NULL, 0) == '\0', "not empty");
  pg_arena_fini(&arena);
}

static void refuses_absurd_sizes(void)
{
  struct pg_arena arena = {0};
  CHECK(!pg_arena_alloc(&arena, SIZE_MAX), "SIZE_MAX bytes");
  CHECK(!pg_arena_alloc(&arena, SIZE_MAX - 15), "SIZE_MAX - 15 bytes");
  CHECK(pg_arena_alloc(&arena, 0), "no bytes are not no memory");
  pg_arena_fini(&arena);
}

static bool allocate_much(void)
{
  struct pg_arena arena = {0};
  bool done = true;
  for (int i = 0; done && i < 50; i++) {
    done = pg_arena_alloc(&arena, 3000) != NULL;
  }
  pg_arena_fini(&arena);
  return done;
}

int main(void)
{
  gives_aligned_memory_of_its_own();
  keeps_its_largest_part();
  copies_any_bytes();
  refuses_absurd_sizes();
  no_memory_each(allocate_much, NULL);
  return 0;
}
