/* border_bench.c - what crossing from Lua to C costs, beside the cheapest
 * hand-written C functions with the same checks, in the same run.
 *
 *   border_bench SPEC_PLUGIN_DIRECTORY [ROUNDS]
 *   border_bench SPEC_PLUGIN_DIRECTORY --loop ROW TIMES
 *
 * The second runs one row, for callgrind: what TIMES and twice as many differ by
 * is instructions without what comes before them.
 *
 * Built against the layers of a Release build in BUILD:
 *   cc -O3 -Ihost -Inative/include $(pkg-config --cflags lua5.4) \
 *     spec/bench/border_bench.c -o border_bench BUILD/host/libpg_bind.a \
 *     BUILD/host/libpg_flow.a BUILD/host/libpg_plugin.a \
 *     BUILD/host/libpg_data.a BUILD/host/libpg_base.a \
 *     $(pkg-config --variable=libdir lua5.4)/liblua5.4.a -ldl -lm -lpthread
 *
 * Figures are nanoseconds of one operation without its loop: the median over
 * the rounds, each of which runs all of them in turn.  "again" is the control a
 * second time: how far it is from 1.00 is what the others may be off by. */
#include "bind/buffer.h"
#include "bind/call.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPS 1000000
#define ROUNDS_MAX 99

/* --------------------------------------------------------------------- controls */

static int32_t min_of(int32_t a, int32_t b)
{
  return a < b ? a : b;
}

/* May fail, as a method may. */
static int64_t add_to(int32_t *failed, lua_Integer *sum, int64_t by)
{
  (void)failed;
  return *sum += by;
}

/* As a plugin's: reached through a pointer. */
static int32_t (*volatile min_pointer)(int32_t, int32_t) = min_of;
static int64_t (*volatile add_pointer)(int32_t *, lua_Integer *,
                                       int64_t) = add_to;

/* The quickest of several ways to refuse strings and take whole floats. */
static bool get_i64(lua_State *L, int index, int64_t *out)
{
  int good = lua_isinteger(L, index);
  if (good) {
    *out = lua_tointegerx(L, index, NULL);
    return true;
  }
  *out = lua_tointegerx(L, index, &good);
  return good && lua_type(L, index) == LUA_TNUMBER;
}

static bool get_i32(lua_State *L, int index, int32_t *out)
{
  int64_t value;
  bool good = get_i64(L, index, &value);
  *out = (int32_t)value;
  return good && value == *out;
}

static int refuse(lua_State *L, int index, const char *name, const char *type)
{
  if (lua_isnone(L, index)) {
    return luaL_error(L, "parameter '%s' is missing: expected %s", name, type);
  }
  return luaL_error(L, "parameter '%s': expected %s, got %s", name, type,
                    luaL_tolstring(L, index, NULL));
}

static int control_min(lua_State *L)
{
  int32_t a, b;
  if (lua_gettop(L) > 2) {
    return luaL_error(L, "min: expected 2 parameters, got %d", lua_gettop(L));
  }
  if (!get_i32(L, 1, &a)) {
    return refuse(L, 1, "a", "i32 (-2147483648 to 2147483647)");
  }
  if (!get_i32(L, 2, &b)) {
    return refuse(L, 2, "b", "i32 (-2147483648 to 2147483647)");
  }
  lua_pushinteger(L, min_pointer(a, b));
  return 1;
}

/* touserdata, rawlen and a magic word: the cheapest check that is safe. */
static const char magic;
struct array {
  const void *magic;
  bool is_released;
  int32_t failed; /* of the last call */
  lua_Integer count;
  double at[1000];
};

static struct array *to_array(lua_State *L)
{
  struct array *array = lua_touserdata(L, 1);
  bool good = array && lua_rawlen(L, 1) >= sizeof *array &&
              array->magic == &magic;
  return good ? array : NULL;
}

static int control_get(lua_State *L)
{
  int good;
  const struct array *array = to_array(L);
  lua_Integer i = lua_tointegerx(L, 2, &good);
  if (!array || !good || (lua_Unsigned)i - 1 >= (lua_Unsigned)array->count) {
    return luaL_error(L, "no such element");
  }
  lua_pushnumber(L, array->at[i - 1]);
  return 1;
}

