/* widen.h - one type for a column whose type changes in the middle of a stream.
 *
 *   null and T         T
 *   integers           i64
 *   with f32, f64      f64, when all values are exact as such
 *   str and bin        bin
 *   everything else    json: the JSON text of the value
 */
#ifndef PG_FLOW_WIDEN_H
#define PG_FLOW_WIDEN_H
#include "data/column.h"

#define PG_WIDEN_NONE UINT32_MAX

/* The type for values of both, when they are exact; PG_WIDEN_NONE: bin with
 * what is no text. */
uint32_t pg_widen_type(uint32_t a, uint32_t b);

/* The column as `type`, which pg_widen_type() gave for it.
 * [out]  inexact  when NULL: true, json has to do; false: no memory */
struct pg_column *pg_widen_column(struct pg_column *column, uint32_t type,
                                  bool *inexact);

/* Makes all columns, of one name, alike; each reference is replaced.  One of
 * PG_WIDEN_NONE's pairs must not be among them.  The type, or PG_WIDEN_NONE: no
 * memory, and the columns are as they were or partly replaced. */
uint32_t pg_widen_all(struct pg_column **columns, int count, uint32_t type);

#endif
