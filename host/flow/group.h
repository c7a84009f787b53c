/* group.h - groups of rows and their aggregates.
 *
 * A group works on the rows of one thread.  Groups of several threads are
 * joined at the end; the rows carry their place in the stream, so that the
 * order of first appearance is that of one thread. */
#ifndef PG_FLOW_GROUP_H
#define PG_FLOW_GROUP_H
#include "flow/stage.h"

/* Says where the rows of the next batches stand in the stream: from then on the
 * group notes where each of its rows came first. */
void pg_group_set_place(struct pg_stage *stage, uint64_t place);

/* Adds what other stages of the same node have gathered, and empties them. */
enum pg_status pg_group_join(struct pg_stage *into,
                             struct pg_stage *const *from, int count,
                             struct pg_error *err);

#endif