static int control_set(lua_State *L)
{
  int good;
  struct array *array = to_array(L);
  lua_Integer i = lua_tointegerx(L, 2, &good);
  if (!array || !good || (lua_Unsigned)i - 1 >= (lua_Unsigned)array->count ||
      lua_type(L, 3) != LUA_TNUMBER) {
    return luaL_error(L, "no such element, or no number");
  }
  array->at[i - 1] = lua_tonumberx(L, 3, NULL);
  return 0;
}

static int control_add(lua_State *L)
{
  int64_t by;
  struct array *array = to_array(L);
  if (!array || array->is_released) {
    return luaL_error(L, "no array, or a released one");
  }
  if (lua_gettop(L) > 2) {
    return luaL_error(L, "add: expected 1 parameter, got %d", lua_gettop(L));
  }
  if (!get_i64(L, 2, &by)) {
    return refuse(L, 2, "by", "i64 (an integer)");
  }
  int64_t sum = add_pointer(&array->failed, &array->count, by);
  if (array->failed) {
    return luaL_error(L, "add: failed");
  }
  lua_pushinteger(L, sum);
  return 1;
}

static int new_array(lua_State *L)
{
  struct array *array = lua_newuserdatauv(L, sizeof *array, 0);
  *array = (struct array){.magic = &magic, .count = 1000};
  lua_newtable(L);
  lua_pushcfunction(L, control_get);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, control_set);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  return 1;
}

/* ------------------------------------------------------------------ what is timed */

/* `base` is the loop without the operation, `control` what it is compared with:
 * rows of this table. */
static const struct {
  const char *what, *code;
  int base, control;
} rows[] = {
  {"a loop of calls", "for i = 1, n do local x = i end", 0, 0},
  {"min, by hand", "for i = 1, n do local x = c_min(i, 7) end", 0, 1},
  {"min, again", "for i = 1, n do local x = c_min(i, 7) end", 0, 1},
  {"min(i32, i32)", "for i = 1, n do local x = min(i, 7) end", 0, 1},
  {"opt_i32, by its caller", "for i = 1, n do local x = opt(i) end", 0, 1},
  {"max, of 3 overloads", "for i = 1, n do local x = max(i, 7) end", 0, 1},
  {"a loop of elements", "for i = 1, n do local x = (i & 511) + 1 end", 6, 6},
  {"array[i], by hand", "for i = 1, n do local x = array[(i & 511) + 1] end", 6,
   7},
  {"array[i], again", "for i = 1, n do local x = array[(i & 511) + 1] end", 6,
   7},
  {"buffer[i], f64", "for i = 1, n do local x = f64[(i & 511) + 1] end", 6, 7},
  {"buffer[i], i32", "for i = 1, n do local x = i32[(i & 511) + 1] end", 6, 7},
  {"buffer[i], a slice", "for i = 1, n do local x = slice[(i & 511) + 1] end",
   6, 7},
  {"array[i] = v, by hand", "for i = 1, n do array[(i & 511) + 1] = 1.5 end",
   6, 12},
  {"buffer[i] = v, f64", "for i = 1, n do f64[(i & 511) + 1] = 1.5 end", 6, 12},
  {"buffer[i] = v, i32", "for i = 1, n do i32[(i & 511) + 1] = 3 end", 6, 12},
  {"method, by hand", "for i = 1, n do local x = c_add(array, 0) end", 0, 15},
  {"add(object, i64)", "for i = 1, n do local x = add(object, 0) end", 0, 15},
};

#define ROWS (sizeof rows / sizeof *rows)

static const char prelude[] =
  "local n, c_min, c_add, array, plugin, f64, i32, slice, object = ...\n"
  "local min, max, opt = plugin.min, plugin.max, plugin.echo_opt_i32\n"
  "local add = object.add\n"
  "return function() %s end";

static void die(lua_State *L)
{
  fprintf(stderr, "border_bench: %s\n", lua_tostring(L, -1));
  exit(1);
}

