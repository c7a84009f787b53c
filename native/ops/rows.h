/* rows.h - the rows of columns of texts, for loops written by hand. */
#ifndef OPS_ROWS_H
#define OPS_ROWS_H
#include <perigee/plugin.h>

/* Bit k: row at + k of the n rows is there and not null.  Reads no byte of the
 * bitmap that holds none of these rows. */
static inline uint64_t rows_valid(const peri_col *c, int64_t at, int64_t n)
{
  int64_t left = n - at, bit = c->bit0 + at;
  uint64_t inside = left < 64 ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
  if (!c->valid) {
    return inside;
  }
  const uint8_t *bytes = c->valid + (bit >> 3);
  int shift = (int)(bit & 7),
      count = left < 64 ? (int)left + shift : 64 + shift;
  uint64_t word = 0;
  if (left >= 64) {
    memcpy(&word, bytes, 8);
  } else {
    for (int k = 0; k < 8 && 8 * k < count; k++) {
      word |= (uint64_t)bytes[k] << (8 * k);
    }
  }
  word >>= shift;
  if (count > 64) {
    word |= (uint64_t)bytes[8] << (64 - shift);
  }
  return word & inside;
}

/* The same for several columns at once. */
static inline uint64_t rows_valid_in(const peri_col *c, int count, int64_t at,
                                     int64_t n)
{
  uint64_t word = rows_valid(c, at, n);
  for (int k = 1; k < count; k++) {
    if (c[k].valid) {
      word &= rows_valid(&c[k], at, n);
    }
  }
  return word;
}

/* Runs what follows for every row i of n that is null in none of the columns
 * c[0..count). */
#define EACH_ROW(i_, c_, count_, n_)                                           \
  for (int64_t at_ = 0, i_ = 0; at_ < (n_); at_ += 64)                         \
    for (uint64_t left_ = rows_valid_in(c_, count_, at_, n_);                  \
         left_ && (i_ = at_ + __builtin_ctzll(left_), true);                   \
         left_ &= left_ - 1)

/* A column with the same text in every row that is not null, as the host gives
 * a constant: a dictionary of one. */
static inline bool rows_constant(const peri_col *c, peri_str *text)
{
  const peri_col *values = c->layout == PERI_L_DICT ? c->aux : NULL;
  if (!values || values->n != 1 || values->valid) {
    return false;
  }
  *text = peri_row_str(values, 0);
  return true;
}

static inline peri_str rows_view(const peri_view *view,
                                 const char *const *buffers)
{
  size_t len = (size_t)view->len;
  return (peri_str){
    len <= 12 ? view->u.in : buffers[view->u.ref.buffer] + view->u.ref.offset,
    len};
}

/* memcmp() == 0 for the short texts that columns are full of. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
  uint64_t x = 0, y = 0;
  if (n > 16) {
    return memcmp(a, b, n) == 0;
  }
  if (n >= 8) {
    uint64_t last_x, last_y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    memcpy(&last_x, a + n - 8, 8);
    memcpy(&last_y, b + n - 8, 8);
    return ((x ^ y) | (last_x ^ last_y)) == 0;
  }
  if (n >= 4) {
    uint32_t first_x, first_y, last_x, last_y;
    memcpy(&first_x, a, 4);
    memcpy(&first_y, b, 4);
    memcpy(&last_x, a + n - 4, 4);
    memcpy(&last_y, b + n - 4, 4);
    return ((first_x ^ first_y) | (last_x ^ last_y)) == 0;
  }
  for (size_t i = 0; i < n; i++) {
    x = x << 8 | (uint8_t)a[i];
    y = y << 8 | (uint8_t)b[i];
  }
  return x == y;
}
#endif
