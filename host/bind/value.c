/* value.c - Lua values as parameters that belong to no language.
 *
 * Only raw reads of tables: no metamethod runs, so nothing raises and nothing
 * that the script does can change a table while it is read. */
#include "bind/call.h"

#include <string.h>

#define DEPTH_MAX 32
#define VALUES_MAX 1000000

struct reader {
  lua_State *L;
  struct pg_arena *arena;
  struct pg_error *err;
  size_t left;                  /* values that may still come */
  const void *above[DEPTH_MAX]; /* the tables around the one being read */
  int depth;
};

static bool refuse(struct reader *r, const char *text)
{
  pg_fail(r->err, PG_BAD_INPUT, "%s", text);
  return false;
}

static bool no_memory(struct reader *r)
{
  pg_fail(r->err, PG_NO_MEMORY, "no memory for parameters");
  return false;
}

/* Puts where it was before the text of a failure; answers false. */
static bool in_field(struct reader *r, peri_str key)
{
  if (r->err) {
    struct pg_error why = *r->err;
    pg_fail(r->err, why.status, "field '%.*s': %.800s",
            (int)(key.len < 60 ? key.len : 60), key.ptr, why.text);
  }
  return false;
}

static bool in_item(struct reader *r, size_t number)
{
  if (r->err) {
    struct pg_error why = *r->err;
    pg_fail(r->err, why.status, "item %zu: %.800s", number, why.text);
  }
  return false;
}

static bool read_string(struct reader *r, int index, peri_str *text)
{
  size_t len;
  const char *bytes = lua_tolstring(r->L, index, &len);
  *text = (peri_str){pg_arena_copy(r->arena, bytes, len), len};
  return text->ptr || no_memory(r);
}

/* How many keys are 1, 2, ... up to `length`, and how many are strings. */
static bool count_keys(struct reader *r, int table, size_t length,
                       size_t *numbers, size_t *names)
{
  lua_State *L = r->L;
  *numbers = *names = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
      ++*names;
    } else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 &&
               (size_t)lua_tointeger(L, -1) <= length) {
      ++*numbers;
    } else {
      bool hole = lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1;
      lua_pop(L, 1);
      return refuse(r, hole ? "a list with holes in it"
                            : "a table whose keys are neither names nor 1, "
                              "2, 3, ...");
    }
  }
  return true;
}

static bool read_value(struct reader *r, int index, struct pg_value *value);

static bool read_list(struct reader *r, int table, size_t count,
                      struct pg_value *value)
{
  struct pg_value *items =
    pg_arena_alloc(r->arena, (count > 0 ? count : 1) * sizeof *items);
  if (!items) {
    return no_memory(r);
  }
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(r->L, table, (lua_Integer)i + 1);
    bool good = read_value(r, lua_gettop(r->L), &items[i]);
    lua_pop(r->L, 1);
    if (!good) {
      return in_item(r, i + 1);
    }
  }
  *value = (struct pg_value){.kind = PG_VALUE_LIST, .u.list = {items, count}};
  return true;
}

/* The value of a pair is on top of the stack, its key below. */
static bool read_entry(struct reader *r, struct pg_value_entry *entry)
{
  int top = lua_gettop(r->L);
  return read_string(r, top - 1, &entry->key) &&
         (read_value(r, top, &entry->value) || in_field(r, entry->key));
}

static bool read_map(struct reader *r, int table, size_t count,
                     struct pg_value *value)
{
  struct pg_value_entry *entries =
    pg_arena_alloc(r->arena, count * sizeof *entries);
  if (!entries) {
    return no_memory(r);
  }
  lua_pushnil(r->L);
  for (size_t i = 0; i < count; i++) {
    lua_next(r->L, table);
    bool good = read_entry(r, &entries[i]);
    lua_pop(r->L, 1);
    if (!good) {
      lua_pop(r->L, 1);
      return false;
    }
  }
  lua_pop(r->L, 1);
  *value = (struct pg_value){.kind = PG_VALUE_MAP, .u.map = {entries, count}};
  return true;
}

static bool read_members(struct reader *r, int table, struct pg_value *value)
{
  size_t length = lua_rawlen(r->L, table), numbers, names;
  if (!count_keys(r, table, length, &numbers, &names)) {
    return false;
  }
  if (numbers > 0 && names > 0) {
    return refuse(r, "a table with both a list and named fields");
  }
  if (numbers < length) {
    return refuse(r, "a list with holes in it");
  }
  if (names == 0) {
    return read_list(r, table, numbers, value);
  }
  return read_map(r, table, names, value);
}

static bool read_table(struct reader *r, int index, struct pg_value *value)
{
  const void *identity = lua_topointer(r->L, index);
  for (int i = 0; i < r->depth; i++) {
    if (r->above[i] == identity) {
      return refuse(r, "a table that contains itself");
    }
  }
  if (r->depth == DEPTH_MAX || !lua_checkstack(r->L, 6)) {
    return refuse(r, "tables nested too deep");
  }
  r->above[r->depth++] = identity;
  bool good = read_members(r, index, value);
  r->depth--;
  return good;
}

static bool read_value(struct reader *r, int index, struct pg_value *value)
{
  lua_State *L = r->L;
  if (r->left == 0) {
    return refuse(r, "more than 1000000 values");
  }
  r->left--;
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    *value = (struct pg_value){.kind = PG_VALUE_NIL};
    return true;
  case LUA_TBOOLEAN:
    *value = (struct pg_value){.kind = PG_VALUE_BOOL,
                               .u.flag = lua_toboolean(L, index)};
    return true;
  case LUA_TNUMBER:
    *value = lua_isinteger(L, index)
               ? (struct pg_value){.kind = PG_VALUE_INT,
                                   .u.integer = lua_tointeger(L, index)}
               : (struct pg_value){.kind = PG_VALUE_NUM,
                                   .u.number = lua_tonumber(L, index)};
    return true;
  case LUA_TSTRING:
    *value = (struct pg_value){.kind = PG_VALUE_STR};
    return read_string(r, index, &value->u.text);
  case LUA_TTABLE:
    return read_table(r, index, value);
  default:
    pg_fail(r->err, PG_BAD_INPUT, "a %s is no parameter",
            lua_typename(L, lua_type(L, index)));
    return false;
  }
}

bool pg_bind_value(lua_State *L, int index, struct pg_arena *arena,
                   struct pg_value *value, struct pg_error *err)
{
  struct reader reader = {
    .L = L, .arena = arena, .err = err, .left = VALUES_MAX};
  struct pg_value result;
  if (!lua_checkstack(L, 6)) {
    return refuse(&reader, "tables nested too deep");
  }
  if (!read_value(&reader, lua_absindex(L, index), &result)) {
    return false;
  }
  *value = result;
  return true;
}
