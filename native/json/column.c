/* column.c - builds the columns of a batch, and widens them.
 *
 * A column begins as null, takes the type of its first value, and widens when
 * another comes: i64 to f64 when every integer is exact as f64, everything else
 * to JSON text.  That text is the one that the encoder would print for the
 * value, so that what comes out does not depend on where a batch ends.
 *
 * Rows are settled in order.  A column that a record lacks is simply not
 * written; the next value, or the end of the batch, makes the gap null.
 */
#include "print.h"
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>

bool json_problem(struct json_reader *r, const char *at, const char *format,
                  ...)
{
  va_list arguments;
  va_start(arguments, format);
  int len = vsnprintf(r->problem, sizeof r->problem - 24, format, arguments);
  va_end(arguments);
  len = len > (int)sizeof r->problem - 25 ? (int)sizeof r->problem - 25 : len;
  snprintf(r->problem + len, sizeof r->problem - (size_t)len, " at column %zu",
           (size_t)(at - r->line) + 1);
  return false;
}

static bool no_memory(struct json_reader *r)
{
  r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for columns");
  return false;
}

bool json_is_sound(struct json_reader *r)
{
  struct json_fault fault;
  r->sound = r->sound || json_skip_record(r->line, &fault);
  return r->sound;
}

/* ---------------------------------------------------------- the set of columns
 */

struct json_column *json_column_new(struct json_reader *r, peri_str name,
                                    uint32_t asked)
{
  struct json_columns *all = &r->columns;
  const peri_services *sv = r->cx->sv;
  if (all->count == all->max) {
    uint32_t max = all->max ? all->max * 2 : 32;
    void *list = sv->realloc(r->cx, all->list, max * sizeof(void *));
    if (list) {
      all->list = list;
    }
    void *seen = sv->realloc(r->cx, all->seen, max * sizeof(void *));
    if (seen) {
      all->seen = seen;
    }
    if (!list || !seen) {
      return no_memory(r), NULL;
    }
    all->max = max;
  }
  struct json_column *column =
    sv->realloc(r->cx, NULL, sizeof *column + name.len + 1);
  if (!column) {
    return no_memory(r), NULL;
  }
  char *copy = (char *)(column + 1);
  memcpy(copy, name.ptr, name.len);
  *column = (struct json_column){.quick = JSON_SLOW,
                                 .asked = asked,
                                 .index = -1,
                                 .paths = memchr(copy, '.', name.len),
                                 .name = {copy, name.len}};
  all->list[all->count++] = column;
  return column;
}

void json_columns_fini(peri_cx *cx, struct json_columns *columns)
{
  for (uint32_t i = 0; i < columns->count; i++) {
    cx->sv->realloc(cx, columns->list[i], 0);
  }
  cx->sv->realloc(cx, columns->list, 0);
  cx->sv->realloc(cx, columns->seen, 0);
  *columns = (struct json_columns){0};
}

/* Columns come into a batch with their first value, in the order of the chunk:
 * what came in chunks before must not show, as another instance may have had
 * them. */
void json_columns_begin(struct json_reader *r)
{
  for (uint32_t i = 0; i < r->columns.seen_count; i++) {
    struct json_column *column = r->columns.seen[i];
    column->values = NULL;
    column->valid = NULL;
    column->next = 0;
    column->quick = JSON_SLOW;
    column->type = PERI_T_NULL;
    column->index = -1;
  }
  r->columns.seen_count = 0;
  r->plan.count = r->keyed.plan.count = 0;
  r->plan.taken = r->keyed.plan.taken = false;
  r->plan.group = r->keyed.plan.group = JSON_GROUP;
}

