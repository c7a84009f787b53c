/* shape_test.c - type names against the records of a plugin: what they are in
 * memory, and what is refused. */
#include "plugin/shape.h"

#include "check/check.h"

#include <string.h>

#define ITEMS_MAX 8

struct items {
  struct pg_arena arena;
  struct pg_plugin_item items[ITEMS_MAX];
  struct pg_decl decls[ITEMS_MAX], states[ITEMS_MAX];
  peri_layout layouts[ITEMS_MAX];
  size_t count;
  struct pg_error err;
};

/* Adds an item by its declaration; `offsets` and `bytes` of its struct. */
static void add(struct items *all, const char *text, const char *state,
                const uint32_t *offsets, uint32_t bytes)
{
  size_t i = all->count++;
  struct pg_plugin_item *item = &all->items[i];
  CHECK(pg_decl_parse(text, &all->arena, &all->decls[i], &all->err) == PG_OK,
        "%s", all->err.text);
  *item = (struct pg_plugin_item){.decl = &all->decls[i]};
  const struct pg_decl *fields = &all->decls[i];
  if (state) {
    CHECK(pg_decl_parse(state, &all->arena, &all->states[i], &all->err) ==
            PG_OK,
          "%s", all->err.text);
    item->params = fields = &all->states[i];
  }
  all->layouts[i] = (peri_layout){.bytes = bytes,
                                  .align = 8,
                                  .n = (uint32_t)fields->field_count,
                                  .offsets = offsets};
  item->params_layout = &all->layouts[i];
}

static enum pg_status resolve(struct items *all)
{
  return pg_shapes_resolve(all->items, all->count, &all->arena, &all->err);
}

static void finish(struct items *all)
{
  pg_arena_fini(&all->arena);
}

/* ------------------------------------------------------------ one function
 * f(a) */

static const uint32_t two[] = {0, 8};

static void add_types(struct items *all)
{
  add(all, "record point\nx: f64\tEast.\ny: f64\tNorth.\n", NULL, two, 16);
  static const uint32_t cases[] = {8, 8};
  add(all, "variant shape\nspot: point\tOne.\nnothing: none\tNone.\n", NULL,
      cases, 24);
}

/* The shape of the argument of f, or NULL and the reason. */
static const struct pg_shape *shape_of(struct items *all, const char *type)
{
  char text[400];
  add_types(all);
  snprintf(text, sizeof text, "function f(a: %s) -> i64\n", type);
  add(all, text, NULL, NULL, 0);
  return resolve(all) == PG_OK ? all->items[2].shapes[0] : NULL;
}

static void check_size(const char *type, size_t size, size_t align)
{
  struct items all = {.count = 0};
  const struct pg_shape *shape = shape_of(&all, type);
  CHECK(shape, "%s: %s", type, all.err.text);
  CHECK(shape->size == size && shape->align == align,
        "%s: %zu bytes, aligned to %zu", type, shape->size, shape->align);
  CHECK(strcmp(shape->name, type) == 0, "%s is called %s", type, shape->name);
  finish(&all);
}

static void sizes_are_those_of_c(void)
{
  typedef struct {
    peri_str value;
    int32_t has, reserved;
  } opt_str;
  typedef struct {
    uint8_t value;
    int32_t has, reserved;
  } opt_u8;
  check_size("bool", 1, 1);
  check_size("i16", 2, 2);
  check_size("f32", 4, 4);
  check_size("char", 4, 4);
  check_size("time", 8, 8);
  check_size("str", sizeof(peri_str), _Alignof(peri_str));
  check_size("opt_u8", sizeof(opt_u8), _Alignof(opt_u8));
  check_size("opt_i64", 16, 8);
  check_size("opt_str", sizeof(opt_str), _Alignof(opt_str));
  check_size("opt_point", 24, 8);
  check_size("list_pair", 16, 8);
  check_size("list_list_point", 16, 8);
  check_size("opt_list_shape", 24, 8);
  check_size("buf_u8", 16, 8);
  check_size("point", 16, 8);
  check_size("shape", 24, 8);
}

static void check_unknown(const char *type)
{
  struct items all = {.count = 0};
  char expected[400];
  CHECK(!shape_of(&all, type), "'%s' is a type", type);
  snprintf(expected, sizeof expected, "function 'f': unknown type '%s'", type);
  CHECK(strcmp(all.err.text, expected) == 0, "%s", all.err.text);
  finish(&all);
}

static void unknown_types_are_refused(void)
{
  check_unknown("pont");
  check_unknown("int");
  check_unknown("list_");
  check_unknown("list_pont");
  check_unknown("list_opt_i64"); /* a list in Lua ends at a nil */
  check_unknown("opt_opt_i64");
  check_unknown("opt_pair");
  check_unknown("opt_none");
  check_unknown("buf_bool");
  check_unknown("buf_str");
  check_unknown("buf_point");
  check_unknown("list_buf_f64");
  check_unknown("opt_buf_f64");
  char deep[200] = "";
  for (int i = 0; i < 30; i++) {
    strcat(deep, "list_");
  }
  strcat(deep, "i64");
  check_unknown(deep);
}

/* -------------------------------------------------------------------- objects
 */

/* What a function with these types is refused with; NULL: nothing. */
static const char *refusal(struct items *all, const char *decl)
{
  add_types(all);
  add(all, decl, NULL, two, 8);
  add(all, "class counter(start: i64)", "record counter\n", two, 8);
  return resolve(all) == PG_OK ? NULL : all->err.text;
}

