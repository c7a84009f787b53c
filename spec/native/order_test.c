/* order_test.c - sort against a slow oracle, and head: order_test PLUGIN.so */
#include "mock_cells.h"
#include "mock_host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The plugin's parameters, as its declarations lay them out. */
struct sort_params {
  const peri_str *by;
  size_t count;
  int64_t limit;
};

#define COLUMNS 3
#define ROWS 700

static const peri_plugin *plugin;

/* A table, as cells and as a batch. */
static struct {
  int64_t n;
  uint32_t types[COLUMNS];
  struct mock_cell cells[COLUMNS][ROWS];
  struct mock_cells columns[COLUMNS];
  peri_col cols[COLUMNS];
  peri_batch batch;
} table;
static const peri_str names[COLUMNS] = {{"a", 1}, {"b", 1}, {"c", 1}};

static void free_table(void)
{
  for (int i = 0; i < COLUMNS; i++) {
    mock_cells_free(&table.columns[i]);
  }
}

/* The cells as a batch that is a slice `skip` rows into something. */
static void make_batch(int64_t skip, uint32_t layout, bool bitmap)
{
  free_table();
  for (int i = 0; i < COLUMNS; i++) {
    table.columns[i] = mock_cells_new(table.types[i], layout, table.cells[i],
                                      table.n, skip + i, bitmap);
    table.cols[i] = table.columns[i].col;
  }
  table.batch = (peri_batch){table.n, COLUMNS, table.cols, names, NULL};
}

/* ------------------------------------------------------------------ the oracle
 */

static double number_of(uint32_t type, const struct mock_cell *cell)
{
  return type == PERI_T_F32 ? (double)(float)cell->f : cell->f;
}

static int rank(uint32_t type, const struct mock_cell *cell)
{
  bool is_float = type == PERI_T_F32 || type == PERI_T_F64;
  return cell->null || type == PERI_T_NULL ? 2
         : is_float && isnan(cell->f)      ? 1
                                           : 0;
}

