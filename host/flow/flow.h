/* flow.h - what the stages of one run share. */
#ifndef PG_FLOW_FLOW_H
#define PG_FLOW_FLOW_H
#include "flow/progress.h"
#include "flow/run.h"
#include "flow/stage.h"

#include <pthread.h>

struct pg_parallel;

struct pg_flow {
  const struct pg_graph *graph;
  const struct pg_run_options *options;
  struct pg_run_result *result;
  struct pg_stage **stages;     /* owned; one for each node */
  struct pg_scratch *scratch;   /* owned; of those stages */
  struct pg_parallel *parallel; /* owned; NULL: one thread does it all */
  struct pg_progress progress;
  uint64_t stream_count; /* begun so far */
  pthread_mutex_t script_lock;
  int32_t stop; /* not 0: the run has failed, give up; atomic */
};

/* Around every call of the script.  The holder never waits for a worker. */
void pg_flow_lock_script(struct pg_flow *flow);
void pg_flow_unlock_script(struct pg_flow *flow);

#endif
