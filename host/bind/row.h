/* row.h - "perigee.row" for Lua: one row of a batch, seen in place.
 *
 *   e.status            reads a value; null, and what is no column, is nil
 *   e.path = value      writes one; a name that is new becomes a column
 *   pairs(e)            name, value of what is not null
 *
 * There is one object for all rows of a stage, valid while the function runs
 * that it is given to.
 *
 * What is written goes to columns beside the batch.  A field joins both:
 *
 *   name ──> field ──base──> column of the batch that came in
 *                  ──fill──> column of `fill`; `written` says in which rows */
#ifndef PG_BIND_ROW_H
#define PG_BIND_ROW_H
#include "bind/cell.h"
#include "bind/fill.h"
#include "bind/names.h"

struct pg_row_field {
  int base;                 /* column of the batch, or -1 */
  int fill;                 /* column of `fill`, or -1 */
  struct pg_cells cells;    /* of the base */
  struct pg_block *written; /* owned; a byte a row; NULL: never written */
  int64_t writes;           /* in this batch */
  bool was_missed;          /* read when it was no column */
  bool was_column;          /* in any batch */
};

struct pg_row {
  const void *tag;
  struct pg_names names; /* of fields, in the order they were first seen */
  struct pg_row_field *fields; /* owned */
  int count, count_max;
  struct pg_schema *schema; /* owned: what `base` means */
  struct pg_fill fill;
  struct pg_batch *batch; /* borrowed; NULL: the row is not valid */
  int64_t at;
  struct pg_schema *out; /* owned: of the last batch made */
};

/* Pushes a row and returns it. */
struct pg_row *pg_row_new(lua_State *L);

/* Makes the row at `index` one of `batch`: row `at`.  Raises when there is no
 * memory.  [borrow] batch, until pg_row_end() */
void pg_row_begin(lua_State *L, int index, struct pg_batch *batch);

/* The row is not valid any more. */
void pg_row_end(struct pg_row *row);

/* Where rows go that cannot be kept. */
struct pg_row_rejects {
  void (*reject)(void *to, int64_t row, const char *why);
  void *to;
};

/* Makes the batch of rows keep[0..n) with what was written to them.  Rows whose
 * new values do not go with the column are rejected.
 * [out]  out  NULL: no rows are left */
enum pg_status pg_row_finish(struct pg_row *row, uint32_t *keep, int64_t n,
                             const struct pg_row_rejects *rejects,
                             struct pg_batch **out, struct pg_error *err);

/* What was written in the batches so far: the columns that come in every batch
 * from now on, and their types.
 * [out] schema  NULL: none.  Fails: PG_NO_MEMORY */
enum pg_status pg_row_learnt(const struct pg_row *row,
                             struct pg_schema **schema, struct pg_error *err);
/* Forgets that, and takes this instead, or nothing; between two batches. Raises
 * when there is no memory. */
void pg_row_learn(lua_State *L, int index, const struct pg_schema *schema);

/* Notes in the table at `table` of `into` the names that the row at `index` was
 * asked for or had: name -> was it ever a column?  Rows of several states may
 * share the table.  Raises when there is no memory. */
void pg_row_note_names(lua_State *L, int index, lua_State *into, int table);

#endif
