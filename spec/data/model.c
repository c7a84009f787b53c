/* model.c - columns and their values as text. */
#include "model.h"

#include "check/check.h"

#include <inttypes.h>
#include <perigee/plugin.h>

/* Texts of 0 to 12 bytes lie in the view, longer ones in the heap. */
static const int text_lengths[] = {0, 1, 11, 12, 13, 14, 40, 5};

static unsigned mix(unsigned seed, int64_t row)
{
  unsigned x = seed * 2654435761u + (unsigned)row * 40503u + 1;
  x ^= x >> 15;
  x *= 2246822519u;
  return x ^ x >> 13;
}

static char *turn(void)
{
  static char buffers[16][64];
  static int next;
  return buffers[next++ % 16];
}

static int64_t number(uint32_t type, unsigned seed, int64_t row)
{
  int64_t x = (int64_t)mix(seed, row) * 4294967291 + row;
  switch (type) {
  case PERI_T_BOOL:
    return x & 1;
  case PERI_T_I8:
    return (int8_t)x;
  case PERI_T_U8:
    return (uint8_t)x;
  case PERI_T_I16:
    return (int16_t)x;
  case PERI_T_U16:
    return (uint16_t)x;
  case PERI_T_I32:
    return (int32_t)x;
  case PERI_T_U32:
    return (uint32_t)x;
  case PERI_T_F32:
    return x & 0xffff;
  case PERI_T_F64:
    return x >> 20;
  default:
    return x;
  }
}

const char *model_value(uint32_t type, unsigned seed, int64_t row, bool nulls)
{
  if (type == PERI_T_NULL || (nulls && mix(seed ^ 77, row) % 3 == 0)) {
    return NULL;
  }
  char *text = turn();
  if (pg_type_is_text(type)) {
    int len = text_lengths[mix(seed, row) % 8];
    for (int i = 0; i < len; i++) {
      text[i] = (char)('a' + (mix(seed + 5, row) + (unsigned)i) % 26);
    }
    text[len] = '\0';
  } else {
    snprintf(text, 64, "%" PRId64, number(type, seed, row));
  }
  return text;
}

static void write_number(void *values, uint32_t type, int64_t row, int64_t x)
{
  float single = (float)x;
  double twice = (double)x;
  size_t width = pg_type_width(type);
  const void *from = type == PERI_T_F32   ? (const void *)&single
                     : type == PERI_T_F64 ? (const void *)&twice
                                          : (const void *)&x;
  memcpy((char *)values + (size_t)row * width, from, width);
}

struct pg_column *model_column(uint32_t type, unsigned seed, int64_t rows,
                               bool nulls)
{
  struct pg_build build = {0};
  uint8_t *valid = NULL;
  struct pg_batch *batch = NULL;
  struct pg_column *column = NULL;
  bool done = pg_build_begin(&build, NULL, NULL);
  int index = done ? pg_build_column(&build, PERI_STR("c"), type) : -1;
  void *values =
    index >= 0 ? pg_build_values(&build, index, rows, nulls ? &valid : NULL)
               : NULL;
  done = values != NULL;
  if (done) {
    memset(values, 0xa5, pg_type_width(type) * (size_t)rows);
  }
  for (int64_t row = 0; done && row < rows; row++) {
    const char *text = model_value(type, seed, row, nulls);
    if (text && nulls) {
      valid[row] = 1;
    }
    if (text && pg_type_is_text(type)) {
      done = pg_build_text(&build, values, row, (peri_str){text, strlen(text)});
    } else if (text) {
      write_number(values, type, row, number(type, seed, row));
    }
  }
  if (done) {
    build.rows = rows;
    batch = pg_build_finish(&build);
  }
  if (batch) {
    column = pg_column_ref(batch->columns[0]);
  }
  pg_batch_unref(batch);
  pg_build_fini(&build);
  return column;
}

static const char *text_of(peri_str text)
{
  char *copy = turn();
  CHECK(text.len < 64, "a text of %zu bytes", text.len);
  memcpy(copy, text.ptr, text.len);
  copy[text.len] = '\0';
  return copy;
}

/* Of one value at `at`. */
static const char *number_text(uint32_t type, const void *at)
{
  char *text = turn();
  int64_t x = 0;
  switch (type) {
#define CASE(T_, C_)                                                           \
  case T_: {                                                                   \
    C_ value;                                                                  \
    memcpy(&value, at, sizeof value);                                          \
    x = (int64_t)value;                                                        \
    break;                                                                     \
  }
    CASE(PERI_T_BOOL, uint8_t)
    CASE(PERI_T_I8, int8_t)
    CASE(PERI_T_U8, uint8_t)
    CASE(PERI_T_I16, int16_t)
    CASE(PERI_T_U16, uint16_t)
    CASE(PERI_T_I32, int32_t)
    CASE(PERI_T_U32, uint32_t)
    CASE(PERI_T_F32, float)
    CASE(PERI_T_F64, double)
  default:
    memcpy(&x, at, sizeof x);
  }
  snprintf(text, 64, "%" PRId64, x);
  return text;
}

void model_check(const struct pg_column *column, int64_t row,
                 const char *expected, const char *what)
{
  const char *name = pg_type_name(column->type), *found = NULL;
  if (pg_column_is_valid(column, row)) {
    uint8_t bit = 0;
    if (column->type == PERI_T_BOOL) {
      bit = pg_column_bool(column, row);
    }
    found = pg_type_is_text(column->type)
              ? text_of(pg_column_text(column, row))
              : number_text(column->type, column->type == PERI_T_BOOL
                                            ? &bit
                                            : pg_column_value(column, row));
  }
  CHECK(found ? expected && !strcmp(found, expected) : !expected,
        "%s: %s, row %d: found %s, expected %s", what, name, (int)row,
        found ? found : "null", expected ? expected : "null");
}

const char *model_seen(const peri_col *column, int64_t row)
{
  if (column->type == PERI_T_NULL || !peri_valid(column, row)) {
    return NULL;
  }
  if (pg_type_is_text(column->type)) {
    return text_of(peri_row_str(column, row));
  }
  size_t width = pg_type_width(column->type);
  return number_text(column->type,
                     (const char *)column->data + (size_t)row * width);
}
