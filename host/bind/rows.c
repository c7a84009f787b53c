/* rows.c - "perigee.rows" for Lua: never seen by a script. */
#include "bind/rows.h"

#include "bind/batch.h"
#include "bind/columns.h"
#include "bind/fill.h"
#include "bind/names.h"

#include <lauxlib.h>
#include <string.h>

#define ROWS "perigee.rows"

/* User values: names -> numbers of columns; names -> was it a column? */
enum { ANCHOR = 1, NAMES = 2 };

struct rows {
  struct pg_fill fill;
  struct pg_names names; /* of the columns of fill */
};

static int rows_gc(lua_State *L)
{
  struct rows *rows = lua_touserdata(L, 1);
  pg_fill_fini(&rows->fill);
  pg_names_fini(&rows->names);
  return 0;
}

void pg_rows_new(lua_State *L)
{
  struct rows *rows = lua_newuserdatauv(L, sizeof *rows, 2);
  *rows = (struct rows){.names = {0}};
  if (luaL_newmetatable(L, ROWS)) {
    lua_pushcfunction(L, rows_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, ANCHOR);
  lua_newtable(L);
  lua_setiuservalue(L, -2, NAMES);
}

void pg_rows_push_names(lua_State *L, int reader)
{
  lua_getiuservalue(L, reader, NAMES);
}

/* Adds the column called by the string at the top. */
static void add_column(lua_State *L, struct rows *rows, int anchor,
                       uint32_t type, bool declared)
{
  peri_str name;
  name.ptr = lua_tolstring(L, -1, &name.len);
  int column = pg_fill_add(&rows->fill, name, type, declared);
  if (column < 0) {
    luaL_error(L, "no memory for column '%s', or too many columns", name.ptr);
  }
  pg_names_add(&rows->names, L, anchor, lua_gettop(L), column);
}

void pg_rows_declare(lua_State *L, int reader, int list)
{
  struct rows *rows = lua_touserdata(L, reader);
  int top = lua_gettop(L);
  lua_getiuservalue(L, reader, ANCHOR);
  lua_Integer count = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i); /* anchor, entry, type, name */
    lua_getfield(L, -1, "type");
    lua_getfield(L, -2, "name");
    const char *word = luaL_checkstring(L, -2);
    int type = pg_type_find(word, strlen(word));
    if (type < 0 && strcmp(word, "any") != 0) {
      luaL_error(L, "column '%s': unknown type '%s'", luaL_checkstring(L, -1),
                 word);
    }
    add_column(L, rows, top + 1, type < 0 ? PERI_T_NULL : (uint32_t)type,
               type >= 0);
    lua_settop(L, top + 1);
  }
  lua_settop(L, top);
}

/* ------------------------------------------------------------------ reading */

static int bad_list(lua_State *L, int list)
{
  lua_pushnil(L);
  lua_next(L, list);
  return luaL_error(L,
                    "expected a list of rows, got a table with the field "
                    "'%s'; a single row goes into a list: { row }",
                    luaL_tolstring(L, -2, NULL));
}

static void check_row(lua_State *L, lua_Integer number)
{
  if (!lua_istable(L, -1)) {
    luaL_error(L, "row %I: expected a table, got %s", (LUAI_UACINT)number,
               lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1));
  }
}

/* Pushes the names of the list that are no columns yet, as keys of a table, or
 * nil when there are none. */
static void push_new_names(lua_State *L, const struct rows *rows, int anchor,
                           int list, lua_Integer count)
{
  lua_pushnil(L);
  int found = lua_gettop(L);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    check_row(L, i);
    lua_pushnil(L);
    while (lua_next(L, found + 1)) { /* found, row, name, value */
      lua_pop(L, 1);
      if (lua_type(L, -1) != LUA_TSTRING) {
        luaL_error(L, "row %I: expected columns by name, got the key %s",
                   (LUAI_UACINT)i, luaL_tolstring(L, -1, NULL));
      }
      if (pg_names_of(&rows->names, L, anchor, found + 2) < 0) {
        if (lua_isnil(L, found)) {
          lua_newtable(L);
          lua_replace(L, found);
        }
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, found);
      }
    }
    lua_pop(L, 1);
  }
}

static void add_columns(lua_State *L, struct rows *rows, int anchor, int list,
                        lua_Integer count)
{
  int top = lua_gettop(L);
  push_new_names(L, rows, anchor, list, count);
  if (!lua_isnil(L, -1)) {
    pg_columns_push_names(L, -1);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
      lua_rawgeti(L, top + 2, i);
      add_column(L, rows, anchor, PERI_T_NULL, false);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, top);
}

static void fill_row(lua_State *L, struct rows *rows, int anchor, int row,
                     lua_Integer number)
{
  lua_pushnil(L);
  while (lua_next(L, row)) { /* ..., row, name, value */
    struct pg_error err;
    int column = lua_type(L, row + 1) == LUA_TSTRING
                   ? pg_names_of(&rows->names, L, anchor, row + 1)
                   : -1;
    if (column < 0) { /* by a finaliser, since names were looked at */
      luaL_error(L, "row %I was changed while it was read",
                 (LUAI_UACINT)number);
    }
    if (pg_fill_set(&rows->fill, column, number - 1, L, row + 2, &err) !=
        PG_OK) {
      luaL_error(L, "row %I: %s", (LUAI_UACINT)number, err.text);
    }
    lua_pop(L, 1);
  }
}

void pg_rows_read(lua_State *L, int reader, int list, struct pg_batch **made)
{
  struct rows *rows = lua_touserdata(L, reader);
  int top = lua_gettop(L);
  lua_Integer count = (lua_Integer)lua_rawlen(L, list);
  lua_pushnil(L);
  if (count == 0 && lua_next(L, list)) {
    bad_list(L, list);
  }
  lua_settop(L, top);
  if (count >= INT32_MAX || !pg_fill_begin(&rows->fill, count)) {
    luaL_error(L, "no memory for %I rows", (LUAI_UACINT)count);
  }
  lua_getiuservalue(L, reader, ANCHOR);
  add_columns(L, rows, top + 1, list, count);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    check_row(L, i);
    fill_row(L, rows, top + 1, top + 2, i);
    lua_pop(L, 1);
  }
  *made = pg_fill_finish(&rows->fill);
  if (!*made) {
    luaL_error(L, "no memory for a batch");
  }
  lua_settop(L, top);
}

int pg_rows_batch(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  struct pg_batch **made = pg_bind_batch_new(L);
  pg_rows_new(L);
  pg_rows_read(L, 3, 1, made);
  lua_settop(L, 2);
  return 1;
}
