/* plugin.c - plugins for Lua: found by path, described, loaded. */
#include "bind/plugin.h"

#include "bind/box.h"
#include "bind/call.h"
#include "bind/schema.h"
#include "plugin/instance.h"
#include "plugin/needs.h"
#include "plugin/params.h"
#include "plugin/probe.h"

#include <lauxlib.h>
#include <string.h>

#define PLUGIN "perigee.plugin"

struct plugin {
  const struct pg_plugin *plugin; /* lives until the process ends */
};

static int fail(lua_State *L, const struct pg_error *err)
{
  luaL_pushfail(L);
  lua_pushstring(L, err->text);
  return 2;
}

/* ------------------------------------------------------------- describe, load
 */

/* Pushes the directory of a path: a symbolic link may not lead out of it. */
static const char *push_directory(lua_State *L, const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash) {
    return lua_pushliteral(L, ".");
  }
  return lua_pushlstring(L, path, slash == path ? 1 : (size_t)(slash - path));
}

static void free_described(void *box)
{
  pg_plugin_free(*(struct pg_plugin **)box);
}

int pg_bind_plugin_describe(lua_State *L)
{
  struct pg_error err;
  const char *path = luaL_checkstring(L, 1);
  const char *directory = push_directory(L, path);
  struct pg_plugin **plugin = pg_box_new(L, sizeof *plugin, free_described);
  if (pg_plugin_describe(path, directory, plugin, &err) != PG_OK) {
    return fail(L, &err);
  }
  int box = lua_gettop(L);
  pg_bind_describe(L, *plugin);
  pg_box_close(L, box);
  return 1;
}

const struct pg_plugin *pg_bind_plugin_check(lua_State *L, int index)
{
  return ((struct plugin *)luaL_checkudata(L, index, PLUGIN))->plugin;
}

static int plugin_describe(lua_State *L)
{
  return pg_bind_describe(L, pg_bind_plugin_check(L, 1));
}

static int plugin_call(lua_State *L)
{
  const struct pg_plugin *plugin = pg_bind_plugin_check(L, 1);
  const char *name = luaL_checkstring(L, 2);
  size_t count;
  const struct pg_plugin_item *items =
    pg_plugin_item(plugin, PERI_K_FUNCTION, name, &count);
  if (items) {
    pg_bind_push_function(L, plugin, items, count);
    return 1;
  }
  items = pg_plugin_item(plugin, PERI_K_CLASS, name, &count);
  if (!items) {
    return luaL_error(L, "plugin '%s' has no function or class '%s'",
                      plugin->name, name);
  }
  pg_bind_push_class(L, plugin, items);
  return 1;
}

static int plugin_tostring(lua_State *L)
{
  const struct pg_plugin *plugin = pg_bind_plugin_check(L, 1);
  lua_pushfstring(L, "plugin %s %s (%s)", plugin->name, plugin->version,
                  plugin->path);
  return 1;
}

static void set_class(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"call", plugin_call}, {"describe", plugin_describe}, {NULL, NULL}};
  if (luaL_newmetatable(L, PLUGIN)) {
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, plugin_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, PLUGIN);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

int pg_bind_plugin_load(lua_State *L)
{
  struct pg_error err;
  const char *path = luaL_checkstring(L, 1);
  const char *directory = push_directory(L, path);
  struct plugin *self = lua_newuserdatauv(L, sizeof *self, 0);
  if (pg_plugin_load(path, directory, &self->plugin, &err) != PG_OK) {
    return fail(L, &err);
  }
  set_class(L);
  return 1;
}

int pg_bind_plugin_probe(lua_State *L)
{
  struct pg_error err;
  const char *path = luaL_checkstring(L, 1);
  const char *directory = push_directory(L, path);
  if (pg_probe("/proc/self/exe", path, directory, PG_PROBE_LIMIT_MS, &err) !=
      PG_OK) {
    return fail(L, &err);
  }
  lua_pushboolean(L, 1);
  return 1;
}

int pg_bind_plugin_missing(lua_State *L)
{
  struct pg_error err;
  char names[PG_NEEDS_BYTES];
  if (pg_needs_missing(luaL_checkstring(L, 1), names, &err) != PG_OK) {
    return fail(L, &err);
  }
  lua_pushstring(L, names);
  return 1;
}

/* ---------------------------------------------------------------- parameters
 */

uint32_t pg_bind_plugin_kind(lua_State *L, const char *word)
{
  for (uint32_t kind = PERI_K_KERNEL; kind <= PERI_K_ENCODER; kind++) {
    if (strcmp(pg_kind_word(kind), word) == 0) {
      return kind;
    }
  }
  return (uint32_t)luaL_error(L, "no kind of stage '%s'", word);
}

const struct pg_plugin_item *pg_bind_plugin_item(lua_State *L,
                                                 const struct pg_plugin *plugin,
                                                 uint32_t kind,
                                                 const char *name)
{
  size_t count;
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, kind, name, &count);
  if (!item) {
    luaL_error(L, "plugin '%s' has no %s '%s'", plugin->name,
               pg_kind_word(kind), name);
  }
  return item;
}

static const struct pg_plugin_item *check_item(lua_State *L)
{
  const struct pg_plugin *plugin = pg_bind_plugin_check(L, 1);
  uint32_t kind = pg_bind_plugin_kind(L, luaL_checkstring(L, 2));
  return pg_bind_plugin_item(L, plugin, kind, luaL_checkstring(L, 3));
}

static void fini_arena(void *arena)
{
  pg_arena_fini(arena);
}

int pg_bind_plugin_check_params(lua_State *L)
{
  struct pg_error err;
  struct pg_value params;
  const struct pg_plugin_item *item = check_item(L);
  lua_settop(L, 4);
  struct pg_arena *arena = pg_box_new(L, sizeof *arena, fini_arena);
  bool good = pg_bind_value(L, 4, arena, &params, &err);
  if (good) {
    void *out = pg_arena_alloc(arena, item->params_layout->bytes + 1);
    good = out && pg_params_fill(item->params, item->params_layout, &params,
                                 arena, out, &err) == PG_OK;
    if (!out) {
      pg_fail(&err, PG_NO_MEMORY, "no memory for parameters");
    }
  }
  pg_box_close(L, 5);
  if (!good) {
    return fail(L, &err);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* -------------------------------------------------------------------- schema
 */

static void unref_schema(void *box)
{
  pg_schema_unref(*(struct pg_schema **)box);
}

int pg_bind_plugin_schema(lua_State *L)
{
  struct pg_error err;
  struct pg_value params;
  const struct pg_plugin_item *item = check_item(L);
  lua_settop(L, 4);
  struct pg_arena *arena = pg_box_new(L, sizeof *arena, fini_arena);
  struct pg_schema **schema = pg_box_new(L, sizeof *schema, unref_schema);
  bool good = pg_bind_value(L, 4, arena, &params, &err) &&
              pg_instance_schema(pg_bind_plugin_check(L, 1), item, &params,
                                 schema, &err) == PG_OK;
  pg_box_close(L, 5);
  if (!good) {
    return fail(L, &err);
  }
  if (*schema) {
    pg_schema_push(L, *schema);
    pg_box_close(L, 6);
  } else {
    lua_pushnil(L);
  }
  return 1;
}
