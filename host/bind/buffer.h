/* buffer.h - "perigee.buffer" for Lua: a typed array with a direct address.
 *
 *   perigee.buffer(type, n)        n zeros        type: i8 u8 i16 u16 i32 u32
 *   perigee.buffer(type, list)     the values           i64 u64 f32 f64 time
 *   perigee.buffer(type, string)   its bytes, as this machine orders them
 *
 *   b[i], b[i] = v, #b, pairs(b)   from 1; what does not fit raises
 *   b.type
 *   b:slice(i [, j [, step]])      the same memory: each step-th of i to j
 *   b:fill(v)                      sets every element; answers b
 *   b:copy()                       its own memory, one after another
 *   b:map(f)                       a buffer of what f gave for each value
 *   b:totable(), b:bytes()         a list; a string of the bytes
 *   b:address()                    of b[1], 64-byte aligned unless a slice
 *   b:column(name)                 a column that shares the memory: from then
 *                                  on the buffer can only be read
 *   b:release()                    gives the memory back; also at the end of a
 *                                  <close>.  Slices of it are released with it
 *
 * pg_buffer_of_column() makes one of a column, which can only be read. */
#ifndef PG_BIND_BUFFER_H
#define PG_BIND_BUFFER_H
#include "bind/udata.h"
#include "data/column.h"

#include <lua.h>

/*   slice --owner--> buffer --owns--> block
 *         --user value 1--> buffer, so that it stays
 *
 * The memory can go away early, so a slice stores no address: it asks its owner
 * each time. */
struct pg_buffer {
  const void *tag;         /* first: one of pg_buffer_tags */
  struct pg_buffer *owner; /* a buffer is its own */
  char *bytes;             /* of an owner: of element 0; NULL: released */
  lua_Integer count;
  ptrdiff_t first,
    step; /* in bytes: of element 0 from owner->bytes; to the next */
  uint32_t type;
  bool fixed;             /* of an owner: can only be read */
  struct pg_block *block; /* owned by an owner */
};

/* perigee.buffer(type, n or list or string) -> buffer, or nil and a message
 * when memory is short */
int pg_buffer_new(lua_State *L);

/* Pushes a buffer over the values of the column at `index`, which stay until
 * both are released.  Raises when it has nulls, or no numbers. */
void pg_buffer_of_column(lua_State *L, int index);

/* The tags of buffers, for udata.h: by the type of the elements when these lie
 * one after another, else the last. */
extern const char pg_buffer_tags[PERI_T_TIME + 2];

/* The buffer at `index`, released or not; NULL: there is none. */
static inline struct pg_buffer *pg_buffer_to(lua_State *L, int index)
{
  return pg_udata_to_any(L, index, sizeof(struct pg_buffer), pg_buffer_tags,
                         sizeof pg_buffer_tags);
}

/* The same for one with that tag: whose elements are of that type, and lie one
 * after another. */
static inline struct pg_buffer *pg_buffer_to_run(lua_State *L, int index,
                                                 const void *tag)
{
  return pg_udata_to(L, index, sizeof(struct pg_buffer), tag);
}

/* Sets what says how the elements lie. */
void pg_buffer_set_step(struct pg_buffer *buffer, uint32_t type,
                        ptrdiff_t step);

static inline bool pg_buffer_is_run(const struct pg_buffer *buffer)
{
  return buffer->tag != &pg_buffer_tags[PERI_T_TIME + 1];
}

/* Used by the parts of buffer.c: raise when the buffer at `index` is none or
 * released, or can only be read. */
struct pg_buffer *pg_buffer_check(lua_State *L, int index);
struct pg_buffer *pg_buffer_check_writable(lua_State *L, int index);

/* Pushes an element; raises when Lua has no such number.  Answers 1. */
int pg_buffer_push_element(lua_State *L, uint32_t type, const char *at);

/* Sets element i, from 0, to the value on top of the stack, or raises. */
void pg_buffer_set(lua_State *L, struct pg_buffer *buffer, lua_Integer i);

/* Pushes an empty buffer; what fills it must follow at once.  Only slices have
 * a user value: without one it is two instructions less to a buffer's address.
 */
struct pg_buffer *pg_buffer_push(lua_State *L, uint32_t type, int user_values);

/* Gives it memory for `count` elements, contents unspecified.  False: none. */
bool pg_buffer_alloc(lua_State *L, struct pg_buffer *buffer, lua_Integer count);

/* Methods, as a table on the stack. */
void pg_buffer_push_methods(lua_State *L);

static inline char *pg_buffer_at(const struct pg_buffer *b, lua_Integer i)
{
  return b->owner->bytes + b->first + (ptrdiff_t)i * b->step;
}

#endif
