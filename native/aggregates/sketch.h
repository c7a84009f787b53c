/* sketch.h - counts of doubles by size, for quantiles of very many.
 *
 * A bucket for every 128th of a power of two: its number is the upper bits of
 * the double itself.  So are the buckets of HdrHistogram; like those of
 * DDSketch (Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile
 * sketch with relative-error guarantees", VLDB 2019) they have the same
 * relative width everywhere.  No bucket is ever merged with another, so a
 * sketch depends on the values alone; there is room for every double in 2 x 2
 * MB, and what is used is what lies between the smallest and the largest.
 */
#ifndef PERIGEE_AGGREGATES_SKETCH_H
#define PERIGEE_AGGREGATES_SKETCH_H
#include "state.h"

#define SKETCH_SHIFT 45      /* 7 of 52 bits of the mantissa count */
#define SKETCH_STEP 128      /* buckets of a power of two */
#define SKETCH_ERROR "0.4 %" /* half a bucket: 2^-8 */

/* Counts of the values of one sign. */
struct sketch_side {
  uint64_t *counts; /* owned; counts[i] is of bucket first + i */
  uint32_t first, count;
};

struct sketch { /* the zeroed struct is empty */
  struct sketch_side minus, plus;
  uint64_t zeros;
  double min, max;
  bool used, fractions; /* some value is no integer */
};

/* `value` is no NaN.  False: no memory, told. */
bool sketch_add(peri_cx *cx, struct sketch *sketch, double value);
bool sketch_join(peri_cx *cx, struct sketch *into, const struct sketch *from);
/* The value that has so many before it, 0 to all but one, to within half a
 * bucket; among integers an integer. */
double sketch_find(const struct sketch *sketch, uint64_t before);
void sketch_fini(peri_cx *cx, struct sketch *sketch);
#endif
