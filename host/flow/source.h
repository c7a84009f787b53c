/* source.h - sources, native and in Lua. */
#ifndef PG_FLOW_SOURCE_H
#define PG_FLOW_SOURCE_H
#include "flow/feed.h"
#include "flow/stage.h"

/* Hears that a source has ended. */
typedef enum pg_status pg_source_over_fn(struct pg_stage *source,
                                         struct pg_error *err);

/* Asks all sources in turn, once, and passes on what they give; waits for a
 * while when none of them gave anything.  `over` is called once for each that
 * has ended, or is not to be asked any more.  [in, out] wait_ns: 0 at first
 *
 * Answers: PG_DONE when all have ended.  Thread: main, or a worker that reads,
 * never two of them at once */
enum pg_status pg_sources_step(struct pg_flow *flow, pg_source_over_fn *over,
                               uint64_t *wait_ns, struct pg_error *err);
/* Does so on one thread, until all have ended. */
enum pg_status pg_sources_drive(struct pg_flow *flow, struct pg_error *err);

/* Notes of which sources nobody wants more.  Answers: whether any is wanted.
 * Thread: the one that delivers */
bool pg_sources_note_wanted(struct pg_flow *flow);
/* Ends the stages of all sources.  Thread: the one that delivers */
enum pg_status pg_sources_end(struct pg_flow *flow, struct pg_error *err);
/* Shows how far they have come, when it is time.  Thread: the one that delivers
 */
void pg_sources_show_progress(struct pg_flow *flow);

/* Cuts what a source of bytes gave.  [take] read.  Thread: the one that cuts */
enum pg_status pg_source_cut(struct pg_stage *source, struct pg_read *read,
                             struct pg_error *err);
/* Passes on a batch of a source.  [take] batch.  Thread: the one that delivers
 */
enum pg_status pg_source_emit(struct pg_stage *source, struct pg_batch *batch,
                              struct pg_error *err);

#endif
