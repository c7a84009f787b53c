/* call_direct.h - wrappers that call a function through its true type: one for
 * each signature of at most two arguments over five types. */
#ifndef PG_BIND_CALL_DIRECT_H
#define PG_BIND_CALL_DIRECT_H
#include "bind/call_types.h"
#include "bind/caller.h"

/* Result by result: of no argument, of one, of two. */
typedef const lua_CFunction pg_wrappers[PG_TYPE_PLACES * PG_ARGS_PLACES];

/* R (args...).  Upvalues: the pg_bound, the pg_native (light). */
extern pg_wrappers pg_wrappers_plain;
/* R (peri_cx *, args...).  Upvalue: the pg_bound. */
extern pg_wrappers pg_wrappers_cx;
/* R (peri_cx *, void *, args...).  Upvalue: the pg_bound. */
extern pg_wrappers pg_wrappers_method;

/* The wrapper of a function or a method.  NULL: there is none for its signature,
 * or its true type is not known. */
lua_CFunction pg_call_direct(const struct pg_plugin_item *item);

/* The long way, for arguments that do not fit and callers that are not ready:
 * raises with a reason, or makes the call.  These serve any signature. */
int pg_call_function(lua_State *L);
int pg_call_method(lua_State *L);

/* The call of a wrapper has failed: raises with the reason. */
int pg_call_failed(lua_State *L, const struct pg_bound *bound);

#endif
