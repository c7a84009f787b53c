/* protect.h - calls of Lua that end in a status. */
#ifndef PG_BIND_PROTECT_H
#define PG_BIND_PROTECT_H
#include "bind/script.h"

/* What a body gets as its first argument, a light userdata; the node's table
 * and its state are the second and the third. */
struct pg_protected {
  enum pg_status status; /* not PG_OK: failed without raising, with `err` set */
  struct pg_error *err;
};

enum { PG_BODY_CALL = 1, PG_BODY_NODE = 2, PG_BODY_STATE = 3 };

/* Runs `body`, whose results are ignored.  What it raises becomes a failure
 * that names the line where it happened, and the stage. */
enum pg_status pg_protect(struct pg_bind_script *script, int node,
                          lua_CFunction body, struct pg_protected *call);

/* The same, and leaves the message alone: with a status that is not PG_OK it is
 * on top of the stack, to be popped by the caller. */
enum pg_status pg_protect_raw(struct pg_bind_script *script, int node,
                              lua_CFunction body, struct pg_protected *call);

/* Calls the function `name` of the node with the `args` values at the top of
 * the stack; `results` of them come in their place. */
void pg_protect_call(lua_State *L, const char *name, int args, int results);

/* The message handler: a text that begins with a line of the script, where one
 * is known. */
int pg_protect_message(lua_State *L);

#endif
