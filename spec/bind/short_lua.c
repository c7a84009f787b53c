/* short_lua.c - see short_lua.h. */
#include "bind/short_lua.h"

#include "base/block.h"
#include "check/check.h"
#include "check/no_memory.h"

#include <stdlib.h>

/* Lua collects and asks again when it gets nothing, so two in a row fail. */
static long count, fails_at = -1;

static void *allocate(void *none, void *block, size_t had, size_t size)
{
  (void)none;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (fails_at >= 0 && (!block || size > had)) {
    long at = count++;
    if (at == fails_at || at == fails_at + 1) {
      return NULL;
    }
  }
  return realloc(block, size);
}

lua_State *short_lua_open(void)
{
  return lua_newstate(allocate, NULL);
}

bool short_lua_call(lua_State *L, int args, long n, bool *failed)
{
  count = 0;
  fails_at = n;
  bool done = lua_pcall(L, args, 0, 0) == LUA_OK;
  *failed = count > n;
  fails_at = -1;
  return done;
}

long short_lua_each(bool (*job)(long n))
{
  long before = no_memory_live(), n = 0;
  while (job(n)) {
    pg_block_trim();
    CHECK(no_memory_live() == before && pg_block_live_bytes() == 0,
          "%ld blocks left behind when allocation %ld of Lua fails",
          no_memory_live() - before, n);
    n++;
  }
  return n;
}
