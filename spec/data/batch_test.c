/* batch_test.c - batches, their schemas, and what a plugin sees of them. */
#include "data/batch.h"

#include "check/check.h"
#include "check/no_memory.h"
#include "model.h"

#include <perigee/plugin.h>
#include <string.h>

enum { ROWS = 40, COLUMNS = 4 };

static const struct pg_field fields[COLUMNS] = {
  {{"id", 2}, PERI_T_I64},
  {{"name", 4}, PERI_T_STR},
  {{"ok", 2}, PERI_T_BOOL},
  {{"odd \0 name", 10}, PERI_T_F32},
};

/* NULL: no memory. */
static struct pg_batch *make(struct pg_schema *hint)
{
  struct pg_column *columns[COLUMNS];
  for (int i = 0; i < COLUMNS; i++) {
    columns[i] = model_column(fields[i].type, (unsigned)i, ROWS, i != 0);
  }
  return pg_batch_of(fields, columns, COLUMNS, ROWS, hint);
}

static void check_rows(const struct pg_batch *batch, const uint32_t *rows,
                       int64_t n, const char *what)
{
  CHECK(batch->rows == n && batch->schema->count == COLUMNS, "%s: shape", what);
  for (int i = 0; i < COLUMNS; i++) {
    for (int64_t k = 0; k < n; k++) {
      model_check(batch->columns[i], k,
                  model_value(fields[i].type, (unsigned)i, rows[k], i != 0),
                  what);
    }
  }
}

static void slices_and_picks(void)
{
  uint32_t all[ROWS];
  for (uint32_t i = 0; i < ROWS; i++) {
    all[i] = i;
  }
  static const uint32_t picks[] = {39, 0, 17, 17};
  struct pg_batch *batch = make(NULL);
  check_rows(batch, all, ROWS, "batch");
  struct pg_batch *slice = pg_batch_slice(batch, 7, 20);
  check_rows(slice, all + 7, 20, "slice");
  CHECK(slice->schema == batch->schema, "another schema");
  struct pg_batch *whole = pg_batch_slice(batch, 0, ROWS);
  CHECK(whole == batch, "a copy of the whole");
  struct pg_batch *picked = pg_batch_pick(batch, picks, 4);
  check_rows(picked, picks, 4, "pick");
  pg_batch_unref(slice);
  pg_batch_unref(whole);
  pg_batch_unref(batch);
  check_rows(picked, picks, 4, "pick, alone");
  pg_batch_unref(picked);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
}

static void shows_columns_to_a_plugin(void)
{
  struct pg_batch *batch = make(NULL);
  struct pg_arena arena = {0};
  static const int indices[] = {2, 0};
  peri_batch view;
  CHECK(pg_batch_view(batch, &arena, NULL, 0, &view), "no memory");
  CHECK(view.n == ROWS && view.n_cols == COLUMNS && view.origin == batch,
        "shape");
  for (int64_t i = 0; i < ROWS; i++) {
    const char *seen = model_seen(&view.cols[1], i);
    const char *expected = model_value(PERI_T_STR, 1, i, true);
    CHECK(seen ? expected && !strcmp(seen, expected) : !expected, "row %d",
          (int)i);
  }
  CHECK(pg_batch_view(batch, &arena, indices, 2, &view), "no memory");
  CHECK(view.n_cols == 2 && peri_str_eq(view.names[0], PERI_STR("ok")) &&
          view.cols[1].type == PERI_T_I64,
        "other columns");
  CHECK(pg_batch_view(batch, &arena, indices, 0, &view) && view.n_cols == 0,
        "no columns");
  pg_arena_fini(&arena);
  pg_batch_unref(batch);
}

static void shares_the_schema_it_is_shown(void)
{
  struct pg_batch *first = make(NULL);
  struct pg_batch *second = make(first->schema);
  CHECK(first->schema == second->schema, "another schema");
  struct pg_field other = {{"id", 2}, PERI_T_F64};
  struct pg_schema *schema = pg_schema_new(&other, 1);
  struct pg_batch *third = make(schema);
  CHECK(third->schema != schema, "a schema that does not fit");
  pg_schema_unref(schema);
  pg_batch_unref(first);
  pg_batch_unref(second);
  pg_batch_unref(third);
}

static void names_columns(void)
{
  struct pg_schema *schema = pg_schema_new(fields, COLUMNS);
  CHECK(pg_schema_find(schema, PERI_STR("ok")) == 2, "ok");
  CHECK(pg_schema_find(schema, PERI_STR("odd \0 name")) == 3, "odd name");
  CHECK(pg_schema_find(schema, PERI_STR("o")) == -1, "a part of a name");
  CHECK(pg_schema_find(schema, PERI_STR("")) == -1, "no name");
  CHECK(schema->fields[1].name.ptr[4] == '\0', "no NUL after the name");
  CHECK(pg_schema_equal(schema, fields, COLUMNS), "not equal to itself");
  CHECK(!pg_schema_equal(schema, fields, COLUMNS - 1), "a shorter one");
  struct pg_field other[COLUMNS];
  memcpy(other, fields, sizeof other);
  other[2].type = PERI_T_U8;
  CHECK(!pg_schema_equal(schema, other, COLUMNS), "another type");
  pg_schema_unref(schema);
  struct pg_field unnamed = {{NULL, 0}, PERI_T_I64};
  schema = pg_schema_new(&unnamed, 1);
  CHECK(pg_schema_find(schema, (peri_str){NULL, 0}) == 0, "a column ''");
  pg_schema_unref(schema);
  schema = pg_schema_new(NULL, 0);
  CHECK(schema->count == 0, "no columns");
  pg_schema_unref(schema);
}

static void knows_types_by_name(void)
{
  for (uint32_t type = 0; type < PG_TYPE_COUNT; type++) {
    const char *name = pg_type_name(type);
    CHECK(pg_type_find(name, strlen(name)) == (int)type, "%s", name);
    CHECK(pg_type_find(name, strlen(name) - 1) != (int)type, "%s", name);
    CHECK(*pg_type_arrow_format(type), "%s", name);
  }
  CHECK(pg_type_find("i640", 3) == PERI_T_I64, "a length");
  CHECK(pg_type_find("int", 3) == -1, "int");
  CHECK(pg_type_find("", 0) == -1, "nothing");
}

static bool use(void)
{
  static const uint32_t rows[] = {1, 0};
  struct pg_arena arena = {0};
  peri_batch view;
  struct pg_batch *batch = make(NULL);
  struct pg_batch *slice = batch ? pg_batch_slice(batch, 3, 30) : NULL;
  struct pg_batch *picked = slice ? pg_batch_pick(slice, rows, 2) : NULL;
  bool done = picked && pg_batch_view(picked, &arena, NULL, 0, &view);
  pg_batch_unref(batch);
  pg_batch_unref(slice);
  pg_batch_unref(picked);
  pg_arena_fini(&arena);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  return done;
}

int main(void)
{
  slices_and_picks();
  shows_columns_to_a_plugin();
  shares_the_schema_it_is_shown();
  names_columns();
  knows_types_by_name();
  pg_block_trim();
  no_memory_each(use, pg_block_trim);
  return 0;
}
