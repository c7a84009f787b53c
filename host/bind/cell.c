/* cell.c - single values of columns, pushed. */
#include "bind/cell.h"

#include "data/bits.h"

struct pg_cells pg_cells_of(const struct pg_column *column)
{
  struct pg_cells cells = {.type = column->type, .offset = column->offset};
  if (column->type == PERI_T_NULL) {
    return cells;
  }
  cells.data = column->type == PERI_T_BOOL || column->length == 0
                 ? column->data->bytes
                 : pg_column_value(column, 0);
  if (column->valid && column->nulls > 0) {
    cells.valid = (const uint8_t *)column->valid->bytes;
  }
  if (column->heap) {
    cells.bases = column->heap->bases;
  }
  return cells;
}

bool pg_cells_is_valid(const struct pg_cells *cells, int64_t row)
{
  return cells->type != PERI_T_NULL &&
         (!cells->valid || pg_bit(cells->valid, cells->offset + row));
}

peri_str pg_cells_text(const struct pg_cells *cells, int64_t row)
{
  const peri_view *view = (const peri_view *)cells->data + row;
  size_t len = (size_t)view->len;
  if (len <= sizeof view->u.in) {
    return (peri_str){view->u.in, len};
  }
  return (peri_str){cells->bases[view->u.ref.buffer] + view->u.ref.offset, len};
}

static void push_text(lua_State *L, const struct pg_cells *cells, int64_t row)
{
  peri_str text = pg_cells_text(cells, row);
  lua_pushlstring(L, text.ptr, text.len);
}

static void push_u64(lua_State *L, uint64_t value)
{
  if (value > INT64_MAX) {
    lua_pushnumber(L, (lua_Number)value);
  } else {
    lua_pushinteger(L, (lua_Integer)value);
  }
}

void pg_cells_push(lua_State *L, const struct pg_cells *cells, int64_t row)
{
  const void *data = cells->data;
  if (cells->valid && !pg_bit(cells->valid, cells->offset + row)) {
    lua_pushnil(L);
    return;
  }
  switch (cells->type) {
  case PERI_T_I64:
  case PERI_T_TIME:
    lua_pushinteger(L, ((const int64_t *)data)[row]);
    break;
  case PERI_T_STR:
  case PERI_T_BIN:
  case PERI_T_JSON:
    push_text(L, cells, row);
    break;
  case PERI_T_F64:
    lua_pushnumber(L, ((const double *)data)[row]);
    break;
  case PERI_T_BOOL:
    lua_pushboolean(L, pg_bit(data, cells->offset + row));
    break;
  case PERI_T_I8:
    lua_pushinteger(L, ((const int8_t *)data)[row]);
    break;
  case PERI_T_U8:
    lua_pushinteger(L, ((const uint8_t *)data)[row]);
    break;
  case PERI_T_I16:
    lua_pushinteger(L, ((const int16_t *)data)[row]);
    break;
  case PERI_T_U16:
    lua_pushinteger(L, ((const uint16_t *)data)[row]);
    break;
  case PERI_T_I32:
    lua_pushinteger(L, ((const int32_t *)data)[row]);
    break;
  case PERI_T_U32:
    lua_pushinteger(L, ((const uint32_t *)data)[row]);
    break;
  case PERI_T_U64:
    push_u64(L, ((const uint64_t *)data)[row]);
    break;
  case PERI_T_F32:
    lua_pushnumber(L, ((const float *)data)[row]);
    break;
  default:
    lua_pushnil(L);
  }
}
