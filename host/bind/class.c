/* class.c - classes: making objects, their methods, fields and end.
 *
 *   userdata --> pg_object --owns--> state, which the plugin fills
 *
 * The userdata is there first, so that whatever fails later, its __gc finds the
 * state.  The caller, with the plugin's context, is made before any object:
 * when a Lua state is closed, it is finalized after all of them. */
#include "bind/class.h"

#include "bind/call.h"
#include "bind/call_direct.h"
#include "bind/call_quick.h"
#include "bind/native.h"
#include "bind/trampoline.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* Upvalues 1 and 2 of every closure are the pg_bound of the class. */
#define MEMBERS                                                                \
  lua_upvalueindex(3)            /* __index: name -> method, or field (light) */
#define META lua_upvalueindex(3) /* make: the metatable */

typedef peri_status create_fn(peri_cx *, void *, const peri_slot *);
typedef void destroy_fn(peri_cx *, void *);

static const char classes; /* its address: the key of the table */

struct pg_object *pg_object_check(lua_State *L, const struct pg_plugin *plugin,
                                  const struct pg_plugin_item *class)
{
  const char *name = class->decl->name;
  struct pg_object *object = pg_object_to(L, 1, class);
  if (!object) {
    char shown[80];
    pg_convert_show(L, 1, shown, sizeof shown);
    luaL_error(L, "%s.%s: expected an object of this class, got %s",
               plugin->name, name, shown);
  }
  if (!object->self) {
    luaL_error(L, "%s.%s: the object is released", plugin->name, name);
  }
  return object;
}

/* ---------------------------------------------------------------------- the
 * end */

/* The object of the class at index 1, of a closure of the class. */
static struct pg_object *check_own(lua_State *L)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  return pg_object_check(L, class->plugin, class->item);
}

static void destroy(lua_State *L, struct pg_object *object)
{
  destroy_fn *hook = (destroy_fn *)object->class->hooks[PERI_H_DESTROY];
  void *state = object->state;
  if (hook && object->is_made) { /* before the object lets go: this may raise */
    struct pg_caller *caller = pg_caller_enter(L, object->caller);
    object->state = NULL;
    hook(&caller->context.cx, state);
    pg_caller_leave(caller);
  }
  object->state = NULL;
  free(state);
}

void pg_object_release(lua_State *L, struct pg_object *object)
{
  object->self = NULL;
  if (object->state && object->pins == 0) {
    destroy(L, object);
  }
}

static int object_release(lua_State *L)
{
  struct pg_object *object = pg_object_to(L, 1, pg_bound_of(L)->native->item);
  if (!object) {
    check_own(L);
  } else {
    pg_object_release(L, object);
  }
  return 0;
}

/* Nobody can see the object any more: pins are of calls that ran out of memory.
 */
static int object_gc(lua_State *L)
{
  struct pg_object *object = pg_object_to(L, 1, pg_bound_of(L)->native->item);
  if (object) {
    object->pins = 0;
    pg_object_release(L, object);
  }
  return 0;
}

/* -----------------------------------------------------------------------
 * making */

/* Zeroed, aligned; NULL: no memory. */
static void *new_state(const struct pg_plugin_item *class)
{
  size_t align = class->state_align < 16 ? 16 : class->state_align;
  size_t size = (class->state_bytes + align) & ~(align - 1);
  void *state = aligned_alloc(align, size);
  return state ? memset(state, 0, size) : NULL;
}

/* With the metatable at index `meta`. */
static struct pg_object *push(lua_State *L, const struct pg_plugin_item *class,
                              struct pg_caller *caller, int meta)
{
  struct pg_object *object = lua_newuserdatauv(L, sizeof *object, 0);
  *object = (struct pg_object){.class = class, .caller = caller};
  lua_pushvalue(L, meta);
  lua_setmetatable(L, -2);
  object->state = new_state(class);
  return object;
}

