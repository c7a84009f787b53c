/* udata.h - the cheap check of a userdata's class.
 *
 * The first member of the struct points at a variable of the class, whose
 * address nobody can guess.  3 ns, where luaL_checkudata() takes 10 to 27: for
 * what runs per row. */
#ifndef PG_BIND_UDATA_H
#define PG_BIND_UDATA_H
#include <lua.h>
#include <stdint.h>

/* The userdata at `index`, or NULL when it is none of the class. */
static inline void *pg_udata_to(lua_State *L, int index, size_t size,
                                const void *tag)
{
  void *data = lua_touserdata(L, index);
  return data && lua_rawlen(L, index) >= size && *(const void **)data == tag
           ? data
           : NULL;
}

/* The same for a class with several tags, neighbours of each other. */
static inline void *pg_udata_to_any(lua_State *L, int index, size_t size,
                                    const char *tags, size_t count)
{
  void *data = lua_touserdata(L, index);
  return data && lua_rawlen(L, index) >= size &&
             *(const uintptr_t *)data - (uintptr_t)tags < count
           ? data
           : NULL;
}

#endif