/* Gives the column its place in the batch. */
static bool see(struct json_reader *r, struct json_column *column,
                const struct json_value *value)
{
  if (!json_is_sound(r)) {
    return false;
  }
  if (r->keep.on && r->columns.seen_count == JSON_COLUMNS_MAX - 1) {
    return json_keep_give_up(r);
  }
  if (r->columns.seen_count == JSON_COLUMNS_MAX) {
    return json_problem(r, value->raw.ptr, "more than %d columns are needed",
                        JSON_COLUMNS_MAX);
  }
  column->index = r->cx->sv->out_column(r->out, column->name.ptr,
                                        column->name.len, column->asked);
  if (column->index < 0) {
    return no_memory(r);
  }
  r->columns.seen[r->columns.seen_count++] = column;
  return true;
}

/* ------------------------------------------------------------------------ rows
 */

/* Gives the column room for values of a type, beginning anew. */
static bool begin(struct json_reader *r, struct json_column *column,
                  uint32_t type)
{
  const peri_services *sv = r->cx->sv;
  uint8_t **valid = column->valid ? &column->valid : NULL;
  column->values =
    column->asked
      ? sv->out_values(r->out, column->index, r->rows_max, valid)
      : sv->out_retype(r->out, column->index, type, r->rows_max, valid);
  column->type = type;
  column->quick = type;
  return column->values || no_memory(r);
}

/* From here on the column tells which rows are null. */
static bool track_nulls(struct json_reader *r, struct json_column *column)
{
  if (column->valid) {
    return true;
  }
  uint8_t *valid;
  void *values =
    r->cx->sv->out_values(r->out, column->index, r->rows_max, &valid);
  if (!values) {
    return no_memory(r);
  }
  column->values = values;
  column->valid = valid;
  memset(valid, 1, (size_t)column->next);
  return true;
}

bool json_close_gap(struct json_reader *r, struct json_column *column)
{
  if (column->next >= r->row) {
    return true;
  }
  if (!track_nulls(r, column)) {
    return false;
  }
  column->next = r->row;
  return true;
}

bool json_columns_end(struct json_reader *r)
{
  json_plan_leave(r);
  for (uint32_t i = 0; i < r->columns.seen_count; i++) {
    struct json_column *column = r->columns.seen[i];
    if (column->values && !json_close_gap(r, column)) {
      return false;
    }
  }
  return true;
}

/* Takes back the value of the current row. */
static void erase(struct json_reader *r, struct json_column *column)
{
  if (column->next > r->row) {
    column->next = r->row;
    if (column->valid) {
      column->valid[r->row] = 0;
    }
  }
}

void json_take_back(struct json_reader *r)
{
  for (uint32_t i = 0; i < r->columns.seen_count; i++) {
    erase(r, r->columns.seen[i]);
  }
}

void json_take_back_rows(struct json_reader *r, const struct json_slot *slot,
                         int64_t from)
{
  struct json_column *column = slot->column;
  if (column && column->next > from) {
    if (column->valid) {
      memset(column->valid + from, 0, (size_t)(column->next - from));
    }
    column->next = from;
  }
  for (uint32_t i = 0; slot->child && i < slot->child->table_size; i++) {
    if (slot->child->table[i]) {
      json_take_back_rows(r, slot->child->table[i], from);
    }
  }
}

/* -------------------------------------------------------------------- widening
 */

static bool is_valid(const struct json_column *column, int64_t row)
{
  return !column->valid || column->valid[row];
}

static bool is_exact(int64_t integer)
{
  double f64 = (double)integer;
  return f64 < 9223372036854775808.0 && (int64_t)f64 == integer;
}

static bool all_exact(const struct json_column *column)
{
  const int64_t *values = column->values;
  for (int64_t i = 0; i < column->next; i++) {
    if (is_valid(column, i) && !is_exact(values[i])) {
      return false;
    }
  }
  return true;
}

static bool widen_to_f64(struct json_reader *r, struct json_column *column)
{
  const int64_t *old = column->values;
  if (!json_is_sound(r) || !begin(r, column, PERI_T_F64)) {
    return false;
  }
  double *values = column->values;
  for (int64_t i = 0; i < column->next; i++) {
    values[i] = is_valid(column, i) ? (double)old[i] : 0;
  }
  return true;
}

