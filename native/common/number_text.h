/* number_text.h - numbers from text and back, alike in every plugin.
 *
 * Reading knows two grammars.  The strict one is JSON's, and is what decoders
 * use to guess: "007", "+1", ".5" and "0x1" are no numbers.  The lenient one is
 * for columns that somebody declared to be numbers.
 */
#ifndef PERIGEE_NUMBER_TEXT_H
#define PERIGEE_NUMBER_TEXT_H
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_NONE 0
#define NUMBER_I64 1 /* a whole number that prints as the same text */
#define NUMBER_F64 2
#define NUMBER_BIG 3 /* a whole number outside of i64, or "-0" */

#define NUMBER_LEN_MAX                                                         \
  1100                 /* longest text that is read; f64 needs up to 770       \
                        */
#define NUMBER_ROOM 40 /* longest text that is written */

/* A scanned number: sign, up to 19 digits, and where the point is. */
struct number_parts {
  uint64_t digits;
  int32_t exponent; /* value = digits * 10^exponent, when exact */
  int32_t n_digits; /* without leading zeros */
  bool negative, whole, exact;
};

static const double number_tens[] = {
  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline bool number_is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

static inline const char *number_scan_digits(struct number_parts *parts,
                                             const char *at, const char *end)
{
  for (; at < end && number_is_digit(*at); at++) {
    if (parts->n_digits < 19) {
      parts->digits = parts->digits * 10 + (uint64_t)(*at - '0');
      parts->n_digits += parts->digits != 0;
    } else {
      parts->exact = false;
      parts->n_digits++;
      parts->exponent++;
    }
  }
  return at;
}

/* Reads "e-12"; NULL when it is not complete. */
static inline const char *number_scan_exponent(struct number_parts *parts,
                                               const char *at, const char *end)
{
  bool negative = ++at < end && *at == '-';
  int32_t value = 0;
  at += at < end && (*at == '-' || *at == '+');
  if (at == end || !number_is_digit(*at)) {
    return NULL;
  }
  for (; at < end && number_is_digit(*at); at++) {
    value = value < 100000 ? value * 10 + (*at - '0') : value;
  }
  parts->exponent += negative ? -value : value;
  return at;
}

/* Reads the whole text as a number; false when it is none. */
static inline bool number_scan(struct number_parts *parts, const char *text,
                               size_t len, bool strict)
{
  const char *at = text, *end = text + len;
  *parts = (struct number_parts){.whole = true, .exact = true};
  if (at < end && (*at == '-' || (*at == '+' && !strict))) {
    parts->negative = *at++ == '-';
  }
  const char *first = at;
  at = number_scan_digits(parts, at, end);
  size_t before = (size_t)(at - first), after = 0;
  if (strict && (before == 0 || (*first == '0' && before > 1))) {
    return false;
  }
  if (at < end && *at == '.') {
    first = ++at;
    at = number_scan_digits(parts, at, end);
    after = (size_t)(at - first);
    parts->exponent -= (int32_t)(after < 1000000 ? after : 1000000);
    parts->whole = false;
    if (strict && after == 0) {
      return false;
    }
  }
  if (before + after == 0) {
    return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at = number_scan_exponent(parts, at, end);
    parts->whole = false;
  }
  return at == end;
}

/* Any text that number_scan() accepted, rounded correctly. */
static inline double number_slow_f64(const char *text, size_t len)
{
  char copy[NUMBER_LEN_MAX + 1];
  memcpy(copy, text, len);
  copy[len] = '\0';
  /* A program may have called setlocale(), and then strtod() wants a comma.
   * glibc and musl give this locale from static memory. */
  locale_t before = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
  double value = strtod(copy, NULL);
  uselocale(before);
  return value;
}

static inline double number_to_f64(const struct number_parts *parts,
                                   const char *text, size_t len)
{
  double value = (double)parts->digits;
  /* Both operands are exact, so the one operation rounds correctly. */
  if (!parts->exact || parts->digits >> 53 || parts->exponent < -22 ||
      parts->exponent > 22) {
    return number_slow_f64(text, len);
  }
  value = parts->exponent < 0 ? value / number_tens[-parts->exponent]
                              : value * number_tens[parts->exponent];
  return parts->negative ? -value : value;
}

static inline bool number_fits_i64(const struct number_parts *parts)
{
  return parts->whole && parts->exact &&
         parts->digits <= (uint64_t)INT64_MAX + parts->negative;
}

static inline int64_t number_to_i64(const struct number_parts *parts)
{
  return (int64_t)(parts->negative ? 0 - parts->digits : parts->digits);
}

/* Guesses: NUMBER_*; sets the value of that type. */
static inline int number_guess(const char *text, size_t len, int64_t *whole,
                               double *value)
{
  struct number_parts parts;
  if (len == 0 || len > NUMBER_LEN_MAX ||
      !number_scan(&parts, text, len, true)) {
    return NUMBER_NONE;
  }
  if (!parts.whole) {
    *value = number_to_f64(&parts, text, len);
    return isfinite(*value) ? NUMBER_F64 : NUMBER_NONE;
  }
  if (!number_fits_i64(&parts) || (parts.negative && parts.digits == 0)) {
    return NUMBER_BIG;
  }
  *whole = number_to_i64(&parts);
  return NUMBER_I64;
}

/* Reads a declared whole number: a sign and leading zeros may be there. */
static inline bool number_i64(const char *text, size_t len, int64_t *value)
{
  struct number_parts parts;
  if (len > NUMBER_LEN_MAX || !number_scan(&parts, text, len, false) ||
      !number_fits_i64(&parts)) {
    return false;
  }
  *value = number_to_i64(&parts);
  return true;
}

static inline bool number_u64(const char *text, size_t len, uint64_t *value)
{
  struct number_parts parts;
  if (len > NUMBER_LEN_MAX || !number_scan(&parts, text, len, false) ||
      !parts.whole || (parts.negative && parts.digits)) {
    return false;
  }
  *value = parts.digits;
  /* The 20th digit of 2^64 - 1 went to the exponent. */
  if (parts.exponent == 1) {
    uint64_t last = (uint64_t)(text[len - 1] - '0');
    return !__builtin_mul_overflow(parts.digits, (uint64_t)10, value) &&
           !__builtin_add_overflow(*value, last, value);
  }
  return parts.exact;
}

/* nan, inf, -infinity in any case */
static inline bool number_special(const char *text, size_t len, double *value)
{
  char word[10] = {0};
  bool negative = len > 0 && *text == '-';
  text += negative;
  len -= negative;
  if (len < 3 || len > 8) {
    return false;
  }
  for (size_t i = 0; i < len; i++) {
    word[i] = (char)(text[i] | 0x20);
  }
  bool infinite = strcmp(word, "inf") == 0 || strcmp(word, "infinity") == 0;
  *value = infinite ? (double)INFINITY : (double)NAN;
  *value = negative ? -*value : *value;
  return infinite || strcmp(word, "nan") == 0;
}

/* Reads a declared number, also "nan" and "inf". */
static inline bool number_f64(const char *text, size_t len, double *value)
{
  struct number_parts parts;
  if (len > NUMBER_LEN_MAX) {
    return false;
  }
  if (!number_scan(&parts, text, len, false)) {
    return number_special(text, len, value);
  }
  *value = number_to_f64(&parts, text, len);
  return true;
}

/* ------------------------------------------------------------------- printing
 * Each writes at most NUMBER_ROOM bytes, no NUL, and returns how many. */

static inline size_t number_print_u64(char *to, uint64_t value)
{
  char digits[20];
  size_t n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  for (size_t i = 0; i < n; i++) {
    to[i] = digits[n - 1 - i];
  }
  return n;
}

static inline size_t number_print_i64(char *to, int64_t value)
{
  if (value >= 0) {
    return number_print_u64(to, (uint64_t)value);
  }
  *to = '-';
  return 1 + number_print_u64(to + 1, 0 - (uint64_t)value);
}

/* Places the point in `digits` (n of them, no zeros at the end) so that the
 * value is 0.DIGITS * 10^point. */
static inline size_t number_layout(char *to, const char *digits, size_t n,
                                   int32_t point)
{
  char *at = to;
  if (point > 21 || point < -5) {
    *at++ = digits[0];
    if (n > 1) {
      *at++ = '.';
      memcpy(at, digits + 1, n - 1);
      at += n - 1;
    }
    *at++ = 'e';
    return (size_t)(at - to) + number_print_i64(at, point - 1);
  }
  if (point <= 0) {
    memcpy(at, "0.00000", (size_t)(2 - point));
    at += 2 - point;
    memcpy(at, digits, n);
    return (size_t)(at - to) + n;
  }
  for (size_t i = 0; i < n || (int32_t)i < point; i++) {
    if ((int32_t)i == point) {
      *at++ = '.';
    }
    *at++ = i < n ? digits[i] : '0';
  }
  return (size_t)(at - to);
}

/* Digits and point of `value` at this precision; zeros at the end are left
 * out. */
static inline size_t number_print_at(char *to, double value, int precision)
{
  char text[40], digits[20];
  snprintf(text, sizeof text, "%.*e", precision, value);
  const char *at = text;
  size_t n = 0;
  for (; *at != 'e'; at++) { /* skips the point, which may be a comma */
    if (number_is_digit(*at)) {
      digits[n++] = *at;
    }
  }
  while (n > 1 && digits[n - 1] == '0') {
    n--;
  }
  return number_layout(to, digits, n, atoi(at + 1) + 1);
}

/* Any finite value above 0: the shortest digits that read back the same. */
static inline size_t number_slow_print(char *to, double value)
{
  size_t n = 0;
  /* Any decimal of 15 digits survives, but subnormal numbers have fewer. */
  for (int precision = value < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
    n = number_print_at(to, value, precision);
    if (number_slow_f64(to, n) == value) {
      break;
    }
  }
  return n;
}

/* A whole number has no ".0"; otherwise the shortest text that reads back the
 * same; "nan", "inf", "-inf". */
static inline size_t number_print_f64(char *to, double value)
{
  char *at = to;
  if (isnan(value)) {
    memcpy(to, "nan", 3);
    return 3;
  }
  if (signbit(value)) {
    *at++ = '-';
    value = -value;
  }
  if (isinf(value)) {
    memcpy(at, "inf", 3);
    return (size_t)(at - to) + 3;
  }
  /* Most values have few decimals: find them by scaling.  The quotient of two
   * exact numbers is the one double nearest to that decimal. */
  for (int k = 0; k <= 15 && value * number_tens[k] < 1e15; k++) {
    uint64_t scaled = (uint64_t)(value * number_tens[k] + 0.5);
    if ((double)scaled / number_tens[k] == value) {
      char digits[20];
      size_t n = number_print_u64(digits, scaled);
      int32_t point = (int32_t)n - k;
      while (n > 1 && digits[n - 1] == '0') {
        n--;
      }
      return (size_t)(at - to) + number_layout(at, digits, n, point);
    }
  }
  return (size_t)(at - to) + number_slow_print(at, value);
}

static inline size_t number_print_f32(char *to, float value)
{
  char *at = to;
  size_t n = 0;
  if (isnan(value) || isinf(value) || value == 0) {
    return number_print_f64(to, value);
  }
  if (signbit(value)) {
    *at++ = '-';
    value = -value;
  }
  for (int precision = value < FLT_MIN ? 0 : 5; precision <= 8; precision++) {
    n = number_print_at(at, value, precision);
    if ((float)number_slow_f64(at, n) == value) {
      break;
    }
  }
  return (size_t)(at - to) + n;
}
#endif
