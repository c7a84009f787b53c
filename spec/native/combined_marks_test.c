/* combined_marks_test.c - what native/common finds in blocks of text, each way
 * that there is, against one byte at a time. */
#include "marks.h"
#include "mock_host.h"
#include "survey.h"
#include "time_text.h"

#include <stdlib.h>

static uint64_t seed = 11;

static unsigned below(unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 33) % n;
}

/* Text of these pieces, in a block of its own with 64 bytes of noise behind. */
static char *random_text(const char *const *pieces, unsigned count, size_t len)
{
  char *text = malloc(len + 64);
  for (size_t at = 0; at < len + 64;) {
    const char *piece = pieces[below(count)];
    size_t n = strlen(piece);
    n = n < len + 64 - at ? n : len + 64 - at;
    memcpy(text + at, piece, n);
    at += n;
  }
  return text;
}

/* ---------------------------------------------------------------------- marks
 */

static void find_marks(const char *text, size_t len, const char *bytes,
                       bool avx2)
{
  struct marks marks;
  marks_init(&marks, text, len, bytes);
  marks.avx2 = avx2;
  for (size_t at = 0; at < len; at++) {
    if (strchr(bytes, text[at]) && text[at]) {
      MOCK_CHECK(marks_look(&marks) && marks.at[marks.first] == at,
                 "the mark at %zu of %zu is missing", at, len);
      if (below(3) == 0) {
        marks_pass(&marks, at);
      } else {
        marks.first++;
      }
    }
  }
  MOCK_CHECK(marks_look(&marks) && marks.at[marks.first] == len, "the end");
  marks.first++;
  MOCK_CHECK(!marks_look(&marks), "nothing is behind the end");
}

static void finds_all_marks(bool avx2)
{
  static const char *const pieces[] = {"a",
                                       "\n",
                                       "\"",
                                       "\\",
                                       "bcd",
                                       "\"\"\"",
                                       "some more text without any of them"};
  static const char *const sets[] = {"\n", "\n\"", "\n\"\\", "\n\"\\a"};
  for (size_t len = 0; len < 4000; len += len < 200 ? 1 : 97) {
    char *text = random_text(pieces, below(2) ? 7 : 4, len);
    find_marks(text, len, sets[len % 4], avx2);
    free(text);
  }
}

/* --------------------------------------------------------------------- survey
 */

/* The definition of RFC 3629, by its table. */
static size_t sequence(const unsigned char *at, size_t len)
{
  static const struct {
    unsigned char low, high, low2, high2, n;
  } rows[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
              {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
              {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
              {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
              {0xF4, 0xF4, 0x80, 0x8F, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (at[0] < rows[i].low || at[0] > rows[i].high || len < rows[i].n) {
      continue;
    }
    bool good =
      rows[i].n == 1 || (at[1] >= rows[i].low2 && at[1] <= rows[i].high2);
    for (size_t k = 2; k < rows[i].n; k++) {
      good = good && (at[k] & 0xC0) == 0x80;
    }
    return good ? rows[i].n : 0;
  }
  return 0;
}

static void compare_surveys(const char *text, size_t len)
{
  const unsigned char *bytes = (const unsigned char *)text;
  int64_t newlines = 0;
  size_t good = 0, n = 1;
  while (good < len && (n = sequence(bytes + good, len - good)) > 0) {
    good += n;
  }
  for (size_t i = 0; i < len; i++) {
    newlines += text[i] == '\n';
  }
  for (int way = 0; way < 3; way++) {
    if (way == 1 && !blocks_have_avx2()) {
      continue;
    }
    uint32_t ends[400];
    struct text_lines lines = {ends, below(400)};
    struct text_survey survey = way == 0   ? text_survey_plain(text, len, lines)
                                : way == 1 ? text_survey_avx2(text, len, lines)
                                           : text_survey(text, len, lines);
    size_t at = 0;
    for (size_t i = 0; i < survey.noted; i++, at++) {
      const char *end = memchr(text + at, '\n', len - at);
      at = end ? (size_t)(end - text) : len;
      MOCK_CHECK(i < lines.max && ends[i] == at, "newline %zu: %u and %zu", i,
                 ends[i], at);
    }
    MOCK_CHECK(
      survey.noted == (size_t)newlines || survey.noted + 64 > lines.max,
      "%zu lines of %lld are noted", survey.noted, (long long)newlines);
    MOCK_CHECK(survey.newlines == newlines && survey.valid == (good == len),
               "way %d, %zu bytes: %lld lines of %lld, valid %d of %d", way,
               len, (long long)survey.newlines, (long long)newlines,
               survey.valid, good == len);
  }
}

static void surveys_text(void)
{
  static const char *const pieces[] = {
    "a",           "\n",           "plain text of thirty-two bytes. ",
    "\xC3\xB6",    "\xE6\x9D\xB1", "\xF0\x9F\x98\x80",
    "\xED\x9F\xBF"};
  for (size_t round = 0; round < 20000; round++) {
    size_t len = below(200);
    char *text = random_text(pieces, 7, len);
    while (len > 0 && (text[len - 1] & 0x80)) {
      text[--len] = ' '; /* mostly whole sequences */
    }
    if (round % 2 && len > 0) {
      text[below((unsigned)len)] = (char)below(256);
    }
    compare_surveys(text, len);
    free(text);
  }
}

/* Every pair of neighbours, across a border of blocks too. */
static void surveys_all_pairs(void)
{
  for (unsigned pair = 0; pair < 65536; pair++) {
    char text[80];
    memset(text, 'x', sizeof text);
    size_t at = 29 + pair % 5;
    text[at] = (char)(pair >> 8);
    text[at + 1] = (char)pair;
    text[at + 2] = (char)0x85;
    text[at + 3] = pair & 1 ? 'x' : (char)0x80;
    compare_surveys(text, 40);
  }
}

/* ---------------------------------------------------------------------- times
 */

/* The quick way to read a time agrees with the one for all forms. */
static void reads_times_alike(void)
{
  long usual = 0;
  for (int round = 0; round < 200000; round++) {
    char text[48], decimals[12] = ".123456789";
    int64_t quick = 0, slow = 0;
    decimals[1 + below(10)] = '\0';
    int n = snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u%sZ",
                     1670 + below(600), below(14), below(33), below(25),
                     below(61), below(62), below(2) ? decimals : "");
    size_t len = (size_t)n;
    if (below(3) == 0) {
      text[below((unsigned)n)] = "0:9-T .Z/a\0"[below(12)];
    }
    if (time_usual(text, len, &quick)) {
      usual++;
      MOCK_CHECK(time_iso(text, len, &slow) && quick == slow,
                 "%s: %lld and %lld", text, (long long)quick, (long long)slow);
      char again[TIME_ROOM];
      size_t again_len = time_print(again, quick);
      MOCK_CHECK(time_usual(again, again_len, &slow) && slow == quick,
                 "%s becomes %.*s", text, (int)again_len, again);
    }
  }
  MOCK_CHECK(usual > 20000, "only %ld were usual", usual);
}

int main(void)
{
  reads_times_alike();
  finds_all_marks(false);
  if (blocks_have_avx2()) {
    finds_all_marks(true);
  }
  surveys_text();
  surveys_all_pairs();
  printf("marks: %ld checks passed\n", mock_checks);
  return 0;
}
