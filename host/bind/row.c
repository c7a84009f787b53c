/* row.c - "perigee.row" for Lua. */
#include "bind/row.h"

#include "bind/udata.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define ROW "perigee.row"

static const char row_tag;

enum {
  ANCHOR = 1
}; /* user value: name -> number of its field, and back from
      number + 1 */

/* ------------------------------------------------------------------ fields */

static int add_field(lua_State *L, struct pg_row *row, int anchor, int name)
{
  if (row->count == row->count_max) {
    int max = row->count_max ? row->count_max * 2 : 16;
    struct pg_row_field *fields =
      realloc(row->fields, (size_t)max * sizeof *fields);
    if (!fields) {
      luaL_error(L, "no memory for the columns of a row");
    }
    row->fields = fields;
    row->count_max = max;
  }
  lua_pushvalue(L, name);
  lua_rawseti(L, anchor, row->count + 1);
  pg_names_add(&row->names, L, anchor, name, row->count);
  row->fields[row->count] = (struct pg_row_field){.base = -1, .fill = -1};
  return row->count++;
}

/* The field called by the string at `name`, made when there is none; valid
 * until another one is made. */
static struct pg_row_field *field_of(lua_State *L, struct pg_row *row, int self,
                                     int name)
{
  int number = pg_names_find(&row->names, lua_tostring(L, name));
  if (number < 0) {
    lua_getiuservalue(L, self, ANCHOR);
    number = pg_names_of(&row->names, L, -1, name);
    if (number < 0) {
      number = add_field(L, row, lua_gettop(L), name);
    }
    lua_pop(L, 1);
  }
  return &row->fields[number];
}

static bool is_written(const struct pg_row *row,
                       const struct pg_row_field *field)
{
  return field->writes > 0 && field->written->bytes[row->at];
}

static void push_written(lua_State *L, const struct pg_row *row,
                         const struct pg_row_field *field)
{
  const struct pg_fill_column *column = &row->fill.columns[field->fill];
  if (!column->valid[row->at]) {
    lua_pushnil(L);
  } else if (column->type == PERI_T_BOOL) {
    lua_pushboolean(L, ((const uint8_t *)column->values)[row->at]);
  } else {
    struct pg_cells cells = {.type = column->type,
                             .data = column->values,
                             .bases = row->fill.build.heap->bases};
    pg_cells_push(L, &cells, row->at);
  }
}

static void push_field(lua_State *L, const struct pg_row *row,
                       const struct pg_row_field *field)
{
  if (is_written(row, field)) {
    push_written(L, row, field);
  } else {
    pg_cells_push(L, &field->cells, row->at);
  }
}

/* ------------------------------------------------------------- metamethods */

static struct pg_row *check_row(lua_State *L)
{
  struct pg_row *row = pg_udata_to(L, 1, sizeof *row, &row_tag);
  if (!row) {
    luaL_typeerror(L, 1, ROW);
  }
  if (!row->batch) {
    luaL_error(L, "the row is used outside of the function that it was "
                  "given to");
  }
  return row;
}

static int row_index(lua_State *L)
{
  struct pg_row *row = check_row(L);
  if (lua_type(L, 2) != LUA_TSTRING) {
    lua_pushnil(L);
    return 1;
  }
  struct pg_row_field *field = field_of(L, row, 1, 2);
  if (field->base < 0 && field->fill < 0) {
    field->was_missed = true;
  }
  push_field(L, row, field);
  return 1;
}

/* The type that a first value takes from what was there: an integer given to a
 * column of times is a time.  PERI_T_NULL: it takes its own. */
static uint32_t type_for(lua_State *L, const struct pg_cells *base, int value)
{
  bool integer = lua_isinteger(L, value);
  switch (base->type) {
  case PERI_T_BIN:
    return lua_type(L, value) == LUA_TSTRING ? PERI_T_BIN : PERI_T_NULL;
  case PERI_T_TIME:
    return integer ? PERI_T_TIME : PERI_T_NULL;
  case PERI_T_U64:
    return integer && lua_tointeger(L, value) >= 0 ? PERI_T_U64 : PERI_T_NULL;
  case PERI_T_F32:
  case PERI_T_F64:
    return integer ? PERI_T_F64 : PERI_T_NULL;
  default:
    return PERI_T_NULL;
  }
}

