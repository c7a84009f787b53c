/* gather.c - columns made from rows of other columns. */
#include "data/bits.h"
#include "data/column.h"

#include <assert.h>
#include <string.h>

#define GATHER(T)                                                              \
  static void gather_##T(void *restrict to, const void *restrict from,         \
                         const uint32_t *restrict rows, int64_t n)             \
  {                                                                            \
    for (int64_t i = 0; i < n; i++) {                                          \
      ((T *)to)[i] = ((const T *)from)[rows[i]];                               \
    }                                                                          \
  }
GATHER(uint8_t)
GATHER(uint16_t)
GATHER(uint32_t)
GATHER(uint64_t)
GATHER(peri_view)

static void gather_values(struct pg_column *to, const struct pg_column *from,
                          const uint32_t *rows, int64_t n)
{
  char *out = to->data->bytes;
  if (from->type == PERI_T_BOOL) {
    memset(out, 0, (size_t)(n + 7) / 8);
    for (int64_t i = 0; i < n; i++) {
      out[i >> 3] |= (char)(pg_column_bool(from, rows[i]) << (i & 7));
    }
    return;
  }
  const void *in = pg_column_value(from, 0);
  switch (pg_type_width(from->type)) {
  case 1:
    gather_uint8_t(out, in, rows, n);
    break;
  case 2:
    gather_uint16_t(out, in, rows, n);
    break;
  case 4:
    gather_uint32_t(out, in, rows, n);
    break;
  case 8:
    gather_uint64_t(out, in, rows, n);
    break;
  default:
    gather_peri_view(out, in, rows, n);
  }
}

/* False: no memory. */
static bool gather_valid(struct pg_column *to, const struct pg_column *from,
                         const uint32_t *rows, int64_t n)
{
  if (from->nulls == 0 || !from->valid) {
    return true;
  }
  to->valid = pg_block_new((size_t)(n + 7) / 8);
  if (!to->valid) {
    return false;
  }
  uint8_t *bits = (uint8_t *)to->valid->bytes;
  memset(bits, 0, (size_t)(n + 7) / 8);
  int64_t set = 0;
  for (int64_t i = 0; i < n; i++) {
    unsigned bit = pg_bit(from->valid->bytes, from->offset + rows[i]);
    bits[i >> 3] |= (uint8_t)(bit << (i & 7));
    set += bit;
  }
  to->nulls = n - set;
  if (to->nulls == 0) {
    pg_block_unref(to->valid);
    to->valid = NULL;
  }
  return true;
}

struct pg_column *pg_column_pick(const struct pg_column *column,
                                 const uint32_t *rows, int64_t n)
{
  struct pg_column *picked = pg_column_new(column->type, n);
  if (!picked) {
    return NULL;
  }
  if (column->type == PERI_T_NULL) {
    picked->nulls = n;
    return picked;
  }
  picked->heap = pg_heap_ref(column->heap);
  picked->data = pg_block_new(pg_type_width(column->type) * (size_t)n);
  if (!picked->data || !gather_valid(picked, column, rows, n)) {
    pg_column_unref(picked);
    return NULL;
  }
  gather_values(picked, column, rows, n);
  return picked;
}

static bool is_long(const struct pg_column *column, int64_t row,
                    const peri_view *view)
{
  return view->len > 12 &&
         (column->nulls == 0 || pg_column_is_valid(column, row));
}

static size_t long_bytes(const struct pg_column *column)
{
  const peri_view *views = pg_column_value(column, 0);
  size_t sum = 0;
  for (int64_t i = 0; i < column->length; i++) {
    sum += is_long(column, i, &views[i]) ? (size_t)views[i].len : 0;
  }
  return sum;
}

/* Appends the column's values behind `at` rows of `to`, long texts behind
 * `used` bytes of the buffers' last block. */
struct appender {
  struct pg_column *to;
  uint8_t *valid; /* one bit a row; NULL: no nulls */
  int64_t at;
  int buffer; /* number of the buffer being filled */
  char *base; /* its bytes */
  size_t used, room;
};

