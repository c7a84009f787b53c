/* short_lua.h - runs code again and again, with less memory for Lua than it
 * needs. */
#ifndef PG_SPEC_SHORT_LUA_H
#define PG_SPEC_SHORT_LUA_H
#include <lua.h>

#include <stdbool.h>

/* A state whose memory short_lua_call() can limit; [give] by lua_close(). */
lua_State *short_lua_open(void);

/* lua_pcall() without results, while allocation n of Lua fails.
 * [out]  failed  whether it came to that */
bool short_lua_call(lua_State *L, int args, long n, bool *failed);

/* Calls job(0), job(1), ... until one answers that its allocation did not fail,
 * and ends the test when it leaves blocks behind.  Answers: how many failed */
long short_lua_each(bool (*job)(long n));

#endif
