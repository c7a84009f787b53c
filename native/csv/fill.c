/* fill.c - the rows of a batch, and its columns of a declared type. */
#include "fill.h"

/* ---------------------------------------------------------------------- fields
 */

bool csv_is_one_of(const peri_list_str *nulls, const struct csv_field *field)
{
  for (size_t i = 0; i < nulls->len; i++) {
    peri_str null = nulls->ptr[i];
    if (null.len == field->len &&
        memcmp(null.ptr, field->text, field->len) == 0) {
      return true;
    }
  }
  return false;
}

bool csv_put_field(struct csv_fill *fill, struct text_column *column,
                   int64_t row, const struct csv_field *field)
{
  struct text_batch *batch = &fill->batch;
  if (!csv_has_doubled(field, fill->syntax->quote)) {
    return text_put(batch, column, row, field->text, field->len);
  }
  char *to = text_room(batch, field->len * 4);
  return !to || text_put_made(batch, column, row,
                              csv_unquote(to, field->text, field->len,
                                          fill->syntax->quote));
}

/* ------------------------------------------------------------ declared columns
 */

/* The number of the record that begins at this place in `mark`. */
static size_t record_at(const struct csv_cut *cut, uint32_t mark)
{
  size_t low = 0, high = cut->row_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (cut->row[middle] < mark) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void add_fault(struct csv_fill *fill, size_t row, size_t column, int why)
{
  fill->faults[fill->fault_count++] =
    (struct csv_fault){(uint32_t)row, (uint32_t)column, why};
}

/* Fills a column of a declared type; a row that does not fit becomes a fault.
 * Returns how many did. */
static size_t fill_declared(struct csv_fill *fill, size_t index)
{
  struct text_column *column = &fill->columns[index];
  size_t kept = 0;
  for (size_t i = 0; i < fill->row_count; i++) {
    struct csv_field field = csv_field_at(fill, fill->rows[i], index);
    if (csv_is_null(fill, &field)) {
      text_put_null(&fill->batch, column, (int64_t)kept);
    } else if (!csv_put_field(fill, column, (int64_t)kept, &field)) {
      add_fault(fill, record_at(fill->cut, fill->rows[i]), index, CSV_VALUE);
      continue;
    }
    fill->rows[kept++] = fill->rows[i];
  }
  size_t lost = fill->row_count - kept;
  fill->row_count = kept;
  return lost;
}

/* All columns of a declared type.  When one of them loses a row, the ones
 * before it still have it: fill all again, and none will. */
static void fill_all_declared(struct csv_fill *fill)
{
  size_t lost;
  do {
    lost = 0;
    for (size_t i = 0; i < fill->column_count; i++) {
      const struct text_column *column = &fill->columns[i];
      if (column->wanted && column->values && fill->batch.status == PERI_OK) {
        lost += fill_declared(fill, i);
      }
    }
  } while (lost > 0);
}

/* ----------------------------------------------------------------- all columns
 */

static bool is_guessed(const struct text_column *column)
{
  return column->wanted && column->type == PERI_T_NULL;
}

/* Adds the columns to the batch, in order, each with room for its values unless
 * its type is still to be found. */
static void open_columns(struct csv_fill *fill)
{
  const struct text_batch *batch = &fill->batch;
  for (size_t i = 0; i < fill->column_count && batch->status == PERI_OK; i++) {
    struct text_column *column = &fill->columns[i];
    if (is_guessed(column)) {
      column->index = batch->cx->sv->out_column(batch->out, column->name.ptr,
                                                column->name.len, PERI_T_NULL);
      if (column->index < 0) {
        text_batch_no_memory(&fill->batch);
      }
    } else {
      text_column_open(&fill->batch, column, (int64_t)fill->row_count);
    }
  }
}

void csv_fill_columns(struct csv_fill *fill)
{
  bool *guessed = peri_alloc(fill->batch.cx, fill->column_count);
  if (!guessed) {
    text_batch_no_memory(&fill->batch);
    return;
  }
  for (size_t i = 0; i < fill->column_count; i++) {
    guessed[i] = is_guessed(&fill->columns[i]);
  }
  open_columns(fill);
  fill_all_declared(fill);
  csv_fill_guessed(fill, guessed);
}

/* ------------------------------------------------------------------ the shapes
 */

void csv_fill_rows(struct csv_fill *fill, size_t first)
{
  const struct csv_cut *cut = fill->cut;
  const char *text = fill->batch.chunk->bytes;
  size_t crooked = csv_next_crooked(cut, first);
  for (size_t row = first; row < cut->row_count; row++) {
    uint32_t fields = cut->row[row + 1] - cut->row[row];
    if (cut->open && row + 1 == cut->row_count) {
      add_fault(fill, row, fields - 1, CSV_OPEN_QUOTE);
    } else if (row == crooked) {
      add_fault(fill, row, 0, CSV_QUOTES);
      crooked = csv_next_crooked(cut, row + 1);
    } else if (fields == fill->column_count) {
      fill->rows[fill->row_count++] = cut->row[row];
    } else if (!csv_is_blank(cut, row, text)) {
      add_fault(fill, row, 0, CSV_FIELD_COUNT);
    }
  }
}
