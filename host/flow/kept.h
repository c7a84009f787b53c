/* kept.h - rows whose text a decoder handed on, for the encoder to print as it
 * is (PERI_KEEPS in perigee/abi.h).
 *
 * A batch of such rows has the column PERI_KEPT_NAME.  It is one like any other
 * for the stages on the way, which only read columns by name, choose rows and
 * add columns: the plan sees to that (lua/perigee/plan/keeps.lua). */
#ifndef PG_FLOW_KEPT_H
#define PG_FLOW_KEPT_H
#include "data/batch.h"

/* Is it the name of the column of texts? */
bool pg_kept_is(peri_str name);
/* That column, or -1. */
int pg_kept_find(const struct pg_schema *schema);

/* Is the name one of these? */
bool pg_kept_is_added(const peri_str *added, int added_count, peri_str name);

/* How batches of one schema are arranged. */
struct pg_kept {          /* the zeroed struct is empty */
  struct pg_schema *from; /* owned; NULL: nothing is known */
  struct pg_schema *to;   /* owned */
  int *indices;           /* owned: where a column was */
};
void pg_kept_fini(struct pg_kept *kept);

/* The batch as an encoder wants it: the columns that the texts hold, the texts,
 * what was added.  One without texts stays as it is.  [take] batch.  NULL: no
 * memory */
struct pg_batch *pg_kept_arrange(struct pg_kept *kept, const peri_str *added,
                                 int added_count, struct pg_batch *batch);

#endif
