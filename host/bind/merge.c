/* merge.c - the rows of a batch with what a script wrote to them.
 *
 * Where a column is written in some rows and left alone in others, the column
 * that comes out has one type: the one that was written, when the values that
 * were there have a place in it; else the one that was there, and the rows that
 * were written are rejected. */
#include "bind/row.h"

#include "data/bits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct merge {
  struct pg_row *row;
  uint32_t *keep; /* rows that go on, ascending */
  int64_t count;
  const struct pg_row_rejects *rejects;
  struct pg_error *err;
};

static void reject(const struct merge *m, int64_t row, const char *why)
{
  m->rejects->reject(m->rejects->to, row, why);
}

static enum pg_status no_memory(const struct merge *m)
{
  return pg_fail(m->err, PG_NO_MEMORY,
                 "no memory for the rows that a "
                 "function changed");
}

static bool is_integer(uint32_t type)
{
  return (PERI_T_I8 <= type && type <= PERI_T_U64) || type == PERI_T_TIME;
}

/* Have values of type `from` a place in a column of type `to`? Integers may
 * turn out not to. */
static bool goes_into(uint32_t from, uint32_t to)
{
  bool text = (from == PERI_T_JSON && to == PERI_T_STR) ||
              (from == PERI_T_STR && to == PERI_T_BIN);
  bool number =
    (from == PERI_T_F32 || from == PERI_T_F64 || is_integer(from)) &&
    to == PERI_T_F64;
  return from == to || text || number ||
         (is_integer(from) && (to == PERI_T_I64 || to == PERI_T_TIME));
}

static bool was_written(const struct pg_row_field *field, int64_t row)
{
  return field->writes > 0 && field->written->bytes[row];
}

/* ------------------------------------------------- values that were there */

static int64_t integer_at(const struct pg_cells *cells, int64_t row, bool *fits)
{
  switch (cells->type) {
  case PERI_T_I8:
    return ((const int8_t *)cells->data)[row];
  case PERI_T_U8:
    return ((const uint8_t *)cells->data)[row];
  case PERI_T_I16:
    return ((const int16_t *)cells->data)[row];
  case PERI_T_U16:
    return ((const uint16_t *)cells->data)[row];
  case PERI_T_I32:
    return ((const int32_t *)cells->data)[row];
  case PERI_T_U32:
    return ((const uint32_t *)cells->data)[row];
  default: /* of 64 bits */
    *fits = cells->type != PERI_T_U64 ||
            ((const uint64_t *)cells->data)[row] <= INT64_MAX;
    return ((const int64_t *)cells->data)[row];
  }
}

/* Copies one number to the column; false: it does not fit. */
static bool copy_number(const struct pg_cells *from, uint32_t to, void *values,
                        int64_t row)
{
  if (from->type == PERI_T_F32 || from->type == PERI_T_F64) {
    ((double *)values)[row] = from->type == PERI_T_F32
                                ? ((const float *)from->data)[row]
                                : ((const double *)from->data)[row];
    return true;
  }
  bool fits = true;
  int64_t value = integer_at(from, row, &fits);
  if (to == PERI_T_F64) {
    ((double *)values)[row] = (double)value;
    return fits && pg_fill_is_exact(value);
  }
  ((int64_t *)values)[row] = value;
  return fits;
}

/* Copies one value; long texts lie in buffers from `shift` on. */
static bool copy_cell(const struct pg_cells *from, uint32_t to, void *values,
                      int64_t row, int shift)
{
  size_t width = pg_type_width(to);
  if (pg_type_is_text(to)) {
    peri_view *view = (peri_view *)values + row;
    *view = ((const peri_view *)from->data)[row];
    if ((size_t)view->len > sizeof view->u.in) {
      view->u.ref.buffer += shift;
    }
  } else if (to == PERI_T_BOOL) {
    ((uint8_t *)values)[row] = pg_bit(from->data, from->offset + row);
  } else if (from->type == to) {
    memcpy((char *)values + width * (size_t)row,
           (const char *)from->data + width * (size_t)row, width);
  } else {
    return copy_number(from, to, values, row);
  }
  return true;
}

