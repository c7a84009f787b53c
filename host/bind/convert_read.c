/* convert_read.c - from Lua to C. */
#include "bind/buffer.h"
#include "bind/convert.h"
#include "bind/number.h"
#include "data/type.h"
#include "plugin/suggest.h"

#include <string.h>

void *pg_convert_room(struct pg_convert *c, size_t n)
{
  peri_cx *cx = c->cx;
  char *room = NULL;
  if (n <= SIZE_MAX - 15) {
    size_t rounded = (n + 15) & ~(size_t)15;
    if ((size_t)(cx->arena_end - cx->arena) >= rounded) {
      room = cx->arena;
      cx->arena += rounded;
    } else {
      room = cx->sv->arena(cx, rounded);
    }
  }
  if (!room) {
    pg_fail(c->err, PG_NO_MEMORY, "no memory for %zu bytes", n);
  }
  return room;
}

/* Puts where it was before the text of a failure; answers false. */
static bool in_item(struct pg_convert *c, size_t number)
{
  struct pg_error why = *c->err;
  pg_fail(c->err, why.status, "item %zu: %.900s", number, why.text);
  return false;
}

static bool in_field(struct pg_convert *c, const char *name)
{
  struct pg_error why = *c->err;
  pg_fail(c->err, why.status, "field '%.60s': %.800s", name, why.text);
  return false;
}

/* -------------------------------------------------------------- single values
 */

static bool to_text(lua_State *L, int index, peri_str *text)
{
  if (lua_type(L, index) != LUA_TSTRING) { /* lua_tolstring() changes numbers */
    return false;
  }
  text->ptr = lua_tolstring(L, index, &text->len);
  return true;
}

/* A string that is one character of UTF-8, and no surrogate. */
static bool to_char(lua_State *L, int index, uint32_t *code)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t len;
  if (lua_type(L, index) != LUA_TSTRING) {
    return false;
  }
  const unsigned char *text =
    (const unsigned char *)lua_tolstring(L, index, &len);
  if (len < 1 || len > 4) {
    return false;
  }
  uint32_t first = text[0];
  size_t need = first < 0x80   ? 1
                : first < 0xc0 ? 0
                : first < 0xe0 ? 2
                : first < 0xf0 ? 3
                : first < 0xf8 ? 4
                               : 0;
  if (need != len) {
    return false;
  }
  uint32_t value = len == 1 ? first : first & (0x7fu >> len);
  for (size_t i = 1; i < len; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return false;
    }
    value = value << 6 | (text[i] & 0x3f);
  }
  *code = value;
  return value >= least[len] && value <= 0x10ffff &&
         !(value >= 0xd800 && value <= 0xdfff);
}

/* A text within a table is copied: a finalizer that runs in the middle of a
 * conversion could take it out of the table. */
static bool keep_text(struct pg_convert *c, peri_str *text)
{
  char *copy = pg_convert_room(c, text->len + 1);
  if (!copy) {
    return false;
  }
  memcpy(copy, text->ptr, text->len + 1);
  text->ptr = copy;
  return true;
}

/* ----------------------------------------------------------------------- lists
 */

bool pg_convert_is_list(lua_State *L, int table, lua_Integer count)
{
  bool plain = true;
  if (count > 0) {
    lua_pushinteger(L, count);
  } else {
    lua_pushnil(L);
  }
  if (!lua_next(L, table)) { /* the usual case: all of it in the array part */
    return true;
  }
  lua_pop(L, 2);
  lua_pushnil(L);
  while (plain && lua_next(L, table)) {
    lua_pop(L, 1);
    plain = lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 &&
            lua_tointeger(L, -1) <= count;
  }
  if (!plain) {
    lua_pop(L, 1);
  }
  return plain;
}

static bool read_items(struct pg_convert *c, const struct pg_shape *item,
                       int table, size_t count, char *out)
{
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(c->L, table, (lua_Integer)i + 1);
    int top = lua_gettop(c->L);
    bool good = pg_convert_read(c, item, top, out + i * item->size);
    lua_pop(c->L, 1);
    if (!good) {
      return in_item(c, i + 1);
    }
  }
  return true;
}

struct list {
  void *ptr;
  size_t len;
};

static bool read_pairs(struct pg_convert *c, int table, struct list *list)
{
  lua_State *L = c->L;
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    count++;
  }
  peri_str *out = pg_convert_room(c, 2 * count * sizeof *out);
  *list = (struct list){out, count};
  if (!out) {
    return false;
  }
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
      char key[80], value[80];
      pg_convert_show(L, -2, key, sizeof key);
      pg_convert_show(L, -1, value, sizeof value);
      lua_pop(L, 2);
      pg_fail(c->err, PG_BAD_INPUT, "expected strings by name, got [%s] = %s",
              key, value);
      return false;
    }
    out[0].ptr = lua_tolstring(L, -2, &out[0].len);
    out[1].ptr = lua_tolstring(L, -1, &out[1].len);
    if (!keep_text(c, &out[0]) || !keep_text(c, &out[1])) {
      lua_pop(L, 2);
      return false;
    }
    out += 2;
  }
  return true;
}

