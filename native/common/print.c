/* print.c - numbers as text.
 *
 * Doubles of few decimals, which most data are, are tried first: if v times
 * 10^6 rounds to an integer of at most 15 digits that, divided by 10^6, gives v
 * again, these digits are the shortest.  The others go through Schubfach
 * (Giulietti, "The Schubfach way to render doubles", 2020).
 */
#include "print.h"

#include "pow10.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define E8 100000000u

static int count_digits(uint64_t value)
{
  /* log10(2) = 1233 / 4096; a guess that is at most one too large */
  int guess = ((64 - __builtin_clzll(value | 1)) * 1233) >> 12;
  return guess + (value >= number_tens_u64[guess] || guess == 0);
}

static char *put_8(char *to, uint32_t value)
{
  digits_store(to, digits8(value));
  return to + 8;
}

char *number_put_long(char *to, uint64_t value)
{
  uint64_t high = value / E8;
  to = high < E8
         ? digits_put(to, (uint32_t)high)
         : put_8(digits_put(to, (uint32_t)(high / E8)), (uint32_t)(high % E8));
  return put_8(to, (uint32_t)(value % E8));
}

/* `count` digits, all there are. */
static char *print_digits(char *to, uint64_t value, int count)
{
  number_put_u64(to, value);
  return to + count;
}

/* --------------------------------------------------------- shortest decimals
 */

struct decimal {
  uint64_t digits;
  int exponent; /* value = digits * 10^exponent */
};

/* A positive binary fraction c * 2^q, and its neighbours. */
struct binary {
  uint64_t c;
  int q;
  bool lower_is_near; /* c is a power of two: half the distance below */
};

static int floor_log2_pow10(int e)
{
  return (e * 1741647) >> 19;
}

/* floor(log10(2^e)), or of 3/4 * 2^e */
static int floor_log10_pow2(int e, bool three_quarters)
{
  return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* The high part of x * g, the lowest bit set when anything was cut off. */
static uint64_t round_to_odd(struct number_pow10 g, uint64_t x)
{
  unsigned __int128 low = (unsigned __int128)g.low * x;
  unsigned __int128 all = (unsigned __int128)g.high * x + (uint64_t)(low >> 64);
  return (uint64_t)(all >> 64) | ((uint64_t)all > 1);
}

static struct decimal shortest(const struct binary *v)
{
  int k = floor_log10_pow2(v->q, v->lower_is_near);
  int h = v->q + floor_log2_pow10(-k) + 1;
  struct number_pow10 g = number_pow10(-k);
  if (-k < 0 || -k > 55) { /* not exact: the method wants it rounded up */
    g.low++;
    g.high += g.low == 0;
  }
  bool odd = v->c & 1;
  uint64_t middle = round_to_odd(g, (4 * v->c) << h);
  uint64_t lower =
    round_to_odd(g, (4 * v->c - 2 + v->lower_is_near) << h) + odd;
  uint64_t upper = round_to_odd(g, (4 * v->c + 2) << h) - odd;
  uint64_t s = middle / 4, tens = s / 10;
  if (s >= 10) {
    bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
    if (down != up) {
      return (struct decimal){tens + up, k + 1};
    }
  }
  bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
  if (down != up) {
    return (struct decimal){s + up, k};
  }
  uint64_t half = 4 * s + 2;
  up = middle > half || (middle == half && (s & 1));
  return (struct decimal){s + up, k};
}

static char *print_exponent(char *to, int exponent)
{
  *to++ = 'e';
  return number_put_i64(to, exponent);
}

/* 12300 -> 123e2 */
static struct decimal without_zeros(struct decimal d)
{
  while (d.digits % 10 == 0) {
    d.digits /= 10;
    d.exponent++;
  }
  return d;
}

/* Digits with the point `exponent` places from the right; exponent < 0. */
static char *print_point(char *to, struct decimal d, int count)
{
  int before = count + d.exponent; /* digits before the point */
  if (before > 0) {
    char *end = print_digits(to, d.digits, count);
    memmove(to + before + 1, to + before, (size_t)-d.exponent);
    to[before] = '.';
    return end + 1;
  }
  memcpy(to, "0.0000000", 8);
  return print_digits(to + 2 - before, d.digits, count);
}

#define INTEGRAL_DIGITS 18 /* of the longest number without an exponent */

static char *print_decimal(char *to, struct decimal d)
{
  d = without_zeros(d);
  int count = count_digits(d.digits);
  int before = count + d.exponent;
  if (d.exponent < 0 && before > -6) {
    return print_point(to, d, count);
  }
  if (d.exponent >= 0 && before <= INTEGRAL_DIGITS) { /* of an f32 */
    print_digits(to, d.digits, count);
    memset(to + count, '0', (size_t)d.exponent);
    return to + before;
  }
  /* 1.5e300: one digit before the point */
  char *end = print_digits(to + 1, d.digits, count);
  to[0] = to[1];
  if (count > 1) {
    to[1] = '.';
  } else {
    end = to + 1;
  }
  return print_exponent(end, before - 1);
}

static char *print_special(char *to, double value)
{
  if (isnan(value)) {
    memcpy(to, "nan", 3);
    return to + 3;
  }
  *to = '-';
  to += value < 0;
  memcpy(to, "inf", 3);
  return to + 3;
}

/* Integral values from -2^63 up to 2^63, which any int64 may have become. */
static char *print_integral(char *to, double value)
{
  if (value == 0 && signbit(value)) {
    memcpy(to, "-0.0", 4); /* "-0" would read back as the integer */
    return to + 4;
  }
  return number_put_i64(to, (int64_t)value);
}

static char *print_fraction(char *to, uint64_t millionths)
{
  uint64_t decimals = digits8((uint32_t)(millionths % 1000000) * 100);
  to = number_put_u64(to, millionths / 1000000);
  *to = '.';
  digits_store(to + 1, decimals);
  return to + 1 + 8 - __builtin_clzll(decimals) / 8;
}

char *number_put_f64(char *to, double value)
{
  if (!isfinite(value)) {
    return print_special(to, value);
  }
  if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 &&
      value == (double)(int64_t)value) {
    return print_integral(to, value);
  }
  double size = fabs(value);
  *to = '-';
  to += value < 0;
  if (size < 1e9 && size > 1e-4) {
    uint64_t millionths = (uint64_t)(size * 1e6 + 0.5);
    if ((double)(int64_t)millionths / 1e6 == size) {
      return print_fraction(to, millionths);
    }
  }
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
  int exponent = (int)(bits >> 52);
  struct binary v = {fraction, 1 - 1075, false};
  if (exponent != 0) {
    v = (struct binary){fraction | (uint64_t)1 << 52, exponent - 1075,
                        fraction == 0 && exponent > 1};
  }
  return print_decimal(to, shortest(&v));
}

char *number_put_f32(char *to, float value)
{
  float size = fabsf(value);
  if (!isfinite(value)) {
    return print_special(to, value);
  }
  if (size < 16777216.0f && size == (float)(int32_t)size) {
    return print_integral(to, value);
  }
  *to = '-';
  to += value < 0;
  uint32_t bits;
  memcpy(&bits, &size, sizeof bits);
  uint32_t fraction = bits & 0x7FFFFF;
  int exponent = (int)(bits >> 23);
  struct binary v = {fraction, 1 - 150, false};
  if (exponent != 0) {
    v = (struct binary){fraction | 0x800000, exponent - 150,
                        fraction == 0 && exponent > 1};
  }
  return print_decimal(to, shortest(&v));
}
