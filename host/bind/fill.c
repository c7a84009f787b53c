/* fill.c - Lua values become rows of columns being made. */
#include "bind/fill.h"

#include "bind/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool begin_column(struct pg_fill *fill, struct pg_fill_column *column)
{
  column->index = pg_build_column(&fill->build, column->name, column->type);
  if (column->index < 0) {
    return false;
  }
  column->values =
    pg_build_values(&fill->build, column->index, fill->rows, &column->valid);
  return column->values != NULL;
}

int pg_fill_add(struct pg_fill *fill, peri_str name, uint32_t type,
                bool declared)
{
  if (fill->count == PG_COLUMNS_MAX) {
    return -1;
  }
  if (fill->count == fill->count_max) {
    int max = fill->count_max ? fill->count_max * 2 : 8;
    struct pg_fill_column *columns =
      realloc(fill->columns, (size_t)max * sizeof *columns);
    if (!columns) {
      return -1;
    }
    fill->columns = columns;
    fill->count_max = max;
  }
  char *copy = malloc(name.len + 1);
  if (!copy) {
    return -1;
  }
  memcpy(copy, name.ptr, name.len);
  copy[name.len] = '\0';
  struct pg_fill_column *column = &fill->columns[fill->count];
  *column = (struct pg_fill_column){
    .name = {copy, name.len}, .type = type, .declared = declared};
  if (fill->build.heap && !begin_column(fill, column)) {
    free(copy);
    return -1;
  }
  return fill->count++;
}

bool pg_fill_begin(struct pg_fill *fill, int64_t rows)
{
  fill->rows = rows;
  if (!pg_build_begin(&fill->build, NULL, NULL)) {
    return false;
  }
  for (int i = 0; i < fill->count; i++) {
    if (!begin_column(fill, &fill->columns[i])) {
      return false;
    }
  }
  return true;
}

bool pg_fill_is_exact(int64_t integer)
{
  double number = (double)integer;
  return number < 0x1p63 && (int64_t)number == integer;
}

/* "'bytes'", for messages: at most 60 bytes of the name. */
#define NAME(column)                                                           \
  (int)((column)->name.len < 60 ? (column)->name.len : 60), (column)->name.ptr

static enum pg_status no_memory(const struct pg_fill_column *column,
                                struct pg_error *err)
{
  return pg_fail(err, PG_NO_MEMORY, "no memory for column '%.*s'",
                 NAME(column));
}

static enum pg_status widen(struct pg_fill *fill, struct pg_fill_column *column,
                            struct pg_error *err)
{
  const int64_t *from = column->values;
  for (int64_t i = 0; i < fill->rows; i++) {
    if (column->valid[i] && !pg_fill_is_exact(from[i])) {
      return pg_fail(err, PG_BAD_INPUT,
                     "column '%.*s' is i64 before, holds %lld, which is not "
                     "exact as f64, and is f64 here",
                     NAME(column), (long long)from[i]);
    }
  }
  double *to = pg_build_retype(&fill->build, column->index, PERI_T_F64,
                               fill->rows, &column->valid);
  if (!to) {
    return no_memory(column, err);
  }
  for (int64_t i = 0; i < fill->rows; i++) {
    to[i] = column->valid[i] ? (double)from[i] : 0;
  }
  column->values = to;
  column->type = PERI_T_F64;
  return PG_OK;
}

enum pg_status pg_fill_retype(struct pg_fill *fill, int index, uint32_t type,
                              struct pg_error *err)
{
  struct pg_fill_column *column = &fill->columns[index];
  if (column->type == PERI_T_I64 && type == PERI_T_F64) {
    return widen(fill, column, err);
  }
  void *values = pg_build_retype(&fill->build, column->index, type, fill->rows,
                                 &column->valid);
  if (!values) {
    return no_memory(column, err);
  }
  column->values = values;
  column->type = type;
  return PG_OK;
}

static enum pg_status mixture(const struct pg_fill_column *column,
                              uint32_t type, struct pg_error *err)
{
  return pg_fail(err, PG_BAD_INPUT, "column '%.*s' is %s%s and %s here",
                 NAME(column), pg_type_name(column->type),
                 column->declared ? " as declared" : " before",
                 pg_type_name(type));
}

static enum pg_status misfit(const struct pg_fill_column *column,
                             int64_t integer, struct pg_error *err)
{
  return pg_fail(err, PG_BAD_INPUT,
                 "column '%.*s' is %s, which %lld does "
                 "not fit",
                 NAME(column), pg_type_name(column->type), (long long)integer);
}

static bool fits(uint32_t type, int64_t value)
{
  switch (type) {
  case PERI_T_I8:
    return value == (int8_t)value;
  case PERI_T_U8:
    return value == (uint8_t)value;
  case PERI_T_I16:
    return value == (int16_t)value;
  case PERI_T_U16:
    return value == (uint16_t)value;
  case PERI_T_I32:
    return value == (int32_t)value;
  case PERI_T_U32:
    return value == (uint32_t)value;
  case PERI_T_U64:
    return value >= 0;
  case PERI_T_F64:
    return pg_fill_is_exact(value);
  default:
    return true;
  }
}

