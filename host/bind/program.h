/* program.h - "perigee.program" for Lua: a compiled expression, in the hands of
 * lua/perigee only. */
#ifndef PG_BIND_PROGRAM_H
#define PG_BIND_PROGRAM_H
#include "flow/program.h"

#include <lua.h>

/* core.program { type =, code = { instruction, ... } } -> program, or nil and a
 * message.  Instructions are { "column", name }, { "const", type, value },
 * { "call", native, { register, ... } }, { "equal", native, a, b },
 * { "not", a }, { "truth", a }, { "and", a, b }, { "or", a, b },
 * { "if", c, a }; registers count from 1. */
int pg_bind_program(lua_State *L);

/* The program at `index`, or NULL: it is none. [borrow] */
struct pg_program *pg_bind_program_to(lua_State *L, int index);

#endif