/* The heap of what was there joins the one being made; its first buffer has
 * the number that comes back, or -1: no memory. */
static int share_heap(struct pg_build *build, const struct pg_heap *heap)
{
  int first = build->heap->count;
  for (int i = 0; heap && i < heap->count; i++) {
    if (pg_heap_add(build->heap, pg_block_ref(heap->blocks[i]),
                    heap->bases[i]) < 0) {
      return -1;
    }
  }
  return first;
}

/* ------------------------------------------------------------ one column */

/* Leaves out the rows that were given a value which has no place beside those
 * that were left alone. */
static void reject_written(struct merge *m, const struct pg_row_field *field,
                           uint32_t type)
{
  struct pg_fill_column *column = &m->row->fill.columns[field->fill];
  char why[200];
  snprintf(why, sizeof why,
           "column '%.*s' is %s in rows that are left alone and %s here",
           (int)(column->name.len < 60 ? column->name.len : 60),
           column->name.ptr, pg_type_name(field->cells.type),
           pg_type_name(type));
  int64_t n = 0;
  for (int64_t i = 0; i < m->count; i++) {
    uint32_t row = m->keep[i];
    if (was_written(field, row) && column->valid[row]) {
      reject(m, row, why);
      column->valid[row] = 0;
    } else {
      m->keep[n++] = row;
    }
  }
  m->count = n;
}

/* Values that were left alone, in rows that go on: are there any? */
static bool has_untouched(const struct merge *m,
                          const struct pg_row_field *field)
{
  for (int64_t i = 0; i < m->count; i++) {
    uint32_t row = m->keep[i];
    if (!was_written(field, row) && pg_cells_is_valid(&field->cells, row)) {
      return true;
    }
  }
  return false;
}

/* Copies what was left alone to the column, which has type `to` now. */
static enum pg_status
copy_untouched(struct merge *m, const struct pg_row_field *field, uint32_t to)
{
  struct pg_fill_column *column = &m->row->fill.columns[field->fill];
  const struct pg_column *base = m->row->batch->columns[field->base];
  int shift =
    pg_type_is_text(to) ? share_heap(&m->row->fill.build, base->heap) : 0;
  if (shift < 0) {
    return no_memory(m);
  }
  int64_t n = 0;
  for (int64_t i = 0; i < m->count; i++) {
    uint32_t row = m->keep[i];
    bool copies =
      !was_written(field, row) && pg_cells_is_valid(&field->cells, row);
    if (copies && !copy_cell(&field->cells, to, column->values, row, shift)) {
      char why[200];
      snprintf(why, sizeof why,
               "column '%.*s' becomes %s, which the integer here does not fit",
               (int)(column->name.len < 60 ? column->name.len : 60),
               column->name.ptr, pg_type_name(to));
      reject(m, row, why);
      continue;
    }
    column->valid[row] |= copies;
    m->keep[n++] = row;
  }
  m->count = n;
  return PG_OK;
}

/* Joins what was there and what was written.
 * [out] use  false: the column that was there goes on as it is */
static enum pg_status merge_field(struct merge *m,
                                  const struct pg_row_field *field, bool *use)
{
  struct pg_fill *fill = &m->row->fill;
  struct pg_fill_column *column = &fill->columns[field->fill];
  uint32_t learnt = column->type, was = field->cells.type, to = learnt;
  *use = true;
  if (field->base < 0 || was == PERI_T_NULL || !has_untouched(m, field)) {
    return PG_OK;
  }
  if (learnt == PERI_T_NULL) {
    to = was;
  } else if (learnt == PERI_T_I64 && (was == PERI_T_F64 || was == PERI_T_F32) &&
             pg_fill_retype(fill, field->fill, PERI_T_F64, NULL) == PG_OK) {
    learnt = to = PERI_T_F64;
  } else if (!goes_into(was, learnt)) {
    reject_written(m, field, learnt);
    to = was;
  }
  if (field->writes == 0 && to == was) {
    *use = false;
    return PG_OK;
  }
  if (to != learnt) {
    /* For this batch only: what the stream learnt stays. */
    enum pg_status status = pg_fill_retype(fill, field->fill, to, m->err);
    column->type = learnt;
    if (status != PG_OK) {
      return status;
    }
  }
  return copy_untouched(m, field, to);
}

