/* trampoline.c - 256 C functions, each with a native of its own.  Once given, a
 * trampoline is the native's until the process ends. */
#include "bind/trampoline.h"

#include <pthread.h>

#define TRAMPOLINES 256

static const struct pg_native *natives[TRAMPOLINES];
static int taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define ROW(F, n)                                                              \
  F(n##0)                                                                      \
  F(n##1)                                                                      \
  F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9) F(n##a)      \
    F(n##b) F(n##c) F(n##d) F(n##e) F(n##f)
#define EACH(F)                                                                \
  ROW(F, 0x0)                                                                  \
  ROW(F, 0x1)                                                                  \
  ROW(F, 0x2) ROW(F, 0x3) ROW(F, 0x4) ROW(F, 0x5) ROW(F, 0x6) ROW(F, 0x7)      \
    ROW(F, 0x8) ROW(F, 0x9) ROW(F, 0xa) ROW(F, 0xb) ROW(F, 0xc) ROW(F, 0xd)    \
      ROW(F, 0xe) ROW(F, 0xf)

#define TRAMPOLINE(n)                                                          \
  static int trampoline_##n(lua_State *L)                                      \
  {                                                                            \
    return natives[n]->wrapper(L, natives[n]);                                 \
  }
#define NAME(n) trampoline_##n,
EACH(TRAMPOLINE)
static const lua_CFunction trampolines[TRAMPOLINES] = {EACH(NAME)};

/* The number of the native's trampoline, or -1: there is none left. */
static int take(const struct pg_native *native)
{
  int i = 0;
  pthread_mutex_lock(&lock);
  while (i < taken && natives[i] != native) {
    i++;
  }
  if (i == taken && taken < TRAMPOLINES) {
    natives[taken++] = native;
  }
  i = i < taken ? i : -1;
  pthread_mutex_unlock(&lock);
  return i;
}

static int call_upvalue(lua_State *L)
{
  const struct pg_native *native = lua_touserdata(L, lua_upvalueindex(1));
  return native->wrapper(L, native);
}

void pg_trampoline_push(lua_State *L, const struct pg_native *native)
{
  int i = take(native);
  if (i >= 0) {
    lua_pushcfunction(L, trampolines[i]);
  } else {
    lua_pushlightuserdata(L, (void *)native);
    lua_pushcclosure(L, call_upvalue, 1);
  }
}
