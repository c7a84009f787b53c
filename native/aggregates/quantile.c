/* quantile.c - quantiles by nearest rank: exact for up to VALUES_MAX values of
 * a group, then from a sketch.  How many values there are decides which of the
 * two it is, never who stepped them. */
#include "sketch.h"

#include <math.h>
#include <stdio.h>

#define VALUES_MAX 16384 /* 128 KB */
#define VALUES_TEXT "16384"
#define VALUES_FIRST 16
#define AHEAD 8 /* rows; a state is often in no cache */
#define FEW 5   /* a state is one line of the cache */

/* Values, the first block of a list; the others lie behind it.  Neither more
 * values nor a join moves any. */
struct values {
  struct values *next; /* owned */
  uint32_t count;      /* unless it is the first of a state, which knows */
  double at[];
};

/* Most groups of very many have few values, which lie in the state itself: then
 * no block is made for them, none is freed, and a row misses the cache once. */
struct quantile_state {
  double q;
  uint64_t count;
  uint16_t used, room;  /* of the first block; room 0: there is none */
  bool asked, sketched; /* q is known; all values are in the sketch */
  union {
    double few[FEW];       /* when there is neither of: */
    struct values *values; /* owned */
    struct sketch *sketch; /* owned */
  };
};
typedef struct quantile_state quantile_state;
_Static_assert(sizeof(quantile_state) == 64, "one line of the cache");
PERI_STATE(quantile_state);

/* ------------------------------------------------------------------- the
 * values of a state that has no sketch
 */

static void free_values(peri_cx *cx, struct values *values)
{
  while (values) {
    struct values *next = values->next;
    cx->sv->realloc(cx, values, 0);
    values = next;
  }
}

/* Copies them out, in any order. */
static void copy_values(const quantile_state *st, double *to)
{
  if (!st->room) {
    memcpy(to, st->few, st->used * sizeof *to);
    return;
  }
  uint32_t count = st->used;
  for (const struct values *from = st->values; from; from = from->next) {
    count = from == st->values ? count : from->count;
    memcpy(to, from->at, count * sizeof *to);
    to += count;
  }
}

static bool add_to_sketch(peri_cx *cx, struct sketch *sketch,
                          const double *values, uint32_t count)
{
  bool good = true;
  for (uint32_t i = 0; i < count && good; i++) {
    good = sketch_add(cx, sketch, values[i]);
  }
  return good;
}

/* The same into a sketch.  False: no memory, told. */
static bool sketch_values(peri_cx *cx, const quantile_state *st,
                          struct sketch *sketch)
{
  if (!st->room) {
    return add_to_sketch(cx, sketch, st->few, st->used);
  }
  bool good = add_to_sketch(cx, sketch, st->values->at, st->used);
  const struct values *from = st->values->next;
  for (; from && good; from = from->next) {
    good = add_to_sketch(cx, sketch, from->at, from->count);
  }
  return good;
}

/* Moves what is known into a sketch. */
static bool begin_sketch(peri_cx *cx, quantile_state *st)
{
  struct sketch *sketch = state_resize(cx, NULL, sizeof *sketch);
  if (!sketch) {
    return false;
  }
  *sketch = (struct sketch){0};
  if (!sketch_values(cx, st, sketch)) {
    sketch_fini(cx, sketch);
    cx->sv->realloc(cx, sketch, 0);
    return false;
  }
  free_values(cx, st->room ? st->values : NULL);
  st->used = st->room = 0;
  st->sketched = true;
  st->sketch = sketch;
  return true;
}

/* Another block, as large as all there are, for one more value. */
static bool make_room(peri_cx *cx, quantile_state *st)
{
  uint64_t most = VALUES_MAX - st->count;
  uint64_t room = st->count < VALUES_FIRST ? VALUES_FIRST : st->count;
  room = room < most ? room : most;
  struct values *values =
    state_resize(cx, NULL, sizeof *values + room * sizeof *values->at);
  if (!values) {
    return false;
  }
  values->next = st->room ? st->values : NULL;
  if (st->room) {
    values->next->count = st->used;
    st->used = 0;
  } else {
    memcpy(values->at, st->few, sizeof st->few);
  }
  st->values = values;
  st->room = (uint16_t)room;
  return true;
}

