/* pressure.h - tells the collector of memory that it does not see.
 *
 * A column of 64 K rows is 100 bytes to Lua.  A function that maps a column of
 * each batch and drops the result held 210 MB before the collector thought of
 * it; told of the bytes, it holds 20. */
#ifndef PG_BIND_PRESSURE_H
#define PG_BIND_PRESSURE_H
#include "data/batch.h"

#include <limits.h>
#include <lua.h>

/* Something of `rows` rows of `width` bytes was made.  May run finalisers, so
 * nothing borrowed from a userdata may be used afterwards. */
static inline void pg_pressure(lua_State *L, int64_t rows, size_t width)
{
  size_t kilobytes = (size_t)rows * width >> 10;
  if (kilobytes > 0) {
    lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
  }
}

/* The same for all columns of a batch. */
static inline void pg_pressure_batch(lua_State *L, const struct pg_batch *batch)
{
  size_t width = 0;
  for (int i = 0; i < batch->schema->count; i++) {
    width += pg_type_width(batch->schema->fields[i].type);
  }
  pg_pressure(L, batch->rows, width);
}

#endif
