/* aggregates_test.c - every aggregate against a slow oracle, in any partition:
 * aggregates_test PLUGIN.so */
#include "aggregates_oracle.h"
#include "mock_aggregate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 60000
#define GROUPS_MAX 6
#define WORKERS_MAX 4

static const peri_plugin *plugin;
static struct mock mock; /* whose memory all states use */

/* Rows of one test. */
static struct {
  int64_t n;
  uint32_t type;
  struct mock_cell cells[ROWS_MAX];
  uint32_t group[ROWS_MAX]; /* which group a row belongs to */
  uint32_t groups;
  int q_percent; /* < 0: the aggregate has no such argument */
} rows;

/* The overloads of one test: by the type of the column, both for i64 and f64
 * when the rows may come as either. */
struct overloads {
  struct mock_aggregate main, i64;
  bool mixed; /* batches of integers come as i64 */
  bool no_argument;
};

/* -------------------------------------------------------------- one partition
 */

static bool are_integers(int64_t from, int64_t n)
{
  for (int64_t i = from; i < from + n; i++) {
    if (!rows.cells[i].null && (trunc(rows.cells[i].f) != rows.cells[i].f ||
                                !(fabs(rows.cells[i].f) < 1e15))) {
      return false;
    }
  }
  return true;
}

/* Steps rows [from, from + n). */
static peri_status step(const struct overloads *of, void *states, int64_t from,
                        int64_t n)
{
  bool as_i64 = of->mixed && are_integers(from, n) && mock_random() % 2;
  uint32_t type = as_i64 ? PERI_T_I64 : rows.type;
  struct mock_cell qs[64];
  for (int i = 0; i < 64; i++) {
    qs[i] = (struct mock_cell){.f = rows.q_percent / 100.0};
  }
  int64_t skip = (int64_t)(mock_random() % 11);
  struct mock_cells x =
    mock_cells_new(type, (uint32_t)(mock_random() % 4), rows.cells + from, n,
                   skip, mock_random() % 2);
  struct mock_cells q =
    mock_cells_new(PERI_T_F64, 0, qs, n < 64 ? n : 0, 0, mock_random() % 2);
  peri_col args[] = {x.col, q.col};
  mock_reset(&mock);
  peri_status status =
    (as_i64 ? of->i64 : of->main)
      .step(&mock.cx, states, rows.groups > 1 ? rows.group + from : NULL, n,
            of->no_argument ? NULL : args);
  mock_cells_free(&x);
  mock_cells_free(&q);
  return status;
}

static void *join_all(const struct overloads *of, void **workers, int count)
{
  while (count > 1) {
    int from = (int)(mock_random() % (unsigned)count), into = from ? 0 : 1;
    for (uint32_t group = 0; group < rows.groups; group++) {
      mock_reset(&mock);
      peri_status status = of->main.join(
        &mock.cx, mock_aggregate_at(&of->main, workers[into], (int)group),
        mock_aggregate_at(&of->main, workers[from], (int)group));
      MOCK_CHECK(status == PERI_OK, "join gave %d: %s", status, mock.message);
    }
    mock_aggregate_drop(&mock, &of->main, workers[from], (int)rows.groups);
    free(workers[from]);
    workers[from] = workers[--count];
  }
  return workers[0];
}

/* Steps all rows in batches of any size, by several workers, and joins them in
 * any order. */
static void *run(const struct overloads *of, int64_t batch_max)
{
  void *workers[WORKERS_MAX];
  int count = 1 + (int)(mock_random() % WORKERS_MAX);
  for (int i = 0; i < count; i++) {
    workers[i] = mock_aggregate_states(&of->main, (int)rows.groups);
  }
  for (int64_t at = 0, n; at < rows.n; at += n) {
    int worker = (int)(mock_random() % (unsigned)count);
    n = (int64_t)(mock_random() % (uint64_t)batch_max);
    n = n < rows.n - at ? n : rows.n - at;
    peri_status status = step(of, workers[worker], at, n);
    MOCK_CHECK(status == PERI_OK, "step gave %d: %s", status, mock.message);
    workers[worker] =
      mock_aggregate_move(&of->main, workers[worker], (int)rows.groups);
  }
  return join_all(of, workers, count);
}

static void finish(const struct overloads *of, void *states)
{
  mock_aggregate_drop(&mock, &of->main, states, (int)rows.groups);
  free(states);
}

