/* widen_test.c - numbers of other types, columns whose type changes, values as
 * JSON text, and the line of progress. */
#include "check/check.h"
#include "data/build.h"
#include "flow/cast.h"
#include "flow/concat.h"
#include "flow/json_text.h"
#include "flow/progress.h"
#include "flow/widen.h"
#include "pipe.h"

#include <math.h>
#include <string.h>

static struct pg_column *column_of(uint32_t type, const void *values, int64_t n,
                                   int64_t null_row)
{
  struct pg_build build = {0};
  uint8_t *valid;
  CHECK(pg_build_begin(&build, NULL, NULL), "memory");
  int at = pg_build_column(&build, (peri_str){"k", 1}, type);
  memcpy(pg_build_values(&build, at, n, &valid), values,
         pg_type_width(type) * (size_t)n);
  for (int64_t i = 0; i < n; i++) {
    valid[i] = i != null_row;
  }
  build.rows = n;
  struct pg_batch *batch = pg_build_finish(&build);
  struct pg_column *column = pg_column_ref(batch->columns[0]);
  pg_batch_unref(batch);
  pg_build_fini(&build);
  return column;
}

/* ----------------------------------------------------------------------- casts
 */

/* Row 0 is left out (so that offsets count), row 1 is null and holds what fits
 * nothing; row 2 is cast. */
static void check_cast(const char *what, uint32_t from, const void *values,
                       uint32_t to, const void *expected)
{
  struct pg_column *all = column_of(from, values, 3, 1);
  struct pg_column *column = pg_column_slice(all, 1, 2);
  int64_t row;
  struct pg_column *cast = pg_cast_column(column, to, &row);
  if (expected) {
    CHECK(cast && cast->type == to && cast->length == 2, "%s", what);
    CHECK(!pg_column_is_valid(cast, 0) && pg_column_is_valid(cast, 1), "%s",
          what);
    CHECK(memcmp(pg_column_value(cast, 1), expected, pg_type_width(to)) == 0,
          "%s", what);
  } else {
    CHECK(!cast && row == 1, "%s: row %lld", what, (long long)row);
  }
  pg_column_unref(cast);
  pg_column_unref(column);
  pg_column_unref(all);
}

