/* batch.c - "perigee.batch" for Lua.
 *
 *   batch (userdata) --owns a reference--> struct pg_batch
 *      |  ^
 *      |  user value of each column
 *      user value: name -> column, those that were asked for; false: none */
#include "bind/batch.h"

#include "bind/cell.h"
#include "bind/columns.h"
#include "bind/pressure.h"
#include "bind/range.h"

#include <lauxlib.h>
#include <string.h>

#define BATCH "perigee.batch"

enum { COLUMNS = 1 }; /* user value */

struct batch {
  struct pg_batch *batch; /* owned; NULL: released */
};

/* ------------------------------------------------------------------- making */

static void set_class(lua_State *L);

struct pg_batch **pg_bind_batch_new(lua_State *L)
{
  struct batch *self = lua_newuserdatauv(L, sizeof *self, 1);
  self->batch = NULL;
  set_class(L);
  return &self->batch;
}

void pg_bind_batch_push(lua_State *L, struct pg_batch *batch)
{
  struct pg_batch **place = pg_bind_batch_new(L);
  *place = pg_batch_ref(batch);
}

bool pg_bind_is_batch(lua_State *L, int index)
{
  return luaL_testudata(L, index, BATCH) != NULL;
}

struct pg_batch *pg_bind_batch_check(lua_State *L, int index)
{
  struct batch *self = luaL_checkudata(L, index, BATCH);
  if (!self->batch) {
    luaL_error(L, "the batch is released");
  }
  return self->batch;
}

struct pg_batch *const *pg_bind_batch_place(lua_State *L, int index)
{
  struct batch *self = luaL_checkudata(L, index, BATCH);
  return &self->batch;
}

void pg_bind_batch_release(lua_State *L, int index)
{
  struct batch *self = lua_touserdata(L, index);
  pg_batch_unref(self->batch);
  self->batch = NULL;
}

/* Pushes another batch that shares the first argument, for as long as a loop
 * allocates: a finaliser of the script may release the argument at any
 * allocation.  End with let_go(). */
static struct pg_batch *hold(lua_State *L)
{
  struct pg_batch **place = pg_bind_batch_new(L);
  return *place = pg_batch_ref(pg_bind_batch_check(L, 1));
}

static int let_go(lua_State *L, int held)
{
  pg_bind_batch_release(L, held);
  return 1;
}

/* ------------------------------------------------------------------ columns */

static int field_named(const struct pg_batch *batch, lua_State *L, int name)
{
  peri_str text;
  text.ptr = lua_tolstring(L, name, &text.len);
  return pg_schema_find(batch->schema, text);
}