/* Room to write to a field in this batch. */
static void begin_writing(lua_State *L, struct pg_row *row,
                          struct pg_row_field *field, int name)
{
  size_t rows = (size_t)row->batch->rows;
  if (field->fill < 0) {
    peri_str text;
    text.ptr = lua_tolstring(L, name, &text.len);
    if (row->fill.count == 0 && !pg_fill_begin(&row->fill, row->batch->rows)) {
      luaL_error(L, "no memory for column '%s'", text.ptr);
    }
    field->fill = pg_fill_add(&row->fill, text, PERI_T_NULL, false);
    if (field->fill < 0) {
      luaL_error(L, "no memory for column '%s', or too many columns", text.ptr);
    }
    field->was_column = true;
  }
  if (!field->written || field->written->size_max < rows) {
    pg_block_unref(field->written);
    field->written = pg_block_new(rows);
    if (!field->written) {
      luaL_error(L, "no memory for column '%s'", lua_tostring(L, name));
    }
  }
  memset(field->written->bytes, 0, rows);
}

static int row_newindex(lua_State *L)
{
  struct pg_row *row = check_row(L);
  struct pg_error err;
  if (lua_type(L, 2) != LUA_TSTRING) {
    return luaL_error(L, "expected the name of a column, got a %s",
                      luaL_typename(L, 2));
  }
  struct pg_row_field *field = field_of(L, row, 1, 2);
  if (field->writes == 0) {
    begin_writing(L, row, field, 2);
  }
  enum pg_status status = PG_OK;
  if (row->fill.columns[field->fill].type == PERI_T_NULL) {
    uint32_t type = type_for(L, &field->cells, 3);
    if (type != PERI_T_NULL) {
      status = pg_fill_retype(&row->fill, field->fill, type, &err);
    }
  }
  if (status == PG_OK) {
    status = pg_fill_set(&row->fill, field->fill, row->at, L, 3, &err);
  }
  if (status != PG_OK) {
    return luaL_error(L, "%s", err.text);
  }
  field->written->bytes[row->at] = 1;
  field->writes++;
  return 0;
}

/* next: (row, name) -> name, value of the field after it that is not null */
static int row_next(lua_State *L)
{
  struct pg_row *row = check_row(L);
  int i = 0;
  lua_settop(L, 2);
  lua_getiuservalue(L, 1, ANCHOR);
  if (!lua_isnil(L, 2)) {
    luaL_checktype(L, 2, LUA_TSTRING);
    i = pg_names_of(&row->names, L, 3, 2) + 1;
    luaL_argcheck(L, i > 0, 2, "no column");
  }
  for (; i < row->count; i++) {
    lua_rawgeti(L, 3, i + 1);
    push_field(L, row, &row->fields[i]);
    if (!lua_isnil(L, -1)) {
      return 2;
    }
    lua_pop(L, 2);
  }
  lua_pushnil(L);
  return 1;
}

static int row_pairs(lua_State *L)
{
  check_row(L);
  lua_pushcfunction(L, row_next);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* "{ path = "/a", status = 200 }", for logs */
static int row_tostring(lua_State *L)
{
  check_row(L);
  lua_settop(L, 1);
  lua_pushnil(L);
  lua_pushliteral(L, "{");
  for (const char *between = " ";; between = ", ") {
    lua_settop(L, 3); /* row, name, text so far */
    lua_pushcfunction(L, row_next);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 2); /* row, name, text so far, next name, value */
    if (lua_isnil(L, 4)) {
      break;
    }
    const char *quote = lua_type(L, 5) == LUA_TSTRING ? "\"" : "";
    lua_pushfstring(L, "%s%s%s = %s%s%s", lua_tostring(L, 3), between,
                    lua_tostring(L, 4), quote, luaL_tolstring(L, 5, NULL),
                    quote);
    lua_replace(L, 3);
    lua_pushvalue(L, 4);
    lua_replace(L, 2);
  }
  lua_pushfstring(L, "%s }", lua_tostring(L, 3));
  return 1;
}

/* -------------------------------------------------------------- life cycle */

static int row_gc(lua_State *L)
{
  struct pg_row *row = lua_touserdata(L, 1);
  pg_names_fini(&row->names);
  for (int i = 0; i < row->count; i++) {
    pg_block_unref(row->fields[i].written);
  }
  free(row->fields);
  pg_schema_unref(row->schema);
  pg_schema_unref(row->out);
  pg_fill_fini(&row->fill);
  *row = (struct pg_row){.tag = NULL};
  return 0;
}

