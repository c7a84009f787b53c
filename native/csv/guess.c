/* guess.c - columns whose type is to be found.
 *
 * What comes out must not depend on where a chunk ends, nor on who decodes it.
 * So a field says by itself what it is, a number, a truth value or a text; only
 * in columns where the head of the stream has texts, all fields are.
 *
 * A batch holds a column as the narrowest type that can say this: bool, i64,
 * f64 (whole numbers print as i64 do) or str.  A column that has texts beside
 * numbers after all is JSON text there, with every value as the encoder would
 * print it, and so is one with whole numbers too long for f64 beside others.
 */
#include "fill.h"

#include "blocks.h"
#include "escape.h"
#include "json_number.h"

#define ROWS_AT_ONCE 512
#define EXACT_MAX ((int64_t)1 << 53) /* of whole numbers in f64 */

/* ------------------------------------------------------------------- one field
 */

static bool is_bool(const struct csv_field *field)
{
  return (field->len == 4 && memcmp(field->text, "true", 4) == 0) ||
         (field->len == 5 && memcmp(field->text, "false", 5) == 0);
}

/* The same as read_number(), from nothing but the field. */
static bool read_odd_number(const struct csv_field *field,
                            struct json_number *number)
{
  int guessed =
    number_guess(field->text, field->len, &number->integer, &number->f64);
  bool is_minus_0 =
    guessed == NUMBER_BIG && field->len == 2 && field->text[1] == '0';
  number->kind = guessed == NUMBER_I64 ? JSON_INTEGER : JSON_DOUBLE;
  number->f64 = is_minus_0 ? -0.0 : number->f64;
  return guessed == NUMBER_I64 || guessed == NUMBER_F64 || is_minus_0;
}

/* Reads a number that is the whole field and fits i64 or f64; false: it is
 * none. What is behind a field may look like more of the number, and -0 is f64.
 */
static inline bool read_number(const struct csv_field *field,
                               struct json_number *number)
{
  number->kind = JSON_HUGE;
  char c = field->len ? *field->text : ' ';
  if (!number_is_digit(c) && c != '-') {
    return false;
  }
  const char *end = json_number(field->text, number);
  bool is_minus_0 =
    c == '-' && number->kind == JSON_INTEGER && number->integer == 0;
  if (end == field->text + field->len && !is_minus_0) {
    return number->kind != JSON_HUGE;
  }
  return read_odd_number(field, number);
}

/* The narrowest type of a field that is not null, and its value as that. */
static uint32_t guess(const struct csv_field *field, struct json_number *number)
{
  return is_bool(field)                 ? PERI_T_BOOL
         : !read_number(field, number)  ? PERI_T_STR
         : number->kind == JSON_INTEGER ? PERI_T_I64
                                        : PERI_T_F64;
}

static uint32_t guess_type(const struct csv_field *field)
{
  struct json_number number;
  return guess(field, &number);
}

static inline bool fits_i64(const struct csv_field *field, int64_t *value)
{
  struct json_number number = {0};
  bool fits = read_number(field, &number) && number.kind == JSON_INTEGER;
  *value = fits ? number.integer : 0;
  return fits;
}

static inline bool fits_f64(const struct csv_field *field, double *value)
{
  struct json_number number;
  if (!read_number(field, &number)) {
    return false;
  }
  int64_t whole = number.integer;
  if (number.kind == JSON_DOUBLE) {
    *value = number.f64;
    return true;
  }
  *value = (double)whole;
  return whole <= EXACT_MAX && whole >= -EXACT_MAX;
}

/* ------------------------------------------------------------------- one type
 */

/* Where the values of a column go.  A copy of what is needed, because a
 * compiler has to load anything behind a pointer again after each value it
 * stores. */
struct place {
  void *values;
  uint8_t *valid;
  const char *chunk;
  bool utf8; /* all of it is */
};

static inline struct place place_of(const struct csv_fill *fill, size_t index)
{
  const struct text_column *column = &fill->columns[index];
  return (struct place){column->values, column->valid, fill->batch.chunk->bytes,
                        fill->batch.utf8};
}

