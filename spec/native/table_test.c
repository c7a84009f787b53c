/* table_test.c - tables for the terminal: table_test PLUGIN.so */
#include "mock_host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The plugin's parameters, as its declaration lays them out. */
struct params {
  int64_t rows;
  bool wide;
};

static const peri_plugin *plugin;
static const struct params usual = {.rows = 1000};

/* A column of texts, NULL being null. */
static peri_col texts(uint32_t type, int64_t n, const char *const *values)
{
  static peri_view views[8][16];
  static uint8_t valid[8][2];
  static int next;
  static const char *buffers[8][16];
  next = (next + 1) % 8;
  memset(valid[next], 0, 2);
  for (int64_t i = 0; i < n; i++) {
    const char *text = values[i] ? values[i] : "";
    peri_view *view = &views[next][i];
    view->len = (int32_t)strlen(text);
    memcpy(view->u.in, text, view->len <= 12 ? (size_t)view->len : 4);
    if (view->len > 12) {
      view->u.ref.buffer = (int32_t)i;
      view->u.ref.offset = 0;
    }
    buffers[next][i] = text;
    valid[next][i / 8] |= (uint8_t)((values[i] != NULL) << i % 8);
  }
  return (peri_col){.n = n,
                    .data = views[next],
                    .aux = buffers[next],
                    .valid = valid[next],
                    .type = type};
}

static peri_col numbers(uint32_t type, int64_t n, const void *values)
{
  return (peri_col){.n = n, .data = values, .type = type};
}

#define NAME(text)                                                             \
  {                                                                            \
    (text), sizeof(text) - 1                                                   \
  }
#define BATCH(rows, columns, names)                                            \
  ((peri_batch){(rows), sizeof(columns) / sizeof *(columns), (columns),        \
                (names), NULL})

static void expect(const struct params *params, const peri_batch *batches,
                   int count, const char *expected)
{
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_ENCODER, "table", params);
  for (int i = 0; i < count; i++) {
    free(mock_encode(&mock, &batches[i], false));
  }
  char *table = mock_encode(&mock, NULL, true);
  MOCK_SAME(table, expected);
  free(table);
  mock_fini(&mock);
}

static void aligns_columns(void)
{
  const peri_str names[] = {NAME("path"), NAME("n"), NAME("ok"), NAME("msg")};
  const char *paths[] = {"/a/rather/long/path", "/b", NULL};
  const char *msgs[] = {"short", NULL, "x"};
  const int64_t n[] = {5, -1200, 33};
  const uint8_t ok[] = {1, 0, 1};
  const peri_col columns[] = {
    texts(PERI_T_STR, 3, paths), numbers(PERI_T_I64, 3, n),
    numbers(PERI_T_BOOL, 3, ok), texts(PERI_T_JSON, 3, msgs)};
  const peri_batch batch = BATCH(3, columns, names);
  expect(&usual, &batch, 1,
         "path                     n  ok     msg\n"
         "-------------------  -----  -----  -----\n"
         "/a/rather/long/path      5  true   short\n"
         "/b                   -1200  false  -\n"
         "-                       33  true   x\n");
}

