/* buffer.c - buffers: making them, their elements and their end. */
#include "bind/buffer.h"

#include "bind/batch.h"
#include "bind/convert.h"
#include "bind/number.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define BUFFER "perigee.buffer"
#define BYTES_MAX ((lua_Integer)1 << 46)

const char pg_buffer_tags[PERI_T_TIME + 2];

void pg_buffer_set_step(struct pg_buffer *buffer, uint32_t type, ptrdiff_t step)
{
  bool is_run = step == (ptrdiff_t)pg_type_width(type);
  buffer->tag = &pg_buffer_tags[is_run ? type : PERI_T_TIME + 1];
  buffer->type = type;
  buffer->step = step;
}

struct pg_buffer *pg_buffer_check(lua_State *L, int index)
{
  struct pg_buffer *buffer = pg_buffer_to(L, index);
  if (!buffer) {
    luaL_typeerror(L, index, BUFFER);
  }
  if (!buffer->owner->bytes) {
    luaL_error(L, "the buffer is released");
  }
  return buffer;
}

struct pg_buffer *pg_buffer_check_writable(lua_State *L, int index)
{
  struct pg_buffer *buffer = pg_buffer_check(L, index);
  if (buffer->owner->fixed) {
    luaL_error(L, "the buffer shares its memory with a column and can only be "
                  "read; b:copy() makes one that can be written");
  }
  return buffer;
}

/* -------------------------------------------------------------------- elements
 */

static int fail_range(lua_State *L)
{
  struct pg_buffer *buffer = pg_buffer_check(L, 1);
  lua_settop(L, 2);
  return luaL_error(L, "element %s is not in a buffer of %I",
                    luaL_tolstring(L, 2, NULL), (LUAI_UACINT)buffer->count);
}

int pg_buffer_push_element(lua_State *L, uint32_t type, const char *at)
{
  if (!pg_number_push(L, type, at)) {
    char shown[24];
    snprintf(shown, sizeof shown, "%llu", *(const unsigned long long *)at);
    return luaL_error(L,
                      "%s is more than a Lua integer and no float is equal "
                      "to it",
                      shown);
  }
  return 1;
}

/* Of a released buffer too: release() may be called again. */
static int get_field(lua_State *L)
{
  struct pg_buffer *buffer = pg_buffer_to(L, 1);
  if (!buffer) {
    return luaL_typeerror(L, 1, BUFFER);
  }
  if (lua_type(L, 2) == LUA_TNUMBER) {
    return fail_range(L); /* a fraction */
  }
  if (lua_type(L, 2) == LUA_TSTRING &&
      strcmp(lua_tostring(L, 2), "type") == 0) {
    lua_pushstring(L, pg_type_name(buffer->type));
    return 1;
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
    return luaL_error(L, "a buffer has no '%s'", luaL_tolstring(L, 2, NULL));
  }
  return 1;
}

/* Integers come first: this is what loops do.  The checks are those of
 * udata.h. */
static int buffer_index(lua_State *L)
{
  int good;
  struct pg_buffer *b = pg_buffer_to(L, 1);
  lua_Integer i = lua_tointegerx(L, 2, &good);
  if (!good || !b) {
    return get_field(L);
  }
  if ((lua_Unsigned)i - 1 >= (lua_Unsigned)b->count || !b->owner->bytes) {
    return fail_range(L);
  }
  const char *at = pg_buffer_at(b, i - 1);
  if (b->type == PERI_T_F64) {
    lua_pushnumber(L, *(const double *)at);
    return 1;
  }
  return pg_buffer_push_element(L, b->type, at);
}

static int buffer_newindex(lua_State *L)
{
  int good;
  struct pg_buffer *b = pg_buffer_to(L, 1);
  lua_Integer i = lua_tointegerx(L, 2, &good);
  if (!good || !b || (lua_Unsigned)i - 1 >= (lua_Unsigned)b->count ||
      !b->owner->bytes) {
    return fail_range(L);
  }
  if (b->owner->fixed) {
    pg_buffer_check_writable(L, 1);
  }
  char *at = pg_buffer_at(b, i - 1);
  if (b->type == PERI_T_F64 && lua_type(L, 3) == LUA_TNUMBER) {
    *(double *)at = lua_tonumberx(L, 3, NULL);
  } else if (!lua_isinteger(L, 3) ||
             !pg_number_store(b->type, lua_tointegerx(L, 3, NULL), at)) {
    pg_buffer_set(L, b, i - 1);
  }
  return 0;
}

