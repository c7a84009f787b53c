/* state.h - what the aggregates share.
 *
 * The overloads of one name work on one state, and the type of a column may
 * widen from batch to batch.  A state therefore keeps apart what came as i64
 * and what came as f64, and every FINAL reads both: where the batches were cut
 * does not show in a result.
 */
#ifndef PERIGEE_AGGREGATES_STATE_H
#define PERIGEE_AGGREGATES_STATE_H
#include <perigee/plugin.h>

/* Columns of JSON text, as an argument type. */
typedef peri_str peri_c_json;
static inline PERI_UNUSED peri_str peri_row_json(const peri_col *column,
                                                 int64_t row)
{
  return peri_row_str(column, row);
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
