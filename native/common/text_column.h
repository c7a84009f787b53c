/* text_column.h - columns of a batch that a decoder fills with texts.
 *
 *   struct text_batch batch;
 *   text_batch_init(&batch, cx, chunk, out);
 *   text_column_want(&column, chunk, name, PERI_T_STR);
 *   text_column_open(&batch, &column, rows);
 *   each row: text_put() or text_put_null() for every wanted column
 *   return text_batch_end(&batch, rows);
 *
 * A text that lies in the chunk is not copied.  Text columns are UTF-8: each
 * byte that is not becomes U+FFFD.  A row may be written again, which is how a
 * rejected one disappears.
 */
#ifndef PERIGEE_TEXT_COLUMN_H
#define PERIGEE_TEXT_COLUMN_H
#include "json_check.h"
#include "number_text.h"
#include "survey.h"
#include "time_text.h"
#include "utf8_text.h"
#include "view_text.h"
#include <perigee/plugin.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_HEAP_BYTES 65536

/* The batch being made from one chunk. */
struct text_batch {
  peri_cx *cx;
  peri_out *out;
  const peri_chunk *chunk;
  bool utf8;             /* the whole chunk is */
  int64_t lines;         /* newlines of the chunk */
  peri_status status;    /* the first failure; stays */
  char *base, *at, *end; /* the newest heap block */
  int32_t buffer;        /* its number */
};

struct text_column {
  peri_str name; /* borrowed */
  uint32_t type; /* PERI_T_* to make */
  bool wanted;
  int32_t index;  /* in the batch */
  int64_t rows;   /* that there is room for */
  void *values;   /* of the batch */
  uint8_t *valid; /* of the batch; NULL: no null so far */
};

static inline const char *text_type_name(uint32_t type)
{
  static const char *const names[] = {
    "null", "bool", "i8",  "u8",  "i16",  "u16", "i32", "u32",
    "i64",  "u64",  "f32", "f64", "time", "str", "bin", "json"};
  return type <= PERI_T_JSON ? names[type] : "unknown";
}

/* ------------------------------------------------------------------ the batch
 */

static inline void text_batch_init(struct text_batch *batch, peri_cx *cx,
                                   const peri_chunk *chunk, peri_out *out)
{
  *batch = (struct text_batch){.cx = cx, .out = out, .chunk = chunk};
  struct text_survey survey =
    text_survey(chunk->bytes, chunk->len, (struct text_lines){0});
  batch->utf8 = survey.valid;
  batch->lines = survey.newlines;
  if (chunk->len > INT32_MAX) {
    batch->status = peri_fail(cx, PERI_EDATA, "a record of more than 2 GiB");
  }
}

static inline void text_batch_no_memory(struct text_batch *batch)
{
  /* The service may have said more. */
  if (batch->status == PERI_OK) {
    batch->status =
      batch->cx->failed != PERI_OK
        ? batch->cx->failed
        : peri_fail(batch->cx, PERI_ENOMEM, "no memory for a batch");
  }
}

/* The end of DECODE: its status. */
static inline peri_status text_batch_end(struct text_batch *batch, int64_t rows)
{
  if (batch->status == PERI_OK) {
    batch->cx->sv->out_rows(batch->out, rows);
  }
  return batch->status;
}

/* Rejects the record [from, from + len). */
static inline void text_reject(struct text_batch *batch, const char *from,
                               size_t len, const char *format, ...)
  __attribute__((format(printf, 4, 5)));
static inline void text_reject(struct text_batch *batch, const char *from,
                               size_t len, const char *format, ...)
{
  char why[256], clean[3 * sizeof why];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(why, sizeof why, format, arguments);
  va_end(arguments);
  size_t why_len = n < (int)sizeof why ? (size_t)n : sizeof why - 1;
  why_len = utf8_repair(clean, why, why_len);
  batch->cx->sv->out_reject(batch->out, (size_t)(from - batch->chunk->bytes),
                            len, clean, why_len);
}

/* Room for n bytes of text that does not lie in the chunk; NULL: no memory.
 * Advance batch->at by what was written. */
static inline char *text_room(struct text_batch *batch, size_t n)
{
  if ((size_t)(batch->end - batch->at) < n) {
    size_t size = n > TEXT_HEAP_BYTES ? n : TEXT_HEAP_BYTES;
    char *base = n > INT32_MAX
                   ? NULL
                   : batch->cx->sv->out_heap(batch->out, size, &batch->buffer);
    batch->base = batch->at = base;
    batch->end = base ? base + size : NULL;
    if (!base) {
      text_batch_no_memory(batch);
    }
  }
  return batch->at;
}

