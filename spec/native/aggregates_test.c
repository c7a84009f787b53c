/* aggregates_test.c - every aggregate against a slow oracle, in any partition:
 * aggregates_test PLUGIN.so */
#include "aggregates_partition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
  agg_rows.type = type;
  agg_rows.n = n;
  agg_rows.groups = mock_random() % 2 ? 1 : GROUPS_MAX;
  for (int64_t i = 0; i < n; i++) {
    random_cell(&agg_rows.cells[i], variety);
    agg_rows.cells[i].i &= type == PERI_T_BOOL ? 1 : -1;
    agg_rows.cells[i].i &= type == PERI_T_U64 ? INT64_MAX : -1;
    agg_rows.group[i] =
      (uint32_t)(mock_random() % (GROUPS_MAX - 1)); /* one empty */
  }
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
    {"quantile(x: f64, q: f64 0..1)", PERI_T_F64, oracle_quantile},
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
    struct overloads of = agg_only(cases[i].signature);
    for (int round = 0; round < 60; round++) {
      static const int64_t sizes[] = {0, 1, 2, 13, 100, 400};
      agg_rows.q_percent = (int[]){0, 1, 7, 25, 50, 90, 99, 100}[round % 8];
      random_rows(cases[i].type, sizes[mock_random() % 6], round % 4);
      agg_check(&of, cases[i].oracle, cases[i].signature);
    }
  }
}

static void counts_rows(void)
{
  struct overloads of = agg_only("count()");
  random_rows(PERI_T_I64, 300, 0);
  for (int64_t i = 0; i < agg_rows.n; i++) {
    agg_rows.cells[i].null = false;
  }
  agg_check(&of, oracle_count, "count()");
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
    struct overloads of = {.main =
                             mock_aggregate_find(agg_plugin, cases[i].f64),
                           .i64 = mock_aggregate_find(agg_plugin, cases[i].i64),
                           .mixed = true};
    for (int round = 0; round < 100; round++) {
      random_rows(PERI_T_F64, 150, round % 2 ? 0 : 2);
      for (int64_t row = 0; row < agg_rows.n; row++) {
        struct mock_cell *cell = &agg_rows.cells[row];
        cell->f = cell->f == 0 ? 0 : cell->f; /* an i64 has no -0 */
        cell->i = fabs(cell->f) < 1e15 ? (int64_t)cell->f : 0;
      }
      agg_check(&of, cases[i].oracle, cases[i].f64);
    }
  }
}

/* The result of stepping `cells` at once. */
static char *result_of(const char *signature, uint32_t type,
                       const struct mock_cell *cells, int64_t n)
{
  struct overloads of = agg_only(signature);
  void *state = mock_aggregate_states(&of.main, 1);
  struct mock_cells x = mock_cells_new(type, 0, cells, n, 0, false);
  mock_reset(&agg_mock);
  of.main.step(&agg_mock.cx, state, NULL, n, &x.col);
  char *text = mock_aggregate_text(&agg_mock, &of.main, state);
  mock_aggregate_drop(&agg_mock, &of.main, state, 1);
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
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  random_rows(PERI_T_F64, 100, 0);
  agg_rows.groups = 1;
  for (int64_t i = 0; i < agg_rows.n; i++) {
    agg_rows.cells[i] = (struct mock_cell){.f = (double)(i * 37 % 100 + 1)};
  }
  for (agg_rows.q_percent = 0; agg_rows.q_percent <= 100;
       agg_rows.q_percent++) {
    agg_check(&of, oracle_quantile, "quantile of 1 to 100");
  }
}

/* As many as a state holds by itself, and some more. */
static void quantiles_of_few(void)
{
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  for (int64_t n = 0; n <= 80; n++) {
    random_rows(PERI_T_F64, n, 0);
    agg_rows.groups = n % 4 ? 1 : 4;
    for (int64_t i = 0; i < n; i++) {
      agg_rows.group[i] %= agg_rows.groups;
      agg_rows.cells[i] = (struct mock_cell){.f = (double)(mock_random() % 100),
                                             .null = i % 7 == 5};
    }
    agg_rows.q_percent = (int)(n * 17 % 101);
    agg_check(&of, oracle_quantile, "quantile of few");
  }
}

