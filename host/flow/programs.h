/* programs.h - the programs of a stage, compiled once for each schema. */
#ifndef PG_FLOW_PROGRAMS_H
#define PG_FLOW_PROGRAMS_H
#include "flow/stage.h"

/* Rows through the function of the script, as the stage each does.
 * [take] batch */
enum pg_status pg_lua_rows_take(struct pg_stage *stage, struct pg_batch *batch,
                                struct pg_error *err);
/* Counts a row whose function failed; the text of the row stays with the
 * script.  False: no memory. */
bool pg_lua_rows_reject(struct pg_flow *flow, const struct pg_node *node,
                        const char *why);

#define PG_PROGRAMS_KEPT 8 /* schemas that a stream may change between */

struct pg_programs { /* the zeroed struct is empty */
  struct {
    struct pg_schema *schema;     /* owned; NULL: free */
    struct pg_program **programs; /* owned */
  } kept[PG_PROGRAMS_KEPT];
  int next; /* to be replaced */
  int last; /* used last */
};

/* The programs of the stage for batches of this schema.
 * [out]  programs  `count` of them; borrowed until the next call
 * Fails: as the script does, PG_NO_MEMORY */
enum pg_status pg_programs_get(struct pg_programs *cache,
                               struct pg_stage *stage, int count,
                               struct pg_schema *schema,
                               struct pg_program ***programs,
                               struct pg_error *err);
/* For a stage made from a plain Lua function: must the function itself run on
 * this batch? */
bool pg_programs_leave_to_lua(struct pg_program *const *programs, int count,
                              const struct pg_batch *batch);
/* `count` as above. */
void pg_programs_fini(struct pg_programs *cache, int count);

#endif