/* ---------------------------------------------------------------- the columns
 */

/* A field asks for column `name` by that name, or by a path into it. */
static inline bool text_field_asks(const peri_field *field, peri_str name)
{
  return field->name.len >= name.len &&
         memcmp(field->name.ptr, name.ptr, name.len) == 0 &&
         (field->name.len == name.len || field->name.ptr[name.len] == '.');
}

/* Is the column wanted, and of which type?  `type`: when no field says. */
static inline void text_column_want(struct text_column *column,
                                    const peri_chunk *chunk, peri_str name,
                                    uint32_t type)
{
  *column =
    (struct text_column){.name = name, .type = type, .wanted = chunk->all != 0};
  for (uint32_t i = 0; i < chunk->n_fields; i++) {
    const peri_field *field = &chunk->fields[i];
    if (text_field_asks(field, name)) {
      column->wanted = true;
      if (field->name.len == name.len && field->type != PERI_T_NULL) {
        column->type = field->type;
      }
    }
  }
}

/* At most so many lines: the last newline may lack. */
static inline int64_t text_batch_lines(const struct text_batch *batch)
{
  const peri_chunk *chunk = batch->chunk;
  return batch->lines +
         (chunk->len > 0 && chunk->bytes[chunk->len - 1] != '\n');
}

/* Where the text begins: behind a UTF-8 byte order mark, if the stream has one.
 */
static inline const char *text_batch_start(const struct text_batch *batch)
{
  const peri_chunk *chunk = batch->chunk;
  bool mark = chunk->flags & PERI_CHUNK_FIRST && chunk->len >= 3 &&
              memcmp(chunk->bytes, "\xEF\xBB\xBF", 3) == 0;
  return chunk->bytes + (mark ? 3 : 0);
}

/* Room for the values of `rows` rows of a wanted column. */
static inline void text_column_open(struct text_batch *batch,
                                    struct text_column *column, int64_t rows)
{
  const peri_services *sv = batch->cx->sv;
  if (!column->wanted || batch->status != PERI_OK) {
    return;
  }
  column->index = sv->out_column(batch->out, column->name.ptr, column->name.len,
                                 column->type);
  column->values = column->index < 0
                     ? NULL
                     : sv->out_values(batch->out, column->index, rows, NULL);
  column->rows = rows;
  if (!column->values) {
    text_batch_no_memory(batch);
  }
}

/* From here on the column tells which rows are null; none before `row` is. */
static inline void text_track_nulls(struct text_batch *batch,
                                    struct text_column *column, int64_t row)
{
  uint8_t *valid;
  void *values =
    batch->cx->sv->out_values(batch->out, column->index, column->rows, &valid);
  if (!values) {
    text_batch_no_memory(batch);
    return;
  }
  column->values = values;
  column->valid = valid;
  memset(valid, 1, (size_t)row);
}

static inline void text_put_null(struct text_batch *batch,
                                 struct text_column *column, int64_t row)
{
  if (!column->valid) {
    text_track_nulls(batch, column, row);
  }
  if (column->valid) {
    column->valid[row] = 0;
  }
}

static inline void text_set_valid(struct text_column *column, int64_t row)
{
  if (column->valid) {
    column->valid[row] = 1;
  }
}

/* A text of the batch's newest heap block, just written to batch->at. */
static inline void text_put_written(struct text_batch *batch,
                                    struct text_column *column, int64_t row,
                                    size_t len)
{
  peri_view_set((peri_view *)column->values + row, batch->at, len,
                batch->buffer, batch->base);
  text_set_valid(column, row);
  batch->at += len;
}

static inline void text_put_repaired(struct text_batch *batch,
                                     struct text_column *column, int64_t row,
                                     const char *text, size_t len)
{
  char *to = text_room(batch, len * 3);
  if (to) {
    text_put_written(batch, column, row, utf8_repair(to, text, len));
  }
}

/* A str value that lies in the chunk. */
static inline void text_put_str(struct text_batch *batch,
                                struct text_column *column, int64_t row,
                                const char *text, size_t len)
{
  if (!batch->utf8 && !utf8_valid(text, len)) {
    text_put_repaired(batch, column, row, text, len);
    return;
  }
  view_set_chunk((peri_view *)column->values + row, text, len, 0,
                 batch->chunk->bytes);
  text_set_valid(column, row);
}

static inline bool text_to_bool(const char *text, size_t len, uint8_t *value)
{
  *value =
    (len == 4 && memcmp(text, "true", 4) == 0) || (len == 1 && *text == '1');
  return *value || (len == 5 && memcmp(text, "false", 5) == 0) ||
         (len == 1 && *text == '0');
}

