/* plugin.c - the seed's function as a plugin of perigee, in C and, the same
 * text, in C++: one pair at a time, and over columns and buffers. */
#include <perigee/plugin.h>

PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b))
{
  return a < b ? a : b;
}

PERI_FN_CX(i64, min_into, "Smaller of two, element by element; how many.",
           (list_i32, a), (list_i32, b), (buf_i32, out))
{
  size_t n = a.len < b.len ? a.len : b.len;
  if (out.len < n) {
    return peri_fail(cx, PERI_EINVAL, "the result does not fit");
  }
  const int32_t *PERI_RESTRICT_ x = a.ptr, *PERI_RESTRICT_ y = b.ptr;
  int32_t *PERI_RESTRICT_ to = out.ptr;
  for (size_t i = 0; i < n; i++) {
    to[i] = min(x[i], y[i]);
  }
  return (int64_t)n;
}

PERI_PLUGIN("seed", "1.0.0", "perigee authors", "MIT", "The seed's function.");