/* Row i of the old values as a value. */
static struct json_value old_value(const struct json_reader *r, uint32_t type,
                                   const void *old, int64_t i)
{
  struct json_value value = {.kind = JSON_K_NULL};
  switch (type) {
  case PERI_T_BOOL:
    value.kind = JSON_K_BOOL;
    value.truth = ((const uint8_t *)old)[i];
    break;
  case PERI_T_I64:
    value.kind = JSON_K_INTEGER;
    value.number.integer = ((const int64_t *)old)[i];
    break;
  case PERI_T_F64:
    value.kind = JSON_K_DOUBLE;
    value.number.f64 = ((const double *)old)[i];
    break;
  default:
    value.kind = JSON_K_STRING;
    value.raw = json_view_text(r, (const peri_view *)old + i);
  }
  return value;
}

static bool widen_to_json(struct json_reader *r, struct json_column *column)
{
  const void *old = column->values;
  uint32_t type = column->type;
  if (!json_is_sound(r) || !begin(r, column, PERI_T_JSON)) {
    return false;
  }
  peri_view *views = column->values;
  for (int64_t i = 0; i < column->next; i++) {
    if (!is_valid(column, i)) {
      continue;
    }
    struct json_value value = old_value(r, type, old, i);
    bool done = type == PERI_T_STR ? json_store_quoted(r, &views[i], value.raw)
                                   : json_store_text(r, &views[i], &value);
    if (!done) {
      return false;
    }
  }
  return true;
}

static uint32_t natural_type(enum json_kind kind)
{
  switch (kind) {
  case JSON_K_BOOL:
    return PERI_T_BOOL;
  case JSON_K_INTEGER:
    return PERI_T_I64;
  case JSON_K_DOUBLE:
    return PERI_T_F64;
  case JSON_K_STRING:
    return PERI_T_STR;
  default:
    return PERI_T_JSON;
  }
}

/* Makes the column's type one that can hold the value. */
static bool widen(struct json_reader *r, struct json_column *column,
                  const struct json_value *value)
{
  uint32_t type = natural_type(value->kind);
  if (column->type == type || column->type == PERI_T_JSON) {
    return true;
  }
  if (column->next == 0) { /* nothing in it but nulls */
    return json_is_sound(r) && begin(r, column, type);
  }
  if (column->type == PERI_T_F64 && type == PERI_T_I64 &&
      is_exact(value->number.integer)) {
    return true;
  }
  if (column->type == PERI_T_I64 && type == PERI_T_F64 && all_exact(column)) {
    return widen_to_f64(r, column);
  }
  return widen_to_json(r, column);
}

/* ------------------------------------------------------------------- one value
 */

/* Null is what is not there; only a value that came before in this record, or
 * one that comes by a path of lower rank, makes it matter. */
static bool put_null(struct json_reader *r, struct json_column *column,
                     const struct json_slot *slot)
{
  erase(r, column);
  if (column->paths) {
    column->blocked = r->line_count;
    column->from = slot;
    column->quick = JSON_SLOW;
  }
  return true;
}

bool json_put(struct json_reader *r, const struct json_slot *slot,
              const struct json_value *value)
{
  struct json_column *column = slot->column;
  bool came = column->next > r->row || column->blocked == r->line_count;
  if (came && column->from->depth < slot->depth) {
    return true;
  }
  if (column->index < 0 && !see(r, column, value)) {
    return false;
  }
  if (column->named) {
    return true;
  }
  if (value->kind == JSON_K_NULL) {
    return put_null(r, column, slot);
  }
  if (column->asked) {
    if ((!column->values && !begin(r, column, column->asked)) ||
        !json_close_gap(r, column) || !json_convert(r, column, value)) {
      return false;
    }
  } else if (!widen(r, column, value) || !json_close_gap(r, column) ||
             !json_store(r, column, value)) {
    return false;
  }
  if (column->valid) {
    column->valid[r->row] = 1;
  }
  column->next = r->row + 1;
  column->from = slot;
  column->quick = column->type;
  return true;
}
