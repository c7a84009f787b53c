/* ops_texts.c - texts that nearly are one another, compared and looked for in
 * every layout: a constant or another dictionary against plain columns of the
 * same values, which the call answers for row by row.
 *
 * Short ways look at the length, at the first four bytes or at twelve; so texts
 * differ in one byte at each of the places around these, and in one length. */
#include "mock_cells.h"
#include "ops_cases.h"
#include "ops_function.h"

#include <string.h>

#define LEN_MAX 18
#define ROWS (2 * LEN_MAX + 8)

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* The first `len` letters; then the same with one byte changed, with fewer and
 * more at the end, with more in front, and a null. */
static int64_t fill_near(struct mock_cell *cells, char texts[][LEN_MAX + 4],
                         size_t len)
{
  int64_t n = 0;
  for (size_t i = 0; i < len; i++, n++) {
    memcpy(texts[n], letters, len);
    texts[n][i] ^= 1;
    cells[n] = (struct mock_cell){.s = {texts[n], len}};
  }
  for (size_t i = 0; i <= len + 2; i++, n++) {
    cells[n] = (struct mock_cell){.s = {letters, i}};
  }
  texts[n][0] = '.';
  memcpy(texts[n] + 1, letters, len);
  cells[n] = (struct mock_cell){.s = {texts[n], len + 1}};
  n++;
  cells[n++] = (struct mock_cell){.null = true};
  cells[n++] = (struct mock_cell){.s = {letters, len}};
  return n;
}

static bool same(const struct ops_function *fn, const char *at,
                 const peri_slot *value)
{
  if (fn->returns == PERI_T_STR) {
    peri_str text;
    memcpy(&text, at, sizeof text);
    return text.len == value->str.len &&
           memcmp(text.ptr, value->str.ptr, text.len) == 0;
  }
  return memcmp(at, value, ops_function_width(fn->returns)) == 0;
}

static void check_rows(const struct ops_function *fn, struct mock *mock,
                       const struct mock_cell *cells[2], const peri_col *cols,
                       const char *what)
{
  char out[ROWS * 16];
  uint8_t valid[ROWS];
  size_t width = ops_function_width(fn->returns);
  int64_t n = cols[0].n;
  memset(valid, 1, sizeof valid);
  mock_reset(mock);
  ((peri_map_fn *)fn->item->map)(&mock->cx, n, cols, out,
                                 fn->option ? valid : NULL);
  for (int64_t i = 0; i < n; i++) {
    peri_slot args[3] = {
      {.str = cells[0][i].s}, {.str = cells[1][i].s}, {.i64 = 1}};
    peri_slot value = {.u64 = 0};
    if (cells[0][i].null || cells[1][i].null) {
      continue;
    }
    bool has = ops_function_call(fn, mock, args, &value);
    MOCK_CHECK((!fn->option || valid[i] == has) &&
                 (!has || same(fn, out + width * (size_t)i, &value)),
               "%s('%.*s', '%.*s'), %s, row %lld of %lld", fn->name,
               (int)args[0].str.len, args[0].str.ptr, (int)args[1].str.len,
               args[1].str.ptr, what, (long long)i, (long long)n);
  }
}

/* `constant`: which of the two columns is a dictionary of one. */
static void check_constant(const struct ops_function *fn, struct mock *mock,
                           size_t len, int constant)
{
  static const char *const names[] = {"views", "plain", "a dictionary",
                                      "spans"};
  static char texts[ROWS][LEN_MAX + 4];
  struct mock_cell near[ROWS], same_text[ROWS], ones[ROWS];
  int64_t n = fill_near(near, texts, len);
  for (int64_t i = 0; i < n; i++) {
    same_text[i] = (struct mock_cell){.s = {letters, len}};
    ones[i] = (struct mock_cell){.i = 1};
  }
  for (uint32_t layout = PERI_L_VIEW; layout <= PERI_L_SPAN; layout++) {
    for (int64_t from = 0; from < 3; from++) {
      int64_t rows = from == 2 ? 0 : n - from;
      struct mock_cells a =
        mock_cells_new(PERI_T_STR, layout, near + from, rows, from * 5, from);
      struct mock_cells b =
        mock_cells_new(PERI_T_STR, PERI_L_DICT, same_text, rows, from, false);
      struct mock_cells c = mock_cells_new(PERI_T_I64, 0, ones, rows, 0, false);
      const struct mock_cell *cells[2];
      peri_col cols[3] = {{0}, {0}, c.col};
      cols[!constant] = a.col;
      cells[!constant] = near + from;
      cols[constant] = b.col;
      cells[constant] = same_text;
      check_rows(fn, mock, cells, cols, names[layout]);
      mock_cells_free(&a);
      mock_cells_free(&b);
      mock_cells_free(&c);
    }
  }
}

void ops_texts(struct mock *mock)
{
  static const char *const names[] = {"eq_str",      "lt_str",      "le_str",
                                      "starts_with", "find_prefix", "ends_with",
                                      "find_plain",  "find",        "match"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct ops_function fn =
      ops_function_read(mock_item(mock->plugin, PERI_K_FUNCTION, names[i]));
    for (size_t len = 0; len <= LEN_MAX; len++) {
      check_constant(&fn, mock, len, 0);
      check_constant(&fn, mock, len, 1);
    }
  }
}
