/* call_overload.h - functions of one name, told apart by their arguments. */
#ifndef PG_BIND_CALL_OVERLOAD_H
#define PG_BIND_CALL_OVERLOAD_H
#include "bind/caller.h"

/* Pushes a function that calls the one of natives[0..count) that is nearest to
 * its arguments: natives of one name. */
void pg_call_push_overloaded(lua_State *L, const struct pg_native *natives,
                             size_t count);

#endif
