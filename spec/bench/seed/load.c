/* load.c - loading: each sample is a process of its own, so that nothing is
 * loaded, cached or paged in but what a program that is running has.
 *
 * bare: dlopen, dlsym, three calls, and dlclose as the seed did.  host:
 * pg_plugin_load().  lua: core.load() from a Lua state that has loaded and run
 * code before.  The copies of plugins lie in a cache of the benchmark's own. */
#define _GNU_SOURCE /* mkdtemp */
#include "load.h"

#include "bench.h"
#include "bind/core.h"
#include "plain.h"
#include "plugin/plugin.h"

#include <dlfcn.h>
#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
  double load, find, call, close;
};

static volatile int32_t sink;

static void call_thrice(min_fn *fn)
{
  sink = fn(1, 2);
  sink = fn(-10, 10);
  sink = fn(2000, 2000);
}

/* --------------------------------------------------------------- bare, host */

static void *open_or_die(const char *path)
{
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    bench_die("dlopen", dlerror());
  }
  return library;
}

static min_fn *find_bare(void *library, const char *kind)
{
  if (strcmp(kind, "static") == 0) {
    min_fn **in_data = dlsym(library, "with_static");
    return in_data ? *in_data : NULL;
  }
  if (strcmp(kind, "extern") == 0) {
    return (min_fn *)dlsym(library, "with_extern");
  }
  const peri_plugin *plugin = dlsym(library, PERI_SYMBOL);
  const peri_item *item = plugin ? plugin->items : NULL;
  while (item && item < plugin->items_end &&
         strncmp(item->decl, "function min(", 13) != 0) {
    item++;
  }
  return item ? (min_fn *)item->fn : NULL;
}

static struct sample load_bare(const char *kind, const char *path)
{
  double start = bench_now();
  void *library = open_or_die(path);
  double loaded = bench_now();
  min_fn *fn = find_bare(library, kind);
  double found = bench_now();
  if (!fn) {
    bench_die(path, "its function is not there");
  }
  call_thrice(fn);
  double called = bench_now();
  dlclose(library);
  return (struct sample){loaded - start, found - loaded, called - found,
                         bench_now() - called};
}

static struct sample load_host(const char *path)
{
  struct pg_error err;
  const struct pg_plugin *plugin;
  size_t count;
  pg_plugin_load("/nosuch.so", NULL, &plugin, &err); /* as warm as Lua is */
  double start = bench_now();
  if (pg_plugin_load(path, NULL, &plugin, &err) != PG_OK) {
    bench_die(path, err.text);
  }
  double loaded = bench_now();
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_FUNCTION, "min", &count);
  min_fn *fn = (min_fn *)item->item->fn;
  double found = bench_now();
  call_thrice(fn);
  return (struct sample){loaded - start, found - loaded, bench_now() - found,
                         0};
}

/* ---------------------------------------------------------------------- Lua */

static const char code[] =
  "local core, now, path = ...\n"
  "local function run(path)\n"
  "  local start = now()\n"
  "  local plugin = assert(core.load(path))\n"
  "  local loaded = now()\n"
  "  local min = plugin:call 'min'\n"
  "  local found = now()\n"
  "  local a, b, c = min(1, 2), min(-10, 10), min(2000, 2000)\n"
  "  local called = now()\n"
  "  assert(a == 1 and b == -10 and c == 2000)\n"
  "  plugin, min = nil, nil\n"
  "  return loaded - start, found - loaded, called - found, now() - called\n"
  "end\n"
  "local function other(path) return core.describe(path) end\n"
  "for i = 1, 10 do now() assert(not other '/nosuch.so') end\n"
  "collectgarbage()\n"
  "return run(path)\n";

static int lua_now(lua_State *L)
{
  lua_pushnumber(L, bench_now());
  return 1;
}

static struct sample load_lua(const char *path)
{
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "perigee.core", pg_core_open, 0);
  int core = lua_gettop(L);
  if (luaL_loadbuffer(L, code, sizeof code - 1, "=load") != LUA_OK) {
    bench_die("lua", lua_tostring(L, -1));
  }
  lua_pushvalue(L, core);
  lua_pushcfunction(L, lua_now);
  lua_pushstring(L, path);
  if (lua_pcall(L, 3, 4, 0) != LUA_OK) {
    bench_die("lua", lua_tostring(L, -1));
  }
  struct sample sample = {lua_tonumber(L, -4), lua_tonumber(L, -3),
                          lua_tonumber(L, -2), lua_tonumber(L, -1)};
  lua_close(L);
  return sample;
}

int load_sample(const char *kind, const char *path)
{
  struct sample sample = strcmp(kind, "host") == 0  ? load_host(path)
                         : strcmp(kind, "lua") == 0 ? load_lua(path)
                                                    : load_bare(kind, path);
  printf("%.0f %.0f %.0f %.0f\n", sample.load, sample.find, sample.call,
         sample.close);
  return 0;
}

/* -------------------------------------------------------------- the samples */

