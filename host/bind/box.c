/* box.c - "perigee.box" for Lua: never seen by a script. */
#include "bind/box.h"

#include <lauxlib.h>
#include <stdalign.h>
#include <string.h>

#define BOX "perigee.box"

struct box {
  void (*fini)(void *); /* NULL: emptied */
  alignas(16) char bytes[];
};

void pg_box_close(lua_State *L, int index)
{
  struct box *box = lua_touserdata(L, index);
  void (*fini)(void *) = box->fini;
  box->fini = NULL;
  if (fini) {
    fini(box->bytes);
  }
}

static int box_gc(lua_State *L)
{
  pg_box_close(L, 1);
  return 0;
}

void *pg_box_new(lua_State *L, size_t size, void (*fini)(void *))
{
  static const luaL_Reg meta[] = {
    {"__gc", box_gc}, {"__close", box_gc}, {NULL, NULL}};
  struct box *box = lua_newuserdatauv(L, sizeof *box + size, 0);
  box->fini = NULL;
  memset(box->bytes, 0, size);
  if (luaL_newmetatable(L, BOX)) {
    luaL_setfuncs(L, meta, 0);
  }
  lua_setmetatable(L, -2);
  box->fini = fini;
  return box->bytes;
}
