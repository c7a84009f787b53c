/* params_test.c - from a table of a config to the struct of a plugin. */
#include "plugin/params.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <stddef.h>
#include <string.h>

struct list {
  const void *ptr;
  size_t len;
};

struct params {
  double limit;
  int8_t small;
  uint8_t fast;
  peri_str mode;
  struct {
    int64_t value;
    int32_t has, reserved;
  } size;
  struct list names, weights, types;
};

static const uint32_t offsets[] = {
  offsetof(struct params, limit),   offsetof(struct params, small),
  offsetof(struct params, fast),    offsetof(struct params, mode),
  offsetof(struct params, size),    offsetof(struct params, names),
  offsetof(struct params, weights), offsetof(struct params, types)};
static const peri_layout layout = {
  NULL, sizeof(struct params), _Alignof(struct params), 8, 0, offsets};
static const char text[] =
  "params p\nlimit: f64 = 0.5\tAt least.\t0..1\nsmall: i8 = -3\tSmall.\t\n"
  "fast: bool = true\tHow.\t\nmode: str = \"drop\"\tThen.\tdrop|mark\n"
  "size: opt_i64 = nil\tSize.\t\nnames: list_str = {}\tWhich.\t\n"
  "weights: list_f64 = {}\tHeavy.\t\ntypes: list_pair = {}\tTypes.\t\n";

static struct pg_arena arena;
static struct pg_decl decl;
static struct params out;

/* ----------------------------------------------------------- neutral values */

static struct pg_value number(double n)
{
  return (struct pg_value){.kind = PG_VALUE_NUM, .u.number = n};
}

static struct pg_value integer(int64_t n)
{
  return (struct pg_value){.kind = PG_VALUE_INT, .u.integer = n};
}

static struct pg_value string(const char *s)
{
  return (struct pg_value){.kind = PG_VALUE_STR, .u.text = {s, strlen(s)}};
}

static struct pg_value flag(bool yes)
{
  return (struct pg_value){.kind = PG_VALUE_BOOL, .u.flag = yes};
}

static struct pg_value list(const struct pg_value *at, size_t count)
{
  return (struct pg_value){.kind = PG_VALUE_LIST, .u.list = {at, count}};
}

static struct pg_value map(const struct pg_value_entry *at, size_t count)
{
  return (struct pg_value){.kind = PG_VALUE_MAP, .u.map = {at, count}};
}

static enum pg_status fill(const char *key, struct pg_value value,
                           struct pg_error *err)
{
  struct pg_value_entry entry = {{key, strlen(key)}, value};
  struct pg_value table = map(&entry, 1);
  return pg_params_fill(&decl, &layout, &table, &arena, &out, err);
}

static void good(const char *key, struct pg_value value)
{
  struct pg_error err;
  CHECK(fill(key, value, &err) == PG_OK, "%s: %s", key, err.text);
}

static void bad(const char *key, struct pg_value value, const char *part)
{
  struct pg_error err = {0};
  CHECK(fill(key, value, &err) == PG_BAD_INPUT, "%s passed", key);
  CHECK(strstr(err.text, part), "%s: expected '%s' in '%s'", key, part,
        err.text);
}

/* ---------------------------------------------------------------- what fits */

static void takes_the_defaults(void)
{
  struct pg_error err;
  struct pg_value none = {.kind = PG_VALUE_NIL}, empty = list(NULL, 0);
  memset(&out, 0xa5, sizeof out);
  CHECK(pg_params_fill(&decl, &layout, &none, &arena, &out, &err) == PG_OK,
        "%s", err.text);
  CHECK(out.limit == 0.5 && out.small == -3 && out.fast == 1, "numbers");
  CHECK(out.mode.len == 4 && strcmp(out.mode.ptr, "drop") == 0, "mode");
  CHECK(!out.size.has && out.names.len == 0, "size, names");
  CHECK(pg_params_fill(&decl, &layout, &empty, &arena, &out, &err) == PG_OK,
        "an empty list is an empty table: %s", err.text);
}

static void takes_values(void)
{
  good("limit", integer(1));
  CHECK(out.limit == 1, "%g", out.limit);
  good("small", number(-128));
  CHECK(out.small == -128, "%d", out.small);
  good("fast", flag(false));
  CHECK(!out.fast, "fast");
  good("mode", string("mark"));
  CHECK(strcmp(out.mode.ptr, "mark") == 0, "%s", out.mode.ptr);
  good("size", integer(INT64_MIN));
  CHECK(out.size.has == 1 && out.size.value == INT64_MIN, "size");
  struct pg_value names[] = {string("a"), string("bc")};
  good("names", list(names, 2));
  const peri_str *kept = out.names.ptr;
  CHECK(out.names.len == 2 && kept[1].len == 2 && kept[1].ptr[2] == '\0',
        "texts end with a NUL");
  good("names", string("alone"));
  CHECK(out.names.len == 1, "one is a list of one");
  struct pg_value weights[] = {integer(1), number(0.25)};
  good("weights", list(weights, 2));
  CHECK(((const double *)out.weights.ptr)[1] == 0.25, "weights");
  struct pg_value_entry types[] = {{{"status", 6}, string("i64")},
                                   {{"age", 3}, string("f64")}};
  good("types", map(types, 2));
  const peri_str *pairs = out.types.ptr; /* key, value, key, value */
  CHECK(out.types.len == 2 && strcmp(pairs[0].ptr, "age") == 0 &&
          strcmp(pairs[3].ptr, "i64") == 0,
        "pairs are sorted by key");
}

