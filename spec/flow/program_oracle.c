/* program_oracle.c - what a program gives, row by row: operands are looked at
 * when Lua would look at them, functions are called one value at a time. */
#include "program_oracle.h"

#include "check/check.h"
#include "plugin/shape.h"

#include <math.h>
#include <string.h>

static struct cell null_cell(void)
{
  return (struct cell){.null = true};
}

static struct cell bool_cell(bool value)
{
  return (struct cell){.slot = {.b = value}};
}

static struct cell column_cell(const struct oracle *oracle,
                               const struct pg_instruction *in, int64_t row)
{
  int index = pg_schema_find(oracle->batch->schema, in->text);
  const struct pg_column *column =
    index < 0 ? NULL : oracle->batch->columns[index];
  if (!column || !pg_column_is_valid(column, row)) {
    return null_cell();
  }
  struct cell cell = {0};
  if (column->type == PERI_T_BOOL) {
    cell.slot.b = pg_column_bool(column, row);
  } else if (pg_type_is_text(column->type)) {
    cell.slot.str = pg_column_text(column, row);
  } else {
    memcpy(&cell.slot, pg_column_value(column, row),
           pg_type_width(column->type));
  }
  return cell;
}

static struct cell call_cell(struct oracle *oracle,
                             const struct pg_instruction *in,
                             const struct cell *args)
{
  const struct pg_shape *shape = in->native->shapes[in->arg_count];
  peri_slot slots[PG_PROGRAM_ARGS_MAX];
  _Alignas(16) char room[64] = {0};
  struct cell cell = {.slot = {.ptr = room}};
  for (int k = 0; k < in->arg_count; k++) {
    if (args[k].null) {
      return null_cell();
    }
    slots[k] = args[k].slot;
  }
  peri_call_fn *call = (peri_call_fn *)in->native->item->call;
  call(&oracle->context.cx, slots, &cell.slot);
  if (shape->form == PG_SHAPE_OPT) {
    int32_t has;
    memcpy(&has, room + shape->has_at, sizeof has);
    cell.null = !has;
    memcpy(&cell.slot, room, sizeof cell.slot);
  }
  return cell;
}

static bool truth(const struct oracle *oracle, int reg, struct cell cell)
{
  return !cell.null && (oracle->types[reg] != PERI_T_BOOL || cell.slot.b != 0);
}

static struct cell cell_of(struct oracle *oracle, int reg, int64_t row);

static struct cell make_cell(struct oracle *oracle, int reg, int64_t row)
{
  const struct pg_instruction *in = &oracle->code[reg];
  struct cell args[PG_PROGRAM_ARGS_MAX];
  bool lazy = in->op == PG_OP_AND || in->op == PG_OP_OR || in->op == PG_OP_IF;
  for (int k = 0; k < (lazy ? 1 : in->arg_count); k++) {
    args[k] = cell_of(oracle, in->args[k], row);
  }
  bool is_true = in->arg_count > 0 && truth(oracle, in->args[0], args[0]);
  switch (in->op) {
  case PG_OP_COLUMN:
    return column_cell(oracle, in, row);
  case PG_OP_CONST:
    return (struct cell){.null = in->is_null || in->type == PERI_T_NULL,
                         .slot = in->value};
  case PG_OP_CALL:
    return call_cell(oracle, in, args);
  case PG_OP_EQUAL:
    return args[0].null || args[1].null
             ? bool_cell(args[0].null && args[1].null)
             : call_cell(oracle, in, args);
  case PG_OP_NOT:
    return bool_cell(!is_true);
  case PG_OP_TRUTH:
    return bool_cell(is_true);
  case PG_OP_AND:
    return is_true ? cell_of(oracle, in->args[1], row) : args[0];
  case PG_OP_OR:
    return is_true ? args[0] : cell_of(oracle, in->args[1], row);
  case PG_OP_IF:
    break;
  }
  return is_true ? cell_of(oracle, in->args[1], row) : null_cell();
}

static struct cell cell_of(struct oracle *oracle, int reg, int64_t row)
{
  struct cell *cell = &oracle->cells[reg];
  if (!cell->known) {
    *cell = make_cell(oracle, reg, row);
    cell->known = true;
  }
  return *cell;
}

struct cell oracle_row(struct oracle *oracle, int64_t row)
{
  pg_context_begin(&oracle->context);
  memset(oracle->cells, 0, sizeof oracle->cells);
  struct cell cell = cell_of(oracle, oracle->count - 1, row);
  CHECK(oracle->context.cx.failed == PERI_OK, "%s", oracle->context.message);
  return cell;
}

static bool same_value(const struct pg_column *column, int64_t row,
                       const peri_slot *slot)
{
  if (column->type == PERI_T_BOOL) {
    return pg_column_bool(column, row) == (slot->b != 0);
  }
  if (pg_type_is_text(column->type)) {
    peri_str text = pg_column_text(column, row);
    return text.len == slot->str.len &&
           memcmp(text.ptr, slot->str.ptr, text.len) == 0;
  }
  const void *value = pg_column_value(column, row);
  double f64;
  memcpy(&f64, value, column->type == PERI_T_F64 ? sizeof f64 : 0);
  if (column->type == PERI_T_F64 && isnan(slot->f64)) {
    return isnan(f64);
  }
  return memcmp(value, slot, pg_type_width(column->type)) == 0;
}

void oracle_check(struct oracle *oracle, const struct pg_column *column,
                  const char *what)
{
  int64_t nulls = 0;
  CHECK(column->length == oracle->batch->rows, "%s", what);
  for (int64_t i = 0; i < column->length; i++) {
    struct cell cell = oracle_row(oracle, i);
    nulls += cell.null;
    CHECK(pg_column_is_valid(column, i) == !cell.null, "%s, row %lld is %s",
          what, (long long)i, cell.null ? "null" : "not null");
    CHECK(cell.null || same_value(column, i, &cell.slot), "%s, row %lld", what,
          (long long)i);
  }
  CHECK(nulls == column->nulls, "%s: %lld nulls, not %lld", what,
        (long long)column->nulls, (long long)nulls);
}

void oracle_check_rows(struct oracle *oracle, const uint32_t *rows,
                       int64_t count, const char *what)
{
  int64_t at = 0;
  for (int64_t i = 0; i < oracle->batch->rows; i++) {
    struct cell cell = oracle_row(oracle, i);
    if (truth(oracle, oracle->count - 1, cell)) {
      CHECK(at < count && rows[at] == i, "%s, row %lld", what, (long long)i);
      at++;
    }
  }
  CHECK(at == count, "%s: %lld rows, not %lld", what, (long long)count,
        (long long)at);
}
