/* compare.c - equality and order.
 *
 * Integers and floats compare by value, without rounding: an i64 beyond 2^53
 * equals only the float that is exactly that number. */
#include "fast.h"
#include "number.h"

PERI_FN_TOTAL(bool, eq_bool, "Whether both are the same.", (bool, a), (bool, b))
{
  return a == b;
}

FAST_FN(bool, eq_i64, "a == b", (i64, a), (i64, b))
{
  return a == b;
}

FAST_FN(bool, eq_f64, "a == b", (f64, a), (f64, b))
{
  return a == b;
}

FAST_FN(bool, eq_time, "a == b", (time, a), (time, b))
{
  return a == b;
}

PERI_FN_TOTAL(bool, eq_i64_f64, "a == b, exactly.", (i64, a), (f64, b))
{
  int64_t whole = 0;
  return exact_i64(b, &whole) && whole == a;
}

FAST_FN(bool, lt_i64, "a < b", (i64, a), (i64, b))
{
  return a < b;
}

FAST_FN(bool, le_i64, "a <= b", (i64, a), (i64, b))
{
  return a <= b;
}

FAST_FN(bool, lt_f64, "a < b", (f64, a), (f64, b))
{
  return a < b;
}

FAST_FN(bool, le_f64, "a <= b", (f64, a), (f64, b))
{
  return a <= b;
}

FAST_FN(bool, lt_time, "a < b", (time, a), (time, b))
{
  return a < b;
}

FAST_FN(bool, le_time, "a <= b", (time, a), (time, b))
{
  return a <= b;
}

/* Byte order: below 0, 0, above 0. */
static inline int compare_str(peri_str a, peri_str b)
{
  size_t len = a.len < b.len ? a.len : b.len;
  int order = memcmp(a.ptr, b.ptr, len);
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

PERI_FN(bool, lt_str, "a < b, by bytes.", (str, a), (str, b))
{
  return compare_str(a, b) < 0;
}

PERI_FN(bool, le_str, "a <= b, by bytes.", (str, a), (str, b))
{
  return compare_str(a, b) <= 0;
}

/* Below 0, 0 or above 0 as a is below, equal to or above b, which is no NaN.
 * The integers at or below b are those at or below floor(b), which is exact
 * within the range of int64. */
static inline int order_i64_f64(int64_t a, double b)
{
  if (b >= I64_END) {
    return -1;
  }
  if (b < -I64_END) {
    return 1;
  }
  double whole = floor(b);
  int64_t n = (int64_t)whole;
  if (a != n) {
    return a < n ? -1 : 1;
  }
  return whole < b ? -1 : 0;
}

PERI_FN_TOTAL(bool, lt_i64_f64, "a < b, exactly.", (i64, a), (f64, b))
{
  return b == b && order_i64_f64(a, b) < 0;
}

PERI_FN_TOTAL(bool, le_i64_f64, "a <= b, exactly.", (i64, a), (f64, b))
{
  return b == b && order_i64_f64(a, b) <= 0;
}

PERI_FN_TOTAL(bool, lt_f64_i64, "a < b, exactly.", (f64, a), (i64, b))
{
  return a == a && order_i64_f64(b, a) > 0;
}

PERI_FN_TOTAL(bool, le_f64_i64, "a <= b, exactly.", (f64, a), (i64, b))
{
  return a == a && order_i64_f64(b, a) >= 0;
}
