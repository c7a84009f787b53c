/* digits.h - eight decimal digits at once. */
#ifndef PERIGEE_DIGITS_H
#define PERIGEE_DIGITS_H
#include <stdint.h>
#include <string.h>

/* The digits of a value below 10^8, a byte each, 0 to 9, the first one lowest:
 * it is parted into two by 10^4, four by 100 and eight by 10, all side by side
 * in one word, each time by a multiplication that is exact in this range. */
static inline uint64_t digits8(uint32_t value)
{
  uint64_t high = value / 10000;
  uint64_t x = high | (uint64_t)(value - high * 10000) << 32;
  uint64_t t = ((x * 10486) >> 20) & 0x0000007F0000007Fu;
  x = t | (x - 100 * t) << 16;
  t = ((x * 103) >> 10) & 0x000F000F000F000Fu;
  return t | (x - 10 * t) << 8;
}

/* Writes 8 bytes, the lowest one first. */
static inline void digits_store(char *to, uint64_t digits)
{
  digits |= 0x3030303030303030u;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(to, &digits, 8);
#else
  for (int i = 0; i < 8; i++) {
    to[i] = (char)(digits >> 8 * i);
  }
#endif
}

/* Writes a value below 10^8 without leading zeros, and up to 7 bytes behind it;
 * its end. */
static inline char *digits_put(char *to, uint32_t value)
{
  uint64_t digits = digits8(value);
  int zeros = __builtin_ctzll(digits | (uint64_t)1 << 56) / 8;
  digits_store(to, digits >> 8 * zeros);
  return to + 8 - zeros;
}
#endif
