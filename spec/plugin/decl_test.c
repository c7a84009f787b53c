/* decl_test.c - declaration texts: what they say, and what is wrong with them.
 */
#include "plugin/decl.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <string.h>

static struct pg_arena arena;

static struct pg_decl read_good(const char *text)
{
  struct pg_decl decl;
  struct pg_error err;
  enum pg_status status = pg_decl_parse(text, &arena, &decl, &err);
  CHECK(status == PG_OK, "'%s': %s", text, err.text);
  return decl;
}

static void reads_functions(void)
{
  struct pg_decl decl = read_good(
    "function pick(a: i32, b: opt_str, c: list_f64) -> _Bool\nOne.\nTwo.\n\n");
  CHECK(decl.kind == PERI_K_FUNCTION && strcmp(decl.name, "pick") == 0, "%s",
        decl.name);
  CHECK(strcmp(decl.doc, "One.\nTwo.") == 0, "doc '%s'", decl.doc);
  CHECK(decl.field_count == 3, "%zu", decl.field_count);
  CHECK(decl.fields[0].type.base == PERI_T_I32, "a");
  CHECK(decl.fields[1].type.form == PG_FORM_OPT &&
          decl.fields[1].type.base == PERI_T_STR,
        "b");
  CHECK(decl.fields[2].type.form == PG_FORM_LIST &&
          decl.fields[2].type.base == PERI_T_F64,
        "c");
  CHECK(strcmp(decl.returns.name, "bool") == 0, "%s", decl.returns.name);
  decl = read_good("function now() -> time");
  CHECK(decl.field_count == 0 && decl.doc[0] == '\0', "now");
}

static void reads_ranges_of_aggregates(void)
{
  struct pg_decl decl = read_good(
    "aggregate part(x: f64, q: f64 0..1 , n: i64 1..) -> f64 state s");
  const struct pg_decl_field *f = decl.fields;
  CHECK(decl.field_count == 3, "%zu", decl.field_count);
  CHECK(f[0].low.kind == PG_VALUE_NIL && f[0].high.kind == PG_VALUE_NIL, "x");
  CHECK(f[1].low.u.integer == 0 && f[1].high.u.integer == 1, "q");
  CHECK(f[2].low.u.integer == 1 && f[2].high.kind == PG_VALUE_NIL, "n");
}

static void reads_kernels(void)
{
  struct pg_decl decl =
    read_good("kernel keep(value: i64|f64, x: any) -> (a: str, b: opt_f64) "
              "params keep_params state peri_none\nKeeps.");
  CHECK(decl.kind == PERI_K_KERNEL, "kind");
  CHECK(decl.fields[0].type.set == (1u << PERI_T_I64 | 1u << PERI_T_F64) &&
          decl.fields[0].type.base == PERI_T_I64 &&
          strcmp(decl.fields[0].type.name, "i64|f64") == 0,
        "%s", decl.fields[0].type.name);
  CHECK(decl.fields[1].type.set == 0xffff, "%x", decl.fields[1].type.set);
  CHECK(decl.output_count == 2 && strcmp(decl.outputs[0].name, "a") == 0,
        "outputs");
  decl = read_good("kernel all() -> () params peri_none state peri_none\n");
  CHECK(decl.field_count == 0 && decl.output_count == 0, "all");
}

static void reads_parameters(void)
{
  struct pg_decl decl =
    read_good("params p\nlimit: f64 = 0.5\tAt least.\t0..1\n"
              "mode: str = \"drop\"\tWhat\tthen.\tdrop|mark\n"
              "names: list_str = {}\tWhich.\t\nsize: opt_i64 = nil\tHow\t1..\n"
              "path: str = required\tWhere.\t\nfast: _Bool = 1\tHow.\t\n");
  const struct pg_decl_field *f = decl.fields;
  CHECK(decl.field_count == 6, "%zu", decl.field_count);
  CHECK(f[0].standard.kind == PG_VALUE_NUM && f[0].standard.u.number == 0.5 &&
          f[0].low.u.integer == 0 && f[0].high.u.integer == 1,
        "limit");
  CHECK(f[1].choice_count == 2 && strcmp(f[1].choices[1], "mark") == 0 &&
          strcmp(f[1].doc, "What\tthen.") == 0,
        "mode '%s'", f[1].doc);
  CHECK(f[2].standard.kind == PG_VALUE_LIST, "names");
  CHECK(f[3].standard.kind == PG_VALUE_NIL && !f[3].required &&
          f[3].high.kind == PG_VALUE_NIL,
        "size");
  CHECK(f[4].required, "path");
  CHECK(f[5].standard.kind == PG_VALUE_BOOL && f[5].standard.u.flag, "fast");
}