/* Stores a signed number of `bits` bits. */
static inline bool text_to_signed(void *values, int64_t row, uint32_t type,
                                  int64_t value)
{
  switch (type) {
  case PERI_T_I8:
    ((int8_t *)values)[row] = (int8_t)value;
    return value == (int8_t)value;
  case PERI_T_I16:
    ((int16_t *)values)[row] = (int16_t)value;
    return value == (int16_t)value;
  case PERI_T_I32:
    ((int32_t *)values)[row] = (int32_t)value;
    return value == (int32_t)value;
  default:
    ((int64_t *)values)[row] = value;
    return true;
  }
}

static inline bool text_to_unsigned(void *values, int64_t row, uint32_t type,
                                    uint64_t value)
{
  switch (type) {
  case PERI_T_U8:
    ((uint8_t *)values)[row] = (uint8_t)value;
    return value <= UINT8_MAX;
  case PERI_T_U16:
    ((uint16_t *)values)[row] = (uint16_t)value;
    return value <= UINT16_MAX;
  case PERI_T_U32:
    ((uint32_t *)values)[row] = (uint32_t)value;
    return value <= UINT32_MAX;
  default:
    ((uint64_t *)values)[row] = value;
    return true;
  }
}

/* Stores a value that is no text; false: the text is no such value. */
static inline bool text_convert(void *values, int64_t row, uint32_t type,
                                const char *text, size_t len)
{
  double number = 0;
  uint64_t natural;
  int64_t whole;
  switch (type) {
  case PERI_T_BOOL:
    return text_to_bool(text, len, (uint8_t *)values + row);
  case PERI_T_TIME:
    return time_text(text, len, (int64_t *)values + row);
  case PERI_T_F32:
    ((float *)values)[row] = 0;
    if (number_f64(text, len, &number)) {
      ((float *)values)[row] = (float)number;
      return true;
    }
    return false;
  case PERI_T_F64:
    return number_f64(text, len, (double *)values + row);
  case PERI_T_U8:
  case PERI_T_U16:
  case PERI_T_U32:
  case PERI_T_U64:
    return number_u64(text, len, &natural) &&
           text_to_unsigned(values, row, type, natural);
  default:
    return number_i64(text, len, &whole) &&
           text_to_signed(values, row, type, whole);
  }
}

/* Stores a text of the chunk as the column's type; false: it is no value of
 * that type.  16 readable bytes follow the text. */
static inline bool text_put(struct text_batch *batch,
                            struct text_column *column, int64_t row,
                            const char *text, size_t len)
{
  switch (column->type) {
  case PERI_T_STR:
    text_put_str(batch, column, row, text, len);
    return true;
  case PERI_T_JSON:
    if (!json_valid(text, len)) {
      return false;
    }
    text_put_str(batch, column, row, text, len);
    return true;
  case PERI_T_BIN:
    view_set_chunk((peri_view *)column->values + row, text, len, 0,
                   batch->chunk->bytes);
    break;
  default:
    if (!text_convert(column->values, row, column->type, text, len)) {
      return false;
    }
  }
  text_set_valid(column, row);
  return true;
}

/* The same for len bytes that were just written to batch->at, in room for
 * 3 * len more behind them, and so of UTF-8 that may be broken. */
static inline bool text_put_made(struct text_batch *batch,
                                 struct text_column *column, int64_t row,
                                 size_t len)
{
  char *text = batch->at;
  if (column->type < PERI_T_STR) {
    bool ok = text_convert(column->values, row, column->type, text, len);
    if (ok) {
      text_set_valid(column, row);
    }
    return ok;
  }
  if (column->type == PERI_T_JSON && !json_valid(text, len)) {
    return false;
  }
  if (column->type != PERI_T_BIN && !utf8_valid(text, len)) {
    batch->at += len;
    len = utf8_repair(batch->at, text, len);
  }
  text_put_written(batch, column, row, len);
  return true;
}

/* Rejects a row because `text` is no value of the column's type. */
static inline void text_reject_value(struct text_batch *batch,
                                     const struct text_column *column,
                                     const char *from, size_t from_len,
                                     const char *text, size_t len)
{
  text_reject(batch, from, from_len, "column '%.*s': '%.*s%s' is not %s",
              (int)(column->name.len < 60 ? column->name.len : 60),
              column->name.ptr, (int)(len < 60 ? len : 60), text,
              len > 60 ? "..." : "", text_type_name(column->type));
}
#endif
