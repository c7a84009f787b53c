/* sketch.c - counts of doubles by size. */
#include "sketch.h"

#include <math.h>

static uint32_t bucket_of(double size)
{
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  return (uint32_t)(bits >> SKETCH_SHIFT);
}

static double start_of(uint32_t bucket)
{
  uint64_t bits = (uint64_t)bucket << SKETCH_SHIFT;
  double start;
  memcpy(&start, &bits, sizeof start);
  return start;
}

/* Makes room for buckets [from, to), in whole powers of two. */
static bool widen(peri_cx *cx, struct sketch_side *side, uint32_t from,
                  uint32_t to)
{
  uint32_t end = side->first + side->count;
  if (side->count > 0 && from >= side->first && to <= end) {
    return true;
  }
  from -= from % SKETCH_STEP;
  to += SKETCH_STEP - 1 - (to - 1) % SKETCH_STEP;
  if (side->count > 0) {
    from = from < side->first ? from : side->first;
    to = to > end ? to : end;
  }
  uint32_t count = to - from, shift = side->count ? side->first - from : 0;
  uint64_t *counts = state_resize(cx, side->counts, count * sizeof *counts);
  if (!counts) {
    return false;
  }
  memmove(counts + shift, counts, side->count * sizeof *counts);
  memset(counts, 0, shift * sizeof *counts);
  memset(counts + shift + side->count, 0,
         (count - shift - side->count) * sizeof *counts);
  *side = (struct sketch_side){counts, from, count};
  return true;
}

static void note(struct sketch *sketch, double min, double max, bool fractions)
{
  sketch->min = !sketch->used || min < sketch->min ? min : sketch->min;
  sketch->max = !sketch->used || max > sketch->max ? max : sketch->max;
  sketch->fractions |= fractions;
  sketch->used = true;
}

static bool has_fraction(double value)
{
  return fabs(value) < 0x1p53 && (double)(int64_t)value != value;
}

bool sketch_add(peri_cx *cx, struct sketch *sketch, double value)
{
  if (value == 0) {
    sketch->zeros++;
    note(sketch, 0, 0, false); /* -0 is 0 */
    return true;
  }
  struct sketch_side *side = value < 0 ? &sketch->minus : &sketch->plus;
  uint32_t bucket = bucket_of(fabs(value));
  if (bucket - side->first >= side->count &&
      !widen(cx, side, bucket, bucket + 1)) {
    return false;
  }
  side->counts[bucket - side->first]++;
  note(sketch, value, value, has_fraction(value));
  return true;
}

static bool join_side(peri_cx *cx, struct sketch_side *into,
                      const struct sketch_side *from)
{
  if (from->count == 0) {
    return true;
  } else if (!widen(cx, into, from->first, from->first + from->count)) {
    return false;
  }
  uint64_t *counts = into->counts + (from->first - into->first);
  for (uint32_t i = 0; i < from->count; i++) {
    counts[i] += from->counts[i];
  }
  return true;
}

bool sketch_join(peri_cx *cx, struct sketch *into, const struct sketch *from)
{
  if (!from->used) {
    return true;
  } else if (!join_side(cx, &into->minus, &from->minus) ||
             !join_side(cx, &into->plus, &from->plus)) {
    return false;
  }
  into->zeros += from->zeros;
  note(into, from->min, from->max, from->fractions);
  return true;
}

/* The middle of a bucket; of the integers in it, when all values are some. */
static double middle_of(const struct sketch *sketch, uint32_t bucket)
{
  double start = start_of(bucket), next = start_of(bucket + 1);
  if (isinf(start) || isinf(next)) {
    return start;
  } else if (sketch->fractions) {
    return start + (next - start) / 2;
  }
  double first = ceil(start), last = ceil(next) - 1;
  return first + floor((last - first) / 2);
}

static double within(const struct sketch *sketch, double value)
{
  value = value < sketch->min ? sketch->min : value;
  return value > sketch->max ? sketch->max : value;
}

double sketch_find(const struct sketch *sketch, uint64_t before)
{
  const struct sketch_side *minus = &sketch->minus, *plus = &sketch->plus;
  uint64_t seen = 0;
  for (uint32_t i = minus->count; i-- > 0;) {
    seen += minus->counts[i];
    if (seen > before) {
      return within(sketch, -middle_of(sketch, minus->first + i));
    }
  }
  seen += sketch->zeros;
  if (seen > before) {
    return 0;
  }
  for (uint32_t i = 0; i < plus->count; i++) {
    seen += plus->counts[i];
    if (seen > before) {
      return within(sketch, middle_of(sketch, plus->first + i));
    }
  }
  return sketch->max;
}

void sketch_fini(peri_cx *cx, struct sketch *sketch)
{
  cx->sv->realloc(cx, sketch->minus.counts, 0);
  cx->sv->realloc(cx, sketch->plus.counts, 0);
  *sketch = (struct sketch){0};
}
