/* ops_test.c - the primitive operations: ops_test PLUGIN.so [ROUNDS]
 *
 * What an operation gives for single values is written down in ops_cases.c, and
 * compared with Lua by ops_spec.lua.  Here its loop over columns has to give
 * the same as its call for every row, whatever the layout, nulls and length;
 * ops_texts.c does so for texts that nearly are one another. */
#include "mock_cells.h"
#include "mock_host.h"
#include "ops_cases.h"
#include "ops_function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 300

static struct mock mock;

/* ------------------------------------------------------------------- values */

static const char *const texts[] = {
  "",
  "a",
  "GET",
  "get",
  "GETS",
  "POST",
  "abcdefghijkl",
  "abcdefghijklm",
  "abcdefghijklmn",
  "abcdefghijkln",
  "abcdXfghijklm",
  "hello world, hello Lua",
  "/assets/v1/users/12345/items",
  "/assets/v1/users/12345/item",
  "/api/v1/users/12/items/and/many/more/that/make/it/rather/long",
  "aaaaaaaab",
  "  12  ",
  "-7.5",
  "0x1p4",
  "9223372036854775808",
  "2025-06-01T00:00:00Z",
  "key = value",
  "\xC3\xA4\xFF\x01",
  "((a)(b))",
  "THE (quick) fox",
  "a.b.c%d",
};
static const char *const patterns[] = {
  "",
  "a",
  "GET",
  "^GET",
  "^/api",
  "/users/(%d+)",
  "^/api/v%d/(%w+)",
  "()ll()",
  "%s*(%S+)%s*=%s*(%S+)",
  "[a-c]+",
  "[^%s]+$",
  ".-b",
  "a*b",
  "a?b?c?",
  "%b()",
  "%f[%w]%w+",
  "(h)(.)%2",
  "l+",
  "o w",
  "[]]",
  "[^]]",
  "[%a_][%w_]*",
  "%d+%.%d",
  "$",
  "^$",
  "x*",
  ".",
  "(a",
  "%",
  "[a",
  "%1",
  "a)",
  "%f",
  "%b(",
  "hello.*Lua",
  "items$",
  "12345",
  "z",
  "[a-]",
  "[%d-x]",
  "%u%l*",
  "(.-)(%d+)(.*)",
  "\xC3\xA4",
};
static const char *const json[] = {
  "{\"a\": 1, \"b\": {\"c\": [1, \"}\", 2]}, \"k\\u0065y\": \"v\"}",
  "{}",
  "[]",
  "null",
  "true",
  " false ",
  "12",
  "-1.5e3",
  "1e400",
  "\"text\"",
  "\"12\"",
  "\"a\\n\\u00e4\\ud83d\\ude00\\ud83d\"",
  "\"",
  "{\"a\": null}",
  "{\"a\"",
  "9223372036854775807",
  "9223372036854775808",
  "",
};
static const char *const replacements[] = {
  "", "x", "<%0>", "%1", "%%", "%2", "%", "%x", "a longer replacement"};
static const char *const keys[] = {"a", "b", "key", "", "c"};

static peri_str pick(const char *const *list, size_t count)
{
  const char *text = list[mock_random() % count];
  return (peri_str){text, strlen(text)};
}
#define PICK(list) pick(list, sizeof(list) / sizeof(list)[0])

static peri_str random_text(const char *name)
{
  if (strcmp(name, "pattern") == 0) {
    return PICK(patterns);
  } else if (strcmp(name, "replacement") == 0) {
    return PICK(replacements);
  } else if (strcmp(name, "json") == 0) {
    return PICK(json);
  } else if (strcmp(name, "key") == 0) {
    return PICK(keys);
  }
  peri_str text = PICK(texts);
  if (mock_random() % 16 == 0) { /* as a short view is filled up */
    return (peri_str){"GET\0\0", 3 + mock_random() % 3};
  }
  if (strcmp(name, "s") != 0 && mock_random() % 2) { /* rather a part of one */
    size_t from = mock_random() % (text.len + 1);
    text.ptr += from;
    text.len = mock_random() % (text.len - from + 1);
  }
  return text;
}

static int64_t random_integer(void)
{
  static const int64_t special[] = {
    INT64_MIN,       INT64_MAX,  INT64_MIN + 1,
    1ll << 53,       -1ll << 53, 1748736000000000000,
    (1ll << 53) + 1, 255,        256,
    32768,           -129};
  return mock_random() % 4 ? (int64_t)(mock_random() % 12) - 4
                           : special[mock_random() % 11];
}

