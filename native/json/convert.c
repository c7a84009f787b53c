/* convert.c - one value into one row of a column.
 *
 * What converts to a type that was asked for:
 *   bool          true, false
 *   integers      integral numbers in range, also written 1.0 or in quotes
 *   f32, f64      numbers that are finite as such, also in quotes
 *   time          epoch numbers; in quotes RFC 3339 and what else time_text.h
 *                 knows
 *   str, bin      strings; other values as JSON text
 *   json          every value
 */
#include "escape.h"
#include "print.h"
#include "reader.h"
#include "time_text.h"
#include "when.h"

#include <math.h>

#define SHOWN_MAX 40 /* bytes of a value in a message */

static peri_str inside(peri_str quoted)
{
  return (peri_str){quoted.ptr + 1, quoted.len - 2};
}

/* Copies a text of the input: it fits a view as it is. */
static bool store_input(const struct json_reader *r, peri_view *view,
                        peri_str text)
{
  json_input_view(r, view, text.ptr, text.len);
  return true;
}

/* The unescaped text of a string, in room that is not taken yet. */
static bool unescape(struct json_reader *r, peri_str quoted, peri_str *text)
{
  peri_str from = inside(quoted);
  char *to = json_heap_room(r, from.len);
  if (!to) {
    return false;
  }
  *text = (peri_str){
    to, (size_t)(json_unescape(to, from.ptr, from.ptr + from.len) - to)};
  return true;
}

bool json_store_string(struct json_reader *r, peri_view *view,
                       const struct json_value *value)
{
  if (!value->escaped) {
    return store_input(r, view, inside(value->raw));
  }
  peri_str text;
  if (!unescape(r, value->raw, &text)) {
    return false;
  }
  json_heap_view(r, view, text.len);
  return true;
}

bool json_store_quoted(struct json_reader *r, peri_view *view, peri_str text)
{
  char *to = json_heap_room(r, json_escape_room(text.ptr, text.len));
  if (!to) {
    return false;
  }
  json_heap_view(r, view, (size_t)(json_escape(to, text.ptr, text.len) - to));
  return true;
}

/* The same text with other escapes must come out the same. */
static bool store_escaped(struct json_reader *r, peri_view *view,
                          peri_str quoted)
{
  peri_str text;
  if (!unescape(r, quoted, &text)) {
    return false;
  }
  peri_view plain;
  json_heap_view(r, &plain, text.len);
  return json_store_quoted(r, view, json_view_text(r, &plain));
}

bool json_store_text(struct json_reader *r, peri_view *view,
                     const struct json_value *value)
{
  char text[NUMBER_ROOM], *end;
  switch (value->kind) {
  case JSON_K_BOOL:
    peri_view_set(view, value->truth ? "true" : "false", value->truth ? 4 : 5,
                  0, NULL);
    return true;
  case JSON_K_INTEGER:
    end = number_put_i64(text, value->number.integer);
    break;
  case JSON_K_DOUBLE:
    end = number_put_f64(text, value->number.f64);
    break;
  case JSON_K_STRING:
    return value->escaped ? store_escaped(r, view, value->raw)
                          : store_input(r, view, value->raw);
  default:
    return store_input(r, view, value->raw);
  }
  char *to = json_heap_room(r, NUMBER_ROOM);
  if (!to) {
    return false;
  }
  memcpy(to, text, (size_t)(end - text));
  json_heap_view(r, view, (size_t)(end - text));
  return true;
}

bool json_store(struct json_reader *r, struct json_column *column,
                const struct json_value *value)
{
  void *values = column->values;
  int64_t row = r->row;
  switch (column->type) {
  case PERI_T_BOOL:
    ((uint8_t *)values)[row] = value->truth;
    return true;
  case PERI_T_I64:
    ((int64_t *)values)[row] = value->number.integer;
    return true;
  case PERI_T_F64:
    ((double *)values)[row] = value->kind == JSON_K_INTEGER
                                ? (double)value->number.integer
                                : value->number.f64;
    return true;
  case PERI_T_STR:
    return json_store_string(r, (peri_view *)values + row, value);
  default:
    return json_store_text(r, (peri_view *)values + row, value);
  }
}

/* ------------------------------------------------------------------ conversion
 */

static bool refuse(struct json_reader *r, const struct json_column *column,
                   const struct json_value *value)
{
  static const char *const names[] = {
    "null", "bool", "i8",  "u8",  "i16",  "u16", "i32", "u32",
    "i64",  "u64",  "f32", "f64", "time", "str", "bin", "json"};
  size_t len = value->raw.len;
  if (len > SHOWN_MAX) {
    for (len = SHOWN_MAX; len > 0 && (value->raw.ptr[len] & 0xC0) == 0x80;) {
      len--;
    }
  }
  return json_problem(r, value->raw.ptr, "'%.*s' takes %s, found %.*s%s",
                      (int)(column->name.len > 60 ? 60 : column->name.len),
                      column->name.ptr, names[column->type & 15], (int)len,
                      value->raw.ptr, len < value->raw.len ? "..." : "");
}