/* ------------------------------------------------------------- the batch */

static const struct pg_row_field *field_of_fill(const struct pg_row *row,
                                                int fill)
{
  const struct pg_row_field *field = row->fields;
  while (field->fill != fill) {
    field++;
  }
  return field;
}

/* fields, columns  room for those of the batch and of the fill */
static enum pg_status assemble(struct merge *m, struct pg_batch *written,
                               const bool *use, struct pg_field *fields,
                               struct pg_column **columns,
                               struct pg_batch **out)
{
  struct pg_row *row = m->row;
  struct pg_batch *in = row->batch;
  int count = in->schema->count;
  for (int i = 0; i < count; i++) {
    fields[i] = in->schema->fields[i];
    columns[i] = in->columns[i];
  }
  for (int i = 0; i < row->fill.count; i++) {
    if (use[i]) {
      int base = field_of_fill(row, i)->base;
      int at = base >= 0 ? base : count++;
      fields[at] = written->schema->fields[i];
      columns[at] = written->columns[i];
    }
  }
  for (int i = 0; i < count; i++) {
    pg_column_ref(columns[i]);
  }
  struct pg_batch *all =
    pg_batch_of(fields, columns, count, in->rows, row->out);
  if (!all) {
    return no_memory(m);
  }
  if (all->schema != row->out) {
    pg_schema_unref(row->out);
    row->out = pg_schema_ref(all->schema);
  }
  *out = all;
  return PG_OK;
}

static enum pg_status merge_fields(struct merge *m, bool *use)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < m->row->fill.count && status == PG_OK; i++) {
    status = merge_field(m, field_of_fill(m->row, i), &use[i]);
  }
  return status;
}

/* All rows, with the columns that were written. */
static enum pg_status with_written(struct merge *m, struct pg_batch **all)
{
  struct pg_row *row = m->row;
  size_t room = (size_t)(row->batch->schema->count + row->fill.count);
  bool *use = calloc(room, sizeof *use);
  struct pg_field *fields = malloc(room * sizeof *fields);
  struct pg_column **columns = malloc(room * sizeof *columns);
  struct pg_batch *written = NULL;
  enum pg_status status = use && fields && columns ? PG_OK : no_memory(m);
  if (status == PG_OK) {
    status = merge_fields(m, use);
  }
  if (status == PG_OK) {
    written = pg_fill_finish(&row->fill);
    status =
      written ? assemble(m, written, use, fields, columns, all) : no_memory(m);
  }
  pg_batch_unref(written);
  free(use);
  free(fields);
  free(columns);
  return status;
}

enum pg_status pg_row_finish(struct pg_row *row, uint32_t *keep, int64_t n,
                             const struct pg_row_rejects *rejects,
                             struct pg_batch **out, struct pg_error *err)
{
  struct merge m = {row, keep, n, rejects, err};
  struct pg_batch *all = NULL;
  *out = NULL;
  if (n == 0) {
    return PG_OK;
  }
  if (row->fill.count == 0) {
    all = pg_batch_ref(row->batch);
  } else {
    enum pg_status status = with_written(&m, &all);
    if (status != PG_OK) {
      return status;
    }
  }
  if (m.count == all->rows) {
    *out = all;
    return PG_OK;
  }
  if (m.count > 0) {
    *out = pg_batch_pick(all, keep, m.count);
  }
  pg_batch_unref(all);
  return *out || m.count == 0 ? PG_OK : no_memory(&m);
}
