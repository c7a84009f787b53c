/* core.h - the C module `perigee.core`. */
#ifndef PG_BIND_CORE_H
#define PG_BIND_CORE_H
#include <lua.h>

/* Opens the module.  It is for lua/perigee; scripts see what that makes of it.
 */
int pg_core_open(lua_State *L);

/* Pushes the directory that the program lies in. */
const char *pg_core_push_exec_dir(lua_State *L);

#endif
