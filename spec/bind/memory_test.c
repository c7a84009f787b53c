/* memory_test.c - the Lua interface while memory is short: whatever fails, for
 * the host or for Lua, ends in an error of Lua and leaves nothing behind. */
#include "base/block.h"
#include "bind/core.h"
#include "bind/short_lua.h"
#include "check/check.h"
#include "check/no_memory.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

static const char script[] =
  "local core = ...\n"
  "local long = ('a text '):rep(4)\n"
  "local b = core.batch_of_rows { { a = 1, s = 'x' }, { a = 2.5, s = long },\n"
  "  { t = true, [('n'):rep(50)] = long } }\n"
  "local w = b:with { c = { 1, 2, 3 }, k = long, d = b.a:map(function(v)\n"
  "  return v and v * 2 end) }\n"
  "assert(#w:slice(2, 3):totable() == 2 and w:pick({ 3, 1 }).k[1] == long)\n"
  "assert(#w:names() == 7 and #tostring(w) > 20 and #w.s:slice(2, 2):totable() "
  "== 1)\n"
  "for _, column in pairs(w) do for _ in pairs(column) do end end\n"
  "local typed = core.batch { { name = 'v', type = 'u8', values = { 1, 2 },\n"
  "  n = 2 } }\n"
  "assert(typed.v[2] == 2)\n"
  "local program = assert(core.program { code = { { 'column', 's' },\n"
  "  { 'truth', 1 } } })\n"
  "local left, seen = 3, 0\n"
  "local result = assert(core.run({ nodes = {\n"
  "  { kind = 'lua_source', label = 'source', at = 'here:1', out = { 2 },\n"
  "    columns = { { name = 's', type = 'str' } }, close = function() end,\n"
  "    poll = function() left = left - 1\n"
  "      return left == 2 and w:slice(1) or left == 1 and w:totable() or nil\n"
  "    end },\n"
  "  { kind = 'each', label = 'each', at = 'here:2', out = { 3 },\n"
  "    fn = function(e) if e.a == 1 then error(long) end\n"
  "      e.new, e.s, e.c = e.a, long .. e.k, e.c and e.c + 0.5\n"
  "      if e.t then e.k = tostring(e) end e.missed = e.never end },\n"
  "  { kind = 'batches', label = 'batches', at = 'here:3', out = { 4 },\n"
  "    fn = function(x) return x:with { more = x.s } end },\n"
  "  { kind = 'where', label = 'where', at = 'here:4', out = { 5 },\n"
  "    compile = function() return program end },\n"
  "  { kind = 'lua_sink', label = 'sink', at = 'here:5', out = {},\n"
  "    open = function() end,\n"
  "    close = function() end, write = function(x) seen = seen + #x end },\n"
  "} }, { workers = 1, batch_rows = 2 }))\n"
  "assert(result.rejects == 2 and #result.missed == 1 and seen == 4)\n";

/* Takes the module core; runs the script. */
static int run_script(lua_State *L)
{
  if (luaL_loadbuffer(L, script, sizeof script - 1, "=script") != LUA_OK) {
    return lua_error(L);
  }
  lua_insert(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

static int open_core(lua_State *L)
{
  luaL_requiref(L, "_G", luaopen_base, 1);
  luaL_requiref(L, "string", luaopen_string, 1);
  luaL_requiref(L, "perigee.core", pg_core_open, 0);
  return 1;
}

/* --------------------------------------------------------- the host is short
 */

static bool host_job(void)
{
  lua_State *L = luaL_newstate();
  if (!L) {
    return false;
  }
  lua_pushcfunction(L, open_core);
  bool done = lua_pcall(L, 0, 1, 0) == LUA_OK;
  if (done) {
    lua_pushcfunction(L, run_script);
    lua_insert(L, -2);
    done = lua_pcall(L, 1, 0, 0) == LUA_OK;
  }
  if (!done && !no_memory_failed()) {
    CHECK(false, "%s", lua_tostring(L, -1));
  }
  lua_close(L);
  return done;
}

/* ------------------------------------------------------------- Lua is short */

/* Answers whether allocation n failed. */
static bool lua_job(long n)
{
  bool failed;
  lua_State *L = short_lua_open();
  lua_pushcfunction(L, open_core);
  CHECK(lua_pcall(L, 0, 1, 0) == LUA_OK, "%s", lua_tostring(L, -1));
  lua_pushcfunction(L, run_script);
  lua_insert(L, -2);
  bool done = short_lua_call(L, 1, n, &failed);
  const char *why = done ? NULL : lua_tostring(L, -1);
  CHECK(done || (failed && strstr(why, "memory")), "allocation %ld: %s", n,
        why); /* not a row that was left out, and a run that went on */
  lua_close(L);
  return failed;
}

static void lua_is_short(void)
{
  long n = short_lua_each(lua_job);
  CHECK(n > 200, "only %ld allocations", n);
}

int main(void)
{
  no_memory_each(host_job, pg_block_trim);
  lua_is_short();
  return 0;
}