static double random_float(void)
{
  static const double special[] = {0.0,    -0.0,   INFINITY, -INFINITY,
                                   NAN,    0.5,    1e300,    -1e18,
                                   0x1p53, 0x1p63, -0x1p63,  1e11};
  return mock_random() % 3 ? (double)(mock_random() % 24) / 4 - 3
                           : special[mock_random() % 12];
}

static struct mock_cell random_cell(const struct ops_function *fn, int k)
{
  struct mock_cell cell = {.i = random_integer(), .f = random_float()};
  bool narrow = fn->types[k] == PERI_T_F32;
  cell.f = narrow ? (double)(float)cell.f : cell.f;
  cell.i &= fn->types[k] == PERI_T_BOOL ? 1 : -1;
  if (fn->types[k] == PERI_T_STR) {
    cell.s = random_text(fn->args[k]);
  }
  if (strcmp(fn->name, "number_base") == 0 && k == 1) {
    cell.i = (int64_t)(mock_random() % 40);
  }
  return cell;
}

static peri_slot slot_of(uint32_t type, const struct mock_cell *cell)
{
  peri_slot slot = {.i64 = cell->i};
  if (type == PERI_T_STR) {
    slot.str = cell->s;
  } else if (type == PERI_T_F64) {
    slot.f64 = cell->f;
  } else if (type == PERI_T_F32) {
    slot.f32 = (float)cell->f;
  }
  return slot;
}

/* ----------------------------------------------------------- loop and call */

static bool same_value(uint32_t type, const void *a, const void *b)
{
  if (type == PERI_T_STR) {
    peri_str x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x.len == y.len && (x.len == 0 || memcmp(x.ptr, y.ptr, x.len) == 0);
  }
  double f, g;
  float single_f, single_g;
  if (type == PERI_T_F64) {
    memcpy(&f, a, 8);
    memcpy(&g, b, 8);
    return (isnan(f) && isnan(g)) || memcmp(a, b, 8) == 0;
  } else if (type == PERI_T_F32) {
    memcpy(&single_f, a, 4);
    memcpy(&single_g, b, 4);
    return (isnan(single_f) && isnan(single_g)) || memcmp(a, b, 4) == 0;
  }
  return memcmp(a, b, ops_function_width(type)) == 0;
}

struct columns {
  int64_t n;
  struct mock_cell cells[OPS_ARGS_MAX][ROWS_MAX];
  struct mock_cells made[OPS_ARGS_MAX];
  peri_col cols[OPS_ARGS_MAX];
};

/* A constant is a dictionary of one, which may be null in some rows. */
static void make_columns(const struct ops_function *fn, struct columns *c)
{
  static const int64_t sizes[] = {0,  1,  2,  15,  16,  17, 31,
                                  63, 64, 65, 127, 200, 300};
  c->n = sizes[mock_random() % 13];
  for (int k = 0; k < fn->count; k++) {
    struct mock_cell *cells = c->cells[k];
    bool constant = mock_random() % 3 == 0;
    uint64_t nulls = mock_random() % 3; /* in 10 rows */
    for (int64_t i = 0; i < c->n; i++) {
      cells[i] = constant && i > 0 ? cells[0] : random_cell(fn, k);
      cells[i].null = false;
    }
    bool dictionary = constant && fn->types[k] == PERI_T_STR;
    int64_t skip = (int64_t)(mock_random() % 70);
    for (int64_t i = 0; i < c->n && !dictionary; i++) {
      cells[i].null = mock_random() % 10 < nulls;
    }
    c->made[k] = mock_cells_new(
      fn->types[k], dictionary ? PERI_L_DICT : (uint32_t)(mock_random() % 4),
      cells, c->n, skip, dictionary || mock_random() % 2);
    c->cols[k] = c->made[k].col;
    for (int64_t i = 0; i < c->n && dictionary; i++) {
      cells[i].null = mock_random() % 10 < nulls;
      uint8_t *bits = c->made[k].owned[3];
      bits[(skip + i) / 8] &=
        (uint8_t) ~((unsigned)cells[i].null << (skip + i) % 8);
    }
  }
}

