/* bits.c - bitmaps, eight rows at a time. */
#include "data/bits.h"

#include <string.h>

int64_t pg_bits_pack(void *bits, const uint8_t *bytes, int64_t n)
{
  uint8_t *out = bits;
  int64_t count = 0, i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    /* bit 0 of each byte := byte != 0 */
    word |= word >> 4;
    word |= word >> 2;
    word |= word >> 1;
    word &= 0x0101010101010101ull;
    uint8_t packed = (uint8_t)((word * 0x0102040810204080ull) >> 56);
    out[i >> 3] = packed;
    count += __builtin_popcount(packed);
  }
  if (i < n) {
    uint8_t last = 0;
    for (int64_t k = i; k < n; k++) {
      last |= (uint8_t)((bytes[k] != 0) << (k - i));
    }
    out[i >> 3] = last;
    count += __builtin_popcount(last);
  }
  return count;
}

void pg_bits_spread(uint8_t *bytes, const void *bits, int64_t from, int64_t n)
{
  for (int64_t i = 0; i < n; i++) {
    bytes[i] = pg_bit(bits, from + i);
  }
}

void pg_bits_copy(void *out, const void *bits, int64_t from, int64_t n)
{
  const uint8_t *in = (const uint8_t *)bits + (from >> 3);
  uint8_t *to = out;
  int64_t bytes = (n + 7) / 8;
  unsigned shift = from & 7;
  if (shift == 0) {
    memcpy(to, in, (size_t)bytes);
  } else {
    int64_t readable = (n + shift + 7) / 8;
    for (int64_t i = 0; i < bytes; i++) {
      unsigned high = i + 1 < readable ? in[i + 1] : 0;
      to[i] = (uint8_t)((in[i] >> shift) | (high << (8 - shift)));
    }
  }
  if (n & 7) {
    to[bytes - 1] &= (uint8_t)((1u << (n & 7)) - 1);
  }
}

int64_t pg_bits_count(const void *bits, int64_t from, int64_t n)
{
  int64_t count = 0;
  int64_t i = 0;
  for (; i < n && ((from + i) & 7); i++) {
    count += pg_bit(bits, from + i);
  }
  const uint8_t *in = (const uint8_t *)bits + ((from + i) >> 3);
  for (; i + 8 <= n; i += 8) {
    count += __builtin_popcount(*in++);
  }
  for (; i < n; i++) {
    count += pg_bit(bits, from + i);
  }
  return count;
}