static enum pg_status put_integer(struct pg_fill_column *column, int64_t row,
                                  int64_t value, struct pg_error *err)
{
  uint32_t type = column->type;
  if (type == PERI_T_BOOL || type == PERI_T_NULL || pg_type_is_text(type)) {
    return mixture(column, PERI_T_I64, err);
  }
  if (!fits(type, value)) {
    return misfit(column, value, err);
  }
  if (type == PERI_T_F64) {
    ((double *)column->values)[row] = (double)value;
  } else if (type == PERI_T_F32) {
    ((float *)column->values)[row] = (float)value;
  } else { /* the low bytes, signed or not */
    size_t width = pg_type_width(type);
    memcpy((char *)column->values + width * (size_t)row, &value, width);
  }
  return PG_OK;
}

/* A float in a column declared to hold integers. */
static enum pg_status put_whole(struct pg_fill_column *column, int64_t row,
                                double value, struct pg_error *err)
{
  if (value == floor(value) && value >= -0x1p63 && value < 0x1p63) {
    return put_integer(column, row, (int64_t)value, err);
  }
  return pg_fail(err, PG_BAD_INPUT,
                 "column '%.*s' is %s, which %.14g does "
                 "not fit",
                 NAME(column), pg_type_name(column->type), value);
}

static enum pg_status put_number(struct pg_fill *fill, int index, int64_t row,
                                 double value, struct pg_error *err)
{
  struct pg_fill_column *column = &fill->columns[index];
  if (column->type == PERI_T_I64 && !column->declared) {
    enum pg_status status = widen(fill, column, err);
    if (status != PG_OK) {
      return status;
    }
  }
  switch (column->type) {
  case PERI_T_F64:
    ((double *)column->values)[row] = value;
    return PG_OK;
  case PERI_T_F32:
    ((float *)column->values)[row] = (float)value;
    return PG_OK;
  case PERI_T_NULL:
  case PERI_T_BOOL:
  case PERI_T_STR:
  case PERI_T_BIN:
  case PERI_T_JSON:
    return mixture(column, PERI_T_F64, err);
  default:
    return put_whole(column, row, value, err);
  }
}

static enum pg_status put_text(struct pg_fill *fill,
                               struct pg_fill_column *column, int64_t row,
                               peri_str text, struct pg_error *err)
{
  if (column->type != PERI_T_STR && column->type != PERI_T_BIN) {
    return mixture(column, PERI_T_STR, err);
  }
  if (text.len > INT32_MAX) {
    return pg_fail(err, PG_BAD_INPUT,
                   "column '%.*s': a text of %zu bytes is "
                   "too long",
                   NAME(column), text.len);
  }
  if (column->type == PERI_T_STR && !pg_utf8_check(text.ptr, text.len)) {
    return pg_fail(err, PG_BAD_INPUT, "column '%.*s': the text is not UTF-8",
                   NAME(column));
  }
  return pg_build_text(&fill->build, column->values, row, text)
           ? PG_OK
           : no_memory(column, err);
}

static enum pg_status put_bool(struct pg_fill_column *column, int64_t row,
                               bool value, struct pg_error *err)
{
  if (column->type != PERI_T_BOOL) {
    return mixture(column, PERI_T_BOOL, err);
  }
  ((uint8_t *)column->values)[row] = value;
  return PG_OK;
}

/* The type that a first value gives to a column; below 0: none. */
static int type_of(lua_State *L, int index)
{
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    return lua_isinteger(L, index) ? PERI_T_I64 : PERI_T_F64;
  case LUA_TSTRING:
    return PERI_T_STR;
  case LUA_TBOOLEAN:
    return PERI_T_BOOL;
  default:
    return -1;
  }
}

enum pg_status pg_fill_set(struct pg_fill *fill, int index, int64_t row,
                           lua_State *L, int value, struct pg_error *err)
{
  struct pg_fill_column *column = &fill->columns[index];
  if (lua_isnil(L, value)) {
    column->valid[row] = 0;
    return PG_OK;
  }
  int type = type_of(L, value);
  if (type < 0) {
    return pg_fail(err, PG_BAD_INPUT,
                   "column '%.*s': expected a string, "
                   "number or boolean, got a %s",
                   NAME(column), lua_typename(L, lua_type(L, value)));
  }
  enum pg_status status = PG_OK;
  if (column->type == PERI_T_NULL && !column->declared) {
    status = pg_fill_retype(fill, index, (uint32_t)type, err);
  }
  if (status == PG_OK && type == PERI_T_I64) {
    status = put_integer(column, row, lua_tointeger(L, value), err);
  } else if (status == PG_OK && type == PERI_T_F64) {
    status = put_number(fill, index, row, lua_tonumber(L, value), err);
  } else if (status == PG_OK && type == PERI_T_BOOL) {
    status = put_bool(column, row, lua_toboolean(L, value), err);
  } else if (status == PG_OK) {
    peri_str text;
    text.ptr = lua_tolstring(L, value, &text.len);
    status = put_text(fill, column, row, text, err);
  }
  if (status == PG_OK) {
    column->valid[row] = 1;
  }
  return status;
}

struct pg_batch *pg_fill_finish(struct pg_fill *fill)
{
  fill->build.rows = fill->rows;
  return pg_build_finish(&fill->build);
}

void pg_fill_fini(struct pg_fill *fill)
{
  pg_build_fini(&fill->build);
  for (int i = 0; i < fill->count; i++) {
    free((char *)fill->columns[i].name.ptr);
  }
  free(fill->columns);
  *fill = (struct pg_fill){0};
}
