/* call_direct.h - wrappers that call a function through its true type: one for
 * each signature of at most two arguments over five types. */
#ifndef PG_BIND_CALL_DIRECT_H
#define PG_BIND_CALL_DIRECT_H
#include "bind/call_types.h"
#include "bind/caller.h"

#define PG_WRAPPERS (PG_TYPE_PLACES * PG_ARGS_PLACES)

/* Result by result: of no argument, of one, of two. */
extern const lua_CFunction
  pg_wrappers_cx[PG_WRAPPERS]; /* R (peri_cx *, args...) */
extern pg_wrapper
  *const pg_wrappers_method[PG_WRAPPERS]; /* R (peri_cx *, void *, args...) */

/* The wrapper of a function R (args...), or R (peri_cx *, args...), whose
 * upvalue 1 is the pg_bound.  NULL: there is none for its signature, or its
 * true type is not known. */
pg_wrapper *pg_call_plain(const struct pg_plugin_item *item);
lua_CFunction pg_call_cx(const struct pg_plugin_item *item);

/* The wrapper of a method: of its own, or that for any. */
pg_wrapper *pg_call_bound_method(const struct pg_plugin_item *item);

/* The long way, for arguments that do not fit and callers that are not ready:
 * raises with a reason, or makes the call.  These serve any signature. */
int pg_call_long(lua_State *L, const struct pg_native *native,
                 struct pg_caller *caller);
int pg_call_native(lua_State *L, const struct pg_native *native);
int pg_call_function(lua_State *L);
int pg_call_method(lua_State *L, const struct pg_native *native);

/* The call of a wrapper has failed: raises with the reason. */
int pg_call_failed(lua_State *L, const struct pg_native *native,
                   struct pg_caller *caller);

#endif