/* Pushes a table with a plugin's functions and constructors. */
static void push_plugin(lua_State *L, const char *directory, const char *name)
{
  char path[4096];
  struct pg_error err;
  const struct pg_plugin *plugin;
  snprintf(path, sizeof path, "%s/%s.so", directory, name);
  if (pg_plugin_load(path, NULL, &plugin, &err) != PG_OK) {
    lua_pushstring(L, err.text);
    die(L);
  }
  lua_newtable(L);
  for (size_t i = 0; i < plugin->item_count; i++) {
    const struct pg_plugin_item *item = &plugin->items[i];
    size_t count;
    if (item->decl->kind == PERI_K_FUNCTION) {
      item = pg_plugin_item(plugin, PERI_K_FUNCTION, item->decl->name, &count);
      pg_bind_push_function(L, plugin, item, count);
      lua_setfield(L, -2, item->decl->name);
    } else if (item->decl->kind == PERI_K_CLASS) {
      pg_bind_push_class(L, plugin, item);
      lua_setfield(L, -2, item->decl->name);
    }
  }
}

static void push_code(lua_State *L, const char *code, lua_Integer times)
{
  char text[1000];
  snprintf(text, sizeof text, prelude, code);
  if (luaL_loadstring(L, text) != LUA_OK) {
    die(L);
  }
  lua_pushinteger(L, times);
  lua_getglobal(L, "c_min");
  lua_getglobal(L, "c_add");
  lua_getglobal(L, "array");
  lua_getglobal(L, "plugin");
  lua_getglobal(L, "f64");
  lua_getglobal(L, "i32");
  lua_getglobal(L, "slice");
  lua_getglobal(L, "object");
  if (lua_pcall(L, 9, 1, 0) != LUA_OK) {
    die(L);
  }
}

static void set_up(lua_State *L, const char *directory, lua_Integer times)
{
  luaL_openlibs(L);
  lua_register(L, "c_min", control_min);
  lua_register(L, "c_add", control_add);
  new_array(L);
  lua_setglobal(L, "array");
  lua_register(L, "buffer", pg_buffer_new);
  push_plugin(L, directory, "types_all");
  lua_setglobal(L, "plugin");
  push_plugin(L, directory, "types_class");
  lua_setglobal(L, "classes");
  if (luaL_dostring(L, "f64, i32 = buffer('f64', 1000), buffer('i32', 1000)\n"
                       "slice = buffer('f64', 2000):slice(1, 2000, 2)\n"
                       "object = classes.counter(1)") != LUA_OK) {
    die(L);
  }
  for (size_t i = 0; i < ROWS; i++) {
    push_code(L, rows[i].code, times);
    lua_rawseti(L, LUA_REGISTRYINDEX, (lua_Integer)(1000 + i));
  }
}

static double now_ns(void)
{
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Not inlined: callgrind finds it by its name. */
__attribute__((noinline)) static double run_row(lua_State *L, size_t row)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, (lua_Integer)(1000 + row));
  double start = now_ns();
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    die(L);
  }
  return (now_ns() - start) / OPS;
}

static int run_one(lua_State *L, const char *directory, const char *what,
                   int times)
{
  set_up(L, directory, times);
  for (size_t i = 0; i < ROWS; i++) {
    if (strcmp(rows[i].what, what) == 0) {
      run_row(L, i);
      return 0;
    }
  }
  fprintf(stderr, "border_bench: no row '%s'\n", what);
  return 2;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
  static double times[ROWS][ROUNDS_MAX];
  double median[ROWS];
  int rounds = argc > 2 ? atoi(argv[2]) : 31;
  lua_State *L = luaL_newstate();
  if (argc == 5 && strcmp(argv[2], "--loop") == 0) {
    return run_one(L, argv[1], argv[3], atoi(argv[4]));
  }
  if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: border_bench SPEC_PLUGIN_DIRECTORY [ROUNDS]\n");
    return 2;
  }
  set_up(L, argv[1], OPS);
  for (int round = 0; round < rounds; round++) {
    for (size_t i = 0; i < ROWS; i++) {
      times[i][round] = run_row(L, i);
    }
  }
  for (size_t i = 0; i < ROWS; i++) {
    qsort(times[i], (size_t)rounds, sizeof(double), by_size);
    median[i] = times[i][rounds / 2];
  }
  printf("%-24s %8s %8s\n", "", "ns", "ratio");
  for (size_t i = 0; i < ROWS; i++) {
    double own = median[i] - median[rows[i].base];
    double control = median[rows[i].control] - median[rows[i].base];
    bool is_loop = rows[i].base == (int)i;
    printf("%-24s %8.1f %8.2f\n", rows[i].what, is_loop ? median[i] : own,
           is_loop ? 0.0 : own / control);
  }
  lua_close(L);
  return 0;
}
