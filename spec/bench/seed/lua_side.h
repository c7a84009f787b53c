/* lua_side.h - a Lua state with the plugin, a C function with the same checks,
 * and buffers. */
#ifndef PG_SPEC_SEED_LUA_SIDE_H
#define PG_SPEC_SEED_LUA_SIDE_H
#include <perigee/abi.h>
#include <stdbool.h>

/* Loads the plugin, and makes the state. */
void lua_side_open(const char *path);
void lua_side_close(void);

/* The function min of the plugin: the one that is linked in, or the loaded one.
 */
const peri_item *lua_side_min(bool linked);

/* The loaded plugin. */
const struct pg_plugin *lua_side_plugin(void);

/* Runs a statement with `n`, the functions min, c_min and min_into, and the
 * buffers a, b and out of n elements; nanoseconds of all of it. */
double lua_side_run(const char *code, int n);

/* Where the elements of the buffers for n are: a, b, out. */
void lua_side_buffers(int n, int32_t *elements[3]);

#endif
