/* aggregates.c - the plugin "aggregates", and count.
 *
 * Each other file holds the aggregates that share a state: sum and mean, min
 * and max, quantile, distinct. */
#include "state.h"

PERI_PLUGIN("aggregates", "0.1.0", "perigee", "MIT",
            "Summaries of groups of rows: count, sum, mean, min, max, quantile "
            "and distinct.");

struct count {
  int64_t n;
};
typedef struct count count_state;
PERI_STATE(count_state)

static inline peri_status count_join(count_state *into,
                                     const count_state *from)
{
  into->n += from->n;
  return PERI_OK;
}

static inline peri_status count_final(const count_state *st, int64_t *result,
                                      uint8_t *valid)
{
  *result = st->n;
  *valid = 1;
  return PERI_OK;
}

#define COUNT_ENDS(ID)                                                         \
  static inline peri_status ID##_join(peri_cx *cx PERI_UNUSED,                 \
                                      count_state *into,                       \
                                      const count_state *from)                 \
  {                                                                            \
    return count_join(into, from);                                             \
  }                                                                            \
  static inline peri_status ID##_final(peri_cx *cx PERI_UNUSED,                \
                                       const count_state *st,                  \
                                       int64_t *result, uint8_t *valid)        \
  {                                                                            \
    return count_final(st, result, valid);                                     \
  }

PERI_AGGREGATE(i64, count_rows, count, count_state, "How many rows.")
static inline void count_rows_step(peri_cx *cx PERI_UNUSED, count_state *st)
{
  st->n++;
}
COUNT_ENDS(count_rows)

/* The loop of PERI_AGGREGATE leaves out the nulls. */
#define COUNT_OF(T)                                                            \
  PERI_AGGREGATE(i64, count_##T, count, count_state,                           \
                 "How many rows where x is not null.", (T, x))                 \
  static inline void count_##T##_step(peri_cx *cx PERI_UNUSED,                 \
                                      count_state *st,                         \
                                      peri_c_##T x PERI_UNUSED)                \
  {                                                                            \
    st->n++;                                                                   \
  }                                                                            \
  COUNT_ENDS(count_##T)

#undef bool /* the macro of stdbool.h would change the names that are pasted */
typedef peri_c__Bool peri_c_bool;
COUNT_OF(i64)
