/* program_run.c - programs over whole batches. */
#include "flow/program_parts.h"

static enum pg_status canceled(struct pg_error *err)
{
  return pg_fail(err, PG_CANCELED, "canceled");
}

/* The next chunk of at most PG_CHUNK_ROWS rows; false: there is none. */
static bool next_chunk(struct pg_chunk *chunk)
{
  chunk->from += chunk->n;
  int64_t left = chunk->batch->rows - chunk->from;
  chunk->n = left < PG_CHUNK_ROWS ? left : PG_CHUNK_ROWS;
  return chunk->n > 0;
}

/* A column of the batch itself. */
static enum pg_status share(const struct pg_batch *batch, int index,
                            struct pg_column **column, struct pg_error *err)
{
  *column = index < 0 ? pg_column_nulls(PERI_T_NULL, batch->rows)
                      : pg_column_ref(batch->columns[index]);
  return *column ? PG_OK : pg_fail(err, PG_NO_MEMORY, "no memory for a column");
}

enum pg_status pg_program_eval(const struct pg_program *program,
                               struct pg_scratch *scratch,
                               const struct pg_batch *batch,
                               struct pg_column **column, struct pg_error *err)
{
  int last = program->count - 1;
  if (program->steps[last].in.op == PG_OP_COLUMN) {
    return share(batch,
                 pg_schema_find(batch->schema, program->steps[last].in.text),
                 column, err);
  }
  struct pg_frame *frame;
  enum pg_status status =
    pg_scratch_frame(scratch, program, batch->schema, &frame, err);
  if (status != PG_OK) {
    return status;
  }
  struct pg_result result;
  status = pg_result_init(&result, program, frame, batch, err);
  if (status != PG_OK) {
    return status;
  }
  struct pg_register *reg = &frame->registers[last];
  struct pg_chunk chunk = {program, frame, batch, 0, 0, err};
  while (status == PG_OK && next_chunk(&chunk)) {
    void *place = pg_result_place(&result);
    reg->values = place ? place : reg->values;
    status = pg_scratch_stopped(scratch) ? canceled(err) : pg_chunk_run(&chunk);
    if (status == PG_OK) {
      status = pg_result_add(&result, reg, chunk.n, err);
    }
  }
  if (status == PG_OK) {
    *column = result.column;
    (*column)->heap = result.heap;
    result.column = NULL;
    result.heap = NULL;
  }
  pg_result_fini(&result);
  return status;
}

enum pg_status pg_program_filter(const struct pg_program *program,
                                 struct pg_scratch *scratch,
                                 const struct pg_batch *batch, uint32_t *rows,
                                 int64_t *count, struct pg_error *err)
{
  struct pg_frame *frame;
  enum pg_status status =
    pg_scratch_frame(scratch, program, batch->schema, &frame, err);
  struct pg_chunk chunk = {program, frame, batch, 0, 0, err};
  int64_t found = 0;
  while (status == PG_OK && next_chunk(&chunk)) {
    status = pg_scratch_stopped(scratch) ? canceled(err) : pg_chunk_run(&chunk);
    if (status == PG_OK) {
      uint64_t mask[PG_CHUNK_WORDS];
      pg_chunk_truth(&chunk, program->count - 1, mask);
      found += pg_mask_rows(rows + found, mask, (uint32_t)chunk.from, chunk.n);
    }
  }
  *count = found;
  return status;
}