static bool is_null(const struct ops_function *fn, const struct columns *c,
                    int64_t i)
{
  bool null = false;
  for (int k = 0; k < fn->count; k++) {
    null |= c->cells[k][i].null;
  }
  return null;
}

/* Row i by way of the call; false: no result, or a failure. */
static bool call_row(const struct ops_function *fn, const struct columns *c,
                     int64_t i, peri_slot *result)
{
  peri_slot args[OPS_ARGS_MAX];
  for (int k = 0; k < fn->count; k++) {
    args[k] = slot_of(fn->types[k], &c->cells[k][i]);
  }
  return ops_function_call(fn, &mock, args, result);
}

/* The loop has failed as `message` says: so does a row. */
static void check_failure(const struct ops_function *fn,
                          const struct columns *c, const char *message)
{
  for (int64_t i = 0; i < c->n; i++) {
    peri_slot result;
    mock_reset(&mock);
    if (!is_null(fn, c, i)) {
      call_row(fn, c, i, &result);
    }
    if (mock.cx.failed && strcmp(mock.message, message) == 0) {
      return;
    }
  }
  MOCK_CHECK(false, "%s fails over columns only: %s", fn->name, message);
}

static void check_rows(const struct ops_function *fn, const struct columns *c,
                       const char *out, const uint8_t *valid)
{
  size_t width = ops_function_width(fn->returns);
  for (int64_t i = 0; i < c->n; i++) {
    if (is_null(fn, c, i)) {
      continue;
    }
    peri_slot value;
    bool has = call_row(fn, c, i, &value);
    MOCK_CHECK(!mock.cx.failed, "%s fails for row %lld only: %s", fn->name,
               (long long)i, mock.message);
    MOCK_CHECK(!fn->option || valid[i] == has, "%s, row %lld of %lld: %d",
               fn->name, (long long)i, (long long)c->n, has);
    MOCK_CHECK(!has || same_value(fn->returns, out + width * (size_t)i, &value),
               "%s, row %lld of %lld: other values", fn->name, (long long)i,
               (long long)c->n);
  }
}

static void test_loop(const struct ops_function *fn)
{
  static struct columns c;
  make_columns(fn, &c);
  size_t width = ops_function_width(fn->returns), n = (size_t)c.n;
  char *out = malloc(width * n + 1);
  uint8_t *valid = malloc(n + 1);
  memset(out, 0xA5, width * n + 1);
  memset(valid, 1, n + 1);
  mock_reset(&mock);
  ((peri_map_fn *)fn->item->map)(&mock.cx, c.n, c.cols, out,
                                 fn->option ? valid : NULL);
  MOCK_CHECK(out[width * n] == (char)0xA5 && valid[n] == 1, "%s writes too far",
             fn->name);
  if (mock.cx.failed) {
    char *message = strdup(mock.message);
    check_failure(fn, &c, message);
    free(message);
  } else {
    check_rows(fn, &c, out, valid);
  }
  for (int k = 0; k < fn->count; k++) {
    mock_cells_free(&c.made[k]);
  }
  free(valid);
  free(out);
}

/* No operation goes on after memory has run out. */
static void test_no_memory(const struct ops_function *fn)
{
  static struct columns c;
  peri_str out[ROWS_MAX * 2];
  uint8_t valid[ROWS_MAX];
  make_columns(fn, &c);
  memset(valid, 1, sizeof valid);
  for (int64_t after = 0; after < 3; after++) {
    mock_reset(&mock);
    mock.fail_after = after;
    ((peri_map_fn *)fn->item->map)(&mock.cx, c.n, c.cols, out,
                                   fn->option ? valid : NULL);
    mock.fail_after = -1;
  }
  for (int k = 0; k < fn->count; k++) {
    mock_cells_free(&c.made[k]);
  }
}

/* Every length of subject and text, found at every place. */
static void test_find(void)
{
  const peri_item *item = mock_item(mock.plugin, PERI_K_FUNCTION, "find_plain");
  struct ops_function fn = ops_function_read(item);
  mock_reset(&mock);
  for (size_t n = 1; n < 70; n++) {
    for (size_t len = 1; len <= n && len < 24; len++) {
      for (size_t at = 0; at + len <= n; at++) {
        char *s = malloc(n), text[24];
        peri_slot result,
          args[] = {{.str = {s, n}}, {.str = {text, len}}, {.i64 = 1}};
        memset(s, 'a', n);
        memset(text, 'a', len);
        s[at + len / 2] = text[len / 2] = 'b';
        bool found = ops_function_call(&fn, &mock, args, &result);
        MOCK_CHECK(found && result.i64 == (int64_t)at + 1, "%zu of %zu at %zu",
                   len, n, at);
        text[len / 2] = 'c';
        MOCK_CHECK(!ops_function_call(&fn, &mock, args, &result), "%zu of %zu",
                   len, n);
        free(s);
      }
    }
  }
}

