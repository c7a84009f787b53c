/* arena.h - memory that is given back all at once.  Not thread-safe. */
#ifndef PG_BASE_ARENA_H
#define PG_BASE_ARENA_H
#include <stddef.h>

struct pg_arena_part;
struct pg_arena { /* the zeroed struct is an empty arena */
  char *at, *end;
  struct pg_arena_part *parts; /* owned; newest first */
};

/* n bytes, 16-byte aligned, or NULL: no memory. */
void *pg_arena_alloc(struct pg_arena *arena, size_t n);

/* A NUL-ended copy of text[0..len), or NULL: no memory. */
char *pg_arena_copy(struct pg_arena *arena, const char *text, size_t len);

/* Forgets everything but keeps the largest part for the next round. */
void pg_arena_reset(struct pg_arena *arena);

void pg_arena_fini(struct pg_arena *arena);

#endif