/* ------------------------------------------------------------ what does not */

static void refuses_what_does_not_fit(void)
{
  struct pg_value mixed[] = {string("a"), integer(2)};
  struct pg_value_entry entry = {{"k", 1}, integer(1)};
  bad("limits", integer(1),
      "unknown parameter 'limits'; did you mean 'limit'?");
  bad("colour", integer(1), "unknown parameter 'colour'; known: limit, small");
  bad("limit", string("1"), "parameter 'limit': expected a number, got '1'");
  bad("limit", number(1.5), "expected 0 to 1, got 1.5");
  bad("limit", number(0.0 / 0.0), "expected 0 to 1, got");
  bad("small", integer(128), "expected -128 to 127, got 128");
  bad("small", number(0.5), "expected an integer, got 0.5");
  bad("small", number(1e300), "expected an integer");
  bad("fast", integer(1), "expected true or false, got 1");
  bad("mode", string("marc"), "did you mean 'mark'?");
  bad("mode", string(""), "expected one of drop, mark; got ''");
  bad("names", list(mixed, 2), "item 2: expected a string, got 2");
  bad("names", map(&entry, 1), "expected a list, got a field 'k'");
  bad("types", map(&entry, 1), "expected strings by name, got [k] = 1");
  bad("types", list(mixed, 2), "expected a table such as");
  bad("size", string("x"), "expected an integer, got 'x'");
}

static void refuses_a_missing_one(void)
{
  struct pg_error err;
  struct pg_decl needs;
  static const uint32_t at[] = {0};
  const peri_layout one = {NULL, sizeof(peri_str), 8, 1, 0, at};
  struct pg_value none = {.kind = PG_VALUE_NIL};
  peri_str path;
  CHECK(pg_decl_parse("params p\npath: str = required\tWhere it is.\t\n",
                      &arena, &needs, &err) == PG_OK,
        "%s", err.text);
  CHECK(pg_params_fill(&needs, &one, &none, &arena, &path, &err) ==
            PG_BAD_INPUT &&
          strcmp(err.text, "parameter 'path' is missing (Where it is.)") == 0,
        "%s", err.text);
  struct pg_value odd = integer(3), row = list(&odd, 1);
  CHECK(pg_params_fill(&needs, &one, &odd, &arena, &path, &err) == PG_BAD_INPUT,
        "a number is no table");
  CHECK(pg_params_fill(&needs, &one, &row, &arena, &path, &err) ==
            PG_BAD_INPUT &&
          strstr(err.text, "got a list"),
        "%s", err.text);
}

static void refuses_a_layout_that_does_not_fit(void)
{
  struct pg_error err;
  uint32_t places[8];
  peri_layout wrong = layout;
  wrong.offsets = places;
  memcpy(places, offsets, sizeof places);
  CHECK(pg_params_check_layout(&decl, &layout, &err) == PG_OK, "%s", err.text);
  wrong.n = 7;
  CHECK(pg_params_check_layout(&decl, &wrong, &err) == PG_REFUSED &&
          strstr(err.text, "declares 8 fields, its layout has 7"),
        "%s", err.text);
  wrong.n = 8;
  places[7] = sizeof(struct params) - 8;
  CHECK(pg_params_check_layout(&decl, &wrong, &err) == PG_REFUSED &&
          strstr(err.text, "'p.types' of 16 bytes lies at offset"),
        "%s", err.text);
  places[7] = UINT32_MAX;
  CHECK(pg_params_check_layout(&decl, &wrong, &err) == PG_REFUSED, "far away");
  places[7] = offsets[7];
  places[0] = 4;
  CHECK(pg_params_check_layout(&decl, &wrong, &err) == PG_REFUSED,
        "not aligned");
}

static bool fill_all(void)
{
  struct pg_arena room = {0};
  struct pg_error err;
  struct pg_value names[] = {string("a"), string("bc")};
  struct pg_value_entry entries[] = {{{"names", 5}, list(names, 2)},
                                     {{"mode", 4}, string("mark")}};
  struct pg_value table = map(entries, 2);
  enum pg_status status =
    pg_params_fill(&decl, &layout, &table, &room, &out, &err);
  CHECK(status == PG_OK || status == PG_NO_MEMORY, "%s", err.text);
  pg_arena_fini(&room);
  return status == PG_OK;
}

int main(void)
{
  struct pg_error err;
  CHECK(pg_decl_parse(text, &arena, &decl, &err) == PG_OK, "%s", err.text);
  takes_the_defaults();
  takes_values();
  refuses_what_does_not_fit();
  refuses_a_missing_one();
  refuses_a_layout_that_does_not_fit();
  no_memory_each(fill_all, NULL);
  pg_arena_fini(&arena);
  return 0;
}
