/* combined_test.c - access logs, right and wrong: combined_test PLUGIN.so */
#include "mock_host.h"

#include <stdlib.h>
#include <string.h>

static const peri_plugin *plugin;

static char *decode(const struct mock_wanted *wanted, const char *text,
                    size_t cut)
{
  struct mock mock;
  MOCK_CHECK(mock_init(&mock, plugin, PERI_K_DECODER, "combined", NULL) == 0,
             "OPEN failed");
  char *rows = mock_decode(&mock, wanted, text, strlen(text), cut);
  mock_fini(&mock);
  return rows;
}

/* The text decodes to `expected`, however it is cut. */
static void expect(const struct mock_wanted *wanted, const char *text,
                   const char *expected)
{
  for (size_t cut = 0; cut < strlen(text); cut++) {
    char *rows = decode(wanted, text, cut);
    MOCK_SAME_OF(rows, expected, text);
    free(rows);
  }
}

#define HEAD "1.2.3.4 - - [01/Jun/2025:00:00:00 +0000] "
#define HEAD_JSON "{\"remote_addr\":\"1.2.3.4\",\"time\":@1748736000000000000,"

static void decodes_both_formats(void)
{
  const struct mock_wanted all = {.all = true};
  expect(&all,
         "::1 id al ice [01/Jun/2025:02:00:00 +0200] \"GET /a b?c=1 HTTP/1.1\" "
         "200 3593 \"https://shop.example.com/\" \"Mozilla/5.0 (X11)\"\n" HEAD
         "\"POST /x HTTP/2.0\" 204 -\r\n"
         "\n" HEAD "\"GET /y HTTP/1.0\" 404 0 \"-\" \"-\"",
         "{\"remote_addr\":\"::1\",\"ident\":\"id\",\"user\":\"al ice\","
         "\"time\":@1748736000000000000,\"method\":\"GET\","
         "\"path\":\"/a b?c=1\",\"protocol\":\"HTTP/1.1\",\"status\":200,"
         "\"bytes\":3593,\"referer\":\"https://shop.example.com/\","
         "\"agent\":\"Mozilla/5.0 (X11)\"}\n" HEAD_JSON
         "\"method\":\"POST\",\"path\":\"/x\",\"protocol\":\"HTTP/2.0\","
         "\"status\":204}\n" HEAD_JSON
         "\"method\":\"GET\",\"path\":\"/y\",\"protocol\":\"HTTP/1.0\","
         "\"status\":404,\"bytes\":0}\n");
}

static void undoes_escapes(void)
{
  const peri_field fields[] = {MOCK_FIELD("agent", PERI_T_NULL),
                               MOCK_FIELD("path", PERI_T_NULL),
                               MOCK_FIELD("user", PERI_T_NULL)};
  const struct mock_wanted wanted = {.fields = fields, .count = 3};
  expect(
    &wanted,
    "1.2.3.4 - a\\x20[b [01/Jun/2025:00:00:00 +0000] "
    "\"GET /\\xC3\\xA9\\\"q HTTP/1.1\" 200 1 \"\" "
    "\"a \\\"b\\\" \\\\ c\\t\\x1F\\q \\xZZ\\x4\"\n",
    "{\"user\":\"a [b\",\"path\":\"/\xC3\xA9\\\"q\","
    "\"agent\":\"a \\\"b\\\" \\\\ c\\u0009\\u001f\\\\q \\\\xZZ\\\\x4\"}\n");
  expect(&wanted, HEAD "\"GET /\\xff HTTP/1.1\" 200 1 \"-\" \"raw \xff\xfe\"\n",
         "{\"path\":\"/\xEF\xBF\xBD\",\"agent\":\"raw "
         "\xEF\xBF\xBD\xEF\xBF\xBD\"}\n");
}

/* A backslash does not take a newline with it. */
static void ends_lines_behind_a_backslash(void)
{
  const peri_field field = MOCK_FIELD("path", PERI_T_NULL);
  const struct mock_wanted wanted = {.fields = &field, .count = 1};
  expect(&wanted, HEAD "\"GET /\\\n\" 200 1\n" HEAD "\"GET /x\" 200 1",
         "{\"path\":\"GET /x\"}\n"
         "reject at 0+48: column 'path': expected a closing quote at byte 43\n"
         "reject at 49+7: column 'user': expected a name and ' [' at byte 7\n");
}

