/* loop.c - ways over columns, each by itself. */
#include "loop.h"

#include "bench.h"
#include "call.h"
#include "data/build.h"
#include "flow/program.h"
#include "lua_side.h"

#include <stdio.h>
#include <string.h>

static void run_own(int32_t *const at[3], int rows, int times)
{
  for (int i = 0; i < times; i++) {
    own_loop(at[0], at[1], at[2], rows);
  }
}

static void run_plugin(int32_t *const at[3], int rows, int times)
{
  peri_map_fn *map = (peri_map_fn *)lua_side_min(false)->map;
  peri_col columns[2] = {{.n = rows, .data = at[0], .type = PERI_T_I32},
                         {.n = rows, .data = at[1], .type = PERI_T_I32}};
  for (int i = 0; i < times; i++) {
    map(NULL, rows, columns, at[2], NULL);
  }
}

/* --------------------------------------------------------------- by the host
 */

static struct pg_batch *make_batch(int32_t *const at[3], int rows)
{
  static const char *const names[] = {"a", "b"};
  struct pg_build build = {0};
  if (!pg_build_begin(&build, NULL, NULL)) {
    bench_die("batch", "no memory");
  }
  for (int i = 0; i < 2; i++) {
    int column = pg_build_column(&build, (peri_str){names[i], 1}, PERI_T_I32);
    void *values = pg_build_values(&build, column, rows, NULL);
    if (!values) {
      bench_die("batch", "no memory");
    }
    memcpy(values, at[i], (size_t)rows * sizeof(int32_t));
  }
  build.rows = rows;
  struct pg_batch *batch = pg_build_finish(&build);
  pg_build_fini(&build);
  return batch;
}

static struct pg_program *make_program(void)
{
  struct pg_error err;
  struct pg_program *program;
  const struct pg_plugin *plugin = lua_side_plugin();
  size_t count;
  struct pg_instruction code[3] = {
    {.op = PG_OP_COLUMN, .text = {"a", 1}},
    {.op = PG_OP_COLUMN, .text = {"b", 1}},
    {.op = PG_OP_CALL,
     .plugin = plugin,
     .native = pg_plugin_item(plugin, PERI_K_FUNCTION, "min", &count),
     .args = {0, 1},
     .arg_count = 2}};
  if (pg_program_new(code, 3, &program, &err) != PG_OK) {
    bench_die("program", err.text);
  }
  return program;
}

static void run_program(int32_t *const at[3], int rows, int times)
{
  struct pg_error err;
  struct pg_batch *batch = make_batch(at, rows);
  struct pg_program *program = make_program();
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  for (int i = 0; i < times; i++) {
    struct pg_column *column;
    if (pg_program_eval(program, scratch, batch, &column, &err) != PG_OK) {
      bench_die("program", err.text);
    }
    pg_column_unref(column);
  }
  pg_scratch_free(scratch);
  pg_program_unref(program);
  pg_batch_unref(batch);
}

/* ------------------------------------------------------------------- from Lua
 */

static void run_buffers(int32_t *const at[3], int rows, int times)
{
  (void)at;
  for (int i = 0; i < times; i += 100) {
    lua_side_run("for i = 1, 100 do min_into(a, b, out) end", rows);
  }
}

static void run_nothing(int32_t *const at[3], int rows, int times)
{
  (void)at;
  for (int i = 0; i < times; i += 100) {
    lua_side_run("for i = 1, 100 do end", rows);
  }
}

int loop_run(const char *kind, int rows, int times)
{
  static const struct {
    const char *name;
    void (*run)(int32_t *const at[3], int rows, int times);
  } kinds[] = {{"own", run_own},
               {"plugin", run_plugin},
               {"program", run_program},
               {"buffers", run_buffers},
               {"nothing", run_nothing}};
  int32_t *at[3];
  lua_side_buffers(rows, at);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].name, kind) == 0) {
      double start = bench_now();
      kinds[i].run(at, rows, times);
      printf("%.1f\n", (bench_now() - start) / times);
      return 0;
    }
  }
  bench_die(kind, "is no way over columns");
}
