/* column.c - "perigee.column" for Lua.
 *
 * A column of a batch asks it each time whether it is still there; a column by
 * itself owns what it shows. */
#include "bind/batch.h"
#include "bind/box.h"
#include "bind/buffer.h"
#include "bind/cell.h"
#include "bind/fill.h"
#include "bind/pressure.h"
#include "bind/range.h"
#include "bind/udata.h"

#include <lauxlib.h>
#include <string.h>

#define COLUMN "perigee.column"

static const char column_tag;

enum { NAME = 1, BATCH = 2 }; /* user values */

struct column {
  const void *tag;
  struct pg_batch *const
    *batch;                 /* place in user value BATCH; NULL: by itself */
  struct pg_column *column; /* owned when by itself; NULL: released */
  struct pg_cells cells;
};

/* ------------------------------------------------------------------- making */

static void set_class(lua_State *L);

static struct column *new_column(lua_State *L)
{
  struct column *self = lua_newuserdatauv(L, sizeof *self, 2);
  *self = (struct column){.tag = &column_tag};
  set_class(L);
  return self;
}

void pg_bind_column_push(lua_State *L, struct pg_column *column, int name)
{
  name = lua_absindex(L, name);
  struct column *self = new_column(L);
  self->column = pg_column_ref(column);
  self->cells = pg_cells_of(column);
  lua_pushvalue(L, name);
  lua_setiuservalue(L, -2, NAME);
}

void pg_bind_column_of(lua_State *L, int batch, int field)
{
  batch = lua_absindex(L, batch);
  struct column *self = new_column(L);
  lua_pushvalue(L, batch);
  lua_setiuservalue(L, -2, BATCH);
  /* A finaliser may have released it while memory was found. */
  const struct pg_batch *from = pg_bind_batch_check(L, batch);
  self->batch = pg_bind_batch_place(L, batch);
  self->column = from->columns[field];
  self->cells = pg_cells_of(self->column);
  peri_str name = from->schema->fields[field].name;
  lua_pushlstring(L, name.ptr, name.len);
  lua_setiuservalue(L, -2, NAME);
}

static struct column *check_alive(lua_State *L, struct column *self)
{
  if (!self->column) {
    luaL_error(L, "the column is released");
  }
  if (self->batch && !*self->batch) {
    luaL_error(L, "the batch of the column is released");
  }
  return self;
}

struct pg_column *pg_bind_column_to(lua_State *L, int index)
{
  struct column *self = pg_udata_to(L, index, sizeof *self, &column_tag);
  return self ? check_alive(L, self)->column : NULL;
}

/* ------------------------------------------------------------------- access */

static struct column *check_class(lua_State *L)
{
  struct column *self = pg_udata_to(L, 1, sizeof *self, &column_tag);
  if (!self) {
    luaL_typeerror(L, 1, COLUMN);
  }
  return self;
}

static struct column *check_column(lua_State *L)
{
  return check_alive(L, check_class(L));
}

/* What is no row: a method, also of a column that is released, or a field. */
static int column_member(lua_State *L, struct column *self)
{
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
    return 1;
  }
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  check_alive(L, self);
  if (strcmp(key, "name") == 0) {
    lua_getiuservalue(L, 1, NAME);
  } else if (strcmp(key, "type") == 0) {
    lua_pushstring(L, pg_type_name(self->column->type));
  } else {
    return luaL_error(L, "a column has no '%s'", luaL_tolstring(L, 2, NULL));
  }
  return 1;
}

static int column_index(lua_State *L)
{
  struct column *self = check_class(L);
  int is_integer;
  lua_Integer row = lua_tointegerx(L, 2, &is_integer);
  if (!is_integer || lua_type(L, 2) != LUA_TNUMBER) {
    return column_member(L, self);
  }
  check_alive(L, self);
  if (row < 1 || row > self->column->length) {
    return luaL_error(L, "row %I is not in a column of %I rows",
                      (LUAI_UACINT)row, (LUAI_UACINT)self->column->length);
  }
  pg_cells_push(L, &self->cells, row - 1);
  return 1;
}

static int column_len(lua_State *L)
{
  lua_pushinteger(L, check_column(L)->column->length);
  return 1;
}

static int column_next(lua_State *L)
{
  struct column *self = check_column(L);
  lua_Integer row = lua_isnoneornil(L, 2) ? 0 : luaL_checkinteger(L, 2);
  if (row < 0 || row >= self->column->length) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, row + 1);
  pg_cells_push(L, &self->cells, row);
  return 2;
}

