/* json_number.h - reads JSON numbers.
 *
 * An integer that fits int64 is one; another number is the nearest double.  A
 * number that is neither (an integer of 30 digits, 1e999) stays text.
 */
#ifndef PERIGEE_JSON_NUMBER_H
#define PERIGEE_JSON_NUMBER_H
#include "load.h"
#include "pow10.h"
#include "special.h"

#include <stddef.h>

enum json_number_kind { JSON_INTEGER, JSON_DOUBLE, JSON_HUGE };

struct json_number {
  enum json_number_kind kind;
  int64_t integer; /* JSON_INTEGER */
  double f64;      /* JSON_DOUBLE; JSON_HUGE: the nearest, or infinity */
};

/* Reads the number at p, that begins with a digit or '-'; its end, or NULL
 * when it is none.  A byte that belongs to no number lies behind it. */
const char *json_number_any(const char *p, struct json_number *number);

/* How many of the 8 bytes, lowest first, are digits before the first that is
 * none. */
static inline unsigned json_digit_count(uint64_t word)
{
  uint64_t x = word ^ 0x3030303030303030u; /* digits: 0 to 9 */
  uint64_t other = ((x + 0x7676767676767676u) | x) & 0x8080808080808080u;
  return other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
}

/* The value of the first n digits, 1 to 8. */
static inline uint64_t json_digits(uint64_t word, unsigned n)
{
  uint64_t x = (word ^ 0x3030303030303030u) << (64 - 8 * n);
  x = x * 10 + (x >> 8);
  return ((x & 0x000000FF000000FFu) * 0x000F424000000064u +
          ((x >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >>
         32;
}

/* Joins number->integer, of at most 7 digits, with the first n digits behind
 * its point, 1 to 7. */
static inline void json_number_join(struct json_number *number, uint64_t word,
                                    unsigned n)
{
  int64_t all = number->integer * (int64_t)number_tens_u64[n] +
                (int64_t)json_digits(word, n);
  /* Both are exact, so the quotient is the nearest double. */
  number->f64 = (double)all / number_tens_f64[n];
  number->kind = JSON_DOUBLE;
}

/* The same, and leaves *number where the compiler had it: in registers. */
static inline const char *json_number_slow(const char *p,
                                           struct json_number *number)
{
  struct json_number any;
  const char *end = json_number_any(p, &any);
  *number = any;
  return end;
}

/* The same as json_number_any(), quick for up to 7 digits before and after the
 * point. */
static inline const char *json_number(const char *p, struct json_number *number)
{
  bool minus = *p == '-';
  const char *at = p + minus;
  uint64_t word = load64(at);
  unsigned n = json_digit_count(word);
  if (JSON_NEVER(n - 1 >= 7 || (*at == '0' && n > 1))) {
    return json_number_slow(p, number);
  }
  number->integer = (int64_t)json_digits(word, n);
  at += n;
  if (*at != '.') {
    number->kind = JSON_INTEGER;
    number->integer = minus ? -number->integer : number->integer;
    return JSON_NEVER((*at | 0x20) == 'e') ? json_number_slow(p, number) : at;
  }
  word = load64(++at);
  n = json_digit_count(word);
  if (JSON_NEVER(n - 1 >= 7 || (at[n] | 0x20) == 'e')) {
    return json_number_slow(p, number);
  }
  json_number_join(number, word, n);
  number->f64 = minus ? -number->f64 : number->f64;
  return at + n;
}
#endif