static void prints_numbers_to_be_read(void)
{
  const peri_str names[] = {NAME("f64"), NAME("time"), NAME("f32")};
  const double f64[] = {1,           0.1,        1.0 / 3, -2e10 / 3,
                        0.9999999,   1e21,       1e22,    1.5e-7,
                        -1 / 7e10,   -0.0,       NAN,     -INFINITY,
                        1234567.125, 0.00001234, 5e-324,  9007199254740993.0};
  const int64_t times[] = {0,
                           1,
                           1748736000000000000,
                           1748736000747000000,
                           -1,
                           INT64_MIN,
                           INT64_MAX,
                           1000,
                           951782400000000000,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0};
  const float f32[] = {0.1f, 1.0f / 3, 16777216, 1e-45f, 3.4e38f, -0.5f, 0, 0,
                       0,    0,        0,        0,      0,       0,     0, 0};
  const peri_col columns[] = {numbers(PERI_T_F64, 16, f64),
                              numbers(PERI_T_TIME, 16, times),
                              numbers(PERI_T_F32, 16, f32)};
  const peri_batch batch = BATCH(16, columns, names);
  expect(&usual, &batch, 1,
         "               f64  time                                   f32\n"
         "------------------  ------------------------------  ----------\n"
         "                 1  1970-01-01T00:00:00Z                   0.1\n"
         "               0.1  1970-01-01T00:00:00.000000001Z  0.33333334\n"
         "          0.333333  2025-06-01T00:00:00Z              16777216\n"
         "-6666666666.666667  2025-06-01T00:00:00.747Z             1e-45\n"
         "                 1  1969-12-31T23:59:59.999999999Z      3.4e38\n"
         "              1e21  1677-09-21T00:12:43.145224192Z        -0.5\n"
         "              1e22  2262-04-11T23:47:16.854775807Z           0\n"
         "            1.5e-7  1970-01-01T00:00:00.000001Z              0\n"
         "     -1.428571e-11  2000-02-29T00:00:00Z                     0\n"
         "              -0.0  1970-01-01T00:00:00Z                     0\n"
         "               nan  1970-01-01T00:00:00Z                     0\n"
         "              -inf  1970-01-01T00:00:00Z                     0\n"
         "       1234567.125  1970-01-01T00:00:00Z                     0\n"
         "          0.000012  1970-01-01T00:00:00Z                     0\n"
         "            5e-324  1970-01-01T00:00:00Z                     0\n"
         "  9007199254740992  1970-01-01T00:00:00Z                     0\n");
}

static void cuts_long_values(void)
{
  char text[201], wide_table[500];
  memset(text, 'x', 200);
  text[200] = '\0';
  char just[61];
  memset(just, 'y', 60);
  just[60] = '\0';
  const char *values[] = {text, just};
  const peri_str names[] = {NAME("t")};
  const peri_col columns[] = {texts(PERI_T_STR, 2, values)};
  const peri_batch batch = BATCH(2, columns, names);
  expect(&usual, &batch, 1,
         "t\n"
         "------------------------------------------------------------\n"
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xE2\x80"
         "\xA6\n"
         "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n");
  const struct params wide = {.rows = 1000, .wide = true};
  char rule[201];
  memset(rule, '-', 200);
  rule[200] = '\0';
  snprintf(wide_table, sizeof wide_table, "t\n%s\n%s\n%s\n", rule, text, just);
  expect(&wide, &batch, 1, wide_table);
}

static void knows_widths_and_escapes_controls(void)
{
  const char *values[] = {"\xE5\x87\xA6\xE7\x90\x86", /* two wide ones */
                          "e\xCC\x81|",               /* a combining mark */
                          "\x1B[31m\t\n\r\x7F",
                          "\xFF\xC2\x85",
                          ("\xE2\x80\xAE"
                           "abc"),
                          "\xF0\x9F\x98\x80"};
  const int64_t n[] = {1, 2, 3, 4, 5, 6};
  const peri_str names[] = {NAME("\xC5\x81\x07"), NAME("n")};
  const peri_col columns[] = {texts(PERI_T_BIN, 6, values),
                              numbers(PERI_T_I64, 6, n)};
  const peri_batch batch = BATCH(6, columns, names);
  expect(&usual, &batch, 1,
         "\xC5\x81\\x07               n\n"
         "------------------  -\n"
         "\xE5\x87\xA6\xE7\x90\x86                1\n"
         "e\xCC\x81|                  2\n"
         "\\x1b[31m\\t\\n\\r\\x7f  3\n"
         "\\xff\\x85            4\n"
         "\\u{202e}abc         5\n"
         "\xF0\x9F\x98\x80                  6\n");
}

