/* names.c - a hash table with open addressing, at most half full. */
#include "bind/names.h"

#include <lauxlib.h>
#include <stdlib.h>

int pg_names_of(const struct pg_names *names, lua_State *L, int anchor,
                int index)
{
  int number = pg_names_find(names, lua_tostring(L, index));
  if (number >= 0) {
    return number;
  }
  anchor = lua_absindex(L, anchor);
  lua_pushvalue(L, index);
  number =
    lua_rawget(L, anchor) == LUA_TNUMBER ? (int)lua_tointeger(L, -1) : -1;
  lua_pop(L, 1);
  return number;
}

static void put(struct pg_names *names, const char *text, int number)
{
  uint32_t mask = (uint32_t)names->size - 1;
  uint32_t i = pg_names_hash(text) & mask;
  while (names->slots[i].text) {
    i = (i + 1) & mask;
  }
  names->slots[i] = (struct pg_name){text, number};
  names->count++;
}

static bool grow(struct pg_names *names)
{
  int size = names->size ? names->size * 2 : 32;
  struct pg_names larger = {.slots = calloc((size_t)size, sizeof *larger.slots),
                            .size = size};
  if (!larger.slots) {
    return false;
  }
  for (int i = 0; i < names->size; i++) {
    if (names->slots[i].text) {
      put(&larger, names->slots[i].text, names->slots[i].number);
    }
  }
  free(names->slots);
  *names = larger;
  return true;
}

void pg_names_add(struct pg_names *names, lua_State *L, int anchor, int index,
                  int number)
{
  if (names->count >= names->size / 2 && !grow(names)) {
    luaL_error(L, "no memory for the names of columns");
  }
  anchor = lua_absindex(L, anchor);
  lua_pushvalue(L, index);
  lua_pushinteger(L, number);
  lua_rawset(L, anchor);
  put(names, lua_tostring(L, index), number);
}

void pg_names_fini(struct pg_names *names)
{
  free(names->slots);
  *names = (struct pg_names){0};
}