static bool next_buffer(struct appender *a, size_t n)
{
  struct pg_block *block = pg_block_new(n);
  if (!block) {
    return false;
  }
  a->base = block->bytes;
  a->used = 0;
  a->room = block->size_max;
  a->buffer = pg_heap_add(a->to->heap, block, block->bytes);
  return a->buffer >= 0;
}

static bool append_texts(struct appender *a, const struct pg_column *from)
{
  peri_view *out = (peri_view *)a->to->data->bytes + a->at;
  size_t need = long_bytes(from);
  if (need > INT32_MAX || (need > a->room - a->used && !next_buffer(a, need))) {
    return false;
  }
  const peri_view *in = pg_column_value(from, 0);
  for (int64_t i = 0; i < from->length; i++) {
    out[i] = in[i];
    if (is_long(from, i, &in[i])) {
      const struct pg_heap *heap = from->heap;
      size_t len = (size_t)in[i].len;
      memcpy(a->base + a->used,
             heap->bases[in[i].u.ref.buffer] + in[i].u.ref.offset, len);
      out[i].u.ref.buffer = a->buffer;
      out[i].u.ref.offset = (int32_t)a->used;
      a->used += len;
    } else if (from->nulls > 0 && !pg_column_is_valid(from, i)) {
      memset(&out[i], 0, sizeof out[i]);
    }
  }
  return true;
}

static void append_valid(struct appender *a, const struct pg_column *from)
{
  for (int64_t i = 0; a->valid && i < from->length; i++) {
    if (pg_column_is_valid(from, i)) {
      pg_bit_set(a->valid, a->at + i);
    }
  }
}

static bool append(struct appender *a, const struct pg_column *from)
{
  int64_t n = from->length;
  uint32_t type = a->to->type;
  if (from->type == PERI_T_NULL) {
    if (type != PERI_T_BOOL) {
      size_t width = pg_type_width(type);
      memset(a->to->data->bytes + width * (size_t)a->at, 0, width * (size_t)n);
    }
    a->at += n;
    return true;
  }
  assert(from->type == type && from->data);
  append_valid(a, from);
  if (type == PERI_T_BOOL) {
    for (int64_t i = 0; i < n; i++) {
      if (pg_column_bool(from, i)) {
        pg_bit_set(a->to->data->bytes, a->at + i);
      }
    }
  } else if (pg_type_is_text(type)) {
    if (!append_texts(a, from)) {
      return false;
    }
  } else if (n > 0) {
    size_t width = pg_type_width(type);
    memcpy(a->to->data->bytes + width * (size_t)a->at, pg_column_value(from, 0),
           width * (size_t)n);
  }
  a->at += n;
  return true;
}

struct pg_column *pg_column_concat(struct pg_column *const *columns, int count,
                                   uint32_t type)
{
  int64_t length = 0, nulls = 0;
  for (int i = 0; i < count; i++) {
    length += columns[i]->length;
    nulls +=
      columns[i]->type == PERI_T_NULL ? columns[i]->length : columns[i]->nulls;
  }
  struct pg_column *all = pg_column_new(type, length);
  if (all) {
    all->nulls = type == PERI_T_NULL ? length : nulls;
  }
  if (!all || type == PERI_T_NULL) {
    return all;
  }
  size_t bitmap = (size_t)(length + 7) / 8;
  all->data = pg_block_new(pg_type_width(type) * (size_t)length);
  all->valid = nulls > 0 ? pg_block_new(bitmap) : NULL;
  all->heap = pg_type_is_text(type) ? pg_heap_new() : NULL;
  if (!all->data || (nulls > 0 && !all->valid) ||
      (pg_type_is_text(type) && !all->heap)) {
    pg_column_unref(all);
    return NULL;
  }
  struct appender a = {.to = all};
  if (all->valid) {
    a.valid = memset(all->valid->bytes, 0, bitmap);
  }
  if (type == PERI_T_BOOL) {
    memset(all->data->bytes, 0, bitmap);
  }
  for (int i = 0; i < count; i++) {
    if (!append(&a, columns[i])) {
      pg_column_unref(all);
      return NULL;
    }
  }
  return all;
}
