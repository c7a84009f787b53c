/* number_text.h - numbers from text and back, alike in every plugin.
 *
 * Reading knows two grammars.  The strict one is JSON's, and is what decoders
 * use to guess: "007", "+1", ".5" and "0x1" are no numbers.  The lenient one is
 * for columns that somebody declared to be numbers.
 */
#ifndef PERIGEE_NUMBER_TEXT_H
#define PERIGEE_NUMBER_TEXT_H
#include "decimal.h"
#include "print.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define NUMBER_NONE 0
#define NUMBER_I64 1 /* a whole number that prints as the same text */
#define NUMBER_F64 2
#define NUMBER_BIG 3 /* a whole number outside of i64, or "-0" */

/* Longest text that is read; f64 needs up to 770. */
#define NUMBER_LEN_MAX 1100

/* A scanned number: sign, up to 19 digits, and where the point is. */
struct number_parts {
  uint64_t digits;
  int32_t exponent; /* value = digits * 10^exponent, when exact */
  int32_t n_digits; /* without leading zeros */
  bool negative, whole, exact;
};

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
static inline double number_to_f64(const struct number_parts *parts,
                                   const char *text, size_t len)
{
  int exponent = parts->exponent < -99999  ? -99999
                 : parts->exponent > 99999 ? 99999
                                           : parts->exponent;
  double value = number_decimal(parts->digits, exponent, !parts->exact);
  if (value < 0) {
    char copy[NUMBER_LEN_MAX + 1];
    memcpy(copy, text, len);
    copy[len] = '\0';
    return number_strtod(copy);
  }
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
  return (size_t)(number_put_u64(to, value) - to);
}

static inline size_t number_print_i64(char *to, int64_t value)
{
  return (size_t)(number_put_i64(to, value) - to);
}

static inline size_t number_print_f64(char *to, double value)
{
  return (size_t)(number_put_f64(to, value) - to);
}

static inline size_t number_print_f32(char *to, float value)
{
  return (size_t)(number_put_f32(to, value) - to);
}
#endif
