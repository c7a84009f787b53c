/* bad_lua.c - brings a Lua of its own. */
#include <perigee/plugin.h>

__attribute__((visibility("default"))) void *lua_newstate(void);
void *lua_newstate(void)
{
  return NULL;
}

PERI_PLUGIN("bad_lua", "1.0.0", "perigee", "MIT", "Brings Lua.");
