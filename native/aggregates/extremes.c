/* extremes.c - min and max. */
#include "state.h"

#include <math.h>

struct extreme_state {
  int64_t whole, time;
  double real;
  char *text; /* owned */
  size_t len, room;
  bool has_whole, has_real, has_time, has_text, has_flag, flag;
};
typedef struct extreme_state extreme_state;
PERI_STATE(extreme_state);

/* ----------------------------------------------------- what is nearer the end
 */

static inline bool nearer_i64(int64_t x, int64_t than, bool largest)
{
  return largest ? x > than : x < than;
}

/* -0 lies before 0, so that it does not matter which of them came first. */
static inline bool nearer_f64(double x, double than, bool largest)
{
  if (x == than) {
    return (signbit(x) != 0) != largest && (signbit(than) != 0) == largest;
  }
  return largest ? x > than : x < than;
}

static inline bool nearer_str(peri_str x, peri_str than, bool largest)
{
  size_t n = x.len < than.len ? x.len : than.len;
  int order = n > 0 ? memcmp(x.ptr, than.ptr, n) : 0;
  if (order == 0) {
    return largest ? x.len > than.len : x.len < than.len;
  }
  return largest ? order > 0 : order < 0;
}

/* ----------------------------------------------------------------------- takes
 */

static inline void take_i64(extreme_state *st, int64_t x, bool largest)
{
  if (!st->has_whole || nearer_i64(x, st->whole, largest)) {
    st->whole = x;
    st->has_whole = true;
  }
}

/* NaN is left out. */
static inline void take_f64(extreme_state *st, double x, bool largest)
{
  if (!isnan(x) && (!st->has_real || nearer_f64(x, st->real, largest))) {
    st->real = x;
    st->has_real = true;
  }
}

static inline void take_time(extreme_state *st, int64_t x, bool largest)
{
  if (!st->has_time || nearer_i64(x, st->time, largest)) {
    st->time = x;
    st->has_time = true;
  }
}

static inline void take_bool(extreme_state *st, bool x, bool largest)
{
  st->flag = !st->has_flag ? x : largest ? st->flag || x : st->flag && x;
  st->has_flag = true;
}

static bool keep_text(peri_cx *cx, extreme_state *st, peri_str x)
{
  if (x.len > st->room || !st->text) {
    size_t room = x.len < 16 ? 16 : x.len;
    char *text = state_resize(cx, st->text, room);
    if (!text) {
      return false;
    }
    st->text = text;
    st->room = room;
  }
  memcpy(st->text, x.ptr, x.len);
  st->len = x.len;
  st->has_text = true;
  return true;
}

static inline bool take_str(peri_cx *cx, extreme_state *st, peri_str x,
                            bool largest)
{
  return (st->has_text &&
          !nearer_str(x, (peri_str){st->text, st->len}, largest)) ||
         keep_text(cx, st, x);
}

/* -------------------------------------------------------- join, drop, results
 */

static peri_status join(peri_cx *cx, extreme_state *st,
                        const extreme_state *from, bool largest)
{
  if (from->has_whole) {
    take_i64(st, from->whole, largest);
  }
  if (from->has_real) {
    take_f64(st, from->real, largest);
  }
  if (from->has_time) {
    take_time(st, from->time, largest);
  }
  if (from->has_flag) {
    take_bool(st, from->flag, largest);
  }
  if (from->has_text &&
      !take_str(cx, st, (peri_str){from->text, from->len}, largest)) {
    return cx->failed;
  }
  return PERI_OK;
}

static void extreme_drop(peri_cx *cx, void *state)
{
  extreme_state *st = state;
  cx->sv->realloc(cx, st->text, 0);
  *st = (extreme_state){0};
}

/* What came as i64 counts here too. */
static void real_of(const extreme_state *st, bool largest, peri_slot *result,
                    uint8_t *valid)
{
  extreme_state all = *st;
  if (st->has_whole) {
    take_f64(&all, (double)st->whole, largest);
  }
  result->f64 = all.has_real ? all.real : 0;
  *valid = all.has_real;
}

