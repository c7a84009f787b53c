/* type.c - one table of types. */
#include "data/type.h"

#include <assert.h>
#include <string.h>

static const struct {
  const char *name, *arrow;
  unsigned char width;
} types[PG_TYPE_COUNT] = {
  [PERI_T_NULL] = {"null", "n", 0},  [PERI_T_BOOL] = {"bool", "b", 1},
  [PERI_T_I8] = {"i8", "c", 1},      [PERI_T_U8] = {"u8", "C", 1},
  [PERI_T_I16] = {"i16", "s", 2},    [PERI_T_U16] = {"u16", "S", 2},
  [PERI_T_I32] = {"i32", "i", 4},    [PERI_T_U32] = {"u32", "I", 4},
  [PERI_T_I64] = {"i64", "l", 8},    [PERI_T_U64] = {"u64", "L", 8},
  [PERI_T_F32] = {"f32", "f", 4},    [PERI_T_F64] = {"f64", "g", 8},
  [PERI_T_TIME] = {"time", "tsn:UTC", 8}, [PERI_T_STR] = {"str", "vu", 16},
  [PERI_T_BIN] = {"bin", "vz", 16},  [PERI_T_JSON] = {"json", "vu", 16},
};

const char *pg_type_name(uint32_t type)
{
  assert(type < PG_TYPE_COUNT);
  return types[type].name;
}

int pg_type_find(const char *name, size_t len)
{
  for (int i = 0; i < PG_TYPE_COUNT; i++) {
    if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0) {
      return i;
    }
  }
  return -1;
}

size_t pg_type_width(uint32_t type)
{
  assert(type < PG_TYPE_COUNT);
  return types[type].width;
}

bool pg_type_is_text(uint32_t type)
{
  return type >= PERI_T_STR && type <= PERI_T_JSON;
}

const char *pg_type_arrow_format(uint32_t type)
{
  assert(type < PG_TYPE_COUNT);
  return types[type].arrow;
}