static int compare_texts(peri_str a, peri_str b)
{
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Numbers, then texts, then the others.  Integers and floats compare exactly in
 * a long double.  A null within JSON is a NaN. */
static const struct json {
  const char *json;
  int kind;
  long double number;
  const char *text;
} jsons[] = {
  {"0", 0, 0, ""},
  {"-0", 0, 0, ""},
  {"-0.0", 0, 0, ""},
  {"9", 0, 9, ""},
  {"9.0", 0, 9, ""},
  {"10", 0, 10, ""},
  {"10.5", 0, 10.5L, ""},
  {"-7", 0, -7, ""},
  {"1e300", 0, 1e300L, ""},
  {"9007199254740992", 0, 9007199254740992.0L, ""},
  {"9007199254740992.0", 0, 9007199254740992.0L, ""},
  {"9007199254740993", 0, 9007199254740993.0L, ""},
  {"9223372036854775807", 0, 9223372036854775807.0L, ""},
  {"-9223372036854775808", 0, -9223372036854775808.0L, ""},
  {"18446744073709551615", 0, 18446744073709551616.0L, ""},
  {"-1e19", 0, -1e19L, ""},
  {"null", 0, NAN, ""},
  {"\"\"", 1, 0, ""},
  {"\"a\"", 1, 0, "a"},
  {"\"a b\"", 1, 0, "a b"},
  {"\"a\\nb\"", 1, 0, "a\nb"},
  {"\"a\\u00e9\"", 1, 0, "a\xC3\xA9"},
  {"\"10\"", 1, 0, "10"},
  {"false", 2, 0, "false"},
  {"true", 2, 0, "true"},
  {"[1]", 2, 0, "[1]"},
  {"{}", 2, 0, "{}"},
};
#define JSONS (int64_t)(sizeof jsons / sizeof *jsons)

static int compare_json(const struct json *a, const struct json *b, bool down)
{
  if (a->kind != b->kind) {
    return a->kind - b->kind;
  }
  if (isnan(a->number) || isnan(b->number)) {
    return isnan(a->number) - isnan(b->number);
  }
  int order = a->number != b->number ? (a->number > b->number ? 1 : -1)
                                     : strcmp(a->text, b->text);
  return down ? -order : order;
}

static int compare_cells(uint32_t type, const struct mock_cell *a,
                         const struct mock_cell *b, bool down)
{
  int first = rank(type, a), second = rank(type, b), order;
  if (first != second || first != 0) {
    return first - second;
  }
  if (type == PERI_T_JSON) {
    return compare_json(&jsons[a->i], &jsons[b->i], down);
  }
  if (type >= PERI_T_STR) {
    order = compare_texts(a->s, b->s);
  } else if (type == PERI_T_F32 || type == PERI_T_F64) {
    double x = number_of(type, a), y = number_of(type, b);
    order = (x > y) - (x < y);
  } else if (type == PERI_T_U64) {
    order =
      ((uint64_t)a->i > (uint64_t)b->i) - ((uint64_t)a->i < (uint64_t)b->i);
  } else {
    order = (a->i > b->i) - (a->i < b->i);
  }
  return down ? -order : order;
}

static int compare_rows(const struct sort_params *params, uint32_t a,
                        uint32_t b)
{
  for (size_t i = 0; i < params->count; i++) {
    peri_str by = params->by[i];
    bool down = by.ptr[0] == '-';
    int column = by.ptr[by.len - 1] - 'a';
    int order = compare_cells(table.types[column], &table.cells[column][a],
                              &table.cells[column][b], down);
    if (order) {
      return order;
    }
  }
  return 0;
}

static void sort_slowly(const struct sort_params *params, uint32_t *rows)
{
  for (uint32_t i = 0; i < table.n; i++) {
    uint32_t at = i;
    for (; at > 0 && compare_rows(params, rows[at - 1], i) > 0; at--) {
      rows[at] = rows[at - 1];
    }
    rows[at] = i;
  }
}

static void check_sort(const struct sort_params *params)
{
  uint32_t expected[ROWS];
  struct mock mock;
  sort_slowly(params, expected);
  mock_init(&mock, plugin, PERI_K_KERNEL, "sort", params);
  peri_status status = mock_process(&mock, &table.batch);
  int64_t keep =
    params->limit > 0 && params->limit < table.n ? params->limit : table.n;
  MOCK_CHECK(status == PERI_OK, "sort gave %d: %s", status, mock.message);
  MOCK_CHECK(mock.out.picked_count == keep, "%lld rows of %lld",
             (long long)mock.out.picked_count, (long long)keep);
  for (int64_t i = 0; i < keep; i++) {
    MOCK_CHECK(mock.out.picked[i] == expected[i],
               "row %lld of %lld is %u, not %u (types %u %u %u, by %.*s...)",
               (long long)i, (long long)keep, mock.out.picked[i], expected[i],
               table.types[0], table.types[1], table.types[2],
               (int)params->by[0].len, params->by[0].ptr);
  }
  mock_fini(&mock);
}

/* ----------------------------------------------------------------- the tables
 */

static const double numbers[] = {0.0,       -0.0,     1.5,     -1.5,
                                 NAN,       INFINITY, -NAN,    1e300,
                                 -INFINITY, 1e-310,   -1e-310, 3};
static const int64_t integers[] = {
  0, 1, -1, INT64_MAX, INT64_MIN, 255, 256, -128, 127, 65536, -65536, 1 << 30};

/* Texts that part in the first bytes, after 8 or 16 of them, at zeros, or not.
 */
static peri_str random_text(void)
{
  static const char *const starts[] = {"",
                                       "a",
                                       "ab",
                                       "abcdefgh",
                                       "abcdefghabcdefgh",
                                       "https://example.org/",
                                       "\xFF\xFE",
                                       "b"};
  static const char ends[] = "\0\0ab\0c";
  static char room[1 << 16];
  static size_t used;
  const char *start = starts[mock_random() % 8];
  size_t len = strlen(start), more = mock_random() % 4;
  used = used + len + more > sizeof room ? 0 : used;
  char *text = room + used;
  memcpy(text, start, len);
  for (size_t i = 0; i < more; i++) {
    text[len + i] = ends[mock_random() % 6];
  }
  used += len + more;
  return (peri_str){text, len + more};
}

static void random_cell(uint32_t type, int variety, struct mock_cell *cell)
{
  uint64_t any = mock_random();
  *cell = (struct mock_cell){.null = any % 11 == 0};
  any /= 11;
  cell->i = variety == 1 ? integers[any % 12]
            : variety == 2
              ? integers[any % 2 * 4] /* part in the top bit only */
              : (int64_t)(any * 0x9E3779B97F4Au);
  cell->i = type == PERI_T_BOOL ? cell->i & 1 : cell->i;
  cell->i = type == PERI_T_I8    ? (int8_t)cell->i
            : type == PERI_T_U8  ? (uint8_t)cell->i
            : type == PERI_T_I16 ? (int16_t)cell->i
            : type == PERI_T_U16 ? (uint16_t)cell->i
            : type == PERI_T_I32 ? (int32_t)cell->i
            : type == PERI_T_U32 ? (uint32_t)cell->i
                                 : cell->i;
  cell->f = variety > 0 ? numbers[any % 12] : (double)(int64_t)any / 7 - 1e15;
  cell->s = random_text();
  if (type == PERI_T_JSON) {
    cell->i = (int64_t)(any % (uint64_t)JSONS);
    cell->s = (peri_str){jsons[cell->i].json, strlen(jsons[cell->i].json)};
  }
}

static void random_table(int64_t n)
{
  free_table();
  table.n = n;
  for (int i = 0; i < COLUMNS; i++) {
    table.types[i] = (uint32_t)(mock_random() % (PERI_T_JSON + 1));
    int variety = (int)(mock_random() % 3);
    for (int64_t row = 0; row < n; row++) {
      random_cell(table.types[i], variety, &table.cells[i][row]);
    }
  }
}

static void sorts_as_the_oracle_does(void)
{
  static const peri_str lists[][3] = {{{"a", 1}},
                                      {{"-a", 2}},
                                      {{"+b", 2}, {"a", 1}},
                                      {{"-b", 2}, {"+c", 2}, {"-a", 2}},
                                      {{"c", 1}, {"b", 1}, {"a", 1}}};
  static const size_t counts[] = {1, 1, 2, 3, 3};
  static const int64_t sizes[] = {0, 1, 2, 3, 17, 48, 49, 200, ROWS};
  for (int round = 0; round < 400; round++) {
    random_table(sizes[mock_random() % 9]);
    make_batch((int64_t)(mock_random() % 10), (uint32_t)(mock_random() % 4),
               mock_random() % 2);
    for (int i = 0; i < 5; i++) {
      int64_t limits[] = {0, 1, 5, table.n / 5, table.n, table.n + 1};
      int64_t limit = limits[mock_random() % 6];
      check_sort(&(struct sort_params){lists[i], counts[i], limit});
    }
  }
}

static void keeps_the_first_of_any_limit(void)
{
  static const peri_str by[] = {{"-a", 2}, {"b", 1}};
  for (uint32_t type = PERI_T_NULL; type <= PERI_T_JSON; type++) {
    random_table(120);
    table.types[0] = type;
    for (int64_t row = 0; row < table.n; row++) {
      random_cell(type, 1, &table.cells[0][row]);
    }
    make_batch(3, PERI_L_PLAIN, false);
    for (int64_t limit = 0; limit <= 121; limit++) {
      check_sort(&(struct sort_params){by, 2, limit});
    }
  }
}

/* Texts with a long common start, each the start of the next. */
static void sorts_texts_that_contain_each_other(void)
{
  static const peri_str up = {"a", 1}, down = {"-a", 2};
  static char text[ROWS];
  memset(text, 'x', sizeof text);
  free_table();
  table.n = ROWS;
  for (int i = 0; i < COLUMNS; i++) {
    table.types[i] = PERI_T_STR;
    for (int64_t row = 0; row < ROWS; row++) {
      table.cells[i][row] =
        (struct mock_cell){.s = {text, (size_t)(row * 37 % ROWS)}};
    }
  }
  make_batch(0, PERI_L_SPAN, false);
  check_sort(&(struct sort_params){&up, 1, 0});
  check_sort(&(struct sort_params){&down, 1, 0});
  check_sort(&(struct sort_params){&down, 1, 20});
}

static void refuses_what_it_cannot_sort_by(void)
{
  peri_str by[] = {{"a", 1}, {"-nmae", 5}};
  struct sort_params params = {by, 2, 0};
  struct mock mock;
  random_table(5);
  make_batch(0, PERI_L_VIEW, false);
  mock_init(&mock, plugin, PERI_K_KERNEL, "sort", &params);
  peri_status status = mock_process(&mock, &table.batch);
  MOCK_CHECK(status == PERI_EINVAL, "sort gave %d", status);
  MOCK_SAME(mock.message, "parameter 'by': no column 'nmae'");
  by[1] = (peri_str){"-", 1};
  mock_process(&mock, &table.batch);
  MOCK_SAME(mock.message, "parameter 'by': no column ''");
  mock_fini(&mock);
  params.count = 0;
  status = mock_init(&mock, plugin, PERI_K_KERNEL, "sort", &params);
  MOCK_CHECK(status == PERI_EINVAL, "OPEN gave %d", status);
  MOCK_SAME(mock.message, "parameter 'by' names no column");
  mock_fini(&mock);
}

static void fails_politely_without_memory(void)
{
  static const peri_str by[] = {{"a", 1}, {"b", 1}};
  struct sort_params params = {by, 2, 0};
  random_table(600);
  make_batch(0, PERI_L_VIEW, false);
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init(&mock, plugin, PERI_K_KERNEL, "sort", &params);
    mock.fail_after = n;
    peri_status status = mock_process(&mock, &table.batch);
    if (status == PERI_OK) {
      MOCK_CHECK(n >= 3, "only %lld allocations", (long long)n);
      mock_fini(&mock);
      return;
    }
    MOCK_CHECK(status == PERI_ENOMEM, "sort gave %d", status);
    MOCK_SAME(mock.message, "no memory to sort");
    mock_fini(&mock);
  }
}

