/* call_method.c - wrappers of methods; as call_cx.c, with an object first.  An
 * object needs no pin here, for no Lua runs before the result is copied. */
#include "bind/call_direct.h"
#include "bind/class.h"

/* NULL: no object of the class, or released. */
static inline const struct pg_object *object_of(lua_State *L,
                                                const struct pg_native *native)
{
  const struct pg_object *object = pg_object_to(L, 1, native->class);
  return object && object->self ? object : NULL;
}

#define CALL0(r, R)                                                            \
  static int call_##r(lua_State *L, const struct pg_native *native)            \
  {                                                                            \
    const struct pg_object *object = object_of(L, native);                     \
    if (!object || lua_gettop(L) != 1 ||                                       \
        !pg_caller_is_ready(object->caller)) {                                 \
      return pg_call_method(L, native);                                        \
    }                                                                          \
    peri_cx *cx = &object->caller->context.cx;                                 \
    R result = ((R(*)(peri_cx *, void *))native->fn)(cx, object->self);        \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, native, object->caller);                        \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
#define CALL1(r, R, a, A)                                                      \
  static int call_##r##_##a(lua_State *L, const struct pg_native *native)      \
  {                                                                            \
    A x;                                                                       \
    const struct pg_object *object = object_of(L, native);                     \
    if (!object || lua_gettop(L) != 2 || !get_##a(L, 2, &x) ||                 \
        !pg_caller_is_ready(object->caller)) {                                 \
      return pg_call_method(L, native);                                        \
    }                                                                          \
    peri_cx *cx = &object->caller->context.cx;                                 \
    R result = ((R(*)(peri_cx *, void *, A))native->fn)(cx, object->self, x);  \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, native, object->caller);                        \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
#define CALL2(r, R, a, A, b, B)                                                \
  static int call_##r##_##a##_##b(lua_State *L,                                \
                                  const struct pg_native *native)              \
  {                                                                            \
    A x;                                                                       \
    B y;                                                                       \
    const struct pg_object *object = object_of(L, native);                     \
    if (!object || lua_gettop(L) != 3 || !get_##a(L, 2, &x) ||                 \
        !get_##b(L, 3, &y) || !pg_caller_is_ready(object->caller)) {           \
      return pg_call_method(L, native);                                        \
    }                                                                          \
    peri_cx *cx = &object->caller->context.cx;                                 \
    typedef R fn(peri_cx *, void *, A, B);                                     \
    R result = ((fn *)native->fn)(cx, object->self, x, y);                     \
    if (cx->failed != PERI_OK) {                                               \
      return pg_call_failed(L, native, object->caller);                        \
    }                                                                          \
    push_##r(L, result);                                                       \
    return 1;                                                                  \
  }
EACH_SIGNATURE(CALL0, CALL1, CALL2)

#define NAME0(r, R) call_##r,
#define NAME1(r, R, a, A) call_##r##_##a,
#define NAME2(r, R, a, A, b, B) call_##r##_##a##_##b,
pg_wrapper *const pg_wrappers_method[] = {EACH_SIGNATURE(NAME0, NAME1, NAME2)};