static void keeps_odd_requests_as_path(void)
{
  static const char *const requests[][2] = {
    {"-", "-"},
    {"", ""},
    {"\\x16\\x03\\x01", "\\\\x16\\\\x03\\\\x01"},
    {"GET /old", "GET /old"},
    {"get / HTTP/1.1", "get / HTTP/1.1"},
    {"GET  HTTP/1.1", "GET  HTTP/1.1"},
    {"GET / FTP/1.1", "GET / FTP/1.1"},
    {" / HTTP/1.1", " / HTTP/1.1"},
    {"HTTP/1.1", "HTTP/1.1"},
  };
  const peri_field fields[] = {MOCK_FIELD("method", PERI_T_NULL),
                               MOCK_FIELD("path", PERI_T_NULL),
                               MOCK_FIELD("protocol", PERI_T_NULL)};
  const struct mock_wanted wanted = {.fields = fields, .count = 3};
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    char line[200], expected[200];
    snprintf(line, sizeof line, HEAD "\"%s\" 400 0\n", requests[i][0]);
    snprintf(expected, sizeof expected, "{\"path\":\"%s\"}\n", requests[i][1]);
    expect(&wanted, line, expected);
  }
}

static void names_what_is_wrong(void)
{
  static const char *const cases[][2] = {
    {"rubbish", "column 'remote_addr': expected a word and a space at byte 1"},
    {" - - [01", "column 'remote_addr': expected a word and a space at byte 1"},
    {"1.2.3.4 - - x", "column 'user': expected a name and ' [' at byte 11"},
    {"1.2.3.4 - [01/Jun/2025:00:00:00 +0000] \"-\" 200 1",
     "column 'user': expected a name and ' [' at byte 11"},
    {"1.2.3.4 - - [today] \"GET / HTTP/1.1\" 200 1",
     "column 'time': expected [day/month/year:hour:minute:second zone] at "
     "byte 14"},
    {"1.2.3.4 - - [31/Jun/2025:00:00:00 +0000] \"-\" 200 1",
     "column 'time': expected a date and time that exist at byte 14"},
    {"1.2.3.4 - - [01/Jux/2025:00:00:00 +0000] \"-\" 200 1",
     "column 'time': expected a date and time that exist at byte 14"},
    {"1.2.3.4 - - [29/Feb/2023:00:00:00 +0000] \"-\" 200 1",
     "column 'time': expected a date and time that exist at byte 14"},
    {HEAD "-", "column 'path': expected a quote at byte 42"},
    {HEAD "\"GET / HTTP/1.1", "column 'path': expected a closing quote at byte "
                              "43"},
    {HEAD "\"GET /\\", "column 'path': expected a closing quote at byte 43"},
    {HEAD "\"-\"", "column 'status': expected a space at byte 45"},
    {HEAD "\"-\" two 1", "column 'status': expected a whole number at byte 46"},
    {HEAD "\"-\" 200", "column 'bytes': expected a space at byte 49"},
    {HEAD "\"-\" 200 1k", "column 'bytes': expected a whole number at byte 50"},
    {HEAD "\"-\" 200 9999999999999999999",
     "column 'bytes': expected a whole number at byte 50"},
    {HEAD "\"-\" 200 1 ", "column 'referer': expected a quote at byte 52"},
    {HEAD "\"-\" 200 1 \"-\"", "column 'agent': expected a space at byte 55"},
    {HEAD "\"-\" 200 1 \"-\" \"-\" 0.5",
     "column 'agent': expected the end of the line at byte 59"},
  };
  const peri_field field = MOCK_FIELD("status", PERI_T_NULL);
  const struct mock_wanted wanted = {.fields = &field, .count = 1};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[300], expected[300];
    snprintf(text, sizeof text, HEAD "\"-\" 201 1\n%s\n" HEAD "\"-\" 202 1\n",
             cases[i][0]);
    snprintf(expected, sizeof expected,
             "{\"status\":201}\n{\"status\":202}\nreject at 51+%zu: %s\n",
             strlen(cases[i][0]), cases[i][1]);
    expect(&wanted, text, expected);
  }
}

static void follows_declared_types(void)
{
  const peri_field fields[] = {
    MOCK_FIELD("status", PERI_T_STR), MOCK_FIELD("time", PERI_T_STR),
    MOCK_FIELD("bytes", PERI_T_U8), MOCK_FIELD("nothing", PERI_T_I64)};
  const struct mock_wanted wanted = {.fields = fields, .count = 4};
  expect(&wanted,
         HEAD "\"-\" 200 255\n" HEAD "\"-\" 200 256\n" HEAD "\"-\" 007 -\n",
         "{\"time\":\"01/Jun/2025:00:00:00 +0000\",\"status\":\"200\","
         "\"bytes\":255}\n"
         "{\"time\":\"01/Jun/2025:00:00:00 +0000\",\"status\":\"007\"}\n"
         "reject at 53+52: column 'bytes': '256' is not u8\n");
}

