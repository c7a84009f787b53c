/* call_types.h - the five types that have wrappers of their own: how each comes
 * from Lua and goes to it, and macros over all signatures of them. */
#ifndef PG_BIND_CALL_TYPES_H
#define PG_BIND_CALL_TYPES_H
#include <lua.h>
#include <perigee/abi.h>
#include <stdbool.h>

struct pg_whole {
  int64_t value;
  bool good;
};

/* The integer that a float is.  By itself, so that the wrappers have no local
 * whose address is taken: those live in memory. */
struct pg_whole pg_call_whole(lua_State *L, int index);

/* Each answers false when the argument does not fit.  A string is no number
 * here, though lua_tointegerx() takes it for one; asking first whether it is an
 * integer is the quickest way to know. */
static inline bool get_i64(lua_State *L, int index, int64_t *out)
{
  if (lua_isinteger(L, index)) {
    *out = lua_tointegerx(L, index, NULL);
    return true;
  }
  struct pg_whole whole = pg_call_whole(L, index);
  *out = whole.value;
  return whole.good;
}

static inline bool get_i32(lua_State *L, int index, int32_t *out)
{
  int64_t value = 0;
  bool good = get_i64(L, index, &value);
  *out = (int32_t)value;
  return good && value == *out;
}

static inline bool get_f64(lua_State *L, int index, double *out)
{
  *out = lua_tonumberx(L, index, NULL);
  return lua_type(L, index) == LUA_TNUMBER;
}

static inline bool get_flag(lua_State *L, int index, bool *out)
{
  *out = lua_toboolean(L, index);
  return lua_type(L, index) == LUA_TBOOLEAN;
}

static inline bool get_str(lua_State *L, int index, peri_str *out)
{
  if (lua_type(L, index) != LUA_TSTRING) {
    return false;
  }
  out->ptr = lua_tolstring(L, index, &out->len);
  return true;
}

static inline void push_i32(lua_State *L, int32_t value)
{
  lua_pushinteger(L, value);
}

static inline void push_i64(lua_State *L, int64_t value)
{
  lua_pushinteger(L, value);
}

static inline void push_f64(lua_State *L, double value)
{
  lua_pushnumber(L, value);
}

static inline void push_flag(lua_State *L, bool value)
{
  lua_pushboolean(L, value);
}

static inline void push_str(lua_State *L, peri_str value)
{
  lua_pushlstring(L, value.ptr, value.len);
}

/* The five types, thrice: a macro does not expand within itself.  `flag` is
 * bool, which may be a macro. */
#define TYPES_R(F, ...)                                                        \
  F(__VA_ARGS__, i32, int32_t)                                                 \
  F(__VA_ARGS__, i64, int64_t) F(__VA_ARGS__, f64, double)                     \
    F(__VA_ARGS__, flag, bool) F(__VA_ARGS__, str, peri_str)
#define TYPES_A(F, ...)                                                        \
  F(__VA_ARGS__, i32, int32_t)                                                 \
  F(__VA_ARGS__, i64, int64_t) F(__VA_ARGS__, f64, double)                     \
    F(__VA_ARGS__, flag, bool) F(__VA_ARGS__, str, peri_str)
#define TYPES_B(F, ...)                                                        \
  F(__VA_ARGS__, i32, int32_t)                                                 \
  F(__VA_ARGS__, i64, int64_t) F(__VA_ARGS__, f64, double)                     \
    F(__VA_ARGS__, flag, bool) F(__VA_ARGS__, str, peri_str)

/* All signatures: F0(r, R), F1(r, R, a, A), F2(r, R, a, A, b, B). */
#define EACH_R(F0, F1, F2, r, R)                                               \
  F0(r, R) TYPES_A(F1, r, R) TYPES_A(EACH_A, F2, r, R)
#define EACH_A(F2, r, R, a, A) TYPES_B(F2, r, R, a, A)
#define EACH_SIGNATURE(F0, F1, F2) TYPES_R(EACH_R, F0, F1, F2)

/* How many types there are, and lists of at most two of them. */
#define PG_TYPE_PLACES 5
#define PG_ARGS_PLACES (1 + PG_TYPE_PLACES + PG_TYPE_PLACES * PG_TYPE_PLACES)

#endif
