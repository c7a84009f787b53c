/* call.c - one call: inlined, linked, through a pointer, through a plugin, and
 * from Lua. */
#include "call.h"

#include "bench.h"
#include "lua_side.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>

#define CALLS 2000000
#define LUA_CALLS 500000

static min_fn *volatile plain_extern, *volatile linked_fn, *volatile loaded_fn;
static min_fn *const volatile *plain_static;

/* ----------------------------------------------------------------- from C */

/* Calls of a chain: each needs the result of the one before it. */
#define TIMED(EXPRESSION)                                                      \
  (void)arg;                                                                   \
  int32_t x = 1;                                                               \
  double start = bench_now();                                                  \
  for (int32_t i = 0; i < CALLS; i++) {                                        \
    __asm__ volatile("" : "+r"(x));                                            \
    x = EXPRESSION;                                                            \
  }                                                                            \
  __asm__ volatile("" : "+r"(x));                                              \
  return (bench_now() - start) / CALLS

static double run_inlined(const void *arg)
{
  TIMED(x < i ? x : i);
}

static double run_linked(const void *arg)
{
  TIMED(own_min(x, i));
}

static double run_extern(const void *arg)
{
  TIMED(plain_extern(x, i));
}

static double run_static(const void *arg)
{
  TIMED((*plain_static)(x, i));
}

static double run_plugin_linked(const void *arg)
{
  TIMED(linked_fn(x, i));
}

static double run_plugin_loaded(const void *arg)
{
  TIMED(loaded_fn(x, i));
}

static int32_t by_slots(peri_call_fn *call, int32_t a, int32_t b)
{
  peri_slot args[2] = {{.i32 = a}, {.i32 = b}}, result;
  call(NULL, args, &result);
  return result.i32;
}

static double run_plugin_slots(const void *arg)
{
  peri_call_fn *call = (peri_call_fn *)lua_side_min(false)->call;
  TIMED(by_slots(call, x, i));
}

/* --------------------------------------------------------------- from Lua */

static double run_lua(const void *code)
{
  return lua_side_run(code, LUA_CALLS) / LUA_CALLS;
}

void call_open(const char *directory)
{
  char path[PATH_MAX + 40];
  snprintf(path, sizeof path, "%s/plain.so", directory);
  void *plain = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!plain) {
    bench_die(path, dlerror());
  }
  plain_extern = (min_fn *)dlsym(plain, "with_extern");
  plain_static = dlsym(plain, "with_static");
  snprintf(path, sizeof path, "%s/seed.so", directory);
  lua_side_open(path);
  loaded_fn = (min_fn *)lua_side_min(false)->fn;
  linked_fn = (min_fn *)lua_side_min(true)->fn;
}

void call_close(void)
{
  lua_side_close();
}

void call_bench(int rounds)
{
  static const char loop[] = "for i = 1, n do local x = i end",
                    by_hand[] = "for i = 1, n do local x = c_min(i, 7) end",
                    plugin[] = "for i = 1, n do local x = min(i, 7) end",
                    in_lua[] = "for i = 1, n do local x = i < 7 and i or 7 end";
  struct bench_row rows[] = {
    {"inlined", run_inlined, NULL, 1, -1, "0.82 (\"native runtime\") [3]", 0,
     0},
    {"linked, not inlined", run_linked, NULL, 1, -1, NULL, 0, 0},
    {"  the same again", run_linked, NULL, 1, -1, NULL, 0, 0},
    {"loaded, a function (with_extern)", run_extern, NULL, 1, -1,
     "1.89 (dynamic), 3.2 (abi_stable)", 0, 0},
    {"loaded, in data (with_static)", run_static, NULL, 1, -1, NULL, 0, 0},
    {"a plugin, linked in (PERI_STATIC)", run_plugin_linked, NULL, 1, -1, NULL,
     0, 0},
    {"a plugin, loaded", run_plugin_loaded, NULL, 1, -1, NULL, 0, 0},
    {"a plugin, loaded, by slots", run_plugin_slots, NULL, 1, -1, NULL, 0, 0},
    {"Lua: the loop alone", run_lua, loop, -1, -1, NULL, 0, 0},
    {"Lua: a C function by hand, the same checks", run_lua, by_hand, 9, 8, NULL,
     0, 0},
    {"  the same again", run_lua, by_hand, 9, 8, NULL, 0, 0},
    {"Lua: the plugin's function", run_lua, plugin, 9, 8, NULL, 0, 0},
    {"Lua: an expression in Lua", run_lua, in_lua, 9, 8, NULL, 0, 0},
  };
  bench_run(rows, sizeof rows / sizeof *rows, rounds);
  bench_print("2. One call (from Lua: without its loop)", "ns", rows,
              sizeof rows / sizeof *rows);
}
