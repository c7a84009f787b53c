/* value_test.c - literals, order and display of neutral values. */
#include "plugin/value.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <string.h>

static struct pg_arena arena;

static struct pg_value good(const char *text)
{
  struct pg_value value;
  CHECK(pg_value_parse(text, strlen(text), &arena, &value), "'%s'", text);
  return value;
}

static void reads_literals(void)
{
  struct pg_value value = good("\"a\\n\\\"\\x41\"");
  CHECK(value.kind == PG_VALUE_STR && strcmp(value.u.text.ptr, "a\n\"A") == 0 &&
          value.u.text.len == 4,
        "'%s'", value.u.text.ptr);
  CHECK(good("''").u.text.len == 0, "an empty text");
  CHECK(good("nil").kind == PG_VALUE_NIL, "nil");
  CHECK(good("true").u.flag && !good("false").u.flag, "flags");
  CHECK(good("-12").u.integer == -12 && good("0x1F").u.integer == 31,
        "integers");
  CHECK(good("-9223372036854775808").u.integer == INT64_MIN, "the least");
  CHECK(good("9223372036854775808").kind == PG_VALUE_NUM, "too large for one");
  CHECK(good(".5").u.number == 0.5 && good("1e3").u.number == 1000, "numbers");
  CHECK(good("{}").u.list.count == 0 && good("{ }").u.list.count == 0, "{}");
}

static void reads_lists(void)
{
  struct pg_value list = good("{ 1, \"a,\\\"b\" ,'c', true, }");
  const struct pg_value *at = list.u.list.at;
  CHECK(list.kind == PG_VALUE_LIST && list.u.list.count == 4, "%zu",
        list.u.list.count);
  CHECK(at[0].u.integer == 1 && strcmp(at[1].u.text.ptr, "a,\"b") == 0 &&
          strcmp(at[2].u.text.ptr, "c") == 0 && at[3].u.flag,
        "items");
  CHECK(good("{\"\"}").u.list.at[0].u.text.len == 0, "an empty text in a list");
}

static void refuses_what_is_no_literal(void)
{
  static const char *const bad[] = {
    "",        "x",        "inf",  "nan",   "-inf", " 1",  "1 ",
    "1x",      "0x",       "--1",  "+1",    "1..2", "\"a", "\"a\"b\"",
    "\"\\q\"", "\"\\x4\"", "\"\\", "True",  "{1",   "{,}", "{1 2}",
    "{{}}",    "{x}",      "{,1}", "1e999", "{\"a}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct pg_value value;
    CHECK(!pg_value_parse(bad[i], strlen(bad[i]), &arena, &value), "'%s'",
          bad[i]);
  }
}

static int order(const char *a, const char *b)
{
  struct pg_value x = good(a), y = good(b);
  int one = pg_value_compare(&x, &y), other = pg_value_compare(&y, &x);
  CHECK(one == -other, "%s and %s: %d and %d", a, b, one, other);
  return one;
}

/* 2^53 + 1 is no double: comparing as doubles would call them equal. */
static void compares_exactly(void)
{
  CHECK(order("9007199254740993", "9007199254740992.0") == 1, "2^53");
  CHECK(order("-9007199254740993", "-9007199254740992.0") == -1, "-2^53");
  CHECK(order("9223372036854775807", "9223372036854775808") == -1, "2^63");
  CHECK(order("-9223372036854775808", "-1e300") == 1, "far below");
  CHECK(order("1", "1.0") == 0 && order("1", "1.5") == -1, "small ones");
  struct pg_value one = good("1");
  struct pg_value none = {.kind = PG_VALUE_NUM, .u.number = 0.0 / 0.0};
  CHECK(pg_value_compare(&one, &none) == 2 &&
          pg_value_compare(&none, &none) == 2,
        "not a number");
}

static void shows_values(void)
{
  static const struct {
    const char *literal, *shown;
  } cases[] = {{"nil", "nothing"}, {"0.1", "0.1"},     {"12", "12"},
               {"'a'", "'a'"},     {"{1}", "a table"}, {"true", "true"}};
  char text[60], tiny[4];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pg_value value = good(cases[i].literal);
    pg_value_show(&value, text, sizeof text);
    CHECK(strcmp(text, cases[i].shown) == 0, "%s", text);
  }
  struct pg_value value = good("'0123456789012345678901234567890123456789x'");
  pg_value_show(&value, text, sizeof text);
  CHECK(strlen(text) == 42 && strcmp(text + 38, "...'") == 0, "%s", text);
  pg_value_show(&value, tiny, sizeof tiny);
  CHECK(strlen(tiny) == 3, "%s", tiny);
}

static bool parse_list(void)
{
  struct pg_arena room = {0};
  struct pg_value value;
  static const char text[] = "{\"some\", \"text\"}";
  bool done = pg_value_parse(text, sizeof text - 1, &room, &value);
  pg_arena_fini(&room);
  return done;
}

int main(void)
{
  reads_literals();
  reads_lists();
  refuses_what_is_no_literal();
  compares_exactly();
  shows_values();
  pg_arena_fini(&arena);
  no_memory_each(parse_list, NULL);
  return 0;
}