static void fails_politely_without_memory(void)
{
  const char *text = HEAD "\"GET /\\\"long enough\\\" HTTP/1.1\" 200 1\n";
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init_failing(&mock, plugin, PERI_K_DECODER, "combined", NULL, n);
    char *rows = mock_decode(&mock, NULL, text, strlen(text), 0);
    bool failed = strstr(rows, "failed -5: no memory for a batch\n") != NULL;
    mock_fini(&mock);
    if (!failed) {
      MOCK_SAME(rows, HEAD_JSON
                "\"method\":\"GET\",\"path\":\"/\\\"long enough\\\"\","
                "\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":1}\n");
      free(rows);
      MOCK_CHECK(n > 22, "only %lld allocations", (long long)n);
      break;
    }
    free(rows);
  }
}

static void passes_over_a_byte_order_mark(void)
{
  const peri_field field = MOCK_FIELD("remote_addr", PERI_T_NULL);
  const struct mock_wanted wanted = {.fields = &field, .count = 1};
  expect(&wanted, "\xEF\xBB\xBF" HEAD "\"GET / HTTP/1.1\" 200 1\n",
         "{\"remote_addr\":\"1.2.3.4\"}\n");
  expect(&wanted, "\xEF\xBB\xBF\n", "");
}

static void decodes_alike_on_any_worker(void)
{
  static const char text[] = HEAD "\"-\" 200 1\nrubbish\n" HEAD "\"-\" 201 2";
  struct mock mocks[3];
  for (int i = 0; i < 3; i++) {
    mock_init(&mocks[i], plugin, PERI_K_DECODER, "combined", NULL);
  }
  char *rows = mock_decode_in_turns(&mocks[0], mocks + 1, 2, NULL, text,
                                    sizeof text - 1, 30);
  MOCK_SAME(rows,
            HEAD_JSON "\"path\":\"-\",\"status\":200,\"bytes\":1}\n" HEAD_JSON
                      "\"path\":\"-\",\"status\":201,\"bytes\":2}\n"
                      "reject at 51+7: column 'remote_addr': expected a "
                      "word and a space at byte 1\n");
  free(rows);
  for (int i = 0; i < 3; i++) {
    mock_fini(&mocks[i]);
  }
}

/* Of a user agent of some megabytes, and of nothing but quotes. */
static void takes_very_long_lines(void)
{
  static const char before[] = HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"";
  size_t len = (size_t)4 << 20;
  for (int quotes = 0; quotes < 2; quotes++) {
    char *text = malloc(len);
    struct mock mock;
    memset(text, quotes ? '"' : 'x', len);
    memcpy(text, before, sizeof before - 1);
    memcpy(text + len - 2, "\"\n", 2);
    mock_init(&mock, plugin, PERI_K_DECODER, "combined", NULL);
    char *rows = mock_decode_steps(&mock, NULL, text, len, (size_t)1 << 20);
    MOCK_CHECK(
      quotes ? strncmp(rows, "reject at 0+4194303: column 'agent': ", 37) == 0
             : strlen(rows) > len,
      "%.200s", rows);
    free(rows);
    mock_fini(&mock);
    free(text);
  }
}

static void names_its_columns(void)
{
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_DECODER, "combined", NULL);
  char *schema = mock_schema(&mock);
  MOCK_SAME(schema,
            "remote_addr str, ident str, user str, time time, method str, "
            "path str, protocol str, status i64, bytes i64, referer str, "
            "agent str");
  free(schema);
  mock_fini(&mock);
}

/* Every line that differs from a good one in one byte is a row or a reject. */
static void survives_any_byte(void)
{
  static const char line[] =
    HEAD "\"GET /a HTTP/1.1\" 200 1 \"r\\x41\" \"a\\\"\"\n";
  static const char odd[] = {'\0', '"', '\\', ' ', '-', '\n', '[', ']', '\xC3'};
  for (size_t at = 0; at + 1 < sizeof line; at++) {
    for (size_t i = 0; i < sizeof odd; i++) {
      char bent[sizeof line];
      memcpy(bent, line, sizeof line);
      bent[at] = odd[i];
      struct mock mock;
      mock_init(&mock, plugin, PERI_K_DECODER, "combined", NULL);
      char *rows = mock_decode(&mock, NULL, bent, sizeof line - 1, 0);
      MOCK_CHECK(strncmp(rows, "{", 1) == 0 || strncmp(rows, "reject", 6) == 0,
                 "byte %zu: %s", at, rows);
      free(rows);
      mock_fini(&mock);
    }
  }
}

static uint64_t seed = 3;

