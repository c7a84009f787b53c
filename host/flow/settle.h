/* settle.h - which columns the batches of a decoder have, and in which order.
 *
 * An encoder writes columns in the order of the batch, and a decoder that finds
 * its columns in the data tells them in the order in which it found them.  When
 * several instances of it decode chunks side by side each finds another order.
 * So columns are settled chunk by chunk, in the order of the stream: those that
 * came once are part of every batch from then on, in the order in which they
 * came first.
 *
 * When a stream ends chunks where it likes, so would the columns begin: for a
 * node that is `exact` they do not.  All columns of the first chunk, which is
 * cut at a fixed place then (feed.h), are there from its first row on; any
 * other comes with the first row that has a value in it.
 *
 * The text of a kept row (kept.h) is right where its columns come in the
 * settled order, or in that of a select, and none is called as one that a stage
 * adds: that goes to the end of the text, but to the column's place in the
 * batch.
 */
#ifndef PG_FLOW_SETTLE_H
#define PG_FLOW_SETTLE_H
#include "data/batch.h"
#include "flow/graph.h"

#include <pthread.h>

struct pg_settle {
  const peri_field *fields; /* borrowed: types of columns that are absent */
  int field_count;
  const peri_str *added; /* borrowed: columns that stages add to kept rows */
  int added_count;
  bool chosen; /* kept rows have their members in an order of their own */
  struct pg_field *columns; /* owned, and their names: those that came */
  bool *hidden;             /* owned: of those, not part of a batch yet */
  int count, count_max, hidden_count;
  bool any; /* a row came */
  /* turns of threads */
  pthread_mutex_t lock;
  pthread_cond_t moved;
  uint64_t turn;
};

/* What one thread knows of it: how batches of one schema become settled;
 * hidden columns are left out. */
struct pg_settled {       /* the zeroed struct is empty */
  struct pg_schema *from; /* owned; NULL: nothing is known */
  struct pg_schema *to;   /* owned; NULL: as it is */
  int *indices;           /* owned: where a column was; -1: absent */
  int count;              /* of settled columns */
  bool lacks;             /* some of `from` are hidden */
  bool keeps;             /* texts of rows are right beside those before */
};

/* [borrow] node, a decoder's */
void pg_settle_init(struct pg_settle *settle, const struct pg_node *node);
void pg_settle_fini(struct pg_settle *settle);
void pg_settled_fini(struct pg_settled *settled);

/* Notes the columns of the batch; those that are new are hidden.  False: no
 * memory. */
bool pg_settle_see(struct pg_settle *settle, const struct pg_batch *batch,
                   bool hide);
/* The first row with a value in a hidden column; batch->rows: there is none. */
int64_t pg_settle_news(const struct pg_settle *settle,
                       const struct pg_batch *batch);
/* Hides columns that have a value in the first row no longer. */
void pg_settle_show(struct pg_settle *settle, const struct pg_batch *batch);

/* Is what one thread knows right for such a batch, and all of it? */
bool pg_settled_fits(const struct pg_settled *settled,
                     const struct pg_settle *settle,
                     const struct pg_batch *batch);
/* Learns what to do with such batches.  False: no memory. */
bool pg_settled_learn(struct pg_settled *settled,
                      const struct pg_settle *settle, struct pg_schema *schema);

/* The batch with settled columns.  [take] batch.  NULL: no memory. */
struct pg_batch *pg_settled_apply(const struct pg_settled *settled,
                                  struct pg_batch *batch);

/* Has column `name` come? */
bool pg_settle_has(const struct pg_settle *settle, peri_str name);

/* Waits until it is the turn of chunk `turn`, or *stop; then nobody else is
 * between here and pg_settle_leave(), which is always to be called. */
void pg_settle_enter(struct pg_settle *settle, uint64_t turn,
                     const int32_t *stop);
void pg_settle_leave(struct pg_settle *settle);
/* Wakes those who wait, after *stop was set. */
void pg_settle_wake(struct pg_settle *settle);

#endif
