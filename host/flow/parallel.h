/* parallel.h - the first part of a pipeline on several threads.
 *
 *   main: source, split --chunk--> worker: decode, where, ... --rows--> main:
 * the rest, in the order of the chunks
 *
 * A worker has instances of its own of every stage of that part, which goes
 * from a decoder up to the first stage that needs all rows in order; of a group
 * each worker has its share, and they are joined at the end.
 *
 * All functions: main thread. */
#ifndef PG_FLOW_PARALLEL_H
#define PG_FLOW_PARALLEL_H
#include "flow/piece.h"
#include "flow/stage.h"

struct pg_decoder;
struct pg_parallel;

/* Starts the workers.
 * [out]  parallel  NULL: nothing in this graph can run beside other things */
enum pg_status pg_parallel_new(struct pg_flow *flow,
                               struct pg_parallel **parallel,
                               struct pg_error *err);
/* Stops them; NULL is fine. */
void pg_parallel_free(struct pg_parallel *parallel);

/* Do workers decode for this stage? */
bool pg_parallel_decodes(const struct pg_stage *stage);

/* Hands a chunk to the workers; delivers results while too many are on their
 * way.  [take] what piece holds.  Answers: PG_DONE when nobody wants more */
enum pg_status pg_parallel_submit(struct pg_decoder *decoder,
                                  struct pg_piece *piece, struct pg_error *err);

/* Gives what is finished to the rest of the pipeline. */
enum pg_status pg_parallel_deliver(struct pg_flow *flow, struct pg_error *err);
/* The same, after a wait for the next result of at most so long. */
enum pg_status pg_parallel_wait(struct pg_flow *flow, uint64_t ns,
                                struct pg_error *err);
/* The same until nothing is on its way: before anything else is emitted, so
 * that the order is that of one thread. */
enum pg_status pg_parallel_drain(struct pg_flow *flow, struct pg_error *err);

/* Joins the workers' shares of a group; nothing is on its way. */
enum pg_status pg_parallel_join(struct pg_stage *group, struct pg_error *err);

#endif