/* The number that the value is or, in quotes, holds. */
static bool as_number(const struct json_value *value,
                      struct json_number *number, peri_str *text)
{
  *text = value->raw;
  *number = value->number;
  if (value->kind != JSON_K_STRING) {
    return value->kind == JSON_K_INTEGER || value->kind == JSON_K_DOUBLE ||
           value->kind == JSON_K_HUGE;
  }
  *text = inside(value->raw);
  const char *end = json_number_any(text->ptr, number);
  return end == text->ptr + text->len;
}

/* Integers beyond int64 are exact only as text. */
static bool as_u64(const struct json_number *number, peri_str text,
                   uint64_t *result)
{
  *result = 0;
  if (number->kind != JSON_HUGE || text.len > 20 || text.ptr[0] == '-') {
    return false;
  }
  for (size_t i = 0; i < text.len; i++) {
    unsigned digit = (unsigned)(text.ptr[i] - '0');
    if (digit > 9 || __builtin_mul_overflow(*result, 10, result) ||
        __builtin_add_overflow(*result, digit, result)) {
      return false;
    }
  }
  return true;
}

static bool as_integer(const struct json_number *number, int64_t *result)
{
  *result = number->integer;
  if (number->kind == JSON_DOUBLE) {
    double f64 = number->f64;
    if (!(fabs(f64) < 9223372036854775808.0) || f64 != floor(f64)) {
      return false;
    }
    *result = (int64_t)f64;
  }
  return number->kind != JSON_HUGE;
}

static bool put_integer(const struct json_column *column, int64_t row,
                        const struct json_number *number, peri_str text)
{
  static const struct {
    int64_t low, high;
  } ranges[] = {
    [PERI_T_I8] = {INT8_MIN, INT8_MAX},    [PERI_T_U8] = {0, UINT8_MAX},
    [PERI_T_I16] = {INT16_MIN, INT16_MAX}, [PERI_T_U16] = {0, UINT16_MAX},
    [PERI_T_I32] = {INT32_MIN, INT32_MAX}, [PERI_T_U32] = {0, UINT32_MAX},
    [PERI_T_I64] = {INT64_MIN, INT64_MAX}, [PERI_T_U64] = {0, INT64_MAX}};
  static const uint8_t widths[] = {
    [PERI_T_I8] = 1,  [PERI_T_U8] = 1,  [PERI_T_I16] = 2, [PERI_T_U16] = 2,
    [PERI_T_I32] = 4, [PERI_T_U32] = 4, [PERI_T_I64] = 8, [PERI_T_U64] = 8};
  int64_t value;
  uint64_t large;
  if (column->type == PERI_T_U64 && as_u64(number, text, &large)) {
    ((uint64_t *)column->values)[row] = large;
    return true;
  }
  if (!as_integer(number, &value) || value < ranges[column->type].low ||
      value > ranges[column->type].high) {
    return false;
  }
  size_t width = widths[column->type];
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  const char *from = (const char *)&value;
#else
  const char *from = (const char *)&value + 8 - width;
#endif
  memcpy((char *)column->values + width * (size_t)row, from, width);
  return true;
}

static bool put_float(const struct json_column *column, int64_t row,
                      const struct json_number *number)
{
  double f64 =
    number->kind == JSON_INTEGER ? (double)number->integer : number->f64;
  if (column->type == PERI_T_F64) {
    ((double *)column->values)[row] = f64;
    return isfinite(f64);
  }
  ((float *)column->values)[row] = (float)f64;
  return isfinite((float)f64);
}

static bool put_number(const struct json_column *column, int64_t row,
                       const struct json_value *value)
{
  struct json_number number;
  peri_str text;
  if (!as_number(value, &number, &text)) {
    return false;
  }
  return column->type >= PERI_T_F32 ? put_float(column, row, &number)
                                    : put_integer(column, row, &number, text);
}

static bool put_time(const struct json_column *column, int64_t row,
                     const struct json_value *value)
{
  int64_t *to = (int64_t *)column->values + row;
  if (value->kind == JSON_K_STRING) {
    peri_str text = inside(value->raw);
    return !value->escaped && time_text(text.ptr, text.len, to);
  }
  return (value->kind == JSON_K_INTEGER || value->kind == JSON_K_DOUBLE) &&
         json_time_of_number(&value->number, value->raw.ptr, to);
}

bool json_convert(struct json_reader *r, struct json_column *column,
                  const struct json_value *value)
{
  peri_view *view = (peri_view *)column->values + r->row;
  bool done = false;
  switch (column->type) {
  case PERI_T_BOOL:
    ((uint8_t *)column->values)[r->row] = value->truth;
    done = value->kind == JSON_K_BOOL;
    break;
  case PERI_T_TIME:
    done = put_time(column, r->row, value);
    break;
  case PERI_T_STR:
  case PERI_T_BIN:
    return value->kind == JSON_K_STRING ? json_store_string(r, view, value)
                                        : json_store_text(r, view, value);
  case PERI_T_JSON:
    return json_store_text(r, view, value);
  default:
    done = put_number(column, r->row, value);
  }
  return done || refuse(r, column, value);
}
