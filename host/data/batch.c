/* batch.c - making and sharing batches. */
#include "data/batch.h"

#include <assert.h>
#include <stdlib.h>

static void unref_columns(struct pg_column *const *columns, int count)
{
  for (int i = 0; i < count; i++) {
    pg_column_unref(columns[i]);
  }
}

struct pg_batch *pg_batch_new(struct pg_schema *schema,
                              struct pg_column *const *columns, int64_t rows)
{
  int count = schema->count;
  struct pg_batch *batch =
    malloc(sizeof *batch + (size_t)count * sizeof batch->columns[0]);
  bool complete = batch != NULL;
  for (int i = 0; i < count; i++) {
    complete = complete && columns[i];
  }
  if (!complete) {
    unref_columns(columns, count);
    free(batch);
    return NULL;
  }
  atomic_init(&batch->refs, 1);
  batch->rows = rows;
  batch->schema = pg_schema_ref(schema);
  for (int i = 0; i < count; i++) {
    assert(columns[i]->length == rows);
    assert(columns[i]->type == schema->fields[i].type);
    batch->columns[i] = columns[i];
  }
  return batch;
}

struct pg_batch *pg_batch_of(const struct pg_field *fields,
                             struct pg_column *const *columns, int count,
                             int64_t rows, struct pg_schema *hint)
{
  struct pg_schema *schema = hint && pg_schema_equal(hint, fields, count)
                               ? pg_schema_ref(hint)
                               : pg_schema_new(fields, count);
  if (!schema) {
    unref_columns(columns, count);
    return NULL;
  }
  struct pg_batch *batch = pg_batch_new(schema, columns, rows);
  pg_schema_unref(schema);
  return batch;
}

struct pg_batch *pg_batch_of_names(const peri_str *names, int count)
{
  struct pg_field *fields = calloc((size_t)count + 1, sizeof *fields);
  struct pg_column **columns = calloc((size_t)count + 1, sizeof *columns);
  struct pg_batch *batch = NULL;
  if (fields && columns) {
    for (int i = 0; i < count; i++) {
      fields[i] = (struct pg_field){.name = names[i], .type = PERI_T_NULL};
      columns[i] = pg_column_nulls(PERI_T_NULL, 0);
    }
    batch = pg_batch_of(fields, columns, count, 0, NULL);
  }
  free(fields);
  free(columns);
  return batch;
}

struct pg_batch *pg_batch_ref(struct pg_batch *batch)
{
  atomic_fetch_add_explicit(&batch->refs, 1, memory_order_relaxed);
  return batch;
}

void pg_batch_unref(struct pg_batch *batch)
{
  if (!batch ||
      atomic_fetch_sub_explicit(&batch->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  unref_columns(batch->columns, batch->schema->count);
  pg_schema_unref(batch->schema);
  free(batch);
}

typedef struct pg_column *column_map(const struct pg_column *, const void *);

static struct pg_batch *map_columns(const struct pg_batch *batch, int64_t rows,
                                    column_map *map, const void *argument)
{
  int count = batch->schema->count;
  struct pg_column **columns = calloc((size_t)count + 1, sizeof *columns);
  if (!columns) {
    return NULL;
  }
  for (int i = 0; i < count; i++) {
    columns[i] = map(batch->columns[i], argument);
  }
  struct pg_batch *mapped = pg_batch_new(batch->schema, columns, rows);
  free(columns);
  return mapped;
}

struct range {
  int64_t from, n;
};

static struct pg_column *slice_column(const struct pg_column *column,
                                      const void *argument)
{
  const struct range *range = argument;
  return pg_column_slice((struct pg_column *)column, range->from, range->n);
}

struct pg_batch *pg_batch_slice(struct pg_batch *batch, int64_t from, int64_t n)
{
  if (from == 0 && n == batch->rows) {
    return pg_batch_ref(batch);
  }
  struct range range = {from, n};
  return map_columns(batch, n, slice_column, &range);
}

struct picks {
  const uint32_t *rows;
  int64_t n;
};

static struct pg_column *pick_column(const struct pg_column *column,
                                     const void *argument)
{
  const struct picks *picks = argument;
  return pg_column_pick(column, picks->rows, picks->n);
}

struct pg_batch *pg_batch_pick(const struct pg_batch *batch,
                               const uint32_t *rows, int64_t n)
{
  struct picks picks = {rows, n};
  return map_columns(batch, n, pick_column, &picks);
}

static size_t heap_bytes(const struct pg_heap *heap)
{
  size_t sum = 0;
  for (int i = 0; heap && i < heap->count; i++) {
    sum += heap->blocks[i]->size_max;
  }
  return sum;
}

size_t pg_batch_held_bytes(const struct pg_batch *batch)
{
  size_t values = 0, texts = 0;
  for (int i = 0; i < batch->schema->count; i++) {
    const struct pg_column *column = batch->columns[i];
    size_t heap = heap_bytes(column->heap);
    values += column->data ? column->data->size_max : 0;
    texts = heap > texts ? heap : texts; /* most columns share their chunk */
  }
  return values + texts;
}

static bool view_column(const struct pg_column *column, struct pg_arena *arena,
                        peri_col *view)
{
  uint8_t *bytes = NULL;
  if (column->type == PERI_T_BOOL) {
    bytes = pg_arena_alloc(arena, (size_t)column->length + 1);
    if (!bytes) {
      return false;
    }
  }
  *view = pg_column_view(column, bytes);
  return true;
}

bool pg_batch_view(const struct pg_batch *batch, struct pg_arena *arena,
                   const int *indices, int count, peri_batch *view)
{
  int n = indices ? count : batch->schema->count;
  peri_col *cols = pg_arena_alloc(arena, (size_t)(n + 1) * sizeof *cols);
  peri_str *names = pg_arena_alloc(arena, (size_t)(n + 1) * sizeof *names);
  if (!cols || !names) {
    return false;
  }
  for (int i = 0; i < n; i++) {
    int index = indices ? indices[i] : i;
    names[i] = batch->schema->fields[index].name;
    if (!view_column(batch->columns[index], arena, &cols[i])) {
      return false;
    }
  }
  *view = (peri_batch){.n = batch->rows,
                       .n_cols = n,
                       .cols = cols,
                       .names = names,
                       .origin = batch};
  return true;
}
