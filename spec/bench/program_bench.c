/* program_bench.c - expressions against loops written by hand.
 *
 *   program_bench OPS.so
 *
 * Prints million rows a second over one batch of 64 K rows that stays in the
 * cache, best of many runs; expression and loop alternate. */
#include "base/clock.h"
#include "columns.h"
#include "flow/program_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 65536
#define RUNS 300

struct data {
  struct pg_batch *batch;
  const int64_t *status, *bytes, *size;
  const uint8_t *size_valid; /* some are null */
  const double *time;
  const peri_view *method, *path;
  const char *const *method_bases, *const *path_bases;
};

static uint32_t rows_out[ROWS];
static int64_t i64_out[ROWS];
static double f64_out[ROWS];

static void fill(struct data *data)
{
  static const char *const methods[] = {"GET",  "GET",  "GET",
                                        "POST", "HEAD", "DELETE"};
  struct pg_build build = {0};
  if (!pg_build_begin(&build, NULL, NULL)) {
    abort();
  }
  int64_t *status = column(&build, "status", PERI_T_I64, ROWS);
  int64_t *bytes = column(&build, "bytes", PERI_T_I64, ROWS);
  double *time = column(&build, "time", PERI_T_F64, ROWS);
  uint8_t *valid;
  int64_t *size = pg_build_values(
    &build, pg_build_column(&build, (peri_str){"size", 4}, PERI_T_I64), ROWS,
    &valid);
  peri_view *method = column(&build, "method", PERI_T_STR, ROWS);
  peri_view *path = column(&build, "path", PERI_T_STR, ROWS);
  for (int i = 0; i < ROWS; i++) {
    const char *name = methods[next() % 6];
    char text[80];
    snprintf(text, sizeof text, "/%s/v1/users/%u/items",
             next() % 4 ? "assets" : "api", (unsigned)(next() % 100000));
    status[i] = next() % 20 ? 200 + (int64_t)(next() % 2) * 4 : 500;
    bytes[i] = (int64_t)(next() % 100000);
    size[i] = (int64_t)(next() % 100000);
    valid[i] = next() % 8 != 0;
    time[i] = (double)(next() % 1000) / 1000;
    pg_build_text(&build, method, i, (peri_str){name, strlen(name)});
    pg_build_text(&build, path, i, (peri_str){text, strlen(text)});
  }
  build.rows = ROWS;
  data->batch = pg_build_finish(&build);
  pg_build_fini(&build);
  struct pg_column *const *columns = data->batch->columns;
  data->status = pg_column_value(columns[0], 0);
  data->bytes = pg_column_value(columns[1], 0);
  data->time = pg_column_value(columns[2], 0);
  data->size = pg_column_value(columns[3], 0);
  data->size_valid = (const uint8_t *)columns[3]->valid->bytes;
  data->method = pg_column_value(columns[4], 0);
  data->path = pg_column_value(columns[5], 0);
  data->method_bases = columns[4]->heap->bases;
  data->path_bases = columns[5]->heap->bases;
}

/* ---------------------------------------------------------------- the loops */

static bool is(const peri_view *view, const char *const *bases,
               const char *text, size_t len)
{
  if ((size_t)view->len != len) {
    return false;
  }
  const char *at =
    len <= 12 ? view->u.in : bases[view->u.ref.buffer] + view->u.ref.offset;
  return memcmp(at, text, len) == 0;
}

static const char *text_of(const peri_view *view, const char *const *bases)
{
  return view->len <= 12 ? view->u.in
                         : bases[view->u.ref.buffer] + view->u.ref.offset;
}

static int64_t loop_number(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += d->status[i] >= 500;
  }
  return n;
}

static int64_t loop_two_numbers(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += (d->status[i] >= 500) & (d->bytes[i] < 50000);
  }
  return n;
}

static int64_t loop_nulls(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += (d->size[i] >= 99000) & d->size_valid[i >> 3] >> (i & 7);
  }
  return n;
}

static int64_t loop_text(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += is(&d->method[i], d->method_bases, "GET", 3);
  }
  return n;
}

