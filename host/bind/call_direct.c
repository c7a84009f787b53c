/* call_direct.c - one wrapper for each signature of at most two arguments over
 * five types: 155 of them, made by macros.
 *
 * A call of min(i32, i32) costs what a hand-written lua_CFunction with the same
 * checks costs; spec/bench/border_bench measures it.  Calling every function
 * through one type that is large enough would work on this machine, but it is
 * not C, and it traps under control-flow integrity. */
#include "bind/call_direct.h"

#include "bind/call.h"
#include "plugin/shape.h"

#include <stdbool.h>

#define NATIVE lua_upvalueindex(1)

/* Each answers false when the argument does not fit; pg_call_explain() then
 * says why.  A string is no number here, though lua_tointegerx() takes it for
 * one; asking first whether it is an integer is the quickest way to know. */
static inline bool get_i64(lua_State *L, int index, int64_t *out)
{
  int good = lua_isinteger(L, index);
  if (good) {
    *out = lua_tointegerx(L, index, NULL);
    return true;
  }
  *out = lua_tointegerx(L, index, &good); /* a whole float */
  return good && lua_type(L, index) == LUA_TNUMBER;
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

static inline peri_anyfn function_of(lua_State *L)
{
  const struct pg_native *native = lua_touserdata(L, NATIVE);
  return native->fn;
}

#define CALL0(name_r, R)                                                       \
  static int call_##name_r(lua_State *L)                                       \
  {                                                                            \
    if (lua_gettop(L) != 0) {                                                  \
      return pg_call_explain(L);                                               \
    }                                                                          \
    push_##name_r(L, ((R(*)(void))function_of(L))());                          \
    return 1;                                                                  \
  }
#define CALL1(name_r, R, name_a, A)                                            \
  static int call_##name_r##_##name_a(lua_State *L)                            \
  {                                                                            \
    A a;                                                                       \
    if (lua_gettop(L) != 1 || !get_##name_a(L, 1, &a)) {                       \
      return pg_call_explain(L);                                               \
    }                                                                          \
    push_##name_r(L, ((R(*)(A))function_of(L))(a));                            \
    return 1;                                                                  \
  }
#define CALL2(name_r, R, name_a, A, name_b, B)                                 \
  static int call_##name_r##_##name_a##_##name_b(lua_State *L)                 \
  {                                                                            \
    A a;                                                                       \
    B b;                                                                       \
    if (lua_gettop(L) != 2 || !get_##name_a(L, 1, &a) ||                       \
        !get_##name_b(L, 2, &b)) {                                             \
      return pg_call_explain(L);                                               \
    }                                                                          \
    push_##name_r(L, ((R(*)(A, B))function_of(L))(a, b));                      \
    return 1;                                                                  \
  }

/* The five types, thrice: a macro does not expand within itself.  `flag` is
 * bool, which may be a macro. */
#define TYPES_R(F)                                                             \
  F(i32, int32_t) F(i64, int64_t) F(f64, double) F(flag, bool) F(str, peri_str)
#define TYPES_A(F, ...)                                                        \
  F(__VA_ARGS__, i32, int32_t) F(__VA_ARGS__, i64, int64_t)                    \
  F(__VA_ARGS__, f64, double) F(__VA_ARGS__, flag, bool)                       \
  F(__VA_ARGS__, str, peri_str)
#define TYPES_B(F, ...)                                                        \
  F(__VA_ARGS__, i32, int32_t) F(__VA_ARGS__, i64, int64_t)                    \
  F(__VA_ARGS__, f64, double) F(__VA_ARGS__, flag, bool)                       \
  F(__VA_ARGS__, str, peri_str)

#define WITH_A(r, R, a, A) CALL1(r, R, a, A) TYPES_B(CALL2, r, R, a, A)
#define WITH_R(r, R) CALL0(r, R) TYPES_A(WITH_A, r, R)
TYPES_R(WITH_R)

#define TYPE_COUNT 5
#define NAME1(r, R, a, A) call_##r##_##a,
#define NAME2(r, R, a, A, b, B) call_##r##_##a##_##b,
#define NAMES_A(r, R, a, A) TYPES_B(NAME2, r, R, a, A)
#define NAMES_R(r, R)                                                          \
  {call_##r, TYPES_A(NAME1, r, R) TYPES_A(NAMES_A, r, R)},
static const lua_CFunction
  wrappers[TYPE_COUNT][1 + TYPE_COUNT + TYPE_COUNT * TYPE_COUNT] = {
    TYPES_R(NAMES_R)};

/* The place of a type in the lists above, or -1. */
static int place(const struct pg_shape *shape)
{
  if (shape->form != PG_SHAPE_ONE) {
    return -1;
  }
  switch (shape->base) {
  case PERI_T_I32:
    return 0;
  case PERI_T_I64:
    return 1;
  case PERI_T_F64:
    return 2;
  case PERI_T_BOOL:
    return 3;
  case PERI_T_STR:
    return 4;
  default:
    return -1;
  }
}

lua_CFunction pg_call_direct(const struct pg_plugin_item *item)
{
  size_t count = item->decl->field_count;
  int column = 0;
  if (count > 2 || !(item->flags & PERI_PLAIN)) {
    return NULL;
  }
  for (size_t i = 0; i < count; i++) {
    int at = place(item->shapes[i]);
    if (at < 0) {
      return NULL;
    }
    column = i == 0 ? 1 + at : 1 + TYPE_COUNT + (column - 1) * TYPE_COUNT + at;
  }
  int row = place(item->shapes[count]);
  return row < 0 ? NULL : wrappers[row][column];
}
