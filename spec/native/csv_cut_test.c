/* csv_cut_test.c - CSV text cut in blocks has the borders that it has when it
 * is read byte by byte. */
#include "../../native/csv/cut.c"
#include "mock_host.h"

#include <stdlib.h>

static uint64_t seed = 5;

static unsigned below(unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 33) % n;
}

static void *some_realloc(peri_cx *cx, void *block, size_t n)
{
  (void)cx;
  if (n == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, n);
}

static const peri_services services = {.size = sizeof services,
                                       .realloc = some_realloc};
static peri_cx cx = {.size = sizeof cx, .sv = &services};

static void same(const struct csv_cut *a, const struct csv_cut *b,
                 const char *text, size_t len)
{
  MOCK_CHECK(a->row_count == b->row_count && a->mark_count == b->mark_count &&
               a->odd_count == b->odd_count && a->open == b->open,
             "%zu and %zu records, %zu and %zu odd, %zu and %zu marks:\n%.*s",
             a->row_count, b->row_count, a->odd_count, b->odd_count,
             a->mark_count, b->mark_count, (int)len, text);
  for (size_t i = 0; i < a->mark_count; i++) {
    MOCK_CHECK(a->mark[i] == b->mark[i], "mark %zu: %u and %u", i, a->mark[i],
               b->mark[i]);
  }
  for (size_t i = 0; i <= a->row_count; i++) {
    MOCK_CHECK(a->row[i] == b->row[i], "record %zu: %u and %u", i, a->row[i],
               b->row[i]);
  }
  for (size_t i = 0; i < a->odd_count; i++) {
    MOCK_CHECK(
      a->odd[i].row == b->odd[i].row && a->odd[i].crooked == b->odd[i].crooked,
      "odd record %u, %d, and %u, %d:\n%.*s", a->odd[i].row, a->odd[i].crooked,
      b->odd[i].row, b->odd[i].crooked, (int)len, text);
  }
}

/* ---------------------------------------------------------------- byte by byte
 */

struct reading {
  const struct csv_syntax *syntax;
  const char *text, *at, *end;
  struct csv_cut *cut;
};

static bool at_quote(const struct reading *r)
{
  return r->syntax->quotes && r->at < r->end && *r->at == r->syntax->quote;
}

static bool at_border(const struct reading *r)
{
  return r->at == r->end || *r->at == r->syntax->separator || *r->at == '\n';
}

/* To behind the closing quote, or to the end; false: there is none. */
static bool pass_quoted(struct reading *r)
{
  for (r->at++; r->at < r->end; r->at++) {
    if (at_quote(r)) {
      r->at++;
      if (!at_quote(r)) {
        return true;
      }
    }
  }
  return false;
}

/* To the border of the field that begins here. */
static void pass_field(struct reading *r)
{
  bool odd = false, crooked = false;
  if (at_quote(r)) {
    r->cut->open = !pass_quoted(r);
    if (r->at + 1 < r->end && r->at[0] == '\r' && r->at[1] == '\n') {
      r->at++;
    }
    /* What is not there yet may be the newline. */
    crooked = !at_border(r) && !(*r->at == '\r' && r->at + 1 == r->end);
  }
  for (; !at_border(r); r->at++) {
    odd |= at_quote(r);
  }
  if (odd || crooked) {
    MOCK_CHECK(note_odd(&cx, r->cut, r->cut->row_count, crooked), "no memory");
  }
}

static void cut_bytes(struct csv_cut *cut, const struct csv_syntax *syntax,
                      const char *text, size_t from, size_t len)
{
  struct reading r = {syntax, text, text + from, text + len, cut};
  while (r.at < r.end) {
    pass_field(&r);
    if (r.at == r.end) {
      return;
    }
    MOCK_CHECK(cut_reserve(&cx, cut), "no memory");
    cut->mark[cut->mark_count++] = (uint32_t)(r.at - text);
    if (*r.at++ == '\n') {
      cut_end_row(cut, cut->mark_count);
    }
  }
}

/* Forgets what is behind the last newline. */
static void drop_rest(struct csv_cut *cut)
{
  while (cut->odd_count > 0 &&
         cut->odd[cut->odd_count - 1].row >= cut->row_count) {
    cut->odd_count--;
  }
  while (cut->mark_count > cut->row[cut->row_count]) {
    cut->mark_count--;
  }
  cut->open = false;
}

