/* convert_push.c - from C to Lua, and values in words. */
#include "bind/convert.h"
#include "bind/number.h"
#include "data/type.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* -------------------------------------------------------------------- to Lua
 */

static bool push_char(struct pg_convert *c, uint32_t code)
{
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    pg_fail(c->err, PG_BAD_INPUT, "0x%x is no character", code);
    return false;
  }
  lua_pushfstring(c->L, "%U", (long)code);
  return true;
}

static bool push_one(struct pg_convert *c, uint32_t base, const void *in)
{
  if (pg_type_is_text(base)) {
    const peri_str *text = in;
    lua_pushlstring(c->L, text->ptr, text->len);
    return true;
  }
  if (pg_number_push(c->L, base, in)) {
    return true;
  }
  pg_fail(c->err, PG_BAD_INPUT,
          "%llu is more than a Lua integer (9223372036854775807) and no float "
          "is equal to it",
          (unsigned long long)*(const uint64_t *)in);
  return false;
}

struct list {
  const char *ptr;
  size_t len;
};

static bool push_pairs(struct pg_convert *c, const struct list *list)
{
  const peri_str *at = (const peri_str *)(const void *)list->ptr;
  lua_newtable(c->L);
  for (size_t i = 0; i < list->len; i++, at += 2) {
    lua_pushlstring(c->L, at[0].ptr, at[0].len);
    lua_pushlstring(c->L, at[1].ptr, at[1].len);
    lua_rawset(c->L, -3);
  }
  return true;
}

static bool push_list(struct pg_convert *c, const struct pg_shape *item,
                      const struct list *list)
{
  if (item->form == PG_SHAPE_PAIR) {
    return push_pairs(c, list);
  }
  lua_createtable(c->L, list->len < 1 << 24 ? (int)list->len : 0, 0);
  for (size_t i = 0; i < list->len; i++) {
    if (!pg_convert_push(c, item, list->ptr + i * item->size)) {
      return false;
    }
    lua_rawseti(c->L, -2, (lua_Integer)i + 1);
  }
  return true;
}

static bool push_record(struct pg_convert *c, const struct pg_shape *shape,
                        const char *in)
{
  lua_createtable(c->L, 0, (int)shape->field_count);
  for (size_t i = 0; i < shape->field_count; i++) {
    const struct pg_shape_field *field = &shape->fields[i];
    if (!pg_convert_push(c, field->shape, in + field->offset)) {
      return false;
    }
    lua_setfield(c->L, -2, field->name);
  }
  return true;
}

static bool push_variant(struct pg_convert *c, const struct pg_shape *shape,
                         const char *in)
{
  int32_t tag;
  memcpy(&tag, in, sizeof tag);
  if (tag < 0 || (size_t)tag >= shape->field_count) {
    pg_fail(c->err, PG_BAD_INPUT, "'%s' has no case number %d", shape->name,
            (int)tag);
    return false;
  }
  const struct pg_shape_field *field = &shape->fields[tag];
  lua_createtable(c->L, 0, 1);
  if (!pg_convert_push(c, field->shape, in + field->offset)) {
    return false;
  }
  lua_setfield(c->L, -2, field->name);
  return true;
}

static bool push_composite(struct pg_convert *c, const struct pg_shape *shape,
                           const char *in)
{
  int32_t has;
  switch (shape->form) {
  case PG_SHAPE_NONE:
    lua_pushboolean(c->L, 1);
    return true;
  case PG_SHAPE_OPT:
    memcpy(&has, in + shape->has_at, sizeof has);
    if (has) {
      return pg_convert_push(c, shape->item, in);
    }
    lua_pushnil(c->L);
    return true;
  case PG_SHAPE_LIST:
    return push_list(c, shape->item, (const struct list *)(const void *)in);
  case PG_SHAPE_RECORD:
    return push_record(c, shape, in);
  case PG_SHAPE_VARIANT:
    return push_variant(c, shape, in);
  default:
    pg_fail(c->err, PG_BAD_INPUT, "a %s cannot be a result", shape->name);
    return false;
  }
}