static unsigned below(unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 33) % n;
}

/* One of some lines, often bent in a place or two. */
static size_t bent_line(char *to)
{
  static const char *const lines[] = {
    HEAD "\"GET /a?b=c HTTP/1.1\" 200 1234 \"-\" \"Mozilla/5.0 (X11)\"",
    HEAD "\"POST / HTTP/2\" 204 -",
    HEAD "\"DELETE /x y HTTP/1.0\" 500 0 \"http://r/\" \"-\"\r",
    "::1 id some one [28/Feb/2024:23:59:59 -0130] \"-\" 400 0 \"\" \"\"",
    "h - a[b [01/Jun/2025:00:00:01 +0000] \"GET /\\x41 HTTP/1.1\" 200 5",
    HEAD "\"GET /\\\"q\\\\ HTTP/1.1\" 200 1 \"\\\"r\\\"\" \"\\\\\"",
    HEAD "\"\\x16\\x03\" 400 0 \"-\" \"an agent of some length, \\\"or so\"",
    HEAD
    "\"GET /\xC3\xB6 HTTP/1.1\" 200 1 \"-\" \"\xC3\xB6 \\\" \xE6\x9D\xB1\"",
    HEAD "\"GET /x\\\\ HTTP/1\\\"1\" 200 1",
    "",
    "\r"};
  static const char odd[] = "\"\" -[]\\\\\r0aG\xC3\xFF\t";
  const char *line = lines[below(sizeof lines / sizeof *lines)];
  size_t len = strlen(line);
  memcpy(to, line, len);
  for (unsigned bends = below(3); len > 0 && bends > 0; bends--) {
    size_t at = below((unsigned)len);
    if (below(3) == 0) {
      memmove(to + at, to + at + 1, --len - at);
    } else {
      to[at] = odd[below(sizeof odd - 1)];
    }
  }
  to[len++] = '\n';
  return len;
}

/* A declared type makes all lines be read carefully: what comes of them is the
 * same, whether the chunk is UTF-8 or not. */
static void reads_alike_both_ways(void)
{
  const peri_field field = MOCK_FIELD("status", PERI_T_U64);
  const struct mock_wanted typed = {.all = true, .fields = &field, .count = 1};
  int broken = 0;
  for (int round = 0; round < 800; round++) {
    char text[60 * 200];
    size_t len = 0;
    for (int i = 0; i < 50; i++) {
      size_t n = bent_line(text + len);
      bool utf8 =
        !memchr(text + len, '\xC3', n) && !memchr(text + len, '\xFF', n);
      len += utf8 || round % 2 ? n : 0;
    }
    text[len] = '\0';
    char *careful = decode(&typed, text, 0), *quick = decode(NULL, text, 0);
    MOCK_SAME_OF(quick, careful, text);
    broken += strstr(quick, "\xEF\xBF\xBD") != NULL;
    free(careful);
    free(quick);
  }
  MOCK_CHECK(broken > 100, "only %d texts were not UTF-8", broken);
}

/* More marks than are looked for at a time, in one line and in many. */
static void reads_lines_of_escapes(void)
{
  static const char before[] = HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"";
  static const char *const escapes[] = {"\\\"", "\\\\", "\\x41"};
  static const char *const meant[] = {"\\\"", "\\\\", "A"};
  const peri_field field = MOCK_FIELD("agent", PERI_T_NULL);
  const struct mock_wanted wanted = {.fields = &field, .count = 1};
  for (int n = 1; n < 140; n += n < 70 ? 1 : 13) {
    char text[8 * 1024] = "", expected[8 * 1024] = "";
    for (int line = 0; line < 6; line++) {
      strcat(text, before);
      strcat(expected, "{\"agent\":\"");
      for (int i = 0; i < n; i++) {
        strcat(text, escapes[(i + line) % 3]);
        strcat(expected, meant[(i + line) % 3]);
      }
      strcat(text, "\"\n");
      strcat(expected, "\"}\n");
    }
    char *rows = decode(&wanted, text, 0);
    MOCK_SAME_OF(rows, expected, text);
    free(rows);
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: combined_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  reads_alike_both_ways();
  reads_lines_of_escapes();
  passes_over_a_byte_order_mark();
  decodes_alike_on_any_worker();
  takes_very_long_lines();
  decodes_both_formats();
  undoes_escapes();
  ends_lines_behind_a_backslash();
  keeps_odd_requests_as_path();
  names_what_is_wrong();
  follows_declared_types();
  fails_politely_without_memory();
  names_its_columns();
  survives_any_byte();
  printf("combined: %ld checks passed\n", mock_checks);
  return 0;
}
