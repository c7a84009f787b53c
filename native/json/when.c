/* when.c - moments from numbers. */
#include "when.h"

#include <math.h>

#define NS_PER_S INT64_C(1000000000)

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* Seconds with a fraction, from their digits: a double has too few. */
static bool from_fraction(double seconds, const char *text, int64_t *time)
{
  int64_t whole = (int64_t)seconds, ns = 0, unit = NS_PER_S;
  const char *p = text + (*text == '-');
  while (is_digit(*p)) {
    p++;
  }
  const char *point = p;
  for (p += *p == '.'; is_digit(*p); p++) {
    unit /= 10;
    ns += (*p - '0') * unit;
  }
  if (*point != '.' || *p == 'e' || *p == 'E') {
    bool fits = fabs(seconds) < 9.2e9;
    *time = fits ? (int64_t)llround(seconds * 1e9) : 0;
    return fits;
  }
  return !__builtin_mul_overflow(whole, NS_PER_S, time) &&
         !__builtin_add_overflow(*time, seconds < 0 ? -ns : ns, time);
}

bool json_time_of_number(const struct json_number *number, const char *text,
                         int64_t *time)
{
  int64_t value = number->integer;
  if (number->kind == JSON_HUGE) {
    return false;
  }
  if (number->kind == JSON_DOUBLE) {
    if (fabs(number->f64) < 1e11) {
      return from_fraction(number->f64, text, time);
    }
    if (fabs(number->f64) >= 9.2e18 || number->f64 != floor(number->f64)) {
      return false;
    }
    value = (int64_t)number->f64;
  }
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  int64_t unit = size < 100000000000u         ? NS_PER_S
                 : size < 100000000000000u    ? 1000000
                 : size < 100000000000000000u ? 1000
                                              : 1;
  return !__builtin_mul_overflow(value, unit, time);
}
