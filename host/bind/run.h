/* run.h - core.run() for Lua. */
#ifndef PG_BIND_RUN_H
#define PG_BIND_RUN_H
#include <lua.h>

/* core.run(graph, { progress =, max_shown =, workers =, batch_rows = }) ->
 * result, or nil, message, kind ("failed", "refused", "interrupted"). */
int pg_bind_run(lua_State *L);

#endif
