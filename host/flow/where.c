/* where.c - keeps the rows for which an expression is true. */
#include "flow/late.h"
#include "flow/programs.h"

#include "base/block.h"

struct where {
  struct pg_programs programs;
  struct pg_block *rows; /* owned; room for row numbers */
  bool pass;             /* what comes has been picked before */
};

/* The picked rows as a batch; [take] batch. */
static struct pg_batch *pick(struct pg_batch *batch, const uint32_t *rows,
                             int64_t n)
{
  struct pg_batch *picked;
  if (n == batch->rows) {
    return batch;
  }
  if ((int64_t)rows[n - 1] - rows[0] + 1 == n) {
    picked = pg_batch_slice(batch, rows[0], n);
  } else {
    picked = pg_batch_pick(batch, rows, n);
  }
  pg_batch_unref(batch);
  return picked;
}

static enum pg_status filter(struct pg_stage *stage,
                             const struct pg_program *program,
                             struct pg_batch *batch, int64_t *count,
                             struct pg_error *err)
{
  struct where *where = stage->state;
  where->rows =
    pg_block_grow(where->rows, (size_t)batch->rows * sizeof(uint32_t), 0);
  if (!where->rows) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status = pg_program_filter(
    program, stage->scratch, batch, (uint32_t *)where->rows->bytes, count, err);
  return pg_stage_place(stage, status, err);
}

enum pg_status pg_where_rows(struct pg_stage *stage, struct pg_batch *batch,
                             const uint32_t **rows, int64_t *count,
                             struct pg_error *err)
{
  struct where *where = stage->state;
  struct pg_program **programs;
  enum pg_status status =
    pg_programs_get(&where->programs, stage, 1, batch->schema, &programs, err);
  if (status != PG_OK) {
    return status;
  }
  if (stage->node->plain && pg_programs_leave_to_lua(programs, 1, batch)) {
    *count = -1;
    return PG_OK;
  }
  if (stage->node->plain) {
    pg_count(&stage->counts, "rows over columns", (uint64_t)batch->rows);
  }
  status = filter(stage, programs[0], batch, count, err);
  *rows = where->rows ? (const uint32_t *)where->rows->bytes : NULL;
  return status;
}

void pg_where_let_pass(struct pg_stage *stage, bool pass)
{
  struct where *where = stage->state;
  where->pass = pass;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  const struct where *where = stage->state;
  const uint32_t *rows;
  int64_t count = 0;
  if (where->pass) {
    return pg_stage_emit(stage, batch, err);
  }
  enum pg_status status = pg_where_rows(stage, batch, &rows, &count, err);
  if (status == PG_OK && count < 0) {
    return pg_lua_rows_take(stage, batch, err);
  }
  if (status != PG_OK || count == 0) {
    pg_batch_unref(batch);
    return status;
  }
  batch = pick(batch, rows, count);
  return batch ? pg_stage_emit(stage, batch, err)
               : pg_stage_no_memory(stage, err);
}

static void close_where(struct pg_stage *stage)
{
  struct where *where = stage->state;
  pg_programs_fini(&where->programs, 1);
  pg_block_unref(where->rows);
}

const struct pg_stage_ops pg_where_ops = {.state_bytes = sizeof(struct where),
                                          .batch = take_batch,
                                          .columns = pg_stage_tell,
                                          .close = close_where};
