/* bits.h - bitmaps, least significant bit first, as in Arrow. */
#ifndef PG_DATA_BITS_H
#define PG_DATA_BITS_H
#include <stdbool.h>
#include <stdint.h>

static inline bool pg_bit(const void *bits, int64_t i)
{
  return ((const uint8_t *)bits)[i >> 3] >> (i & 7) & 1;
}

static inline void pg_bit_set(void *bits, int64_t i)
{
  ((uint8_t *)bits)[i >> 3] |= (uint8_t)(1u << (i & 7));
}

/* Packs n bytes (zero or not) into bits; returns how many are not zero.
 * Writes (n + 7) / 8 bytes. */
int64_t pg_bits_pack(void *bits, const uint8_t *bytes, int64_t n);

/* Spreads n bits from bit `from` on to one byte each, 0 or 1. */
void pg_bits_spread(uint8_t *bytes, const void *bits, int64_t from, int64_t n);

/* Copies n bits from bit `from` of `bits` to bit 0 of `out`; bits of the last
 * byte beyond n are 0. */
void pg_bits_copy(void *out, const void *bits, int64_t from, int64_t n);

/* How many of n bits from bit `from` on are set. */
int64_t pg_bits_count(const void *bits, int64_t from, int64_t n);

#endif
