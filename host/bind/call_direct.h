/* call_direct.h - wrappers that call a function through its true type. */
#ifndef PG_BIND_CALL_DIRECT_H
#define PG_BIND_CALL_DIRECT_H
#include "plugin/plugin.h"

#include <lua.h>

/* Upvalues of every wrapper: the pg_native (light), its pg_caller.  NULL: there
 * is no wrapper for this signature, or the function takes a context. */
lua_CFunction pg_call_direct(const struct pg_plugin_item *item);

/* Says why the arguments of the running wrapper do not fit; raises. */
int pg_call_explain(lua_State *L);

#endif
