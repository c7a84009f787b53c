/* block.c - pooled blocks: one free list per power of two. */
#include "base/block.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_MIN 9  /* 512 bytes */
#define CLASS_MAX 48
#define POOL_CLASS_MAX 23 /* larger blocks are not kept */

/* Kept free, over all classes.  None for a sanitizer, which is to see each use
 * of a block after its release. */
#if defined __SANITIZE_ADDRESS__
#define POOL_BYTES_MAX 0u
#else
#define POOL_BYTES_MAX (32u << 20)
#endif

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pg_block *pool[CLASS_MAX + 1];
static size_t pool_bytes;
static atomic_size_t live_bytes;

static unsigned class_of(size_t size)
{
  unsigned size_class = CLASS_MIN;
  while (size_class < CLASS_MAX && ((size_t)1 << size_class) < size) {
    size_class++;
  }
  return size_class;
}

static struct pg_block *take_pooled(unsigned size_class)
{
  pthread_mutex_lock(&pool_lock);
  struct pg_block *block = pool[size_class];
  if (block) {
    pool[size_class] = block->next;
    pool_bytes -= block->size_max;
  }
  pthread_mutex_unlock(&pool_lock);
  return block;
}

static struct pg_block *make(unsigned size_class)
{
  size_t size = (size_t)1 << size_class;
  struct pg_block *block = malloc(sizeof *block);
  if (!block) {
    return NULL;
  }
  char *bytes = aligned_alloc(64, size + PG_BLOCK_PADDING);
  if (!bytes) {
    free(block);
    return NULL;
  }
  memset(bytes + size, 0, PG_BLOCK_PADDING);
  *block = (struct pg_block){
    .size_class = size_class, .bytes = bytes, .size_max = size};
  return block;
}

struct pg_block *pg_block_new(size_t size)
{
  if (size > (size_t)1 << (CLASS_MAX - 1)) {
    return NULL;
  }
  unsigned size_class = class_of(size);
  struct pg_block *block = take_pooled(size_class);
  if (!block) {
    block = make(size_class);
  }
  if (!block) {
    return NULL;
  }
  atomic_store_explicit(&block->refs, 1, memory_order_relaxed);
  block->next = NULL;
  atomic_fetch_add_explicit(&live_bytes, block->size_max,
                            memory_order_relaxed);
  return block;
}

struct pg_block *pg_block_ref(struct pg_block *block)
{
  if (block) {
    atomic_fetch_add_explicit(&block->refs, 1, memory_order_relaxed);
  }
  return block;
}

static void destroy(struct pg_block *block)
{
  free(block->bytes);
  free(block);
}

void pg_block_unref(struct pg_block *block)
{
  if (!block ||
      atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  atomic_fetch_sub_explicit(&live_bytes, block->size_max,
                            memory_order_relaxed);
  bool keep = false;
  if (block->size_class <= POOL_CLASS_MAX) {
    pthread_mutex_lock(&pool_lock);
    keep = pool_bytes + block->size_max <= POOL_BYTES_MAX;
    if (keep) {
      block->next = pool[block->size_class];
      pool[block->size_class] = block;
      pool_bytes += block->size_max;
    }
    pthread_mutex_unlock(&pool_lock);
  }
  if (!keep) {
    destroy(block);
  }
}

struct pg_block *pg_block_grow(struct pg_block *block, size_t size, size_t keep)
{
  assert(!block || keep <= block->size_max);
  if (block && size <= block->size_max) {
    return block;
  }
  struct pg_block *larger = pg_block_new(size);
  if (larger && keep > 0) {
    memcpy(larger->bytes, block->bytes, keep);
  }
  pg_block_unref(block);
  return larger;
}

size_t pg_block_live_bytes(void)
{
  return atomic_load_explicit(&live_bytes, memory_order_relaxed);
}

void pg_block_trim(void)
{
  pthread_mutex_lock(&pool_lock);
  for (unsigned i = 0; i <= CLASS_MAX; i++) {
    while (pool[i]) {
      struct pg_block *block = pool[i];
      pool[i] = block->next;
      destroy(block);
    }
  }
  pool_bytes = 0;
  pthread_mutex_unlock(&pool_lock);
}
