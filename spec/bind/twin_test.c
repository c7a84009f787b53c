/* twin_test.c - the quick ways to call a plugin against the general one: the
 * same functions and methods with the same arguments, see twin.lua. */
#include "bind/buffer.h"
#include "bind/call.h"
#include "bind/call_parts.h"
#include "bind/class.h"
#include "bind/native.h"
#include "check/check.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

static const struct pg_plugin *plugins[3];

/* ---------------------------------------------------------- the general way
 * Upvalue 1: the native. */

static const struct pg_native *native_of(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

static int call_function(lua_State *L)
{
  const struct pg_native *native = native_of(L);
  struct pg_error err;
  struct pg_caller *caller = pg_caller_of(L, native->plugin);
  return pg_call_item(L, caller, native->item, 1, NULL, &err)
           ? 1
           : pg_call_raise(L, native->plugin, native->item, &err);
}

static int call_method(lua_State *L)
{
  const struct pg_native *native = native_of(L);
  struct pg_error err;
  struct pg_object *object = pg_object_check(L, native->plugin, native->class);
  return pg_call_item(L, object->caller, native->item, 2, object->self, &err)
           ? 1
           : pg_call_raise(L, native->plugin, native->item, &err);
}

/* -------------------------------------------------------- what is to be called
 */

/* Appends { name =, owner =, params =, call = } to the list at `list`. */
static void append(lua_State *L, int list, const struct pg_native *native,
                   lua_CFunction call)
{
  const struct pg_decl *decl = native->item->decl;
  lua_createtable(L, 0, 4);
  lua_pushlightuserdata(L, (void *)(uintptr_t)native);
  lua_pushcclosure(L, call, 1);
  lua_setfield(L, -2, "call");
  lua_pushstring(L, decl->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, decl->owner);
  lua_setfield(L, -2, "owner");
  lua_createtable(L, (int)decl->field_count, 0);
  for (size_t i = 0; i < decl->field_count; i++) {
    lua_pushstring(L, decl->fields[i].name);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "params");
  lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

/* Overloads one by one; what counts objects has no twin. */
static void append_item(lua_State *L, const struct pg_plugin *plugin,
                        const struct pg_plugin_item *item)
{
  enum { QUICK = 1, SLOW, METHODS, BUFFER, CLASSES };
  const struct pg_native *native = pg_native_of(L, plugin, item);
  if (item->decl->kind == PERI_K_METHOD) {
    append(L, METHODS, native, call_method);
  } else if (item->decl->kind == PERI_K_CLASS) {
    pg_bind_push_class(L, plugin, item);
    lua_setfield(L, CLASSES, item->decl->name);
  } else if (item->decl->kind == PERI_K_FUNCTION &&
             strcmp(item->decl->name, "live_objects") != 0) {
    pg_bind_push_function(L, plugin, item, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, CLASSES, item->decl->name);
    lua_rawseti(L, QUICK, (lua_Integer)lua_rawlen(L, QUICK) + 1);
    append(L, SLOW, native, call_function);
  }
}

/* -> what twin.lua takes */
static int open_all(lua_State *L)
{
  luaL_openlibs(L);
  lua_settop(L, 0);
  lua_newtable(L);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, pg_buffer_new);
  lua_newtable(L);
  for (size_t i = 0; i < 3; i++) {
    for (size_t k = 0; k < plugins[i]->item_count; k++) {
      append_item(L, plugins[i], &plugins[i]->items[k]);
    }
  }
  return 5;
}

int main(void)
{
  static const char *const names[] = {"types_all", "types_class",
                                      "types_object"};
  struct pg_error err;
  for (size_t i = 0; i < 3; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.so", PERIGEE_SPEC_PLUGINS, names[i]);
    CHECK(pg_plugin_load(path, NULL, &plugins[i], &err) == PG_OK, "%s",
          err.text);
  }
  lua_State *L = luaL_newstate();
  CHECK(L && luaL_loadfile(L, PERIGEE_SPEC "/bind/twin.lua") == LUA_OK, "%s",
        L ? lua_tostring(L, -1) : "memory");
  lua_pushcfunction(L, open_all);
  CHECK(lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK &&
          lua_pcall(L, 5, 2, 0) == LUA_OK,
        "%s", lua_tostring(L, -1));
  printf("%lld calls that succeed, %lld that fail\n",
         (long long)lua_tointeger(L, -2), (long long)lua_tointeger(L, -1));
  CHECK(lua_tointeger(L, -2) > 1000 && lua_tointeger(L, -1) > 1000,
        "too few calls");
  lua_close(L);
  return 0;
}
