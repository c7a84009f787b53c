/* caller.h - the call context that functions of one plugin get in one state. */
#ifndef PG_BIND_CALLER_H
#define PG_BIND_CALLER_H
#include "bind/convert.h"
#include "plugin/context.h"

/* A userdata.  While a call is converting its arguments or its result, Lua may
 * run a finalizer that calls the same plugin: such a call gets a spare. */
struct pg_caller {
  const struct pg_plugin *plugin;
  enum { PG_CALLER_FREE, PG_CALLER_BUSY, PG_CALLER_CLOSED } state;
  struct pg_context context;
  struct pg_held held;
};

/* Pushes the caller of a plugin, made when there is none. */
void pg_caller_push(lua_State *L, const struct pg_plugin *plugin);

/* A caller that is ready for a call: `caller`, or a spare.  The stack stays as it
 * is.  Raises when the Lua state is closing.  Between enter and leave nothing may
 * raise but for want of memory, after which the caller stays busy: the spare
 * does from then on. */
struct pg_caller *pg_caller_enter(lua_State *L, struct pg_caller *caller);
void pg_caller_leave(struct pg_caller *caller);

#endif