static void objects_are_given_and_made(void)
{
  struct items all = {.count = 0};
  const char *why =
    refusal(&all, "function f(a: obj_counter) -> new_counter\n");
  CHECK(!why, "%s", why);
  const struct pg_shape *const *shapes = all.items[2].shapes;
  CHECK(shapes[0]->form == PG_SHAPE_OBJECT && shapes[1]->form == PG_SHAPE_NEW,
        "%d, %d", shapes[0]->form, shapes[1]->form);
  CHECK(shapes[0]->class == &all.items[3] && shapes[1]->class == &all.items[3],
        "another class");
  finish(&all);
}

static void objects_are_refused_elsewhere(void)
{
  static const char *const cases[][2] = {
    {"function f(a: obj_point) -> i64\n",
     "function 'f': unknown type 'obj_point'"},
    {"function f() -> new_count\n", "function 'f': unknown type 'new_count'"},
    {"function f() -> obj_counter\n",
     "function 'f': 'obj_counter' can only be a parameter of a function"},
    {"function f(a: new_counter) -> i64\n",
     "function 'f': 'new_counter' can only be the result of a function"},
    {"function f(a: opt_obj_counter) -> i64\n",
     "function 'f': unknown type 'opt_obj_counter'"},
    {"function f() -> list_new_counter\n",
     "function 'f': unknown type 'list_new_counter'"},
    {"record r\na: obj_counter\tDoc.\n",
     "record 'r': 'obj_counter' can only be a parameter of a function"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct items all = {.count = 0};
    const char *why = refusal(&all, cases[i][0]);
    CHECK(why && strcmp(why, cases[i][1]) == 0, "%s: %s", cases[i][0], why);
    finish(&all);
  }
}

/* ------------------------------------------------------------ what does not
 * fit */

static void refused(struct items *all, const char *expected)
{
  CHECK(resolve(all) == PG_REFUSED, "nothing is refused: expected '%s'",
        expected);
  CHECK(strstr(all->err.text, expected), "expected '%s', got '%s'", expected,
        all->err.text);
  finish(all);
}

static void structs_hold_their_fields(void)
{
  struct items all = {.count = 0};
  add(&all, "record r\na: f64\t\nb: f64\t\n", NULL, two, 12);
  refused(&all, "'r.b' of 8 bytes lies at offset 8 of a struct of 12 bytes");
  all = (struct items){.count = 0};
  static const uint32_t crooked[] = {4};
  add(&all, "record r\na: f64\t\n", NULL, crooked, 16);
  refused(&all, "'r.a' of 8 bytes lies at offset 4");
  all = (struct items){.count = 0};
  static const uint32_t far[] = {0xfffffff8};
  add(&all, "record r\na: f64\t\n", NULL, far, 16);
  refused(&all, "'r.a' of 8 bytes lies at offset 4294967288");
  all = (struct items){.count = 0};
  static const uint32_t zero[] = {0};
  add(&all, "variant v\na: u8\t\n", NULL, zero, 16); /* over the tag */
  refused(&all, "'v.a' of 1 bytes lies at offset 0");
  all = (struct items){.count = 0};
  add_types(&all);
  add(&all, "record r\na: shape\t\n", NULL, two, 16);
  refused(&all, "'r.a' of 24 bytes lies at offset 0 of a struct of 16 bytes");
  all = (struct items){.count = 0};
  add(&all, "record r\na: f64\t\n", NULL, two, 16);
  all.layouts[0].n = 2;
  refused(&all, "'r' declares 1 fields, its layout has 2");
}

static void buffers_are_parameters_only(void)
{
  struct items all = {.count = 0};
  add(&all, "record r\na: buf_f64\t\n", NULL, two, 16);
  refused(&all, "record 'r': 'buf_f64' can only be a parameter of a function");
  all = (struct items){.count = 0};
  add(&all, "function f() -> buf_f64\n", NULL, NULL, 0);
  refused(&all, "function 'f': 'buf_f64' can only be a parameter");
}

static void methods_have_a_class(void)
{
  static const char state[] = "record c\nn: i64\t\n";
  struct items all = {.count = 0};
  add(&all, "method c:add(by: i64) -> i64\n", NULL, NULL, 0);
  refused(&all, "method 'c:add': there is no such class");
  all = (struct items){.count = 0};
  add(&all, "class c(start: i64)\n", state, two, 8);
  add(&all, "method c:n() -> i64\n", NULL, NULL, 0);
  refused(&all, "method 'c:n': every object has a 'n' already");
  all = (struct items){.count = 0};
  add(&all, "class c()\n", state, two, 8);
  add(&all, "method c:release() -> i64\n", NULL, NULL, 0);
  refused(&all, "method 'c:release': every object has a 'release' already");
  all = (struct items){.count = 0};
  add(&all, "class c()\n", state, two, 4);
  refused(&all, "'c.n' of 8 bytes lies at offset 0 of a struct of 4 bytes");
  all = (struct items){.count = 0};
  add(&all, "class c(start: i64)\nCounts.", state, two, 8);
  add(&all, "method c:add(by: i64) -> f64\nAdds.", NULL, NULL, 0);
  CHECK(resolve(&all) == PG_OK, "%s", all.err.text);
  const struct pg_shape *own = all.items[0].shapes[1];
  CHECK(own->form == PG_SHAPE_RECORD && own->field_count == 1 &&
          strcmp(own->fields[0].name, "n") == 0,
        "the state is another one");
  CHECK(strcmp(all.decls[1].owner, "c") == 0 &&
          strcmp(all.decls[1].name, "add") == 0 &&
          strcmp(all.decls[1].doc, "Adds.") == 0,
        "the method is another one");
  finish(&all);
}

int main(void)
{
  sizes_are_those_of_c();
  unknown_types_are_refused();
  objects_are_given_and_made();
  objects_are_refused_elsewhere();
  structs_hold_their_fields();
  buffers_are_parameters_only();
  methods_have_a_class();
  return 0;
}