static void stops_when_it_is_told_to(void)
{
  static const peri_str by = {"a", 1};
  struct sort_params params = {&by, 1, 0};
  int32_t stop = 1;
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_KERNEL, "sort", &params);
  mock.cx.stop = &stop;
  peri_status status = mock_process(&mock, &table.batch);
  MOCK_CHECK(status == PERI_ECANCEL, "a stopped sort gives %d", status);
  mock_fini(&mock);
}

/* ------------------------------------------------------------------------ head
 */

static void head_keeps_the_first_rows(void)
{
  random_table(10);
  make_batch(0, PERI_L_VIEW, false);
  for (int64_t n = 0; n <= 31; n++) {
    struct mock mock;
    mock_init(&mock, plugin, PERI_K_KERNEL, "head", &n);
    int64_t seen = 0;
    for (int batch = 0; batch < 4; batch++) {
      peri_status status = mock_process(&mock, &table.batch);
      for (int64_t i = 0; i < mock.out.picked_count; i++) {
        MOCK_CHECK(mock.out.picked[i] == (uint32_t)i, "rows out of order");
      }
      seen += mock.out.picked_count;
      MOCK_CHECK(status == (seen == n ? PERI_END : PERI_OK), "gave %d", status);
      if (status == PERI_END) {
        break;
      }
    }
    MOCK_CHECK(seen == n, "%lld rows of %lld", (long long)seen, (long long)n);
    mock_fini(&mock);
  }
  table.batch.n = 0;
  int64_t two = 2;
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_KERNEL, "head", &two);
  MOCK_CHECK(mock_process(&mock, &table.batch) == PERI_OK, "an empty batch");
  MOCK_CHECK(mock.out.picked_count == 0, "rows of an empty batch");
  mock_fini(&mock);
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: order_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  sorts_as_the_oracle_does();
  keeps_the_first_of_any_limit();
  sorts_texts_that_contain_each_other();
  refuses_what_it_cannot_sort_by();
  fails_politely_without_memory();
  stops_when_it_is_told_to();
  head_keeps_the_first_rows();
  free_table();
  printf("order: %ld checks passed\n", mock_checks);
  return 0;
}
