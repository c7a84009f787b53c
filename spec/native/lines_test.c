/* lines_test.c - lines of any bytes: lines_test PLUGIN.so */
#include "mock_host.h"

#include <stdlib.h>
#include <string.h>

static const peri_plugin *plugin;

static void expect(const char *name, const struct mock_wanted *wanted,
                   const char *text, size_t len, const char *expected)
{
  peri_str column = {name, strlen(name)};
  for (size_t cut = 0; cut <= len; cut++) {
    struct mock mock;
    mock_init(&mock, plugin, PERI_K_DECODER, "lines", &column);
    char *rows = mock_decode(&mock, wanted, text, len, cut);
    MOCK_SAME_OF(rows, expected, name);
    free(rows);
    mock_fini(&mock);
  }
}

static void makes_a_row_of_every_line(void)
{
  expect("line", NULL, "a\r\n\nlonger than a view\nend", 26,
         "{\"line\":\"a\"}\n{\"line\":\"\"}\n"
         "{\"line\":\"longer than a view\"}\n{\"line\":\"end\"}\n");
  expect("line", NULL, "a\n", 2, "{\"line\":\"a\"}\n");
  expect("line", NULL, "\n", 1, "{\"line\":\"\"}\n");
  expect("line", NULL, "\r", 1, "{\"line\":\"\"}\n");
  expect("line", NULL, "", 0, "");
}

static void keeps_any_bytes(void)
{
  expect("text", NULL, "a\0b\rc\r\r\n\xC3\xA9\xE9\n\xF0\x9F\x98", 15,
         "{\"text\":\"a\\u0000b\\u000dc\\u000d\"}\n"
         "{\"text\":\"\xC3\xA9\xEF\xBF\xBD\"}\n"
         "{\"text\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}\n");
}

static void follows_declared_types(void)
{
  const peri_field fields[] = {MOCK_FIELD("n", PERI_T_I64)};
  const struct mock_wanted typed = {.fields = fields, .count = 1};
  expect("n", &typed, "1\nx\n-3\n", 7,
         "{\"n\":1}\n{\"n\":-3}\nreject at 2+1: column 'n': 'x' is not i64\n");
  const struct mock_wanted none = {.all = false};
  expect("n", &none, "1\nx\n", 4, "{}\n{}\n");
}

static void passes_over_a_byte_order_mark(void)
{
  expect("a", NULL, "\xEF\xBB\xBFx\n\xEF\xBB\xBFy", 9,
         "{\"a\":\"x\"}\n{\"a\":\"\xEF\xBB\xBFy\"}\n");
  expect("a", NULL, "\xEF\xBB\xBF", 3, "");
}

static void decodes_alike_on_any_worker(void)
{
  static const char text[] = "one\ntwo\n\nthree is longer\nfour";
  peri_str column = {"line", 4};
  struct mock mocks[3];
  for (int i = 0; i < 3; i++) {
    mock_init(&mocks[i], plugin, PERI_K_DECODER, "lines", &column);
  }
  char *rows = mock_decode_in_turns(&mocks[0], mocks + 1, 2, NULL, text,
                                    sizeof text - 1, 3);
  MOCK_SAME(rows, "{\"line\":\"one\"}\n{\"line\":\"two\"}\n{\"line\":\"\"}\n"
                  "{\"line\":\"three is longer\"}\n{\"line\":\"four\"}\n");
  free(rows);
  for (int i = 0; i < 3; i++) {
    mock_fini(&mocks[i]);
  }
}

static void takes_a_very_long_line(void)
{
  size_t len = (size_t)16 << 20;
  char *text = malloc(len);
  peri_str column = {"line", 4};
  struct mock mock;
  memset(text, 'x', len);
  text[0] = '\n';
  mock_init(&mock, plugin, PERI_K_DECODER, "lines", &column);
  char *rows = mock_decode_steps(&mock, NULL, text, len, (size_t)1 << 20);
  size_t expected = strlen("{\"line\":\"\"}\n") * 2 + len - 1;
  MOCK_CHECK(strlen(rows) == expected, "%zu bytes of %zu", strlen(rows),
             expected);
  free(rows);
  mock_fini(&mock);
  free(text);
}

static void fails_politely_without_memory(void)
{
  peri_str column = {"line", 4};
  const char *text = "longer than a view\n\xE9t\xE9 is repaired in the heap";
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init_failing(&mock, plugin, PERI_K_DECODER, "lines", &column, n);
    char *rows = mock_decode(&mock, NULL, text, strlen(text), 0);
    bool failed = strstr(rows, "failed -5: no memory for a batch\n") != NULL;
    MOCK_CHECK(failed || strstr(rows, "repaired"), "%s", rows);
    free(rows);
    mock_fini(&mock);
    if (!failed) {
      MOCK_CHECK(n == 3, "%lld allocations", (long long)n);
      return;
    }
  }
}

static void checks_its_parameter(void)
{
  struct mock mock;
  peri_str column = {"text", 4};
  mock_init(&mock, plugin, PERI_K_DECODER, "lines", &column);
  char *schema = mock_schema(&mock);
  MOCK_SAME(schema, "text str");
  free(schema);
  column.len = 0;
  MOCK_CHECK(!mock_schema(&mock), "an empty name was taken");
  MOCK_SAME(mock.message, "parameter 'column': a name is empty");
  mock_fini(&mock);
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: lines_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  makes_a_row_of_every_line();
  keeps_any_bytes();
  follows_declared_types();
  passes_over_a_byte_order_mark();
  decodes_alike_on_any_worker();
  takes_a_very_long_line();
  fails_politely_without_memory();
  checks_its_parameter();
  printf("lines: %ld checks passed\n", mock_checks);
  return 0;
}
