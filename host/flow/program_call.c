/* program_call.c - functions of plugins over the rows of a chunk.
 *
 * A function is called where all of its arguments are valid and somebody needs
 * the result.  Its loop over a column skips rows by `valid`, so every argument
 * that may be null there gets the rows to call it for as its `valid`. */
#include "flow/program_parts.h"
#include "plugin/shape.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct call {
  const struct pg_instruction *in;
  const struct pg_chunk *chunk;
  struct pg_register *reg;
  const uint64_t *run; /* rows to call it for; NULL: all */
  peri_col cols[PG_PROGRAM_ARGS_MAX];
};

/* ----------------------------------------------- without a loop of its own */

static void load_slot(peri_slot *slot, const struct pg_register *reg, int64_t i)
{
  if (pg_type_is_text(reg->col.type)) {
    slot->str = pg_register_text(reg, i);
    return;
  }
  size_t width = pg_type_width(reg->col.type);
  memcpy(slot, (const char *)reg->col.data + (size_t)i * width, width);
}

/* Calls it row by row: plugins may leave out the loop. */
static void call_rows(const struct call *call, const struct pg_register **args)
{
  const struct pg_plugin_item *native = call->in->native;
  peri_call_fn *fn = (peri_call_fn *)native->item->call;
  peri_cx *cx = &call->reg->context->cx;
  const struct pg_shape *shape = native->shapes[call->in->arg_count];
  bool option = shape->form == PG_SHAPE_OPT;
  size_t width = pg_type_width(native->decl->returns.base);
  char *out = call->reg->values;
  peri_slot slots[PG_PROGRAM_ARGS_MAX + 1];
  _Alignas(16) char room[32];
  assert(shape->size <= sizeof room);
  for (int64_t i = 0; i < call->chunk->n && cx->failed == PERI_OK; i++) {
    if (call->run && !pg_mask_bit(call->run, i)) {
      continue;
    }
    for (int k = 0; k < call->in->arg_count; k++) {
      load_slot(&slots[k], args[k], i);
    }
    peri_slot result = {.ptr = room};
    memset(room, 0, sizeof room);
    fn(cx, slots, &result);
    memcpy(out + (size_t)i * width, option ? (const void *)room : &result,
           width);
    if (option) {
      int32_t has;
      memcpy(&has, room + shape->has_at, sizeof has);
      call->reg->given[i] = has != 0;
    }
  }
}

/* -------------------------------------------------------------------- calls */

static void set_columns(struct call *call, const struct pg_register **args)
{
  bool told = call->run == NULL;
  for (int k = 0; k < call->in->arg_count; k++) {
    peri_col *col = &call->cols[k];
    *col = args[k]->col;
    col->n = call->chunk->n;
    col->bit0 = 0;
    if (col->valid) {
      col->valid = (const uint8_t *)call->run;
      told = true;
    }
  }
  if (!told && call->in->arg_count > 0) {
    call->cols[0].valid = (const uint8_t *)call->run;
  }
}

/* Fills the values of the register, and given[] when the result is an option.
 */
static enum pg_status run(struct call *call)
{
  const struct pg_register *args[PG_PROGRAM_ARGS_MAX];
  const struct pg_plugin_item *native = call->in->native;
  struct pg_register *reg = call->reg;
  size_t n = (size_t)call->chunk->n;
  for (int k = 0; k < call->in->arg_count; k++) {
    args[k] = pg_chunk_register(call->chunk, call->in->args[k]);
  }
  bool option = native->decl->returns.form == PG_FORM_OPT;
  if (option) {
    memset(reg->given, 1, n);
  }
  if (call->run && reg->col.type == PERI_T_BOOL) {
    memset(reg->values, 0, n);
  }
  if (native->item->map) {
    set_columns(call, args);
    ((peri_map_fn *)native->item->map)(&reg->context->cx, (int64_t)n,
                                       call->cols, reg->values,
                                       option ? reg->given : NULL);
  } else {
    call_rows(call, args);
  }
  if (reg->context->cx.failed == PERI_OK) {
    return PG_OK;
  }
  char what[200];
  snprintf(what, sizeof what, "function '%s'", native->decl->name);
  return pg_context_status(reg->context, reg->context->cx.failed, what,
                           call->chunk->err);
}

/* What two sets of rows, either of which may be NULL for all, have in common:
 * one of them, or in `room`. */
static const uint64_t *common(const uint64_t *a, const uint64_t *b,
                              uint64_t *room, int64_t n)
{
  if (!a || !b || a == b) {
    return a ? a : b;
  }
  pg_mask_and(room, a, b, n);
  return room;
}

