/* build.h - a batch being made, column by column.
 *
 * Writers get plain arrays (one byte for a bool, one byte for validity); the
 * finished columns are Arrow's (bits).  A build is used again and again: what
 * it learnt about names and schema stays from one batch to the next. */
#ifndef PG_DATA_BUILD_H
#define PG_DATA_BUILD_H
#include "data/batch.h"

#define PG_COLUMNS_MAX 4096

struct pg_build_column {
  peri_str name;          /* owned copy */
  uint32_t type;
  bool used;              /* in this batch */
  struct pg_block *data;  /* owned; NULL until asked for */
  struct pg_block *valid; /* owned; bytes; NULL: nothing is null */
  int64_t rows_max;
};

struct pg_build { /* the zeroed struct is an empty build */
  struct pg_build_column *columns;
  int count, count_max;
  int64_t rows;           /* below 0 until told */
  struct pg_heap *heap;   /* owned */
  struct pg_block *open;  /* the heap block being filled; borrowed from heap */
  size_t open_used;
  int open_buffer;
  struct pg_block **stale; /* owned: retyped values, kept until the end */
  int stale_count;
  struct pg_schema *schema; /* owned: of the last batch */
};

/* Starts a batch; `chunk`, when not NULL, becomes buffer 0, beginning at
 * `base`.  [borrow] chunk, a reference is taken.  False: no memory. */
bool pg_build_begin(struct pg_build *build, struct pg_block *chunk,
                    const char *base);

/* The services of the same names; see perigee/abi.h.  -1 or NULL: no memory,
 * or too many columns. */
int pg_build_column(struct pg_build *build, peri_str name, uint32_t type);
void *pg_build_values(struct pg_build *build, int column, int64_t rows,
                      uint8_t **valid);
void *pg_build_retype(struct pg_build *build, int column, uint32_t type,
                      int64_t rows, uint8_t **valid);
char *pg_build_heap(struct pg_build *build, size_t n, int32_t *buffer);

/* Writes the text into row `row` of `views`, long ones into the heap.
 * False: no memory. */
bool pg_build_text(struct pg_build *build, peri_view *views, int64_t row,
                   peri_str text);

/* The finished batch of build->rows rows, columns in the order of first use;
 * the build is ready for the next pg_build_begin().  NULL: no memory. */
struct pg_batch *pg_build_finish(struct pg_build *build);

/* Drops what the batch begun holds. */
void pg_build_abandon(struct pg_build *build);

void pg_build_fini(struct pg_build *build);

#endif