/* NaN is left out. */
static inline bool add(peri_cx *cx, quantile_state *st, double x)
{
  if (isnan(x)) {
    return true;
  }
  if (!st->sketched && st->used == (st->room ? st->room : FEW) &&
      !(st->count == VALUES_MAX ? begin_sketch(cx, st) : make_room(cx, st))) {
    return false;
  }
  if (st->sketched) {
    if (!sketch_add(cx, st->sketch, x)) {
      return false;
    }
  } else {
    double *values = st->room ? st->values->at : st->few;
    values[st->used++] = x == 0 ? 0 : x; /* -0 is 0 */
  }
  st->count++;
  return true;
}

static bool add_few(peri_cx *cx, quantile_state *st, const double *few,
                    uint32_t count)
{
  bool good = true;
  for (uint32_t i = 0; i < count && good; i++) {
    good = add(cx, st, few[i]);
  }
  return good;
}

/* Takes over the blocks of `from`, which has some. */
static bool take_blocks(peri_cx *cx, quantile_state *st, quantile_state *from)
{
  if (!st->room) {
    double few[FEW];
    uint32_t count = st->used;
    memcpy(few, st->few, sizeof few);
    st->values = from->values;
    st->used = from->used;
    st->room = from->room;
    st->count = from->count;
    *from = (quantile_state){0};
    return add_few(cx, st, few, count);
  }
  struct values *last = from->values;
  while (last->next) {
    last = last->next;
  }
  last->next = st->values->next;
  from->values->count = from->used;
  st->values->next = from->values;
  st->count += from->count;
  uint64_t most = st->used + (VALUES_MAX - st->count);
  st->room = st->room < most ? st->room : (uint16_t)most;
  *from = (quantile_state){0};
  return true;
}

/* Adds all values of a state that has no sketch. */
static bool add_values(peri_cx *cx, quantile_state *st, quantile_state *from)
{
  if (!st->sketched && st->count + from->count > VALUES_MAX &&
      !begin_sketch(cx, st)) {
    return false;
  }
  if (!st->sketched) {
    return from->room ? take_blocks(cx, st, from)
                      : add_few(cx, st, from->few, from->used);
  }
  st->count += from->count;
  return sketch_values(cx, from, st->sketch);
}

static peri_status quantile_join(peri_cx *cx, void *into, void *other)
{
  quantile_state *st = into, *from = other;
  if (!from->asked) {
    return PERI_OK;
  } else if (st->asked && st->q != from->q) {
    return peri_fail(cx, PERI_EINVAL, "q differs between rows");
  }
  st->q = from->q;
  st->asked = true;
  if (!from->sketched) {
    return add_values(cx, st, from) ? PERI_OK : cx->failed;
  }
  if ((!st->sketched && !begin_sketch(cx, st)) ||
      !sketch_join(cx, st->sketch, from->sketch)) {
    return cx->failed;
  }
  st->count += from->count;
  return PERI_OK;
}

static void quantile_drop(peri_cx *cx, void *state)
{
  quantile_state *st = state;
  if (st->sketched) {
    sketch_fini(cx, st->sketch);
    cx->sv->realloc(cx, st->sketch, 0);
  } else if (st->room) {
    free_values(cx, st->values);
  }
  *st = (quantile_state){0};
}

/* ----------------------------------------------------------------------- steps
 */

static peri_status fail_range(peri_cx *cx, double q)
{
  char text[100];
  snprintf(text, sizeof text, "q must be from 0 to 1, got %.17g", q);
  return peri_fail(cx, PERI_EINVAL, text);
}

/* Is it the same number in every row? */
static peri_status check_q(peri_cx *cx, const peri_col *q, int64_t n)
{
  double first = peri_row_f64(q, 0);
  for (int64_t row = 0; row < n; row++) {
    if (!peri_valid(q, row)) {
      return peri_fail(cx, PERI_EINVAL, "q is null");
    } else if (peri_row_f64(q, row) != first) {
      return isnan(first)
               ? fail_range(cx, first)
               : peri_fail(cx, PERI_EINVAL, "q differs between rows");
    }
  }
  return first >= 0 && first <= 1 ? PERI_OK : fail_range(cx, first);
}