static void check_text_f64(const struct ops_function *fn, double value)
{
  char expected[40];
  peri_slot result, args[] = {{.f64 = value}};
  snprintf(expected, sizeof expected, "%.14g", value);
  if (!strpbrk(expected, ".en")) {
    strcat(expected, ".0");
  }
  mock_reset(&mock);
  ops_function_call(fn, &mock, args, &result);
  MOCK_CHECK(result.str.len == strlen(expected) &&
               memcmp(result.str.ptr, expected, result.str.len) == 0,
             "%.17g is %.*s", value, (int)result.str.len, result.str.ptr);
}

/* Numbers of few decimals, and those next to them. */
static void test_text_f64(void)
{
  const peri_item *item = mock_item(mock.plugin, PERI_K_FUNCTION, "text_f64");
  static const double tens[] = {1,   1e1, 1e2, 1e3, 1e4,  1e5,
                                1e6, 1e7, 1e8, 1e9, 1e10, 1e11};
  struct ops_function fn = ops_function_read(item);
  for (int round = 0; round < 20000; round++) {
    double value = (double)(int64_t)(mock_random() >> mock_random() % 52);
    value /= tens[mock_random() % 12];
    value = mock_random() % 2 ? -value : value;
    check_text_f64(&fn, value);
    for (int next = -1; next <= 1; next += 2) {
      int64_t bits;
      memcpy(&bits, &value, sizeof bits);
      bits += value == 0 ? 0 : next;
      memcpy(&value, &bits, sizeof bits);
      check_text_f64(&fn, value);
    }
  }
}

/* A short view is filled up with zeros, which are no part of its text. */
static void test_short_views(void)
{
  struct mock_cell cells[2] = {{.s = {"GET", 3}}, {.s = {"GET\0", 4}}};
  struct mock_cell prefixes[2] = {{.s = {"GET\0", 4}}, {.s = {"GET\0", 4}}};
  struct mock_cells s =
    mock_cells_new(PERI_T_STR, PERI_L_VIEW, cells, 2, 0, false);
  struct mock_cells prefix =
    mock_cells_new(PERI_T_STR, PERI_L_DICT, prefixes, 2, 0, false);
  static const char *const names[] = {"starts_with", "eq_str"};
  for (int i = 0; i < 2; i++) {
    const peri_item *item = mock_item(mock.plugin, PERI_K_FUNCTION, names[i]);
    peri_col cols[] = {s.col, prefix.col};
    uint8_t out[2];
    ((peri_map_fn *)item->map)(&mock.cx, 2, cols, out, NULL);
    MOCK_CHECK(!out[0] && out[1], "%s", names[i]);
  }
  mock_cells_free(&s);
  mock_cells_free(&prefix);
}

int main(int argc, char **argv)
{
  const peri_plugin *plugin = mock_load(argc > 1 ? argv[1] : "ops.so");
  int rounds = argc > 2 ? atoi(argv[2]) : 60, functions = 0;
  mock_init(&mock, plugin, PERI_K_FUNCTION, "eq_i64", NULL);
  ops_cases(&mock);
  ops_texts(&mock);
  test_find();
  test_text_f64();
  test_short_views();
  for (const peri_item *item = plugin->items; item < plugin->items_end;
       item++) {
    if (item->kind != PERI_K_FUNCTION) {
      continue;
    }
    struct ops_function fn = ops_function_read(item);
    MOCK_CHECK(item->map && item->call && (item->flags & PERI_PURE), "%s",
               fn.name);
    for (int i = 0; i < rounds; i++) {
      test_loop(&fn);
    }
    for (int i = 0; i < 5; i++) {
      test_no_memory(&fn);
    }
    functions++;
  }
  MOCK_CHECK(functions > 100, "%d functions", functions);
  mock_fini(&mock);
  return 0;
}
