/* exact.h - sums of doubles without any rounding, so that neither the order nor
 * the partition of the values shows in the last bit.
 *
 * The "small superaccumulator" of Radford M. Neal, "Fast exact summation using
 * small and large superaccumulators" (arXiv:1505.05571, 2015): a number with a
 * digit for each 32 powers of two.  A digit has 64 bits, and so takes many
 * additions before it must be carried.  Unlike Neal's, which is 67 digits long,
 * this one holds a window of digits that grows: the values of a group rarely
 * differ by more than 2^100.
 */
#ifndef PERIGEE_AGGREGATES_EXACT_H
#define PERIGEE_AGGREGATES_EXACT_H
#include "state.h"

/* Digit i of all has the weight 2^(32 i - 1075); 0 to 64 take values, 65 and 66
 * what is carried. */
#define EXACT_DIGITS 67
#define EXACT_INF 1u
#define EXACT_MINUS_INF 2u
#define EXACT_NAN 4u

struct exact {     /* the zeroed struct is 0 */
  int64_t *digits; /* owned; digits[k] is digit first + k */
  uint32_t first, count;
  uint32_t left;    /* additions before a carry is due */
  uint32_t special; /* EXACT_*: what is no finite number */
};

/* The way of exact_add() for what is rare.  False: no memory, told. */
bool exact_add_slowly(peri_cx *cx, struct exact *exact, double value);

bool exact_join(peri_cx *cx, struct exact *into, const struct exact *from);

/* The sum, with a 128-bit integer added to it, rounded to the nearest double.
 */
double exact_round(const struct exact *exact, int64_t high, uint64_t low);

void exact_fini(peri_cx *cx, struct exact *exact);

/* False: no memory, told. */
static inline bool exact_add(peri_cx *cx, struct exact *exact, double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t exponent = bits >> 52 & 0x7FF, place = exponent >> 5;
  uint32_t index = place - exact->first; /* below it: very large */
  if (__builtin_expect(exponent - 1 >= 0x7FE || index + 1 >= exact->count ||
                         index + 1 == 0 || exact->left == 0,
                       0)) {
    return exact_add_slowly(cx, exact, value);
  }
  const uint64_t implicit = UINT64_C(1) << 52;
  uint64_t mantissa = (bits & (implicit - 1)) | implicit;
  int64_t sign = (int64_t)bits >> 63;
  int64_t low = (int64_t)(uint32_t)(mantissa << (exponent & 31));
  int64_t high = (int64_t)(mantissa >> (32 - (exponent & 31)));
  exact->digits[index] += (low ^ sign) - sign;
  exact->digits[index + 1] += (high ^ sign) - sign;
  exact->left--;
  return true;
}
#endif