/* ----------------------------------------------------------------- comparisons
 */

static bool cut_one_way(struct csv_cut *cut, const struct csv_syntax *syntax,
                        const char *text, size_t from, size_t len, bool avx2)
{
  struct cutting cutting = {cut, syntax, text, from, len, {.after_start = 1}};
  return cut_all(&cx, &cutting, avx2);
}

/* Cuts by blocks, each way, and by bytes; is the text well-formed? */
static bool compare(const struct csv_syntax *syntax, const char *text,
                    size_t from, size_t len)
{
  struct csv_cut plain = {0}, avx2 = {0}, bytes = {0};
  MOCK_CHECK(cut_begin(&cx, &plain, from) && cut_begin(&cx, &avx2, from) &&
               cut_begin(&cx, &bytes, from),
             "no memory");
  MOCK_CHECK(cut_one_way(&plain, syntax, text, from, len, false), "no memory");
  cut_bytes(&bytes, syntax, text, from, len);
  same(&plain, &bytes, text, len);
  if (blocks_have_avx2()) {
    MOCK_CHECK(cut_one_way(&avx2, syntax, text, from, len, true), "no memory");
    same(&avx2, &bytes, text, len);
  }
  bool good = bytes.odd_count == 0 && !bytes.open;
  drop_rest(&bytes);
  MOCK_CHECK(csv_cut(&cx, &plain, syntax, text, from, len, false), "no memory");
  same(&plain, &bytes, text, len);
  csv_cut_fini(&cx, &plain);
  csv_cut_fini(&cx, &avx2);
  csv_cut_fini(&cx, &bytes);
  return good;
}

/* A text that is torn once, at every place: as if the rest of a record were
 * missing, a quote too much, or something behind one. */
static void compare_torn(void)
{
  static const struct csv_syntax syntax = {',', '"', true};
  static const char *const torn[] = {"\"",   "\n",    "\"\"",   "\"x",
                                     "\"\r", "\"\rx", "\"\"\"", "x\"y\"",
                                     ",\"",  "\",",   "\"\n",   "\"\r,"};
  static const char lines[] =
    "1,\"two, or \"\"three\"\"\",,4\n\"5\r\n6\",\"\",7,\"8\"\r\n"
    "some longer text without any quotes,9,\"and a longer one, that has them, "
    "too\",10\r\n\"11\",12,\"13\",\"14\"\n,,,\n";
  char text[3 * sizeof lines + 100];
  for (size_t at = 0; at < sizeof lines; at++) {
    for (size_t i = 0; i < sizeof torn / sizeof *torn; i++) {
      for (size_t gap = 0; gap < 8; gap += 3) {
        size_t rest = at + gap < sizeof lines ? at + gap : sizeof lines - 1;
        int n = snprintf(text, sizeof text, "%.*s%s%s%s", (int)at, lines,
                         torn[i], lines + rest, lines);
        compare(&syntax, text, 0, (size_t)n);
      }
    }
  }
}

static char *random_text(size_t len, unsigned quotes)
{
  static const char *const pieces[] = {",",   "\n",   "\r\n",  "a",
                                       "bcd", ",,,,", "\"\"",  "\",\"",
                                       "\"",  "\n\"", "\"\r\n"};
  char *text = malloc(len + 64);
  for (size_t at = 0; at < len + 64;) {
    const char *piece = pieces[below(6 + below(quotes))];
    size_t n = strlen(piece);
    n = n < len + 64 - at ? n : len + 64 - at;
    memcpy(text + at, piece, n);
    at += n;
  }
  return text;
}

int main(void)
{
  static const struct csv_syntax syntax = {',', '"', true},
                                 no_quotes = {',', '"', false};
  long good = 0, all = 0;
  for (int round = 0; round < 60000; round++) {
    size_t len = below(300), from = below(4);
    char *text = random_text(len, 1 + below(6));
    good += compare(round % 7 ? &syntax : &no_quotes, text,
                    from < len ? from : len, len);
    all++;
    free(text);
  }
  MOCK_CHECK(good > all / 10 && good < all, "%ld of %ld are well-formed", good,
             all);
  compare_torn();
  printf("csv cut: %ld checks passed\n", mock_checks);
  return 0;
}
