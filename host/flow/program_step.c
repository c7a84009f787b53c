/* program_step.c - runs the steps of a program over one chunk. */
#include "flow/program_parts.h"

#include "data/bits.h"

static void set_valid(const struct pg_chunk *chunk, struct pg_register *reg,
                      const struct pg_column *column)
{
  reg->col.valid = NULL;
  if (!column->valid || column->nulls == 0) {
    return;
  }
  pg_bits_copy(reg->valid, column->valid->bytes, column->offset + chunk->from,
               chunk->n);
  enum pg_rows rows = pg_mask_state(reg->valid, chunk->n);
  reg->null = rows == PG_ROWS_NONE;
  if (rows == PG_ROWS_SOME) {
    reg->col.valid = (const uint8_t *)reg->valid;
  }
}

static void set_bools(const struct pg_chunk *chunk, struct pg_register *reg,
                      const struct pg_column *column)
{
  uint64_t bits[PG_CHUNK_WORDS];
  pg_bits_copy(bits, column->data->bytes, column->offset + chunk->from,
               chunk->n);
  if (reg->col.valid) {
    pg_mask_and(bits, bits, reg->valid, chunk->n);
  }
  pg_mask_spread(reg->values, bits, chunk->n);
  reg->col.data = reg->values;
}

static void run_column(const struct pg_chunk *chunk, struct pg_register *reg)
{
  reg->null = reg->col.type == PERI_T_NULL;
  if (reg->null) {
    return;
  }
  const struct pg_column *column = chunk->batch->columns[reg->column];
  set_valid(chunk, reg, column);
  if (reg->null) {
    return;
  }
  if (column->type == PERI_T_BOOL) {
    set_bools(chunk, reg, column);
    return;
  }
  reg->col.data = pg_column_value(column, chunk->from);
  reg->col.layout = PERI_L_VIEW;
  reg->col.aux = column->heap ? column->heap->bases : NULL;
}

static enum pg_rows rows_of(const struct pg_chunk *chunk, int guard)
{
  return guard < 0 ? PG_ROWS_ALL : pg_chunk_register(chunk, guard)->rows;
}

/* The first operand of the guard is known, and so are the guards above. */
static void decide(const struct pg_chunk *chunk, int guard)
{
  const struct pg_step *step = &chunk->program->steps[guard];
  struct pg_register *reg = pg_chunk_register(chunk, guard);
  enum pg_rows above = rows_of(chunk, step->guard);
  reg->rows = PG_ROWS_NONE;
  if (above == PG_ROWS_NONE) {
    return;
  }
  pg_chunk_truth(chunk, step->in.args[0], reg->lets);
  for (int i = 0; step->in.op == PG_OP_OR && i < PG_CHUNK_WORDS; i++) {
    reg->lets[i] = ~reg->lets[i];
  }
  if (above == PG_ROWS_SOME) {
    pg_mask_and(reg->lets, reg->lets,
                pg_chunk_register(chunk, step->guard)->lets, chunk->n);
  }
  reg->rows = pg_mask_state(reg->lets, chunk->n);
}

static enum pg_status run_step(const struct pg_chunk *chunk, int i,
                               const uint64_t *rows)
{
  switch (chunk->program->steps[i].in.op) {
  case PG_OP_CONST: /* since it was bound */
    return PG_OK;
  case PG_OP_COLUMN:
    run_column(chunk, pg_chunk_register(chunk, i));
    return PG_OK;
  case PG_OP_CALL:
    return pg_chunk_call(chunk, i, rows);
  case PG_OP_EQUAL:
    return pg_chunk_equal(chunk, i, rows);
  case PG_OP_NOT:
  case PG_OP_TRUTH:
  case PG_OP_AND:
  case PG_OP_OR:
  case PG_OP_IF:
    break;
  }
  pg_chunk_logic(chunk, i);
  return PG_OK;
}

enum pg_status pg_chunk_run(const struct pg_chunk *chunk)
{
  const struct pg_program *program = chunk->program;
  for (int i = 0; i < chunk->frame->context_count; i++) {
    pg_context_begin(chunk->frame->contexts[i]);
  }
  for (int i = 0; i < program->count; i++) {
    const struct pg_step *step = &program->steps[i];
    enum pg_rows rows = rows_of(chunk, step->guard);
    if (step->used && rows != PG_ROWS_NONE) {
      enum pg_status status = run_step(
        chunk, i,
        rows == PG_ROWS_SOME ? pg_chunk_register(chunk, step->guard)->lets
                             : NULL);
      if (status != PG_OK) {
        return status;
      }
    }
    for (int guard = step->decides; guard >= 0;
         guard = program->steps[guard].next) {
      decide(chunk, guard);
    }
  }
  return PG_OK;
}