/* Not inline: most chunks are UTF-8, and their loops shall stay small. */
static __attribute__((noinline)) bool is_utf8(const char *text, size_t len)
{
  return utf8_valid(text, len);
}

/* Stores a field that is not null as `type`, where PERI_T_BIN stands for a str
 * that takes any field; false: it does not fit. */
static inline bool put_guessed(struct csv_fill *fill, size_t index,
                               const struct csv_reader *reader,
                               const struct place *place, size_t row,
                               const struct csv_field *field, uint32_t type)
{
  switch (type) {
  case PERI_T_BOOL:
    ((uint8_t *)place->values)[row] = field->len == 4;
    return is_bool(field);
  case PERI_T_I64:
    return fits_i64(field, (int64_t *)place->values + row);
  case PERI_T_F64:
    return fits_f64(field, (double *)place->values + row);
  case PERI_T_STR:
    if (guess_type(field) != PERI_T_STR) {
      return false;
    } /* fall through */
  default:
    if (csv_has_doubled(field, reader->quote) ||
        (!place->utf8 && !is_utf8(field->text, field->len))) {
      return csv_put_field(fill, &fill->columns[index], (int64_t)row, field);
    }
    view_set_chunk((peri_view *)place->values + row, field->text, field->len, 0,
                   place->chunk);
    return true;
  }
}

