/* keys.c - values of columns as numbers that sort as the values do. */
#include "keys.h"

#include <math.h>

bool key_is_text(const peri_col *column)
{
  return column->type >= PERI_T_STR && column->type <= PERI_T_JSON;
}

static bool is_float(const peri_col *column)
{
  return column->type == PERI_T_F32 || column->type == PERI_T_F64;
}

enum rank key_rank(const peri_col *column, int64_t row)
{
  if (column->type == PERI_T_NULL || !peri_valid(column, row)) {
    return RANK_NULL;
  }
  if (is_float(column)) {
    double value = column->type == PERI_T_F32 ? peri_row_f32(column, row)
                                              : peri_row_f64(column, row);
    return isnan(value) ? RANK_NAN : RANK_VALUE;
  }
  return RANK_VALUE;
}

bool key_all_values(const peri_col *column)
{
  return column->type != PERI_T_NULL && !column->valid && !is_float(column);
}

#define ROWS(IS_VALUE)                                                         \
  for (size_t row = from; row < from + n; row++) {                             \
    entries[count].row = (uint32_t)row;                                        \
    count += (IS_VALUE);                                                       \
  }

size_t key_values(const peri_col *column, size_t from, size_t n,
                  struct entry *entries)
{
  size_t count = 0;
  if (key_all_values(column)) {
    ROWS(true)
  } else if (column->type == PERI_T_F64 && !column->valid) {
    const double *values = column->data;
    ROWS(!isnan(values[row]))
  } else {
    ROWS(key_rank(column, (int64_t)row) == RANK_VALUE)
  }
  return count;
}

static inline uint64_t of_signed(int64_t value)
{
  return (uint64_t)value ^ UINT64_C(1) << 63;
}

/* The bits of a double sort as a number with a sign of its own. */
static inline uint64_t of_double(double value)
{
  uint64_t bits;
  value = value == 0 ? 0 : value; /* -0 is 0 */
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline uint64_t of_text(peri_str text, size_t depth)
{
  uint64_t key = 0;
  if (text.len >= depth + KEY_BYTES) {
    memcpy(&key, text.ptr + depth, KEY_BYTES);
  } else if (text.len > depth) {
    memcpy(&key, text.ptr + depth, text.len - depth);
  }
  return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(key)
                                                   : key;
}

/* One loop for each type. */
#define FILL(EXPRESSION)                                                       \
  for (size_t i = 0; i < n; i++) {                                             \
    int64_t row = entries[i].row;                                              \
    entries[i].key = (EXPRESSION);                                             \
  }                                                                            \
  break

void key_fill(const peri_col *column, size_t depth, struct entry *entries,
              size_t n)
{
  switch (column->type) {
  case PERI_T_BOOL:
  case PERI_T_U8:
    FILL(peri_row_u8(column, row));
  case PERI_T_U16:
    FILL(peri_row_u16(column, row));
  case PERI_T_U32:
    FILL(peri_row_u32(column, row));
  case PERI_T_U64:
    FILL(peri_row_u64(column, row));
  case PERI_T_I8:
    FILL(of_signed(peri_row_i8(column, row)));
  case PERI_T_I16:
    FILL(of_signed(peri_row_i16(column, row)));
  case PERI_T_I32:
    FILL(of_signed(peri_row_i32(column, row)));
  case PERI_T_I64:
  case PERI_T_TIME:
    FILL(of_signed(peri_row_i64(column, row)));
  case PERI_T_F32:
    FILL(of_double(peri_row_f32(column, row)));
  case PERI_T_F64:
    FILL(of_double(peri_row_f64(column, row)));
  default:
    FILL(of_text(peri_row_str(column, row), depth));
  }
}

size_t key_rest(const peri_col *column, size_t depth, int64_t row)
{
  size_t len = peri_row_str(column, row).len - depth;
  return len > KEY_BYTES ? KEY_BYTES + 1 : len;
}
