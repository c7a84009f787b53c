/* columns.c - a table of columns becomes a batch. */
#include "bind/columns.h"

#include "bind/batch.h"
#include "bind/box.h"
#include "bind/fill.h"
#include "bind/pressure.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------- names */

static int by_name(const void *a, const void *b)
{
  const peri_str *x = a, *y = b;
  size_t n = x->len < y->len ? x->len : y->len;
  int order = memcmp(x->ptr, y->ptr, n);
  return order ? order : (x->len > y->len) - (x->len < y->len);
}

void pg_columns_push_names(lua_State *L, int index)
{
  size_t count = 0;
  index = lua_absindex(L, index);
  lua_pushnil(L);
  for (; lua_next(L, index); count++) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      luaL_error(L, "expected columns by name, got the key %s",
                 luaL_tolstring(L, -2, NULL));
    }
    lua_pop(L, 1);
  }
  lua_createtable(L, (int)count, 0);
  peri_str *names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
  lua_pushnil(L);
  for (size_t i = 0; lua_next(L, index); i++) {
    lua_pop(L, 1);
    names[i].ptr = lua_tolstring(L, -1, &names[i].len);
  }
  qsort(names, count, sizeof *names, by_name);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, names[i].ptr, names[i].len);
    lua_rawseti(L, -3, (lua_Integer)i + 1);
  }
  lua_pop(L, 1);
}

/* --------------------------------------------------------------------- with */

/* A batch in parts. */
struct parts {
  int count;
  struct pg_field *fields;    /* owned; names are not */
  struct pg_column **columns; /* owned, with the references */
  struct pg_fill fill;        /* the columns that are lists */
};

static void fini_parts(void *box)
{
  struct parts *parts = box;
  for (int i = 0; i < parts->count; i++) {
    pg_column_unref(parts->columns[i]);
  }
  free(parts->fields);
  free(parts->columns);
  pg_fill_fini(&parts->fill);
}

static struct parts *new_parts(lua_State *L, struct pg_batch *batch, int more)
{
  int count = batch->schema->count;
  size_t room = (size_t)(count + more);
  struct parts *parts = pg_box_new(L, sizeof *parts, fini_parts);
  parts->fields = malloc((room + 1) * sizeof *parts->fields);
  parts->columns = malloc((room + 1) * sizeof *parts->columns);
  if (!parts->fields || !parts->columns ||
      !pg_fill_begin(&parts->fill, batch->rows)) {
    luaL_error(L, "no memory for a batch");
  }
  for (; parts->count < count; parts->count++) {
    parts->fields[parts->count] = batch->schema->fields[parts->count];
    parts->columns[parts->count] = pg_column_ref(batch->columns[parts->count]);
  }
  return parts;
}

/* [borrow] name, column */
static void put(struct parts *parts, peri_str name, struct pg_column *column)
{
  int i = 0;
  while (i < parts->count && by_name(&parts->fields[i].name, &name) != 0) {
    i++;
  }
  pg_column_ref(column);
  if (i < parts->count) {
    pg_column_unref(parts->columns[i]);
  } else {
    parts->count++;
  }
  parts->fields[i] = (struct pg_field){name, column->type};
  parts->columns[i] = column;
}

static void set_value(lua_State *L, struct pg_fill *fill, int column,
                      int64_t row)
{
  struct pg_error err;
  if (pg_fill_set(fill, column, row, L, -1, &err) != PG_OK) {
    luaL_error(L, "row %I: %s", (LUAI_UACINT)row + 1, err.text);
  }
}

/* Fills a column with the list, or the one value, at `value`. */
static void fill_column(lua_State *L, struct pg_fill *fill, peri_str name,
                        int value)
{
  int column = pg_fill_add(fill, name, PERI_T_NULL, false);
  if (column < 0) {
    luaL_error(L, "no memory for column '%s', or too many columns", name.ptr);
  }
  bool list = lua_istable(L, value);
  if (list && (int64_t)lua_rawlen(L, value) > fill->rows) {
    luaL_error(L, "column '%s': %I values for %I rows", name.ptr,
               (LUAI_UACINT)lua_rawlen(L, value), (LUAI_UACINT)fill->rows);
  }
  for (int64_t row = 0; row < fill->rows; row++) {
    if (list) {
      lua_rawgeti(L, value, row + 1);
    } else {
      lua_pushvalue(L, value);
    }
    set_value(L, fill, column, row);
    lua_pop(L, 1);
  }
}