/* A buffer for buf_T, to be written, or for list_T. */
static bool read_buffer(struct pg_convert *c, const struct pg_shape *shape,
                        const struct pg_buffer *buffer, struct list *out)
{
  const char *why = NULL;
  if (shape->item->form != PG_SHAPE_ONE || buffer->type != shape->item->base) {
    pg_fail(c->err, PG_BAD_INPUT, "expected %s, got a buffer of %s",
            shape->name, pg_type_name(buffer->type));
    return false;
  }
  if (!buffer->owner->bytes) {
    why = "is released";
  } else if (!pg_buffer_is_run(buffer)) {
    why = "is a slice with a step; b:copy() makes one without";
  } else if (shape->form == PG_SHAPE_BUF && buffer->owner->fixed) {
    why = "shares its memory with a column and can only be read; b:copy() "
          "makes one that can be written";
  }
  if (why) {
    pg_fail(c->err, PG_BAD_INPUT, "the buffer %s", why);
    return false;
  }
  if (c->held->count == PG_CONVERT_HELD_MAX) {
    pg_fail(c->err, PG_BAD_INPUT, "more than %d buffers in one call",
            PG_CONVERT_HELD_MAX);
    return false;
  }
  c->held->blocks[c->held->count++] = pg_block_ref(buffer->owner->block);
  *out = (struct list){pg_buffer_at(buffer, 0), (size_t)buffer->count};
  return true;
}

static bool read_list(struct pg_convert *c, const struct pg_shape *shape,
                      int index, struct list *out)
{
  const struct pg_buffer *buffer =
    c->depth == 1 ? pg_buffer_to(c->L, index) : NULL;
  if (buffer) {
    return read_buffer(c, shape, buffer, out);
  }
  if (shape->form == PG_SHAPE_BUF || lua_type(c->L, index) != LUA_TTABLE) {
    return pg_convert_mismatch(c, shape, index);
  }
  if (shape->item->form == PG_SHAPE_PAIR) {
    return read_pairs(c, index, out);
  }
  size_t count = lua_rawlen(c->L, index), bytes;
  if (__builtin_mul_overflow(count, shape->item->size, &bytes)) {
    bytes = SIZE_MAX;
  }
  struct list list = {pg_convert_room(c, bytes), count};
  if (!list.ptr || !read_items(c, shape->item, index, count, list.ptr)) {
    return false;
  }
  if (!pg_convert_is_list(c->L, index, (lua_Integer)count)) {
    pg_fail(c->err, PG_BAD_INPUT,
            "expected a list, got a table with other keys than 1 to %zu",
            count);
    return false;
  }
  *out = list;
  return true;
}

/* ------------------------------------------------------- records and variants
 */

static const struct pg_shape_field *find_field(const struct pg_shape *shape,
                                               const char *name)
{
  for (size_t i = 0; i < shape->field_count; i++) {
    if (strcmp(shape->fields[i].name, name) == 0) {
      return &shape->fields[i];
    }
  }
  return NULL;
}

/* The key on top of the stack is none of the shape's fields. */
static bool fail_unknown(struct pg_convert *c, const struct pg_shape *shape,
                         const char *word)
{
  char shown[80];
  struct pg_suggest best = {0};
  size_t len = 0;
  const char *name =
    lua_type(c->L, -1) == LUA_TSTRING ? lua_tolstring(c->L, -1, &len) : NULL;
  for (size_t i = 0; name && i < shape->field_count; i++) {
    pg_suggest_offer(&best, name, len, shape->fields[i].name);
  }
  pg_convert_show(c->L, lua_gettop(c->L), shown, sizeof shown);
  pg_fail(c->err, PG_BAD_INPUT, "unknown %s %s of '%s'%s%s%s", word, shown,
          shape->name, best.nearest ? "; did you mean '" : "",
          best.nearest ? best.nearest : "", best.nearest ? "'?" : "");
  return false;
}

/* Every key of the table is a field; the stack stays as it was. */
static bool check_keys(struct pg_convert *c, const struct pg_shape *shape,
                       int table, const char *word)
{
  lua_State *L = c->L;
  for (lua_pushnil(L); lua_next(L, table);) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING ||
        !find_field(shape, lua_tostring(L, -1))) {
      fail_unknown(c, shape, word);
      lua_pop(L, 1);
      return false;
    }
  }
  return true;
}

static bool read_field(struct pg_convert *c, const struct pg_shape_field *field,
                       int table, char *out)
{
  lua_pushstring(c->L, field->name);
  bool missing =
    lua_rawget(c->L, table) == LUA_TNIL && field->shape->form != PG_SHAPE_OPT;
  bool good = false;
  if (missing) {
    char text[120];
    pg_convert_describe(field->shape, text, sizeof text);
    pg_fail(c->err, PG_BAD_INPUT, "field '%.60s' is missing: expected %s",
            field->name, text);
  } else {
    good =
      pg_convert_read(c, field->shape, lua_gettop(c->L), out + field->offset) ||
      in_field(c, field->name);
  }
  lua_pop(c->L, 1);
  return good;
}

