/* pipe_rows.c - batches as text, and from arrays. */
#include "data/build.h"
#include "pipe_own.h"

#include <stdarg.h>
#include <string.h>

static bool add(struct pg_text *text, const char *format, ...)
  __attribute__((format(printf, 2, 3)));
static bool add(struct pg_text *text, const char *format, ...)
{
  char room[400];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(room, sizeof room, format, args);
  va_end(args);
  return pg_text_append(text, room, (size_t)n);
}

static bool add_value(struct pg_text *text, const struct pg_column *column,
                      int64_t row)
{
  if (!pg_column_is_valid(column, row)) {
    return add(text, "null");
  }
  if (column->type == PERI_T_BOOL) {
    return add(text, "%s", pg_column_bool(column, row) ? "true" : "false");
  }
  if (pg_type_is_text(column->type)) {
    peri_str value = pg_column_text(column, row);
    return pg_text_append(text, value.ptr, value.len);
  }
  const void *at = pg_column_value(column, row);
  switch (column->type) {
  case PERI_T_I32:
    return add(text, "%d", *(const int32_t *)at);
  case PERI_T_F64:
    return add(text, "%.15g", *(const double *)at);
  case PERI_T_F32:
    return add(text, "%.6g", (double)*(const float *)at);
  default:
    return add(text, "%lld", (long long)*(const int64_t *)at);
  }
}

bool pipe_note(struct pg_text *text, const struct pg_batch *batch)
{
  bool good = true;
  for (int64_t row = 0; row < batch->rows && good; row++) {
    for (int i = 0; i < batch->schema->count && good; i++) {
      good = add(text, "%s%s=", i > 0 ? " " : "",
                 batch->schema->fields[i].name.ptr) &&
             add_value(text, batch->columns[i], row);
    }
    good = good && add(text, "\n");
  }
  return good;
}

/* --------------------------------------------------------------- from arrays
 */

static struct pg_batch *finish(struct pg_build *build, int64_t n)
{
  build->rows = n;
  struct pg_batch *batch = pg_build_finish(build);
  CHECK(batch, "memory");
  pg_build_fini(build);
  return batch;
}

static struct pg_batch *of_words(const char *name, uint32_t type,
                                 const void *words, int64_t n)
{
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "memory");
  int column = pg_build_column(&build, (peri_str){name, strlen(name)}, type);
  memcpy(pg_build_values(&build, column, n, NULL), words, (size_t)n * 8);
  return finish(&build, n);
}

struct pg_batch *pipe_numbers(const char *name, const int64_t *numbers,
                              int64_t n)
{
  return of_words(name, PERI_T_I64, numbers, n);
}

struct pg_batch *pipe_reals(const char *name, const double *numbers, int64_t n)
{
  return of_words(name, PERI_T_F64, numbers, n);
}

struct pg_batch *pipe_texts(const char *name, const char *const *texts,
                            int64_t n)
{
  struct pg_build build = {0};
  uint8_t *valid;
  CHECK(pg_build_begin(&build, NULL, NULL), "memory");
  int column =
    pg_build_column(&build, (peri_str){name, strlen(name)}, PERI_T_STR);
  peri_view *views = pg_build_values(&build, column, n, &valid);
  for (int64_t i = 0; i < n; i++) {
    valid[i] = texts[i] != NULL;
    peri_str text = {texts[i], texts[i] ? strlen(texts[i]) : 0};
    CHECK(!texts[i] || pg_build_text(&build, views, i, text), "memory");
  }
  return finish(&build, n);
}
