/* script.h - the functions of a config, as a run calls them.
 *
 * All Lua happens in one state, in the frame of core.run(): the run calls from
 * any of its threads, one at a time.  Workers may have states of their own (see
 * worker.h).  Every call is protected, so that no error of Lua crosses a frame
 * of the run. */
#ifndef PG_BIND_SCRIPT_H
#define PG_BIND_SCRIPT_H
#include "bind/graph.h"

struct pg_bind_script {
  lua_State *L;
  const struct pg_bind_graph *graph;
  int nodes;      /* stack index: the nodes that the graph was read from */
  int states;     /* stack index: node -> row (each) or reader of rows */
  bool *no_split; /* by node: the decoder has no function `split` */
  struct pg_script table;
  const char *again; /* borrowed: how the config runs again; NULL: it cannot */
  bool differed;     /* and what came of it: not the same plan */
  struct pg_bind_worker *workers; /* owned */
};

/* Pushes two values that a script needs for the list of nodes at stack index
 * `nodes`.  Raises when there is no memory. */
void pg_bind_script_push(lua_State *L, const struct pg_bind_graph *graph,
                         int nodes);
/* The two values are on top; they and the nodes must stay until the run has
 * ended.  [borrow] graph */
void pg_bind_script_init(struct pg_bind_script *script, lua_State *L,
                         const struct pg_bind_graph *graph, int nodes);

/* Pushes the list of names that rows were asked for, or that stages behind read,
 * and that never were columns, sorted, each with what its stage had instead:
 * { { name =, at =, label =, columns = { name, ... } }, ... } */
void pg_bind_script_push_missed(struct pg_bind_script *script);

#endif
