/* group_own.h - the state of a group, for group.c and group_out.c only. */
#ifndef PG_FLOW_GROUP_OWN_H
#define PG_FLOW_GROUP_OWN_H
#include "flow/keys.h"
#include "flow/states.h"

#define KEPT 8 /* schemas that a stream may change between */

struct group {
  struct pg_keys keys;      /* unused without columns to group by */
  struct pg_states *states; /* owned; one for each aggregate */
  int aggregate_count;
  struct {
    struct pg_schema *schema;      /* owned; NULL: free */
    struct pg_aggregate_use *uses; /* owned, and their programs */
  } kept[KEPT];
  int next;                   /* to be replaced */
  struct pg_block *numbers;   /* owned; of the rows of a batch */
  struct pg_column **columns; /* owned; room for those to group by */
  /* Where rows stand in the stream: chunk << 32 | row, when `placed`. */
  bool placed;
  uint64_t place;
  uint64_t *places; /* owned; where each group came first */
  size_t places_max;
  struct pg_schema *last; /* owned; the last that was new, and where it came */
  uint64_t last_place;
};

/* The aggregates for batches of this schema.
 * [out]  uses  borrowed until the next call */
enum pg_status pg_group_bind(struct pg_stage *stage, struct pg_schema *schema,
                             struct pg_aggregate_use **uses,
                             struct pg_error *err);

/* Gives all groups to the stages behind. */
enum pg_status pg_group_emit(struct pg_stage *stage, struct pg_error *err);

#endif
