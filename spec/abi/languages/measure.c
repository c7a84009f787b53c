/* measure.c - the plugin of script.lua in C. */
#include <math.h>
#include <perigee/plugin.h>

PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b))
{
  return a < b ? a : b;
}

PERI_FN_CX(f64, root, "Square root; fails below zero.", (f64, x))
{
  if (x < 0) {
    peri_fail(cx, PERI_EINVAL, "root of a negative number");
    return 0;
  }
  return sqrt(x);
}

PERI_FN_CX(str, shout, "In capitals.", (str, text))
{
  char *room = peri_alloc(cx, text.len + 1);
  if (!room) {
    peri_fail(cx, PERI_ENOMEM, "no memory for a text");
    return PERI_STR("");
  }
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    room[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  return (peri_str){room, text.len};
}

#define REACH(P) P(f64, limit, 1, "Keeps rows at or above this.")
PERI_PARAMS(reach_params, REACH)
PERI_KERNEL(reach, PERI_STATELESS, reach_params, peri_none, "value: f64", "",
            "Keeps rows that reach the limit.");
PERI_PROCESS(reach)
{
  uint32_t *rows = peri_alloc(cx, ((size_t)in->n + 1) * sizeof *rows);
  const double *values = in->cols[0].data;
  int64_t n = 0;
  if (!rows) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    if (peri_valid(&in->cols[0], i) && values[i] >= params->limit) {
      rows[n++] = (uint32_t)i;
    }
  }
  return cx->sv->out_pick(out, rows, n);
}

typedef struct spread_state {
  double low, high;
  int64_t count;
} spread_state;
PERI_STATE(spread_state);
PERI_AGGREGATE(f64, spread, spread, spread_state,
               "Largest less smallest; null of nothing.", (f64, x))
static inline void spread_step(peri_cx *cx, spread_state *st, double x)
{
  (void)cx;
  st->low = st->count == 0 || x < st->low ? x : st->low;
  st->high = st->count == 0 || x > st->high ? x : st->high;
  st->count++;
}
static inline peri_status spread_join(peri_cx *cx, spread_state *into,
                                      const spread_state *from)
{
  if (from->count > 0) {
    spread_step(cx, into, from->low);
    spread_step(cx, into, from->high);
  }
  return PERI_OK;
}
static inline peri_status spread_final(peri_cx *cx, const spread_state *st,
                                       double *result, uint8_t *valid)
{
  (void)cx;
  *result = st->high - st->low;
  *valid = st->count > 0;
  return PERI_OK;
}

PERI_PLUGIN("measure", "1.0.0", "perigee authors", "MIT",
            "The same in several languages.");
