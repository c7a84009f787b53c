/* convert_cost.c - which overload is nearest to a value. */
#include "bind/convert.h"

#include "bind/buffer.h"
#include "bind/class.h"
#include "data/type.h"

enum pg_kind pg_convert_kind(lua_State *L, int index)
{
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    return lua_isinteger(L, index) ? PG_KIND_WHOLE : PG_KIND_REAL;
  case LUA_TSTRING:
    return PG_KIND_TEXT;
  case LUA_TNIL:
  case LUA_TNONE:
    return PG_KIND_NIL;
  case LUA_TBOOLEAN:
    return PG_KIND_FLAG;
  case LUA_TTABLE:
    return PG_KIND_TABLE;
  default:
    return pg_buffer_to(L, index) ? PG_KIND_BUFFER : PG_KIND_OTHER;
  }
}

/* Numbers: the type that Lua has itself, then the narrow ones, then a change
 * between integer and float. */
static int number_cost(uint32_t base, bool whole)
{
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

static int single_cost(uint32_t base, enum pg_kind kind)
{
  if (base == PERI_T_BOOL) {
    return kind == PG_KIND_FLAG ? 0 : -1;
  }
  if (pg_type_is_text(base)) {
    return kind != PG_KIND_TEXT ? -1 : base != PERI_T_STR;
  }
  return kind == PG_KIND_WHOLE || kind == PG_KIND_REAL
           ? number_cost(base, kind == PG_KIND_WHOLE)
           : -1;
}

int pg_convert_kind_cost(const struct pg_shape *shape, enum pg_kind kind)
{
  switch (shape->form) {
  case PG_SHAPE_ONE:
    return single_cost(shape->base, kind);
  case PG_SHAPE_CHAR:
    return kind == PG_KIND_TEXT ? 2 : -1;
  case PG_SHAPE_OPT:
    return kind == PG_KIND_NIL ? 0 : pg_convert_kind_cost(shape->item, kind);
  case PG_SHAPE_LIST:
    return kind == PG_KIND_TABLE ? 0 : kind == PG_KIND_BUFFER ? 1 : -1;
  case PG_SHAPE_BUF:
    return kind == PG_KIND_BUFFER ? 0 : -1;
  case PG_SHAPE_RECORD:
  case PG_SHAPE_VARIANT:
    return kind == PG_KIND_TABLE ? 0 : -1;
  case PG_SHAPE_OBJECT:
    return kind == PG_KIND_OTHER ? 0 : -1;
  default:
    return -1;
  }
}

int pg_convert_cost(lua_State *L, const struct pg_shape *shape, int index)
{
  peri_slot unused;
  bool fits = true;
  enum pg_kind kind = pg_convert_kind(L, index);
  if (shape->form == PG_SHAPE_OPT && kind != PG_KIND_NIL) {
    return pg_convert_cost(L, shape->item, index);
  }
  if (pg_convert_in_slot(shape)) {
    fits = pg_convert_try(L, shape, index, &unused);
  } else if (shape->form == PG_SHAPE_OBJECT) {
    fits = pg_object_to(L, index, shape->class);
  } else if (kind == PG_KIND_BUFFER && shape->item) {
    fits = pg_buffer_to(L, index)->type == shape->item->base;
  }
  return fits ? pg_convert_kind_cost(shape, kind) : -1;
}
