/* parallel.h - a pipeline on several threads.
 *
 *   reader: sources, split --chunks--> workers: decode, where, ...
 *                           |                    |
 *                           v                    v
 *           main thread: everything else, in the order in which it was read
 *
 * A worker has instances of its own of a decoder that may be copied and of the
 * stages behind it, up to the first that needs all rows in order; of a group
 * each worker has its share, and they are joined at the end.  The reader is a
 * thread of its own, so that a source that waits holds nothing up. */
#ifndef PG_FLOW_PARALLEL_H
#define PG_FLOW_PARALLEL_H
#include "flow/piece.h"
#include "flow/stage.h"

struct pg_decoder;
struct pg_parallel;

/* Makes the threads, which wait.  Thread: main
 * [out]  parallel  NULL: nothing in this graph can run beside other things */
enum pg_status pg_parallel_new(struct pg_flow *flow,
                               struct pg_parallel **parallel,
                               struct pg_error *err);
/* Runs the pipeline until all sources have ended.  Thread: main */
enum pg_status pg_parallel_run(struct pg_parallel *parallel,
                               struct pg_error *err);
/* Stops the threads; NULL is fine.  Thread: main */
void pg_parallel_free(struct pg_parallel *parallel);

/* What the reader has read; they wait while too much is on its way.  [take]
 * what piece holds, batch.  Thread: reader */
enum pg_status pg_parallel_put_piece(struct pg_decoder *decoder,
                                     struct pg_piece *piece,
                                     struct pg_error *err);
enum pg_status pg_parallel_put_batch(struct pg_stage *source,
                                     struct pg_batch *batch,
                                     struct pg_error *err);

/* Joins the workers' shares of a group that has ended.  Thread: main */
enum pg_status pg_parallel_join(struct pg_stage *group, struct pg_error *err);

#endif
