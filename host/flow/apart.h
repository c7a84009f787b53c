/* apart.h - functions of the script on the workers, each of which has a script
 * of its own.
 *
 * What comes out of a function depends on what it wrote before: the first value
 * gives a column its type, and a column that came once stays.  A script calls
 * that what it has learnt.  So that all comes out as from one thread, a chunk
 * begins with what was learnt so far, waits at its end for the chunks before
 * it, and is done again when they have learnt something else.
 *
 *   begin(turn), rows ..., end()
 *
 * Few streams learn anything after their first chunk, for which the others
 * wait. */
#ifndef PG_FLOW_APART_H
#define PG_FLOW_APART_H
#include "flow/stage.h"

/* Rows whose function failed, in order. */
struct pg_failures { /* the zeroed struct is empty */
  struct pg_failure {
    const struct pg_node *node; /* borrowed */
    char *why;                  /* owned */
  } * list;                     /* owned */
  int count, max;
};

/* False: no memory. */
bool pg_failures_add(struct pg_failures *failures, const struct pg_node *node,
                     const char *why);
/* Counts them as rejected.  False: no memory. */
bool pg_failures_count(const struct pg_failures *failures,
                       struct pg_flow *flow);
void pg_failures_fini(struct pg_failures *failures);

/* May workers run the function of this stage? */
bool pg_apart_is(const struct pg_stage *stage);

/* Makes an opened copy of a stage one of a worker.  [borrow] script: until it
 * is closed.  Thread: main */
void pg_apart_share(struct pg_stage *copy, const struct pg_script *script);

/* Around the rows of a chunk, for every chunk; turns count from 0.
 * end: gives what came out to the next stage, adds to `failures`.
 * Fails: as the script and the stages behind do.  Thread: the worker */
void pg_apart_begin(struct pg_stage *copy, uint64_t turn);
enum pg_status pg_apart_end(struct pg_stage *copy, struct pg_failures *failures,
                            struct pg_error *err);

/* Those who wait look at flow->stop.  stage  of the flow */
void pg_apart_wake(struct pg_stage *stage);

#endif
