/* exact.c - sums of doubles without any rounding: what is rare, and the result.
 */
#include "exact.h"

#include <math.h>

/* A carried digit is below 2^32, and an addition changes a digit by less than
 * 2^33: 2^29 of them would fit, so few that tests get there cost nothing. */
#define ADDITIONS (1u << 12)

#define EXACT_INF 1u
#define EXACT_MINUS_INF 2u
#define EXACT_NAN 4u

#define ROUND_DIGITS (EXACT_DIGITS + 5)

/* Makes the window hold digits [from, to). */
static bool widen(peri_cx *cx, struct exact *exact, uint32_t from, uint32_t to)
{
  uint32_t end = exact->first + exact->count;
  if (exact->count > 0) {
    from = from < exact->first ? from : exact->first;
    to = to > end ? to : end;
  }
  uint32_t count = to - from;
  if (count == exact->count) {
    return true;
  }
  int64_t *digits = state_resize(cx, exact->digits, count * sizeof *digits);
  if (!digits) {
    return false;
  }
  uint32_t shift = exact->count > 0 ? exact->first - from : 0;
  if (exact->count > 0) {
    memmove(digits + shift, digits, exact->count * sizeof *digits);
  }
  memset(digits, 0, shift * sizeof *digits);
  memset(digits + shift + exact->count, 0,
         (count - shift - exact->count) * sizeof *digits);
  exact->digits = digits;
  exact->first = from;
  exact->count = count;
  return true;
}

/* Brings digits, but for the last, to 0 <= digit < 2^32. */
static void carry_in(int64_t *digits, uint32_t count)
{
  for (uint32_t i = 0; i + 1 < count; i++) {
    int64_t over = digits[i] >> 32;
    digits[i] -= over * (INT64_C(1) << 32);
    digits[i + 1] += over;
  }
}

/* Carries; a last digit that has grown gets another above it. */
static bool carry(peri_cx *cx, struct exact *exact)
{
  carry_in(exact->digits, exact->count);
  int64_t last = exact->count > 0 ? exact->digits[exact->count - 1] : 0;
  uint32_t end = exact->first + exact->count;
  if ((last >= INT64_C(1) << 31 || last < -(INT64_C(1) << 31)) &&
      end < EXACT_DIGITS) {
    if (!widen(cx, exact, exact->first, end + 1)) {
      return false;
    }
    carry_in(exact->digits, exact->count);
  }
  exact->left = ADDITIONS;
  return true;
}

/* Adds a 128-bit integer whose bit 0 is bit `place` of all, to digits that
 * begin with digit `first` and that hold all of it. */
static void add_wide(int64_t *digits, uint32_t first, uint32_t place,
                     int64_t high, uint64_t low)
{
  const int64_t parts[] = {(uint32_t)low, (int64_t)(low >> 32), (uint32_t)high,
                           high >> 32};
  digits += place / 32 - first;
  for (int i = 0; i < 4; i++) {
    int64_t part = parts[i] * (INT64_C(1) << place % 32);
    digits[i] += (int64_t)(uint32_t)part;
    digits[i + 1] += part >> 32;
  }
}

static uint32_t window_place(const struct exact *exact)
{
  return exact->end - EXACT_WINDOW;
}

/* Adds what another window holds to the digits. */
static bool add_window(peri_cx *cx, struct exact *exact, uint32_t place,
                       int64_t high, uint64_t low)
{
  if (!widen(cx, exact, place / 32, place / 32 + 5) ||
      (exact->left == 0 && !carry(cx, exact))) {
    return false;
  }
  add_wide(exact->digits, exact->first, place, high, low);
  exact->left--;
  return true;
}

bool exact_spill(peri_cx *cx, struct exact *exact)
{
  if (!add_window(cx, exact, window_place(exact), exact->high, exact->low)) {
    return false;
  }
  exact->high = 0;
  exact->low = 0;
  return true;
}

/* Lays the window around the size of the first value, at one of a few places,
 * half a window apart, so that most sums of like values can be joined without
 * digits.  One of the places is [2^-32, 2^32). */
static void begin_window(struct exact *exact, int exponent)
{
  int apart = (int)EXACT_WINDOW / 2;
  int from = (exponent + 17) / apart * apart - 33;
  int last = 2047 - (int)EXACT_WINDOW;
  from = from < 1 ? 1 : from > last ? last : from;
  exact->end = (uint32_t)from + EXACT_WINDOW;
}