struct pg_row *pg_row_new(lua_State *L)
{
  static const luaL_Reg meta[] = {
    {"__index", row_index}, {"__newindex", row_newindex},
    {"__pairs", row_pairs}, {"__tostring", row_tostring},
    {"__gc", row_gc},       {NULL, NULL}};
  struct pg_row *row = lua_newuserdatauv(L, sizeof *row, 1);
  *row = (struct pg_row){.tag = &row_tag};
  if (luaL_newmetatable(L, ROW)) {
    luaL_setfuncs(L, meta, 0);
    lua_pushliteral(L, ROW);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, ANCHOR);
  return row;
}

/* Finds the columns of another schema. */
static void bind(lua_State *L, struct pg_row *row, int self,
                 struct pg_schema *schema)
{
  pg_schema_unref(row->schema);
  row->schema = NULL;
  for (int i = 0; i < row->count; i++) {
    row->fields[i].base = -1;
    row->fields[i].cells = (struct pg_cells){0};
  }
  for (int i = 0; i < schema->count; i++) {
    peri_str name = schema->fields[i].name;
    lua_pushlstring(L, name.ptr, name.len);
    struct pg_row_field *field = field_of(L, row, self, lua_gettop(L));
    field->base = i;
    field->was_column = true;
    lua_pop(L, 1);
  }
  row->schema = pg_schema_ref(schema);
}

void pg_row_begin(lua_State *L, int index, struct pg_batch *batch)
{
  struct pg_row *row = lua_touserdata(L, index);
  if (row->schema != batch->schema) {
    bind(L, row, index, batch->schema);
  }
  for (int i = 0; i < row->count; i++) {
    struct pg_row_field *field = &row->fields[i];
    field->writes = 0;
    if (field->base >= 0) {
      field->cells = pg_cells_of(batch->columns[field->base]);
    }
  }
  /* Columns that were written before come again, so that a stream keeps its
   * schema. */
  if (row->fill.count > 0 && !pg_fill_begin(&row->fill, batch->rows)) {
    luaL_error(L, "no memory for the columns of a row");
  }
  row->batch = batch;
}

void pg_row_end(struct pg_row *row)
{
  row->batch = NULL;
}

enum pg_status pg_row_learnt(const struct pg_row *row,
                             struct pg_schema **schema, struct pg_error *err)
{
  int count = row->fill.count;
  *schema = NULL;
  if (count == 0) {
    return PG_OK;
  }
  struct pg_field *fields = malloc((size_t)count * sizeof *fields);
  for (int i = 0; fields && i < count; i++) {
    const struct pg_fill_column *column = &row->fill.columns[i];
    fields[i] = (struct pg_field){.name = column->name, .type = column->type};
  }
  *schema = fields ? pg_schema_new(fields, count) : NULL;
  free(fields);
  return *schema
           ? PG_OK
           : pg_fail(err, PG_NO_MEMORY, "no memory for the columns of a row");
}

void pg_row_learn(lua_State *L, int index, const struct pg_schema *schema)
{
  struct pg_row *row = lua_touserdata(L, index);
  for (int i = 0; i < row->count; i++) {
    row->fields[i].fill = -1;
    row->fields[i].writes = 0;
  }
  pg_fill_fini(&row->fill);
  for (int i = 0; schema && i < schema->count; i++) {
    peri_str name = schema->fields[i].name;
    lua_pushlstring(L, name.ptr, name.len);
    struct pg_row_field *field = field_of(L, row, index, lua_gettop(L));
    lua_pop(L, 1);
    field->fill = pg_fill_add(&row->fill, name, schema->fields[i].type, false);
    if (field->fill < 0) {
      luaL_error(L, "no memory for the columns of a row");
    }
    field->was_column = true;
  }
}

void pg_row_note_names(lua_State *L, int index, lua_State *into, int table)
{
  struct pg_row *row = lua_touserdata(L, index);
  lua_getiuservalue(L, index, ANCHOR);
  int anchor = lua_gettop(L);
  for (int i = 0; i < row->count; i++) {
    const struct pg_row_field *field = &row->fields[i];
    if (!field->was_column && !field->was_missed) {
      continue;
    }
    size_t len;
    lua_rawgeti(L, anchor, i + 1);
    const char *name = lua_tolstring(L, -1, &len);
    lua_pushlstring(into, name, len);
    lua_pushvalue(into, -1);
    lua_rawget(into, table);
    bool was_column = lua_toboolean(into, -1);
    lua_pop(into, 1);
    lua_pushboolean(into, was_column || field->was_column);
    lua_rawset(into, table);
    lua_settop(L, anchor);
  }
  lua_pop(L, 1);
}
