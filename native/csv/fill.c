/* fill.c - the columns of a batch from the fields of its records.
 *
 * A column without a declared type gets the narrowest of bool, i64, f64 and str
 * that holds all its fields: it starts as what its first field is, and when a
 * later one does not fit, it is made again from the first row as a wider type.
 * Columns are filled some hundred rows at a time, so that the text of these
 * rows is still near when the next column looks at it.
 */
#include "fill.h"

#define ROWS_AT_ONCE 512
#define EXACT_MAX ((int64_t)1 << 53) /* of whole numbers in f64 */

/* -----------------------------------------------------------------------
 * fields
 */

static inline bool is_null(const struct csv_fill *fill,
                           const struct csv_field *field)
{
  if (field->quoted || fill->empty_is_null) {
    return !field->quoted && field->len == 0;
  }
  for (size_t i = 0; i < fill->nulls->len; i++) {
    peri_str null = fill->nulls->ptr[i];
    if (null.len == field->len &&
        memcmp(null.ptr, field->text, field->len) == 0) {
      return true;
    }
  }
  return false;
}

static bool has_doubled(const struct csv_fill *fill,
                        const struct csv_field *field)
{
  return field->quoted && memchr(field->text, fill->syntax->quote, field->len);
}

/* Stores a field as the column's type; false: it is no such value. */
static bool put_field(struct csv_fill *fill, struct text_column *column,
                      int64_t row, const struct csv_field *field)
{
  struct text_batch *batch = &fill->batch;
  if (!has_doubled(fill, field)) {
    return text_put(batch, column, row, field->text, field->len);
  }
  char *to = text_room(batch, field->len * 4);
  return !to || text_put_made(batch, column, row,
                              csv_unquote(to, field->text, field->len,
                                          fill->syntax->quote));
}

/* ------------------------------------------------------------- guessing the
 * type
 */

/* The narrowest type of a field that is not null. */
static uint32_t guess(const struct csv_field *field)
{
  int64_t whole;
  double number;
  if ((field->len == 4 && memcmp(field->text, "true", 4) == 0) ||
      (field->len == 5 && memcmp(field->text, "false", 5) == 0)) {
    return PERI_T_BOOL;
  }
  switch (number_guess(field->text, field->len, &whole, &number)) {
  case NUMBER_I64:
    return PERI_T_I64;
  case NUMBER_F64:
    return PERI_T_F64;
  default:
    return PERI_T_STR;
  }
}

/* Reads the digits from `at` on into `number`; how many. */
static inline size_t read_digits(const char *at, const char *end,
                                 uint64_t *number)
{
  const char *first = at;
  for (; at < end && number_is_digit(*at); at++) {
    *number = *number * 10 + (uint64_t)(*at - '0');
  }
  return (size_t)(at - first);
}

static inline bool fits_i64(const struct csv_field *field, int64_t *value)
{
  /* Short numbers, which most are, without the general scanner. */
  if (field->len <= 18 && field->len > 0 && field->text[0] != '-' &&
      (field->text[0] != '0' || field->len == 1)) {
    uint64_t number = 0;
    *value = 0;
    size_t n = read_digits(field->text, field->text + field->len, &number);
    *value = (int64_t)number;
    return n == field->len;
  }
  double number;
  return number_guess(field->text, field->len, value, &number) == NUMBER_I64;
}

static inline bool fits_f64(const struct csv_field *field, double *value)
{
  const char *end = field->text + field->len;
  if (field->len <= 16 && field->len > 0 && field->text[0] != '-') {
    uint64_t number = 0;
    size_t whole = read_digits(field->text, end, &number);
    const char *point = field->text + whole;
    if (whole > 0 && (whole == 1 || field->text[0] != '0') && point < end &&
        *point == '.') {
      size_t decimals = read_digits(point + 1, end, &number);
      if (decimals > 0 && point + 1 + decimals == end) {
        *value = (double)number / number_tens[decimals];
        return true;
      }
    }
  }
  int64_t whole;
  switch (number_guess(field->text, field->len, &whole, value)) {
  case NUMBER_I64:
    *value = (double)whole;
    return whole <= EXACT_MAX && whole >= -EXACT_MAX;
  case NUMBER_F64:
    return true;
  default:
    return false;
  }
}

/* Stores a field in a column whose type is guessed; false: it needs a wider
 * one. */
static inline bool put_guessed(struct csv_fill *fill,
                               struct text_column *column, size_t row,
                               const struct csv_field *field, uint32_t type)
{
  bool fits;
  switch (type) {
  case PERI_T_BOOL:
    fits = guess(field) == PERI_T_BOOL;
    ((uint8_t *)column->values)[row] = field->len == 4;
    break;
  case PERI_T_I64:
    fits = fits_i64(field, (int64_t *)column->values + row);
    break;
  case PERI_T_F64:
    fits = fits_f64(field, (double *)column->values + row);
    break;
  default:
    if (field->quoted || !fill->batch.utf8) {
      return put_field(fill, column, (int64_t)row, field);
    }
    text_set_view((peri_view *)column->values + row, field->text, field->len,
                  fill->batch.chunk->bytes);
    fits = true;
  }
  column->valid[row] = fits;
  return fits;
}

/* Fills rows [from, to); the first that did not fit, or `to`. */
static inline size_t fill_as(struct csv_fill *fill, size_t index, size_t from,
                             size_t to, uint32_t type)
{
  struct text_column column = fill->columns[index];
  const struct csv_reader reader = csv_reader_of(fill, index);
  const uint32_t *rows = fill->rows;
  for (size_t i = from; i < to; i++) {
    struct csv_field field = csv_read(&reader, rows[i]);
    if (is_null(fill, &field)) {
      column.valid[i] = 0;
    } else if (!put_guessed(fill, &column, i, &field, type)) {
      return i;
    }
  }
  return to;
}

