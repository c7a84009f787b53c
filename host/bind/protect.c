/* protect.c - what a script raises, as a status with a text. */
#include "bind/protect.h"

#include "base/log.h"
#include "bind/run.h"

#include <lauxlib.h>
#include <string.h>

#define OWN "@<perigee>/" /* how modules of perigee are called */

/* Where the text after "config.lua:7: " begins, or NULL: no place. */
static const char *after_place(const char *text)
{
  for (const char *colon = strchr(text, ':'); colon;
       colon = strchr(colon + 1, ':')) {
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits > 0 && colon[1 + digits] == ':' && colon[2 + digits] == ' ') {
      return colon + 3 + digits;
    }
    if (memchr(text, '\n', (size_t)(colon - text))) {
      break;
    }
  }
  return NULL;
}

/* Pushes the line of the script that runs, or nothing: modules of perigee are
 * not meant, nor what called core.run(). */
static void push_place(lua_State *L)
{
  lua_Debug where;
  for (int level = 1; lua_getstack(L, level, &where); level++) {
    lua_getinfo(L, "Slf", &where);
    bool outside = lua_tocfunction(L, -1) == pg_bind_run;
    lua_pop(L, 1);
    if (outside) {
      break;
    }
    if (where.currentline > 0 && strncmp(where.source, OWN, strlen(OWN)) != 0) {
      lua_pushfstring(L, "%s:%d: ", where.short_src, where.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

int pg_protect_message(lua_State *L)
{
  if (lua_type(L, 1) != LUA_TSTRING && !luaL_callmeta(L, 1, "__tostring")) {
    lua_pushfstring(L, "raised a %s", luaL_typename(L, 1));
  } /* 1 or -1: a text */
  const char *text = lua_tostring(L, -1);
  if (!text) {
    text = "raised what is no text";
  }
  if (!after_place(text)) {
    push_place(L);
    text = lua_pushfstring(L, "%s%s", lua_tostring(L, -1), text);
  }
  if (pg_log_get_level() == PG_LOG_DEBUG) {
    luaL_traceback(L, L, text, 1);
    pg_log(PG_LOG_DEBUG, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return 1;
}

enum pg_status pg_protect_raw(struct pg_bind_script *script, int node,
                              lua_CFunction body, struct pg_protected *call)
{
  lua_State *L = script->L;
  int top = lua_gettop(L);
  call->status = PG_OK;
  lua_pushcfunction(L, pg_protect_message);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, call);
  lua_rawgeti(L, script->nodes, node + 1);
  lua_rawgeti(L, script->states, node + 1);
  int code = lua_pcall(L, 3, 0, top + 1);
  lua_remove(L, top + 1);
  if (code == LUA_OK) {
    return PG_OK;
  }
  return code == LUA_ERRMEM ? PG_NO_MEMORY : PG_BAD_INPUT;
}

enum pg_status pg_protect(struct pg_bind_script *script, int node,
                          lua_CFunction body, struct pg_protected *call)
{
  lua_State *L = script->L;
  const struct pg_node *of = &script->graph->nodes[node];
  enum pg_status status = pg_protect_raw(script, node, body, call);
  if (status == PG_OK) {
    return call->status;
  }
  const char *text = lua_tostring(L, -1);
  const char *rest = text ? after_place(text) : NULL;
  if (status == PG_NO_MEMORY || !text) {
    pg_fail(call->err, status, "%s: %s: no memory for Lua", of->at, of->label);
  } else if (rest) {
    pg_fail(call->err, status, "%.*s%s: %s", (int)(rest - text), text,
            of->label, rest);
  } else {
    pg_fail(call->err, status, "%s: %s: %s", of->at, of->label, text);
  }
  lua_pop(L, 1);
  return status;
}

void pg_protect_call(lua_State *L, const char *name, int args, int results)
{
  lua_getfield(L, PG_BODY_NODE, name);
  lua_insert(L, -1 - args);
  lua_call(L, args, results);
}