static void shows_json_as_the_values_in_it(void)
{
  const char *mixed[] = {
    "\"a \\\"b\\\" \\u00f6\"", "5", "1.23456789", "{\"x\":[1]}", NULL, "\"\""};
  const char *only[] = {"5", "1.5", "12345678901234567890", NULL, "-0.25", "7"};
  const peri_str names[] = {NAME("mixed"), NAME("only")};
  const peri_col columns[] = {texts(PERI_T_JSON, 6, mixed),
                              texts(PERI_T_JSON, 6, only)};
  const peri_batch batch = BATCH(6, columns, names);
  expect(&usual, &batch, 1,
         "mixed                      only\n"
         "---------  --------------------\n"
         "a \"b\" \xC3\xB6                       5\n"
         "5                           1.5\n"
         "1.234568   12345678901234567890\n"
         "{\"x\":[1]}                     -\n"
         "-                         -0.25\n"
         "                              7\n");
}

static void limits_rows_and_joins_batches(void)
{
  const int64_t first[] = {1, 2}, second[] = {3, 4, 5};
  const char *words[] = {"x", "y", "z"};
  const peri_str one[] = {NAME("a")}, two[] = {NAME("b"), NAME("a")};
  const peri_col a[] = {numbers(PERI_T_I64, 2, first)};
  const peri_col ba[] = {texts(PERI_T_STR, 3, words),
                         numbers(PERI_T_U8, 3, second)};
  uint8_t bytes[] = {3, 4, 5};
  peri_col with_bytes[] = {ba[0], numbers(PERI_T_U8, 3, bytes)};
  const peri_batch batches[] = {BATCH(2, a, one), BATCH(3, with_bytes, two)};
  expect(&usual, batches, 2, "a  b\n-  -\n1  -\n2  -\n3  x\n4  y\n5  z\n");
  expect(&(struct params){.rows = 3}, batches, 2,
         "a  b\n-  -\n1  -\n2  -\n3  x\n... and 2 more rows\n");
  expect(&(struct params){.rows = 1}, batches, 1,
         "a\n-\n1\n... and 1 more row\n");
  const char *also[] = {"word", NULL};
  const peri_col mixed[] = {texts(PERI_T_STR, 2, also)};
  const peri_batch changing[] = {BATCH(2, a, one), BATCH(2, mixed, one)};
  expect(&usual, changing, 2, "a\n----\n1\n2\nword\n-\n");
}

static void says_when_there_is_nothing(void)
{
  const peri_str names[] = {NAME("a")};
  const peri_col columns[] = {numbers(PERI_T_I64, 0, NULL)};
  const peri_batch batch = BATCH(0, columns, names);
  expect(&usual, NULL, 0, "(no rows)\n");
  expect(&usual, &batch, 1, "a\n-\n(no rows)\n");
  const peri_col nulls[] = {{.n = 2, .type = PERI_T_NULL}};
  const peri_batch null_batch = BATCH(2, nulls, names);
  expect(&usual, &null_batch, 1, "a\n-\n-\n-\n");
}

static void fails_politely_without_memory(void)
{
  const char *words[] = {"x", NULL};
  const peri_str names[] = {NAME("a"), NAME("b")};
  const peri_col columns[] = {texts(PERI_T_STR, 2, words),
                              {.n = 2, .type = PERI_T_NULL}};
  const peri_batch batch = BATCH(2, columns, names);
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init_failing(&mock, plugin, PERI_K_ENCODER, "table", &usual, n);
    char *table = mock_encode(&mock, &batch, true);
    bool made = table != NULL;
    if (made) {
      MOCK_SAME(table, "a  b\n-  -\nx  -\n-  -\n");
    } else {
      MOCK_SAME(mock.message, "no memory for the table");
    }
    free(table);
    mock_fini(&mock);
    if (made) {
      MOCK_CHECK(n > 5, "only %lld allocations", (long long)n);
      return;
    }
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: table_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  aligns_columns();
  prints_numbers_to_be_read();
  cuts_long_values();
  knows_widths_and_escapes_controls();
  shows_json_as_the_values_in_it();
  limits_rows_and_joins_batches();
  says_when_there_is_nothing();
  fails_politely_without_memory();
  printf("table: %ld checks passed\n", mock_checks);
  return 0;
}
