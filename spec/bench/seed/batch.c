/* batch.c - one element of many: columns of 1 to 64 K. */
#include "call.h"

#include "bench.h"
#include "lua_side.h"

#include <stdio.h>

static const int sizes[] = {1, 16, 256, 4096, 65536};
#define SIZES 5

/* So many elements in one measurement. */
#define ELEMENTS 262144

struct columns {
  int n;
  int32_t *at[3]; /* a, b, out */
  peri_map_fn *linked, *loaded;
};

static double run_own(const void *arg)
{
  const struct columns *c = arg;
  double start = bench_now();
  for (int i = 0; i < ELEMENTS; i += c->n) {
    own_loop(c->at[0], c->at[1], c->at[2], c->n);
    __asm__ volatile("" ::: "memory");
  }
  return (bench_now() - start) / ELEMENTS;
}

static double run_map(const struct columns *c, peri_map_fn *map)
{
  peri_col columns[2] = {{.n = c->n, .data = c->at[0], .type = PERI_T_I32},
                         {.n = c->n, .data = c->at[1], .type = PERI_T_I32}};
  double start = bench_now();
  for (int i = 0; i < ELEMENTS; i += c->n) {
    map(NULL, c->n, columns, c->at[2], NULL);
    __asm__ volatile("" ::: "memory");
  }
  return (bench_now() - start) / ELEMENTS;
}

static double run_linked(const void *arg)
{
  const struct columns *c = arg;
  return run_map(c, c->linked);
}

static double run_loaded(const void *arg)
{
  const struct columns *c = arg;
  return run_map(c, c->loaded);
}

/* The statement runs for all elements of the buffers, so many times. */
static double run_buffers(const void *arg)
{
  static const char code[] =
    "for i = 1, 262144 // n do min_into(a, b, out) end";
  const struct columns *c = arg;
  return lua_side_run(code, c->n) / ELEMENTS;
}

static double run_elements(const void *arg)
{
  static const char code[] = "for _ = 1, 262144 // n do\n"
                             "  for i = 1, n do out[i] = min(a[i], b[i]) end\n"
                             "end";
  const struct columns *c = arg;
  return lua_side_run(code, c->n) / ELEMENTS;
}

static const char *const names[] = {
  "a loop linked in",
  "  the same again",
  "a plugin over columns, linked in",
  "a plugin over columns, loaded",
  "Lua calls a plugin with buffers",
  "Lua calls a plugin for each element",
};
#define NAMES 6

void batch_bench(int rounds)
{
  struct bench_row rows[SIZES][NAMES];
  const peri_item *linked = lua_side_min(true), *loaded = lua_side_min(false);
  for (int s = 0; s < SIZES; s++) {
    struct columns c = {.n = sizes[s],
                        .linked = (peri_map_fn *)linked->map,
                        .loaded = (peri_map_fn *)loaded->map};
    lua_side_buffers(c.n, c.at);
    double (*const runs[NAMES])(const void *) = {
      run_own, run_own, run_linked, run_loaded, run_buffers, run_elements};
    for (int i = 0; i < NAMES; i++) {
      rows[s][i] = (struct bench_row){names[i], runs[i], &c, 0, -1, NULL, 0, 0};
    }
    bench_run(rows[s], NAMES - 1, rounds);
    bench_run(&rows[s][NAMES - 1], 1, rounds < 5 ? rounds : 5); /* slow */
    rows[s][NAMES - 1].ratio = rows[s][NAMES - 1].ns / rows[s][0].ns;
  }
  printf("\n%-44s", "3. One element of so many (ns; ratio)");
  for (int s = 0; s < SIZES; s++) {
    printf(" %14d", sizes[s]);
  }
  printf("\n");
  for (int i = 0; i < NAMES; i++) {
    printf("%-44s", names[i]);
    for (int s = 0; s < SIZES; s++) {
      printf(" %8.3f %5.2f", rows[s][i].ns, rows[s][i].ratio);
    }
    printf("\n");
  }
}