static bool read_record(struct pg_convert *c, const struct pg_shape *shape,
                        int index, void *out)
{
  if (lua_type(c->L, index) != LUA_TTABLE) {
    return pg_convert_mismatch(c, shape, index);
  }
  memset(out, 0, shape->size);
  if (!check_keys(c, shape, index, "field")) {
    return false;
  }
  for (size_t i = 0; i < shape->field_count; i++) {
    if (!read_field(c, &shape->fields[i], index, out)) {
      return false;
    }
  }
  return true;
}

/* { round = { r = 2 } }: a table with one field, the case. */
static bool read_variant(struct pg_convert *c, const struct pg_shape *shape,
                         int index, void *out)
{
  lua_State *L = c->L;
  if (lua_type(L, index) != LUA_TTABLE) {
    return pg_convert_mismatch(c, shape, index);
  }
  if (!check_keys(c, shape, index, "case")) {
    return false;
  }
  lua_pushnil(L);
  if (!lua_next(L, index)) {
    return pg_convert_mismatch(c, shape, index);
  }
  const struct pg_shape_field *field = find_field(shape, lua_tostring(L, -2));
  int32_t tag = (int32_t)(field - shape->fields);
  memset(out, 0, shape->size);
  memcpy(out, &tag, sizeof tag);
  bool good = pg_convert_read(c, field->shape, lua_gettop(L),
                              (char *)out + field->offset) ||
              in_field(c, field->name);
  lua_pop(L, 1);
  if (lua_next(L, index)) {
    lua_pop(L, 2);
    if (good) {
      pg_fail(c->err, PG_BAD_INPUT, "expected one case of '%s', got more",
              shape->name);
    }
    return false;
  }
  return good;
}

/* A case that holds nothing is { dot = true }. */
static bool read_none(struct pg_convert *c, int index)
{
  if (lua_type(c->L, index) == LUA_TBOOLEAN && lua_toboolean(c->L, index)) {
    return true;
  }
  char shown[80];
  pg_convert_show(c->L, index, shown, sizeof shown);
  pg_fail(c->err, PG_BAD_INPUT, "expected true, got %s", shown);
  return false;
}

static bool read_option(struct pg_convert *c, const struct pg_shape *shape,
                        int index, char *out)
{
  int32_t has = !lua_isnoneornil(c->L, index);
  memset(out, 0, shape->size);
  memcpy(out + shape->has_at, &has, sizeof has);
  return !has || pg_convert_read(c, shape->item, index, out);
}

/* ------------------------------------------------------------------------- any
 */

static bool read_composite(struct pg_convert *c, const struct pg_shape *shape,
                           int index, void *out)
{
  switch (shape->form) {
  case PG_SHAPE_NONE:
    return read_none(c, index);
  case PG_SHAPE_OPT:
    return read_option(c, shape, index, out);
  case PG_SHAPE_LIST:
  case PG_SHAPE_BUF:
    return read_list(c, shape, index, out);
  case PG_SHAPE_RECORD:
    return read_record(c, shape, index, out);
  case PG_SHAPE_VARIANT:
    return read_variant(c, shape, index, out);
  default:
    return pg_convert_mismatch(c, shape, index);
  }
}

bool pg_convert_try(lua_State *L, const struct pg_shape *shape, int index,
                    void *out)
{
  if (shape->form == PG_SHAPE_CHAR) {
    return to_char(L, index, out);
  }
  return pg_type_is_text(shape->base)
           ? to_text(L, index, out)
           : pg_number_read(L, shape->base, index, out);
}

bool pg_convert_read(struct pg_convert *c, const struct pg_shape *shape,
                     int index, void *out)
{
  if (pg_convert_in_slot(shape)) {
    if (!pg_convert_try(c->L, shape, index, out)) {
      return pg_convert_mismatch(c, shape, index);
    }
    return c->depth == 0 || !pg_type_is_text(shape->base) || keep_text(c, out);
  }
  if (c->depth == PG_CONVERT_DEPTH_MAX || !lua_checkstack(c->L, 6)) {
    pg_fail(c->err, PG_BAD_INPUT, "tables nested too deep");
    return false;
  }
  c->depth++;
  bool good = read_composite(c, shape, index, out);
  c->depth--;
  return good;
}

bool pg_convert_read_slot(struct pg_convert *c, const struct pg_shape *shape,
                          int index, peri_slot *slot)
{
  if (pg_convert_in_slot(shape)) {
    return pg_convert_read(c, shape, index, slot);
  }
  slot->ptr = pg_convert_room(c, shape->size);
  return slot->ptr && pg_convert_read(c, shape, index, slot->ptr);
}
