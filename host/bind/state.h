/* state.h - Lua states: that of the program, and those of workers. */
#ifndef PG_BIND_STATE_H
#define PG_BIND_STATE_H
#include <lua.h>

/* Runs the command line in Lua: the program's exit code. */
int pg_state_main(int argc, char **argv);

/* Gives a new state the libraries, and `require` what is shipped; the stack is
 * empty then.  Raises when it cannot. */
void pg_state_open(lua_State *L);

#endif
