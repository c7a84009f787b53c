/* values.c - functions over every kind of value of version 1. */
#include <perigee/plugin.h>

#define POINT(F) F(f64, x, "East") F(f64, y, "North")
PERI_RECORD(point, POINT)
#define SHAPE(C) C(point, at, "A place") C(none, nowhere, "No place")
PERI_VARIANT(shape, SHAPE)
PERI_LIST(point)

PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b))
{
  return a < b ? a : b;
}

PERI_FN_TOTAL(f64, half, "Half of it.", (f64, a))
{
  return a / 2;
}

PERI_FN(opt_i64, quotient, "Without a rest, or nothing.", (i64, a), (i64, b))
{
  return PERI_MAKE(peri_opt_i64, b ? a / b : 0, b != 0, 0);
}

PERI_FN(str, first, "The first byte.", (str, text))
{
  return PERI_MAKE(peri_str, text.ptr, text.len > 0 ? 1 : 0);
}

PERI_FN(bool, is_letter, "Whether it is a to z.", (char, c))
{
  return c >= 'a' && c <= 'z';
}

PERI_FN_CX(point, mirror, "At the origin.", (point, p))
{
  return PERI_MAKE(point, -p.x, -p.y);
}

PERI_FN_CX(list_i64, count_to, "1 to n.", (i64, n))
{
  int64_t *at = n > 0 ? peri_alloc(cx, (size_t)n * sizeof *at) : NULL;
  for (int64_t i = 0; at && i < n; i++) {
    at[i] = i + 1;
  }
  return PERI_MAKE(peri_list_i64, at, at ? (size_t)n : 0);
}

PERI_FN_CX(f64, width, "From the first x to the last.", (list_point, points))
{
  if (points.len == 0) {
    peri_fail(cx, PERI_EINVAL, "no points");
    return 0;
  }
  return points.ptr[points.len - 1].x - points.ptr[0].x;
}

PERI_FN_CX(shape, place, "A place, or none.", (opt_f64, x))
{
  return x.has ? PERI_CASE(shape, at, {x.value, 0})
               : PERI_CASE(shape, nowhere, {0});
}

PERI_PLUGIN("values", "1.0.0", "perigee", "MIT", "Every kind of value.");

PERI_INIT
{
  peri_log(cx, PERI_DEBUG, "init");
  return PERI_OK;
}
