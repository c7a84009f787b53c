/* bind.h - the declared inputs of a kernel, found by name among the columns of
 * batches when their schema changes. */
#ifndef PG_FLOW_BIND_H
#define PG_FLOW_BIND_H
#include "flow/stage.h"

struct pg_bind {        /* the zeroed struct is empty */
  struct pg_schema *in; /* owned: of the last batch; NULL: none came */
  int *columns;         /* owned: for each input, as pg_instance_process()
                           takes it */
  uint32_t *casts;      /* owned: for each input the type that its column
                           must become; PERI_T_NULL: as it is */
  int cast_count;
  struct pg_schema *cast; /* owned: `in` and the casts; NULL: no casts */
  struct pg_schema *out, *stripped; /* owned: last seen by pg_bind_strip() */
  int *kept;                        /* owned: columns of `out` in `stripped` */
};

/* Prepares a batch for the kernel of the stage: columns whose type no input
 * takes are cast, behind the others.  [take] batch, and gives it back in
 * `*batch`, or NULL after a failure.
 * Fails: PG_BAD_INPUT (a type, a value that cannot be cast), PG_NO_MEMORY */
enum pg_status pg_bind_batch(struct pg_bind *bind, const struct pg_stage *stage,
                             struct pg_batch **batch, struct pg_error *err);

/* What the kernel made, without the casts.  [take] batch.  NULL: no memory */
struct pg_batch *pg_bind_strip(struct pg_bind *bind, struct pg_batch *batch);

void pg_bind_fini(struct pg_bind *bind);

#endif
