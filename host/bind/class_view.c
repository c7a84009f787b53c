/* class_view.c - elements of objects: what the hook VIEW shows.
 *
 * The hook is asked before every access, for a method may move the elements. */
#include "bind/class.h"

#include "bind/call.h"
#include "bind/number.h"
#include "data/type.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

typedef peri_status view_fn(peri_cx *, void *, peri_array *);

/* Raises "plugin.class: text". */
static int fail(lua_State *L, const char *format, ...)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  lua_pushfstring(L, "%s.%s: ", class->plugin->name, class->item->decl->name);
  va_list args;
  va_start(args, format);
  lua_pushvfstring(L, format, args);
  va_end(args);
  luaL_where(L, 1);
  lua_insert(L, -3);
  lua_concat(L, 3);
  return lua_error(L);
}

/* What can be seen without looking there: whether the memory is there, and is
 * the plugin's, only the plugin knows. */
static enum pg_status check_view(const peri_array *view, struct pg_error *err)
{
  if (view->type < PERI_T_BOOL || view->type > PERI_T_TIME) {
    return pg_fail(err, PG_BAD_INPUT,
                   "the plugin shows %zu elements of type %u", view->len,
                   view->type);
  }
  uintptr_t at = (uintptr_t)view->ptr;
  size_t width = pg_type_width(view->type);
  if (!view->ptr && view->len > 0) {
    return pg_fail(err, PG_BAD_INPUT, "the plugin shows %zu elements at NULL",
                   view->len);
  }
  if (at % width != 0) {
    return pg_fail(err, PG_BAD_INPUT,
                   "the plugin shows elements of type %s at %p, which is no "
                   "place for them: expected a multiple of %zu",
                   pg_type_name(view->type), view->ptr, width);
  }
  if (view->len > PTRDIFF_MAX / width || view->len * width > UINTPTR_MAX - at) {
    return pg_fail(err, PG_BAD_INPUT,
                   "the plugin shows %zu elements of type %s, more than memory "
                   "holds",
                   view->len, pg_type_name(view->type));
  }
  return PG_OK;
}

/* The elements of the object at index 1; raises when there are none.  They are
 * there until the plugin is called again. */
static peri_array get_view(lua_State *L)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  struct pg_object *object = pg_object_check(L, class->plugin, class->item);
  view_fn *hook = (view_fn *)class->item->hooks[PERI_H_VIEW];
  struct pg_error err;
  peri_array view = {0};
  if (!hook) {
    fail(L, "objects of this class have no elements");
  }
  struct pg_caller *caller = pg_caller_enter(L, object->caller);
  peri_cx *cx = &caller->context.cx;
  peri_status status = hook(cx, object->self, &view);
  status = status == PERI_OK ? cx->failed : status;
  bool good = pg_call_status(&caller->context, status, &err) == PG_OK;
  pg_caller_leave(caller);
  good = good && check_view(&view, &err) == PG_OK;
  if (!good) {
    pg_call_raise(L, class->plugin, class->item, &err);
  }
  return view;
}

static char *find_element(lua_State *L, const peri_array *view, lua_Integer i)
{
  if ((lua_Unsigned)i - 1 >= view->len) {
    fail(L, "element %I is not in an object of %I", (LUAI_UACINT)i,
         (LUAI_UACINT)view->len);
  }
  return (char *)view->ptr + (size_t)(i - 1) * pg_type_width(view->type);
}

int pg_object_get(lua_State *L, lua_Integer i)
{
  peri_array view = get_view(L);
  const char *at = find_element(L, &view, i);
  if (!pg_number_push(L, view.type, at)) {
    return fail(L,
                "element %I is more than a Lua integer and no float is "
                "equal to it",
                (LUAI_UACINT)i);
  }
  return 1;
}

int pg_object_set(lua_State *L)
{
  lua_Integer i = lua_tointeger(L, 2);
  peri_array view = get_view(L);
  char *at = find_element(L, &view, i);
  uint64_t value;
  if (!view.writable) {
    return fail(L, "elements of this class can only be read");
  }
  if (!pg_number_read(L, view.type, 3, &value)) {
    char shown[80];
    pg_convert_show(L, 3, shown, sizeof shown);
    return fail(L, "element %I: expected %s (%s), got %s", (LUAI_UACINT)i,
                pg_type_name(view.type), pg_number_words(view.type), shown);
  }
  memcpy(at, &value, pg_type_width(view.type));
  return 0;
}

int pg_object_len(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)get_view(L).len);
  return 1;
}
