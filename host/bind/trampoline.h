/* trampoline.h - C functions for Lua that know their native by themselves.
 *
 * A closure has to ask Lua for its upvalue, which is 24 instructions and a
 * tenth of the time of a short call.  A trampoline reads it from a variable of
 * its own. */
#ifndef PG_BIND_TRAMPOLINE_H
#define PG_BIND_TRAMPOLINE_H
#include "bind/native.h"

/* Pushes what calls native->wrapper with the native: a trampoline, or a closure
 * once all trampolines are taken.  One native has one trampoline, in all
 * states.  Thread: any */
void pg_trampoline_push(lua_State *L, const struct pg_native *native);

#endif