bool exact_add_slowly(peri_cx *cx, struct exact *exact, double value)
{
  if (value == 0) {
    return true;
  } else if (!isfinite(value)) {
    exact->special |= isnan(value) ? EXACT_NAN
                      : value > 0  ? EXACT_INF
                                   : EXACT_MINUS_INF;
    return true;
  }
  int exponent;
  double fraction = frexp(value, &exponent); /* 0.5 <= |fraction| < 1 */
  /* The lowest of 53 bits is at 2^(exponent - 53), or where a subnormal ends.
   */
  int lowest = exponent - 53 < -1074 ? -1074 : exponent - 53;
  int64_t mantissa = (int64_t)ldexp(fraction, exponent - lowest);
  if (exact->end == 0) {
    begin_window(exact, lowest + 1075);
    if (exact_add_near(&exact->high, &exact->low, exact->end, value)) {
      return true;
    }
  }
  return add_window(cx, exact, (uint32_t)(lowest + 1075), mantissa >> 63,
                    (uint64_t)mantissa);
}

static bool join_windows(peri_cx *cx, struct exact *into,
                         const struct exact *from)
{
  if (from->end == 0) {
    return true;
  } else if (into->end == 0) {
    into->end = from->end;
  } else if (into->end != from->end) {
    return add_window(cx, into, window_place(from), from->high, from->low);
  }
  /* Neither is full, so the sum of both fits. */
  into->high +=
    from->high + __builtin_add_overflow(into->low, from->low, &into->low);
  return !exact_is_full(into->high) || exact_spill(cx, into);
}

bool exact_join(peri_cx *cx, struct exact *into, const struct exact *from)
{
  into->special |= from->special;
  if (!join_windows(cx, into, from)) {
    return false;
  } else if (from->count == 0) {
    return true;
  }
  uint32_t end = from->first + from->count;
  end += end < EXACT_DIGITS;
  if (!widen(cx, into, from->first, end) || !carry(cx, into)) {
    return false;
  }
  int64_t *digits = into->digits + (from->first - into->first);
  for (uint32_t i = 0; i < from->count; i++) {
    if (from->first + i + 1 == EXACT_DIGITS) {
      digits[i] += from->digits[i]; /* nothing is carried out of the last */
    } else {
      digits[i] += (int64_t)(uint32_t)from->digits[i];
      digits[i + 1] += from->digits[i] >> 32;
    }
  }
  return carry(cx, into);
}

void exact_fini(peri_cx *cx, struct exact *exact)
{
  cx->sv->realloc(cx, exact->digits, 0);
  *exact = (struct exact){0};
}

/* ---------------------------------------------------------------- the result
 */

/* Rounds the digits, all of them 0 <= digit < 2^32, to nearest, ties to even.
 * `digits` begins with two zeros more. */
static double round_digits(const int64_t *digits, int top)
{
  unsigned __int128 bits = (unsigned __int128)(uint64_t)digits[top] << 64 |
                           (uint64_t)digits[top - 1] << 32 |
                           (uint64_t)digits[top - 2];
  int lowest = 32 * (top - 4) - 1075; /* the power of two of bit 0 */
  int length = 96 - (__builtin_clz((uint32_t)digits[top]));
  int drop = length - 53; /* of a subnormal sum only zeros are dropped */
  bool more = false;
  for (int i = 0; i < top - 2; i++) {
    more |= digits[i] != 0;
  }
  uint64_t kept = (uint64_t)(bits >> drop);
  unsigned __int128 half = (unsigned __int128)1 << (drop - 1);
  unsigned __int128 rest = bits & (half * 2 - 1);
  kept += rest > half || (rest == half && (more || (kept & 1)));
  return ldexp((double)kept, lowest + drop);
}

double exact_round(const struct exact *exact, int64_t high, uint64_t low)
{
  int64_t digits[ROUND_DIGITS + 2] = {0};
  if (exact->special) {
    return exact->special == EXACT_INF         ? INFINITY
           : exact->special == EXACT_MINUS_INF ? -INFINITY
                                               : (double)NAN;
  }
  if (exact->count > 0) {
    memcpy(digits + 2 + exact->first, exact->digits,
           exact->count * sizeof *digits);
  }
  carry_in(digits + 2, ROUND_DIGITS); /* makes room */
  add_wide(digits + 2, 0, 1075, high, low);
  if (exact->end > 0) {
    add_wide(digits + 2, 0, window_place(exact), exact->high, exact->low);
  }
  carry_in(digits + 2, ROUND_DIGITS);
  bool minus = digits[ROUND_DIGITS + 1] < 0;
  if (minus) {
    for (int i = 0; i < ROUND_DIGITS + 2; i++) {
      digits[i] = -digits[i];
    }
    carry_in(digits + 2, ROUND_DIGITS);
  }
  int top = ROUND_DIGITS + 1;
  while (top > 1 && digits[top] == 0) {
    top--;
  }
  double sum = top > 1 ? round_digits(digits, top) : 0;
  return minus ? -sum : sum;
}
