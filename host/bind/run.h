/* run.h - core.run() for Lua. */
#ifndef PG_BIND_RUN_H
#define PG_BIND_RUN_H
#include <lua.h>

/* core.run(graph, { progress =, max_shown =, workers =, batch_rows =, again =
 * })
 * -> result, or nil, message, kind ("failed", "refused", "interrupted",
 * "config"), result so far.
 * again  for lua/perigee/cli/again.lua, which makes the graph once more in the
 *        state of a worker */
int pg_bind_run(lua_State *L);

#endif