/* The rows of one group. */
static struct oracle_group group_of(uint32_t group)
{
  static struct mock_cell cells[ROWS_MAX];
  struct oracle_group found = {rows.type, cells, 0, rows.q_percent};
  for (int64_t i = 0; i < rows.n; i++) {
    if (rows.groups == 1 || rows.group[i] == group) {
      cells[found.n++] = rows.cells[i];
    }
  }
  return found;
}

static void check_all(const struct overloads *of, oracle_fn *oracle,
                      const char *what)
{
  char *expected[GROUPS_MAX];
  for (uint32_t group = 0; group < rows.groups; group++) {
    struct oracle_group found = group_of(group);
    expected[group] = oracle(&found);
  }
  for (int round = 0; round < 4; round++) {
    static const int64_t sizes[] = {3, 17, 50, 64};
    void *states = run(of, sizes[round]);
    for (uint32_t group = 0; group < rows.groups; group++) {
      char *found = mock_aggregate_text(
        &mock, &of->main, mock_aggregate_at(&of->main, states, (int)group));
      MOCK_SAME_OF(found, expected[group], what);
      free(found);
    }
    finish(of, states);
  }
  for (uint32_t group = 0; group < rows.groups; group++) {
    free(expected[group]);
  }
}

/* ------------------------------------------------------------------ the values
 */

static const double reals[] = {0.0,      -0.0,      1,        -1,      0.1,
                               1e300,    -1e300,    1e-310,   -5e-324, 3.5,
                               1.7e308,  1.7e308,   -1.7e308, 1e16,    0.3,
                               INFINITY, -INFINITY, NAN,      -NAN};

static void random_cell(struct mock_cell *cell, int variety)
{
  static const char *const words[] = {
    "",     "a",  "b", "ab", "longer than a view", "longer than a viex",
    "\xFF", "a\0"};
  uint64_t any = mock_random();
  *cell = (struct mock_cell){.null = any % 7 == 0};
  any /= 7;
  size_t word = any % 8;
  cell->s = (peri_str){words[word], word == 7 ? 2 : strlen(words[word])};
  cell->i = variety == 0   ? (int64_t)(any % 50) - 25
            : variety == 1 ? (int64_t)(any * 0x9E37) >> 8
                           : (int64_t)(any % 3) - 1;
  cell->f = variety == 0   ? (double)cell->i
            : variety == 1 ? (double)(int64_t)any / 1024 - 1e9
                           : reals[any % (variety == 2 ? 15 : 19)];
}

static void random_rows(uint32_t type, int64_t n, int variety)
{
  rows.type = type;
  rows.n = n;
  rows.groups = mock_random() % 2 ? 1 : GROUPS_MAX;
  for (int64_t i = 0; i < n; i++) {
    random_cell(&rows.cells[i], variety);
    rows.cells[i].i &= type == PERI_T_BOOL ? 1 : -1;
    rows.cells[i].i &= type == PERI_T_U64 ? INT64_MAX : -1;
    rows.group[i] =
      (uint32_t)(mock_random() % (GROUPS_MAX - 1)); /* one empty */
  }
}

static struct overloads only(const char *signature)
{
  struct mock_aggregate found = mock_aggregate_find(plugin, signature);
  return (struct overloads){.main = found,
                            .i64 = found,
                            .no_argument = strstr(signature, "()") != NULL};
}

/* -------------------------------------------------------------------- the
 * tests
 */