#define CAST(FROM, C_FROM, value, TO, C_TO, result)                            \
  check_cast(#value " of " #FROM " as " #TO, PERI_T_##FROM,                    \
             (C_FROM[]){7, (C_FROM)1e9, value}, PERI_T_##TO, &(C_TO){result})
#define NO_CAST(FROM, C_FROM, value, TO)                                       \
  check_cast(#value " of " #FROM " as " #TO, PERI_T_##FROM,                    \
             (C_FROM[]){7, (C_FROM)1e9, value}, PERI_T_##TO, NULL)

static void test_casts(void)
{
  CAST(I8, int8_t, -128, I64, int64_t, -128);
  CAST(U8, uint8_t, 255, I16, int16_t, 255);
  CAST(I16, int16_t, -300, F64, double, -300.0);
  CAST(U16, uint16_t, 65535, U64, uint64_t, 65535);
  CAST(I32, int32_t, INT32_MIN, F64, double, -2147483648.0);
  CAST(U32, uint32_t, UINT32_MAX, I64, int64_t, UINT32_MAX);
  CAST(I64, int64_t, 1ll << 53, F64, double, 9007199254740992.0);
  CAST(I64, int64_t, -5, I8, int8_t, -5);
  CAST(U64, uint64_t, UINT64_MAX, U64, uint64_t, UINT64_MAX);
  CAST(U64, uint64_t, 1ull << 63, F64, double, 9223372036854775808.0);
  CAST(F64, double, 3.0, I64, int64_t, 3);
  CAST(F64, double, -0x1p63, I64, int64_t, INT64_MIN);
  CAST(F64, double, 0x1p63, U64, uint64_t, 1ull << 63);
  CAST(F32, float, 0.5f, F64, double, 0.5);
  CAST(F64, double, 0.5, F32, float, 0.5f);
  NO_CAST(I64, int64_t, (1ll << 53) + 1, F64);
  NO_CAST(I64, int64_t, INT64_MAX, F64);
  NO_CAST(I64, int64_t, 128, I8);
  NO_CAST(I64, int64_t, -1, U64);
  NO_CAST(U64, uint64_t, 1ull << 63, I64);
  NO_CAST(U64, uint64_t, UINT64_MAX, F64);
  NO_CAST(I32, int32_t, 16777217, F32);
  NO_CAST(F64, double, 0.5, I64);
  NO_CAST(F64, double, 0x1p63, I64);
  NO_CAST(F64, double, NAN, I64);
  NO_CAST(F64, double, INFINITY, U64);
  NO_CAST(F64, double, 1e300, I8);
  NO_CAST(F64, double, 0.1, F32);
}

/* ---------------------------------------------------------------------
 * widening */

static void test_types(void)
{
  static const uint32_t cases[][3] = {
    {PERI_T_NULL, PERI_T_STR, PERI_T_STR},
    {PERI_T_I8, PERI_T_U32, PERI_T_I64},
    {PERI_T_I64, PERI_T_F32, PERI_T_F64},
    {PERI_T_BOOL, PERI_T_I64, PERI_T_JSON},
    {PERI_T_TIME, PERI_T_I64, PERI_T_JSON},
    {PERI_T_STR, PERI_T_F64, PERI_T_JSON},
    {PERI_T_STR, PERI_T_JSON, PERI_T_JSON},
    {PERI_T_STR, PERI_T_BIN, PERI_T_BIN},
    {PERI_T_BIN, PERI_T_I64, PG_WIDEN_NONE},
    {PERI_T_BIN, PERI_T_JSON, PG_WIDEN_NONE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CHECK(pg_widen_type(cases[i][0], cases[i][1]) == cases[i][2], "case %zu",
          i);
    CHECK(pg_widen_type(cases[i][1], cases[i][0]) == cases[i][2],
          "case %zu, the other way", i);
  }
}

/* What f64 cannot hold exactly makes the whole column JSON. */
static void test_inexact(void)
{
  const int64_t large[] = {1, (1ll << 53) + 1};
  const double reals[] = {0.5, 2};
  struct pg_batch *batches[] = {pipe_numbers("x", large, 2),
                                pipe_reals("x", reals, 2)};
  struct pg_batch *all;
  struct pg_error err;
  static const char *const expected[] = {"1", "9007199254740993", "0.5", "2"};
  CHECK(pg_concat(batches, 2, &all, &err) == PG_OK, "%s", err.text);
  CHECK(all->rows == 4 && all->columns[0]->type == PERI_T_JSON, "json");
  for (int i = 0; i < 4; i++) {
    peri_str text = pg_column_text(all->columns[0], i);
    CHECK(text.len == strlen(expected[i]) &&
            memcmp(text.ptr, expected[i], text.len) == 0,
          "%.*s", (int)text.len, text.ptr);
  }
  pg_batch_unref(all);
  pg_batch_unref(batches[1]);
  struct pg_column *bin = column_of(PERI_T_BIN, (peri_view[2]){{0}}, 2, -1);
  struct pg_schema *schema =
    pg_schema_new(&(struct pg_field){{"x", 1}, PERI_T_BIN}, 1);
  batches[1] = pg_batch_new(schema, &bin, 2);
  CHECK(pg_concat(batches, 2, &all, &err) == PG_BAD_INPUT && !all, "bin");
  CHECK(strstr(err.text, "column 'x' is bin"), "%s", err.text);
  pg_batch_unref(batches[0]);
  pg_batch_unref(batches[1]);
  pg_schema_unref(schema);
}

/* ------------------------------------------------------------------- JSON text
 */

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

/* The encoder's lines are {"k":VALUE}. */
static void same_as_encoder(struct pg_column *column)
{
  const struct pg_plugin *json = pipe_plugin("json");
  size_t count;
  struct pg_instance *instance;
  struct pg_error err;
  struct pg_text lines = {0}, text = {0};
  struct pg_schema *schema =
    pg_schema_new(&(struct pg_field){{"k", 1}, column->type}, 1);
  struct pg_batch *batch = pg_batch_new(schema, &column, column->length);
  CHECK(pg_instance_new(json,
                        pg_plugin_item(json, PERI_K_ENCODER, "json", &count),
                        NULL, NULL, &instance, &err) == PG_OK,
        "%s", err.text);
  CHECK(pg_instance_encode(instance, batch, &lines, &err) == PG_OK, "%s",
        err.text);
  for (int64_t i = 0; i < batch->rows; i++) {
    CHECK(pg_text_append(&text, "{\"k\":", 5) &&
            pg_json_text(&text, batch->columns[0], i) &&
            pg_text_append(&text, "}\n", 2),
          "memory");
  }
  size_t at = 0, line = 0;
  while (at < text.len && at < lines.len &&
         text.block->bytes[at] == lines.block->bytes[at]) {
    line = text.block->bytes[at++] == '\n' ? at : line;
  }
  CHECK(at == text.len && at == lines.len, "%s: %.60s is not %.60s",
        pg_type_name(schema->fields[0].type), text.block->bytes + line,
        lines.block->bytes + line);
  pg_instance_free(instance);
  pg_text_fini(&lines);
  pg_text_fini(&text);
  pg_batch_unref(batch);
  pg_schema_unref(schema);
}

#define MANY 20000

static void test_numbers(void)
{
  static double reals[MANY];
  static float singles[MANY];
  static int64_t times[MANY];
  static const double special[] = {0,
                                   -0.0,
                                   1,
                                   -1,
                                   0.1,
                                   1e15,
                                   1e17,
                                   123456789012345678.0,
                                   1e18,
                                   1e19,
                                   1e21,
                                   1e22,
                                   1e-4,
                                   1e-5,
                                   1e-6,
                                   1.5e-6,
                                   1e-7,
                                   5e-324,
                                   1e300,
                                   -1e-300,
                                   0x1p53,
                                   0x1p63,
                                   -0x1p63,
                                   0x1p64,
                                   1.7976931348623157e308,
                                   NAN,
                                   INFINITY,
                                   -INFINITY,
                                   123.456,
                                   0.000123,
                                   1e5,
                                   12345678.9};
  for (size_t i = 0; i < MANY; i++) {
    uint64_t bits = any();
    memcpy(&reals[i], &bits, sizeof bits);
    reals[i] = i % 3 == 0   ? reals[i]
               : i % 3 == 1 ? (double)(int64_t)(bits >> 40) / 1000
                            : (double)(int64_t)bits;
    if (i < sizeof special / sizeof *special) {
      reals[i] = special[i];
    }
    uint32_t half = (uint32_t)bits;
    memcpy(&singles[i], &half, sizeof half);
    singles[i] = i % 2 ? singles[i] : (float)reals[i];
    times[i] = (int64_t)bits >> (i % 3 * 8);
    times[i] -= i % 2 ? times[i] % 1000000000 : 0;
  }
  same_as_encoder(column_of(PERI_T_F64, reals, MANY, -1));
  same_as_encoder(column_of(PERI_T_F32, singles, MANY, -1));
  same_as_encoder(column_of(PERI_T_TIME, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_I64, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_U64, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_I32, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_U32, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_I16, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_U16, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_I8, times, MANY, -1));
  same_as_encoder(column_of(PERI_T_U8, times, MANY, -1));
  uint8_t bools[] = {1, 0, 1};
  same_as_encoder(column_of(PERI_T_BOOL, bools, 3, -1));
}

static void test_texts(void)
{
  char room[33][4];
  const char *texts[40];
  int n = 0;
  for (int c = 1; c < 32; c++) {
    room[c][0] = (char)c;
    room[c][1] = '\0';
    texts[n++] = room[c];
  }
  texts[n++] = "";
  texts[n++] = "a \"quoted\" \\ and / long \t text";
  texts[n++] = "\x7f\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
  struct pg_batch *batch = pipe_texts("k", texts, n);
  same_as_encoder(pg_column_ref(batch->columns[0]));
  pg_batch_unref(batch);
}

/* -------------------------------------------------------------------- progress
 */

static void test_progress(void)
{
  char text[160];
  pg_progress_text(text, sizeof text, 2, 50, 200, 50, 1000);
  CHECK(strcmp(text, "25 %, 50 B, 1.0 k rows, 500 rows/s, 6 s left") == 0, "%s",
        text);
  pg_progress_text(text, sizeof text, 10, 0, 0, 1234567890, 98765432);
  CHECK(strcmp(text, "1.2 GB, 99 M rows, 9.9 M rows/s") == 0, "%s", text);
  pg_progress_text(text, sizeof text, 60, 1, 100, 1, 0);
  CHECK(strcmp(text, "1 %, 1 B, 0 rows, 0 rows/s, 1 h 39 min left") == 0, "%s",
        text);
  pg_progress_text(text, sizeof text, 0, 300, 200, 1, 1);
  CHECK(strncmp(text, "100 %", 5) == 0, "%s", text);
}

int main(void)
{
  test_casts();
  test_types();
  test_inexact();
  test_numbers();
  test_texts();
  test_progress();
  return 0;
}