static int buffer_len(lua_State *L)
{
  lua_pushinteger(L, pg_buffer_check(L, 1)->count);
  return 1;
}

static int buffer_next(lua_State *L)
{
  struct pg_buffer *buffer = pg_buffer_check(L, 1);
  lua_Integer i = luaL_optinteger(L, 2, 0);
  if (i < 0 || i >= buffer->count) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, i + 1);
  return 1 + pg_buffer_push_element(L, buffer->type, pg_buffer_at(buffer, i));
}

static int buffer_pairs(lua_State *L)
{
  pg_buffer_check(L, 1);
  lua_pushcfunction(L, buffer_next);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* ------------------------------------------------------------------- life
 * cycle */

/* A slice lets go of its owner; its memory stays with that. */
static int buffer_release(lua_State *L)
{
  struct pg_buffer *buffer = luaL_checkudata(L, 1, BUFFER);
  pg_block_unref(buffer->block);
  buffer->block = NULL;
  buffer->bytes = NULL;
  buffer->owner = buffer;
  lua_pushnil(L);
  lua_setiuservalue(L, 1, 1);
  return 0;
}

static int buffer_tostring(lua_State *L)
{
  struct pg_buffer *buffer = luaL_checkudata(L, 1, BUFFER);
  if (!buffer->owner->bytes) {
    lua_pushliteral(L, "released buffer");
  } else {
    lua_pushfstring(L, "buffer of %I %s", (LUAI_UACINT)buffer->count,
                    pg_type_name(buffer->type));
  }
  return 1;
}

static void set_class(lua_State *L)
{
  static const luaL_Reg meta[] = {{"__newindex", buffer_newindex},
                                  {"__len", buffer_len},
                                  {"__pairs", buffer_pairs},
                                  {"__tostring", buffer_tostring},
                                  {"__gc", buffer_release},
                                  {"__close", buffer_release},
                                  {NULL, NULL}};
  if (luaL_newmetatable(L, BUFFER)) {
    luaL_setfuncs(L, meta, 0);
    pg_buffer_push_methods(L);
    lua_pushcfunction(L, buffer_release);
    lua_setfield(L, -2, "release");
    lua_pushcclosure(L, buffer_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, BUFFER);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

/* -----------------------------------------------------------------------
 * making */

struct pg_buffer *pg_buffer_push(lua_State *L, uint32_t type, int user_values)
{
  struct pg_buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, user_values);
  *buffer = (struct pg_buffer){.owner = buffer};
  pg_buffer_set_step(buffer, type, (ptrdiff_t)pg_type_width(type));
  set_class(L);
  return buffer;
}

/* The collector does not feel this memory, so it is told: as much work as for
 * a string of that size. */
static void tell_collector(lua_State *L, size_t bytes)
{
  if (bytes >= 1 << 12) {
    lua_gc(L, LUA_GCSTEP, (int)(bytes >> 10 > 1 << 20 ? 1 << 20 : bytes >> 10));
  }
}

bool pg_buffer_alloc(lua_State *L, struct pg_buffer *buffer, lua_Integer count)
{
  size_t bytes = (size_t)count * pg_type_width(buffer->type);
  if (count > BYTES_MAX / 8) {
    return false;
  }
  tell_collector(L, bytes);
  buffer->block = pg_block_new(bytes > 0 ? bytes : 1);
  if (!buffer->block) {
    return false;
  }
  buffer->bytes = buffer->block->bytes;
  buffer->count = count;
  return true;
}

static uint32_t check_type(lua_State *L)
{
  size_t len;
  const char *name = luaL_checklstring(L, 1, &len);
  int type = pg_type_find(name, len);
  if (type < PERI_T_I8 || type > PERI_T_TIME) {
    luaL_error(L,
               "no type '%s' of buffers; known: i8, u8, i16, u16, i32, u32, "
               "i64, u64, f32, f64, time",
               name);
  }
  return (uint32_t)type;
}

static lua_Integer check_count(lua_State *L, uint32_t type)
{
  size_t len, width = pg_type_width(type);
  int good;
  lua_Integer count = lua_tointegerx(L, 2, &good);
  switch (lua_type(L, 2)) {
  case LUA_TTABLE:
    count = (lua_Integer)lua_rawlen(L, 2);
    luaL_argcheck(L, pg_convert_is_list(L, 2, count), 2,
                  "expected a list, got a table with other keys than numbers "
                  "from 1 on");
    return count;
  case LUA_TSTRING:
    lua_tolstring(L, 2, &len);
    if (len % width != 0) {
      luaL_error(L, "%I bytes are no whole number of %s", (LUAI_UACINT)len,
                 pg_type_name(type));
    }
    return (lua_Integer)(len / width);
  case LUA_TNUMBER:
    luaL_argcheck(L, good && count >= 0, 2,
                  "expected a number of elements, at least 0");
    return count;
  default:
    return luaL_argerror(L, 2,
                         "expected a number of elements, a list or a "
                         "string of bytes");
  }
}

void pg_buffer_set(lua_State *L, struct pg_buffer *buffer, lua_Integer i)
{
  uint64_t value;
  if (!pg_number_read(L, buffer->type, -1, &value)) {
    char shown[80];
    pg_convert_show(L, lua_gettop(L), shown, sizeof shown);
    luaL_error(L, "element %I: expected %s (%s), got %s", (LUAI_UACINT)i + 1,
               pg_type_name(buffer->type), pg_number_words(buffer->type),
               shown);
  }
  memcpy(pg_buffer_at(buffer, i), &value, pg_type_width(buffer->type));
}

static void read_list(lua_State *L, struct pg_buffer *buffer)
{
  for (lua_Integer i = 0; i < buffer->count; i++) {
    lua_rawgeti(L, 2, i + 1);
    pg_buffer_set(L, buffer, i);
    lua_pop(L, 1);
  }
}

int pg_buffer_new(lua_State *L)
{
  uint32_t type = check_type(L);
  lua_Integer count = check_count(L, type);
  lua_settop(L, 2);
  struct pg_buffer *buffer = pg_buffer_push(L, type, 0);
  if (!pg_buffer_alloc(L, buffer, count)) {
    luaL_pushfail(L);
    lua_pushfstring(L, "no memory for a buffer of %I %s", (LUAI_UACINT)count,
                    pg_type_name(type));
    return 2;
  }
  size_t bytes = (size_t)count * pg_type_width(type);
  switch (lua_type(L, 2)) {
  case LUA_TTABLE:
    read_list(L, buffer);
    break;
  case LUA_TSTRING:
    memcpy(buffer->bytes, lua_tostring(L, 2), bytes);
    break;
  default:
    memset(buffer->bytes, 0, bytes);
  }
  return 1;
}

void pg_buffer_of_column(lua_State *L, int index)
{
  index = lua_absindex(L, index);
  struct pg_buffer *buffer = pg_buffer_push(L, PERI_T_F64, 0);
  const struct pg_column *column = pg_bind_column_to(L, index);
  if (!column) {
    luaL_typeerror(L, index, "perigee.column");
  }
  if (column->type < PERI_T_I8 || column->type > PERI_T_TIME) {
    luaL_error(L, "a column of %s cannot be a buffer: it holds no numbers",
               pg_type_name(column->type));
  }
  if (column->nulls > 0) {
    luaL_error(L, "a column with nulls (%I) cannot be a buffer",
               (LUAI_UACINT)column->nulls);
  }
  size_t width = pg_type_width(column->type);
  pg_buffer_set_step(buffer, column->type, (ptrdiff_t)width);
  buffer->block = pg_block_ref(column->data);
  buffer->bytes = buffer->block->bytes + (size_t)column->offset * width;
  buffer->count = column->length;
  buffer->fixed = true;
}