static void agrees_with_the_oracle(void)
{
  static const struct {
    const char *signature;
    uint32_t type;
    oracle_fn *oracle;
  } cases[] = {
    {"count(x: _Bool)", PERI_T_BOOL, oracle_count},
    {"count(x: i64)", PERI_T_I64, oracle_count},
    {"count(x: u64)", PERI_T_U64, oracle_count},
    {"count(x: f64)", PERI_T_F64, oracle_count},
    {"count(x: time)", PERI_T_TIME, oracle_count},
    {"count(x: str)", PERI_T_STR, oracle_count},
    {"count(x: bin)", PERI_T_BIN, oracle_count},
    {"count(x: json)", PERI_T_JSON, oracle_count},
    {"sum(x: i64)", PERI_T_I64, oracle_sum},
    {"sum(x: f64)", PERI_T_F64, oracle_sum},
    {"mean(x: i64)", PERI_T_I64, oracle_mean},
    {"mean(x: f64)", PERI_T_F64, oracle_mean},
    {"min(x: i64)", PERI_T_I64, oracle_min},
    {"max(x: i64)", PERI_T_I64, oracle_max},
    {"min(x: f64)", PERI_T_F64, oracle_min},
    {"max(x: f64)", PERI_T_F64, oracle_max},
    {"min(x: str)", PERI_T_STR, oracle_min},
    {"max(x: str)", PERI_T_STR, oracle_max},
    {"min(x: time)", PERI_T_TIME, oracle_min},
    {"max(x: time)", PERI_T_TIME, oracle_max},
    {"min(x: _Bool)", PERI_T_BOOL, oracle_min},
    {"max(x: _Bool)", PERI_T_BOOL, oracle_max},
    {"quantile(x: f64, q: f64)", PERI_T_F64, oracle_quantile},
    {"distinct(x: _Bool)", PERI_T_BOOL, oracle_distinct},
    {"distinct(x: i64)", PERI_T_I64, oracle_distinct},
    {"distinct(x: u64)", PERI_T_U64, oracle_distinct},
    {"distinct(x: f64)", PERI_T_F64, oracle_distinct},
    {"distinct(x: time)", PERI_T_TIME, oracle_distinct},
    {"distinct(x: str)", PERI_T_STR, oracle_distinct},
    {"distinct(x: bin)", PERI_T_BIN, oracle_distinct},
    {"distinct(x: json)", PERI_T_JSON, oracle_distinct},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct overloads of = only(cases[i].signature);
    for (int round = 0; round < 60; round++) {
      static const int64_t sizes[] = {0, 1, 2, 13, 100, 400};
      rows.q_percent = (int[]){0, 1, 7, 25, 50, 90, 99, 100}[round % 8];
      random_rows(cases[i].type, sizes[mock_random() % 6], round % 4);
      check_all(&of, cases[i].oracle, cases[i].signature);
    }
  }
}

static void counts_rows(void)
{
  struct overloads of = only("count()");
  random_rows(PERI_T_I64, 300, 0);
  for (int64_t i = 0; i < rows.n; i++) {
    rows.cells[i].null = false;
  }
  check_all(&of, oracle_count, "count()");
}

/* A column that is i64 in some batches and f64 in others. */
static void types_may_widen(void)
{
  static const struct {
    const char *f64, *i64;
    oracle_fn *oracle;
  } cases[] = {{"sum(x: f64)", "sum(x: i64)", oracle_sum},
               {"mean(x: f64)", "mean(x: i64)", oracle_mean},
               {"min(x: f64)", "min(x: i64)", oracle_min},
               {"max(x: f64)", "max(x: i64)", oracle_max},
               {"count(x: f64)", "count(x: i64)", oracle_count},
               {"distinct(x: f64)", "distinct(x: i64)", oracle_distinct}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct overloads of = {.main = mock_aggregate_find(plugin, cases[i].f64),
                           .i64 = mock_aggregate_find(plugin, cases[i].i64),
                           .mixed = true};
    for (int round = 0; round < 100; round++) {
      random_rows(PERI_T_F64, 150, round % 2 ? 0 : 2);
      for (int64_t row = 0; row < rows.n; row++) {
        struct mock_cell *cell = &rows.cells[row];
        cell->f = cell->f == 0 ? 0 : cell->f; /* an i64 has no -0 */
        cell->i = fabs(cell->f) < 1e15 ? (int64_t)cell->f : 0;
      }
      check_all(&of, cases[i].oracle, cases[i].f64);
    }
  }
}

/* The result of stepping `cells` at once. */
static char *result_of(const char *signature, uint32_t type,
                       const struct mock_cell *cells, int64_t n)
{
  struct overloads of = only(signature);
  void *state = mock_aggregate_states(&of.main, 1);
  struct mock_cells x = mock_cells_new(type, 0, cells, n, 0, false);
  mock_reset(&mock);
  of.main.step(&mock.cx, state, NULL, n, &x.col);
  char *text = mock_aggregate_text(&mock, &of.main, state);
  mock_aggregate_drop(&mock, &of.main, state, 1);
  mock_cells_free(&x);
  free(state);
  return text;
}

static void expect(const char *signature, uint32_t type,
                   const struct mock_cell *cells, int64_t n,
                   const char *expected)
{
  char *text = result_of(signature, type, cells, n);
  MOCK_SAME_OF(text, expected, signature);
  free(text);
}

