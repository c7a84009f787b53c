/* widen.c - types that change. */
#include "flow/widen.h"

#include "data/build.h"
#include "flow/cast.h"
#include "flow/json_text.h"

static bool is_text(uint32_t type)
{
  return type == PERI_T_STR || type == PERI_T_BIN;
}

static bool is_real(uint32_t type)
{
  return type == PERI_T_F32 || type == PERI_T_F64;
}

uint32_t pg_widen_type(uint32_t a, uint32_t b)
{
  if (a == b || b == PERI_T_NULL) {
    return a;
  }
  if (a == PERI_T_NULL) {
    return b;
  }
  if (pg_cast_is_number(a) && pg_cast_is_number(b)) {
    return is_real(a) || is_real(b) ? PERI_T_F64 : PERI_T_I64;
  }
  if (a == PERI_T_BIN || b == PERI_T_BIN) {
    return is_text(a) && is_text(b) ? PERI_T_BIN : PG_WIDEN_NONE;
  }
  return PERI_T_JSON;
}

/* The same memory under another name. */
static struct pg_column *as_bin(struct pg_column *column)
{
  struct pg_column *same = pg_column_slice(column, 0, column->length);
  if (same) {
    same->type = PERI_T_BIN;
  }
  return same;
}

static bool fill_json(struct pg_build *build, struct pg_text *text,
                      const struct pg_column *column)
{
  uint8_t *valid;
  int index = pg_build_column(build, (peri_str){"", 0}, PERI_T_JSON);
  peri_view *views = pg_build_values(build, index, column->length, &valid);
  for (int64_t i = 0; views && i < column->length; i++) {
    valid[i] = pg_column_is_valid(column, i);
    if (!valid[i]) {
      continue;
    }
    text->len = 0;
    if (!pg_json_text(text, column, i) ||
        !pg_build_text(build, views, i,
                       (peri_str){text->block->bytes, text->len})) {
      return false;
    }
  }
  build->rows = column->length;
  return views != NULL;
}

static struct pg_column *as_json(const struct pg_column *column)
{
  struct pg_build build = {0};
  struct pg_text text = {0};
  struct pg_batch *batch = NULL;
  if (pg_build_begin(&build, NULL, NULL) && fill_json(&build, &text, column)) {
    batch = pg_build_finish(&build);
  }
  struct pg_column *json = batch ? pg_column_ref(batch->columns[0]) : NULL;
  pg_batch_unref(batch);
  pg_text_fini(&text);
  pg_build_fini(&build);
  return json;
}

struct pg_column *pg_widen_column(struct pg_column *column, uint32_t type,
                                  bool *inexact)
{
  *inexact = false;
  if (column->type == type) {
    return pg_column_ref(column);
  }
  if (column->type == PERI_T_NULL) {
    return pg_column_nulls(type, column->length);
  }
  if (type == PERI_T_BIN) {
    return as_bin(column);
  }
  if (type == PERI_T_JSON) {
    return as_json(column);
  }
  int64_t row;
  struct pg_column *cast = pg_cast_column(column, type, &row);
  *inexact = !cast && row >= 0;
  return cast;
}

uint32_t pg_widen_all(struct pg_column **columns, int count, uint32_t type)
{
  for (int i = 0; i < count; i++) {
    bool inexact;
    struct pg_column *widened = pg_widen_column(columns[i], type, &inexact);
    if (!widened && inexact) {
      return pg_widen_all(columns, count, PERI_T_JSON);
    }
    if (!widened) {
      return PG_WIDEN_NONE;
    }
    pg_column_unref(columns[i]);
    columns[i] = widened;
  }
  return type;
}
