/* rows.h - batches from lists of row tables, { { status = 200 }, ... }. */
#ifndef PG_BIND_ROWS_H
#define PG_BIND_ROWS_H
#include "data/batch.h"

#include <lua.h>

/* Pushes a reader.  It keeps what it learnt about names and types, so that the
 * lists of one stream give one schema. */
void pg_rows_new(lua_State *L);

/* Pushes its table of names that a function of batches met: name -> was it a
 * column? */
void pg_rows_push_names(lua_State *L, int reader);

/* Declares columns of the reader at `reader`, from the list at `list` of
 * { name =, type = }: they are there in every batch, in this order, with these
 * types.  Raises what is wrong. */
void pg_rows_declare(lua_State *L, int reader, int list);

/* Reads the list at `list`; raises what is wrong with it.  Columns that are new
 * come last, sorted by name.
 * [out] made  owned by the caller's userdata; a batch, even of no rows */
void pg_rows_read(lua_State *L, int reader, int list, struct pg_batch **made);

/* core.batch_of_rows(list) -> batch */
int pg_rows_batch(lua_State *L);

#endif