static int64_t loop_both(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += d->status[i] >= 500 && !is(&d->method[i], d->method_bases, "GET", 3);
  }
  return n;
}

static int64_t loop_prefix(const struct data *d)
{
  int64_t n = 0;
  for (int64_t i = 0; i < ROWS; i++) {
    rows_out[n] = (uint32_t)i;
    n += d->path[i].len >= 5 &&
         memcmp(text_of(&d->path[i], d->path_bases), "/api/", 5) == 0;
  }
  return n;
}

static int64_t loop_integers(const struct data *d)
{
  for (int64_t i = 0; i < ROWS; i++) {
    i64_out[i] = d->bytes[i] * 8 + d->status[i];
  }
  return i64_out[ROWS - 1];
}

static int64_t loop_floats(const struct data *d)
{
  for (int64_t i = 0; i < ROWS; i++) {
    f64_out[i] = (double)d->bytes[i] / (d->time[i] + 0.001) * 8.0;
  }
  return (int64_t)f64_out[ROWS - 1];
}

/* ------------------------------------------------------------- the programs */

static void at_least(struct make *m, const char *column, int64_t value)
{
  int c = make_column(m, column);
  make_call(m, "le_i64", 2, (int[]){make_i64(m, value), c});
}

static void not_text(struct make *m, const char *column, const char *text)
{
  int c = make_column(m, column);
  make_logic(m, PG_OP_NOT, make_equal(m, "eq_str", c, make_str(m, text)), -1);
}

static void both(struct make *m)
{
  at_least(m, "status", 500);
  int first = m->count - 1;
  not_text(m, "method", "GET");
  make_logic(m, PG_OP_AND, first, m->count - 1);
}

static void two_numbers(struct make *m)
{
  at_least(m, "status", 500);
  int first = m->count - 1, c = make_column(m, "bytes");
  int second = make_call(m, "lt_i64", 2, (int[]){c, make_i64(m, 50000)});
  make_logic(m, PG_OP_AND, first, second);
}

static void number(struct make *m)
{
  at_least(m, "status", 500);
}

static void text(struct make *m)
{
  int c = make_column(m, "method");
  make_equal(m, "eq_str", c, make_str(m, "GET"));
}

static void prefix(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "starts_with", 2, (int[]){c, make_str(m, "/api/")});
}

static void find(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "find_plain", 3,
            (int[]){c, make_str(m, "/users/9"), make_i64(m, 1)});
}

static void pattern(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "match", 3,
            (int[]){c, make_str(m, "/users/(%d+)"), make_i64(m, 1)});
}

static void anchored(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "match", 3,
            (int[]){c, make_str(m, "^/api/v%d/(%w+)"), make_i64(m, 1)});
}

static void guarded(struct make *m)
{
  at_least(m, "status", 500);
  int first = m->count - 1;
  pattern(m);
  make_logic(m, PG_OP_AND, first, make_logic(m, PG_OP_TRUTH, m->count - 1, -1));
}

static void nulls(struct make *m)
{
  at_least(m, "size", 99000);
}

static void null_or(struct make *m)
{
  make_logic(m, PG_OP_OR, make_column(m, "size"), make_i64(m, 0));
}

static void part(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "sub", 3, (int[]){c, make_i64(m, 1), make_i64(m, 16)});
}

static void capture(struct make *m)
{
  int c = make_column(m, "path");
  make_call(m, "match", 3, (int[]){c, make_str(m, "^/(%w+)"), make_i64(m, 1)});
}

static void lower(struct make *m)
{
  make_call(m, "lower", 1, (int[]){make_column(m, "path")});
}

static void joined(struct make *m)
{
  int method = make_column(m, "method"), path = make_column(m, "path");
  make_call(m, "concat", 2, (int[]){method, path});
}

static void integers(struct make *m)
{
  int b = make_column(m, "bytes"), s = make_column(m, "status");
  int product = make_call(m, "mul_i64", 2, (int[]){b, make_i64(m, 8)});
  make_call(m, "add_i64", 2, (int[]){product, s});
}

