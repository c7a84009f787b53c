/* pow10.h - powers of ten to 128 bits, for reading and printing doubles. */
#ifndef PERIGEE_NUMBER_POW10_H
#define PERIGEE_NUMBER_POW10_H
#include <stdint.h>

#define NUMBER_POW10_MIN (-342) /* below: 0, whatever the 64-bit digits */
#define NUMBER_POW10_MAX 324    /* printing the smallest double needs it */

/* The 128 highest bits of 10^e, the first of them 1, the rest cut off. */
struct number_pow10 {
  uint64_t high, low;
};

/* Thread: any.  The first call fills a table. */
struct number_pow10 number_pow10(int e);

/* 10^0 .. 10^19 */
extern const uint64_t number_tens_u64[20];
/* 10^0 .. 10^22, all exact */
extern const double number_tens_f64[23];
#endif