static int column_pairs(lua_State *L)
{
  check_column(L);
  lua_pushcfunction(L, column_next);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

static int column_totable(lua_State *L)
{
  struct column *self = check_column(L);
  int64_t length = self->column->length;
  lua_createtable(L, (int)length, 0);
  for (int64_t row = 0; row < length; row++) {
    check_alive(L, self); /* a finaliser may release it when a string is made */
    pg_cells_push(L, &self->cells, row);
    lua_rawseti(L, -2, row + 1);
  }
  return 1;
}

static int column_address(lua_State *L)
{
  struct column *self = check_column(L);
  const char *address = self->cells.data;
  if (self->column->type == PERI_T_BOOL) {
    address += self->column->offset / 8;
  }
  if (!address) {
    return luaL_error(L, "a column of type null has no address");
  }
  lua_pushinteger(L, (lua_Integer)(intptr_t)address);
  return 1;
}

/* c:buffer() -> buffer over the same memory, to be read */
static int column_buffer(lua_State *L)
{
  check_column(L);
  pg_buffer_of_column(L, 1);
  return 1;
}

static int column_slice(lua_State *L)
{
  struct pg_range range = pg_range_check(L, 2, check_column(L)->column->length);
  struct column *slice = new_column(L);
  struct column *self = check_column(L);
  lua_getiuservalue(L, 1, NAME);
  lua_setiuservalue(L, -2, NAME);
  slice->column = pg_column_slice(self->column, range.from, range.n);
  if (!slice->column) {
    return luaL_error(L, "no memory for a column");
  }
  slice->cells = pg_cells_of(slice->column);
  pg_pressure(L, range.n, pg_type_width(slice->column->type));
  return 1;
}

static void fini_fill(void *fill)
{
  pg_fill_fini(fill);
}

/* c:map(f) -> column of what f gave for each value */
static int column_map(lua_State *L)
{
  struct column *self = check_column(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  int64_t length = self->column->length;
  struct pg_error err = {.text = "no memory for a column"};
  struct pg_fill *fill = pg_box_new(L, sizeof *fill, fini_fill);
  struct pg_batch **made = pg_bind_batch_new(L);
  lua_getiuservalue(L, 1, NAME); /* column, f, fill, made, name */
  peri_str name;
  name.ptr = lua_tolstring(L, 5, &name.len);
  if (!pg_fill_begin(fill, length) ||
      pg_fill_add(fill, name, PERI_T_NULL, false) < 0) {
    return luaL_error(L, "%s", err.text);
  }
  for (int64_t row = 0; row < length; row++) {
    check_alive(L, self); /* the function may have released it */
    lua_pushvalue(L, 2);
    pg_cells_push(L, &self->cells, row);
    lua_call(L, 1, 1);
    if (pg_fill_set(fill, 0, row, L, 6, &err) != PG_OK) {
      return luaL_error(L, "row %I: %s", (LUAI_UACINT)row + 1, err.text);
    }
    lua_settop(L, 5);
  }
  *made = pg_fill_finish(fill);
  pg_box_close(L, 3);
  if (!*made) {
    return luaL_error(L, "%s", err.text);
  }
  size_t width = pg_type_width((*made)->schema->fields[0].type);
  pg_bind_column_push(L, (*made)->columns[0], 5);
  pg_bind_batch_release(L, 4);
  pg_pressure(L, length, width);
  return 1;
}

/* -------------------------------------------------------------- life cycle */

static int column_release(lua_State *L)
{
  struct column *self = luaL_checkudata(L, 1, COLUMN);
  if (!self->batch) {
    pg_column_unref(self->column);
  }
  self->column = NULL;
  return 0;
}

static int column_tostring(lua_State *L)
{
  struct column *self = luaL_checkudata(L, 1, COLUMN);
  if (!self->column || (self->batch && !*self->batch)) {
    lua_pushliteral(L, "released column");
    return 1;
  }
  lua_getiuservalue(L, 1, NAME);
  lua_pushfstring(L, "column %s %s of %I rows", lua_tostring(L, -1),
                  pg_type_name(self->column->type),
                  (LUAI_UACINT)self->column->length);
  return 1;
}

static void set_class(lua_State *L)
{
  static const luaL_Reg methods[] = {{"address", column_address},
                                     {"buffer", column_buffer},
                                     {"map", column_map},
                                     {"release", column_release},
                                     {"slice", column_slice},
                                     {"totable", column_totable},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {
    {"__len", column_len},           {"__pairs", column_pairs},
    {"__tostring", column_tostring}, {"__gc", column_release},
    {"__close", column_release},     {NULL, NULL}};
  if (luaL_newmetatable(L, COLUMN)) {
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_pushcclosure(L, column_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, COLUMN);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}
