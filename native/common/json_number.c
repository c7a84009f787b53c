/* json_number.c - reads JSON numbers, exactly rounded. */
#include "json_number.h"

#include "decimal.h"

#include <math.h>

#define DIGITS_MAX 19      /* that always fit 64 bits */
#define EXPONENT_MAX 99999 /* more is as good as infinite */

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
  double value = d->digits ? number_decimal(d->digits, (int)e, d->cut) : 0;
  value = value < 0 ? number_strtod(text) : value;
  number->kind = isinf(value) ? JSON_HUGE : JSON_DOUBLE;
  number->f64 = minus ? -value : value;
}

const char *json_number_any(const char *p, struct json_number *number)
{
  struct decimal decimal = {0};
  *number = (struct json_number){.kind = JSON_HUGE};
  bool minus = *p == '-';
  const char *text = p + minus;
  const char *end = read_decimal(text, &decimal);
  if (end) {
    set_double(number, &decimal, text, minus);
  }
  if (end && decimal.integer) {
    set_integer(number, &decimal, minus);
  }
  return end;
}
