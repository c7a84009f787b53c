/* worker.c - the functions of a config in the state of a worker. */
#include "bind/worker.h"

#include "bind/protect.h"
#include "bind/state.h"

#include <lauxlib.h>
#include <stdlib.h>

#define AGAIN "perigee.cli.again"

/* What a state holds as long as it lives, from the bottom of its stack. */
enum { NODES = 1, FLAGS, STATES, KEPT = STATES };

struct opening {
  const struct pg_bind_script *of;
  bool differed;
};

/* What again.nodes() said: nodes, or nil and why not. */
static void check_nodes(lua_State *L, struct opening *opening, int nodes)
{
  const struct pg_bind_graph *graph = opening->of->graph;
  if (lua_isnil(L, nodes)) {
    opening->differed = true;
    lua_error(L); /* with the message */
  }
  luaL_checktype(L, nodes, LUA_TTABLE);
  if ((int)lua_rawlen(L, nodes) != graph->count) {
    luaL_error(L, "%d nodes for a worker, not %d", (int)lua_rawlen(L, nodes),
               graph->count);
  }
}

/* (opening) -> nodes, flags, states */
static int open_state(lua_State *L)
{
  struct opening *opening = lua_touserdata(L, 1);
  pg_state_open(L);
  lua_gc(L, LUA_GCSTOP); /* all that loads stays */
  lua_getglobal(L, "require");
  lua_pushliteral(L, AGAIN);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "nodes");
  lua_pushstring(L, opening->of->again);
  lua_call(L, 1, 2);
  lua_gc(L, LUA_GCRESTART);
  int nodes = lua_gettop(L) - 1;
  check_nodes(L, opening, nodes);
  lua_settop(L, nodes);
  pg_bind_script_push(L, opening->of->graph, nodes);
  return KEPT;
}

enum pg_status pg_bind_worker(void *self, const struct pg_script **made,
                              struct pg_error *err)
{
  struct pg_bind_script *script = self;
  struct opening opening = {.of = script};
  struct pg_bind_worker *worker = calloc(1, sizeof *worker);
  lua_State *L = worker ? luaL_newstate() : NULL;
  if (!L) {
    free(worker);
    return pg_fail(err, PG_NO_MEMORY, "no memory for the Lua of a worker");
  }
  worker->L = L;
  worker->next = script->workers;
  script->workers = worker;
  lua_pushcfunction(L, open_state);
  lua_pushlightuserdata(L, &opening);
  int code = lua_pcall(L, 1, KEPT, 0);
  if (code != LUA_OK) {
    const char *text = lua_tostring(L, -1);
    script->workers = worker->next;
    script->differed = opening.differed;
    pg_fail(err, code == LUA_ERRMEM ? PG_NO_MEMORY : PG_BAD_INPUT, "%s",
            text ? text : "the script cannot run again for a worker");
    worker->next = NULL;
    pg_bind_workers_free(worker);
    return code == LUA_ERRMEM ? PG_NO_MEMORY : PG_BAD_INPUT;
  }
  pg_bind_script_init(&worker->script, L, script->graph, NODES);
  *made = &worker->script.table;
  return PG_OK;
}

void pg_bind_workers_free(struct pg_bind_worker *workers)
{
  while (workers) {
    struct pg_bind_worker *next = workers->next;
    lua_close(workers->L);
    free(workers);
    workers = next;
  }
}
