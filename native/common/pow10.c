/* pow10.c - powers of ten to 128 bits.
 *
 * 10^e is 5^e shifted, so the table holds the leading bits of powers of five.
 * They are computed with long integers, in about 20 us: 5^e by multiplying, and
 * for 5^-e the integer part of 2^1023 / 5^e, whose leading bits are the same.
 */
#include "pow10.h"

#include <pthread.h>

enum { LIMBS = 16 }; /* 64 bits each, lowest first */

static struct number_pow10 table[NUMBER_POW10_MAX - NUMBER_POW10_MIN + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

const uint64_t number_tens_u64[20] = {
  1u,
  10u,
  100u,
  1000u,
  10000u,
  100000u,
  1000000u,
  10000000u,
  100000000u,
  1000000000u,
  10000000000u,
  100000000000u,
  1000000000000u,
  10000000000000u,
  100000000000000u,
  1000000000000000u,
  10000000000000000u,
  100000000000000000u,
  1000000000000000000u,
  10000000000000000000u,
};

const double number_tens_f64[23] = {
  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

static struct number_pow10 leading_bits(const uint64_t *limbs)
{
  int top = LIMBS - 1;
  while (limbs[top] == 0) {
    top--;
  }
  uint64_t a = limbs[top];
  uint64_t b = top > 0 ? limbs[top - 1] : 0;
  uint64_t c = top > 1 ? limbs[top - 2] : 0;
  int shift = __builtin_clzll(a);
  if (shift == 0) {
    return (struct number_pow10){a, b};
  }
  return (struct number_pow10){a << shift | b >> (64 - shift),
                               b << shift | c >> (64 - shift)};
}

static void times_five(uint64_t *limbs)
{
  unsigned __int128 carry = 0;
  for (int i = 0; i < LIMBS; i++) {
    carry += (unsigned __int128)limbs[i] * 5;
    limbs[i] = (uint64_t)carry;
    carry >>= 64;
  }
}

static void by_five(uint64_t *limbs)
{
  unsigned __int128 rest = 0;
  for (int i = LIMBS - 1; i >= 0; i--) {
    rest = rest << 64 | limbs[i];
    limbs[i] = (uint64_t)(rest / 5);
    rest %= 5;
  }
}

static void fill(void)
{
  uint64_t up[LIMBS] = {1};
  for (int e = 0; e <= NUMBER_POW10_MAX; e++) {
    table[e - NUMBER_POW10_MIN] = leading_bits(up);
    times_five(up);
  }
  uint64_t down[LIMBS] = {0};
  down[LIMBS - 1] = (uint64_t)1 << 63;
  for (int e = -1; e >= NUMBER_POW10_MIN; e--) {
    by_five(down);
    table[e - NUMBER_POW10_MIN] = leading_bits(down);
  }
}

struct number_pow10 number_pow10(int e)
{
  pthread_once(&once, fill);
  return table[e - NUMBER_POW10_MIN];
}