bool pg_convert_push(struct pg_convert *c, const struct pg_shape *shape,
                     const void *in)
{
  if (shape->form == PG_SHAPE_ONE) {
    return push_one(c, shape->base, in);
  }
  if (shape->form == PG_SHAPE_CHAR) {
    return push_char(c, *(const uint32_t *)in);
  }
  if (c->depth == PG_CONVERT_DEPTH_MAX || !lua_checkstack(c->L, 6)) {
    pg_fail(c->err, PG_BAD_INPUT, "values nested too deep");
    return false;
  }
  c->depth++;
  bool good = push_composite(c, shape, in);
  c->depth--;
  return good;
}

/* ------------------------------------------------------------------- in words
 */

void pg_convert_describe(const struct pg_shape *shape, char *out, size_t size)
{
  const char *word = "a table";
  switch (shape->form) {
  case PG_SHAPE_ONE:
    word = pg_number_words(shape->base);
    break;
  case PG_SHAPE_CHAR:
    word = "a string of one UTF-8 character";
    break;
  case PG_SHAPE_OPT:
    pg_convert_describe(shape->item, out, size);
    return;
  case PG_SHAPE_LIST:
    word = shape->item->form == PG_SHAPE_PAIR ? "a table of strings by name"
                                              : "a list";
    break;
  case PG_SHAPE_BUF:
    word = "a buffer";
    break;
  case PG_SHAPE_VARIANT:
    word = "a table with one case";
    break;
  case PG_SHAPE_OBJECT:
    word = "an object";
    break;
  case PG_SHAPE_NONE:
  case PG_SHAPE_PAIR:
  case PG_SHAPE_RECORD:
  case PG_SHAPE_NEW:
    break;
  }
  snprintf(out, size, "%s (%s)", shape->name, word);
}

static void show_number(lua_State *L, int index, char *out, size_t size)
{
  if (lua_isinteger(L, index)) {
    snprintf(out, size, LUA_INTEGER_FMT, lua_tointeger(L, index));
    return;
  }
  lua_Number number = lua_tonumber(L, index);
  snprintf(out, size, "%.14g", number);
  if (strspn(out, "-0123456789") == strlen(out)) {
    size_t len = strlen(out);
    snprintf(out + len, size - len, ".0");
  }
}

static void show_string(lua_State *L, int index, char *out, size_t size)
{
  size_t len;
  const char *text = lua_tolstring(L, index, &len);
  bool cut = len > 40;
  snprintf(out, size, "'%.*s%s'", cut ? 37 : (int)len, text, cut ? "..." : "");
  for (char *at = out; *at; at++) {
    *at = (unsigned char)*at < 32 || *at == 127 ? '?' : *at;
  }
}

/* "a perigee.buffer", by what its class calls it. */
static void show_other(lua_State *L, int index, char *out, size_t size)
{
  const char *name = luaL_typename(L, index);
  int type = luaL_getmetafield(L, index, "__name");
  snprintf(out, size, "a %s", type == LUA_TSTRING ? lua_tostring(L, -1) : name);
  lua_pop(L, type == LUA_TNIL ? 0 : 1);
}

void pg_convert_show(lua_State *L, int index, char *out, size_t size)
{
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    show_number(L, index, out, size);
    return;
  case LUA_TSTRING:
    show_string(L, index, out, size);
    return;
  case LUA_TBOOLEAN:
    snprintf(out, size, "%s", lua_toboolean(L, index) ? "true" : "false");
    return;
  case LUA_TNIL:
  case LUA_TNONE:
    snprintf(out, size, "nil");
    return;
  default:
    show_other(L, index, out, size);
  }
}

bool pg_convert_mismatch(struct pg_convert *c, const struct pg_shape *shape,
                         int index)
{
  char expected[200], shown[80];
  pg_convert_describe(shape, expected, sizeof expected);
  pg_convert_show(c->L, index, shown, sizeof shown);
  pg_fail(c->err, PG_BAD_INPUT, "expected %s, got %s", expected, shown);
  return false;
}
