/* build.c - plain arrays in, Arrow columns out. */
#include "data/build.h"

#include "data/bits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEAP_BLOCK_BYTES ((size_t)64 << 10)

bool pg_build_begin(struct pg_build *build, struct pg_block *chunk,
                    const char *base)
{
  pg_build_abandon(build);
  build->rows = -1;
  build->heap = pg_heap_new();
  if (!build->heap) {
    return false;
  }
  return !chunk || pg_heap_add(build->heap, pg_block_ref(chunk), base) == 0;
}

static struct pg_build_column *add_column(struct pg_build *build, peri_str name)
{
  if (build->count == PG_COLUMNS_MAX) {
    return NULL;
  }
  if (build->count == build->count_max) {
    int max = build->count_max ? build->count_max * 2 : 16;
    struct pg_build_column *columns =
      realloc(build->columns, (size_t)max * sizeof *columns);
    if (!columns) {
      return NULL;
    }
    build->columns = columns;
    build->count_max = max;
  }
  char *copy = malloc(name.len + 1);
  if (!copy) {
    return NULL;
  }
  if (name.len > 0) {
    memcpy(copy, name.ptr, name.len);
  }
  copy[name.len] = '\0';
  struct pg_build_column *column = &build->columns[build->count++];
  *column = (struct pg_build_column){.name = {copy, name.len}};
  return column;
}

/* Columns in use come first, in the order of first use in this batch; the
 * others wait behind them for a batch that has them again. */
int pg_build_column(struct pg_build *build, peri_str name, uint32_t type)
{
  struct pg_build_column *columns = build->columns;
  int used = 0, found = -1;
  for (int i = 0; i < build->count; i++) {
    if (columns[i].name.len == name.len &&
        (name.len == 0 ||
         memcmp(columns[i].name.ptr, name.ptr, name.len) == 0)) {
      found = i;
    }
    used += columns[i].used;
  }
  if (found < 0) {
    if (!add_column(build, name)) {
      return -1;
    }
    columns = build->columns;
    found = build->count - 1;
  }
  if (columns[found].used) {
    return found;
  }
  struct pg_build_column column = columns[found];
  memmove(&columns[used + 1], &columns[used],
          (size_t)(found - used) * sizeof *columns);
  column.used = true;
  column.type = type;
  columns[used] = column;
  return used;
}

static bool grow_valid(struct pg_build_column *column, int64_t had,
                       int64_t rows)
{
  bool fresh = column->valid == NULL;
  column->valid = pg_block_grow(column->valid, (size_t)rows,
                                fresh ? 0 : (size_t)had);
  if (!column->valid) {
    return false;
  }
  int64_t from = fresh ? 0 : had;
  if (rows > from) {
    memset(column->valid->bytes + from, 0, (size_t)(rows - from));
  }
  return true;
}

void *pg_build_values(struct pg_build *build, int index, int64_t rows,
                      uint8_t **valid)
{
  if (index < 0 || index >= build->count || rows < 0) {
    return NULL;
  }
  struct pg_build_column *column = &build->columns[index];
  size_t width = pg_type_width(column->type);
  int64_t had = column->rows_max;
  if (!column->data || rows > had) {
    column->data = pg_block_grow(column->data, width * (size_t)rows + 1,
                                 width * (size_t)had);
    if (!column->data) {
      column->rows_max = 0; /* a caller that tries again starts anew */
      return NULL;
    }
  } else {
    rows = had;
  }
  if ((valid || column->valid) && !grow_valid(column, had, rows)) {
    return NULL;
  }
  if (valid) {
    *valid = (uint8_t *)column->valid->bytes;
  }
  column->rows_max = rows;
  return column->data->bytes;
}

void *pg_build_retype(struct pg_build *build, int index, uint32_t type,
                      int64_t rows, uint8_t **valid)
{
  if (index < 0 || index >= build->count) {
    return NULL;
  }
  struct pg_build_column *column = &build->columns[index];
  if (column->data) {
    struct pg_block **stale =
      realloc(build->stale, (size_t)(build->stale_count + 1) * sizeof *stale);
    if (!stale) {
      return NULL;
    }
    build->stale = stale;
    stale[build->stale_count++] = column->data;
    column->data = NULL;
  }
  column->type = type;
  if (rows < column->rows_max) {
    rows = column->rows_max;
  }
  column->data = pg_block_new(pg_type_width(type) * (size_t)rows + 1);
  if (!column->data) {
    column->rows_max = 0;
    return NULL;
  }
  if ((valid || column->valid) &&
      !grow_valid(column, column->rows_max, rows)) {
    return NULL;
  }
  if (valid) {
    *valid = (uint8_t *)column->valid->bytes;
  }
  column->rows_max = rows;
  return column->data->bytes;
}

char *pg_build_heap(struct pg_build *build, size_t n, int32_t *buffer)
{
  if (n > INT32_MAX) {
    return NULL;
  }
  if (!build->open || build->open->size_max - build->open_used < n) {
    struct pg_block *block =
      pg_block_new(n > HEAP_BLOCK_BYTES ? n : HEAP_BLOCK_BYTES);
    if (!block) {
      return NULL;
    }
    build->open_buffer = pg_heap_add(build->heap, block, block->bytes);
    if (build->open_buffer < 0) {
      build->open = NULL;
      return NULL;
    }
    build->open = block;
    build->open_used = 0;
  }
  char *at = build->open->bytes + build->open_used;
  build->open_used += n;
  *buffer = build->open_buffer;
  return at;
}

