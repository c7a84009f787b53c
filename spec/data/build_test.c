/* build_test.c - batches made column by column, as decoders make them. */
#include "check/check.h"
#include "check/no_memory.h"
#include "model.h"

#include <perigee/plugin.h>
#include <string.h>

static struct pg_build build;

static int column(const char *name, uint32_t type)
{
  return pg_build_column(&build, (peri_str){name, strlen(name)}, type);
}

static struct pg_batch *finish(int64_t rows)
{
  build.rows = rows;
  struct pg_batch *batch = pg_build_finish(&build);
  CHECK(batch && batch->rows == rows, "no batch");
  return batch;
}

/* The names and types: "a:i64 b:str". */
static void check_schema(const struct pg_batch *batch, const char *expected)
{
  char text[200] = "";
  for (int i = 0; i < batch->schema->count; i++) {
    const struct pg_field *field = &batch->schema->fields[i];
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s:%s",
             i ? " " : "", field->name.ptr, pg_type_name(field->type));
  }
  CHECK(!strcmp(text, expected), "found '%s', expected '%s'", text, expected);
}

static void orders_columns_by_first_use(void)
{
  pg_build_begin(&build, NULL, NULL);
  CHECK(column("b", PERI_T_I64) == 0 && column("a", PERI_T_STR) == 1, "new");
  CHECK(column("b", PERI_T_I64) == 0, "found again elsewhere");
  struct pg_batch *batch = finish(0);
  check_schema(batch, "b:i64 a:str");
  pg_batch_unref(batch);

  pg_build_begin(&build, NULL, NULL);
  CHECK(column("a", PERI_T_F64) == 0 && column("c", PERI_T_BOOL) == 1 &&
          column("b", PERI_T_I64) == 2,
        "order of the second batch");
  batch = finish(3);
  check_schema(batch, "a:f64 c:bool b:i64");
  pg_batch_unref(batch);

  pg_build_begin(&build, NULL, NULL);
  column("c", PERI_T_BOOL);
  batch = finish(2);
  check_schema(batch, "c:bool");
  CHECK(batch->columns[0]->nulls == 2, "a column without values is not null");
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

static void shares_a_schema_that_stays(void)
{
  struct pg_schema *schema = NULL;
  for (int i = 0; i < 3; i++) {
    pg_build_begin(&build, NULL, NULL);
    column("a", PERI_T_I64);
    column("b", PERI_T_STR);
    struct pg_batch *batch = finish(5);
    CHECK(!schema || schema == batch->schema, "another schema");
    schema = batch->schema;
    pg_batch_unref(batch);
  }
  pg_build_fini(&build);
}

static void moves_values_when_rows_are_added(void)
{
  pg_build_begin(&build, NULL, NULL);
  int index = column("n", PERI_T_I32);
  uint8_t *valid = NULL;
  for (int64_t rows = 1; rows <= 3000; rows += 777) {
    int32_t *values = pg_build_values(&build, index, rows, &valid);
    for (int64_t i = rows - 1; i < rows; i++) {
      CHECK(valid[i] == 0, "row %d is valid before it is set", (int)i);
      values[i] = (int32_t)i;
      valid[i] = 1;
    }
  }
  struct pg_batch *batch = finish(2332);
  CHECK(batch->columns[0]->nulls == 2332 - 4, "%d nulls",
        (int)batch->columns[0]->nulls);
  for (int64_t i = 0; i < 2332; i += 777) {
    char expected[16];
    snprintf(expected, sizeof expected, "%d", (int)i);
    model_check(batch->columns[0], i, expected, "moved");
  }
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

static void asks_for_nulls_late(void)
{
  pg_build_begin(&build, NULL, NULL);
  int index = column("n", PERI_T_U8);
  uint8_t *valid = NULL;
  uint8_t *values = pg_build_values(&build, index, 4, NULL);
  memcpy(values, "\1\2\3\4", 4);
  CHECK(pg_build_values(&build, index, 4, &valid) == values, "moved");
  valid[1] = valid[3] = 1;
  struct pg_batch *batch = finish(4);
  static const char *const expected[] = {NULL, "2", NULL, "4"};
  for (int i = 0; i < 4; i++) {
    model_check(batch->columns[0], i, expected[i], "late");
  }
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

static void retypes_and_keeps_the_old_values(void)
{
  pg_build_begin(&build, NULL, NULL);
  int index = column("n", PERI_T_I64);
  uint8_t *valid = NULL;
  int64_t *old = pg_build_values(&build, index, 3, &valid);
  old[0] = 10, old[1] = 11, valid[0] = valid[1] = 1;
  double *values = pg_build_retype(&build, index, PERI_T_F64, 3, &valid);
  CHECK(old[0] == 10 && old[1] == 11, "the old values are gone");
  CHECK(valid[0] == 1 && valid[1] == 1 && valid[2] == 0, "validity is gone");
  values[0] = 100, values[1] = 110;
  struct pg_batch *batch = finish(3);
  check_schema(batch, "n:f64");
  model_check(batch->columns[0], 0, "100", "retyped");
  model_check(batch->columns[0], 2, NULL, "retyped");
  pg_batch_unref(batch);
  CHECK(!pg_build_retype(&build, 7, PERI_T_F64, 3, NULL), "no such column");
  CHECK(!pg_build_values(&build, -1, 3, NULL), "no such column");
  pg_build_fini(&build);
}

static void reaches_into_the_chunk(void)
{
  struct pg_block *chunk = pg_block_new(100);
  strcpy(chunk->bytes, "....a text of its own, long enough");
  const char *base = chunk->bytes + 4;
  pg_build_begin(&build, chunk, base);
  pg_block_unref(chunk);
  int index = column("t", PERI_T_STR);
  uint8_t *valid = NULL;
  peri_view *views = pg_build_values(&build, index, 4, &valid);
  memset(views, 0xa5, 4 * sizeof *views);
  peri_view_set(&views[0], base + 2, 4, 0, base);
  peri_view_set(&views[1], base + 2, 20, 0, base);
  CHECK(pg_build_text(&build, views, 2, PERI_STR("copied elsewhere")), "heap");
  valid[0] = valid[1] = valid[2] = 1;
  struct pg_batch *batch = finish(4);
  model_check(batch->columns[0], 0, "text", "short");
  model_check(batch->columns[0], 1, "text of its own, lon", "long");
  model_check(batch->columns[0], 2, "copied elsewhere", "heap");
  CHECK(pg_column_text(batch->columns[0], 3).len == 0,
        "the view of a null row is not empty");
  pg_build_fini(&build);
  model_check(batch->columns[0], 1, "text of its own, lon", "after the build");
  pg_batch_unref(batch);
}

static void takes_texts_of_any_size(void)
{
  char *large = malloc(300000);
  memset(large, 'x', 300000);
  pg_build_begin(&build, NULL, NULL);
  int index = column("t", PERI_T_STR);
  peri_view *views = pg_build_values(&build, index, 200, NULL);
  CHECK(pg_build_text(&build, views, 0, (peri_str){NULL, 0}), "no text");
  for (int64_t row = 1; row < 200; row++) {
    size_t len = row == 100 ? 300000 : (size_t)row * 11;
    CHECK(pg_build_text(&build, views, row, (peri_str){large, len}), "row");
  }
  struct pg_batch *batch = finish(200);
  for (int64_t row = 0; row < 200; row++) {
    peri_str text = pg_column_text(batch->columns[0], row);
    CHECK(text.len == (row == 100 ? 300000 : (size_t)row * 11), "row %d: %zu",
          (int)row, text.len);
    CHECK(!memcmp(text.ptr, large, text.len), "row %d", (int)row);
  }
  int32_t buffer;
  pg_build_begin(&build, NULL, NULL);
  CHECK(!pg_build_heap(&build, (size_t)1 << 31, &buffer), "2 GiB of text");
  pg_batch_unref(batch);
  pg_build_fini(&build);
  free(large);
}

/* A decoder that says more rows than it asked room for. */
static void has_no_values_beyond_its_room(void)
{
  pg_build_begin(&build, NULL, NULL);
  pg_build_values(&build, column("few", PERI_T_I64), 10, NULL);
  struct pg_batch *batch = finish(100);
  CHECK(batch->columns[0]->nulls == 100, "rows without room have values");
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

static void limits_columns(void)
{
  pg_build_begin(&build, NULL, NULL);
  char name[16];
  for (int i = 0; i < PG_COLUMNS_MAX; i++) {
    snprintf(name, sizeof name, "c%d", i);
    CHECK(column(name, PERI_T_I64) == i, "column %d", i);
  }
  CHECK(column("one more", PERI_T_I64) == -1, "no limit");
  CHECK(column("c17", PERI_T_I64) == 17, "an old one is not found");
  struct pg_batch *batch = finish(1);
  CHECK(batch->schema->count == PG_COLUMNS_MAX, "%d columns",
        batch->schema->count);
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

static void forgets_an_abandoned_batch(void)
{
  pg_build_begin(&build, NULL, NULL);
  int index = column("a", PERI_T_STR);
  uint8_t *valid;
  peri_view *views = pg_build_values(&build, index, 10, &valid);
  pg_build_text(&build, views, 3, PERI_STR("a text that lies in the heap"));
  pg_build_retype(&build, index, PERI_T_I64, 10, NULL);
  pg_build_abandon(&build);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  pg_build_begin(&build, NULL, NULL);
  struct pg_batch *batch = finish(0);
  check_schema(batch, "");
  pg_batch_unref(batch);
  pg_build_fini(&build);
}

/* A decoder that goes on after a call had no memory. */
static bool decode_stubbornly(void)
{
  bool done = pg_build_begin(&build, NULL, NULL);
  int n = column("n", PERI_T_I64), t = column("t", PERI_T_STR);
  int b = column("b", PERI_T_BOOL);
  uint8_t *valid;
  for (int64_t rows = 10; done && n >= 0 && t >= 0 && b >= 0 && rows < 9000;
       rows *= 7) {
    done = pg_build_values(&build, n, rows, &valid) != NULL && done;
    done = pg_build_values(&build, b, rows, NULL) != NULL && done;
    peri_view *views = pg_build_values(&build, t, rows, &valid);
    if (views) {
      memset(views, 0, (size_t)rows * sizeof *views);
      done = pg_build_text(&build, views, 0, PERI_STR("long enough to lie "
                                                      "in the heap")) && done;
      valid[0] = 1;
    }
    done = done && views;
  }
  done = done && n >= 0 && t >= 0 && b >= 0;
  if (n >= 0) {
    done = pg_build_retype(&build, n, PERI_T_F64, 20, &valid) && done;
    done = pg_build_values(&build, n, 4000, &valid) && done;
  }
  struct pg_batch *batch = NULL;
  if (build.heap) {
    build.rows = 4000;
    batch = pg_build_finish(&build);
  }
  done = done && batch;
  pg_batch_unref(batch);
  pg_build_fini(&build);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  return done;
}

int main(void)
{
  orders_columns_by_first_use();
  shares_a_schema_that_stays();
  moves_values_when_rows_are_added();
  asks_for_nulls_late();
  retypes_and_keeps_the_old_values();
  reaches_into_the_chunk();
  takes_texts_of_any_size();
  has_no_values_beyond_its_room();
  limits_columns();
  forgets_an_abandoned_batch();
  pg_block_trim();
  no_memory_each(decode_stubbornly, pg_block_trim);
  return 0;
}