/* ------------------------------------------------------------ very many values
 */

static void large_rows(int64_t n, int kind)
{
  agg_rows.type = PERI_T_F64;
  agg_rows.n = n;
  agg_rows.groups = 1;
  for (int64_t i = 0; i < n; i++) {
    uint64_t any = mock_random();
    double value = kind == 0   ? (double)(any % 100000)
                   : kind == 1 ? exp((double)(any % 40000) / 1000 - 20)
                   : kind == 2 ? (double)(any % 2001) - 1000
                               : ldexp((double)any, -60) * (any % 3 ? 1 : -1);
    agg_rows.cells[i] = (struct mock_cell){.f = value, .null = any % 1000 == 3};
  }
}

static void quantiles_of_many_stay_close(void)
{
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  for (int round = 0; round < 24; round++) {
    agg_rows.q_percent = (int[]){0, 1, 25, 50, 99, 100}[round % 6];
    large_rows(round % 2 ? ROWS_MAX : 16384 + round, round / 6);
    struct oracle_group all = agg_group(0);
    char *expected = oracle_quantile(&all), *first = NULL;
    for (int again = 0; again < 3; again++) {
      void *states = agg_run(&of, 64);
      char *found = mock_aggregate_text(&agg_mock, &of.main, states);
      double exact = strtod(expected, NULL), value = strtod(found, NULL);
      MOCK_CHECK(fabs(value - exact) <= fabs(exact) * 0x1p-8,
                 "%s is too far from %s", found, expected);
      MOCK_CHECK(round / 6 == 1 || round / 6 == 3 || trunc(value) == value,
                 "%s among integers", found);
      MOCK_CHECK(agg_rows.q_percent % 100 != 0 || value == exact,
                 "an end is %s, not %s", found, expected);
      if (first) {
        MOCK_SAME(found, first);
        free(found);
      } else {
        first = found;
      }
      agg_finish(&of, states);
    }
    free(first);
    free(expected);
  }
}

static void step_rows(const struct overloads *of, void *states, int64_t from,
                      int64_t to)
{
  for (int64_t at = from; at < to; at += 50) {
    int64_t n = to - at < 50 ? to - at : 50;
    MOCK_CHECK(agg_step(of, states, at, n) == PERI_OK, "no step");
  }
}

/* The median of the first `n` rows is exact, or else the middle of a bucket. */
static void expect_median(const struct overloads *of, const void *states,
                          int64_t n, bool is_exact)
{
  agg_rows.n = n;
  struct oracle_group all = agg_group(0);
  char *expected = oracle_quantile(&all);
  char *found = mock_aggregate_text(&agg_mock, &of->main, states);
  double exact = strtod(expected, NULL), value = strtod(found, NULL);
  MOCK_CHECK(is_exact
               ? value == exact
               : value != exact && fabs(value - exact) <= fabs(exact) * 0x1p-8,
             "of %lld: %s%s %s", (long long)n, found,
             is_exact ? ", not" : " of", expected);
  free(found);
  free(expected);
}

/* Up to 16384 values are kept, wherever they came from; one more makes a
 * sketch. */