static void tells_of_sums_that_do_not_fit(void)
{
  const struct mock_cell cells[] = {
    {.i = INT64_MAX}, {.i = 1}, {.i = -1}, {.i = INT64_MIN}, {.i = -1}};
  expect("sum(x: i64)", PERI_T_I64, cells, 1, "9223372036854775807");
  expect("sum(x: i64)", PERI_T_I64, cells, 2,
         "failed -2: 9.2233720368547758e+18 does not fit an i64; "
         "sum \"x + 0.0\" gives an f64");
  expect("sum(x: i64)", PERI_T_I64, cells, 3, "9223372036854775807");
  expect("sum(x: i64)", PERI_T_I64, cells + 3, 1, "-9223372036854775808");
  expect("sum(x: i64)", PERI_T_I64, cells + 3, 2,
         "failed -2: -9.2233720368547758e+18 does not fit an i64; "
         "sum \"x + 0.0\" gives an f64");
  expect("mean(x: i64)", PERI_T_I64, cells, 2, "4.6116860184273879e+18");
}

/* Sums that carry far, cancel, and pass what a double can hold. */
static void sums_without_rounding(void)
{
  static struct mock_cell cells[30000];
  static double values[30000];
  static const double scales[] = {1.7e308, 5e-324, 1, 1e-300, 0x1p-1022};
  for (int round = 0; round < 60; round++) {
    int64_t n = (int64_t)(mock_random() % 30000);
    double scale = scales[round % 5];
    for (int64_t i = 0; i < n; i++) {
      values[i] = round < 30   ? scale
                  : round < 45 ? ldexp((double)(mock_random() >> 10),
                                       (int)(mock_random() % 1900) - 1120)
                               : scale * (mock_random() % 2 ? 1 : -1);
      values[i] *= mock_random() % 1000 == 0 ? -1 : 1;
      cells[i] = (struct mock_cell){.f = values[i]};
    }
    char expected[40];
    snprintf(expected, sizeof expected, "%.17g",
             oracle_exact_sum(values, (size_t)n));
    expect("sum(x: f64)", PERI_T_F64, cells, n, expected);
  }
  const struct mock_cell small[] = {{.f = 1e16}, {.f = 1}, {.f = -1e16}};
  expect("sum(x: f64)", PERI_T_F64, small, 3, "1");
  expect("sum(x: f64)", PERI_T_F64, small, 0, "0");
  const struct mock_cell inf[] = {{.f = INFINITY}, {.f = 1}, {.f = -INFINITY}};
  expect("sum(x: f64)", PERI_T_F64, inf, 2, "inf");
  expect("sum(x: f64)", PERI_T_F64, inf + 1, 2, "-inf");
  expect("sum(x: f64)", PERI_T_F64, inf, 3, "nan");
}

/* 0.07 * 100 is a little more than 7. */
static void ranks_are_not_off_by_one(void)
{
  struct overloads of = only("quantile(x: f64, q: f64)");
  random_rows(PERI_T_F64, 100, 0);
  rows.groups = 1;
  for (int64_t i = 0; i < rows.n; i++) {
    rows.cells[i] = (struct mock_cell){.f = (double)(i * 37 % 100 + 1)};
  }
  for (rows.q_percent = 0; rows.q_percent <= 100; rows.q_percent++) {
    check_all(&of, oracle_quantile, "quantile of 1 to 100");
  }
}

/* ------------------------------------------------------------ very many values
 */

static void large_rows(int64_t n, int kind)
{
  rows.type = PERI_T_F64;
  rows.n = n;
  rows.groups = 1;
  for (int64_t i = 0; i < n; i++) {
    uint64_t any = mock_random();
    double value = kind == 0   ? (double)(any % 100000)
                   : kind == 1 ? exp((double)(any % 40000) / 1000 - 20)
                   : kind == 2 ? (double)(any % 2001) - 1000
                               : ldexp((double)any, -60) * (any % 3 ? 1 : -1);
    rows.cells[i] = (struct mock_cell){.f = value, .null = any % 1000 == 3};
  }
}

