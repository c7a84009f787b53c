/* call_quick.h - calls of any signature without records, in one go.
 *
 * No Lua runs from the first argument to the result: numbers, texts, options
 * and lists of them are read without making anything in Lua, and so are
 * buffers, which nobody can release meanwhile.  The caller is therefore not
 * entered, and no buffer held. */
#ifndef PG_BIND_CALL_QUICK_H
#define PG_BIND_CALL_QUICK_H
#include "bind/caller.h"

/* Sets quick_count and quick of the native of a function or a method. */
void pg_call_set_quick(struct pg_native *native);

/* Calls with the arguments from stack index `first` to the top, and pushes the
 * result.  `self`, when not NULL, is slot 0.  False: an argument does not fit,
 * the caller is not ready, or the signature not known; nothing has happened.
 * Raises what the call fails with. */
bool pg_call_quick(lua_State *L, const struct pg_native *native,
                   struct pg_caller *caller, int first, void *self);

#endif
