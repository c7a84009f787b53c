/* number.c - checks and conversions of numbers. */
#include "bind/number.h"

#include <math.h>

static const struct {
  lua_Integer low, high;
} bounds[PERI_T_TIME + 1] = {
  [PERI_T_NULL] = {1, 0},
  [PERI_T_BOOL] = {1, 0},
  [PERI_T_I8] = {INT8_MIN, INT8_MAX},
  [PERI_T_U8] = {0, UINT8_MAX},
  [PERI_T_I16] = {INT16_MIN, INT16_MAX},
  [PERI_T_U16] = {0, UINT16_MAX},
  [PERI_T_I32] = {INT32_MIN, INT32_MAX},
  [PERI_T_U32] = {0, UINT32_MAX},
  [PERI_T_I64] = {INT64_MIN, INT64_MAX},
  [PERI_T_U64] = {0, INT64_MAX},
  [PERI_T_F32] = {INT64_MIN, INT64_MAX},
  [PERI_T_F64] = {INT64_MIN, INT64_MAX},
  [PERI_T_TIME] = {INT64_MIN, INT64_MAX},
};

static const char *const words[] = {
  [PERI_T_NULL] = "nothing",
  [PERI_T_BOOL] = "true or false",
  [PERI_T_I8] = "-128 to 127",
  [PERI_T_U8] = "0 to 255",
  [PERI_T_I16] = "-32768 to 32767",
  [PERI_T_U16] = "0 to 65535",
  [PERI_T_I32] = "-2147483648 to 2147483647",
  [PERI_T_U32] = "0 to 4294967295",
  [PERI_T_I64] = "an integer",
  [PERI_T_U64] = "an integer of at least 0",
  [PERI_T_F32] = "a number up to 3.4e38",
  [PERI_T_F64] = "a number",
  [PERI_T_TIME] = "an integer, nanoseconds",
  [PERI_T_STR] = "a string",
  [PERI_T_BIN] = "a string",
  [PERI_T_JSON] = "a string",
};

const char *pg_number_words(uint32_t type)
{
  return words[type];
}

/* What is above 2^63 - 1 comes as a float, which is a whole number then. */
static bool read_large(lua_State *L, int index, uint64_t *value)
{
  if (lua_type(L, index) != LUA_TNUMBER || lua_isinteger(L, index)) {
    return false;
  }
  lua_Number number = lua_tonumber(L, index);
  bool good =
    number >= 9223372036854775808.0 && number < 18446744073709551616.0;
  *value = good ? (uint64_t)number : 0;
  return good;
}

bool pg_number_store(uint32_t type, lua_Integer value, void *out)
{
  if (value < bounds[type].low || value > bounds[type].high) {
    return false;
  }
  switch (type) {
  case PERI_T_I8:
  case PERI_T_U8:
    *(uint8_t *)out = (uint8_t)value;
    return true;
  case PERI_T_I16:
  case PERI_T_U16:
    *(uint16_t *)out = (uint16_t)value;
    return true;
  case PERI_T_I32:
  case PERI_T_U32:
    *(uint32_t *)out = (uint32_t)value;
    return true;
  case PERI_T_F32:
    *(float *)out = (float)value;
    return true;
  case PERI_T_F64:
    *(double *)out = (double)value;
    return true;
  default:
    *(int64_t *)out = value;
    return true;
  }
}

static bool read_integer(lua_State *L, uint32_t type, int index, void *out)
{
  int good = lua_isinteger(L, index);
  lua_Integer value = lua_tointegerx(L, index, good ? NULL : &good);
  return (good && lua_type(L, index) == LUA_TNUMBER &&
          pg_number_store(type, value, out)) ||
         (type == PERI_T_U64 && read_large(L, index, out));
}

bool pg_number_read(lua_State *L, uint32_t type, int index, void *out)
{
  lua_Number number;
  switch (type) {
  case PERI_T_BOOL:
    *(uint8_t *)out = (uint8_t)lua_toboolean(L, index);
    return lua_type(L, index) == LUA_TBOOLEAN;
  case PERI_T_F32:
    number = lua_tonumber(L, index);
    *(float *)out = (float)number;
    return lua_type(L, index) == LUA_TNUMBER &&
           (isinf(number) || !isinf((float)number));
  case PERI_T_F64:
    *(double *)out = lua_tonumber(L, index);
    return lua_type(L, index) == LUA_TNUMBER;
  default:
    return read_integer(L, type, index, out);
  }
}

static bool push_u64(lua_State *L, uint64_t value)
{
  double number = (double)value;
  if (value <= (uint64_t)LUA_MAXINTEGER) {
    lua_pushinteger(L, (lua_Integer)value);
    return true;
  }
  if (number >= 18446744073709551616.0 || (uint64_t)number != value) {
    return false;
  }
  lua_pushnumber(L, number);
  return true;
}

bool pg_number_push(lua_State *L, uint32_t type, const void *in)
{
  switch (type) {
  case PERI_T_BOOL:
    lua_pushboolean(L, *(const uint8_t *)in);
    return true;
  case PERI_T_I8:
    lua_pushinteger(L, *(const int8_t *)in);
    return true;
  case PERI_T_U8:
    lua_pushinteger(L, *(const uint8_t *)in);
    return true;
  case PERI_T_I16:
    lua_pushinteger(L, *(const int16_t *)in);
    return true;
  case PERI_T_U16:
    lua_pushinteger(L, *(const uint16_t *)in);
    return true;
  case PERI_T_I32:
    lua_pushinteger(L, *(const int32_t *)in);
    return true;
  case PERI_T_U32:
    lua_pushinteger(L, *(const uint32_t *)in);
    return true;
  case PERI_T_U64:
    return push_u64(L, *(const uint64_t *)in);
  case PERI_T_F32:
    lua_pushnumber(L, *(const float *)in);
    return true;
  case PERI_T_F64:
    lua_pushnumber(L, *(const double *)in);
    return true;
  default: /* i64, time */
    lua_pushinteger(L, *(const int64_t *)in);
    return true;
  }
}
