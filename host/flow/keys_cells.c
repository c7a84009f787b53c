/* keys_cells.c - between columns and cells. */
#include "flow/keys_cells.h"

#include "flow/hash.h"

#include <math.h>

#define AHEAD 8 /* rows; a cell, and then its text, may be in no cache */

static const struct pg_cell null_cell = {0, 1};

/* --------------------------------------------------------------------- loading
 */

/* The bytes of a view that belong to a text of up to 12; the others may hold
 * anything. */
static const uint64_t view_masks[13][2] = {
  {0x00000000FFFFFFFF, 0},
  {0x000000FFFFFFFFFF, 0},
  {0x0000FFFFFFFFFFFF, 0},
  {0x00FFFFFFFFFFFFFF, 0},
  {0xFFFFFFFFFFFFFFFF, 0},
  {0xFFFFFFFFFFFFFFFF, 0x00000000000000FF},
  {0xFFFFFFFFFFFFFFFF, 0x000000000000FFFF},
  {0xFFFFFFFFFFFFFFFF, 0x0000000000FFFFFF},
  {0xFFFFFFFFFFFFFFFF, 0x00000000FFFFFFFF},
  {0xFFFFFFFFFFFFFFFF, 0x000000FFFFFFFFFF},
  {0xFFFFFFFFFFFFFFFF, 0x0000FFFFFFFFFFFF},
  {0xFFFFFFFFFFFFFFFF, 0x00FFFFFFFFFFFFFF},
  {0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF},
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "cells are views read as little-endian words");

static void load_texts(struct pg_cell *cells, int stride,
                       const struct pg_column *column, int64_t from, int64_t n)
{
  const peri_view *views = pg_column_value(column, from);
  const char *const *bases = column->heap ? column->heap->bases : NULL;
  for (int64_t i = 0; i < n; i++, cells += stride) {
    uint32_t len = (uint32_t)views[i].len;
    if (column->nulls > 0 && !pg_column_is_valid(column, from + i)) {
      continue; /* its view leads nowhere */
    }
    memcpy(cells, &views[i], sizeof *cells);
    if (len <= 12) {
      cells->a &= view_masks[len][0];
      cells->b &= view_masks[len][1];
    } else {
      const char *base = bases[views[i].u.ref.buffer];
      cells->b = (uint64_t)(uintptr_t)(base + views[i].u.ref.offset);
    }
  }
}

#define LOAD_INTEGERS(T)                                                       \
  static void load_##T(struct pg_cell *cells, int stride, const void *values,  \
                       int64_t n)                                              \
  {                                                                            \
    const T *value = values;                                                   \
    for (int64_t i = 0; i < n; i++, cells += stride) {                         \
      *cells = (struct pg_cell){(uint64_t)value[i], 0};                        \
    }                                                                          \
  }
LOAD_INTEGERS(int8_t)
LOAD_INTEGERS(uint8_t)
LOAD_INTEGERS(int16_t)
LOAD_INTEGERS(uint16_t)
LOAD_INTEGERS(int32_t)
LOAD_INTEGERS(uint32_t)
LOAD_INTEGERS(int64_t)

/* -0 becomes 0, and every NaN the same one. */
static uint64_t real_bits(double value)
{
  uint64_t bits;
  value = value == 0 ? 0 : value;
  memcpy(&bits, &value, sizeof bits);
  return isnan(value) ? 0x7FF8000000000000u : bits;
}

static void load_reals(struct pg_cell *cells, int stride, const void *values,
                       bool single, int64_t n)
{
  for (int64_t i = 0; i < n; i++, cells += stride) {
    double value =
      single ? (double)((const float *)values)[i] : ((const double *)values)[i];
    *cells = (struct pg_cell){real_bits(value), 0};
  }
}

static void load_bools(struct pg_cell *cells, int stride,
                       const struct pg_column *column, int64_t from, int64_t n)
{
  for (int64_t i = 0; i < n; i++, cells += stride) {
    *cells = (struct pg_cell){pg_column_bool(column, from + i), 0};
  }
}

static void load_values(struct pg_cell *cells, int stride,
                        const struct pg_column *column, int64_t from, int64_t n)
{
  const void *values = pg_column_value(column, from);
  switch (column->type) {
  case PERI_T_I8:
    load_int8_t(cells, stride, values, n);
    break;
  case PERI_T_U8:
    load_uint8_t(cells, stride, values, n);
    break;
  case PERI_T_I16:
    load_int16_t(cells, stride, values, n);
    break;
  case PERI_T_U16:
    load_uint16_t(cells, stride, values, n);
    break;
  case PERI_T_I32:
    load_int32_t(cells, stride, values, n);
    break;
  case PERI_T_U32:
    load_uint32_t(cells, stride, values, n);
    break;
  case PERI_T_F32:
  case PERI_T_F64:
    load_reals(cells, stride, values, column->type == PERI_T_F32, n);
    break;
  default: /* i64, u64, time */
    load_int64_t(cells, stride, values, n);
  }
}

