/* aggregates.c - the plugin "aggregates", and count.
 *
 * Each other file holds the aggregates that share a state: sum and mean, min
 * and max, quantile, distinct. */
#include "state.h"

PERI_PLUGIN("aggregates", "0.1.0", "perigee", "MIT",
            "Summaries of groups of rows: count, sum, mean, min, max, quantile "
            "and distinct.");

struct count_state {
  int64_t n;
};
typedef struct count_state count_state;
PERI_STATE(count_state);

static peri_status count_rows(peri_cx *cx PERI_UNUSED, void *states,
                              const uint32_t *group, int64_t n,
                              const peri_col *args PERI_UNUSED)
{
  count_state *base = states;
  if (!group) {
    base->n += n;
    return PERI_OK;
  }
  for (int64_t row = 0; row < n; row++) {
    base[group[row]].n++;
  }
  return PERI_OK;
}

/* Looks at the bitmap only, and so does for every type. */
static peri_status count_values(peri_cx *cx, void *states,
                                const uint32_t *group, int64_t n,
                                const peri_col *args)
{
  const peri_col x = args[0];
  count_state *base = states;
  if (!x.valid) {
    return count_rows(cx, states, group, n, args);
  } else if (group) {
    for (int64_t row = 0; row < n; row++) {
      base[group[row]].n += peri_valid(&x, row);
    }
    return PERI_OK;
  }
  int64_t count = 0;
  for (int64_t row = 0; row < n; row++) {
    count += peri_valid(&x, row);
  }
  base->n += count;
  return PERI_OK;
}

static peri_status count_join(peri_cx *cx PERI_UNUSED, void *into,
                              void *from)
{
  ((count_state *)into)->n += ((const count_state *)from)->n;
  return PERI_OK;
}

static peri_status count_final(peri_cx *cx PERI_UNUSED, const void *state,
                               peri_slot *result, uint8_t *valid)
{
  result->i64 = ((const count_state *)state)->n;
  *valid = 1;
  return PERI_OK;
}

AGGREGATE(i64, count_all, count, count_state, count_rows, count_join,
          count_final, "How many rows.");

#define COUNT_OF(ID, TYPE)                                                     \
  AGGREGATE(i64, ID, count, count_state, count_values, count_join,             \
            count_final, "How many rows where x is not null.", (TYPE, x))
COUNT_OF(count_bool, bool);
COUNT_OF(count_i64, i64);
COUNT_OF(count_u64, u64);
COUNT_OF(count_f64, f64);
COUNT_OF(count_time, time);
COUNT_OF(count_str, str);
COUNT_OF(count_bin, bin);
COUNT_OF(count_json, json);
