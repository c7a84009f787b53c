/* lua_side.c - what Lua calls in the benchmark. */
#include "lua_side.h"

#include "bench.h"
#include "bind/buffer.h"
#include "bind/call.h"
#include "call.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

extern const peri_plugin perigee_plugin_v1_seed; /* plugin.c, linked in */

static lua_State *L;
static const struct pg_plugin *loaded;
static const peri_item *loaded_min;

/* As a plugin's: reached through a pointer. */
static min_fn *volatile min_pointer = own_min;

/* The quickest of several ways to refuse strings and take whole floats. */
static bool get_i32(lua_State *S, int index, int32_t *out)
{
  int good = lua_isinteger(S, index);
  lua_Integer value;
  if (good) {
    value = lua_tointegerx(S, index, NULL);
  } else {
    value = lua_tointegerx(S, index, &good);
    good = good && lua_type(S, index) == LUA_TNUMBER;
  }
  *out = (int32_t)value;
  return good && value == *out;
}

static int c_min(lua_State *S)
{
  int32_t a, b;
  if (lua_gettop(S) != 2 || !get_i32(S, 1, &a) || !get_i32(S, 2, &b)) {
    return luaL_error(S, "min: expected two integers");
  }
  lua_pushinteger(S, min_pointer(a, b));
  return 1;
}

static void must(int status)
{
  if (status != LUA_OK) {
    bench_die("lua", lua_tostring(L, -1));
  }
}

const peri_item *lua_side_min(bool linked)
{
  const peri_item *item = perigee_plugin_v1_seed.items;
  while (linked && strncmp(item->decl, "function min(", 13) != 0) {
    item++;
  }
  return linked ? item : loaded_min;
}

const struct pg_plugin *lua_side_plugin(void)
{
  return loaded;
}

void lua_side_open(const char *path)
{
  struct pg_error err;
  size_t count;
  if (pg_plugin_load(path, NULL, &loaded, &err) != PG_OK) {
    bench_die(path, err.text);
  }
  L = luaL_newstate();
  luaL_openlibs(L);
  lua_register(L, "c_min", c_min);
  lua_register(L, "buffer", pg_buffer_new);
  const char *const names[] = {"min_into", "min"};
  const struct pg_plugin_item *item = NULL;
  for (int i = 0; i < 2; i++) {
    item = pg_plugin_item(loaded, PERI_K_FUNCTION, names[i], &count);
    pg_bind_push_function(L, loaded, item, count);
    lua_setglobal(L, names[i]);
  }
  must(luaL_dostring(L, "buffers = {}\n"
                        "for _, n in ipairs { 1, 16, 256, 4096, 65536 } do\n"
                        "  local set = { buffer('i32', n), buffer('i32', n),\n"
                        "    buffer('i32', n) }\n"
                        "  for i = 1, n do\n"
                        "    set[1][i], set[2][i] = i * 7919 % 1000, i % 613\n"
                        "  end\n"
                        "  buffers[n] = set\n"
                        "end\n"));
  loaded_min = item->item;
}

void lua_side_close(void)
{
  lua_close(L);
}

/* The chunk of a statement: made once. */
static void push_chunk(const char *code)
{
  static const char frame[] =
    "local min, c_min, min_into = min, c_min, min_into\n"
    "return function(n, set)\n"
    "  local a, b, out = set[1], set[2], set[3]\n"
    "  %s\n"
    "end\n";
  char text[2000];
  lua_rawgetp(L, LUA_REGISTRYINDEX, code);
  if (!lua_isnil(L, -1)) {
    return;
  }
  lua_pop(L, 1);
  snprintf(text, sizeof text, frame, code);
  must(luaL_dostring(L, text));
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, code);
}

static void push_buffers(int n)
{
  lua_getglobal(L, "buffers");
  if (lua_rawgeti(L, -1, n) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  lua_remove(L, -2);
}

double lua_side_run(const char *code, int n)
{
  push_chunk(code);
  lua_pushinteger(L, n);
  push_buffers(n);
  double start = bench_now();
  must(lua_pcall(L, 2, 0, 0));
  return bench_now() - start;
}

void lua_side_buffers(int n, int32_t *elements[3])
{
  push_buffers(n);
  for (int i = 0; i < 3; i++) {
    lua_rawgeti(L, -1, i + 1);
    lua_getfield(L, -1, "address");
    lua_pushvalue(L, -2);
    must(lua_pcall(L, 1, 1, 0));
    elements[i] = (int32_t *)(uintptr_t)lua_tointeger(L, -1);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}
