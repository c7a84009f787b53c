/* state.h - the Lua state of the program. */
#ifndef PG_BIND_STATE_H
#define PG_BIND_STATE_H

/* Runs the command line in Lua: the program's exit code. */
int pg_state_main(int argc, char **argv);

#endif