static peri_status final_i64(peri_cx *cx, const void *state, peri_slot *result,
                             uint8_t *valid)
{
  const extreme_state *st = state;
  result->i64 = st->whole;
  *valid = st->has_whole;
  return st->has_real ? peri_fail(cx, PERI_EBUG,
                                  "asked for an integer after numbers with "
                                  "fractions")
                      : PERI_OK;
}

static peri_status final_time(peri_cx *cx PERI_UNUSED, const void *state,
                              peri_slot *result, uint8_t *valid)
{
  const extreme_state *st = state;
  result->i64 = st->time;
  *valid = st->has_time;
  return PERI_OK;
}

static peri_status final_bool(peri_cx *cx PERI_UNUSED, const void *state,
                              peri_slot *result, uint8_t *valid)
{
  const extreme_state *st = state;
  result->b = st->flag;
  *valid = st->has_flag;
  return PERI_OK;
}

/* A copy, which outlives the state. */
static peri_status final_str(peri_cx *cx, const void *state, peri_slot *result,
                             uint8_t *valid)
{
  const extreme_state *st = state;
  result->str = (peri_str){"", 0};
  *valid = st->has_text;
  if (st->len == 0) {
    return PERI_OK;
  }
  char *copy = peri_alloc(cx, st->len);
  if (!copy) {
    return peri_fail(cx, PERI_ENOMEM, "no memory for a text");
  }
  memcpy(copy, st->text, st->len);
  result->str = (peri_str){copy, st->len};
  return PERI_OK;
}

/* --------------------------------------------------------------- both of them
 */

#define EXTREME_OF(NAME, LARGEST, TYPE, ONE, FINAL, DOC)                       \
  static inline void NAME##_one_##TYPE(                                        \
    peri_cx *cx PERI_UNUSED, extreme_state *st, PERI_CAT(peri_c_, TYPE) x)     \
  {                                                                            \
    ONE;                                                                       \
  }                                                                            \
  STEP_LOOP(NAME##_step_##TYPE, extreme_state, TYPE, NAME##_one_##TYPE)        \
  AGGREGATE(TYPE, NAME##_of_##TYPE, NAME, extreme_state, NAME##_step_##TYPE,   \
            NAME##_join, FINAL, DOC, (TYPE, x));                               \
  AGGREGATE_DROP(NAME##_of_##TYPE, extreme_drop);

#define EXTREME(NAME, LARGEST, DOC)                                            \
  static peri_status NAME##_join(peri_cx *cx, void *into, void *from)          \
  {                                                                            \
    return join(cx, into, from, LARGEST);                                      \
  }                                                                            \
  static peri_status NAME##_final_f64(peri_cx *cx PERI_UNUSED,                 \
                                      const void *state, peri_slot *result,    \
                                      uint8_t *valid)                          \
  {                                                                            \
    real_of(state, LARGEST, result, valid);                                    \
    return PERI_OK;                                                            \
  }                                                                            \
  EXTREME_OF(NAME, LARGEST, i64, take_i64(st, x, LARGEST), final_i64, DOC)     \
  EXTREME_OF(NAME, LARGEST, f64, take_f64(st, x, LARGEST), NAME##_final_f64,   \
             DOC)                                                              \
  EXTREME_OF(NAME, LARGEST, time, take_time(st, x, LARGEST), final_time, DOC)  \
  EXTREME_OF(NAME, LARGEST, str, take_str(cx, st, x, LARGEST), final_str, DOC) \
  EXTREME_OF(NAME, LARGEST, bool, take_bool(st, x, LARGEST), final_bool, DOC)

EXTREME(min, false,
        "The smallest value; null when there is none. Texts are compared by "
        "their bytes, false comes before true, NaN is left out.")
EXTREME(max, true,
        "The largest value; null when there is none. Texts are compared by "
        "their bytes, false comes before true, NaN is left out.")
