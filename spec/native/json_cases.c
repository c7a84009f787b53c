/* json_cases.c - what the decoder makes of chosen records. */
#include "json_run.h"
#include "mock_text.h"

#include <stdlib.h>
#include <string.h>

static const peri_plugin *json;

/* Decodes in one chunk and prints types, rows and rejects. */
static char *typed(const struct mock_wanted *wanted, const char *text,
                   size_t len)
{
  struct mock mock;
  mock_init(&mock, json, PERI_K_DECODER, "json", NULL);
  mock.typed = true;
  char *rows = mock_decode(&mock, wanted, text, len, 0);
  mock_fini(&mock);
  return rows;
}

static void expect_of(const struct mock_wanted *wanted, const char *text,
                      const char *expected)
{
  char *rows = typed(wanted, text, strlen(text));
  MOCK_SAME_OF(rows, expected, text);
  free(rows);
}

static void infers_and_widens_types(void)
{
  static const char *const cases[][2] = {
    {"", "\n"},
    {"\n \n\r\n", "\n"},
    {"{}\n{ }", "\n{}\n{}\n"},
    {"{\"a\":1}", "a i64\n{\"a\":1}\n"},
    {"{\"a\":true}\n{\"a\":false}", "a bool\n{\"a\":true}\n{\"a\":false}\n"},
    {"{\"a\":null}", "a null\n{}\n"},
    {"{\"a\":null}\n{\"a\":1}\n{}\n{\"a\":2}",
     "a i64\n{}\n{\"a\":1}\n{}\n{\"a\":2}\n"},
    {"{\"a\":1}\n{\"a\":1.5}", "a f64\n{\"a\":1}\n{\"a\":1.5}\n"},
    {"{\"a\":1.5}\n{\"a\":9007199254740993}",
     "a json\n{\"a\":1.5}\n{\"a\":9007199254740993}\n"},
    {"{\"a\":9007199254740993}\n{\"a\":1.50}",
     "a json\n{\"a\":9007199254740993}\n{\"a\":1.5}\n"},
    {"{\"a\":9223372036854775808}", "a json\n{\"a\":9223372036854775808}\n"},
    {"{\"a\":1e999}\n{\"a\":1}", "a json\n{\"a\":1e999}\n{\"a\":1}\n"},
    {"{\"a\":\"x\"}\n{\"a\":1}", "a json\n{\"a\":\"x\"}\n{\"a\":1}\n"},
    {"{\"a\":\"\\u0041\\n\"}\n{\"a\":true}\n{\"a\":\"\\u0042\\/\"}",
     "a json\n{\"a\":\"A\\n\"}\n{\"a\":true}\n{\"a\":\"B/\"}\n"},
    {"{\"a\":{\"b\" : [1]}}\n{\"a\":\"x\"}",
     "a json\n{\"a\":{\"b\" : [1]}}\n{\"a\":\"x\"}\n"},
    {"{\"a\":1,\"a\":\"x\"}", "a json\n{\"a\":\"x\"}\n"},
    {"{\"a\":1,\"a\":null}\n{\"a\":2}", "a i64\n{}\n{\"a\":2}\n"},
    {"{\"\":1,\"\\u0061\":2,\"a\":3}", " i64, a i64\n{\"\":1,\"a\":3}\n"},
    {"\xEF\xBB\xBF{\"a\":1}", "a i64\n{\"a\":1}\n"},
    {"{\"a\":1}\n{\"a\":\"x}\n", "a i64\n{\"a\":1}\nreject at 8+8: no end of "
                                 "the string that begins at column 6\n"},
    {"{\"a\":1}\n{\"b\":1,\"a\":\"x\"", "a i64\n{\"a\":1}\nreject at 8+14: "
                                        "expected ',' or '}' at column 15, "
                                        "found the end of the line\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    expect_of(NULL, cases[i][0], cases[i][1]);
  }
}

static void says_what_is_wrong_and_where(void)
{
  static const char *const cases[][2] = {
    {"1", "expected '{' at column 1, found '1'"},
    {" [1]", "this is one JSON array; perigee reads one object per line"},
    {"{\"a\":1 x}", "expected ',' or '}' at column 8, found 'x'"},
    {"{\"a\":1}x", "expected the end of the line at column 8, found 'x'"},
    {"{\"a\":1},", "expected the end of the line at column 8, found ','"},
    {"{\"a\" 1}", "expected ':' at column 6, found '1'"},
    {"{a:1}", "expected a key or '}' at column 2, found 'a'"},
    {"{\"a\":1,}", "expected a key at column 8, found '}'"},
    {"{\"a\":}", "expected a value at column 6, found '}'"},
    {"{\"a\":[1,]}", "expected a value at column 9, found ']'"},
    {"{\"a\":[1}", "expected ',' or ']' at column 8, found '}'"},
    {"{\"a\":tru}", "expected a value at column 6, found 't'"},
    {"{\"a\":\xC3\xA9}", "expected a value at column 6, found '\xC3\xA9'"},
    {"{\"a\":01}", "number with a leading zero at column 6"},
    {"{\"a\":-}", "expected a digit at column 7, found '}'"},
    {"{\"a\":1.}", "expected a digit at column 8, found '}'"},
    {"{\"a\":1e+}", "expected a digit at column 9, found '}'"},
    {"{\"a\":+1}", "expected a value at column 6, found '+'"},
    {"{\"a\":\"\t\"}", "control character in a string at column 7"},
    {"{\"a\":\"\\x\"}", "bad escape at column 7"},
    {"{\"a\":\"\\u12g4\"}", "bad \\u escape at column 7"},
    {"{\"a\":\"\\ud800\"}", "lone surrogate at column 7"},
    {"{\"a\":\"\\ud800\\u0041\"}", "lone surrogate at column 7"},
    {"{\"a\":\"\\udc00\"}", "lone surrogate at column 7"},
    {"{\"a\":\"\xC3(\"}", "invalid UTF-8 at column 7"},
    {"{\"a\":\"x", "no end of the string that begins at column 6"},
    {"{\"a\":1", "expected ',' or '}' at column 7, found the end of the line"},
    {"{\x01}", "expected a key or '}' at column 2, found byte 0x01"},
    {"{", "expected a key or '}' at column 2, found the end of the line"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mock_text expected = {0};
    mock_addf(&expected, "\nreject at 0+%zu: %s\n", strlen(cases[i][0]),
              cases[i][1]);
    expect_of(NULL, cases[i][0], expected.at);
    free(expected.at);
  }
  char *rows = typed(NULL, "{\"a\":\"\0\"}\n{\"a\"\0:1}", 18);
  MOCK_SAME(rows, "\nreject at 0+9: control character in a string at column 7\n"
                  "reject at 10+8: expected ':' at column 5, found byte 0x00"
                  "\n");
  free(rows);
  expect_of(NULL, "{}\n[1]",
            "\n{}\nreject at 3+3: expected '{' at column 1, found '['\n");
}

static void refuses_deep_nesting(void)
{
  for (int depth = 255; depth <= 256; depth++) {
    struct mock_text text = {0};
    mock_addf(&text, "{\"a\":");
    for (int i = 0; i < depth; i++) {
      mock_addf(&text, "%s", i % 2 ? "[" : "{\"k\":");
    }
    mock_addf(&text, "0");
    for (int i = depth - 1; i >= 0; i--) {
      mock_addf(&text, "%s", i % 2 ? "]" : "}");
    }
    mock_addf(&text, "}");
    char *rows = typed(NULL, text.at, text.len);
    bool refused = strstr(rows, "nested deeper than 256 levels") != NULL;
    MOCK_CHECK(refused == (depth == 256), "depth %d: %s", depth, rows);
    free(rows);
    free(text.at);
  }
}

static void decodes_only_wanted_fields(void)
{
  static const peri_field fields[] = {MOCK_FIELD("geo.country", 0),
                                      MOCK_FIELD("n", PERI_T_F64)};
  struct mock_wanted some = {false, fields, 2}, all = {true, fields, 2};
  static const peri_field named[] = {MOCK_FIELD("geo.country", PERI_T_STR),
                                     MOCK_FIELD("x.y", 0)};
  struct mock_wanted named_too = {true, named, 2};
  const char *text = "{\"n\":1,\"geo\":{\"city\":\"X\",\"country\":\"FR\"}}\n"
                     "{\"geo\":5,\"n\":2,\"geo.country\":\"DE\"}\n"
                     "{\"geo.country\":null,\"geo\":{\"country\":\"ES\"}}\n";
  expect_of(&some, text,
            "n f64, geo.country str\n{\"n\":1,\"geo.country\":\"FR\"}\n"
            "{\"n\":2,\"geo.country\":\"DE\"}\n{}\n");
  expect_of(&all, text,
            "n f64, geo json, geo.country str\n"
            "{\"n\":1,\"geo\":{\"city\":\"X\",\"country\":\"FR\"}}\n"
            "{\"n\":2,\"geo\":5,\"geo.country\":\"DE\"}\n"
            "{\"geo\":{\"country\":\"ES\"}}\n");
  expect_of(&named_too, "{\"geo\":{\"country\":\"FR\"},\"x\":{\"y\":1}}",
            "geo.country str, geo json, x json\n{\"geo.country\":\"FR\","
            "\"geo\":{\"country\":\"FR\"},\"x\":{\"y\":1}}\n");
  /* What is not wanted is checked all the same. */
  expect_of(&some, "{\"n\":1,\"z\":[1,{\"y\":\"\\q\"}]}",
            "\nreject at 0+26: bad escape at column 21\n");
  struct mock_wanted none = {false, NULL, 0};
  expect_of(&none, "{\"a\":1}\n{\"a\":}\n",
            "\n{}\nreject at 8+6: expected a value at column 6, found '}'\n");
}

/* A string that nobody wants, in a record like many before it: `why` is NULL or
 * what is wrong with the escape `pad` bytes behind its quote. */
static void skip_string_with(const char *escape, int pad, const char *why)
{
  static const peri_field fields[] = {MOCK_FIELD("n", PERI_T_I64)};
  struct mock_wanted some = {false, fields, 1};
  struct mock_text text = {0}, expected = {0};
  mock_addf(&expected, "n i64\n");
  for (int i = 0; i < 40; i++) {
    mock_addf(&text, "{\"s\":\"plain \\n\",\"n\":%d}\n", i);
    mock_addf(&expected, "{\"n\":%d}\n", i);
  }
  size_t at = text.len;
  mock_addf(&text, "{\"s\":\"%*s%s\\\\\",\"n\":7}", pad, "", escape);
  if (why) {
    mock_addf(&expected, "reject at %zu+%zu: %s at column %d\n", at,
              text.len - at, why, pad + 7);
  } else {
    mock_addf(&expected, "{\"n\":7}\n");
  }
  expect_of(&some, text.at, expected.at);
  free(text.at);
  free(expected.at);
}

static void skips_strings_with_escapes(void)
{
  static const struct {
    const char *escape, *why;
  } cases[] = {{"\\n", NULL},
               {"\\\"\\\\\\/\\b\\f\\r\\t", NULL},
               {"\\n\\u00e9\\n", NULL},
               {"\\ud83d\\ude00", NULL},
               {"\\x", "bad escape"},
               {"\\N", "bad escape"},
               {"\\u12g4", "bad \\u escape"},
               {"\\ud83d\\n", "lone surrogate"},
               {"\\ude00", "lone surrogate"},
               {"\t\\n", "control character in a string"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int pad = 0; pad <= 66; pad++) {
      skip_string_with(cases[i].escape, pad, cases[i].why);
    }
  }
}

static const struct {
  uint32_t type;
  const char *in, *out; /* NULL: refused */
} conversions[] = {
  {PERI_T_BOOL, "true", "true"},
  {PERI_T_BOOL, "1", NULL},
  {PERI_T_I8, "-128", "-128"},
  {PERI_T_I8, "128", NULL},
  {PERI_T_U8, "255", "255"},
  {PERI_T_U8, "-1", NULL},
  {PERI_T_I16, "1e3", "1000"},
  {PERI_T_U16, "65535", "65535"},
  {PERI_T_I32, "2.5", NULL},
  {PERI_T_U32, "\"4294967295\"", "4294967295"},
  {PERI_T_I64, "\"12x\"", NULL},
  {PERI_T_I64, "\"\"", NULL},
  {PERI_T_I64, "9223372036854775808", NULL},
  {PERI_T_U64, "18446744073709551615", "18446744073709551615"},
  {PERI_T_U64, "18446744073709551616", NULL},
  {PERI_T_F32, "0.1", "0.10000000149011612"},
  {PERI_T_F32, "1e39", NULL},
  {PERI_T_F64, "1", "1"},
  {PERI_T_F64, "\"2.5\"", "2.5"},
  {PERI_T_F64, "1e999", NULL},
  {PERI_T_F64, "null", ""},
  {PERI_T_STR, "\"a\\tb\"", "\"a\\u0009b\""},
  {PERI_T_STR, "1.50", "\"1.5\""},
  {PERI_T_STR, "{\"x\": 1}", "\"{\\\"x\\\": 1}\""},
  {PERI_T_BIN, "\"text longer than a view\"", "\"text longer than a view\""},
  {PERI_T_JSON, "\"\\u0041\"", "\"A\""},
  {PERI_T_JSON, "12", "12"},
  {PERI_T_TIME, "\"2025-06-01T00:00:00Z\"", "@1748736000000000000"},
  {PERI_T_TIME, "\"2025-06-01t02:00:00.5+02:00\"", "@1748736000500000000"},
  {PERI_T_TIME, "\"1969-12-31T23:59:59.999999999Z\"", "@-1"},
  {PERI_T_TIME, "\"1677-09-21T00:12:43.145224192Z\"", "@-9223372036854775808"},
  {PERI_T_TIME, "\"1677-09-21T00:12:43.145224191Z\"", NULL},
  {PERI_T_TIME, "\"2262-04-11T23:47:16.854775807Z\"", "@9223372036854775807"},
  {PERI_T_TIME, "\"2262-04-11T23:47:16.854775808Z\"", NULL},
  {PERI_T_TIME, "\"2024-02-29T00:00:00Z\"", "@1709164800000000000"},
  {PERI_T_TIME, "\"2025-02-29T00:00:00Z\"", NULL},
  {PERI_T_TIME, "\"2025-06-01\"", "@1748736000000000000"},
  {PERI_T_TIME, "\"2025-06-01 00:00:00,5\"", "@1748736000500000000"},
  {PERI_T_TIME, "\"2025-06\"", NULL},
  {PERI_T_TIME, "1e300", NULL},
  {PERI_T_TIME, "99999999999.5e-1", NULL},
  {PERI_T_TIME, "\"2025-06-01T24:00:00Z\"", NULL},
  {PERI_T_TIME, "1748736000", "@1748736000000000000"},
  {PERI_T_TIME, "1748736000.123456789", "@1748736000123456789"},
  {PERI_T_TIME, "-1.5", "@-1500000000"},
  {PERI_T_TIME, "1748736000123", "@1748736000123000000"},
  {PERI_T_TIME, "1748736000123456", "@1748736000123456000"},
  {PERI_T_TIME, "1748736000123456789", "@1748736000123456789"},
  {PERI_T_TIME, "true", NULL},
};

static void converts_to_types_that_are_asked_for(void)
{
  for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
    peri_field field = MOCK_FIELD("a", conversions[i].type);
    struct mock_wanted wanted = {i % 2, &field, 1};
    struct mock_text text = {0}, expected = {0};
    mock_addf(&text, "{\"a\":%s}", conversions[i].in);
    char *rows = typed(&wanted, text.at, text.len);
    const char *got = strchr(rows, '\n') + 1;
    if (!conversions[i].out) {
      MOCK_CHECK(strstr(got, "reject at 0+") && strstr(got, "'a' takes "),
                 "%s: %s", text.at, got);
    } else {
      mock_addf(&expected, *conversions[i].out ? "{\"a\":%s}\n" : "{%s}\n",
                conversions[i].out);
      MOCK_SAME_OF(got, expected.at, text.at);
    }
    free(rows);
    free(text.at);
    free(expected.at);
  }
  peri_field field = MOCK_FIELD("a", PERI_T_I64);
  struct mock_wanted wanted = {true, &field, 1};
  expect_of(&wanted, "{\"b\":1,\"a\":\"x\"}\n{\"a\":2}\n",
            "b i64, a i64\n{\"a\":2}\n"
            "reject at 0+15: 'a' takes i64, found \"x\" at column 12\n");
}

static void limits_the_columns(void)
{
  struct mock_text text = {0};
  for (int i = 0; i < 4097; i++) {
    mock_addf(&text, "{\"k%d\":1}\n", i);
  }
  mock_addf(&text, "{\"k0\":2}\n");
  struct mock mock;
  mock_init(&mock, json, PERI_K_DECODER, "json", NULL);
  char *rows = mock_decode(&mock, NULL, text.at, text.len, 0);
  MOCK_CHECK(strstr(rows, "{\"k4095\":1}\n{\"k0\":2}\n"), "the last two rows");
  MOCK_CHECK(strstr(rows, ": more than 4096 columns are needed at column 10"),
             "the reject");
  free(rows);
  mock_fini(&mock);
  free(text.at);
}

static void takes_a_very_long_line(void)
{
  size_t len = (size_t)4 << 20;
  char *text = malloc(len + 64);
  memset(text, 'x', len);
  memcpy(text, "{\"a\":\"", 6);
  memcpy(text + len - 3, "\"}\n", 3);
  for (size_t unended = 0; unended < 2; unended++) {
    struct mock mock;
    mock_init(&mock, json, PERI_K_DECODER, "json", NULL);
    char *rows = mock_decode_steps(&mock, NULL, text, len - unended, 1 << 20);
    MOCK_CHECK(strlen(rows) == len, "the whole line comes out");
    free(rows);
    mock_fini(&mock);
  }
  free(text);
}

static void survives_failing_allocation(void)
{
  const char *text = "{\"a\":1,\"b\":\"\\u0041 longer than twelve\"}\n"
                     "{\"a\":\"x\",\"c\":{\"d\":\"e\\n\"},\"b\":2}\n{\"z\":1}";
  peri_field fields[] = {MOCK_FIELD("c.d", PERI_T_STR)};
  struct mock_wanted wanted = {true, fields, 1};
  for (int64_t n = 0; n < 200; n++) {
    struct mock mock;
    bool opened = mock_init_failing(&mock, json, PERI_K_DECODER, "json", NULL,
                                    n) == PERI_OK;
    char *rows =
      opened ? mock_decode(&mock, &wanted, text, strlen(text), 0) : NULL;
    bool done = rows && !strstr(rows, "failed");
    /* Memory is back: the instance goes on. */
    mock.fail_after = -1;
    char *again = mock_decode(&mock, &wanted, text, strlen(text), 0);
    MOCK_CHECK(!strstr(again, "failed"), "after %lld: %s", (long long)n, again);
    free(again);
    free(rows);
    mock_fini(&mock);
    if (done) {
      MOCK_CHECK(n > 10, "allocations failed");
      return;
    }
  }
  MOCK_CHECK(false, "it never passes");
}

static void changes_what_is_wanted(void)
{
  static const peri_field first[] = {MOCK_FIELD("a", PERI_T_STR)};
  static const peri_field second[] = {MOCK_FIELD("b", 0)};
  struct mock_wanted wanted[] = {
    {false, first, 1}, {false, second, 1}, {true, NULL, 0}};
  const char *expected[] = {"{\"a\":\"1\"}\n", "{\"b\":2}\n",
                            "{\"a\":1,\"b\":2}\n"};
  struct mock mock;
  mock_init(&mock, json, PERI_K_DECODER, "json", NULL);
  for (int i = 0; i < 6; i++) {
    char *rows = mock_decode(&mock, &wanted[i % 3], "{\"a\":1,\"b\":2}", 13, 0);
    MOCK_SAME(rows, expected[i % 3]);
    free(rows);
  }
  mock_fini(&mock);
}

/* Columns come as their first values do, also where all keys were met before
 * and records are read in groups. */
static void shows_nothing_of_earlier_chunks(void)
{
  static const peri_field fields[] = {
    MOCK_FIELD("a.b", PERI_T_I64), MOCK_FIELD("m.b", PERI_T_I64),
    MOCK_FIELD("p.b", PERI_T_I64), MOCK_FIELD("z.b", PERI_T_I64)};
  struct mock_wanted wanted = {true, fields, 4};
  struct mock_text text = {0};
  struct mock mock;
  static const char *const forms[] = {
    "{\"the key y\":1,\"the key x\":%d}\n", "{\"the key x\":%d}\n",
    "{\"the key y\":%d}\n", "{\"the key x\":%d,\"the key y\":2}\n"};
  static const char *const last[] = {
    "{\"the key y\":1,\"h\":1}",
    "{\"p\":{\"b\":1},\"a\":{\"b\":1},\"z\":{\"b\":1},\"m\":{\"b\":1}}",
    "{\"the key y\":1,\"g\":1}",
    "{\"the key x\":1,\"c\":1}",
    "{\"f\":1,\"the key y\":1,\"e\":1}",
    "{\"the key y\":1,\"d\":1}"};
  for (int i = 0; i < 3000; i++) {
    mock_addf(&text, forms[i % 4], i);
  }
  for (int i = 0; i < 6; i++) {
    mock_addf(&text, "%s\n", last[i]);
  }
  mock_init(&mock, json, PERI_K_DECODER, "json", NULL);
  mock.typed = true;
  char *first = mock_decode(&mock, &wanted, text.at, text.len, 0);
  char *second = mock_decode(&mock, &wanted, text.at, text.len, 0);
  const char *columns =
    "the key y i64, the key x i64, h i64, p.b i64, p json, a.b i64, a json, "
    "z.b i64, z json, m.b i64, m json, g i64, c i64, f i64, e i64, d i64\n";
  MOCK_CHECK(strncmp(first, columns, strlen(columns)) == 0, "%.120s", first);
  MOCK_SAME(second, first);
  free(first);
  free(second);
  free(text.at);
  mock_fini(&mock);
}

/* A name with bytes that a JSON string cannot hold as they are. */
static void finds_names_with_quotes(void)
{
  static const peri_field fields[] = {MOCK_FIELD("q\"r", PERI_T_I64),
                                      MOCK_FIELD("a\\nb", PERI_T_I64)};
  struct mock_wanted wanted = {false, fields, 2};
  expect_of(&wanted,
            "{\"q\\\"r\":1,\"a\\\\nb\":2}\n{\"a\\nb\":3}\n{\"q\"r\":4}\n",
            "q\"r i64, a\\nb i64\n{\"q\\\"r\":1,\"a\\\\nb\":2}\n{}\n"
            "reject at 32+9: expected ':' at column 5, found 'r'\n");
}

void json_check_cases(const peri_plugin *plugin)
{
  json = plugin;
  infers_and_widens_types();
  says_what_is_wrong_and_where();
  refuses_deep_nesting();
  decodes_only_wanted_fields();
  skips_strings_with_escapes();
  converts_to_types_that_are_asked_for();
  limits_the_columns();
  takes_a_very_long_line();
  survives_failing_allocation();
  changes_what_is_wanted();
  shows_nothing_of_earlier_chunks();
  finds_names_with_quotes();
}
