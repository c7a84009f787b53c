/* plain.c - the seed's own plugin in C: one function, by itself and through a
 * pointer in data.  It knows nothing of perigee. */
#include "plain.h"

int32_t with_extern(int32_t a, int32_t b)
{
  return a < b ? a : b;
}

static int32_t least(int32_t a, int32_t b)
{
  return a < b ? a : b;
}

min_fn *const with_static = least;
