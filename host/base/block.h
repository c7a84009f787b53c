/* block.h - shared, pooled memory for columns and chunks.
 *
 * A block is 64-byte aligned, followed by 64 readable bytes, counted, and goes
 * back to a pool when the last reference is dropped: fresh pages cost more than
 * most kernels, so a running pipeline reuses the pages that it has touched. */
#ifndef PG_BASE_BLOCK_H
#define PG_BASE_BLOCK_H
#include <stdatomic.h>
#include <stddef.h>

#define PG_BLOCK_PADDING 64

struct pg_block {
  atomic_int refs;
  unsigned size_class;
  char *bytes;      /* owned */
  size_t size_max;  /* usable bytes, without the padding */
  struct pg_block *next; /* in the pool */
};

/* A block of at least `size` bytes, contents unspecified, one reference; NULL
 * when there is no memory.  Thread: any. */
struct pg_block *pg_block_new(size_t size);

struct pg_block *pg_block_ref(struct pg_block *block);

/* Drops a reference; NULL is fine.  Thread: any. */
void pg_block_unref(struct pg_block *block);

/* A block of at least `size` bytes that begins with the first `keep` bytes of
 * `block`.  [take] block, also on failure; NULL: no memory. */
struct pg_block *pg_block_grow(struct pg_block *block, size_t size,
                               size_t keep);

/* Bytes that all live blocks hold: for reports and leak checks. */
size_t pg_block_live_bytes(void);

/* Gives pooled memory back to the system. */
void pg_block_trim(void);

#endif
