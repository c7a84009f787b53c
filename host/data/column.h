/* column.h - one column of a batch: an Arrow array, counted and immutable.
 *
 *   fixed width  data: values          bool  data: bits
 *   text         data: peri_view, heap: the buffers that long texts lie in
 *
 * `offset` counts rows into data and valid alike, so a slice copies nothing. */
#ifndef PG_DATA_COLUMN_H
#define PG_DATA_COLUMN_H
#include "base/block.h"
#include "data/type.h"

/* The buffers behind the views of one or more columns; counted. */
struct pg_heap {
  atomic_int refs;
  int count;
  const char **bases;       /* owned; bases[i] lies in blocks[i] */
  struct pg_block **blocks; /* owned, counted */
};

/* An empty heap; NULL: no memory. */
struct pg_heap *pg_heap_new(void);
struct pg_heap *pg_heap_ref(struct pg_heap *heap);
void pg_heap_unref(struct pg_heap *heap);

/* Adds a buffer that begins at `base`, within `block`.  [take] block, also on
 * failure.  The buffer's number, or -1: no memory. */
int pg_heap_add(struct pg_heap *heap, struct pg_block *block, const char *base);

struct pg_column {
  atomic_int refs;
  uint32_t type;
  int64_t length, offset;
  int64_t nulls;          /* in this slice */
  struct pg_block *valid; /* owned; bits; NULL: nothing is null */
  struct pg_block *data;  /* owned; NULL for type null */
  struct pg_heap *heap;   /* owned; text only; NULL: all texts are short */
};

/* A column without data; the caller fills it in.  NULL: no memory. */
struct pg_column *pg_column_new(uint32_t type, int64_t length);
struct pg_column *pg_column_ref(struct pg_column *column);
void pg_column_unref(struct pg_column *column);

/* Every row null; NULL: no memory. */
struct pg_column *pg_column_nulls(uint32_t type, int64_t length);

bool pg_column_is_valid(const struct pg_column *column, int64_t row);
bool pg_column_bool(const struct pg_column *column, int64_t row);
/* [borrow] from the column */
peri_str pg_column_text(const struct pg_column *column, int64_t row);
/* The address of the value in `row`; not for bool. */
const void *pg_column_value(const struct pg_column *column, int64_t row);

/* Rows [from, from + length) sharing the memory; NULL: no memory. */
struct pg_column *pg_column_slice(struct pg_column *column, int64_t from,
                                  int64_t length);

/* These rows, copied (texts stay where they are); NULL: no memory. */
struct pg_column *pg_column_pick(const struct pg_column *column,
                                 const uint32_t *rows, int64_t n);

/* The columns one after another, as `type`, which each has or is null.
 * NULL: no memory. */
struct pg_column *pg_column_concat(struct pg_column *const *columns, int count,
                                   uint32_t type);

/* How the column looks to a plugin.  A bool column's bits are spread to one
 * byte a row into `bytes` (length bytes, [borrow] by the result). */
peri_col pg_column_view(const struct pg_column *column, uint8_t *bytes);

#endif
