/* column.c - making, sharing and reading columns. */
#include "data/column.h"

#include "data/bits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct pg_heap *pg_heap_new(void)
{
  struct pg_heap *heap = calloc(1, sizeof *heap);
  if (heap) {
    atomic_init(&heap->refs, 1);
  }
  return heap;
}

struct pg_heap *pg_heap_ref(struct pg_heap *heap)
{
  if (heap) {
    atomic_fetch_add_explicit(&heap->refs, 1, memory_order_relaxed);
  }
  return heap;
}

void pg_heap_unref(struct pg_heap *heap)
{
  if (!heap || atomic_fetch_sub_explicit(&heap->refs, 1,
                                         memory_order_acq_rel) != 1) {
    return;
  }
  for (int i = 0; i < heap->count; i++) {
    pg_block_unref(heap->blocks[i]);
  }
  free(heap->blocks);
  free(heap->bases);
  free(heap);
}

int pg_heap_add(struct pg_heap *heap, struct pg_block *block, const char *base)
{
  size_t count = (size_t)heap->count + 1;
  const char **bases = realloc(heap->bases, count * sizeof *bases);
  if (bases) {
    heap->bases = bases;
  }
  struct pg_block **blocks = realloc(heap->blocks, count * sizeof *blocks);
  if (blocks) {
    heap->blocks = blocks;
  }
  if (!bases || !blocks) {
    pg_block_unref(block);
    return -1;
  }
  bases[count - 1] = base;
  blocks[count - 1] = block;
  return heap->count++;
}

struct pg_column *pg_column_new(uint32_t type, int64_t length)
{
  struct pg_column *column = calloc(1, sizeof *column);
  if (column) {
    atomic_init(&column->refs, 1);
    column->type = type;
    column->length = length;
  }
  return column;
}

struct pg_column *pg_column_ref(struct pg_column *column)
{
  if (column) {
    atomic_fetch_add_explicit(&column->refs, 1, memory_order_relaxed);
  }
  return column;
}

void pg_column_unref(struct pg_column *column)
{
  if (!column || atomic_fetch_sub_explicit(&column->refs, 1,
                                           memory_order_acq_rel) != 1) {
    return;
  }
  pg_block_unref(column->valid);
  pg_block_unref(column->data);
  pg_heap_unref(column->heap);
  free(column);
}

struct pg_column *pg_column_nulls(uint32_t type, int64_t length)
{
  struct pg_column *column = pg_column_new(type, length);
  if (!column || type == PERI_T_NULL) {
    if (column) {
      column->nulls = length;
    }
    return column;
  }
  size_t data = pg_type_width(type) * (size_t)length;
  column->nulls = length;
  column->valid = pg_block_new((size_t)(length + 7) / 8);
  column->data = pg_block_new(data);
  if (!column->valid || !column->data) {
    pg_column_unref(column);
    return NULL;
  }
  memset(column->valid->bytes, 0, (size_t)(length + 7) / 8);
  memset(column->data->bytes, 0, data);
  return column;
}

bool pg_column_is_valid(const struct pg_column *column, int64_t row)
{
  assert(0 <= row && row < column->length);
  if (column->type == PERI_T_NULL) {
    return false;
  }
  return !column->valid || pg_bit(column->valid->bytes, column->offset + row);
}

bool pg_column_bool(const struct pg_column *column, int64_t row)
{
  assert(column->type == PERI_T_BOOL && 0 <= row && row < column->length);
  return pg_bit(column->data->bytes, column->offset + row);
}

const void *pg_column_value(const struct pg_column *column, int64_t row)
{
  assert(column->type != PERI_T_BOOL && column->data);
  return column->data->bytes +
         pg_type_width(column->type) * (size_t)(column->offset + row);
}

peri_str pg_column_text(const struct pg_column *column, int64_t row)
{
  assert(pg_type_is_text(column->type));
  const peri_view *view = pg_column_value(column, row);
  size_t len = (size_t)view->len;
  if (len <= 12) {
    return (peri_str){view->u.in, len};
  }
  return (peri_str){column->heap->bases[view->u.ref.buffer] +
                      view->u.ref.offset,
                    len};
}

struct pg_column *pg_column_slice(struct pg_column *column, int64_t from,
                                  int64_t length)
{
  assert(0 <= from && 0 <= length && from + length <= column->length);
  struct pg_column *slice = pg_column_new(column->type, length);
  if (!slice) {
    return NULL;
  }
  slice->offset = column->offset + from;
  slice->data = pg_block_ref(column->data);
  slice->heap = pg_heap_ref(column->heap);
  if (column->type == PERI_T_NULL) {
    slice->nulls = length;
  } else if (column->valid) {
    slice->nulls =
      length - pg_bits_count(column->valid->bytes, slice->offset, length);
    slice->valid = slice->nulls > 0 ? pg_block_ref(column->valid) : NULL;
  }
  return slice;
}

peri_col pg_column_view(const struct pg_column *column, uint8_t *bytes)
{
  peri_col view = {.n = column->length,
                   .type = column->type,
                   .layout = PERI_L_VIEW,
                   .bit0 = column->offset};
  view.valid = column->nulls > 0 && column->valid
                 ? (const uint8_t *)column->valid->bytes
                 : NULL;
  if (column->type == PERI_T_BOOL) {
    pg_bits_spread(bytes, column->data->bytes, column->offset, column->length);
    view.data = bytes;
  } else if (column->data) {
    view.data = pg_column_value(column, 0);
  }
  if (column->heap) {
    view.aux = column->heap->bases;
  }
  return view;
}
