/* modules.c - finds what `require` asks for among the modules of the program.
 */
#include "bind/modules.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *name, const void *module)
{
  return strcmp(name, ((const struct pg_module *)module)->name);
}

int pg_modules_search(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1);
  const struct pg_module *module =
    bsearch(name, pg_modules, pg_module_count, sizeof *pg_modules, compare);
  if (!module) {
    lua_pushfstring(L, "no module '%s' in the program", name);
    return 1;
  }
  if (luaL_loadbufferx(L, (const char *)module->code, module->size, name,
                       "b") != LUA_OK) {
    return lua_error(L); /* with the message */
  }
  lua_pushliteral(L, ":program:");
  return 2;
}