bool pg_build_text(struct pg_build *build, peri_view *views, int64_t row,
                   peri_str text)
{
  peri_view *view = &views[row];
  view->len = (int32_t)text.len;
  if (text.len <= 12) {
    memset(view->u.in, 0, sizeof view->u.in);
    if (text.len > 0) {
      memcpy(view->u.in, text.ptr, text.len);
    }
    return true;
  }
  int32_t buffer;
  char *at = pg_build_heap(build, text.len, &buffer);
  if (!at) {
    return false;
  }
  memcpy(at, text.ptr, text.len);
  memcpy(view->u.ref.prefix, text.ptr, 4);
  view->u.ref.buffer = buffer;
  view->u.ref.offset = (int32_t)(at - build->heap->bases[buffer]);
  return true;
}

/* Null rows of a text column may hold anything: make them empty. */
static void clear_null_views(struct pg_column *column)
{
  peri_view *views = (peri_view *)column->data->bytes;
  for (int64_t i = 0; i < column->length; i++) {
    if (!pg_bit(column->valid->bytes, i)) {
      memset(&views[i], 0, sizeof views[i]);
    }
  }
}

static bool pack_valid(struct pg_column *column, struct pg_block *bytes)
{
  int64_t rows = column->length;
  struct pg_block *bits = pg_block_new((size_t)(rows + 7) / 8);
  if (!bits) {
    return false;
  }
  column->nulls =
    rows - pg_bits_pack(bits->bytes, (const uint8_t *)bytes->bytes, rows);
  if (column->nulls == 0) {
    pg_block_unref(bits);
  } else {
    column->valid = bits;
  }
  return true;
}

static bool pack_bool(struct pg_column *column)
{
  struct pg_block *bits = pg_block_new((size_t)(column->length + 7) / 8);
  if (!bits) {
    return false;
  }
  pg_bits_pack(bits->bytes, (const uint8_t *)column->data->bytes,
               column->length);
  pg_block_unref(column->data);
  column->data = bits;
  return true;
}

static struct pg_column *finish_column(struct pg_build *build,
                                       struct pg_build_column *from)
{
  int64_t rows = build->rows;
  if (from->type == PERI_T_NULL || !from->data || from->rows_max < rows) {
    return pg_column_nulls(from->type, rows);
  }
  struct pg_column *column = pg_column_new(from->type, rows);
  if (!column) {
    return NULL;
  }
  column->data = from->data;
  from->data = NULL;
  bool done = !from->valid || pack_valid(column, from->valid);
  if (done && from->type == PERI_T_BOOL) {
    done = pack_bool(column);
  }
  if (!done) {
    pg_column_unref(column);
    return NULL;
  }
  if (pg_type_is_text(from->type)) {
    column->heap = pg_heap_ref(build->heap);
    if (column->valid) {
      clear_null_views(column);
    }
  }
  return column;
}

struct pg_batch *pg_build_finish(struct pg_build *build)
{
  assert(build->rows >= 0);
  struct pg_field fields_few[32] = {{.type = 0}}; /* a batch may have none */
  struct pg_column *columns_few[32] = {NULL};
  struct pg_field *fields = fields_few;
  struct pg_column **columns = columns_few;
  if (build->count > 32) {
    fields = malloc((size_t)build->count * sizeof *fields);
    columns = malloc((size_t)build->count * sizeof *columns);
  }
  struct pg_batch *batch = NULL;
  if (fields && columns) {
    int n = 0;
    for (; n < build->count && build->columns[n].used; n++) {
      fields[n] = (struct pg_field){build->columns[n].name,
                                    build->columns[n].type};
      columns[n] = finish_column(build, &build->columns[n]);
    }
    batch = pg_batch_of(fields, columns, n, build->rows, build->schema);
  }
  if (fields != fields_few) {
    free(fields);
    free(columns);
  }
  if (batch && batch->schema != build->schema) {
    pg_schema_unref(build->schema);
    build->schema = pg_schema_ref(batch->schema);
  }
  pg_build_abandon(build);
  return batch;
}

void pg_build_abandon(struct pg_build *build)
{
  for (int i = 0; i < build->count; i++) {
    struct pg_build_column *column = &build->columns[i];
    pg_block_unref(column->data);
    pg_block_unref(column->valid);
    column->data = column->valid = NULL;
    column->used = false;
    column->rows_max = 0;
  }
  for (int i = 0; i < build->stale_count; i++) {
    pg_block_unref(build->stale[i]);
  }
  build->stale_count = 0;
  pg_heap_unref(build->heap);
  build->heap = NULL;
  build->open = NULL;
}

void pg_build_fini(struct pg_build *build)
{
  pg_build_abandon(build);
  for (int i = 0; i < build->count; i++) {
    free((char *)build->columns[i].name.ptr);
  }
  free(build->columns);
  free(build->stale);
  pg_schema_unref(build->schema);
  *build = (struct pg_build){0};
}
