/* pattern_test.c - lines and regular expressions, right and wrong:
 * pattern_test PLUGIN.so */
#include "mock_host.h"

#include <stdlib.h>
#include <string.h>

/* The plugin's parameters, as its declaration lays them out. */
struct params {
  peri_str regex;
  int64_t match_limit;
};

static const peri_plugin *plugin;

static struct params params_of(const char *regex)
{
  return (struct params){{regex, strlen(regex)}, 1000000};
}

static void expect_bytes(const char *regex, const struct mock_wanted *wanted,
                         const char *text, size_t len, const char *expected)
{
  struct params params = params_of(regex);
  for (size_t cut = 0; cut < len; cut++) {
    struct mock mock;
    peri_status status =
      mock_init(&mock, plugin, PERI_K_DECODER, "pattern", &params);
    MOCK_CHECK(status == PERI_OK, "OPEN failed: %s", mock.message);
    char *rows = mock_decode(&mock, wanted, text, len, cut);
    MOCK_SAME_OF(rows, expected, regex);
    free(rows);
    mock_fini(&mock);
  }
}

/* The text decodes to `expected`, however it is cut. */
static void expect(const char *regex, const char *text, const char *expected)
{
  expect_bytes(regex, NULL, text, strlen(text), expected);
}

static void makes_columns_of_named_groups(void)
{
  expect("^(?<first>\\w+) (?<last>\\w+)(?: (?<age>\\d+))?$",
         "Ada Lovelace 36\r\nAlan Turing\n\nGrace Hopper 85",
         "{\"first\":\"Ada\",\"last\":\"Lovelace\",\"age\":\"36\"}\n"
         "{\"first\":\"Alan\",\"last\":\"Turing\"}\n"
         "{\"first\":\"Grace\",\"last\":\"Hopper\",\"age\":\"85\"}\n"
         "reject at 29+0: line does not match the pattern\n");
}

static void matches_anywhere_and_names_groups_in_order(void)
{
  expect("(?<z>b+)(a)(?<a>c*)", "xxbbac\nba\n",
         "{\"z\":\"bb\",\"a\":\"c\"}\n{\"z\":\"b\",\"a\":\"\"}\n");
  expect("(?J)^(?:(?<n>\\d+)|x(?<n>\\w+)|(?<other>-))$", "12\nxyz\n-\n",
         "{\"n\":\"12\"}\n{\"n\":\"yz\"}\n{\"other\":\"-\"}\n");
}

static void reads_declared_types(void)
{
  const peri_field fields[] = {
    MOCK_FIELD("at", PERI_T_TIME), MOCK_FIELD("n", PERI_T_I64),
    MOCK_FIELD("f", PERI_T_F64), MOCK_FIELD("b", PERI_T_BOOL)};
  const struct mock_wanted wanted = {.all = true, .fields = fields, .count = 4};
  const char *regex = "^(?<at>[^|]*)\\|(?<n>[^|]*)\\|(?<f>[^|]*)\\|(?<b>.*)$";
  const char *text = "2025-07-29 17:41:44,747|007|1.50|true\n"
                     "2025-07-29 17:41:44|-1|.5|0\n"
                     "2025-07-29T19:41:44.000000001+02:00|+1|1e3|1\n"
                     "29/Jul/2025:17:41:44 +0000|1|nan|false\n"
                     "1753810904|9223372036854775807|-0|1\n"
                     "2025-02-29 17:41:44|1|1|1\n"
                     "2025-07-29|9223372036854775808|1|1\n"
                     "2025-07-29|1|1x|1\n"
                     "2025-07-29|1|1|yes\n";
  expect_bytes(
    regex, &wanted, text, strlen(text),
    "{\"at\":@1753810904747000000,\"n\":7,\"f\":1.5,\"b\":true}\n"
    "{\"at\":@1753810904000000000,\"n\":-1,\"f\":0.5,\"b\":false}\n"
    "{\"at\":@1753810904000000001,\"n\":1,\"f\":1000,\"b\":true}\n"
    "{\"at\":@1753810904000000000,\"n\":1,\"f\":nan,\"b\":false}\n"
    "{\"at\":@1753810904000000000,\"n\":9223372036854775807,\"f\":-0,"
    "\"b\":true}\n"
    "reject at 186+25: column 'at': '2025-02-29 17:41:44' is not time\n"
    "reject at 212+34: column 'n': '9223372036854775808' is not i64\n"
    "reject at 247+17: column 'f': '1x' is not f64\n"
    "reject at 265+18: column 'b': 'yes' is not bool\n");
}

static void decodes_only_what_is_wanted(void)
{
  const peri_field fields[] = {MOCK_FIELD("b", PERI_T_NULL),
                               MOCK_FIELD("nothing", PERI_T_NULL)};
  const struct mock_wanted wanted = {.fields = fields, .count = 2};
  expect_bytes("(?<a>.)(?<b>.)", &wanted, "12\n", 3, "{\"b\":\"2\"}\n");
}

static void takes_any_bytes(void)
{
  expect_bytes("^(?<a>.)(?<b>.*)$", NULL, "\xE9t\xE9\n\xC3\xA9t\0\xC3\n", 10,
               "{\"a\":\"\xEF\xBF\xBD\",\"b\":\"t\xEF\xBF\xBD\"}\n"
               "{\"a\":\"\xC3\xA9\",\"b\":\"t\\u0000\xEF\xBF\xBD\"}\n");
}

