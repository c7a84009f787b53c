/* call_quick.c - arguments to slots, and the result back. */
#include "bind/call_quick.h"

#include "bind/buffer.h"
#include "bind/call_direct.h"
#include "bind/call_parts.h"
#include "bind/class.h"

#include <string.h>

/* How an argument is read, a result pushed.  An option is OPTION and how its
 * value is read. */
enum {
  I32,
  I64,
  F64,
  STR,
  SINGLE,
  OPTION = 8,
  LIST = 16,
  BUFFER,
  OBJECT,
  UNKNOWN
};

#define SLOTS (PG_QUICK_ARGS_MAX + 1) /* of the object and the arguments */

/* opt_T of a single value: the longest is opt_str. */
union option {
  peri_slot value;
  char bytes[32];
};

/* -------------------------------------------------------------- what is known
 */

/* Tables of these are read without making anything in Lua. */
static bool is_calm(const struct pg_shape *shape)
{
  while (shape->form == PG_SHAPE_LIST) {
    shape = shape->item;
  }
  return pg_convert_in_slot(shape) || shape->form == PG_SHAPE_PAIR;
}

static uint8_t how_single(const struct pg_shape *shape)
{
  switch (shape->base) {
  case PERI_T_I32:
    return I32;
  case PERI_T_I64:
    return I64;
  case PERI_T_F64:
    return F64;
  case PERI_T_STR:
    return STR;
  default:
    return SINGLE;
  }
}

/* Of the buffers that are given for it; that of type 0: none are. */
static const void *tag_of_buffer(const struct pg_shape *shape)
{
  bool is_run = shape->form == PG_SHAPE_LIST || shape->form == PG_SHAPE_BUF;
  uint32_t type = is_run ? shape->item->base : 0;
  return &pg_buffer_tags[type <= PERI_T_TIME ? type : 0];
}

static uint8_t how_to_read(const struct pg_shape *shape)
{
  switch (shape->form) {
  case PG_SHAPE_ONE:
  case PG_SHAPE_CHAR:
    return how_single(shape);
  case PG_SHAPE_OPT:
    return pg_convert_in_slot(shape->item) ? OPTION | how_single(shape->item)
                                           : UNKNOWN;
  case PG_SHAPE_BUF:
    return BUFFER;
  case PG_SHAPE_LIST:
    return is_calm(shape) ? LIST : UNKNOWN;
  case PG_SHAPE_OBJECT:
    return OBJECT;
  default:
    return UNKNOWN;
  }
}

static bool may_be_buffer(uint8_t how)
{
  return how == LIST || how == BUFFER;
}

void pg_call_set_quick(struct pg_native *native)
{
  const struct pg_plugin_item *item = native->item;
  size_t count = item->decl->field_count;
  const struct pg_shape *result = item->shapes[count];
  bool known = count <= PG_QUICK_ARGS_MAX && how_to_read(result) < LIST;
  for (size_t i = 0; i <= count && known; i++) {
    native->quick[i] = how_to_read(item->shapes[i]);
    native->quick_tag[i] = tag_of_buffer(item->shapes[i]);
    known = native->quick[i] != UNKNOWN;
  }
  native->quick_buffers = 0;
  native->quick_count = known ? (int)count : -1;
  while (known && native->quick_buffers < (int)count &&
         may_be_buffer(native->quick[native->quick_buffers])) {
    native->quick_buffers++;
  }
}

/* ------------------------------------------------------------------- arguments
 */

static inline bool read_single(lua_State *L, int how,
                               const struct pg_shape *shape, int index,
                               peri_slot *to)
{
  switch (how) {
  case I32:
    return get_i32(L, index, &to->i32);
  case I64:
    return get_i64(L, index, &to->i64);
  case F64:
    return get_f64(L, index, &to->f64);
  case STR:
    return get_str(L, index, &to->str);
  default:
    return pg_convert_try(L, shape, index, to);
  }
}

static bool read_option(lua_State *L, int how, const struct pg_shape *shape,
                        int index, union option *option)
{
  int32_t has = !lua_isnoneornil(L, index);
  *option = (union option){.bytes = {0}};
  memcpy(option->bytes + shape->has_at, &has, sizeof has);
  return !has ||
         read_single(L, how & ~OPTION, shape->item, index, &option->value);
}

/* The buffer at `index`, when it may be used.  NULL: there is none. */
static inline const struct pg_buffer *find_buffer(lua_State *L, int how,
                                                  const void *tag, int index)
{
  const struct pg_buffer *buffer = pg_buffer_to_run(L, index, tag);
  return !buffer || !buffer->owner->bytes ||
             (how == BUFFER && buffer->owner->fixed)
           ? NULL
           : buffer;
}

static bool read_table(lua_State *L, struct pg_caller *caller,
                       const struct pg_shape *shape, int index, peri_slot *list)
{
  struct pg_error unused;
  struct pg_convert convert = {
    .L = L, .cx = &caller->context.cx, .err = &unused};
  return lua_type(L, index) == LUA_TTABLE &&
         pg_convert_read(&convert, shape, index, list);
}

