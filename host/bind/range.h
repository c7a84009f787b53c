/* range.h - ranges of rows as Lua counts them. */
#ifndef PG_BIND_RANGE_H
#define PG_BIND_RANGE_H
#include <lauxlib.h>
#include <stdint.h>

struct pg_range {
  int64_t from, n; /* from 0 */
};

/* Rows i to j, both included, from the arguments `first` and after it; j is the
 * last row when it is not given.  j = i - 1 is no row at all.  Raises when they
 * are not all there. */
static inline struct pg_range pg_range_check(lua_State *L, int first,
                                             int64_t rows)
{
  lua_Integer i = luaL_checkinteger(L, first);
  lua_Integer j = luaL_optinteger(L, first + 1, rows);
  luaL_argcheck(L, 1 <= i && i <= rows + 1, first, "row out of range");
  luaL_argcheck(L, i - 1 <= j && j <= rows, first + 1, "row out of range");
  return (struct pg_range){i - 1, j - i + 1};
}

#endif
