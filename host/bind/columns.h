/* columns.h - batches from columns that a script gives. */
#ifndef PG_BIND_COLUMNS_H
#define PG_BIND_COLUMNS_H
#include "data/batch.h"

#include <lua.h>

/* The rows of `batch` with the columns of the table at `columns`, by name:
 * each a column, a list (nil is null), or one value for all rows.  Columns that
 * are new come last, sorted by name.  Raises what is wrong.
 * [out] made  owned by the caller's userdata */
void pg_columns_with(lua_State *L, struct pg_batch *batch, int columns,
                     struct pg_batch **made);

/* core.batch({ { name =, type =, values =, n = }, ... } [, rows]) -> batch */
int pg_columns_batch(lua_State *L);

/* Pushes the list of the string keys of the table at `index`, sorted; raises
 * when a key is something else. */
void pg_columns_push_names(lua_State *L, int index);

#endif
