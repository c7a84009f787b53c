/* ops_function.h - a function of a plugin, by its declaration. */
#ifndef PERIGEE_OPS_FUNCTION_H
#define PERIGEE_OPS_FUNCTION_H
#include "mock_host.h"

#define OPS_ARGS_MAX 4

struct ops_function {
  const peri_item *item;
  char name[40];
  char args[OPS_ARGS_MAX][20]; /* their names */
  uint32_t types[OPS_ARGS_MAX], returns;
  int count;
  bool option;
};

/* "function sub(s: str, i: i64, j: i64) -> str\nDoc." */
struct ops_function ops_function_read(const peri_item *item);

/* Bytes of a value of the type in a column of spans. */
size_t ops_function_width(uint32_t type);

/* Calls it for single values; false: no result, or mock->cx.failed. */
bool ops_function_call(const struct ops_function *fn, struct mock *mock,
                       const peri_slot *args, peri_slot *result);

#endif
