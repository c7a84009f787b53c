/* print.h - numbers as text: the shortest that reads back the same.
 *
 * The same value has the same text whatever type its column took, and in every
 * encoder: an integral double is printed as the integer is, as far as int64
 * reaches.  Each function writes at most NUMBER_ROOM bytes, no NUL, and returns
 * their end.
 */
#ifndef PERIGEE_NUMBER_PRINT_H
#define PERIGEE_NUMBER_PRINT_H
#include "digits.h"

#include <stdint.h>

#define NUMBER_ROOM 32

/* From 10^8 on. */
char *number_put_long(char *to, uint64_t value);

static inline char *number_put_u64(char *to, uint64_t value)
{
  return value < 100000000 ? digits_put(to, (uint32_t)value)
                           : number_put_long(to, value);
}

static inline char *number_put_i64(char *to, int64_t value)
{
  *to = '-';
  to += value < 0;
  return number_put_u64(to, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* "nan", "inf", "-inf" for what JSON has no text for; "-0.0", as "-0" reads
 * back as the integer. */
char *number_put_f64(char *to, double value);
char *number_put_f32(char *to, float value);
#endif
