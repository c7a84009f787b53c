/* program_mask.c - rows of a chunk as bits in words, and as bytes. */
#include "flow/program_mask.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static int64_t words_of(int64_t n)
{
  return (n + 63) / 64;
}

void pg_mask_and(uint64_t *out, const uint64_t *a, const uint64_t *b, int64_t n)
{
  int64_t words = words_of(n);
  if (!a || !b) {
    memmove(out, a ? a : b, (size_t)words * 8);
    return;
  }
  for (int64_t i = 0; i < words; i++) {
    out[i] = a[i] & b[i];
  }
}

static uint64_t pack_word(const uint8_t *bytes)
{
  uint64_t word = 0;
#ifdef __SSE2__
  for (int k = 0; k < 4; k++) {
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)bytes + k);
    uint32_t bits = (uint32_t)_mm_movemask_epi8(_mm_slli_epi16(part, 7));
    word |= (uint64_t)bits << (16 * k);
  }
#else
  for (int k = 0; k < 8; k++) {
    uint64_t eight;
    memcpy(&eight, bytes + 8 * k, 8);
    word |= (eight * 0x0102040810204080ull >> 56) << (8 * k);
  }
#endif
  return word;
}

void pg_mask_pack(uint64_t *out, const uint8_t *bytes, int64_t n)
{
  for (int64_t i = 0; i < words_of(n); i++) {
    out[i] = pack_word(bytes + 64 * i);
  }
  if (n & 63) {
    out[n >> 6] &= ((uint64_t)1 << (n & 63)) - 1;
  }
}

/* Byte k of the result is bit k of `bits`, as 0 or 1. */
static inline uint64_t spread_byte(uint64_t bits)
{
  uint64_t each = (bits & 0xFF) * 0x0101010101010101ull & 0x8040201008040201ull;
  return (each + 0x7F7F7F7F7F7F7F7Full) >> 7 & 0x0101010101010101ull;
}

void pg_mask_spread(uint8_t *bytes, const uint64_t *mask, int64_t n)
{
  for (int64_t i = 0; i < n; i += 8) {
    uint64_t eight = spread_byte(mask[i >> 6] >> (i & 63));
    memcpy(bytes + i, &eight, 8);
  }
}

void pg_mask_keep(uint8_t *bytes, const uint64_t *mask, int64_t n)
{
  for (int64_t i = 0; i < n; i += 8) {
    uint64_t eight;
    memcpy(&eight, bytes + i, 8);
    eight &= spread_byte(mask[i >> 6] >> (i & 63));
    memcpy(bytes + i, &eight, 8);
  }
}

void pg_mask_add(uint8_t *bytes, const uint64_t *mask, int64_t n)
{
  for (int64_t i = 0; i < n; i += 8) {
    uint64_t eight;
    memcpy(&eight, bytes + i, 8);
    eight |= spread_byte(mask[i >> 6] >> (i & 63));
    memcpy(bytes + i, &eight, 8);
  }
}

enum pg_rows pg_mask_state(const uint64_t *mask, int64_t n)
{
  uint64_t any = 0, all = ~(uint64_t)0;
  for (int64_t i = 0; i < n >> 6; i++) {
    any |= mask[i];
    all &= mask[i];
  }
  if (n & 63) {
    uint64_t inside = ((uint64_t)1 << (n & 63)) - 1;
    any |= mask[n >> 6] & inside;
    all &= mask[n >> 6] | ~inside;
  }
  return !any ? PG_ROWS_NONE : !~all ? PG_ROWS_ALL : PG_ROWS_SOME;
}

int64_t pg_mask_count(const uint64_t *mask, int64_t n)
{
  int64_t count = 0;
  for (int64_t i = 0; i < n >> 6; i++) {
    count += __builtin_popcountll(mask[i]);
  }
  if (n & 63) {
    count += __builtin_popcountll(mask[n >> 6] << (64 - (n & 63)));
  }
  return count;
}

/* Where the bits of four are, and how many there are. */
static const uint32_t places[16][4] = {
  {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0},
  {2, 0, 0, 0}, {0, 2, 0, 0}, {1, 2, 0, 0}, {0, 1, 2, 0},
  {3, 0, 0, 0}, {0, 3, 0, 0}, {1, 3, 0, 0}, {0, 1, 3, 0},
  {2, 3, 0, 0}, {0, 2, 3, 0}, {1, 2, 3, 0}, {0, 1, 2, 3},
};
static const uint8_t place_count[16] = {0, 1, 1, 2, 1, 2, 2, 3,
                                        1, 2, 2, 3, 2, 3, 3, 4};

#define FEW 6 /* bits in a word that are quicker one by one */

/* All 64 rows are there, so writing four numbers for up to four rows stays
 * within the room for all of them. */
static int64_t word_rows(uint32_t *rows, uint64_t word, uint32_t first)
{
  int64_t count = 0;
  if (word == ~(uint64_t)0) {
    for (uint32_t k = 0; k < 64; k++) {
      rows[k] = first + k;
    }
    return 64;
  }
  for (; word && count < FEW; word &= word - 1) {
    rows[count++] = first + (uint32_t)__builtin_ctzll(word);
  }
  for (; word; word >>= 4, first += 4) {
    unsigned four = word & 15;
    for (int k = 0; k < 4; k++) {
      rows[count + k] = first + places[four][k];
    }
    count += place_count[four];
  }
  return count;
}

int64_t pg_mask_rows(uint32_t *rows, const uint64_t *mask, uint32_t first,
                     int64_t n)
{
  int64_t count = 0, i = 0;
  for (; i < n >> 6; i++) {
    count += word_rows(rows + count, mask[i], first + (uint32_t)(64 * i));
  }
  if (n & 63) {
    uint64_t word = mask[i] & (((uint64_t)1 << (n & 63)) - 1);
    for (; word; word &= word - 1) {
      rows[count++] =
        first + (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(word);
    }
  }
  return count;
}
