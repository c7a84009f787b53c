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
  checks_its_parameter();
  printf("lines: %ld checks passed\n", mock_checks);
  return 0;
}
