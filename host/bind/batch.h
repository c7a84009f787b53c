/* batch.h - "perigee.batch" and "perigee.column" for Lua.
 *
 *   b.rows, #b          how many rows          b.status       a column, or nil
 *   b:column(name)      raises when there is none
 *   pairs(b)            name, column           b:names()      a list
 *   b:slice(i [, j])    rows i to j, shared    b:pick(list)   these rows,
 * copied b:with(columns)     the same rows with columns added or replaced: each
 * a column or a list; nil is null b:totable()         a list of row tables
 *   b:release()         gives the memory back; also at the end of a <close>
 *
 *   c[i], #c, pairs(c)  values; null is nil    c.name, c.type
 *   c:slice(i [, j])    c:totable()            c:map(f)       f(value) ->
 * column c:address()         of the first value (bool: of the byte with its
 * bit) c:buffer()          the same numbers as a buffer (see buffer.h)
 *   c:release()
 *
 * A column of a batch is gone when the batch is released; one that slice() or
 * map() made owns its memory. */
#ifndef PG_BIND_BATCH_H
#define PG_BIND_BATCH_H
#include "data/batch.h"

#include <lua.h>

/* Pushes a batch without anything in it yet, and returns where to put the
 * reference that it shall own. */
struct pg_batch **pg_bind_batch_new(lua_State *L);

/* Pushes a batch that shares `batch`. [borrow] */
void pg_bind_batch_push(lua_State *L, struct pg_batch *batch);

/* Is it a batch, released or not? */
bool pg_bind_is_batch(lua_State *L, int index);

/* The batch at `index`; raises when there is none or it is released. [borrow]
 */
struct pg_batch *pg_bind_batch_check(lua_State *L, int index);

/* Where the userdata at `index` keeps its batch, NULL once it is released: for
 * columns, which live as long as the userdata. */
struct pg_batch *const *pg_bind_batch_place(lua_State *L, int index);

/* Empties the batch at `index`: use from here on raises. */
void pg_bind_batch_release(lua_State *L, int index);

/* Adds the names that the batch at `index` was asked for in vain to the table
 * at `names`, which is name -> was it a column? */
void pg_bind_batch_note_missed(lua_State *L, int index, int names);

/* Pushes a column that shares `column` and the name at `name`. [borrow] */
void pg_bind_column_push(lua_State *L, struct pg_column *column, int name);

/* The column at `index`, or NULL when there is none; raises when it is
 * released. [borrow] */
struct pg_column *pg_bind_column_to(lua_State *L, int index);

/* Pushes column `field` of the batch at `batch`, which keeps it. */
void pg_bind_column_of(lua_State *L, int batch, int field);

#endif
