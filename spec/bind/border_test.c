/* border_test.c - calls, buffers and objects while memory is short: whatever
 * fails, for the host, for the plugin or for Lua, ends in an error of Lua and
 * leaves nothing behind, and no object is destroyed twice or never. */
#include "base/block.h"
#include "bind/buffer.h"
#include "bind/call.h"
#include "bind/short_lua.h"
#include "check/check.h"
#include "check/no_memory.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

static const char script[] =
  "local t, c, o, buffer = ...\n"
  "local function person(name) return { name = name, here = true, rank = 3,\n"
  "  at = { x = 1, y = 2 }, path = { { x = 1, y = 1 } }, tags = { 'a', 'b' },\n"
  "  initial = 'x', age = 4 } end\n"
  "local list = t.echo_list_person { person 'Ann', person(('n'):rep(50)) }\n"
  "assert(#list == 2 and list[2].tags[2] == 'b')\n"
  "assert(t.min(1, 2) == 1 and t.max('a', 'bc') == 'bc' and t.scale(2) == 20)\n"
  "assert(#t['repeat']('abc', 3000) == 9000)\n"
  "assert(t.echo_list_shape { { dot = true }, { round = { r = 1 } } }[1].dot)\n"
  "assert(t.echo_list_pair { a = 'b' }.a == 'b')\n"
  "assert(not pcall(t.invert, 0) and not pcall(t.min, 1) and\n"
  "  not pcall(t.max, 1) and not pcall(t.echo_person, { nam = 1 }))\n"
  "local b = assert(buffer('i64', { 1, 2, 3, 4 }))\n"
  "assert(t.pieces(b, 2)[2][2] == 4 and #b:slice(2, 4, 2):bytes() == 16)\n"
  "local f = assert(buffer('f64', 100)):fill(2)\n"
  "assert(t.scale_buf(f, 2) == 100 and t.sum(f:copy()) == 400)\n"
  "assert(f:map(function(v) return v + 1 end):totable()[100] == 5)\n"
  "assert(#f:column('name') == 100 and #tostring(f) > 5)\n"
  "f:release()\n"
  "do local n <close> = c.counter(5)\n"
  "  assert(n:add(3) == 8 and n.n == 8 and n.last == 3) end\n"
  "do local a <close> = o.spot(1, 2)\n"
  "  local b <close> = o.between(a, o.spot(3, 4))\n"
  "  assert(b.x == 2 and o.far(a, { x = 1 }, b) == 4)\n"
  "  local n <close> = o.note('b', o.write('a'))\n"
  "  assert(n.text == 'ab' and b:say('x').text == 'x!')\n"
  "  assert(not pcall(o.between, a, a)) end\n"
  "assert(not pcall(c.counter, -1))\n"
  "local tape = c.tape(('l'):rep(50))\n"
  "assert(tape:push(b:map(function(v) return v end) and { 1, 2, 3 }) == 3)\n"
  "assert(#tape:pairs() == 1 and #tape.label == 50 and tape[3] == 3)\n"
  "tape[1] = 5\n"
  "tape:release()\n"
  "c.counter(1)\n"; /* left to the collector */

static const struct pg_plugin *plugins[3];

/* Pushes a table of all that the plugin has to call. */
static void push_plugin(lua_State *L, const struct pg_plugin *plugin)
{
  lua_newtable(L);
  for (size_t i = 0; i < plugin->item_count; i++) {
    const struct pg_plugin_item *item = &plugin->items[i];
    const char *name = item->decl->name;
    size_t count;
    if (item->decl->kind == PERI_K_FUNCTION) {
      item = pg_plugin_item(plugin, PERI_K_FUNCTION, name, &count);
      pg_bind_push_function(L, plugin, item, count);
    } else if (item->decl->kind == PERI_K_CLASS) {
      pg_bind_push_class(L, plugin, item);
    } else {
      continue;
    }
    lua_setfield(L, -2, name);
  }
}

/* -> the functions that the script needs */
static int open_all(lua_State *L)
{
  luaL_requiref(L, "_G", luaopen_base, 1);
  luaL_requiref(L, "string", luaopen_string, 1);
  if (luaL_loadbuffer(L, script, sizeof script - 1, "=script") != LUA_OK) {
    return lua_error(L);
  }
  push_plugin(L, plugins[0]);
  push_plugin(L, plugins[1]);
  push_plugin(L, plugins[2]);
  lua_pushcfunction(L, pg_buffer_new);
  return 5;
}

static lua_Integer count_of(lua_State *L, const struct pg_plugin *plugin)
{
  size_t count;
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_FUNCTION, "live_objects", &count);
  pg_bind_push_function(L, plugin, item, count);
  lua_call(L, 0, 1);
  return lua_tointeger(L, -1);
}

static int count_objects(lua_State *L)
{
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
  lua_pushinteger(L, count_of(L, plugins[1]) + count_of(L, plugins[2]));
  return 1;
}

/* How many objects are not destroyed, by what the plugin counts.  The
 * allocation that is to fail may be one of these; only one does. */
static long live_objects(lua_State *L)
{
  int status = LUA_ERRERR;
  for (int i = 0; i < 2 && status != LUA_OK; i++) {
    lua_settop(L, 0);
    lua_pushcfunction(L, count_objects);
    status = lua_pcall(L, 0, 1, 0);
  }
  CHECK(status == LUA_OK, "%s", lua_tostring(L, -1));
  return (long)lua_tointeger(L, -1);
}

static bool is_short_of_memory(lua_State *L)
{
  const char *text = lua_tostring(L, -1);
  return text && (strstr(text, "memory") || strstr(text, "no room"));
}

/* ---------------------------------------------------------- the host is short
 */

static bool host_job(void)
{
  lua_State *L = luaL_newstate();
  if (!L) {
    return false;
  }
  lua_pushcfunction(L, open_all);
  bool done = lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK &&
              lua_pcall(L, 4, 0, 0) == LUA_OK;
  if (!done) {
    CHECK(no_memory_failed() && is_short_of_memory(L), "%s",
          lua_tostring(L, -1));
  }
  CHECK(live_objects(L) == 0, "%ld objects left", live_objects(L));
  lua_close(L);
  return done;
}

/* --------------------------------------------------------------- Lua is short
 */

/* Answers whether allocation n failed. */
static bool lua_job(long n)
{
  bool failed;
  lua_State *L = short_lua_open();
  lua_pushcfunction(L, open_all);
  CHECK(lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK, "%s", lua_tostring(L, -1));
  bool done = short_lua_call(L, 4, n, &failed);
  CHECK(done || failed, "%s", lua_tostring(L, -1));
  CHECK(live_objects(L) == 0, "%ld objects left when allocation %ld fails",
        live_objects(L), n);
  lua_close(L);
  return failed;
}

static void lua_is_short(void)
{
  long n = short_lua_each(lua_job);
  CHECK(n > 100, "only %ld allocations", n);
}

static void load(int i, const char *path)
{
  struct pg_error err;
  CHECK(pg_plugin_load(path, NULL, &plugins[i], &err) == PG_OK, "%s", err.text);
  lua_State *L = luaL_newstate(); /* what stays for ever is made here */
  push_plugin(L, plugins[i]);
  lua_close(L);
}

int main(void)
{
  load(0, PERIGEE_SPEC_PLUGINS "/types_all.so");
  load(1, PERIGEE_SPEC_PLUGINS "/types_class.so");
  load(2, PERIGEE_SPEC_PLUGINS "/types_object.so");
  no_memory_each(host_job, pg_block_trim);
  lua_is_short();
  return 0;
}
