/* modules.h - the Lua modules that are a part of the program. */
#ifndef PG_BIND_MODULES_H
#define PG_BIND_MODULES_H
#include <lua.h>
#include <stddef.h>

struct pg_module {
  const char *name;          /* as `require` has it */
  const unsigned char *code; /* compiled */
  size_t size;
};

/* Ordered by name; lua/compile.c makes them from lua/perigee. */
extern const struct pg_module pg_modules[];
extern const size_t pg_module_count;

/* A searcher for package.searchers: (name) -> loader, where; or why not. */
int pg_modules_search(lua_State *L);

#endif
