/* caller.h - the call context that functions of one plugin get in one state. */
#ifndef PG_BIND_CALLER_H
#define PG_BIND_CALLER_H
#include "bind/convert.h"
#include "bind/native.h"
#include "plugin/context.h"

/* A userdata.  While a call is converting its arguments or its result, Lua may
 * run a finalizer that calls the same plugin: such a call gets a spare. */
struct pg_caller {
  const struct pg_plugin *plugin;
  enum { PG_CALLER_FREE, PG_CALLER_BUSY, PG_CALLER_CLOSED } state;
  /* cx.arena when the caller is free and clean; else no such address */
  const char *mark;
  struct pg_context context;
  struct pg_held held;
};

/* Upvalue 1 of closures that call a plugin.  It is light, which costs less to
 * read; upvalue 2 is the userdata, which keeps the caller. */
struct pg_bound {
  const struct pg_native *native; /* what is called, or a class */
  struct pg_caller *caller;
};

/* The caller of the plugin, which is made when there is none. */
struct pg_caller *pg_caller_of(lua_State *L, const struct pg_plugin *plugin);

/* Pushes what is bound to the plugin's caller, twice: upvalues 1 and 2. */
void pg_bound_push(lua_State *L, const struct pg_native *native);

static inline const struct pg_bound *pg_bound_of(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* A caller that is ready for a call: `caller`, or a spare.  The stack stays as
 * it is.  Raises when the Lua state is closing.  Between enter and leave
 * nothing may raise but for want of memory, after which the caller stays busy:
 * the spare does from then on. */
struct pg_caller *pg_caller_enter(lua_State *L, struct pg_caller *caller);
void pg_caller_leave(struct pg_caller *caller);

/* Cleans the caller when it is free.  False: it is not. */
bool pg_caller_clean(struct pg_caller *caller);

/* Is the caller ready as it is, for a call during which no Lua runs?  Such a
 * call needs no enter and leave; when it fails, pg_caller_soil() must follow.
 */
static inline bool pg_caller_is_ready(struct pg_caller *caller)
{
  return caller->context.cx.arena == caller->mark || pg_caller_clean(caller);
}

void pg_caller_soil(struct pg_caller *caller);

#endif