static void compares_arguments(void)
{
  struct pg_decl a = read_good("function f(a: i64, b: str) -> i64");
  struct pg_decl b = read_good("function f(x: i64, y: str) -> f64");
  struct pg_decl c = read_good("function f(x: i64, y: bin) -> i64");
  struct pg_decl d = read_good("function f(x: i64) -> i64");
  struct pg_decl e = read_good("function f(x: f64) -> i64");
  struct pg_decl g = read_good("function f(x: opt_i64) -> i64");
  CHECK(pg_decl_compare_args(&a, &b) == 0, "names do not matter");
  CHECK(pg_decl_compare_args(&a, &c) < 0 && pg_decl_compare_args(&c, &a) > 0,
        "types do");
  CHECK(pg_decl_compare_args(&a, &d) > 0 && pg_decl_compare_args(&d, &a) < 0,
        "fewer first");
  CHECK(pg_decl_compare_args(&d, &e) < 0 && pg_decl_compare_args(&e, &d) > 0,
        "integers first");
  CHECK(pg_decl_compare_args(&d, &g) != 0, "what may be nil is another type");
}

static void says_what_is_wrong(void)
{
  static const struct {
    const char *text, *part;
  } cases[] = {
    {"", "expected a kind such as 'function'"},
    {"gadget x", "expected a kind"},
    {"functions f() -> i64", "expected a kind"},
    {"function", "expected a name, found the end of the text"},
    {"function 9(a: i64) -> i64", "expected a name, found '9'"},
    {"function f a: i64", "line 1, column 12: expected '(', found 'a'"},
    {"function f(a i64) -> i64", "expected ':', found 'i64'"},
    {"function f(a: i64 b: i64) -> i64", "expected ')', found 'b'"},
    {"function f(a: i64 0..1) -> i64", "expected ')', found '0'"},
    {"aggregate f(a: i64 0..x) -> i64", "'0..x' is no range of numbers"},
    {"aggregate f(a: i64 b) -> i64", "'b' is no range such as 0..1"},
    {"aggregate f(a: str 0..1) -> i64", "expected ')', found '0'"},
    {"aggregate f(a: i64 0..1", "expected ')', found the end"},
    {"function f(a: i64,) -> i64", "expected a name, found ')'"},
    {"function f(a: i64) i64", "expected '->', found 'i64'"},
    {"function f(a: i64) ->", "expected a type, found the end"},
    {"function f(a: i64, a: i64) -> i64", "'a' is declared twice"},
    {"function f(a: i64) -> i64 x\nDoc.", "expected the end of the line"},
    {"function f(a: \x1b[31m) -> i64", "control character 0x1b"},
    {"kernel k(a: list_i64) -> ()", "'list_i64' is no type of a column"},
    {"kernel k(a: i64|) -> ()", "expected a type, found ')'"},
    {"kernel k() -> (a: list_i64)", "'list_i64' is no type of a column"},
    {"kernel k() -> (a: point)", "column 19: 'point' is no type of a column"},
    {"sink s params", "expected a struct, found the end"},
    {"params p\na: f64 = 1", "expected a default, a doc and the limits"},
    {"params p\na: f64 = 1\tDoc.", "expected a default, a doc and the limits"},
    {"params p\na: f64 1\tDoc.\t\n", "expected '=', found '1'"},
    {"params p\na: f64 = x\tDoc.\t\n", "the default of 'a' is no literal: x"},
    {"params p\na: f64 = \"1\"\tD.\t\n", "expected a number, got '1'"},
    {"params p\na: i8 = 128\tD.\t\n", "expected -128 to 127, got 128"},
    {"params p\na: i64 = 5\tD.\t6..\n", "expected at least 6, got 5"},
    {"params p\na: i64 = 5\tD.\t..\n", "'..' is no range of numbers"},
    {"params p\na: i64 = 5\tD.\ta|b\n", "'a|b' is no range such as 0..1"},
    {"params p\na: str = \"c\"\tD.\ta|b\n", "expected one of a, b; got 'c'"},
    {"params p\na: str = \"a\"\tD.\ta||b\n", "an empty choice"},
    {"params p\na: bool = true\tD.\tx\n", "neither a range nor choices"},
    {"params p\na: point = 1\tD.\t\n", "unknown type 'point'"},
    {"params p\na: f64 = 1\tD.\t\na: f64 = 1\tD.\t\n", "'a' is declared twice"},
    {"record r\nx: f64 East\n", "expected a tab before the doc"},
    {"record r x: f64\n", "expected the end of the line, found 'x'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pg_decl decl;
    struct pg_error err = {0};
    enum pg_status status = pg_decl_parse(cases[i].text, &arena, &decl, &err);
    CHECK(status != PG_OK, "'%s' passed", cases[i].text);
    CHECK(strstr(err.text, cases[i].part), "'%s': expected '%s' in '%s'",
          cases[i].text, cases[i].part, err.text);
  }
}

static const char *const good[] = {
  "function pick(a: i32, b: opt_str, c: list_f64) -> bool\nOne.",
  "kernel keep(v: i64|f64, x: any) -> (a: str) params p state s\nKeeps.",
  "params p\nlimit: f64 = 0.5\tDoc.\t0..1\nm: str = \"a\"\tD.\ta|\"b c\"\n",
  "record point\nx: f64\tEast.\ny: list_str\tNorth.\n",
  "aggregate mean(x: f64) -> opt_f64 state mean_state\nMean.",
};

/* Cut anywhere, or with any byte put anywhere: an answer, and no more. */
static void survives_anything(void)
{
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    size_t len = strlen(good[i]);
    for (size_t at = 0; at < len; at++) {
      struct pg_decl decl;
      struct pg_error err;
      char *cut = strndup(good[i], at);
      pg_decl_parse(cut, &arena, &decl, &err);
      free(cut);
      for (int byte = 1; byte < 256; byte += 1 + (int)(at % 3)) {
        char *changed = strndup(good[i], len);
        changed[at] = (char)byte;
        err.text[0] = '\0';
        CHECK(pg_decl_parse(changed, &arena, &decl, &err) == PG_OK ||
                err.text[0] != '\0',
              "no message for '%s'", changed);
        free(changed);
      }
      pg_arena_reset(&arena);
    }
  }
}