static void quantiles_go_on_after_a_join(void)
{
  static const int64_t cuts[][2] = {{3, 5},      {3, 40},        {40, 44},
                                    {90, 16380}, {16290, 16380}, {7000, 15000},
                                    {0, 16384},  {16384, 16384}, {1, 16385}};
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  agg_rows.q_percent = 50;
  for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
    int64_t cut = cuts[i][0], end = cuts[i][1];
    void *into = mock_aggregate_states(&of.main, 1);
    void *from = mock_aggregate_states(&of.main, 1);
    large_rows(16400, 3);
    for (int64_t row = 0; row < agg_rows.n; row++) {
      agg_rows.cells[row].null = false;
    }
    step_rows(&of, into, 0, cut);
    step_rows(&of, from, cut, end);
    MOCK_CHECK(of.main.join(&agg_mock.cx, into, from) == PERI_OK, "no join");
    mock_aggregate_drop(&agg_mock, &of.main, from, 1);
    expect_median(&of, into, end, end <= 16384);
    step_rows(&of, into, end, 16384);
    expect_median(&of, into, end < 16384 ? 16384 : end, end <= 16384);
    step_rows(&of, into, end < 16384 ? 16384 : end, 16400);
    expect_median(&of, into, 16400, false);
    agg_finish(&of, into);
    free(from);
  }
}

static void counts_many_different_values(void)
{
  struct overloads of = agg_only("distinct(x: f64)");
  static const int64_t counts[] = {3071, 3072, 3073, 5000, 30000, 59000};
  for (int round = 0; round < 12; round++) {
    int64_t count = counts[round % 6];
    large_rows(ROWS_MAX, 0);
    for (int64_t i = 0; i < ROWS_MAX; i++) {
      int64_t value =
        i < count ? i : (int64_t)(mock_random() % (uint64_t)count);
      agg_rows.cells[i] = (struct mock_cell){.f = (double)value * 0.5 - round};
    }
    long long first = -1;
    for (int again = 0; again < 3; again++) {
      void *states = agg_run(&of, 64);
      char *found = mock_aggregate_text(&agg_mock, &of.main, states);
      long long value = atoll(found);
      MOCK_CHECK(
        count > 3072 ? llabs(value - count) < count * 0.035 : value == count,
        "%lld different values are counted as %lld", (long long)count, value);
      MOCK_CHECK(first < 0 || first == value, "%lld, then %lld", first, value);
      first = value;
      free(found);
      agg_finish(&of, states);
    }
  }
}

/* ------------------------------------------------------------------ wrong use
 */

static void expect_bad_q(const struct mock_cell *qs, int64_t n,
                         const char *message)
{
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  const struct mock_cell cells[4] = {{.f = 1}, {.f = 2}, {.f = 3}, {.f = 4}};
  void *state = mock_aggregate_states(&of.main, 1);
  struct mock_cells x = mock_cells_new(PERI_T_F64, 0, cells, n, 0, false);
  struct mock_cells q = mock_cells_new(PERI_T_F64, 0, qs, n, 0, false);
  peri_col args[] = {x.col, q.col};
  mock_reset(&agg_mock);
  peri_status status = of.main.step(&agg_mock.cx, state, NULL, n, args);
  MOCK_CHECK(status == PERI_EINVAL, "step gave %d", status);
  MOCK_SAME(agg_mock.message, message);
  mock_aggregate_drop(&agg_mock, &of.main, state, 1);
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
  struct overloads of = agg_only("quantile(x: f64, q: f64 0..1)");
  random_rows(PERI_T_F64, 60, 0);
  agg_rows.groups = 1;
  agg_rows.q_percent = 50;
  void *a = mock_aggregate_states(&of.main, 1);
  void *b = mock_aggregate_states(&of.main, 1);
  MOCK_CHECK(agg_step(&of, a, 0, 40) == PERI_OK, "no step");
  agg_rows.q_percent = 60;
  MOCK_CHECK(agg_step(&of, a, 0, 40) == PERI_EINVAL, "q changed unnoticed");
  MOCK_SAME(agg_mock.message, "q differs between rows");
  MOCK_CHECK(agg_step(&of, b, 0, 40) == PERI_OK, "no step");
  MOCK_CHECK(of.main.join(&agg_mock.cx, a, b) == PERI_EINVAL,
             "q differs unnoticed");
  agg_finish(&of, a);
  agg_finish(&of, b);
}

