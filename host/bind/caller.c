/* caller.c - call contexts, one for each plugin in a table of the registry. */
#include "bind/caller.h"

#include <lauxlib.h>

#define CALLER "perigee.caller"

static const char callers; /* its address: the key of the table */
static const char soiled;  /* its address: where no arena is */

static void drop_held(struct pg_held *held)
{
  while (held->count > 0) {
    pg_block_unref(held->blocks[--held->count]);
  }
}

static int collect(lua_State *L)
{
  struct pg_caller *caller = lua_touserdata(L, 1);
  if (caller->state != PG_CALLER_CLOSED) {
    caller->state = PG_CALLER_CLOSED;
    pg_caller_soil(caller);
    drop_held(&caller->held);
    pg_context_fini(&caller->context);
  }
  return 0;
}

static struct pg_caller *push_new(lua_State *L, const struct pg_plugin *plugin)
{
  struct pg_caller *caller = lua_newuserdatauv(L, sizeof *caller, 0);
  caller->plugin = plugin;
  caller->state = PG_CALLER_CLOSED;
  caller->held.count = 0;
  if (luaL_newmetatable(L, CALLER)) {
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  pg_context_init(&caller->context, plugin, NULL);
  pg_caller_soil(caller);
  caller->state = PG_CALLER_FREE;
  lua_setmetatable(L, -2);
  return caller;
}

/* Pushes the table of callers: plugin -> caller, caller -> its spare. */
static void push_callers(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &callers) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &callers);
  }
}

/* Pushes the caller at `key`, made when there is none. */
static struct pg_caller *push_at(lua_State *L, const void *key,
                                 const struct pg_plugin *plugin)
{
  push_callers(L);
  if (lua_rawgetp(L, -1, key) == LUA_TNIL) {
    lua_pop(L, 1);
    push_new(L, plugin);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, key);
  }
  lua_remove(L, -2);
  return lua_touserdata(L, -1);
}

struct pg_caller *pg_caller_of(lua_State *L, const struct pg_plugin *plugin)
{
  luaL_checkstack(L, 5, "a call of a plugin");
  struct pg_caller *caller = push_at(L, plugin, plugin);
  lua_pop(L, 1);
  return caller;
}

void pg_bound_push(lua_State *L, const struct pg_native *native)
{
  struct pg_bound *bound = lua_newuserdatauv(L, sizeof *bound, 1);
  bound->native = native;
  bound->caller = push_at(L, native->plugin, native->plugin);
  lua_setiuservalue(L, -2, 1);
  lua_pushlightuserdata(L, bound);
  lua_insert(L, -2);
}

static struct pg_caller *find_spare(lua_State *L, struct pg_caller *caller)
{
  luaL_checkstack(L, 5, "a call of a plugin");
  while (caller->state == PG_CALLER_BUSY) {
    caller = push_at(L, caller, caller->plugin);
    lua_pop(L, 1);
  }
  return caller;
}

struct pg_caller *pg_caller_enter(lua_State *L, struct pg_caller *caller)
{
  if (caller->state == PG_CALLER_BUSY) {
    caller = find_spare(L, caller);
  }
  if (caller->state == PG_CALLER_CLOSED) {
    luaL_error(L, "%s: called while the program ends", caller->plugin->name);
  }
  pg_context_begin(&caller->context);
  pg_caller_soil(caller);
  caller->state = PG_CALLER_BUSY;
  return caller;
}

bool pg_caller_clean(struct pg_caller *caller)
{
  if (caller->state != PG_CALLER_FREE) {
    return false;
  }
  pg_context_begin(&caller->context);
  caller->mark = caller->context.cx.arena;
  return true;
}

void pg_caller_soil(struct pg_caller *caller)
{
  caller->mark = &soiled;
}

void pg_caller_leave(struct pg_caller *caller)
{
  drop_held(&caller->held);
  caller->state = PG_CALLER_FREE;
}
