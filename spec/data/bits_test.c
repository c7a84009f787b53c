/* bits_test.c - bitmaps against one bit at a time: all offsets, all lengths. */
#include "data/bits.h"

#include "check/check.h"

#include <string.h>

enum { ROWS = 67 };

static uint8_t noise[ROWS]; /* a byte a row, 0 or not */
static uint8_t noise_bits[(ROWS + 7) / 8];

static void make_noise(void)
{
  unsigned seed = 12345;
  for (int i = 0; i < ROWS; i++) {
    seed = seed * 1664525u + 1013904223u;
    /* any byte that is not zero counts */
    noise[i] = seed >> 31 ? (uint8_t)(seed >> 16 | 1u << (seed >> 8 & 7)) : 0;
    if (noise[i]) {
      pg_bit_set(noise_bits, i);
    }
  }
}

static void reads_and_sets_single_bits(void)
{
  for (int i = 0; i < ROWS; i++) {
    CHECK(pg_bit(noise_bits, i) == (noise[i] != 0), "bit %d", i);
  }
}

static void packs(void)
{
  for (int from = 0; from < ROWS; from++) {
    for (int n = 0; from + n <= ROWS; n++) {
      uint8_t bits[16];
      memset(bits, 0xa5, sizeof bits);
      int64_t count = pg_bits_pack(bits, noise + from, n), expected = 0;
      for (int i = 0; i < n; i++) {
        expected += noise[from + i] != 0;
        CHECK(pg_bit(bits, i) == (noise[from + i] != 0), "%d+%d: %d", from, n,
              i);
      }
      CHECK(count == expected, "%d+%d: counted %d", from, n, (int)count);
      CHECK(n % 8 == 0 || bits[n / 8] >> (n % 8) == 0, "%d+%d: rest", from, n);
      CHECK(bits[(n + 7) / 8] == 0xa5, "%d+%d: wrote behind the end", from, n);
    }
  }
}

static void packs_every_byte(void)
{
  for (int byte = 0; byte < 256; byte++) {
    uint8_t bytes[8], bits[1];
    memset(bytes, 0, sizeof bytes);
    for (int i = 0; i < 8; i++) {
      bytes[i] = (uint8_t)byte;
      pg_bits_pack(bits, bytes, 8);
      CHECK(bits[0] == (byte ? (1 << (i + 1)) - 1 : 0), "%d, %d", byte, i);
    }
  }
}

static void spreads_copies_and_counts(void)
{
  for (int from = 0; from < ROWS; from++) {
    for (int n = 0; from + n <= ROWS; n++) {
      uint8_t bytes[ROWS + 1], bits[16];
      memset(bytes, 0xa5, sizeof bytes);
      memset(bits, 0xa5, sizeof bits);
      pg_bits_spread(bytes, noise_bits, from, n);
      pg_bits_copy(bits, noise_bits, from, n);
      int64_t expected = 0;
      for (int i = 0; i < n; i++) {
        int bit = noise[from + i] != 0;
        expected += bit;
        CHECK(bytes[i] == bit, "%d+%d: spread %d", from, n, i);
        CHECK(pg_bit(bits, i) == bit, "%d+%d: copied %d", from, n, i);
      }
      CHECK(bytes[n] == 0xa5, "%d+%d: spread behind the end", from, n);
      CHECK(n % 8 == 0 || bits[n / 8] >> (n % 8) == 0, "%d+%d: rest", from, n);
      CHECK(bits[(n + 7) / 8] == 0xa5, "%d+%d: copied behind the end", from, n);
      int64_t count = pg_bits_count(noise_bits, from, n);
      CHECK(count == expected, "%d+%d: counted %d", from, n, (int)count);
    }
  }
}

/* A bitmap in a block of exactly its size, for the sanitizers. */
static void reads_no_byte_too_many(void)
{
  for (int rows = 1; rows <= 24; rows++) {
    size_t size = (size_t)(rows + 7) / 8;
    uint8_t *bits = calloc(1, size);
    uint8_t out[8];
    for (int from = 0; from <= rows; from++) {
      pg_bits_copy(out, bits, from, rows - from);
      CHECK(pg_bits_count(bits, from, rows - from) == 0, "%d of %d", from,
            rows);
    }
    free(bits);
  }
}

int main(void)
{
  make_noise();
  reads_and_sets_single_bits();
  packs();
  packs_every_byte();
  spreads_copies_and_counts();
  reads_no_byte_too_many();
  return 0;
}