static void integers_do_not_follow_fractions(void)
{
  static const char *const names[] = {"sum", "min", "max"};
  const struct mock_cell half = {.f = 0.5};
  for (int i = 0; i < 3; i++) {
    char signature[40];
    snprintf(signature, sizeof signature, "%s(x: f64)", names[i]);
    struct overloads f64 = agg_only(signature);
    snprintf(signature, sizeof signature, "%s(x: i64)", names[i]);
    struct overloads i64 = agg_only(signature);
    void *state = mock_aggregate_states(&f64.main, 1);
    struct mock_cells x = mock_cells_new(PERI_T_F64, 0, &half, 1, 0, false);
    f64.main.step(&agg_mock.cx, state, NULL, 1, &x.col);
    char *text = mock_aggregate_text(&agg_mock, &i64.main, state);
    MOCK_CHECK(strncmp(text, "failed -8: ", 11) == 0, "%s gave %s", signature,
               text);
    free(text);
    mock_aggregate_drop(&agg_mock, &f64.main, state, 1);
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
  agg_mock.fail_after = fail_after;
  for (int64_t at = 0; status == PERI_OK && at < agg_rows.n; at += 50) {
    status = agg_step(of, at % 100 ? a : b, at, 50);
  }
  mock_reset(&agg_mock);
  status = status == PERI_OK ? of->main.join(&agg_mock.cx, a, b) : status;
  if (status == PERI_OK) {
    char *text = mock_aggregate_text(&agg_mock, &of->main, a);
    status = strncmp(text, "failed -5", 9) == 0 ? PERI_ENOMEM : PERI_OK;
    free(text);
  }
  agg_mock.fail_after = -1;
  agg_finish(of, a);
  agg_finish(of, b);
  MOCK_CHECK(agg_mock.live == 0, "%lld blocks are left",
             (long long)agg_mock.live);
  return status;
}

static void fails_politely_without_memory(void)
{
  static const char *const signatures[] = {"sum(x: f64)", "min(x: str)",
                                           "quantile(x: f64, q: f64 0..1)",
                                           "distinct(x: f64)"};
  static const uint32_t types[] = {PERI_T_F64, PERI_T_STR, PERI_T_F64,
                                   PERI_T_F64};
  for (int i = 0; i < 4; i++) {
    struct overloads of = agg_only(signatures[i]);
    agg_rows.q_percent = 50;
    large_rows(40000, 1);
    for (int64_t row = 0; row < agg_rows.n; row++) {
      agg_rows.cells[row].s = (peri_str){"a text of some length", 21};
      agg_rows.cells[row].f += (double)row;
    }
    agg_rows.cells[7].f = 1e300; /* not in the window of a sum */
    agg_rows.type = types[i];
    for (int64_t n = 0;; n++) {
      peri_status status = run_failing(&of, n);
      MOCK_CHECK(status == PERI_OK || status == PERI_ENOMEM, "gave %d", status);
      if (status == PERI_OK) {
        MOCK_CHECK(n >= 2, "%s: only %lld allocations", signatures[i],
                   (long long)n);
        break;
      }
      MOCK_CHECK(strncmp(agg_mock.message, "no memory for a ", 16) == 0, "%s",
                 agg_mock.message);
    }
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: aggregates_test PLUGIN.so");
  agg_plugin = mock_load(argv[1]);
  mock_init(&agg_mock, agg_plugin, PERI_K_AGGREGATE, "count", NULL);
  agrees_with_the_oracle();
  counts_rows();
  types_may_widen();
  tells_of_sums_that_do_not_fit();
  sums_without_rounding();
  ranks_are_not_off_by_one();
  quantiles_of_few();
  quantiles_of_many_stay_close();
  quantiles_go_on_after_a_join();
  counts_many_different_values();
  refuses_parts_that_are_none();
  refuses_parts_that_change();
  integers_do_not_follow_fractions();
  fails_politely_without_memory();
  mock_fini(&agg_mock);
  printf("aggregates: %ld checks passed\n", mock_checks);
  return 0;
}