static void passes_over_a_byte_order_mark(void)
{
  expect_bytes("^(?<a>.+)$", NULL, "\xEF\xBB\xBFx\r\n", 6, "{\"a\":\"x\"}\n");
}

static void decodes_alike_on_any_worker(void)
{
  static const char text[] = "a=1\nb\na=22\n\na=333";
  struct params params = params_of("a=(?<a>\\d+)");
  struct mock mocks[3];
  for (int i = 0; i < 3; i++) {
    mock_init(&mocks[i], plugin, PERI_K_DECODER, "pattern", &params);
  }
  char *rows = mock_decode_in_turns(&mocks[0], mocks + 1, 2, NULL, text,
                                    sizeof text - 1, 3);
  MOCK_SAME(rows, "{\"a\":\"1\"}\n{\"a\":\"22\"}\n{\"a\":\"333\"}\n"
                  "reject at 4+1: line does not match the pattern\n"
                  "reject at 11+0: line does not match the pattern\n");
  free(rows);
  for (int i = 0; i < 3; i++) {
    mock_fini(&mocks[i]);
  }
}

static void takes_a_very_long_line(void)
{
  size_t len = (size_t)8 << 20;
  char *text = malloc(len);
  struct params params = params_of("^(?<all>x+)$");
  struct mock mock;
  memset(text, 'x', len);
  mock_init(&mock, plugin, PERI_K_DECODER, "pattern", &params);
  char *rows = mock_decode_steps(&mock, NULL, text, len, (size_t)1 << 20);
  MOCK_CHECK(strlen(rows) == len + strlen("{\"all\":\"\"}\n"), "%.80s", rows);
  free(rows);
  mock_fini(&mock);
  free(text);
}

static void gives_an_exploding_pattern_up(void)
{
  const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\naac\n";
  expect("^(?<a>(a+)+)c$", text,
         "{\"a\":\"aa\"}\nreject at 0+45: line does not match the pattern\n");
  expect("^(?<a>(?:a|a|a)+)[cd]$", text,
         "{\"a\":\"aa\"}\nreject at 0+45: pattern gave up: match limit\n");
}

static void refuses_a_bad_regex(void)
{
  static const char *const cases[][2] = {
    {"(?<a>x", "parameter 'regex': missing closing parenthesis at byte 7"},
    {"(?<a>x)(", "parameter 'regex': missing closing parenthesis at byte 9"},
    {"[z-a](?<a>x)",
     "parameter 'regex': range out of order in character class at byte 4"},
    {"(a)(b)", "parameter 'regex': it has no named group, such as "
               "(?<name>...), and so gives no column"},
    {"", "parameter 'regex': it has no named group, such as (?<name>...), and "
         "so gives no column"},
    {"(?<a>x)(?<a>y)", "parameter 'regex': two named subpatterns have the same "
                       "name (PCRE2_DUPNAMES not set) at byte 13"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct params params = params_of(cases[i][0]);
    struct mock mock;
    MOCK_CHECK(mock_init(&mock, plugin, PERI_K_DECODER, "pattern", &params) ==
                 PERI_EINVAL,
               "'%s' was taken", cases[i][0]);
    MOCK_SAME(mock.message, cases[i][1]);
    mock_fini(&mock);
  }
}

static void checks_the_regex_for_a_plan(void)
{
  struct params params = params_of("(?<b>x)(?<a>y)");
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_DECODER, "pattern", &params);
  char *schema = mock_schema(&mock);
  MOCK_SAME(schema, "b str, a str");
  free(schema);
  params = params_of("(x");
  MOCK_CHECK(!mock_schema(&mock), "SCHEMA took a bad regex");
  MOCK_SAME(mock.message,
            "parameter 'regex': missing closing parenthesis at byte 3");
  params = params_of("(?<a>x)(?<b>y)");
  mock_fini(&mock);
}

static void fails_politely_without_memory(void)
{
  struct params params = params_of("(?J)(?<a>x)(?<b>\\xE9)|(?<a>y)");
  for (int64_t n = 0;; n++) {
    struct mock mock;
    peri_status opened =
      mock_init_failing(&mock, plugin, PERI_K_DECODER, "pattern", &params, n);
    char *rows = opened == PERI_OK
                   ? mock_decode(&mock, NULL, "x\xC3\xA9\n\xFFy\n", 7, 0)
                   : strdup("failed -5:");
    bool failed = strstr(rows, "failed -5:") != NULL;
    mock_fini(&mock);
    if (!failed) {
      MOCK_SAME(rows, "{\"a\":\"x\",\"b\":\"\xC3\xA9\"}\n{\"a\":\"y\"}\n");
      free(rows);
      MOCK_CHECK(n > 7, "only %lld allocations", (long long)n);
      return;
    }
    free(rows);
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: pattern_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  makes_columns_of_named_groups();
  matches_anywhere_and_names_groups_in_order();
  reads_declared_types();
  decodes_only_what_is_wanted();
  takes_any_bytes();
  passes_over_a_byte_order_mark();
  decodes_alike_on_any_worker();
  takes_a_very_long_line();
  gives_an_exploding_pattern_up();
  refuses_a_bad_regex();
  checks_the_regex_for_a_plan();
  fails_politely_without_memory();
  printf("pattern: %ld checks passed\n", mock_checks);
  return 0;
}
