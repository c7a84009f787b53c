/* cell.h - reads single values of columns into Lua.
 *
 *   bool                a boolean       time       nanoseconds, an integer
 *   i8 to u32, i64      an integer      str, bin   a string
 *   u64                 an integer, or beyond 2^63 - 1 the nearest float
 *   f32, f64            a float         json       its text, a string
 *   null                nil */
#ifndef PG_BIND_CELL_H
#define PG_BIND_CELL_H
#include "data/column.h"

#include <lua.h>

/* A column taken apart, so that a row costs no more than it must.  The zeroed
 * struct is a column of nulls. */
struct pg_cells { /* [borrow] all from the column */
  uint32_t type;
  const void *data;     /* of row 0; of bool: the bits of row -offset */
  const uint8_t *valid; /* bits of row -offset on; NULL: nothing is null */
  int64_t offset;
  const char *const *bases;
};

struct pg_cells pg_cells_of(const struct pg_column *column);

bool pg_cells_is_valid(const struct pg_cells *cells, int64_t row);

/* The text of a row that is not null; str, bin and json only. */
peri_str pg_cells_text(const struct pg_cells *cells, int64_t row);

/* Pushes one value. */
void pg_cells_push(lua_State *L, const struct pg_cells *cells, int64_t row);

#endif