void pg_cells_load(struct pg_cell *cells, int stride,
                   const struct pg_column *column, int64_t from, int64_t n)
{
  if (n == 0) {
    return;
  }
  if (column->type == PERI_T_NULL) {
    for (int64_t i = 0; i < n; i++) {
      cells[i * stride] = null_cell;
    }
    return;
  }
  if (column->type == PERI_T_BOOL) {
    load_bools(cells, stride, column, from, n);
  } else if (pg_type_is_text(column->type)) {
    load_texts(cells, stride, column, from, n);
  } else {
    load_values(cells, stride, column, from, n);
  }
  for (int64_t i = 0; column->nulls > 0 && i < n; i++) {
    if (!pg_column_is_valid(column, from + i)) {
      cells[i * stride] = null_cell;
    }
  }
}

/* --------------------------------------------------------------------- hashing
 */

static inline uint64_t hash_cell(const struct pg_cell *cell, bool text,
                                 uint64_t seed)
{
  if (text && (uint32_t)cell->a > 12) {
    return pg_hash_text((const char *)(uintptr_t)cell->b, (uint32_t)cell->a,
                        seed);
  }
  return pg_hash_pair(cell->a, cell->b, seed);
}

void pg_cells_hash(const struct pg_cell *cells, int stride, bool text,
                   int64_t n, uint64_t seed, bool first, uint64_t *hashes)
{
  if (first && text) {
    for (int64_t i = 0; i < n; i++, cells += stride) {
      hashes[i] = hash_cell(cells, true, seed);
    }
  } else if (first) {
    for (int64_t i = 0; i < n; i++, cells += stride) {
      hashes[i] = hash_cell(cells, false, seed);
    }
  } else {
    for (int64_t i = 0; i < n; i++, cells += stride) {
      hashes[i] =
        pg_hash_fold(hashes[i] ^ PG_HASH_C, hash_cell(cells, text, seed));
    }
  }
}

/* -------------------------------------------------------------------- building
 */

static void store(uint32_t type, const struct pg_cell *cell, void *values,
                  int64_t i)
{
  switch (pg_type_width(type)) {
  case 1:
    ((uint8_t *)values)[i] = (uint8_t)cell->a;
    break;
  case 2:
    ((uint16_t *)values)[i] = (uint16_t)cell->a;
    break;
  case 4:
    if (type == PERI_T_F32) {
      double value;
      memcpy(&value, &cell->a, sizeof value);
      ((float *)values)[i] = (float)value;
    } else {
      ((uint32_t *)values)[i] = (uint32_t)cell->a;
    }
    break;
  default:
    ((uint64_t *)values)[i] = cell->a;
  }
}

bool pg_keys_build(const struct pg_keys *keys, int index, peri_str name,
                   const uint32_t *rows, int64_t n, struct pg_build *build)
{
  uint32_t type = keys->types[index];
  size_t columns = (size_t)keys->column_count;
  int at = pg_build_column(build, name, type);
  if (at < 0 || type == PERI_T_NULL) {
    return at >= 0;
  }
  uint8_t *valid;
  void *values = pg_build_values(build, at, n, &valid);
  if (!values) {
    return false;
  }
  const struct pg_cell *cells = keys->cells + index;
  bool text = pg_type_is_text(type);
  for (int64_t i = 0; i < n; i++) {
    const struct pg_cell *cell = cells + rows[i] * columns;
    if (i + 2 * AHEAD < n) {
      __builtin_prefetch(cells + rows[i + 2 * AHEAD] * columns);
    }
    if (text && i + AHEAD < n) {
      const struct pg_cell *next = cells + rows[i + AHEAD] * columns;
      __builtin_prefetch((uint32_t)next->a > 12
                           ? (const char *)(uintptr_t)next->b
                           : (const char *)next);
    }
    valid[i] = !pg_cell_is_null(cell);
    if (!valid[i]) {
      continue;
    }
    if (!text) {
      store(type, cell, values, i);
    } else if (!pg_build_text(build, values, i, pg_cell_text(cell))) {
      return false;
    }
  }
  return true;
}