/* The rows where no argument is null.  False: there are none. */
static bool join_valid(const struct call *call, const uint64_t **valid)
{
  *valid = NULL;
  for (int k = 0; k < call->in->arg_count; k++) {
    const struct pg_register *arg =
      pg_chunk_register(call->chunk, call->in->args[k]);
    if (arg->null) {
      return false;
    }
    *valid =
      common(*valid, pg_register_valid(arg), call->reg->valid, call->chunk->n);
  }
  return true;
}

/* Decides for which rows a function is called. */
static enum pg_rows choose(struct call *call, bool total,
                           const uint64_t *needed, const uint64_t *valid,
                           uint64_t *room)
{
  int64_t n = call->chunk->n;
  call->run = total ? NULL : common(needed, valid, room, n);
  enum pg_rows rows = call->run ? pg_mask_state(call->run, n) : PG_ROWS_ALL;
  if (rows == PG_ROWS_ALL) {
    call->run = NULL;
  }
  return rows;
}

static struct call begin(const struct pg_chunk *chunk, int step)
{
  struct pg_register *reg = pg_chunk_register(chunk, step);
  bool text = pg_type_is_text(reg->col.type);
  reg->null = false;
  reg->col.data = reg->values;
  reg->col.valid = NULL;
  reg->col.layout = text ? PERI_L_SPAN : PERI_L_VIEW;
  return (struct call){
    .in = &chunk->program->steps[step].in, .chunk = chunk, .reg = reg};
}

/* Which rows have a value, after the call: those of `valid` that gave one. */
static void finish(struct call *call, const uint64_t *valid)
{
  struct pg_register *reg = call->reg;
  int64_t n = call->chunk->n;
  if (call->in->native->decl->returns.form == PG_FORM_OPT) {
    uint64_t given[PG_CHUNK_WORDS];
    pg_mask_pack(given, reg->given, n);
    enum pg_rows rows = pg_mask_state(given, n);
    reg->null = rows == PG_ROWS_NONE;
    if (rows == PG_ROWS_SOME) {
      pg_mask_and(reg->valid, given, valid, n);
      valid = reg->valid;
    }
  }
  if (valid && reg->col.type == PERI_T_BOOL) {
    pg_mask_keep(reg->values, valid, n);
  }
  reg->col.valid = (const uint8_t *)valid;
}

enum pg_status pg_chunk_call(const struct pg_chunk *chunk, int step,
                             const uint64_t *rows)
{
  struct call call = begin(chunk, step);
  const uint64_t *valid;
  uint64_t room[PG_CHUNK_WORDS];
  bool total = chunk->program->steps[step].total;
  if (!join_valid(&call, &valid) ||
      choose(&call, total, rows, valid, room) == PG_ROWS_NONE) {
    call.reg->null = true;
    return PG_OK;
  }
  enum pg_status status = run(&call);
  if (status == PG_OK) {
    finish(&call, valid);
  }
  return status;
}

/* Sets the rows where both are null. */
static void add_nulls(uint8_t *bytes, const struct pg_register *a,
                      const struct pg_register *b, int64_t n)
{
  uint64_t neither[PG_CHUNK_WORDS];
  const uint64_t *x = pg_register_valid(a), *y = pg_register_valid(b);
  if ((!a->null && !x) || (!b->null && !y)) {
    return;
  }
  for (int64_t i = 0; i < (n + 63) / 64; i++) {
    neither[i] = ~((a->null ? 0 : x[i]) | (b->null ? 0 : y[i]));
  }
  pg_mask_add(bytes, neither, n);
}

enum pg_status pg_chunk_equal(const struct pg_chunk *chunk, int step,
                              const uint64_t *rows)
{
  struct call call = begin(chunk, step);
  const uint64_t *valid;
  uint64_t room[PG_CHUNK_WORDS];
  bool total = chunk->program->steps[step].total;
  uint8_t *bytes = call.reg->values;
  if (!join_valid(&call, &valid) ||
      choose(&call, total, rows, valid, room) == PG_ROWS_NONE) {
    memset(bytes, 0, PG_CHUNK_ROWS);
  } else {
    enum pg_status status = run(&call);
    if (status != PG_OK) {
      return status;
    }
    if (valid) {
      pg_mask_keep(bytes, valid, chunk->n);
    }
  }
  add_nulls(bytes, pg_chunk_arg(chunk, step, 0), pg_chunk_arg(chunk, step, 1),
            chunk->n);
  return PG_OK;
}
