/* column_test.c - columns of every type against values written down apart:
 * slices of all offsets and lengths, picks, copies, joins, and views. */
#include "check/check.h"
#include "check/no_memory.h"
#include "model.h"

#include <string.h>

enum { ROWS = 67, SEED = 3 };

#define EACH_TYPE(type) (uint32_t type = 0; type < PG_TYPE_COUNT; type++)

static int64_t nulls_of(uint32_t type, int64_t from, int64_t n, bool nulls)
{
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    count += model_value(type, SEED, from + i, nulls) == NULL;
  }
  return count;
}

static void check_slice(struct pg_column *column, int64_t from, int64_t n,
                        bool nulls)
{
  uint32_t type = column->type;
  struct pg_column *slice = pg_column_slice(column, from, n);
  uint8_t bytes[ROWS];
  peri_col view = pg_column_view(slice, bytes);
  CHECK(slice->length == n && view.n == n && view.type == type, "shape");
  CHECK(slice->nulls == nulls_of(type, from, n, nulls), "%d+%d: %d nulls",
        (int)from, (int)n, (int)slice->nulls);
  CHECK(slice->nulls > 0 || !view.valid, "a bitmap without nulls");
  for (int64_t i = 0; i < n; i++) {
    const char *expected = model_value(type, SEED, from + i, nulls);
    model_check(slice, i, expected, "slice");
    const char *seen = model_seen(&view, i);
    CHECK(seen ? expected && !strcmp(seen, expected) : !expected,
          "%s: a plugin sees %s, expected %s", pg_type_name(type),
          seen ? seen : "null", expected ? expected : "null");
  }
  pg_column_unref(slice);
}

static void slices_like_the_model(void)
{
  for EACH_TYPE (type) {
    for (int nulls = 0; nulls < 2; nulls++) {
      struct pg_column *column = model_column(type, SEED, ROWS, nulls);
      for (int64_t from = 0; from <= ROWS; from++) {
        for (int64_t n = 0; from + n <= ROWS; n++) {
          check_slice(column, from, n, nulls);
        }
      }
      pg_column_unref(column);
    }
  }
}

static void slices_of_slices_share_memory(void)
{
  struct pg_column *column = model_column(PERI_T_STR, SEED, ROWS, true);
  struct pg_column *first = pg_column_slice(column, 5, 50);
  struct pg_column *second = pg_column_slice(first, 7, 20);
  CHECK(second->data == column->data && second->heap == column->heap,
        "the memory is not shared");
  pg_column_unref(column);
  pg_column_unref(first);
  for (int64_t i = 0; i < 20; i++) {
    model_check(second, i, model_value(PERI_T_STR, SEED, 12 + i, true),
                "slice of a slice");
  }
  pg_column_unref(second);
}

static void picks_any_rows(void)
{
  static const uint32_t rows[] = {66 - 9, 0, 0, 3, 41, 40, 39, 12, 57 - 1, 8};
  enum { COUNT = sizeof rows / sizeof *rows, FROM = 9 };
  for EACH_TYPE (type) {
    for (int nulls = 0; nulls < 2; nulls++) {
      struct pg_column *whole = model_column(type, SEED, ROWS, nulls);
      struct pg_column *column = pg_column_slice(whole, FROM, ROWS - FROM);
      for (int n = 0; n <= COUNT; n++) {
        struct pg_column *picked = pg_column_pick(column, rows, n);
        CHECK(picked->length == n, "%d rows", (int)picked->length);
        int64_t count = 0;
        for (int i = 0; i < n; i++) {
          const char *expected =
            model_value(type, SEED, FROM + rows[i], nulls);
          model_check(picked, i, expected, "pick");
          count += expected == NULL;
        }
        CHECK(picked->nulls == count, "%d nulls", (int)picked->nulls);
        pg_column_unref(picked);
      }
      pg_column_unref(column);
      pg_column_unref(whole);
    }
  }
}

static void copies_share_no_memory(void)
{
  for EACH_TYPE (type) {
    struct pg_column *whole = model_column(type, SEED, ROWS, true);
    struct pg_column *slice = pg_column_slice(whole, 11, 30);
    struct pg_column *copy = pg_column_concat(&slice, 1, type);
    CHECK(copy->offset == 0 && (!copy->data || copy->data != whole->data) &&
            (!copy->heap || copy->heap != whole->heap),
          "%s shares memory", pg_type_name(type));
    pg_column_unref(slice);
    pg_column_unref(whole);
    for (int64_t i = 0; i < 30; i++) {
      model_check(copy, i, model_value(type, SEED, 11 + i, true), "copy");
    }
    pg_column_unref(copy);
  }
}

/* A slice with nulls, a column of nulls, nothing, and one without nulls. */
static void joins_columns(void)
{
  for EACH_TYPE (type) {
    struct pg_column *whole = model_column(type, SEED, ROWS, true);
    struct pg_column *parts[] = {
      pg_column_slice(whole, 3, 21), pg_column_nulls(PERI_T_NULL, 9),
      pg_column_slice(whole, 0, 0), model_column(type, SEED, 33, false)};
    struct pg_column *all = pg_column_concat(parts, 4, type);
    CHECK(all->length == 63 && all->type == type, "%d rows", (int)all->length);
    for (int64_t i = 0; i < 63; i++) {
      const char *expected =
        i < 21   ? model_value(type, SEED, 3 + i, true)
        : i < 30 ? NULL
                 : model_value(type, SEED, i - 30, false);
      model_check(all, i, expected, "join");
    }
    for (int i = 0; i < 4; i++) {
      pg_column_unref(parts[i]);
    }
    pg_column_unref(whole);
    pg_column_unref(all);
  }
  struct pg_column *none = pg_column_concat(NULL, 0, PERI_T_I64);
  CHECK(none->length == 0 && none->nulls == 0, "nothing is not empty");
  pg_column_unref(none);
}

static void makes_nulls(void)
{
  for EACH_TYPE (type) {
    struct pg_column *column = pg_column_nulls(type, ROWS);
    CHECK(column->nulls == ROWS && column->length == ROWS, "%d nulls",
          (int)column->nulls);
    uint8_t bytes[ROWS];
    peri_col view = pg_column_view(column, bytes);
    for (int64_t i = 0; i < ROWS; i++) {
      model_check(column, i, NULL, "nulls");
      CHECK(!model_seen(&view, i), "a plugin sees a value");
    }
    pg_column_unref(column);
  }
}

static uint32_t tried;

static bool try_all(void)
{
  static const uint32_t rows[] = {4, 8, 2};
  struct pg_column *made = model_column(tried, SEED, ROWS, true);
  struct pg_column *slice = made ? pg_column_slice(made, 1, 60) : NULL;
  struct pg_column *picked = slice ? pg_column_pick(slice, rows, 3) : NULL;
  struct pg_column *parts[] = {slice, picked};
  struct pg_column *all = picked ? pg_column_concat(parts, 2, tried) : NULL;
  struct pg_column *nulls = all ? pg_column_nulls(tried, 9) : NULL;
  bool done = nulls != NULL;
  pg_column_unref(made);
  pg_column_unref(slice);
  pg_column_unref(picked);
  pg_column_unref(all);
  pg_column_unref(nulls);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
  return done;
}

int main(void)
{
  slices_like_the_model();
  slices_of_slices_share_memory();
  picks_any_rows();
  copies_share_no_memory();
  joins_columns();
  makes_nulls();
  pg_block_trim();
  for EACH_TYPE (type) {
    tried = type;
    no_memory_each(try_all, pg_block_trim);
  }
  return 0;
}
