/* pow10.h - powers of ten to 128 bits, for reading and printing doubles. */
#ifndef JSON_POW10_H
#define JSON_POW10_H
#include <stdint.h>

#define JSON_POW10_MIN (-342) /* below: 0, whatever the 64-bit digits */
#define JSON_POW10_MAX 324    /* printing the smallest double needs it */

/* The 128 highest bits of 10^e, the first of them 1, the rest cut off. */
struct json_pow10 {
  uint64_t high, low;
};

/* Fills the table; once is enough, more often does no harm.  Thread: any. */
void json_pow10_prepare(void);
struct json_pow10 json_pow10(int e);

/* 10^0 .. 10^19 */
extern const uint64_t json_ten[20];
/* 10^0 .. 10^22, all exact */
extern const double json_ten_f64[23];
#endif
