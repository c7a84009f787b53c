/* buffer_methods.c - what a buffer can do beside b[i]. */
#include "bind/batch.h"
#include "bind/box.h"
#include "bind/buffer.h"
#include "bind/number.h"
#include "bind/range.h"

#include <lauxlib.h>
#include <limits.h>
#include <string.h>

/* b:slice(i [, j [, step]]) -> buffer */
static int slice(lua_State *L)
{
  struct pg_range range = pg_range_check(L, 2, pg_buffer_check(L, 1)->count);
  lua_Integer step = luaL_optinteger(L, 4, 1);
  luaL_argcheck(L, step >= 1, 4, "expected a step of at least 1");
  struct pg_buffer *part = pg_buffer_push(L, PERI_T_F64, 1);
  /* Only now: memory was found, and a finalizer may have released it. */
  struct pg_buffer *whole = pg_buffer_check(L, 1);
  if (whole->owner == whole) {
    lua_pushvalue(L, 1);
  } else {
    lua_getiuservalue(L, 1, 1);
  }
  lua_setiuservalue(L, -2, 1);
  part->owner = whole->owner;
  part->first = whole->first + (ptrdiff_t)range.from * whole->step;
  part->count = range.n > 0 ? (range.n - 1) / step + 1 : 0;
  pg_buffer_set_step(part, whole->type,
                     whole->step * (ptrdiff_t)(part->count > 1 ? step : 1));
  return 1;
}

/* One after another they fill at memory speed, so that is a loop of its own. */
#define FILL(T)                                                                \
  if (pg_buffer_is_run(buffer)) {                                              \
    T *at = (T *)pg_buffer_at(buffer, 0), one = *(const T *)value;             \
    for (lua_Integer i = 0; i < buffer->count; i++) {                          \
      at[i] = one;                                                             \
    }                                                                          \
  } else {                                                                     \
    for (lua_Integer i = 0; i < buffer->count; i++) {                          \
      *(T *)pg_buffer_at(buffer, i) = *(const T *)value;                       \
    }                                                                          \
  }

static void fill_all(const struct pg_buffer *buffer, const void *value)
{
  switch (pg_type_width(buffer->type)) {
  case 1:
    FILL(uint8_t)
    break;
  case 2:
    FILL(uint16_t)
    break;
  case 4:
    FILL(uint32_t)
    break;
  default:
    FILL(uint64_t)
  }
}

/* b:fill(v) -> b */
static int fill(lua_State *L)
{
  struct pg_buffer *buffer = pg_buffer_check_writable(L, 1);
  uint64_t value;
  lua_settop(L, 2);
  if (!pg_number_read(L, buffer->type, 2, &value)) {
    return luaL_error(L, "expected %s (%s), got %s", pg_type_name(buffer->type),
                      pg_number_words(buffer->type),
                      luaL_tolstring(L, 2, NULL));
  }
  fill_all(buffer, &value);
  lua_settop(L, 1);
  return 1;
}

#define GATHER(T)                                                              \
  for (lua_Integer i = 0; i < buffer->count; i++) {                            \
    ((T *)out)[i] = *(const T *)pg_buffer_at(buffer, i);                       \
  }

static void copy_out(const struct pg_buffer *buffer, void *out)
{
  size_t width = pg_type_width(buffer->type);
  if (pg_buffer_is_run(buffer)) {
    memcpy(out, pg_buffer_at(buffer, 0), (size_t)buffer->count * width);
    return;
  }
  switch (width) {
  case 1:
    GATHER(uint8_t)
    break;
  case 2:
    GATHER(uint16_t)
    break;
  case 4:
    GATHER(uint32_t)
    break;
  default:
    GATHER(uint64_t)
  }
}

/* Pushes a buffer as large as the one at index 1, contents unspecified. */
static struct pg_buffer *push_like(lua_State *L)
{
  const struct pg_buffer *buffer = pg_buffer_check(L, 1);
  lua_Integer count = buffer->count;
  struct pg_buffer *other = pg_buffer_push(L, buffer->type, 0);
  if (!pg_buffer_alloc(L, other, count)) {
    luaL_error(L, "no memory for a buffer of %I %s", (LUAI_UACINT)count,
               pg_type_name(other->type));
  }
  pg_buffer_check(L, 1); /* a finalizer may have released it */
  return other;
}

/* b:copy() -> buffer */
static int copy(lua_State *L)
{
  struct pg_buffer *other = push_like(L);
  copy_out(pg_buffer_check(L, 1), other->bytes);
  return 1;
}

/* b:map(f) -> buffer of f(value) */
static int map(lua_State *L)
{
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  struct pg_buffer *other = push_like(L);
  for (lua_Integer i = 0; i < other->count; i++) {
    struct pg_buffer *buffer = pg_buffer_check(L, 1); /* f may release it */
    lua_pushvalue(L, 2);
    pg_buffer_push_element(L, buffer->type, pg_buffer_at(buffer, i));
    lua_call(L, 1, 1);
    pg_buffer_set(L, other, i);
    lua_pop(L, 1);
  }
  return 1;
}

/* b:totable() -> list */
static int totable(lua_State *L)
{
  lua_Integer count = pg_buffer_check(L, 1)->count;
  lua_createtable(L, count < INT_MAX ? (int)count : 0, 0);
  struct pg_buffer *buffer = pg_buffer_check(L, 1);
  for (lua_Integer i = 0; i < count; i++) {
    pg_buffer_push_element(L, buffer->type, pg_buffer_at(buffer, i));
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* b:bytes() -> string */
static int bytes(lua_State *L)
{
  struct pg_buffer *buffer = pg_buffer_check(L, 1);
  size_t size = (size_t)buffer->count * pg_type_width(buffer->type);
  luaL_Buffer text;
  char *room = luaL_buffinitsize(L, &text, size);
  copy_out(pg_buffer_check(L, 1), room);
  luaL_pushresultsize(&text, size);
  return 1;
}

/* b:address() -> integer */
static int address(lua_State *L)
{
  const char *first = pg_buffer_at(pg_buffer_check(L, 1), 0);
  lua_pushinteger(L, (lua_Integer)(intptr_t)first);
  return 1;
}

static void fini_column(void *place)
{
  pg_column_unref(*(struct pg_column **)place);
}

/* b:column(name) -> column that shares the memory */
static int column(lua_State *L)
{
  pg_buffer_check(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  lua_settop(L, 2);
  struct pg_column **made = pg_box_new(L, sizeof *made, fini_column);
  struct pg_buffer *buffer = pg_buffer_check(L, 1), *owner = buffer->owner;
  if (!pg_buffer_is_run(buffer)) {
    return luaL_error(L, "a slice with a step cannot be a column; b:copy() "
                         "makes a buffer that can");
  }
  *made = pg_column_new(buffer->type, buffer->count);
  if (!*made) {
    return luaL_error(L, "no memory for a column");
  }
  (*made)->data = pg_block_ref(owner->block);
  (*made)->offset = (pg_buffer_at(buffer, 0) - owner->block->bytes) /
                    (ptrdiff_t)pg_type_width(buffer->type);
  owner->fixed = true;
  pg_bind_column_push(L, *made, 2);
  pg_box_close(L, 3);
  return 1;
}

void pg_buffer_push_methods(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"address", address}, {"bytes", bytes},     {"column", column},
    {"copy", copy},       {"fill", fill},       {"map", map},
    {"slice", slice},     {"totable", totable}, {NULL, NULL}};
  luaL_newlib(L, methods);
}