static void quantiles_of_many_stay_close(void)
{
  struct overloads of = only("quantile(x: f64, q: f64)");
  for (int round = 0; round < 24; round++) {
    rows.q_percent = (int[]){0, 1, 25, 50, 99, 100}[round % 6];
    large_rows(round % 2 ? ROWS_MAX : 16384 + round, round / 6);
    struct oracle_group all = group_of(0);
    char *expected = oracle_quantile(&all), *first = NULL;
    for (int again = 0; again < 3; again++) {
      void *states = run(&of, 64);
      char *found = mock_aggregate_text(&mock, &of.main, states);
      double exact = strtod(expected, NULL), value = strtod(found, NULL);
      MOCK_CHECK(fabs(value - exact) <= fabs(exact) * 0x1p-8,
                 "%s is too far from %s", found, expected);
      MOCK_CHECK(round / 6 == 1 || round / 6 == 3 || trunc(value) == value,
                 "%s among integers", found);
      MOCK_CHECK(rows.q_percent % 100 != 0 || value == exact,
                 "an end is %s, not %s", found, expected);
      if (first) {
        MOCK_SAME(found, first);
        free(found);
      } else {
        first = found;
      }
      finish(&of, states);
    }
    free(first);
    free(expected);
  }
}

static void counts_many_different_values(void)
{
  struct overloads of = only("distinct(x: f64)");
  static const int64_t counts[] = {3071, 3072, 3073, 5000, 30000, 59000};
  for (int round = 0; round < 12; round++) {
    int64_t count = counts[round % 6];
    large_rows(ROWS_MAX, 0);
    for (int64_t i = 0; i < ROWS_MAX; i++) {
      int64_t value =
        i < count ? i : (int64_t)(mock_random() % (uint64_t)count);
      rows.cells[i] = (struct mock_cell){.f = (double)value * 0.5 - round};
    }
    long long first = -1;
    for (int again = 0; again < 3; again++) {
      void *states = run(&of, 64);
      char *found = mock_aggregate_text(&mock, &of.main, states);
      long long value = atoll(found);
      MOCK_CHECK(
        count > 3072 ? llabs(value - count) < count * 0.035 : value == count,
        "%lld different values are counted as %lld", (long long)count, value);
      MOCK_CHECK(first < 0 || first == value, "%lld, then %lld", first, value);
      first = value;
      free(found);
      finish(&of, states);
    }
  }
}

/* ------------------------------------------------------------------ wrong use
 */

static void expect_bad_q(const struct mock_cell *qs, int64_t n,
                         const char *message)
{
  struct overloads of = only("quantile(x: f64, q: f64)");
  const struct mock_cell cells[4] = {{.f = 1}, {.f = 2}, {.f = 3}, {.f = 4}};
  void *state = mock_aggregate_states(&of.main, 1);
  struct mock_cells x = mock_cells_new(PERI_T_F64, 0, cells, n, 0, false);
  struct mock_cells q = mock_cells_new(PERI_T_F64, 0, qs, n, 0, false);
  peri_col args[] = {x.col, q.col};
  mock_reset(&mock);
  peri_status status = of.main.step(&mock.cx, state, NULL, n, args);
  MOCK_CHECK(status == PERI_EINVAL, "step gave %d", status);
  MOCK_SAME(mock.message, message);
  mock_aggregate_drop(&mock, &of.main, state, 1);
  mock_cells_free(&x);
  mock_cells_free(&q);
  free(state);
}

static void refuses_parts_that_are_none(void)
{
  const struct mock_cell above[] = {{.f = 1.5}, {.f = 1.5}};
  const struct mock_cell below[] = {{.f = -0.001}};
  const struct mock_cell nan[] = {{.f = NAN}};
  const struct mock_cell differ[] = {{.f = 0.5}, {.f = 0.5}, {.f = 0.25}};
  const struct mock_cell null[] = {{.f = 0.5}, {.null = true}};
  expect_bad_q(above, 2, "q must be from 0 to 1, got 1.5");
  expect_bad_q(below, 1, "q must be from 0 to 1, got -0.001");
  expect_bad_q(nan, 1, "q must be from 0 to 1, got nan");
  expect_bad_q(differ, 3, "q differs between rows");
  expect_bad_q(null, 2, "q is null");
}

