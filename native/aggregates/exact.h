/* exact.h - sums of doubles without any rounding, so that neither the order nor
 * the partition of the values shows in the last bit.
 *
 * A window of 128 bits takes what is near the first value in size, which is
 * nearly always everything.  The rest, and what the window cannot hold any
 * more, goes to a "small superaccumulator" (Radford M. Neal, "Fast exact
 * summation using small and large superaccumulators", arXiv:1505.05571, 2015):
 * a number with a digit for each 32 powers of two, of 64 bits, so that it takes
 * many additions before a carry is due.  Here only the digits in use are there.
 *
 * Measured on one core of an EPYC: 2 ns for a value in the window, 7 for
 * others.
 */
#ifndef PERIGEE_AGGREGATES_EXACT_H
#define PERIGEE_AGGREGATES_EXACT_H
#include "state.h"

/* Digit i of all has the weight 2^(32 i - 1075); the last ones take what is
 * carried. */
#define EXACT_DIGITS 68
#define EXACT_WINDOW 64u /* exponents */

struct exact {  /* the zeroed struct is 0 */
  uint64_t low; /* of the window: (high * 2^64 + low) * 2^(end - 64 - 1075) */
  int64_t high;
  uint32_t end;     /* biased exponents [end - 64, end) go there; 0: none yet */
  uint32_t special; /* EXACT_*: what is no finite number */
  int64_t *digits;  /* owned; digits[k] is digit first + k */
  uint32_t first, count;
  uint32_t left; /* additions to digits before a carry is due */
};

/* The way of exact_add() for what is rare.  False: no memory, told. */
bool exact_add_slowly(peri_cx *cx, struct exact *exact, double value);

/* Empties the window, which is nearly full.  False: no memory, told. */
bool exact_spill(peri_cx *cx, struct exact *exact);

bool exact_join(peri_cx *cx, struct exact *into, const struct exact *from);

/* The sum, with a 128-bit integer added to it, rounded to the nearest double.
 */
double exact_round(const struct exact *exact, int64_t high, uint64_t low);

void exact_fini(peri_cx *cx, struct exact *exact);

/* Adds to the window (*high, *low), which ends at exponent `end`.  False: the
 * value does not belong there. */
static inline bool exact_add_near(int64_t *high, uint64_t *low, uint32_t end,
                                  double value)
{
  const uint64_t implicit = UINT64_C(1) << 52;
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t shift = (uint32_t)(bits >> 52 & 0x7FF) - (end - EXACT_WINDOW);
  if (shift >= EXACT_WINDOW) {
    return false;
  }
  int64_t sign = (int64_t)bits >> 63;
  int64_t mantissa =
    ((int64_t)((bits & (implicit - 1)) | implicit) ^ sign) - sign;
  /* The two halves of mantissa * 2^shift. */
  int64_t upper = mantissa >> 1 >> (63 - shift);
  uint64_t lower = (uint64_t)mantissa << shift;
  *high += upper + __builtin_add_overflow(*low, lower, low);
  return true;
}

/* One more value might not fit. */
static inline bool exact_is_full(int64_t high)
{
  return ((uint64_t)high + (UINT64_C(1) << 61)) >> 62 != 0;
}

/* False: no memory, told. */
static inline bool exact_add(peri_cx *cx, struct exact *exact, double value)
{
  if (!exact_add_near(&exact->high, &exact->low, exact->end, value)) {
    return exact_add_slowly(cx, exact, value);
  }
  return !exact_is_full(exact->high) || exact_spill(cx, exact);
}
#endif
