/* arena.c - parts of growing size, chained. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define PART_MIN ((size_t)4096)

struct pg_arena_part {
  struct pg_arena_part *older;
  size_t size;
  _Alignas(16) char bytes[];
};

void *pg_arena_alloc(struct pg_arena *arena, size_t n)
{
  if (n > (size_t)1 << 46) {
    return NULL;
  }
  /* NULL means no memory, so that no bytes are some too. */
  n = (n + (n == 0) + 15) & ~(size_t)15;
  if ((size_t)(arena->end - arena->at) < n) {
    size_t size = arena->parts ? arena->parts->size * 2 : PART_MIN;
    size = size < n ? n : size;
    struct pg_arena_part *part = malloc(sizeof *part + size);
    if (!part) {
      return NULL;
    }
    part->older = arena->parts;
    part->size = size;
    arena->parts = part;
    arena->at = part->bytes;
    arena->end = part->bytes + size;
  }
  void *result = arena->at;
  arena->at += n;
  return result;
}

char *pg_arena_copy(struct pg_arena *arena, const char *text, size_t len)
{
  char *copy = pg_arena_alloc(arena, len + 1);
  if (copy) {
    if (len > 0) {
      memcpy(copy, text, len);
    }
    copy[len] = '\0';
  }
  return copy;
}

static void free_older(struct pg_arena_part *part)
{
  while (part) {
    struct pg_arena_part *older = part->older;
    free(part);
    part = older;
  }
}

void pg_arena_reset(struct pg_arena *arena)
{
  struct pg_arena_part *part = arena->parts;
  if (part) {
    free_older(part->older);
    part->older = NULL;
    arena->at = part->bytes;
    arena->end = part->bytes + part->size;
  }
}

void pg_arena_fini(struct pg_arena *arena)
{
  free_older(arena->parts);
  *arena = (struct pg_arena){0};
}
