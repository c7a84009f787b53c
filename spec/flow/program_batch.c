/* program_batch.c - batches of random and of written values. */
#include "program_batch.h"

#include "check/check.h"

#include <math.h>
#include <string.h>

static uint64_t state = 0x9E3779B97F4A7C15ull;

uint64_t batch_random(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

int batch_below(int n)
{
  return (int)((batch_random() >> 20) % (uint64_t)n);
}

static const char *const texts[] = {
  "",
  "a",
  "GET",
  "get",
  "POST",
  "abcdefghijkl",
  "abcdefghijklm",
  "abcdefghijklM",
  "/assets/v1/users/12345/items",
  "/assets/v1/users/12345/item",
  "12",
  " -7.5 ",
  "0x1p4",
  "2025-06-01T00:00:00Z",
  "{\"a\":\"b\"}",
  "true",
  "\xC3\xA4\0end",
};

static const double floats[] = {0.0,   -0.0,  1.0,    -1.0, 2.5,
                                1e300, -1e18, 0x1p53, 500.0};

void batch_value(uint32_t type, peri_slot *slot)
{
  memset(slot, 0, sizeof *slot);
  int64_t small = batch_below(12) - 4;
  switch (type) {
  case PERI_T_BOOL:
    slot->b = (uint8_t)batch_below(2);
    break;
  case PERI_T_F32:
    slot->f32 = (float)small / 2;
    break;
  case PERI_T_F64:
    slot->f64 = batch_below(20) == 0 ? NAN : floats[batch_below(9)];
    break;
  case PERI_T_STR:
  case PERI_T_BIN:
  case PERI_T_JSON:
    slot->str.ptr = texts[batch_below(sizeof texts / sizeof texts[0])];
    slot->str.len = strlen(slot->str.ptr);
    break;
  default: /* the low bytes are the number in every width */
    slot->i64 = batch_below(50) == 0 ? (int64_t)batch_random() : small;
  }
}

static void put(struct pg_build *build, void *values, uint32_t type,
                int64_t row)
{
  peri_slot slot;
  batch_value(type, &slot);
  if (pg_type_is_text(type)) {
    CHECK(pg_build_text(build, values, row, slot.str), "no memory");
    return;
  }
  size_t width = pg_type_width(type);
  memcpy((char *)values + (size_t)row * width, &slot, width);
}

/* A view that leads nowhere, and looks like one of the texts. */
static const peri_view nowhere = {
  .len = 28, .u.ref = {.prefix = "/ass", .buffer = 1 << 28, .offset = 1 << 28}};

/* What lies in a row that is null may be anything. */
static void poison(struct pg_batch *batch)
{
  for (int k = 0; k < batch->schema->count; k++) {
    struct pg_column *column = batch->columns[k];
    if (!pg_type_is_text(column->type)) {
      continue;
    }
    peri_view *views = (peri_view *)column->data->bytes;
    for (int64_t i = 0; i < column->length; i++) {
      views[i] = pg_column_is_valid(column, i) ? views[i] : nowhere;
    }
  }
}

/* What lies in a row that is null: bits that no function should see. */
static void put_noise(void *values, uint32_t type, int64_t row)
{
  size_t width = pg_type_width(type);
  memset((char *)values + (size_t)row * width, type == PERI_T_BOOL ? 1 : 0xA5,
         width);
}

const char *batch_name(uint32_t type, bool nulls)
{
  static char names[PG_TYPE_COUNT][2][8];
  snprintf(names[type][nulls], sizeof names[type][nulls], "%s%s",
           pg_type_name(type), nulls ? "_n" : "");
  return names[type][nulls];
}

static void add_column(struct pg_build *build, uint32_t type, int64_t rows,
                       bool nulls)
{
  const char *name = batch_name(type, nulls);
  int column = pg_build_column(build, (peri_str){name, strlen(name)}, type);
  uint8_t *valid = NULL;
  void *values = pg_build_values(build, column, rows, nulls ? &valid : NULL);
  CHECK(values, "no memory");
  int64_t run = 0; /* rows that are as the one before */
  bool null = false;
  for (int64_t i = 0; i < rows; i++, run--) {
    if (nulls && run <= 0) {
      null = batch_below(3) == 0;
      run = batch_below(8) == 0 ? batch_below(3000) : 1;
    }
    if (null) {
      put_noise(values, type, i);
      continue;
    }
    put(build, values, type, i);
    if (valid) {
      valid[i] = 1;
    }
  }
}

struct pg_batch *batch_of_types(int64_t rows)
{
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  for (uint32_t type = PERI_T_BOOL; type < PG_TYPE_COUNT; type++) {
    add_column(&build, type, rows, false);
    add_column(&build, type, rows, true);
  }
  pg_build_column(&build, (peri_str){"void", 4}, PERI_T_NULL);
  build.rows = rows;
  struct pg_batch *batch = pg_build_finish(&build);
  CHECK(batch, "no memory");
  pg_build_fini(&build);
  poison(batch);
  return batch;
}

struct pg_batch *batch_of(int64_t rows, const int64_t *numbers,
                          const char *const *strings)
{
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int x = pg_build_column(&build, (peri_str){"x", 1}, PERI_T_I64);
  int s = pg_build_column(&build, (peri_str){"s", 1}, PERI_T_STR);
  uint8_t *valid_x, *valid_s;
  int64_t *values = pg_build_values(&build, x, rows, &valid_x);
  peri_view *views = pg_build_values(&build, s, rows, &valid_s);
  for (int64_t i = 0; i < rows; i++) {
    bool null = !strings[i];
    values[i] = null ? -1 : numbers[i];
    valid_x[i] = valid_s[i] = !null;
    peri_str text = {null ? "poison" : strings[i], 0};
    text.len = strlen(text.ptr);
    CHECK(pg_build_text(&build, views, i, text), "no memory");
  }
  build.rows = rows;
  struct pg_batch *batch = pg_build_finish(&build);
  CHECK(batch, "no memory");
  pg_build_fini(&build);
  poison(batch);
  return batch;
}
