/* stage.h - a node of the graph at work.
 *
 * Batches are pushed: a stage gets one, and gives what it makes of it to the
 * stages that it feeds before it returns.  PG_DONE goes the other way: a stage
 * that wants no more is given no more, and a source that feeds nobody any
 * longer is not polled.
 *
 * Calls of one stage never overlap. */
#ifndef PG_FLOW_STAGE_H
#define PG_FLOW_STAGE_H
#include "flow/graph.h"

struct pg_failures;
struct pg_flow;
struct pg_stage;

/* What a kind of node does; every function but close() may be NULL. */
struct pg_stage_ops {
  size_t state_bytes; /* of stage->state, zeroed before open() */
  /* close() follows also when it fails. */
  enum pg_status (*open)(struct pg_stage *stage, struct pg_error *err);
  /* [take] batch; it has rows.  PG_DONE: the stage wants no more. */
  enum pg_status (*batch)(struct pg_stage *stage, struct pg_batch *batch,
                          struct pg_error *err);
  /* Columns that a decoder found, in a batch without rows, when no more will
   * come; NULL: those of what the stage gives do not follow from them.
   * [take] batch */
  enum pg_status (*columns)(struct pg_stage *stage, struct pg_batch *batch,
                            struct pg_error *err);
  /* For sinks of bytes. */
  enum pg_status (*bytes)(struct pg_stage *stage, const char *bytes, size_t n,
                          struct pg_error *err);
  /* No more will come: gives what it kept. */
  enum pg_status (*end)(struct pg_stage *stage, struct pg_error *err);
  void (*close)(struct pg_stage *stage);
};

struct pg_stage {
  struct pg_flow *flow;       /* borrowed */
  const struct pg_node *node; /* borrowed */
  int index;                  /* of the node */
  const struct pg_stage_ops *ops;
  struct pg_scratch *scratch; /* borrowed: of the thread that calls it */
  struct pg_stage **outs;     /* owned; a NULL in it: rows end here */
  int out_count;
  int inputs; /* that have not ended */
  bool done, ended;
  struct pg_failures *failures; /* borrowed: of the chunk at hand, where a
                                   worker's rows go whose function failed */
  struct pg_counts counts;      /* owned; the result of the run gets them */
  void *state;                  /* owned; of ops */
};

/* A stage of the node, not opened, that feeds nobody yet.  NULL: no memory. */
struct pg_stage *pg_stage_new(struct pg_flow *flow, int index,
                              struct pg_scratch *scratch);
/* Closes it, and adds what it counted to the result of the run; NULL is fine.
 * Thread: main */
void pg_stage_free(struct pg_stage *stage);

enum pg_status pg_stage_open(struct pg_stage *stage, struct pg_error *err);

/* Gives a batch to a stage.  [take] batch.  PG_DONE: it wants no more. */
enum pg_status pg_stage_give(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err);
/* The same to a sink of bytes. */
enum pg_status pg_stage_give_bytes(struct pg_stage *stage, const char *bytes,
                                   size_t n, struct pg_error *err);

/* Gives a batch to every stage that this one feeds.  [take] batch.  PG_DONE:
 * none of them wants more. */
enum pg_status pg_stage_emit(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err);
/* The same in batches of at most as many rows as the options of the run say. */
enum pg_status pg_stage_emit_cut(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err);
/* Gives columns, in a batch without rows, to every stage that this one feeds.
 * [take] batch */
enum pg_status pg_stage_tell(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err);

/* Ends a stage once, and then those that have no other input left. */
enum pg_status pg_stage_end(struct pg_stage *stage, struct pg_error *err);

/* Fails with "<at>: <label>: " before the text. */
enum pg_status pg_stage_fail(const struct pg_stage *stage,
                             enum pg_status status, struct pg_error *err,
                             const char *format, ...) PG_PRINTF(4, 5);
enum pg_status pg_stage_no_memory(const struct pg_stage *stage,
                                  struct pg_error *err);
/* Puts the place before the text of a failure that has none; answers `status`,
 * whatever it is. */
enum pg_status pg_stage_place(const struct pg_stage *stage,
                              enum pg_status status, struct pg_error *err);

/* The kinds of nodes. */
extern const struct pg_stage_ops pg_source_ops, pg_lua_source_ops,
  pg_decode_ops, pg_kernel_ops, pg_whole_ops, pg_encode_ops, pg_sink_ops,
  pg_where_ops, pg_derive_ops, pg_select_ops, pg_drop_ops, pg_rename_ops,
  pg_group_ops, pg_tee_ops, pg_route_ops, pg_lua_rows_ops, pg_lua_encode_ops,
  pg_lua_sink_ops;

#endif
