/* batch.h - a table of rows: columns of one length, and where they came from.
 * Counted, immutable once emitted. */
#ifndef PG_DATA_BATCH_H
#define PG_DATA_BATCH_H
#include "base/arena.h"
#include "data/column.h"
#include "data/schema.h"

struct pg_batch {
  atomic_int refs;
  int64_t rows;
  struct pg_schema *schema;    /* owned */
  struct pg_column *columns[]; /* owned; schema->count of them */
};

/* A batch of these columns.  [take] columns (the references, also on failure);
 * [borrow] schema.  NULL: no memory. */
struct pg_batch *pg_batch_new(struct pg_schema *schema,
                              struct pg_column *const *columns, int64_t rows);

/* The same with names and types from `fields`; `hint`, when it matches, is
 * shared instead of a new schema. */
struct pg_batch *pg_batch_of(const struct pg_field *fields,
                             struct pg_column *const *columns, int count,
                             int64_t rows, struct pg_schema *hint);
/* Columns of these names, and no rows; NULL: no memory. */
struct pg_batch *pg_batch_of_names(const peri_str *names, int count);
struct pg_batch *pg_batch_ref(struct pg_batch *batch);
void pg_batch_unref(struct pg_batch *batch);

/* Rows [from, from + n), shared; NULL: no memory. */
struct pg_batch *pg_batch_slice(struct pg_batch *batch, int64_t from,
                                int64_t n);
/* These rows, copied; NULL: no memory. */
struct pg_batch *pg_batch_pick(const struct pg_batch *batch,
                               const uint32_t *rows, int64_t n);

/* About how much memory the batch keeps, with what its rows share with others.
 */
size_t pg_batch_held_bytes(const struct pg_batch *batch);

/* The batch as a plugin sees it, in `arena`; every column, or only those whose
 * indices are given.  False: no memory. */
bool pg_batch_view(const struct pg_batch *batch, struct pg_arena *arena,
                   const int *indices, int count, peri_batch *view);

#endif
