/* parallel.h - a pipeline on several threads.
 *
 * All workers do the same, again and again:
 *
 *   ask              when nobody else asks          sources
 *   read             beside the others, where a source says only where in a
 *                    file the bytes are
 *   cut a chunk      in the order of reading, when
 *                    nobody else cuts               split
 *   work on it       beside the others              decode, where, ..., encode
 *   deliver results  in the order of reading, when
 *                    nobody else delivers           the stages behind
 *
 * so what a worker has read is in its cache when it decodes.  Who delivers also
 * takes what others have finished meanwhile, and nobody waits to deliver.  One
 * that waits for a source holds up nothing but reading.
 *
 * A worker has instances of its own of a decoder that may be copied and of the
 * stages behind it, up to the first that needs all rows in order; of a group
 * each worker has its share, and they are joined at the end. */
#ifndef PG_FLOW_PARALLEL_H
#define PG_FLOW_PARALLEL_H
#include "flow/feed.h"
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

/* What was read goes on its way.  [take] read, batch.  Thread: the one that
 * reads */
enum pg_status pg_parallel_put_read(struct pg_stage *source,
                                    struct pg_read *read, struct pg_error *err);
enum pg_status pg_parallel_put_batch(struct pg_stage *source,
                                     struct pg_batch *batch,
                                     struct pg_error *err);

/* The decoder that is to split what a source of `decoder` gives: the one that
 * decodes it, most often.  Thread: the one that cuts */
struct pg_decoder *pg_parallel_decoder(struct pg_decoder *decoder);
/* What was cut goes on its way.  [take] what piece holds.  Thread: the one that
 * cuts */
enum pg_status pg_parallel_put_piece(struct pg_decoder *decoder,
                                     struct pg_piece *piece,
                                     struct pg_error *err);

/* Calls job(to, i) for each i below `count`, here and on workers that have
 * nothing to do, and waits for all.  Thread: the one that delivers */
typedef void pg_parallel_job_fn(void *to, int i);
void pg_parallel_each(struct pg_flow *flow, pg_parallel_job_fn *job, void *to,
                      int count);

/* Joins the workers' shares of a group that has ended.  Thread: the one that
 * delivers */
enum pg_status pg_parallel_join(struct pg_stage *group, struct pg_error *err);

#endif