static void refuses_too_much(void)
{
  struct pg_decl decl;
  struct pg_error err;
  size_t size = 100000;
  char *text = calloc(size, 1);
  memset(text, 'a', size - 1);
  memcpy(text, "function ", 9);
  CHECK(pg_decl_parse(text, &arena, &decl, &err) != PG_OK &&
          strstr(err.text, "at most 65536 bytes"),
        "%s", err.text);
  size_t at = (size_t)sprintf(text, "function f(");
  for (int i = 0; i < 300; i++) {
    at += (size_t)sprintf(text + at, "a%d: i64, ", i);
  }
  CHECK(pg_decl_parse(text, &arena, &decl, &err) != PG_OK &&
          strstr(err.text, "more than 256 fields"),
        "%s", err.text);
  free(text);
}

static bool parse_all(void)
{
  struct pg_arena room = {0};
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < sizeof good / sizeof *good && status == PG_OK; i++) {
    struct pg_decl decl;
    struct pg_error err;
    status = pg_decl_parse(good[i], &room, &decl, &err);
    CHECK(status == PG_OK || status == PG_NO_MEMORY, "%s", err.text);
  }
  pg_arena_fini(&room);
  return status == PG_OK;
}

int main(void)
{
  reads_functions();
  reads_ranges_of_aggregates();
  reads_kernels();
  reads_parameters();
  compares_arguments();
  says_what_is_wrong();
  survives_anything();
  refuses_too_much();
  pg_arena_fini(&arena);
  no_memory_each(parse_all, NULL);
  return 0;
}