static peri_status quantile_step(peri_cx *cx, void *states,
                                 const uint32_t *group, int64_t n,
                                 const peri_col *args)
{
  const peri_col x = args[0];
  quantile_state *base = states;
  if (n == 0 || check_q(cx, &args[1], n) != PERI_OK) {
    return cx->failed;
  }
  double q = peri_row_f64(&args[1], 0);
  for (int64_t row = 0; row < n; row++) {
    quantile_state *st = base + (group ? group[row] : 0);
    if (group && row + AHEAD < n) {
      __builtin_prefetch(base + group[row + AHEAD], 1);
    }
    if (!peri_valid(&x, row)) {
      continue;
    } else if (st->asked && st->q != q) {
      return peri_fail(cx, PERI_EINVAL, "q differs between rows");
    }
    st->q = q;
    st->asked = true;
    if (!add(cx, st, peri_row_f64(&x, row))) {
      return cx->failed;
    }
  }
  return PERI_OK;
}

/* ---------------------------------------------------------------------- result
 */

/* The value that has `before` others before it: Hoare's FIND.  The pivots are
 * scattered, so that no order of the values is a slow one by habit.  Reorders
 * `values`. */
static double select_value(double *values, size_t n, int64_t before)
{
  int64_t from = 0, to = (int64_t)n - 1; /* it lies in [from, to] */
  uint32_t scatter = 1;
  while (from < to) {
    scatter = scatter * 1664525 + 1013904223; /* Numerical Recipes' LCG */
    double pivot =
      values[from + (int64_t)((uint64_t)scatter * (uint64_t)(to - from) >> 32)];
    int64_t i = from, j = to;
    while (i <= j) {
      for (; values[i] < pivot; i++) {
      }
      for (; values[j] > pivot; j--) {
      }
      if (i <= j) {
        double swap = values[i];
        values[i++] = values[j];
        values[j--] = swap;
      }
    }
    if (before <= j) {
      to = j;
    } else if (before >= i) {
      from = i;
    } else {
      break; /* between the two: equal to the pivot */
    }
  }
  return values[before];
}

/* How many values come before the one of nearest rank, the smallest of which at
 * least q * n are no larger.  A product such as 0.07 * 100 that lies a rounding
 * error above a whole number counts as that. */
static uint64_t before_rank(double q, uint64_t n)
{
  double rank = ceil(q * (double)n * (1 - 0x1p-51));
  return rank < 1 ? 0 : rank > (double)n ? n - 1 : (uint64_t)rank - 1;
}

static peri_status quantile_final(peri_cx *cx, const void *state,
                                  peri_slot *result, uint8_t *valid)
{
  const quantile_state *st = state;
  uint64_t before = before_rank(st->q, st->count);
  result->f64 = 0;
  *valid = st->count > 0;
  if (st->count == 0) {
    return PERI_OK;
  } else if (st->sketched) {
    bool first = before == 0, last = before == st->count - 1;
    result->f64 = first  ? st->sketch->min
                  : last ? st->sketch->max
                         : sketch_find(st->sketch, before);
    return PERI_OK;
  }
  size_t size = st->count * sizeof(double);
  double few[FEW], *values = st->room ? peri_alloc(cx, size) : few;
  if (!values) {
    return peri_fail(cx, PERI_ENOMEM, "no memory for a quantile");
  }
  copy_values(st, values);
  result->f64 = select_value(values, st->count, (int64_t)before);
  return PERI_OK;
}

AGGREGATE(f64, quantile_of_f64, quantile, quantile_state, quantile_step,
          quantile_join, quantile_final,
          "The smallest value that at least the part q, 0 to 1, of all values "
          "does not exceed (nearest rank); null when there is none. Exact for "
          "up to " VALUES_TEXT
          " values of a group, for more of them within " SKETCH_ERROR
          " of it. NaN is left out.",
          (f64, x), (f64, q, 0..1));
AGGREGATE_DROP(quantile_of_f64, quantile_drop);
