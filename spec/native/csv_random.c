/* csv_random.c - streams made by chance, against the oracle, at every cut. */
#include "csv_run.h"

#include <stdlib.h>

static uint64_t seed = 7;

static unsigned random_below(unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 33) % n;
}

static const char *one_of(const char *const *texts, unsigned count)
{
  return texts[random_below(count)];
}
#define ONE_OF(...)                                                            \
  one_of((const char *const[]){__VA_ARGS__},                                   \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add(struct mock_text *text, const char *more)
{
  mock_add(text, more, strlen(more));
}

/* ------------------------------------------------------------------
 * well-formed
 */

static void add_quoted(struct mock_text *text, const char *content)
{
  add(text, "\"");
  for (; *content; content++) {
    mock_add(text, content, 1);
    if (*content == '"') {
      add(text, "\"");
    }
  }
  add(text, "\"");
}

static void add_value(struct mock_text *text, unsigned style)
{
  switch (style) {
  case 0: /* numbers, and late a text */
    add(text, random_below(60)
                ? ONE_OF("0", "-1", "42", "9007199254740993", "1234567", "")
                : "x");
    break;
  case 1:
    add(text, ONE_OF("1.5", "2", "-0.25", "1e3", "", "100"));
    break;
  case 2:
    add(text, random_below(40) ? ONE_OF("true", "false", "") : "1");
    break;
  case 3:
    add(text, ONE_OF("plain", "a longer text than fits", "", "007", "+1", "12",
                     "w\xC3\xB6rt", "a\"b", "\\", "\xFF"));
    break;
  case 4:
    add_quoted(text, ONE_OF("", "x", "a,b", "line\nbreak\r\n", "\"", "\"\"x",
                            "12", "end\"", "a quoted text of some length",
                            "quoted \"and\" \xC3\xB6 long"));
    break;
  default:
    if (random_below(3)) {
      add_value(text, random_below(5));
    }
  }
}

/* `columns` columns named a, b, ..., each of a style of its own. */
static void make_regular(struct mock_text *text, unsigned columns,
                         unsigned rows)
{
  unsigned style[26];
  const char *line_break = ONE_OF("\n", "\r\n");
  for (unsigned i = 0; i < columns; i++) {
    char name[2] = {(char)('a' + i), '\0'};
    style[i] = random_below(6);
    add(text, i ? "," : "");
    add(text, name);
  }
  for (unsigned row = 0; row < rows; row++) {
    add(text, line_break);
    if (random_below(20) == 0) {
      add(text, ONE_OF("\n", "ragged", "1,2,3,4,5,6,7,8", "\r\n", "\"x\"y,1",
                       "6\" by 4\",\"2\"", "\"torn, \"\"and", "\"1\"\r2"));
      continue;
    }
    for (unsigned i = 0; i < columns; i++) {
      add(text, i ? "," : "");
      add_value(text, style[i]);
    }
  }
  add(text, random_below(2) ? line_break : "");
}

/* -------------------------------------------------------------------- anything
 */

static void make_dirty(struct mock_text *text, unsigned columns,
                       unsigned pieces)
{
  for (unsigned i = 0; i < columns; i++) {
    char name[2] = {(char)('a' + i), '\0'};
    add(text, i ? "," : "");
    add(text, name);
  }
  add(text, "\n");
  for (unsigned i = 0; i < pieces; i++) {
    switch (random_below(10)) {
    case 0:
      mock_add(text, "\0", 1);
      break;
    case 1:
      add(text, ONE_OF("\xFF", "\xC3", "\xC3\xA4", "\xBF"));
      break;
    default:
      add(text, ONE_OF(",", ",", ",", "\n", "\n", "\r", "\"", "\"", "\"\"", "1",
                       "2.5", "abc", " ", "true", ",\"", "\",", "\"\n"));
    }
  }
}

static void expect(const struct csv_in *params, const struct mock_text *text,
                   size_t step)
{
  char *expected = csv_oracle(params, text->at, text->len);
  for (size_t cut = 0; cut < text->len; cut += step) {
    char *rows = csv_decode(params, NULL, text->at, text->len, cut);
    MOCK_SAME_OF(rows, expected, text->at);
    free(rows);
  }
  free(expected);
}

/* The same by three instances that decode in turns. */
static void expect_of_clones(const struct csv_in *params,
                             const struct mock_text *text, size_t step)
{
  char *expected = csv_oracle(params, text->at, text->len);
  struct mock mocks[4];
  for (int i = 0; i < 4; i++) {
    mock_init(&mocks[i], csv, PERI_K_DECODER, "csv", params);
  }
  char *rows = csv_with_names(mock_decode_in_turns(
    &mocks[0], mocks + 1, 3, NULL, text->at, text->len, step));
  MOCK_SAME_OF(rows, expected, text->at);
  for (int i = 0; i < 4; i++) {
    mock_fini(&mocks[i]);
  }
  free(rows);
  free(expected);
}

/* Every third line of `rows`, as they are printed, and their numbers. */
static char *some_rows(const char *rows, uint32_t *numbers, int64_t *n)
{
  struct mock_text some = {0};
  unsigned skip = random_below(3);
  *n = 0;
  mock_add(&some, "", 0);
  for (uint32_t row = 0; *rows; row++) {
    size_t len = strcspn(rows, "\n") + 1;
    if (row % 3 == skip) {
      mock_add(&some, rows, len);
      numbers[(*n)++] = row;
    }
    rows += len;
  }
  return some.at;
}

/* Rows picked by number are those of all rows. */
static void expect_picked(const struct csv_in *params,
                          const struct mock_text *text)
{
  static const peri_field fields[] = {MOCK_FIELD("b", PERI_T_NULL)};
  const struct mock_wanted first = {.fields = fields, .count = 1};
  const uint32_t flags = PERI_CHUNK_FIRST | PERI_CHUNK_LAST;
  uint32_t *numbers = malloc((text->len + 1) * sizeof *numbers);
  char *padded = calloc(text->len + 64, 1);
  struct mock mock;
  int64_t n;
  memcpy(padded, text->at, text->len);
  mock_init(&mock, csv, PERI_K_DECODER, "csv", params);
  if (mock_decode_chunk(&mock, NULL, padded, text->len, flags) == PERI_OK) {
    char *all = csv_with_names(mock_rows(&mock.out));
    char *expected = some_rows(all, numbers, &n);
    if (n > 0) {
      peri_status status = mock_decode_pick(&mock, &first, NULL, padded,
                                            text->len, flags, numbers, n);
      MOCK_CHECK(status == PERI_OK, "%s", mock.message);
      char *rows = csv_with_names(mock_rows(&mock.out));
      MOCK_SAME_OF(rows, expected, text->at);
      free(rows);
    }
    free(expected);
    free(all);
  }
  mock_fini(&mock);
  free(padded);
  free(numbers);
}

static void check(const struct csv_in *params, const struct mock_text *text)
{
  expect_picked(params, text);
  expect_of_clones(params, text, 1);
  expect_of_clones(params, text, 50);
  expect(params, text, text->len < 400 ? 1 : text->len / 97 + 1);
}

void csv_check_random(void)
{
  for (unsigned i = 0; i < 300; i++) {
    struct mock_text text = {0};
    struct csv_in params = csv_usual;
    params.sample = (const int[]){0, 20, 100, 65536}[i % 4];
    params.header = random_below(4) != 0;
    if (i % 3 == 0) {
      make_dirty(&text, 1 + random_below(4), random_below(120));
    } else {
      make_regular(&text, 1 + random_below(7),
                   random_below(i % 10 == 1 ? 300 : 12));
    }
    check(&params, &text);
    free(text.at);
  }
}
