/* decimal.c - the double nearest to a decimal.
 *
 * Up to 19 digits go through the method of Eisel and Lemire ("Number parsing at
 * a gigabyte per second", 2021): 64 bits of digits times 128 bits of a power of
 * ten decide all cases but those with more digits that lie half way between
 * two doubles; strtod() settles these.
 */
#define _GNU_SOURCE /* strtod_l */
#include "decimal.h"

#include "pow10.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static double from_bits(uint64_t bits)
{
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

struct product {
  uint64_t high, low;
};

static struct product multiply(uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128)a * b;
  return (struct product){(uint64_t)(product >> 64), (uint64_t)product};
}

/* digits * 10^exponent to at least 55 bits; digits has its highest bit set. */
static struct product approximate(uint64_t digits, int exponent)
{
  struct number_pow10 power = number_pow10(exponent);
  /* The proof wants these rounded up. */
  power.low += exponent < 0 && exponent >= -27;
  power.high += exponent < 0 && exponent >= -27 && power.low == 0;
  struct product product = multiply(digits, power.high);
  if ((product.high & 0x1FF) == 0x1FF) {
    struct product more = multiply(digits, power.low);
    product.low += more.high;
    product.high += product.low < more.high;
  }
  return product;
}

static double eisel_lemire(uint64_t digits, int exponent)
{
  if (digits == 0 || exponent < NUMBER_POW10_MIN) {
    return 0;
  }
  if (exponent > 308) {
    return INFINITY;
  }
  int zeros = __builtin_clzll(digits);
  struct product product = approximate(digits << zeros, exponent);
  int top = (int)(product.high >> 63), shift = top + 64 - 52 - 3;
  uint64_t mantissa = product.high >> shift;
  int power = ((217706 * exponent) >> 16) + 63 + top - zeros + 1023;
  if (power <= 0) { /* subnormal, or too small */
    if (power <= -63) {
      return 0;
    }
    mantissa >>= 1 - power;
    return from_bits((mantissa + (mantissa & 1)) >> 1);
  }
  if (product.low <= 1 && exponent >= -4 && exponent <= 23 &&
      (mantissa & 3) == 1 && mantissa << shift == product.high) {
    mantissa &= ~(uint64_t)1; /* half way: to even */
  }
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  power += mantissa >> 53 != 0;
  if (power >= 0x7FF) {
    return INFINITY;
  }
  return from_bits((mantissa >> 53 ? 0 : mantissa & ~((uint64_t)1 << 52)) |
                   (uint64_t)power << 52);
}

double number_decimal(uint64_t digits, int exponent, bool cut)
{
  if (!cut && digits >> 53 == 0 && exponent >= -22 && exponent <= 22) {
    double whole = (double)(int64_t)digits;
    return exponent < 0 ? whole / number_tens_f64[-exponent]
                        : whole * number_tens_f64[exponent];
  }
  double value = eisel_lemire(digits, exponent);
  return cut && value != eisel_lemire(digits + 1, exponent) ? -1 : value;
}

static locale_t c_locale;

static void make_locale(void)
{
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

double number_strtod(const char *text)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_locale);
  return c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
}
