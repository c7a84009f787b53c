/* number.c - reads JSON numbers, exactly rounded.
 *
 * Up to 19 digits go through the method of Eisel and Lemire ("Number parsing at
 * a gigabyte per second", 2021): 64 bits of digits times 128 bits of a power of
 * ten decide all cases but those with more digits that lie half way between
 * two doubles; strtod() settles these.
 */
#define _GNU_SOURCE /* strtod_l */
#include "number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#define DIGITS_MAX 19      /* that always fit 64 bits */
#define EXPONENT_MAX 99999 /* more is as good as infinite */

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
  struct json_pow10 power = json_pow10(exponent);
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
  if (digits == 0 || exponent < JSON_POW10_MIN) {
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

double json_decimal(uint64_t digits, int exponent, bool cut)
{
  if (!cut && digits >> 53 == 0 && exponent >= -22 && exponent <= 22) {
    double whole = (double)(int64_t)digits;
    return exponent < 0 ? whole / json_ten_f64[-exponent]
                        : whole * json_ten_f64[exponent];
  }
  double value = eisel_lemire(digits, exponent);
  return cut && value != eisel_lemire(digits + 1, exponent) ? -1 : value;
}

static locale_t c_locale;

static void make_locale(void)
{
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double by_strtod(const char *text)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_locale);
  return c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
}

struct decimal {
  uint64_t digits;
  int count; /* of digits, without leading zeros */
  int64_t exponent;
  bool cut, integer; /* cut: further digits, not all 0, were left out */
};

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

static const char *read_digits(const char *p, struct decimal *d, int point)
{
  for (; is_digit(*p); p++) {
    if (d->count < DIGITS_MAX) {
      d->digits = d->digits * 10 + (uint64_t)(*p - '0');
      d->count += d->digits != 0;
      d->exponent -= point;
    } else {
      d->cut |= *p != '0';
      d->exponent += 1 - point;
    }
  }
  return p;
}

static const char *read_exponent(const char *p, struct decimal *d)
{
  bool minus = *p == '-';
  p += *p == '-' || *p == '+';
  if (!is_digit(*p)) {
    return NULL;
  }
  int64_t exponent = 0;
  for (; is_digit(*p); p++) {
    if (exponent <= EXPONENT_MAX) {
      exponent = exponent * 10 + (*p - '0');
    }
  }
  d->exponent += minus ? -exponent : exponent;
  return p;
}

static const char *read_decimal(const char *p, struct decimal *d)
{
  d->integer = true;
  if (!is_digit(*p) || (*p == '0' && is_digit(p[1]))) {
    return NULL;
  }
  p = read_digits(p, d, 0);
  if (*p == '.') {
    d->integer = false;
    if (!is_digit(p[1])) {
      return NULL;
    }
    p = read_digits(p + 1, d, 1);
  }
  if (*p == 'e' || *p == 'E') {
    d->integer = false;
    p = read_exponent(p + 1, d);
  }
  return p;
}

static void set_integer(struct json_number *number, const struct decimal *d,
                        bool minus)
{
  uint64_t max = (uint64_t)INT64_MAX + minus;
  bool fits = d->exponent == 0 && d->digits <= max;
  number->kind = fits ? JSON_INTEGER : JSON_HUGE;
  number->integer = (int64_t)(minus ? 0 - d->digits : d->digits);
}

static void set_double(struct json_number *number, const struct decimal *d,
                       const char *text, bool minus)
{
  int64_t e = d->exponent;
  e = e > EXPONENT_MAX ? EXPONENT_MAX : e < -EXPONENT_MAX ? -EXPONENT_MAX : e;
  double value = d->digits ? json_decimal(d->digits, (int)e, d->cut) : 0;
  value = value < 0 ? by_strtod(text) : value;
  number->kind = isinf(value) ? JSON_HUGE : JSON_DOUBLE;
  number->f64 = minus ? -value : value;
}

const char *json_number_any(const char *p, struct json_number *number)
{
  struct decimal decimal = {0};
  bool minus = *p == '-';
  const char *text = p + minus;
  const char *end = read_decimal(text, &decimal);
  if (end && decimal.integer) {
    set_integer(number, &decimal, minus);
  } else if (end) {
    set_double(number, &decimal, text, minus);
  }
  return end;
}
