/* route.c - tee: every row to every edge; route: every row to one edge. */
#include "flow/programs.h"

#include "base/block.h"

#include <string.h>

/* ------------------------------------------------------------------------ tee
 */

static void close_tee(struct pg_stage *stage)
{
  (void)stage;
}

const struct pg_stage_ops pg_tee_ops = {
  .batch = pg_stage_emit, .columns = pg_stage_tell, .close = close_tee};

/* ---------------------------------------------------------------------- route
 */

struct route {
  struct pg_programs programs;
  struct pg_block *rows;  /* owned; room for row numbers */
  struct pg_block *taken; /* owned; a byte a row: 1: it has gone to an edge */
};

static int condition_count(const struct pg_stage *stage)
{
  return stage->out_count > 0 ? stage->out_count - 1 : 0;
}

static bool make_room(struct route *route, int64_t rows)
{
  route->rows = pg_block_grow(route->rows, (size_t)rows * sizeof(uint32_t), 0);
  route->taken = pg_block_grow(route->taken, (size_t)rows, 0);
  if (!route->rows || !route->taken) {
    return false;
  }
  memset(route->taken->bytes, 0, (size_t)rows);
  return true;
}

/* The rows for the edge that no edge before took. */
static enum pg_status rows_of(struct pg_stage *stage,
                              struct pg_program *program,
                              const struct pg_batch *batch, int64_t *count,
                              struct pg_error *err)
{
  struct route *route = stage->state;
  uint32_t *rows = (uint32_t *)route->rows->bytes;
  char *taken = route->taken->bytes;
  int64_t n = batch->rows, left = 0;
  if (program) {
    enum pg_status status =
      pg_program_filter(program, stage->scratch, batch, rows, &n, err);
    if (status != PG_OK) {
      return pg_stage_place(stage, status, err);
    }
  }
  for (int64_t i = 0; i < n; i++) {
    uint32_t row = program ? rows[i] : (uint32_t)i;
    rows[left] = row;
    left += !taken[row];
    taken[row] = 1;
  }
  *count = left;
  return PG_OK;
}

static enum pg_status give_rows(struct pg_stage *stage, struct pg_stage *out,
                                struct pg_batch *batch, int64_t count,
                                struct pg_error *err)
{
  struct route *route = stage->state;
  if (count == 0 || !out || out->done) {
    return PG_OK;
  }
  struct pg_batch *part =
    count == batch->rows
      ? pg_batch_ref(batch)
      : pg_batch_pick(batch, (uint32_t *)route->rows->bytes, count);
  if (!part) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status = pg_stage_give(out, part, err);
  return status == PG_DONE ? PG_OK : status;
}

static enum pg_status split(struct pg_stage *stage, struct pg_batch *batch,
                            struct pg_error *err)
{
  struct route *route = stage->state;
  struct pg_program **programs;
  int conditions = condition_count(stage);
  enum pg_status status = pg_programs_get(&route->programs, stage, conditions,
                                          batch->schema, &programs, err);
  if (status == PG_OK && !make_room(route, batch->rows)) {
    status = pg_stage_no_memory(stage, err);
  }
  for (int i = 0; i < stage->out_count && status == PG_OK; i++) {
    int64_t count = 0;
    status =
      rows_of(stage, i < conditions ? programs[i] : NULL, batch, &count, err);
    if (status == PG_OK) {
      status = give_rows(stage, stage->outs[i], batch, count, err);
    }
  }
  return status;
}

static bool is_wanted(const struct pg_stage *stage)
{
  for (int i = 0; i < stage->out_count; i++) {
    if (stage->outs[i] && !stage->outs[i]->done) {
      return true;
    }
  }
  return false;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  enum pg_status status = split(stage, batch, err);
  pg_batch_unref(batch);
  return status == PG_OK && !is_wanted(stage) ? PG_DONE : status;
}

static void close_route(struct pg_stage *stage)
{
  struct route *route = stage->state;
  pg_programs_fini(&route->programs, condition_count(stage));
  pg_block_unref(route->rows);
  pg_block_unref(route->taken);
}

const struct pg_stage_ops pg_route_ops = {.state_bytes = sizeof(struct route),
                                          .batch = take_batch,
                                          .columns = pg_stage_tell,
                                          .close = close_route};