static void floats(struct make *m)
{
  int b = make_call(m, "i64_to_f64", 1, (int[]){make_column(m, "bytes")});
  int t = make_column(m, "time");
  int sum = make_call(m, "add_f64", 2, (int[]){t, make_f64(m, 0.001)});
  int quotient = make_call(m, "div_f64", 2, (int[]){b, sum});
  make_call(m, "mul_f64", 2, (int[]){quotient, make_f64(m, 8)});
}

struct job {
  const char *name;
  void (*make)(struct make *m);
  int64_t (*loop)(const struct data *d); /* or NULL */
  bool filter;
};

static const struct job jobs[] = {
  {"status >= 500", number, loop_number, true},
  {"status >= 500 and bytes < 50000", two_numbers, loop_two_numbers, true},
  {"method == 'GET'", text, loop_text, true},
  {"status >= 500 and method ~= 'GET'", both, loop_both, true},
  {"starts_with(path, '/api/')", prefix, loop_prefix, true},
  {"path:find('/users/9', 1, true)", find, NULL, true},
  {"path:match '/users/(%d+)'", pattern, NULL, true},
  {"path:match '^/api/v%d/(%w+)'", anchored, NULL, true},
  {"status >= 500 and path:match '/users/(%d+)'", guarded, NULL, true},
  {"size >= 99000, where 1 of 8 is null", nulls, loop_nulls, true},
  {"size or 0", null_or, NULL, false},
  {"path:sub(1, 16)", part, NULL, false},
  {"path:match '^/(%w+)'", capture, NULL, false},
  {"lower(path)", lower, NULL, false},
  {"method .. path", joined, NULL, false},
  {"bytes * 8 + status", integers, loop_integers, false},
  {"bytes / (time + 0.001) * 8", floats, loop_floats, false},
};

static uint64_t time_program(const struct job *job, struct pg_program *program,
                             struct pg_scratch *scratch, const struct data *d,
                             int64_t *count)
{
  struct pg_error err = {0};
  struct pg_column *result = NULL;
  uint64_t start = pg_clock_ns();
  enum pg_status status =
    job->filter
      ? pg_program_filter(program, scratch, d->batch, rows_out, count, &err)
      : pg_program_eval(program, scratch, d->batch, &result, &err);
  uint64_t took = pg_clock_ns() - start;
  if (status != PG_OK) {
    fprintf(stderr, "%s: %s\n", job->name, err.text);
    exit(1);
  }
  pg_column_unref(result);
  return took;
}

static void run(const struct job *job, const struct pg_plugin *ops,
                const struct data *d)
{
  struct make m = {.ops = ops};
  job->make(&m);
  struct pg_program *program = make_program(&m);
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  uint64_t best = UINT64_MAX, best_loop = UINT64_MAX;
  int64_t count = 0, expected = 0;
  for (int i = 0; i < RUNS; i++) {
    uint64_t took = time_program(job, program, scratch, d, &count);
    best = took < best ? took : best;
    if (job->loop) {
      uint64_t start = pg_clock_ns();
      expected = job->loop(d);
      took = pg_clock_ns() - start;
      best_loop = took < best_loop ? took : best_loop;
    }
  }
  if (job->loop && job->filter && count != expected) {
    fprintf(stderr, "%s: %lld rows, not %lld\n", job->name, (long long)count,
            (long long)expected);
    exit(1);
  }
  printf("%-45s %8.0f", job->name, ROWS * 1e3 / (double)best);
  if (job->loop) {
    printf(" %8.0f  %5.2f", ROWS * 1e3 / (double)best_loop,
           (double)best_loop / (double)best);
  }
  printf("\n");
  pg_scratch_free(scratch);
  pg_program_unref(program);
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: program_bench OPS.so\n");
    return 2;
  }
  struct data data;
  const struct pg_plugin *ops = make_load(argv[1]);
  fill(&data);
  printf("%-45s %8s %8s  %s\n", "million rows/s", "program", "by hand",
         "ratio");
  for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
    run(&jobs[i], ops, &data);
  }
  pg_batch_unref(data.batch);
  return 0;
}