/* Pushes the column at the string `name`, or nil; each is made once. */
static void push_column(lua_State *L, const struct pg_batch *batch, int self,
                        int name)
{
  lua_getiuservalue(L, self, COLUMNS);
  lua_pushvalue(L, name);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    int field = field_named(batch, L, name);
    lua_pop(L, 1);
    if (field >= 0) {
      pg_bind_column_of(L, self, field);
    } else {
      lua_pushboolean(L, false);
    }
    lua_pushvalue(L, name);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
  if (lua_isboolean(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
}

void pg_bind_batch_note_missed(lua_State *L, int index, int names)
{
  lua_getiuservalue(L, index, COLUMNS);
  lua_pushnil(L);
  while (lua_next(L, -2)) { /* columns, name, column */
    if (lua_isboolean(L, -1)) {
      lua_pushvalue(L, -2);
      if (lua_rawget(L, names) == LUA_TNIL) {
        lua_pushvalue(L, -3);
        lua_pushboolean(L, false);
        lua_rawset(L, names);
      }
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int batch_index(lua_State *L)
{
  luaL_checkudata(L, 1, BATCH);
  if (lua_type(L, 2) != LUA_TSTRING) {
    return luaL_error(L,
                      "a batch is indexed by the name of a column, got a "
                      "%s; rows are indices of columns",
                      luaL_typename(L, 2));
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
    return 1; /* also of a batch that is released, so that it can be again */
  }
  struct pg_batch *batch = pg_bind_batch_check(L, 1);
  if (strcmp(lua_tostring(L, 2), "rows") == 0) {
    lua_pushinteger(L, batch->rows);
    return 1;
  }
  push_column(L, batch, 1, 2);
  return 1;
}

static int batch_column(lua_State *L)
{
  struct pg_batch *batch = pg_bind_batch_check(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  push_column(L, batch, 1, 2);
  if (lua_isnil(L, -1)) {
    return luaL_error(L, "no column '%s'", lua_tostring(L, 2));
  }
  return 1;
}

static int batch_names(lua_State *L)
{
  lua_settop(L, 1);
  const struct pg_schema *schema = hold(L)->schema;
  lua_createtable(L, schema->count, 0);
  for (int i = 0; i < schema->count; i++) {
    lua_pushlstring(L, schema->fields[i].name.ptr, schema->fields[i].name.len);
    lua_rawseti(L, -2, i + 1);
  }
  return let_go(L, 2);
}

/* next: (batch, name) -> name, column after it */
static int batch_next(lua_State *L)
{
  struct pg_batch *batch = pg_bind_batch_check(L, 1);
  int i = 0;
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) {
    luaL_checktype(L, 2, LUA_TSTRING);
    i = field_named(batch, L, 2) + 1;
    luaL_argcheck(L, i > 0, 2, "no column");
  }
  if (i == batch->schema->count) {
    lua_pushnil(L);
    return 1;
  }
  peri_str name = batch->schema->fields[i].name;
  lua_pushlstring(L, name.ptr, name.len);
  push_column(L, batch, 1, 3);
  return 2;
}

static int batch_pairs(lua_State *L)
{
  pg_bind_batch_check(L, 1);
  lua_pushcfunction(L, batch_next);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* --------------------------------------------------------------------- rows */

static int batch_len(lua_State *L)
{
  lua_pushinteger(L, pg_bind_batch_check(L, 1)->rows);
  return 1;
}

/* Gives the new batch at the top what an operation made. */
static int finish(lua_State *L, struct pg_batch **place, struct pg_batch *made)
{
  *place = made;
  if (!made) {
    return luaL_error(L, "no memory for a batch");
  }
  pg_pressure_batch(L, made);
  return 1;
}

static int batch_slice(lua_State *L)
{
  lua_settop(L, 3);
  struct pg_batch **place = pg_bind_batch_new(L);
  struct pg_batch *batch = pg_bind_batch_check(L, 1);
  struct pg_range range = pg_range_check(L, 2, batch->rows);
  return finish(L, place, pg_batch_slice(batch, range.from, range.n));
}

static int batch_pick(lua_State *L)
{
  pg_bind_batch_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
  uint32_t *rows = lua_newuserdatauv(L, (size_t)n * sizeof *rows + 1, 0);
  struct pg_batch **place = pg_bind_batch_new(L);
  struct pg_batch *batch = pg_bind_batch_check(L, 1);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    int is_integer;
    lua_Integer row = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || row < 1 || row > batch->rows) {
      return luaL_error(L, "item %I: expected a row from 1 to %I, got %s",
                        (LUAI_UACINT)i, (LUAI_UACINT)batch->rows,
                        luaL_tolstring(L, -1, NULL));
    }
    rows[i - 1] = (uint32_t)(row - 1);
    lua_pop(L, 1);
  }
  return finish(L, place, pg_batch_pick(batch, rows, n));
}

static int batch_with(lua_State *L)
{
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  struct pg_batch *batch = hold(L);
  struct pg_batch **place = pg_bind_batch_new(L);
  pg_columns_with(L, batch, 2, place);
  return let_go(L, 3);
}

static int batch_totable(lua_State *L)
{
  lua_settop(L, 1);
  struct pg_batch *batch = hold(L);
  int count = batch->schema->count;
  struct pg_cells *cells =
    lua_newuserdatauv(L, (size_t)count * sizeof *cells + 1, 0);
  luaL_checkstack(L, count + 5, "columns of a batch");
  for (int i = 0; i < count; i++) {
    peri_str name = batch->schema->fields[i].name;
    cells[i] = pg_cells_of(batch->columns[i]);
    lua_pushlstring(L, name.ptr, name.len);
  }
  lua_createtable(L, (int)batch->rows, 0); /* ..., cells, name, ..., list */
  int first = 4, list = first + count;
  for (int64_t row = 0; row < batch->rows; row++) {
    lua_createtable(L, 0, count);
    for (int i = 0; i < count; i++) {
      lua_pushvalue(L, first + i);
      pg_cells_push(L, &cells[i], row);
      lua_rawset(L, -3);
    }
    lua_rawseti(L, list, row + 1);
  }
  return let_go(L, 2);
}

static int batch_tostring(lua_State *L)
{
  luaL_Buffer text;
  lua_settop(L, 1);
  if (!*pg_bind_batch_place(L, 1)) {
    lua_pushliteral(L, "released batch");
    return 1;
  }
  struct pg_batch *batch = hold(L);
  const struct pg_schema *schema = batch->schema;
  luaL_buffinit(L, &text);
  lua_pushfstring(L, "batch of %I rows (", (LUAI_UACINT)batch->rows);
  luaL_addvalue(&text);
  for (int i = 0; i < schema->count; i++) {
    lua_pushfstring(L, "%s%s %s", i > 0 ? ", " : "", schema->fields[i].name.ptr,
                    pg_type_name(schema->fields[i].type));
    luaL_addvalue(&text);
  }
  luaL_addchar(&text, ')');
  luaL_pushresult(&text);
  return let_go(L, 2);
}

static int batch_release(lua_State *L)
{
  luaL_checkudata(L, 1, BATCH);
  pg_bind_batch_release(L, 1);
  return 0;
}

static void set_class(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"column", batch_column}, {"names", batch_names},
    {"pick", batch_pick},     {"release", batch_release},
    {"slice", batch_slice},   {"totable", batch_totable},
    {"with", batch_with},     {NULL, NULL}};
  static const luaL_Reg meta[] = {
    {"__len", batch_len},           {"__pairs", batch_pairs},
    {"__tostring", batch_tostring}, {"__gc", batch_release},
    {"__close", batch_release},     {NULL, NULL}};
  if (luaL_newmetatable(L, BATCH)) {
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_pushcclosure(L, batch_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, BATCH);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, COLUMNS);
}