static void refuses_parts_that_change(void)
{
  struct overloads of = only("quantile(x: f64, q: f64)");
  random_rows(PERI_T_F64, 60, 0);
  rows.groups = 1;
  rows.q_percent = 50;
  void *a = mock_aggregate_states(&of.main, 1);
  void *b = mock_aggregate_states(&of.main, 1);
  MOCK_CHECK(step(&of, a, 0, 40) == PERI_OK, "no step");
  rows.q_percent = 60;
  MOCK_CHECK(step(&of, a, 0, 40) == PERI_EINVAL, "q changed unnoticed");
  MOCK_SAME(mock.message, "q differs between rows");
  MOCK_CHECK(step(&of, b, 0, 40) == PERI_OK, "no step");
  MOCK_CHECK(of.main.join(&mock.cx, a, b) == PERI_EINVAL,
             "q differs unnoticed");
  finish(&of, a);
  finish(&of, b);
}

static void integers_do_not_follow_fractions(void)
{
  static const char *const names[] = {"sum", "min", "max"};
  const struct mock_cell half = {.f = 0.5};
  for (int i = 0; i < 3; i++) {
    char signature[40];
    snprintf(signature, sizeof signature, "%s(x: f64)", names[i]);
    struct overloads f64 = only(signature);
    snprintf(signature, sizeof signature, "%s(x: i64)", names[i]);
    struct overloads i64 = only(signature);
    void *state = mock_aggregate_states(&f64.main, 1);
    struct mock_cells x = mock_cells_new(PERI_T_F64, 0, &half, 1, 0, false);
    f64.main.step(&mock.cx, state, NULL, 1, &x.col);
    char *text = mock_aggregate_text(&mock, &i64.main, state);
    MOCK_CHECK(strncmp(text, "failed -8: ", 11) == 0, "%s gave %s", signature,
               text);
    free(text);
    mock_aggregate_drop(&mock, &f64.main, state, 1);
    mock_cells_free(&x);
    free(state);
  }
}

/* Every step, join and result under failing allocation. */
static peri_status run_failing(const struct overloads *of, int64_t fail_after)
{
  void *a = mock_aggregate_states(&of->main, 1);
  void *b = mock_aggregate_states(&of->main, 1);
  peri_status status = PERI_OK;
  mock.fail_after = fail_after;
  for (int64_t at = 0; status == PERI_OK && at < rows.n; at += 50) {
    status = step(of, at % 100 ? a : b, at, 50);
  }
  mock_reset(&mock);
  status = status == PERI_OK ? of->main.join(&mock.cx, a, b) : status;
  if (status == PERI_OK) {
    char *text = mock_aggregate_text(&mock, &of->main, a);
    status = strncmp(text, "failed -5", 9) == 0 ? PERI_ENOMEM : PERI_OK;
    free(text);
  }
  mock.fail_after = -1;
  finish(of, a);
  finish(of, b);
  MOCK_CHECK(mock.live == 0, "%lld blocks are left", (long long)mock.live);
  return status;
}

static void fails_politely_without_memory(void)
{
  static const char *const signatures[] = {"sum(x: f64)", "min(x: str)",
                                           "quantile(x: f64, q: f64)",
                                           "distinct(x: f64)"};
  static const uint32_t types[] = {PERI_T_F64, PERI_T_STR, PERI_T_F64,
                                   PERI_T_F64};
  for (int i = 0; i < 4; i++) {
    struct overloads of = only(signatures[i]);
    rows.q_percent = 50;
    large_rows(40000, 1);
    for (int64_t row = 0; row < rows.n; row++) {
      rows.cells[row].s = (peri_str){"a text of some length", 21};
      rows.cells[row].f += (double)row;
    }
    rows.type = types[i];
    for (int64_t n = 0;; n++) {
      peri_status status = run_failing(&of, n);
      MOCK_CHECK(status == PERI_OK || status == PERI_ENOMEM, "gave %d", status);
      if (status == PERI_OK) {
        MOCK_CHECK(n >= 2, "%s: only %lld allocations", signatures[i],
                   (long long)n);
        break;
      }
      MOCK_CHECK(strncmp(mock.message, "no memory for a ", 16) == 0, "%s",
                 mock.message);
    }
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: aggregates_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  mock_init(&mock, plugin, PERI_K_AGGREGATE, "count", NULL);
  agrees_with_the_oracle();
  counts_rows();
  types_may_widen();
  tells_of_sums_that_do_not_fit();
  sums_without_rounding();
  ranks_are_not_off_by_one();
  quantiles_of_many_stay_close();
  counts_many_different_values();
  refuses_parts_that_are_none();
  refuses_parts_that_change();
  integers_do_not_follow_fractions();
  fails_politely_without_memory();
  mock_fini(&mock);
  printf("aggregates: %ld checks passed\n", mock_checks);
  return 0;
}
