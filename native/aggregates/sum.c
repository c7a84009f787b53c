/* sum.c - sum and mean.  Integers are summed in 128 bits, doubles without
 * rounding; what is rounded is the result, once. */
#include "exact.h"

#include <math.h>
#include <stdio.h>

struct sum_state {
  uint64_t low; /* of the integers: high * 2^64 + low */
  int64_t high;
  int64_t count; /* of all values */
  struct exact exact;
  bool floats; /* there were some */
};
typedef struct sum_state sum_state;
PERI_STATE(sum_state);

/* ---------------------------------------------------------------------- steps
 */

static inline void add_wide(sum_state *st, int64_t high, uint64_t low)
{
  st->high += high + __builtin_add_overflow(st->low, low, &st->low);
}

static inline void add_i64(peri_cx *cx PERI_UNUSED, sum_state *st, int64_t x)
{
  add_wide(st, x >> 63, (uint64_t)x);
  st->count++;
}
STEP_LOOP(step_groups_i64, sum_state, i64, add_i64)

/* Everything into one state: the sum stays in registers. */
static peri_status step_i64(peri_cx *cx, void *states, const uint32_t *group,
                            int64_t n, const peri_col *args)
{
  const peri_col x = args[0];
  if (group) {
    return step_groups_i64(cx, states, group, n, args);
  }
  __int128 sum = 0;
  int64_t count = 0;
  for (int64_t row = 0; row < n; row++) {
    bool valid = peri_valid(&x, row);
    sum += valid ? peri_row_i64(&x, row) : 0;
    count += valid;
  }
  add_wide(states, (int64_t)(sum >> 64), (uint64_t)sum);
  ((sum_state *)states)->count += count;
  return PERI_OK;
}

static inline void add_f64(peri_cx *cx, sum_state *st, double x)
{
  exact_add(cx, &st->exact, x);
  st->floats = true;
  st->count++;
}
STEP_LOOP(step_groups_f64, sum_state, f64, add_f64)

/* Everything into one state: the window stays in registers. */
static peri_status step_f64(peri_cx *cx, void *states, const uint32_t *group,
                            int64_t n, const peri_col *args)
{
  const peri_col x = args[0];
  if (group) {
    return step_groups_f64(cx, states, group, n, args);
  }
  sum_state *st = states;
  int64_t high = st->exact.high, count = 0;
  uint64_t low = st->exact.low;
  uint32_t end = st->exact.end;
  for (int64_t row = 0; row < n; row++) {
    if (!peri_valid(&x, row)) {
      continue;
    }
    count++;
    double value = peri_row_f64(&x, row);
    if (!exact_add_near(&high, &low, end, value) || exact_is_full(high)) {
      bool near = exact_is_full(high); /* it is in */
      st->exact.high = high;
      st->exact.low = low;
      if (!(near ? exact_spill(cx, &st->exact)
                 : exact_add_slowly(cx, &st->exact, value))) {
        return cx->failed;
      }
      high = st->exact.high;
      low = st->exact.low;
      end = st->exact.end;
    }
  }
  st->exact.high = high;
  st->exact.low = low;
  st->count += count;
  st->floats |= count > 0;
  return PERI_OK;
}

static peri_status sum_join(peri_cx *cx, void *into, void *from)
{
  sum_state *st = into;
  const sum_state *other = from;
  add_wide(st, other->high, other->low);
  st->count += other->count;
  st->floats |= other->floats;
  return exact_join(cx, &st->exact, &other->exact) ? PERI_OK : cx->failed;
}

static void sum_drop(peri_cx *cx, void *state)
{
  exact_fini(cx, &((sum_state *)state)->exact);
}

/* -------------------------------------------------------------------- results
 */

static peri_status sum_i64(peri_cx *cx, const void *state, peri_slot *result,
                           uint8_t *valid)
{
  const sum_state *st = state;
  char text[120];
  *valid = 1;
  result->i64 = (int64_t)st->low;
  if (st->floats) {
    return peri_fail(cx, PERI_EBUG,
                     "asked for an integer after numbers with fractions");
  }
  if (st->high == (int64_t)st->low >> 63) {
    return PERI_OK;
  }
  snprintf(text, sizeof text,
           "%.17g does not fit an i64; sum \"x + 0.0\" gives an f64",
           exact_round(&st->exact, st->high, st->low));
  return peri_fail(cx, PERI_EDATA, text);
}

static peri_status sum_f64(peri_cx *cx PERI_UNUSED, const void *state,
                           peri_slot *result, uint8_t *valid)
{
  const sum_state *st = state;
  result->f64 = exact_round(&st->exact, st->high, st->low);
  *valid = 1;
  return PERI_OK;
}

static peri_status mean_final(peri_cx *cx PERI_UNUSED, const void *state,
                              peri_slot *result, uint8_t *valid)
{
  const sum_state *st = state;
  double sum = exact_round(&st->exact, st->high, st->low);
  result->f64 = st->count > 0 ? sum / (double)st->count : 0;
  *valid = st->count > 0;
  return PERI_OK;
}

AGGREGATE(i64, sum_of_i64, sum, sum_state, step_i64, sum_join, sum_i64,
          "The sum of integers; 0 when there is none. A sum that does not fit "
          "an i64 fails the run.",
          (i64, x));
AGGREGATE_DROP(sum_of_i64, sum_drop);
AGGREGATE(f64, sum_of_f64, sum, sum_state, step_f64, sum_join, sum_f64,
          "The sum of numbers, rounded once: the order of the rows never shows "
          "in it. 0 when there is none.",
          (f64, x));
AGGREGATE_DROP(sum_of_f64, sum_drop);
AGGREGATE(f64, mean_of_i64, mean, sum_state, step_i64, sum_join, mean_final,
          "The mean of what is not null; null when there is nothing.",
          (i64, x));
AGGREGATE_DROP(mean_of_i64, sum_drop);
AGGREGATE(f64, mean_of_f64, mean, sum_state, step_f64, sum_join, mean_final,
          "The mean of what is not null; null when there is nothing.",
          (f64, x));
AGGREGATE_DROP(mean_of_f64, sum_drop);