/* A loop of its own for each type. */
static size_t fill_guessed(struct csv_fill *fill, size_t index, size_t from,
                           size_t to)
{
  switch (fill->columns[index].type) {
  case PERI_T_BOOL:
    return fill_as(fill, index, from, to, PERI_T_BOOL);
  case PERI_T_I64:
    return fill_as(fill, index, from, to, PERI_T_I64);
  case PERI_T_F64:
    return fill_as(fill, index, from, to, PERI_T_F64);
  default:
    return fill_as(fill, index, from, to, PERI_T_STR);
  }
}

/* Gives a column the type that its own and the type of a field have in common,
 * and empties it. */
static void widen(struct csv_fill *fill, size_t index, size_t row)
{
  struct text_column *column = &fill->columns[index];
  struct csv_field field = csv_field_at(fill, fill->rows[row], index);
  bool number = column->type == PERI_T_I64 && guess(&field) == PERI_T_F64;
  column->type = number ? PERI_T_F64 : PERI_T_STR;
  column->values =
    fill->batch.cx->sv->out_retype(fill->batch.out, column->index, column->type,
                                   (int64_t)fill->row_count, &column->valid);
  if (!column->values) {
    text_batch_no_memory(&fill->batch);
  }
}

static void fill_block(struct csv_fill *fill, size_t index, size_t from,
                       size_t to)
{
  while (fill->batch.status == PERI_OK) {
    size_t done = fill_guessed(fill, index, from, to);
    if (done == to) {
      return;
    }
    widen(fill, index, done);
    from = 0;
  }
}

/* The type of the first field that is not null; PERI_T_NULL: all are. */
static uint32_t first_guess(const struct csv_fill *fill, size_t index)
{
  for (size_t i = 0; i < fill->row_count; i++) {
    struct csv_field field = csv_field_at(fill, fill->rows[i], index);
    if (!is_null(fill, &field)) {
      return guess(&field);
    }
  }
  return PERI_T_NULL;
}

/* -------------------------------------------------------------- declared
 * columns
 */

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
    if (is_null(fill, &field)) {
      text_put_null(column, (int64_t)kept);
    } else if (!put_field(fill, column, (int64_t)kept, &field)) {
      add_fault(fill, fill->rows[i], index, CSV_VALUE);
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

/* ------------------------------------------------------------------- all
 * columns
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
      text_column_open(&fill->batch, column, (int64_t)fill->row_count, true);
    }
  }
}

/* Gives the guessed columns their first type; marks in `guessed` which. */
static void guess_columns(struct csv_fill *fill, bool *guessed)
{
  const struct text_batch *batch = &fill->batch;
  for (size_t i = 0; i < fill->column_count && batch->status == PERI_OK; i++) {
    struct text_column *column = &fill->columns[i];
    guessed[i] = false;
    if (!is_guessed(column)) {
      continue;
    }
    column->type = first_guess(fill, i);
    if (column->type != PERI_T_NULL) {
      guessed[i] = true;
      column->values =
        batch->cx->sv->out_retype(batch->out, column->index, column->type,
                                  (int64_t)fill->row_count, &column->valid);
      if (!column->values) {
        text_batch_no_memory(&fill->batch);
      }
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
  open_columns(fill);
  fill_all_declared(fill);
  guess_columns(fill, guessed);
  for (size_t from = 0; from < fill->row_count; from += ROWS_AT_ONCE) {
    size_t left = fill->row_count - from;
    size_t to = from + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
    for (size_t i = 0; i < fill->column_count; i++) {
      if (guessed[i] && fill->batch.status == PERI_OK) {
        fill_block(fill, i, from, to);
      }
    }
  }
}

/* -------------------------------------------------------------------- the
 * shapes
 */

static bool quotes_ok(const struct csv_fill *fill, size_t row)
{
  const uint32_t *mark = fill->cut->mark, *bounds = fill->cut->row + row;
  for (uint32_t i = bounds[0]; i < bounds[1]; i++) {
    const char *text = fill->batch.chunk->bytes + (uint32_t)(mark[i - 1] + 1);
    size_t len = mark[i] - (uint32_t)(mark[i - 1] + 1);
    len -= i + 1 == bounds[1] && len > 0 && text[len - 1] == '\r';
    if (!csv_field_ok(fill->syntax, text, len)) {
      return false;
    }
  }
  return true;
}

/* An empty line, which is a row only if there is one column. */
static bool is_blank(const struct csv_fill *fill, size_t row)
{
  const uint32_t *mark = fill->cut->mark + fill->cut->row[row];
  uint32_t from = mark[-1] + 1, len = mark[0] - from;
  return len == 0 || (len == 1 && fill->batch.chunk->bytes[from] == '\r');
}

void csv_fill_rows(struct csv_fill *fill, size_t first)
{
  const struct csv_cut *cut = fill->cut;
  for (size_t row = first; row < cut->row_count; row++) {
    uint32_t fields = cut->row[row + 1] - cut->row[row];
    if (cut->open && row + 1 == cut->row_count) {
      add_fault(fill, row, fields - 1, CSV_OPEN_QUOTE);
    } else if (cut->careful && !quotes_ok(fill, row)) {
      add_fault(fill, row, 0, CSV_QUOTES);
    } else if (fields == fill->column_count) {
      fill->rows[fill->row_count++] = (uint32_t)row;
    } else if (fields != 1 || !is_blank(fill, row)) {
      add_fault(fill, row, 0, CSV_FIELD_COUNT);
    }
  }
}
