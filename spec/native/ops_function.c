/* ops_function.c - a function of a plugin, by its declaration. */
#include "ops_function.h"

#include <string.h>

static uint32_t type_of(const char *name, size_t len)
{
  static const char *const names[] = {
    "null", "bool", "i8",  "u8",  "i16",  "u16", "i32", "u32",
    "i64",  "u64",  "f32", "f64", "time", "str", "bin", "json"};
  if (len == 5 && memcmp(name, "_Bool", 5) == 0) {
    return PERI_T_BOOL;
  }
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
      return i;
    }
  }
  MOCK_CHECK(false, "unknown type %.*s", (int)len, name);
  return 0;
}

struct ops_function ops_function_read(const peri_item *item)
{
  struct ops_function fn = {.item = item};
  const char *at = item->decl + strlen("function ");
  MOCK_CHECK(sscanf(at, "%39[^(]", fn.name) == 1, "%s", item->decl);
  at = strchr(at, '(') + 1;
  while (*at != ')') {
    char type[20];
    MOCK_CHECK(sscanf(at, "%19[^:]: %19[^,)]", fn.args[fn.count], type) == 2,
               "%s", item->decl);
    fn.types[fn.count++] = type_of(type, strlen(type));
    at += strcspn(at, ",)");
    at += *at == ',' ? 2 : 0;
  }
  at += strlen(") -> ");
  fn.option = strncmp(at, "opt_", 4) == 0;
  at += fn.option ? 4 : 0;
  fn.returns = type_of(at, strcspn(at, "\n"));
  return fn;
}

size_t ops_function_width(uint32_t type)
{
  static const uint8_t widths[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8, 16};
  return widths[type];
}

bool ops_function_call(const struct ops_function *fn, struct mock *mock,
                       const peri_slot *args, peri_slot *result)
{
  _Alignas(16) char room[32] = {0};
  *result = (peri_slot){.ptr = room};
  ((peri_call_fn *)fn->item->call)(&mock->cx, args, result);
  int32_t has = 1;
  if (fn->option) { /* `has` follows the value, at a multiple of 4 */
    size_t width = ops_function_width(fn->returns);
    memcpy(&has, room + (width + 3) / 4 * 4, sizeof has);
    memcpy(result, room, sizeof *result);
  }
  return mock->cx.failed == PERI_OK && has != 0;
}
