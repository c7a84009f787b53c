/* concat.h - several batches as one. */
#ifndef PG_FLOW_CONCAT_H
#define PG_FLOW_CONCAT_H
#include "base/status.h"
#include "data/batch.h"

/* One batch with the rows of all, in memory of its own.  It has every column
 * that any of them has, in the order in which they first come, null where a
 * batch lacks it; types widen as widen.h says.
 *
 * Fails: PG_BAD_INPUT (types that nothing holds), PG_NO_MEMORY
 */
enum pg_status pg_concat(struct pg_batch *const *batches, int count,
                         struct pg_batch **all, struct pg_error *err);

#endif