static void put_filled(lua_State *L, struct parts *parts)
{
  struct pg_batch **filled = pg_bind_batch_new(L);
  *filled = pg_fill_finish(&parts->fill);
  if (!*filled) {
    luaL_error(L, "no memory for a batch");
  }
  for (int i = 0; i < parts->fill.count; i++) {
    put(parts, parts->fill.columns[i].name, (*filled)->columns[i]);
  }
  pg_bind_batch_release(L, -1);
  lua_pop(L, 1);
  pg_pressure(L, parts->fill.rows, (size_t)parts->fill.count * 8);
}

void pg_columns_with(lua_State *L, struct pg_batch *batch, int columns,
                     struct pg_batch **made)
{
  int top = lua_gettop(L);
  pg_columns_push_names(L, columns);
  int names = top + 1, count = (int)lua_rawlen(L, names);
  struct parts *parts = new_parts(L, batch, count);
  for (int i = 1; i <= count; i++) {
    peri_str name;
    lua_rawgeti(L, names, i);
    name.ptr = lua_tolstring(L, -1, &name.len);
    lua_pushvalue(L, -1);
    lua_rawget(L, columns); /* names, parts, name, value */
    struct pg_column *column = pg_bind_column_to(L, -1);
    if (!column) {
      fill_column(L, &parts->fill, name, lua_gettop(L));
    } else if (column->length != batch->rows) {
      luaL_error(L, "column '%s': %I rows for %I rows", name.ptr,
                 (LUAI_UACINT)column->length, (LUAI_UACINT)batch->rows);
    } else {
      put(parts, name, column);
    }
    lua_pop(L, 2);
  }
  if (parts->fill.count > 0) {
    put_filled(L, parts);
  }
  count = parts->count;
  parts->count = 0; /* the references go over */
  *made = pg_batch_of(parts->fields, parts->columns, count, batch->rows,
                      batch->schema);
  pg_box_close(L, names + 1);
  if (!*made) {
    luaL_error(L, "no memory for a batch");
  }
  lua_settop(L, top);
}

/* -------------------------------------------------------------------- batch */

static uint32_t type_named(lua_State *L, const char *name)
{
  int type = pg_type_find(name, strlen(name));
  if (type < 0) {
    luaL_error(L, "unknown type '%s'", name);
  }
  return (uint32_t)type;
}

/* How many rows the columns have: all of them the same number, and the one that
 * is given when there are none. */
static int64_t rows_of(lua_State *L, int list, lua_Integer count)
{
  lua_Integer rows = luaL_optinteger(L, list + 1, -1);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, list, i);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_getfield(L, -1, "n");
    lua_Integer n = luaL_checkinteger(L, -1);
    luaL_argcheck(L, 0 <= n && (rows < 0 || n == rows), list,
                  "columns of different lengths");
    rows = n;
    lua_pop(L, 2);
  }
  luaL_argcheck(L, rows < INT32_MAX, list, "too many rows");
  return rows < 0 ? 0 : rows;
}

static void fill_declared(lua_State *L, struct pg_fill *fill, int entry)
{
  peri_str name;
  lua_getfield(L, entry, "name");
  name.ptr = luaL_checklstring(L, -1, &name.len);
  lua_getfield(L, entry, "type");
  uint32_t type = type_named(L, luaL_checkstring(L, -1));
  lua_getfield(L, entry, "values");
  luaL_checktype(L, -1, LUA_TTABLE);
  int column = pg_fill_add(fill, name, type, true);
  if (column < 0) {
    luaL_error(L, "no memory for column '%s', or too many columns", name.ptr);
  }
  for (int64_t row = 0; row < fill->rows; row++) {
    lua_rawgeti(L, entry + 3, row + 1); /* name, type, values */
    set_value(L, fill, column, row);
    lua_pop(L, 1);
  }
  lua_settop(L, entry);
}

static void fini_fill(void *fill)
{
  pg_fill_fini(fill);
}

int pg_columns_batch(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  int64_t rows = rows_of(L, 1, count);
  lua_settop(L, 1);
  struct pg_batch **made = pg_bind_batch_new(L);
  struct pg_fill *fill = pg_box_new(L, sizeof *fill, fini_fill);
  if (!pg_fill_begin(fill, rows)) {
    return luaL_error(L, "no memory for a batch");
  }
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    fill_declared(L, fill, 4);
    lua_pop(L, 1);
  }
  *made = pg_fill_finish(fill);
  pg_box_close(L, 3);
  lua_settop(L, 2);
  return *made ? 1 : luaL_error(L, "no memory for a batch");
}
