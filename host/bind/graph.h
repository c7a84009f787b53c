/* graph.h - the graph that lua/perigee/plan/emit.lua makes, as the run takes
 * it. */
#ifndef PG_BIND_GRAPH_H
#define PG_BIND_GRAPH_H
#include "flow/graph.h"

#include <lua.h>

struct pg_bind_graph {   /* the zeroed struct is empty */
  struct pg_arena arena; /* owned: all that the nodes point at */
  struct pg_node *nodes;
  int count;
};

/* Reads { nodes = { node, ... } } at `index`; raises what is wrong with it. */
void pg_bind_graph_read(lua_State *L, int index, struct pg_bind_graph *graph);

void pg_bind_graph_fini(struct pg_bind_graph *graph);

#endif
