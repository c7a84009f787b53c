/* call_cx.c - wrappers of functions that take a context.
 *
 * No Lua runs between the arguments and the result, so the caller need not be
 * entered: what it needs is to be free, and clean.  A text that is the result
 * lies in its arena until the next call; Lua copies it before anything else. */
#include "bind/call_direct.h"

#define CALL0(r, R)                                                            \
  static int call_##r(lua_State *L)                                            \
  {                                                                            \
    const struct pg_bound *bound = pg_bound_of(L);                             \
    if (lua_gettop(L) != 0 || !pg_caller_is_ready(bound->caller)) {            \
      return pg_call_function(L);                                              \
    }                                                                          \
    peri_cx *cx = &bound->caller->context.cx;                                  \
    R result = ((R(*)(peri_cx *))bound->native->fn)(cx);                       \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, bound->native, bound->caller);                  \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
#define CALL1(r, R, a, A)                                                      \
  static int call_##r##_##a(lua_State *L)                                      \
  {                                                                            \
    A x;                                                                       \
    const struct pg_bound *bound = pg_bound_of(L);                             \
    if (lua_gettop(L) != 1 || !get_##a(L, 1, &x) ||                            \
        !pg_caller_is_ready(bound->caller)) {                                  \
      return pg_call_function(L);                                              \
    }                                                                          \
    peri_cx *cx = &bound->caller->context.cx;                                  \
    R result = ((R(*)(peri_cx *, A))bound->native->fn)(cx, x);                 \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, bound->native, bound->caller);                  \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
#define CALL2(r, R, a, A, b, B)                                                \
  static int call_##r##_##a##_##b(lua_State *L)                                \
  {                                                                            \
    A x;                                                                       \
    B y;                                                                       \
    const struct pg_bound *bound = pg_bound_of(L);                             \
    if (lua_gettop(L) != 2 || !get_##a(L, 1, &x) || !get_##b(L, 2, &y) ||      \
        !pg_caller_is_ready(bound->caller)) {                                  \
      return pg_call_function(L);                                              \
    }                                                                          \
    peri_cx *cx = &bound->caller->context.cx;                                  \
    R result = ((R(*)(peri_cx *, A, B))bound->native->fn)(cx, x, y);           \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, bound->native, bound->caller);                  \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
EACH_SIGNATURE(CALL0, CALL1, CALL2)

#define NAME0(r, R) call_##r,
#define NAME1(r, R, a, A) call_##r##_##a,
#define NAME2(r, R, a, A, b, B) call_##r##_##a##_##b,
const lua_CFunction pg_wrappers_cx[] = {EACH_SIGNATURE(NAME0, NAME1, NAME2)};
