/* caller.h - the call context that functions of one plugin get in one state. */
#ifndef PG_BIND_CALLER_H
#define PG_BIND_CALLER_H
#include "bind/call.h"
#include "bind/convert.h"
#include "plugin/context.h"

/* A userdata.  While a call is converting its arguments or its result, Lua may
 * run a finalizer that calls the same plugin: such a call gets a spare. */
struct pg_caller {
  const struct pg_plugin *plugin;
  enum { PG_CALLER_FREE, PG_CALLER_BUSY, PG_CALLER_CLOSED } state;
  const char *mark; /* where the arena began: still there, it is unused */
  struct pg_context context;
  struct pg_held held;
};

/* Upvalue 1 of closures that call a plugin: a userdata, which keeps the caller. */
struct pg_bound {
  const struct pg_native *native;     /* what is called, or a class */
  const struct pg_plugin_item *class; /* of a method */
  struct pg_caller *caller;
};

/* Pushes what is bound to the plugin's caller, which is made when there is none. */
void pg_bound_push(lua_State *L, const struct pg_native *native,
                   const struct pg_plugin_item *class);

static inline const struct pg_bound *pg_bound_of(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* A caller that is ready for a call: `caller`, or a spare.  The stack stays as it
 * is.  Raises when the Lua state is closing.  Between enter and leave nothing may
 * raise but for want of memory, after which the caller stays busy: the spare
 * does from then on. */
struct pg_caller *pg_caller_enter(lua_State *L, struct pg_caller *caller);
void pg_caller_leave(struct pg_caller *caller);

/* Forgets what the last call left. */
void pg_caller_clean(struct pg_caller *caller);

/* Is the caller ready as it is, for a call during which no Lua runs?  Such a
 * call needs no enter and leave. */
static inline bool pg_caller_is_ready(struct pg_caller *caller)
{
  if (caller->state != PG_CALLER_FREE) {
    return false;
  }
  if (caller->context.cx.failed != PERI_OK ||
      caller->context.cx.arena != caller->mark) {
    pg_caller_clean(caller);
  }
  return true;
}

#endif
