/* csv_cut_test.c - the ways to cut CSV text find the same borders. */
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
               a->open == b->open,
             "%zu and %zu records, %zu and %zu marks:\n%.*s", a->row_count,
             b->row_count, a->mark_count, b->mark_count, (int)len, text);
  for (size_t i = 0; i < a->mark_count; i++) {
    MOCK_CHECK(a->mark[i] == b->mark[i], "mark %zu: %u and %u", i, a->mark[i],
               b->mark[i]);
  }
  for (size_t i = 0; i <= a->row_count; i++) {
    MOCK_CHECK(a->row[i] == b->row[i], "record %zu: %u and %u", i, a->row[i],
               b->row[i]);
  }
}

/* Cuts by blocks, each way, and by bytes. */
static bool compare(const struct csv_syntax *syntax, const char *text,
                    size_t len)
{
  struct csv_cut plain = {0}, avx2 = {0}, bytes = {0};
  bool made = cut_begin(&cx, &plain, 0) && cut_begin(&cx, &avx2, 0) &&
              cut_begin(&cx, &bytes, 0);
  MOCK_CHECK(made, "no memory");
  enum outcome outcome = cut_plain(&cx, &plain, syntax, text, 0, len);
  if (blocks_have_avx2()) {
    MOCK_CHECK(outcome == cut_avx2(&cx, &avx2, syntax, text, 0, len),
               "one way calls it malformed:\n%.*s", (int)len, text);
    if (outcome == CUT_DONE) {
      same(&plain, &avx2, text, len);
    }
  }
  if (outcome == CUT_DONE) {
    cut_bytes(&cx, &bytes, syntax, text, 0, len);
    same(&plain, &bytes, text, len);
  }
  csv_cut_fini(&cx, &plain);
  csv_cut_fini(&cx, &avx2);
  csv_cut_fini(&cx, &bytes);
  return outcome == CUT_DONE;
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
    size_t len = below(300);
    char *text = random_text(len, 1 + below(6));
    good += compare(round % 7 ? &syntax : &no_quotes, text, len);
    all++;
    free(text);
  }
  MOCK_CHECK(good > all / 10 && good < all, "%ld of %ld are well-formed", good,
             all);
  printf("csv cut: %ld checks passed\n", mock_checks);
  return 0;
}
