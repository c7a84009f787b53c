/* number.h - single numbers and booleans between Lua and C, by PERI_T_*.
 *
 * Exact or not at all: no integer wraps, no fraction is cut off.  f64 takes any
 * number, f32 any that does not overflow.  A u64 beyond 2^63 - 1 is a float in
 * Lua when one is equal to it. */
#ifndef PG_BIND_NUMBER_H
#define PG_BIND_NUMBER_H
#include <lua.h>
#include <perigee/abi.h>
#include <stdbool.h>

/* Writes the value at `index` as bool, i8 to u64, f32, f64 or time to `out`.
 * False: it does not fit; `out` is then unspecified.  Never raises. */
bool pg_number_read(lua_State *L, uint32_t type, int index, void *out);

/* The same for an integer.  False: it does not fit, nothing is written. */
bool pg_number_store(uint32_t type, lua_Integer value, void *out);

/* Pushes such a value.  False: a u64 that no Lua number is equal to; nothing is
 * pushed.  Never raises. */
bool pg_number_push(lua_State *L, uint32_t type, const void *in);

/* "0 to 255", ...: what fits, for messages; static.  Of any column type. */
const char *pg_number_words(uint32_t type);

#endif
