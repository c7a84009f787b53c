/* program_run.c - runs written programs over a small batch. */
#include "program_run.h"

#include "check/check.h"
#include "program_batch.h"

#include <string.h>

const struct pg_plugin *run_ops(void)
{
  static const struct pg_plugin *ops;
  ops = ops ? ops : make_load(PERIGEE_NATIVE_DIR "/ops.so");
  return ops;
}

const struct pg_plugin *run_probe(void)
{
  static const struct pg_plugin *probe;
  probe = probe ? probe : make_load(PERIGEE_SPEC_PLUGINS "/program_probe.so");
  return probe;
}

struct run run_begin(const struct pg_plugin *plugin)
{
  static const int64_t x[] = {0, -5, 1, 2, 3, 500};
  static const char *const s[] = {
    "GET", "poison", NULL, "/api/v1/users/1/items", "/api/v1/users/2/items",
    ""};
  return (struct run){.make = {.ops = plugin},
                      .scratch = pg_scratch_new(NULL),
                      .batch = batch_of(6, x, s)};
}

enum pg_status run_eval(struct run *run)
{
  struct pg_program *program = make_program(&run->make);
  pg_column_unref(run->column);
  run->column = NULL;
  enum pg_status status =
    pg_program_eval(program, run->scratch, run->batch, &run->column, &run->err);
  pg_program_unref(program);
  return status;
}

void run_end(struct run *run)
{
  pg_column_unref(run->column);
  pg_batch_unref(run->batch);
  pg_scratch_free(run->scratch);
}

/* "0 null 1", or with quotes for texts. */
static const char *shown(const struct pg_column *column)
{
  static char text[2000];
  size_t len = 0;
  for (int64_t i = 0; i < column->length; i++) {
    char *at = text + len;
    size_t room = sizeof text - len;
    if (!pg_column_is_valid(column, i)) {
      len += (size_t)snprintf(at, room, "null ");
    } else if (pg_type_is_text(column->type)) {
      peri_str value = pg_column_text(column, i);
      len += (size_t)snprintf(at, room, "'%.*s' ", (int)value.len, value.ptr);
    } else if (column->type == PERI_T_BOOL) {
      len += (size_t)snprintf(at, room, "%s ",
                              pg_column_bool(column, i) ? "true" : "false");
    } else {
      const int64_t *value = pg_column_value(column, i);
      len += (size_t)snprintf(at, room, "%lld ", (long long)*value);
    }
  }
  text[len ? len - 1 : 0] = '\0';
  return text;
}

void run_expect(struct run *run, const char *values)
{
  CHECK(run_eval(run) == PG_OK, "%s", run->err.text);
  CHECK(strcmp(shown(run->column), values) == 0, "%s, not %s",
        shown(run->column), values);
  run->make.count = 0;
}

void run_expect_failure(struct run *run, enum pg_status status,
                        const char *text)
{
  enum pg_status found = run_eval(run);
  CHECK(found == status && strstr(run->err.text, text), "%d: %s", found,
        run->err.text);
  CHECK(!run->column, "a column in spite of the failure");
  run->make.count = 0;
}

int run_at_least_0(struct run *run, int x)
{
  run->make.ops = run_ops();
  int zero = make_i64(&run->make, 0);
  int result = make_call(&run->make, "le_i64", 2, (int[]){zero, x});
  run->make.ops = run_probe();
  return result;
}

int run_picky(struct run *run, int x)
{
  return make_call(&run->make, "picky", 1, &x);
}
