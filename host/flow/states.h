/* states.h - the states of one aggregate, one for each group. */
#ifndef PG_FLOW_STATES_H
#define PG_FLOW_STATES_H
#include "flow/stage.h"

struct pg_states {                   /* the zeroed struct is empty */
  const struct pg_plugin_item *item; /* asked for last; NULL: none yet */
  struct pg_context *context;        /* owned */
  char *block;                       /* owned */
  char *bytes;                       /* in it; aligned as the item says */
  size_t count, count_max;
};

/* Takes `use` as the overload to go on with.
 * Fails: PG_BAD_INPUT (its state is not that of the overload before) */
enum pg_status pg_states_use(struct pg_states *states,
                             const struct pg_stage *stage,
                             const struct pg_aggregate_use *use,
                             struct pg_error *err);

/* Makes them `count` states, the new ones zeroed.  False: no memory. */
bool pg_states_grow(struct pg_states *states, size_t count);

void *pg_states_at(const struct pg_states *states, size_t index);

/* Drops all states. */
void pg_states_fini(struct pg_states *states);

#endif
