/* program_texts.c - results that are texts, and where their bytes lie. */
#include "check/check.h"
#include "program_batch.h"
#include "program_run.h"
#include "program_tests.h"

#include <string.h>

static void test_texts_stay_where_they_are(void)
{
  struct run run = run_begin(run_ops());
  struct make *m = &run.make;
  const struct pg_column *s = run.batch->columns[1];
  int text = make_column(m, "s");
  make_call(m, "sub", 3, (int[]){text, make_i64(m, 2), make_i64(m, -1)});
  CHECK(run_eval(&run) == PG_OK, "%s", run.err.text);
  CHECK(pg_column_text(run.column, 3).ptr == pg_column_text(s, 3).ptr + 1,
        "a part was copied");
  CHECK(run.column->heap->count == 1, "%d buffers", run.column->heap->count);
  m->count = 0;
  make_call(m, "upper", 1, (int[]){make_column(m, "s")});
  run_expect(&run, "'GET' 'POISON' null '/API/V1/USERS/1/ITEMS' "
                   "'/API/V1/USERS/2/ITEMS' ''");
  CHECK(run.column->heap->blocks[0] != s->heap->blocks[0], "not copied");
  make_call(m, "lower", 1, (int[]){make_str(m, "ABC")});
  CHECK(run_eval(&run) == PG_OK && !run.column->heap, "a heap without need");
  m->count = 0;
  make_str(m, "a constant that is long");
  CHECK(run_eval(&run) == PG_OK && run.column->heap->count == 1, "%s",
        run.err.text);
  CHECK(pg_column_text(run.column, 0).ptr == pg_column_text(run.column, 5).ptr,
        "one copy for each row");
  run_end(&run);
}

/* What lies in no buffer of the batch is copied, wherever it lies. */
static void test_texts_from_elsewhere(void)
{
  struct run run = run_begin(run_probe());
  int motto = make_call(&run.make, "motto", 0, NULL);
  int s = make_column(&run.make, "s");
  int x = make_column(&run.make, "x");
  int small = make_logic(&run.make, PG_OP_NOT, run_at_least_0(&run, x), -1);
  int some = make_logic(&run.make, PG_OP_IF, small, s);
  make_logic(&run.make, PG_OP_OR, some, motto);
  run_expect(&run, "'a text in the plugin' 'poison' 'a text in the plugin' "
                   "'a text in the plugin' 'a text in the plugin' "
                   "'a text in the plugin'");
  run_end(&run);
}

/* More buffers than are looked through for where a text lies. */
static void test_texts_in_many_buffers(void)
{
  enum { ROWS = 100, BYTES = 60000 };
  struct run run = run_begin(run_ops());
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int s = pg_build_column(&build, (peri_str){"s", 1}, PERI_T_STR);
  peri_view *views = pg_build_values(&build, s, ROWS, NULL);
  for (int i = 0; i < ROWS; i++) {
    int32_t buffer;
    char *text = pg_build_heap(&build, BYTES, &buffer);
    int len = snprintf(text, BYTES, "-a text in buffer %d", buffer);
    views[i] = (peri_view){.len = len, .u.ref = {.buffer = buffer}};
    memcpy(views[i].u.ref.prefix, text, 4);
  }
  build.rows = ROWS;
  pg_batch_unref(run.batch);
  run.batch = pg_build_finish(&build);
  pg_build_fini(&build);
  int text = make_column(&run.make, "s");
  int from = make_i64(&run.make, 2), to = make_i64(&run.make, -1);
  make_call(&run.make, "sub", 3, (int[]){text, from, to});
  CHECK(run_eval(&run) == PG_OK, "%s", run.err.text);
  int shared = 0;
  for (int i = 0; i < ROWS; i++) {
    peri_str whole = pg_column_text(run.batch->columns[0], i);
    peri_str part = pg_column_text(run.column, i);
    CHECK(part.len == whole.len - 1 &&
            memcmp(part.ptr, whole.ptr + 1, part.len) == 0,
          "row %d: '%.*s'", i, (int)part.len, part.ptr);
    shared += part.ptr == whole.ptr + 1;
  }
  CHECK(shared > 10 && shared < ROWS, "%d of %d are shared", shared, ROWS);
  run_end(&run);
}

static void test_texts_have_a_limit(void)
{
  struct run run = run_begin(run_probe());
  make_call(&run.make, "endless", 1, (int[]){make_i64(&run.make, 1)});
  run_expect_failure(&run, PG_BAD_INPUT, "longer than a column can hold");
  run_end(&run);
}

void test_texts(void)
{
  test_texts_stay_where_they_are();
  test_texts_from_elsewhere();
  test_texts_in_many_buffers();
  test_texts_have_a_limit();
}