/* Calls CREATE for the object at index 1 with the arguments after it. */
static bool create(lua_State *L, struct pg_caller *caller,
                   struct pg_object *object, struct pg_error *err)
{
  const struct pg_plugin_item *class = object->class;
  peri_slot few[PG_CALL_SLOTS_MAX], *slots = few;
  size_t count = class->decl->field_count;
  struct pg_call call;
  pg_call_begin(&call, L, caller, 2, err);
  bool good = count <= PG_CALL_SLOTS_MAX ||
              (slots = pg_convert_room(&call.convert, count * sizeof *slots));
  good = good && pg_call_read_args(&call, class, slots);
  if (good) {
    peri_cx *cx = call.convert.cx;
    peri_status status =
      ((create_fn *)class->hooks[PERI_H_CREATE])(cx, object->state, slots);
    status = status == PERI_OK ? cx->failed : status;
    good = pg_call_status(&call.caller->context, status, err) == PG_OK;
  }
  pg_call_end(&call);
  return good;
}

void pg_object_made(lua_State *L, struct pg_object *object, bool good)
{
  object->is_made = good;
  if (good) {
    object->self = object->state;
  } else {
    pg_object_release(L, object);
  }
}

static int fail_memory(lua_State *L, const struct pg_plugin_item *class)
{
  return luaL_error(L, "no memory for an object of %I bytes",
                    (LUAI_UACINT) class->state_bytes);
}

/* make(...) -> object */
static int make(lua_State *L)
{
  const struct pg_bound *bound = pg_bound_of(L);
  const struct pg_native *class = bound->native;
  struct pg_error err;
  struct pg_object *object = push(L, class->item, bound->caller, META);
  lua_insert(L, 1);
  if (!object->state) {
    return fail_memory(L, class->item);
  }
  bool good = create(L, bound->caller, object, &err);
  pg_object_made(L, object, good);
  lua_settop(L, 1);
  return good ? 1 : pg_call_raise(L, class->plugin, class->item, &err);
}

/* ------------------------------------------------------------ methods and
 * fields */

void pg_object_unpin(lua_State *L, struct pg_object *object)
{
  object->pins--;
  if (!object->self) {
    pg_object_release(L, object);
  }
}

int pg_call_method(lua_State *L, const struct pg_native *method)
{
  struct pg_object *object = pg_object_check(L, method->plugin, method->class);
  struct pg_error err;
  if (pg_call_quick(L, method, object->caller, 2, object->self)) {
    return 1;
  }
  object->pins++;
  bool good =
    pg_call_item(L, object->caller, method->item, 2, object->state, &err);
  pg_object_unpin(L, object);
  return good ? 1 : pg_call_raise(L, method->plugin, method->item, &err);
}

/* Fields are copied, so nothing of the state is kept. */
static int push_field(lua_State *L, const struct pg_shape_field *field)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  struct pg_object *object = check_own(L);
  struct pg_error err;
  struct pg_convert convert = {.L = L, .err = &err};
  object->pins++;
  bool good = pg_convert_push(&convert, field->shape,
                              (const char *)object->state + field->offset);
  pg_object_unpin(L, object);
  return good ? 1 : pg_call_raise(L, class->plugin, class->item, &err);
}

static int fail_member(lua_State *L)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  char shown[80];
  pg_convert_show(L, 2, shown, sizeof shown);
  return luaL_error(L, "%s.%s has no %s", class->plugin->name,
                    class->item->decl->name, shown);
}

static int object_index(lua_State *L)
{
  int good = lua_type(L, 2) == LUA_TNUMBER;
  lua_Integer i = good ? lua_tointegerx(L, 2, &good) : 0;
  if (good) {
    return pg_object_get(L, i);
  }
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  switch (lua_rawget(L, MEMBERS)) {
  case LUA_TFUNCTION:
    return 1;
  case LUA_TLIGHTUSERDATA:
    return push_field(L, lua_touserdata(L, -1));
  default:
    return fail_member(L);
  }
}

