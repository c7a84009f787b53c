/* graph.h - a checked plan as the run takes it: nodes and edges, and the script
 * that some of them call.
 *
 * Nodes come after those that feed them.  A node fed by several others merges
 * them.  Everything is borrowed while the run lasts. */
#ifndef PG_FLOW_GRAPH_H
#define PG_FLOW_GRAPH_H
#include "flow/program.h"
#include "plugin/instance.h"

enum pg_node_kind {
  /* items of plugins: `plugin`, `item`, `params` */
  PG_NODE_SOURCE,
  PG_NODE_DECODE,
  PG_NODE_KERNEL,
  PG_NODE_ENCODE,
  PG_NODE_SINK,
  /* of the host */
  PG_NODE_WHERE,  /* script->programs: one */
  PG_NODE_DERIVE, /* script->programs: one for each of `names` */
  PG_NODE_SELECT, /* `names` */
  PG_NODE_DROP,   /* `names` */
  PG_NODE_RENAME, /* `names` (from) become `to` */
  PG_NODE_GROUP,  /* `names` (by), then `to`: the aggregates, script->aggregate
                   */
  PG_NODE_TEE,    /* every batch to every edge */
  PG_NODE_ROUTE, /* script->programs: one for each edge but the last; a row goes
                    to the first edge whose program is true, else to the last */
  /* in Lua, by way of the script */
  PG_NODE_EACH,
  PG_NODE_BATCHES,
  PG_NODE_LUA_SOURCE,
  PG_NODE_LUA_DECODE,
  PG_NODE_LUA_ENCODE,
  PG_NODE_LUA_SINK,
};

/* One aggregate of a group as the columns of a batch need it. */
struct pg_aggregate_use {
  const struct pg_plugin *plugin;
  const struct pg_plugin_item *item;
  struct pg_program *args[PG_PROGRAM_ARGS_MAX]; /* owned */
  int arg_count;
};

struct pg_node {
  enum pg_node_kind kind;
  const char *label, *at; /* "where", "config.lua:7": for messages */
  const int *outs; /* nodes that it feeds; -1 (route): the rows end here */
  int out_count;

  const struct pg_plugin *plugin;
  const struct pg_plugin_item *item;
  struct pg_value params;

  /* where, derive: made from a plain Lua function, which script->process runs
   * on batches in which it could mean something else: those with a null in what
   * it reads, and those that script->programs gives no programs for (NULL). */
  bool plain;
  /* each: workers may run the function beside each other, see apart.h */
  bool parallel;
  /* kernel of all rows: what it makes of the first rows and the others together
   * is what it makes of all of them, and is little: a sort with a limit */
  bool folds;

  /* rename: as many `to`; decode, kernel: what is read by name; encode: all
   * columns that rows can have, or none when the plan does not know */
  const peri_str *names, *to;
  int name_count, to_count;

  /* decode: rows are wanted as they stand, with these columns only; NULL: they
   * are not.  decode, encode: `to` are the columns that stages between them
   * add to such rows. */
  const peri_field *kept;
  int kept_count;
  uint32_t keep; /* PERI_KEEP_ALL or _ONLY, and the members of such rows */
  const peri_member *members;
  int member_count;

  /* decode: the columns to fill and their declared types (PERI_T_NULL: as
   * found), all of them when `all` */
  const peri_field *fields;
  int field_count;
  bool all;
  /* Which columns there are shows in what comes out, so that it must not depend
   * on where chunks end: see settle.h. */
  bool exact;
  /* Of a decoder that feeds nothing but a where: the columns that this reads,
   * to decode the others for what it keeps only, see late.h. */
  const peri_field *first;
  int first_count; /* 0: the rows are decoded at once */
  bool stop_on_reject;
  const char *rejects_path; /* NULL: none */
};

/* The script behind a graph.  Calls never overlap: the run holds a lock when
 * it has several threads.  Scripts of workers are others, whose calls may.
 * Failures carry text with the place in the config. */
struct pg_script {
  void *self;
  /* [out] programs  as many as the node's kind says; owned by the caller */
  enum pg_status (*programs)(void *self, int node,
                             const struct pg_schema *schema,
                             struct pg_program **programs, struct pg_error *);
  /* [out] use  aggregate `index` of a group, for the columns of `schema` */
  enum pg_status (*aggregate)(void *self, int node, int index,
                              const struct pg_schema *schema,
                              struct pg_aggregate_use *use, struct pg_error *);
  /* [out] batch  NULL: the end */
  enum pg_status (*poll)(void *self, int node, struct pg_batch **batch,
                         struct pg_error *);
  /* each, batches.  [out] out  NULL: no rows are left.  Rows whose function
   * failed go to `reject` (each), by number in `in`, and are left out. */
  enum pg_status (*process)(void *self, int node, struct pg_batch *in,
                            struct pg_batch **out,
                            void (*reject)(void *to, int64_t row,
                                           const char *why),
                            void *to, struct pg_error *);
  /* What each knows of the columns that it writes, and does not find out again
   * for every batch; NULL: nothing. */
  enum pg_status (*learnt)(void *self, int node, struct pg_schema **schema,
                           struct pg_error *);
  enum pg_status (*learn)(void *self, int node, const struct pg_schema *schema,
                          struct pg_error *);
  /* Makes a script like this one that shares nothing with it, for each, learnt
   * and learn of nodes that are `parallel`.  NULL: there can be none.
   * [out] worker  lives as long as this one */
  enum pg_status (*worker)(void *self, const struct pg_script **worker,
                           struct pg_error *);
  /* As the hooks of a decoder; a decoder in Lua without split cuts at newlines.
   * [out] whole; [out] batch  NULL: no rows */
  enum pg_status (*split)(void *self, int node, const peri_chunk *chunk,
                          size_t *whole, struct pg_error *);
  enum pg_status (*decode)(void *self, int node, const peri_chunk *chunk,
                           struct pg_batch **batch, struct pg_error *);
  enum pg_status (*encode)(void *self, int node, struct pg_batch *batch,
                           struct pg_text *text, struct pg_error *);
  enum pg_status (*finish)(void *self, int node, struct pg_text *text,
                           struct pg_error *);
  enum pg_status (*write)(void *self, int node, struct pg_batch *batch,
                          struct pg_error *);
  /* sinks, once, before any rows; when it fails, there is no close */
  enum pg_status (*open)(void *self, int node, struct pg_error *);
  /* sources and sinks, once, also after a failure */
  enum pg_status (*close)(void *self, int node, struct pg_error *);
};

struct pg_graph {
  const struct pg_node *nodes;
  int count;
  const struct pg_script *script;
};

#endif
