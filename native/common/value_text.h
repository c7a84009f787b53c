/* value_text.h - values of columns as text, for encoders. */
#ifndef PERIGEE_VALUE_TEXT_H
#define PERIGEE_VALUE_TEXT_H
#include "escape.h"
#include "number_text.h"
#include "time_text.h"
#include <perigee/plugin.h>

#define VALUE_ROOM (NUMBER_ROOM > TIME_ROOM ? NUMBER_ROOM : TIME_ROOM)

static inline bool value_is_number(uint32_t type)
{
  return type >= PERI_T_I8 && type <= PERI_T_F64;
}

static inline int64_t value_signed(const peri_col *column, int64_t row)
{
  switch (column->type) {
  case PERI_T_I8:
    return peri_row_i8(column, row);
  case PERI_T_I16:
    return peri_row_i16(column, row);
  case PERI_T_I32:
    return peri_row_i32(column, row);
  default:
    return peri_row_i64(column, row);
  }
}

static inline uint64_t value_unsigned(const peri_col *column, int64_t row)
{
  switch (column->type) {
  case PERI_T_U8:
    return peri_row_u8(column, row);
  case PERI_T_U16:
    return peri_row_u16(column, row);
  case PERI_T_U32:
    return peri_row_u32(column, row);
  default:
    return peri_row_u64(column, row);
  }
}

/* The text of a row that is not null.  A str, bin or json is given as it lies
 * [borrow]; everything else is written to `room`, VALUE_ROOM bytes. */
static inline peri_str value_text(const peri_col *column, int64_t row,
                                  char *room)
{
  switch (column->type) {
  case PERI_T_STR:
  case PERI_T_BIN:
  case PERI_T_JSON:
    return peri_row_str(column, row);
  case PERI_T_BOOL:
    return peri_row_u8(column, row) ? PERI_STR("true") : PERI_STR("false");
  case PERI_T_TIME:
    return (peri_str){room, time_print(room, peri_row_time(column, row))};
  case PERI_T_F32:
    return (peri_str){room, number_print_f32(room, peri_row_f32(column, row))};
  case PERI_T_F64:
    return (peri_str){room, number_print_f64(room, peri_row_f64(column, row))};
  case PERI_T_U8:
  case PERI_T_U16:
  case PERI_T_U32:
  case PERI_T_U64:
    return (peri_str){room,
                      number_print_u64(room, value_unsigned(column, row))};
  default:
    return (peri_str){room, number_print_i64(room, value_signed(column, row))};
  }
}

/* The text that a JSON value stands for, in place of *json: a string is what it
 * says, another value is as it stands.  The text lies in *json or in the arena.
 * False: no memory. */
static inline bool value_json_text(peri_cx *cx, peri_str *json)
{
  if (json->len < 2 || *json->ptr != '"') {
    return true;
  }
  const char *from = json->ptr + 1, *end = json->ptr + json->len - 1;
  if (!memchr(from, '\\', (size_t)(end - from))) {
    *json = (peri_str){from, (size_t)(end - from)};
    return true;
  }
  char *to = peri_alloc(cx, json->len);
  if (to) {
    *json = (peri_str){to, (size_t)(json_unescape(to, from, end) - to)};
  }
  return to != NULL;
}

/* Null, also by the column's type. */
static inline bool value_is_null(const peri_col *column, int64_t row)
{
  return column->type == PERI_T_NULL || !peri_valid(column, row);
}
#endif
