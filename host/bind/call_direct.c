/* call_direct.c - wrappers of plain functions, and which wrapper is for whom.
 *
 * A call of min(i32, i32) costs what a hand-written lua_CFunction with the same
 * checks costs; spec/bench/border_bench measures it.  Calling every function
 * through one type that is large enough would work on this machine, but it is
 * not C, and it traps under control-flow integrity. */
#include "bind/call_direct.h"

#include "plugin/shape.h"

struct pg_whole pg_call_whole(lua_State *L, int index)
{
  int good;
  int64_t value = lua_tointegerx(L, index, &good);
  return (struct pg_whole){value, good && lua_type(L, index) == LUA_TNUMBER};
}

#define CALL0(r, R)                                                            \
  static int call_##r(lua_State *L, const struct pg_native *native)            \
  {                                                                            \
    if (lua_gettop(L) != 0) {                                                  \
      return pg_call_native(L, native);                                        \
    }                                                                          \
    push_##r(L, ((R(*)(void))native->fn)());                                   \
    return 1;                                                                  \
  }
#define CALL1(r, R, a, A)                                                      \
  static int call_##r##_##a(lua_State *L, const struct pg_native *native)      \
  {                                                                            \
    A x;                                                                       \
    if (lua_gettop(L) != 1 || !get_##a(L, 1, &x)) {                            \
      return pg_call_native(L, native);                                        \
    }                                                                          \
    push_##r(L, ((R(*)(A))native->fn)(x));                                     \
    return 1;                                                                  \
  }
#define CALL2(r, R, a, A, b, B)                                                \
  static int call_##r##_##a##_##b(lua_State *L,                                \
                                  const struct pg_native *native)              \
  {                                                                            \
    A x;                                                                       \
    B y;                                                                       \
    if (lua_gettop(L) != 2 || !get_##a(L, 1, &x) || !get_##b(L, 2, &y)) {      \
      return pg_call_native(L, native);                                        \
    }                                                                          \
    push_##r(L, ((R(*)(A, B))native->fn)(x, y));                               \
    return 1;                                                                  \
  }
EACH_SIGNATURE(CALL0, CALL1, CALL2)

#define NAME0(r, R) call_##r,
#define NAME1(r, R, a, A) call_##r##_##a,
#define NAME2(r, R, a, A, b, B) call_##r##_##a##_##b,
static pg_wrapper *const plain[] = {EACH_SIGNATURE(NAME0, NAME1, NAME2)};

/* The place of a type in the lists of call_types.h, or -1. */
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

/* The place of a signature in the lists of wrappers, or -1. */
static int place_all(const struct pg_plugin_item *item)
{
  size_t count = item->decl->field_count;
  int column = 0, row = place(item->shapes[count]);
  if (count > 2 || row < 0) {
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    int at = place(item->shapes[i]);
    if (at < 0) {
      return -1;
    }
    column =
      i == 0 ? 1 + at : 1 + PG_TYPE_PLACES + (column - 1) * PG_TYPE_PLACES + at;
  }
  return row * PG_ARGS_PLACES + column;
}

pg_wrapper *pg_call_plain(const struct pg_plugin_item *item)
{
  bool is_plain = item->decl->kind == PERI_K_FUNCTION &&
                  item->flags & PERI_PLAIN && !(item->flags & PERI_WITH_CX);
  int at = is_plain ? place_all(item) : -1;
  return at < 0 ? NULL : plain[at];
}

lua_CFunction pg_call_cx(const struct pg_plugin_item *item)
{
  int at = item->flags & PERI_WITH_CX ? place_all(item) : -1;
  return at < 0 ? NULL : pg_wrappers_cx[at];
}

pg_wrapper *pg_call_bound_method(const struct pg_plugin_item *item)
{
  int at = item->flags & PERI_WITH_CX ? place_all(item) : -1;
  return at < 0 ? pg_call_method : pg_wrappers_method[at];
}