static const struct {
  const char *what, *kind, *file;
  int control;
  bool first; /* with an empty cache: a copy is made */
  const char *published;
} ways[] = {
  {"C, in data (with_static)", "static", "plain.so", 1, false, NULL},
  {"C, a function (with_extern)", "extern", "plain.so", 1, false,
   "139,702 +-34,699 (a Rust dylib, both) [1]"},
  {"  the same again", "extern", "plain.so", 1, false, NULL},
  {"Rust cdylib, a function", "extern", "plain_cdylib.so", 1, false, NULL},
  {"Rust dylib, a function", "extern", "plain_dylib.so", 1, false, NULL},
  {"a plugin in C, by dlopen", "item", "seed.so", 5, false, NULL},
  {"  the same again", "item", "seed.so", 5, false, NULL},
  {"  checked and loaded, from C", "host", "seed.so", 5, false, NULL},
  {"  checked and loaded, from warm Lua", "lua", "seed.so", 5, false, NULL},
  {"  the first time ever: a copy is made", "lua", "seed.so", 5, true, NULL},
  {"a plugin in C++, by dlopen", "item", "seed_cxx.so", 10, false, NULL},
  {"  checked and loaded, from warm Lua", "lua", "seed_cxx.so", 10, false,
   NULL},
  {"a plugin in Rust, by dlopen", "item", "seed_rust.so", 12, false, NULL},
  {"  checked and loaded, from warm Lua", "lua", "seed_rust.so", 12, false,
   NULL},
  {"a small one in Rust, by dlopen", "item", "seed_rust_lto.so", 14, false,
   NULL},
  {"  checked and loaded, from warm Lua", "lua", "seed_rust_lto.so", 14, false,
   NULL},
};

#define WAYS (sizeof ways / sizeof *ways)

static bool take_sample(const char *self, const char *kind, const char *path,
                        struct sample *sample)
{
  char command[2 * PATH_MAX + 200];
  snprintf(command, sizeof command, "'%s' --load %s '%s'", self, kind, path);
  FILE *pipe = popen(command, "r");
  int read = pipe ? fscanf(pipe, "%lf %lf %lf %lf", &sample->load,
                           &sample->find, &sample->call, &sample->close)
                  : 0;
  return pipe && pclose(pipe) == 0 && read == 4;
}

/* The caches: one with the copies in it, one that is emptied each time. */
static char directory[] = "/tmp/perigee-bench-XXXXXX";

static void use_cache(bool first)
{
  char cache[60], command[200];
  snprintf(cache, sizeof cache, "%s/%s", directory, first ? "first" : "kept");
  snprintf(command, sizeof command, "rm -rf '%s' && mkdir '%s'", cache, cache);
  if ((first || access(cache, W_OK) != 0) && system(command) != 0) {
    bench_die(cache, "cannot be emptied");
  }
  setenv("XDG_CACHE_HOME", cache, 1);
}

static void remove_caches(void)
{
  char command[200];
  snprintf(command, sizeof command, "rm -rf '%s'", directory);
  if (system(command) != 0) {
    bench_die(directory, "stays");
  }
}

struct samples {
  int count; /* 0: the file was not built */
  double load[ROUNDS_MAX], find[ROUNDS_MAX], call[ROUNDS_MAX], all[ROUNDS_MAX],
    ratio[ROUNDS_MAX];
};

static void take_round(const char *self, const char *libraries, int round,
                       struct samples samples[WAYS])
{
  for (size_t i = 0; i < WAYS; i++) {
    struct sample sample;
    char path[PATH_MAX + 40];
    snprintf(path, sizeof path, "%s/%s", libraries, ways[i].file);
    if (access(path, R_OK) != 0) {
      continue;
    }
    use_cache(ways[i].first);
    if (!take_sample(self, ways[i].kind, path, &sample)) {
      bench_die(path, "a sample failed");
    }
    struct samples *to = &samples[i];
    to->load[round] = sample.load;
    to->find[round] = sample.find;
    to->call[round] = sample.call;
    /* The host never unmaps; neither does what it is compared with. */
    bool seed = ways[i].control == 1;
    to->all[round] =
      sample.load + sample.find + sample.call + (seed ? sample.close : 0);
    to->count = round + 1;
  }
  for (size_t i = 0; i < WAYS; i++) {
    samples[i].ratio[round] =
      samples[i].all[round] / samples[ways[i].control].all[round];
  }
}

static void print_row(size_t i, struct samples *samples)
{
  if (samples->count == 0) {
    printf("%-44s %10s\n", ways[i].what, "not built");
    return;
  }
  printf("%-44s %10s %9s %9s %10s %7.2f  %s\n", ways[i].what,
         bench_number(bench_median(samples->load, samples->count)),
         bench_number(bench_median(samples->find, samples->count)),
         bench_number(bench_median(samples->call, samples->count)),
         bench_number(bench_median(samples->all, samples->count)),
         bench_median(samples->ratio, samples->count),
         ways[i].published ? ways[i].published : "");
}

void load_bench(const char *self, const char *libraries, int rounds)
{
  static struct samples samples[WAYS], ignored[WAYS];
  if (!mkdtemp(directory)) {
    bench_die("mkdtemp", "no directory in /tmp");
  }
  take_round(self, libraries, 0, ignored); /* makes the copies */
  for (int round = 0; round < rounds; round++) {
    take_round(self, libraries, round, samples);
  }
  remove_caches();
  printf("%-44s %10s %9s %9s %10s %7s  %s\n",
         "1. Load and call, in fresh processes", "load ns", "find", "3 calls",
         "all", "ratio", "published");
  for (size_t i = 0; i < WAYS; i++) {
    print_row(i, &samples[i]);
  }
  printf("%-44s %10s %9s %9s %10s %7s  %s\n", "WebAssembly, compiled each time",
         "-", "-", "-", "-", "", "967,633 +-203,933 and 988,500 +-363,244 [2]");
}
