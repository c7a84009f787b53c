/* convert.h - values between Lua and the memory of a plugin, by shape. */
#ifndef PG_BIND_CONVERT_H
#define PG_BIND_CONVERT_H
#include "base/block.h"
#include "plugin/context.h"
#include "plugin/shape.h"

#include <lua.h>

#define PG_CONVERT_DEPTH_MAX 32
#define PG_CONVERT_HELD_MAX 16

/* Memory of the buffers that a call got: a finalizer that runs meanwhile may
 * release a buffer, but its memory stays for the call. */
struct pg_held {
  struct pg_block *blocks[PG_CONVERT_HELD_MAX]; /* owned */
  int count;
};

/* One conversion: where its memory comes from, and where its failure goes. */
struct pg_convert {
  lua_State *L;
  peri_cx *cx; /* memory that lasts until the next call */
  struct pg_error *err;
  struct pg_held *held;
  int depth;
};

/* Writes the Lua value at the absolute `index` as a C value of `shape` to
 * `out`.  A string or a buffer by itself is borrowed, a string within a table
 * copied.
 * Runs no metamethod; raises for want of memory only.
 *
 * Fails: false, "expected ..., got ..." in err
 */
bool pg_convert_read(struct pg_convert *c, const struct pg_shape *shape,
                     int index, void *out);

/* The same for a single value (pg_convert_in_slot); a string is borrowed.
 * False, without a word: it does not fit. */
bool pg_convert_try(lua_State *L, const struct pg_shape *shape, int index,
                    void *out);

/* The same for an argument: what does not fit into the slot goes behind it. */
bool pg_convert_read_slot(struct pg_convert *c, const struct pg_shape *shape,
                          int index, peri_slot *slot);

/* Pushes a copy of the C value at `in`.  False: Lua cannot hold it; what is on
 * the stack is then not specified. */
bool pg_convert_push(struct pg_convert *c, const struct pg_shape *shape,
                     const void *in);

/* Does a slot hold the value itself, or a pointer to it? */
static inline bool pg_convert_in_slot(const struct pg_shape *shape)
{
  return shape->form == PG_SHAPE_ONE || shape->form == PG_SHAPE_CHAR;
}

/* True when the table has no keys but 1 to `count`, which is its length. */
bool pg_convert_is_list(lua_State *L, int table, lua_Integer count);

enum pg_kind {
  PG_KIND_NIL, /* or nothing */
  PG_KIND_FLAG,
  PG_KIND_WHOLE, /* an integer */
  PG_KIND_REAL,
  PG_KIND_TEXT,
  PG_KIND_TABLE,
  PG_KIND_BUFFER,
  PG_KIND_OTHER,
};

enum pg_kind pg_convert_kind(lua_State *L, int index);

/* How far a value of that kind is from `shape`: 0 when it is just that; below
 * 0: it cannot fit. */
int pg_convert_kind_cost(const struct pg_shape *shape, enum pg_kind kind);

/* The same for the Lua value at `index`; below 0: it does not fit.  Does not
 * look into tables. */
int pg_convert_cost(lua_State *L, const struct pg_shape *shape, int index);

/* n bytes until the next call, or NULL with the failure in err. */
void *pg_convert_room(struct pg_convert *c, size_t n);

/* "expected i32 (-2147483648 to 2147483647), got 'x'"; false. */
bool pg_convert_mismatch(struct pg_convert *c, const struct pg_shape *shape,
                         int index);

/* What a value of `shape` looks like in Lua: "i64 (an integer)". */
void pg_convert_describe(const struct pg_shape *shape, char *out, size_t size);

/* "'text'", "12", "nothing", "a table": the value at `index` for messages. */
void pg_convert_show(lua_State *L, int index, char *out, size_t size);

#endif