/* Fills rows [from, to); the first that did not fit, or `to`. */
BLOCKS_INLINE size_t fill_as(struct csv_fill *fill, size_t index, size_t from,
                             size_t to, uint32_t type)
{
  const struct csv_reader reader = csv_reader_of(fill, index);
  const uint32_t *rows = fill->rows;
  struct place place = place_of(fill, index);
  for (size_t i = from; i < to; i++) {
    struct csv_field field = csv_read(&reader, rows[i]);
    if (csv_is_null(fill, &field)) {
      text_put_null(&fill->batch, &fill->columns[index], (int64_t)i);
      place = place_of(fill, index);
      continue;
    }
    if (!put_guessed(fill, index, &reader, &place, i, &field, type)) {
      return i;
    }
    if (place.valid) {
      place.valid[i] = 1;
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
    return fill->texts[index] ? fill_as(fill, index, from, to, PERI_T_BIN)
                              : fill_as(fill, index, from, to, PERI_T_STR);
  }
}

/* ----------------------------------------------------------------- mixed types
 */

static bool retype(struct csv_fill *fill, struct text_column *column,
                   uint32_t type)
{
  const struct text_batch *batch = &fill->batch;
  column->type = type;
  column->rows = (int64_t)fill->row_count;
  column->values =
    batch->cx->sv->out_retype(batch->out, column->index, type, column->rows,
                              column->valid ? &column->valid : NULL);
  if (!column->values) {
    text_batch_no_memory(&fill->batch);
  }
  return column->values != NULL;
}

/* The field as a JSON string. */
static void put_json_text(struct csv_fill *fill, struct text_column *column,
                          int64_t row, const struct csv_field *field)
{
  struct text_batch *batch = &fill->batch;
  peri_str text = {field->text, field->len};
  char *to =
    text_room(batch, field->len + json_escape_room(text.ptr, text.len));
  if (!to) {
    return;
  }
  if (csv_has_doubled(field, fill->syntax->quote)) {
    text =
      (peri_str){to, csv_unquote(to, text.ptr, text.len, fill->syntax->quote)};
    to = batch->at += text.len;
  }
  char *end = json_escape(to, text.ptr, text.len);
  text_put_written(batch, column, row, (size_t)(end - to));
}

/* The field as JSON. */
static void put_json(struct csv_fill *fill, struct text_column *column,
                     int64_t row, const struct csv_field *field)
{
  struct json_number number;
  uint32_t type = guess(field, &number);
  if (type == PERI_T_STR) {
    put_json_text(fill, column, row, field);
    return;
  }
  char *to = text_room(&fill->batch, NUMBER_ROOM), *end = to;
  if (!to) {
    return;
  }
  if (type == PERI_T_BOOL) {
    memcpy(to, field->text, field->len);
    end += field->len;
  } else {
    end = type == PERI_T_I64 ? number_put_i64(to, number.integer)
                             : number_put_f64(to, number.f64);
  }
  text_put_written(&fill->batch, column, row, (size_t)(end - to));
}

/* Fills all rows anew, as JSON text. */
static void fill_mixed(struct csv_fill *fill, size_t index)
{
  struct text_column *column = &fill->columns[index];
  if (!retype(fill, column, PERI_T_JSON)) {
    return;
  }
  for (size_t i = 0; i < fill->row_count; i++) {
    struct csv_field field = csv_field_at(fill, fill->rows[i], index);
    if (csv_is_null(fill, &field)) {
      text_put_null(&fill->batch, column, (int64_t)i);
    } else {
      put_json(fill, column, (int64_t)i, &field);
    }
  }
}

/* ------------------------------------------------------------------ one column
 */

/* Makes the column fit for the field in `row`, from the first row on. */
static void widen(struct csv_fill *fill, size_t index, size_t row)
{
  struct text_column *column = &fill->columns[index];
  struct csv_field field = csv_field_at(fill, fill->rows[row], index);
  if (column->type == PERI_T_I64 && guess_type(&field) == PERI_T_F64) {
    retype(fill, column, PERI_T_F64);
  } else {
    fill_mixed(fill, index);
  }
}

static void fill_block(struct csv_fill *fill, size_t index, size_t from,
                       size_t to)
{
  const struct text_column *column = &fill->columns[index];
  while (fill->batch.status == PERI_OK && column->type != PERI_T_JSON) {
    size_t done = fill_guessed(fill, index, from, to);
    if (done == to) {
      return;
    }
    widen(fill, index, done);
    from = 0;
  }
}

/* The type to begin with; PERI_T_NULL: all fields are null. */
static uint32_t first_type(const struct csv_fill *fill, size_t index)
{
  for (size_t i = 0; i < fill->row_count; i++) {
    struct csv_field field = csv_field_at(fill, fill->rows[i], index);
    if (!csv_is_null(fill, &field)) {
      return fill->texts[index] ? PERI_T_STR : guess_type(&field);
    }
  }
  return PERI_T_NULL;
}

static bool begin_column(struct csv_fill *fill, size_t index)
{
  uint32_t type = first_type(fill, index);
  return type != PERI_T_NULL && retype(fill, &fill->columns[index], type);
}

/* Rows go in blocks, so that their text is still near when the next column
 * looks at it. */
void csv_fill_guessed(struct csv_fill *fill, const bool *guessed)
{
  size_t rows = fill->row_count;
  bool *open = peri_alloc(fill->batch.cx, fill->column_count);
  if (!open) {
    text_batch_no_memory(&fill->batch);
    return;
  }
  for (size_t i = 0; i < fill->column_count; i++) {
    open[i] =
      guessed[i] && fill->batch.status == PERI_OK && begin_column(fill, i);
  }
  for (size_t from = 0; from < rows; from += ROWS_AT_ONCE) {
    size_t to = rows - from < ROWS_AT_ONCE ? rows : from + ROWS_AT_ONCE;
    for (size_t i = 0; i < fill->column_count; i++) {
      if (open[i]) {
        fill_block(fill, i, from, to);
      }
    }
  }
}

/* ------------------------------------------------------------------ the sample
 */

bool csv_has_texts(const struct csv_fill *fill, size_t column, uint64_t sample)
{
  bool bools = false, numbers = false;
  for (size_t i = 0; i < fill->row_count; i++) {
    uint32_t row = fill->rows[i];
    struct csv_field field = csv_field_at(fill, row, column);
    if ((uint32_t)(fill->cut->mark[row - 1] + 1) >= sample) {
      break;
    }
    if (csv_is_null(fill, &field)) {
      continue;
    }
    uint32_t type = guess_type(&field);
    bools |= type == PERI_T_BOOL;
    numbers |= type == PERI_T_I64 || type == PERI_T_F64;
    if (type == PERI_T_STR || (bools && numbers)) {
      return true;
    }
  }
  return false;
}