static bool read_object(lua_State *L, const struct pg_shape *shape, int index,
                        peri_slot *slot)
{
  const struct pg_object *object = pg_object_to(L, index, shape->class);
  slot->ptr = object ? object->self : NULL;
  return slot->ptr;
}

/* All but buffers. */
static bool read_other(lua_State *L, struct pg_caller *caller, int how,
                       const struct pg_shape *shape, int index, peri_slot *slot,
                       union option *option)
{
  if (how < OPTION) {
    return read_single(L, how, shape, index, slot);
  }
  if (how < LIST) {
    slot->ptr = option;
    return read_option(L, how, shape, index, option);
  }
  if (how == OBJECT) {
    return read_object(L, shape, index, slot);
  }
  slot->ptr = slot + SLOTS;
  return how == LIST && read_table(L, caller, shape, index, slot + SLOTS);
}

static inline void set_run(peri_slot *slot, const struct pg_buffer *buffer)
{
  slot->ptr = slot + SLOTS;
  slot[SLOTS].str = (peri_str){pg_buffer_at(buffer, 0), (size_t)buffer->count};
}

/* Buffers that come first, in a loop of their own: it keeps what it needs in
 * registers.  How many there are. */
static inline int read_buffers(lua_State *L, const struct pg_native *native,
                               int first, peri_slot *slots)
{
  int i = 0, count = native->quick_buffers;
  for (; i < count; i++) {
    const struct pg_buffer *buffer =
      find_buffer(L, native->quick[i], native->quick_tag[i], first + i);
    if (!buffer) {
      break;
    }
    set_run(slots + i, buffer);
  }
  return i;
}

/* ----------------------------------------------------------------------
 * results */

static inline void push_known(lua_State *L, int how, const peri_slot *from)
{
  switch (how) {
  case I32:
    lua_pushinteger(L, from->i32);
    break;
  case I64:
    lua_pushinteger(L, from->i64);
    break;
  case F64:
    lua_pushnumber(L, from->f64);
    break;
  default:
    lua_pushlstring(L, from->str.ptr, from->str.len);
  }
}

/* False, with the reason: Lua has no such value. */
static bool push_other(lua_State *L, int how, const struct pg_shape *shape,
                       const void *from, struct pg_error *err)
{
  struct pg_convert convert = {.L = L, .err = err};
  const union option *option = from;
  int32_t has;
  if (how == SINGLE) {
    return pg_convert_push(&convert, shape, from);
  }
  memcpy(&has, option->bytes + shape->has_at, sizeof has);
  if (!has) {
    lua_pushnil(L);
  } else if (how == (OPTION | SINGLE)) {
    return pg_convert_push(&convert, shape->item, from);
  } else {
    push_known(L, how & ~OPTION, &option->value);
  }
  return true;
}

/* -------------------------------------------------------------------------
 * calls */

/* Slot i + SLOTS is the list that slot i points at. */
static inline __attribute__((always_inline)) bool
call(lua_State *L, const struct pg_native *native, struct pg_caller *caller,
     int first, void *self)
{
  peri_slot slots[2 * SLOTS], *slot = slots, one, *result = &one;
  union option options[SLOTS];
  struct pg_error err;
  int count = native->quick_count;
  if (lua_gettop(L) - (first - 1) > count || !pg_caller_is_ready(caller)) {
    return false;
  }
  if (self) {
    (slot++)->ptr = self;
  }
  int i = read_buffers(L, native, first, slot);
  for (; i < count; i++) {
    int how = native->quick[i];
    const struct pg_buffer *buffer;
    if (how >= LIST &&
        (buffer = find_buffer(L, how, native->quick_tag[i], first + i))) {
      set_run(slot + i, buffer);
    } else if (!read_other(L, caller, how, native->item->shapes[i], first + i,
                           slot + i, &options[i])) {
      return false;
    }
  }
  int how = native->quick[count];
  one.u64 = 0;
  if (how >= OPTION) {
    options[count] = (union option){.bytes = {0}};
    one.ptr = result = &options[count].value;
  }
  native->call(&caller->context.cx, slots, &one);
  if (caller->context.cx.failed != PERI_OK) {
    return pg_call_failed(L, native, caller);
  }
  if (how < SINGLE) {
    push_known(L, how, result);
    return true;
  }
  return push_other(L, how, native->item->shapes[count], result, &err) ||
         pg_call_raise(L, native->plugin, native->item, &err);
}

bool pg_call_quick(lua_State *L, const struct pg_native *native,
                   struct pg_caller *caller, int first, void *self)
{
  return call(L, native, caller, first, self);
}

int pg_call_function(lua_State *L)
{
  const struct pg_bound *bound = pg_bound_of(L);
  const struct pg_native *native = bound->native;
  struct pg_caller *caller = bound->caller;
  return call(L, native, caller, 1, NULL) ? 1 : pg_call_long(L, native, caller);
}
