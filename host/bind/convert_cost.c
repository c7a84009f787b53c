/* convert_cost.c - which overload is nearest to a value. */
#include "bind/convert.h"

#include "bind/buffer.h"

/* Numbers: the type that Lua has itself, then the narrow ones, then a change
 * between integer and float. */
static int number_cost(lua_State *L, uint32_t base, int index)
{
  bool whole = lua_isinteger(L, index);
  switch (base) {
  case PERI_T_I64:
    return whole ? 0 : 6;
  case PERI_T_TIME:
    return whole ? 1 : 7;
  case PERI_T_F64:
    return whole ? 4 : 0;
  case PERI_T_F32:
    return whole ? 5 : 1;
  default: /* i32 before i16: nearer to what a Lua integer is */
    return whole ? 2 : 8;
  }
}

static bool is_text(uint32_t base)
{
  return base == PERI_T_STR || base == PERI_T_BIN || base == PERI_T_JSON;
}

static int simple_cost(lua_State *L, const struct pg_shape *shape, int index)
{
  peri_slot unused;
  if (!pg_convert_try(L, shape, index, &unused)) {
    return -1;
  }
  if (shape->form == PG_SHAPE_CHAR) {
    return 2;
  }
  if (shape->base == PERI_T_BOOL) {
    return 0;
  }
  return is_text(shape->base) ? (shape->base == PERI_T_STR ? 0 : 1)
                              : number_cost(L, shape->base, index);
}

static int list_cost(lua_State *L, const struct pg_shape *shape, int index)
{
  const struct pg_buffer *buffer = pg_buffer_to(L, index);
  bool list = shape->form == PG_SHAPE_LIST;
  if (!buffer) {
    return list && lua_type(L, index) == LUA_TTABLE ? 0 : -1;
  }
  return buffer->type == shape->item->base ? list : -1;
}

int pg_convert_cost(lua_State *L, const struct pg_shape *shape, int index)
{
  bool table = lua_type(L, index) == LUA_TTABLE;
  switch (shape->form) {
  case PG_SHAPE_ONE:
  case PG_SHAPE_CHAR:
    return simple_cost(L, shape, index);
  case PG_SHAPE_OPT:
    return lua_isnoneornil(L, index)
             ? 0
             : pg_convert_cost(L, shape->item, index);
  case PG_SHAPE_LIST:
  case PG_SHAPE_BUF:
    return list_cost(L, shape, index);
  case PG_SHAPE_RECORD:
  case PG_SHAPE_VARIANT:
    return table ? 0 : -1;
  default:
    return -1;
  }
}