static int object_newindex(lua_State *L)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  if (lua_isinteger(L, 2)) {
    return pg_object_set(L);
  }
  return luaL_error(L, "%s.%s: an object's fields can only be read",
                    class->plugin->name, class->item->decl->name);
}

static int object_tostring(lua_State *L)
{
  const struct pg_native *class = pg_bound_of(L)->native;
  const struct pg_object *object = pg_object_to(L, 1, class->item);
  bool released = object && !object->self;
  lua_pushfstring(L, "%s%s.%s", released ? "released " : "",
                  class->plugin->name, class->item->decl->name);
  return 1;
}

/* ------------------------------------------------------------------- the class
 */

/* Sets `name` of the table at `table` to a closure over the class. */
static void set_closure(lua_State *L, int table, const char *name,
                        const struct pg_native *class, lua_CFunction function)
{
  pg_bound_push(L, class);
  lua_pushcclosure(L, function, 2);
  lua_setfield(L, table, name);
}

static void add_methods(lua_State *L, int members,
                        const struct pg_native *class)
{
  size_t count;
  const struct pg_plugin_item *items =
    pg_plugin_items(class->plugin, PERI_K_METHOD, &count);
  for (size_t i = 0; i < count; i++) {
    const struct pg_decl *decl = items[i].decl;
    if (strcmp(decl->owner, class->item->decl->name) == 0) {
      pg_trampoline_push(L, pg_native_of(L, class->plugin, &items[i]));
      lua_setfield(L, members, decl->name);
    }
  }
}

static void push_members(lua_State *L, const struct pg_native *class)
{
  const struct pg_shape *own =
    class->item->shapes[class->item->decl->field_count];
  lua_newtable(L);
  int members = lua_gettop(L);
  for (size_t i = 0; i < own->field_count; i++) {
    lua_pushlightuserdata(L, (void *)&own->fields[i]);
    lua_setfield(L, members, own->fields[i].name);
  }
  add_methods(L, members, class);
  set_closure(L, members, "release", class, object_release);
}

static void push_meta(lua_State *L, const struct pg_native *class)
{
  lua_newtable(L);
  int meta = lua_gettop(L);
  const char *name =
    lua_pushfstring(L, "%s.%s", class->plugin->name, class->item->decl->name);
  lua_setfield(L, meta, "__name");
  lua_pushstring(L, name);
  lua_setfield(L, meta, "__metatable");
  set_closure(L, meta, "__gc", class, object_gc);
  set_closure(L, meta, "__close", class, object_release);
  set_closure(L, meta, "__tostring", class, object_tostring);
  set_closure(L, meta, "__newindex", class, object_newindex);
  set_closure(L, meta, "__len", class, pg_object_len);
  pg_bound_push(L, class);
  push_members(L, class);
  lua_pushcclosure(L, object_index, 3);
  lua_setfield(L, meta, "__index");
}

/* One metatable for each class and Lua state. */
static void push_class(lua_State *L, const struct pg_native *class)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &classes) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &classes);
  }
  if (lua_rawgetp(L, -1, class) == LUA_TNIL) {
    lua_pop(L, 1);
    push_meta(L, class);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, class);
  }
  lua_remove(L, -2);
}

void pg_bind_push_class(lua_State *L, const struct pg_plugin *plugin,
                        const struct pg_plugin_item *item)
{
  luaL_checkstack(L, 12, "a class of a plugin");
  const struct pg_native *class = pg_native_of(L, plugin, item);
  pg_bound_push(L, class);
  push_class(L, class);
  lua_pushcclosure(L, make, 3);
}

struct pg_object *pg_object_push(lua_State *L, const struct pg_plugin *plugin,
                                 const struct pg_plugin_item *class)
{
  luaL_checkstack(L, 12, "an object of a plugin");
  push_class(L, pg_native_of(L, plugin, class));
  struct pg_object *object =
    push(L, class, pg_caller_of(L, plugin), lua_gettop(L));
  lua_remove(L, -2);
  return object;
}
