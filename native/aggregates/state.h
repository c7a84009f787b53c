/* state.h - how the aggregates are declared, and what they share.
 *
 * The overloads of one name work on one state, and the type of a column may
 * widen from batch to batch.  A state therefore keeps apart what came as i64
 * and what came as f64, and every FINAL reads both: where the batches were cut
 * does not show in a result.  Nor does who stepped what: each state depends on
 * the values alone, not on their order.
 */
#ifndef PERIGEE_AGGREGATES_STATE_H
#define PERIGEE_AGGREGATES_STATE_H
#include <perigee/plugin.h>

/* The hooks, as the host calls them. */
typedef peri_status step_fn(peri_cx *cx, void *states, const uint32_t *group,
                            int64_t n, const peri_col *args);
typedef peri_status join_fn(peri_cx *cx, void *into, void *from);
typedef peri_status final_fn(peri_cx *cx, const void *state, peri_slot *result,
                             uint8_t *valid);
typedef void drop_fn(peri_cx *cx, void *state);

/* PERI_AGGREGATE with hooks that overloads share, and loops of our own.
 * ("doc", (type, argument), ...) comes last; a result is null where FINAL says
 * so, whatever its type. */
#define AGGREGATE(RESULT, ID, NAME, STATE, STEP, JOIN, FINAL, ...)             \
  PERI_TEXT_(ID, "aggregate " #NAME PERI_SIGNATURE_(                           \
                   __VA_ARGS__) " -> " #RESULT                                 \
                                " state " #STATE PERI_DOC_TEXT_(__VA_ARGS__))  \
  PERI_ITEM_(ID) = {                                                           \
    PERI_K_AGGREGATE, 0, 0, PERI_CAT(peri_text_, ID), 0, 0, 0, 0, \
    &STATE##__layout, 0};                                                      \
  AGGREGATE_HOOK(ID, PERI_H_STEP, step_fn, STEP);                              \
  AGGREGATE_HOOK(ID, PERI_H_JOIN, join_fn, JOIN);                              \
  AGGREGATE_HOOK(ID, PERI_H_FINAL, final_fn, FINAL)
#define AGGREGATE_DROP(ID, DROP) AGGREGATE_HOOK(ID, PERI_H_DROP, drop_fn, DROP)
#define AGGREGATE_HOOK(ID, NUMBER, TYPE, FUNCTION)                             \
  _Static_assert(__builtin_types_compatible_p(__typeof__(FUNCTION), TYPE),     \
                 #FUNCTION);                                                   \
  PERI_ITEM_(PERI_CAT(PERI_CAT(ID, __), TYPE)) = {PERI_K_HOOK,                 \
                                                  NUMBER,                      \
                                                  0,                           \
                                                  PERI_CAT(peri_text_, ID),    \
                                                  (peri_anyfn)FUNCTION,        \
                                                  0,                           \
                                                  0,                           \
                                                  0,                           \
                                                  0,                           \
                                                  0}

/* A STEP hook that calls ONE(cx, state, x) for each row that is not null. */
#define STEP_LOOP(NAME, STATE, TYPE, ONE)                                      \
  static peri_status NAME(peri_cx *cx, void *states, const uint32_t *group,    \
                          int64_t n, const peri_col *args)                     \
  {                                                                            \
    const peri_col x = args[0];                                                \
    STATE *base = states;                                                      \
    for (int64_t row = 0; row < n; row++) {                                    \
      if (peri_valid(&x, row)) {                                               \
        ONE(cx, base + (group ? group[row] : 0),                               \
            PERI_CAT(peri_row_, TYPE)(&x, row));                               \
      }                                                                        \
    }                                                                          \
    return cx->failed;                                                         \
  }

/* Grows or frees a block of the instance; NULL after a failure that is told. */
static inline PERI_UNUSED void *state_resize(peri_cx *cx, void *block,
                                             size_t size)
{
  void *grown = cx->sv->realloc(cx, block, size);
  if (!grown && size > 0) {
    peri_fail(cx, PERI_ENOMEM, "no memory for a group");
  }
  return grown;
}
#endif
