/* arith.c - arithmetic, bits and the functions of Lua's math library.
 *
 * Integers wrap.  Division by zero of integers has no result; of floats it
 * gives what the machine gives. */
#include "fast.h"
#include "number.h"

FAST_FN(i64, add_i64, "a + b", (i64, a), (i64, b))
{
  return (int64_t)((uint64_t)a + (uint64_t)b);
}

FAST_FN(i64, sub_i64, "a - b", (i64, a), (i64, b))
{
  return (int64_t)((uint64_t)a - (uint64_t)b);
}

FAST_FN(i64, mul_i64, "a * b", (i64, a), (i64, b))
{
  return (int64_t)((uint64_t)a * (uint64_t)b);
}

FAST_FN(i64, neg_i64, "-a", (i64, a))
{
  return (int64_t)(0 - (uint64_t)a);
}

PERI_FN(opt_i64, idiv_i64, "a // b, rounded down; none for b = 0.", (i64, a),
        (i64, b))
{
  if (b == 0) {
    return NONE(i64);
  }
  if (b == -1) { /* the machine traps on the lowest integer */
    return some_i64((int64_t)(0 - (uint64_t)a));
  }
  int64_t quotient = a / b;
  return some_i64(quotient - ((a % b != 0) & ((a ^ b) < 0)));
}

PERI_FN(opt_i64, mod_i64, "a % b, with the sign of b; none for b = 0.",
        (i64, a), (i64, b))
{
  if (b == 0) {
    return NONE(i64);
  }
  if (b == -1) {
    return some_i64(0);
  }
  int64_t rest = a % b;
  return some_i64(rest != 0 && (rest ^ b) < 0 ? rest + b : rest);
}

FAST_FN(f64, add_f64, "a + b", (f64, a), (f64, b))
{
  return a + b;
}

FAST_FN(f64, sub_f64, "a - b", (f64, a), (f64, b))
{
  return a - b;
}

FAST_FN(f64, mul_f64, "a * b", (f64, a), (f64, b))
{
  return a * b;
}

FAST_FN(f64, div_f64, "a / b", (f64, a), (f64, b))
{
  return a / b;
}

FAST_FN(f64, neg_f64, "-a", (f64, a))
{
  return -a;
}

PERI_FN_TOTAL(f64, idiv_f64, "a // b, rounded down.", (f64, a), (f64, b))
{
  return floor(a / b);
}

PERI_FN_TOTAL(f64, mod_f64, "a % b, with the sign of b.", (f64, a), (f64, b))
{
  double rest = fmod(a, b);
  bool other_sign = rest > 0 ? b < 0 : rest < 0 && b > 0;
  return other_sign ? rest + b : rest;
}

PERI_FN_TOTAL(f64, pow_f64, "a ^ b", (f64, a), (f64, b))
{
  return b == 2 ? a * a : pow(a, b);
}

FAST_FN(i64, band, "a & b", (i64, a), (i64, b))
{
  return a & b;
}

FAST_FN(i64, bor, "a | b", (i64, a), (i64, b))
{
  return a | b;
}

FAST_FN(i64, bxor, "a ~ b", (i64, a), (i64, b))
{
  return a ^ b;
}

FAST_FN(i64, bnot, "~a", (i64, a))
{
  return ~a;
}

/* To the left; a negative `n` shifts to the right.  Zeros come in. */
static inline int64_t shift(int64_t a, int64_t n)
{
  if (n <= -64 || n >= 64) {
    return 0;
  }
  return (int64_t)(n >= 0 ? (uint64_t)a << n : (uint64_t)a >> -n);
}

PERI_FN_TOTAL(i64, shl, "a << n; a negative n shifts right.", (i64, a),
              (i64, n))
{
  return shift(a, n);
}

PERI_FN_TOTAL(i64, shr, "a >> n, zeros come in; a negative n shifts left.",
              (i64, a), (i64, n))
{
  return n == INT64_MIN ? 0 : shift(a, -n);
}

static inline peri_opt_i64 whole(double f)
{
  int64_t value = 0;
  return exact_i64(f, &value) ? some_i64(value) : NONE(i64);
}

PERI_FN_AS(opt_i64, floor_f64, floor,
           "The integer at or below; none when it does not fit.", (f64, a))
{
  return whole(floor(a));
}

PERI_FN_AS(opt_i64, ceil_f64, ceil,
           "The integer at or above; none when it does not fit.", (f64, a))
{
  return whole(ceil(a));
}

FAST_FN(i64, abs_i64, "The absolute value; wraps.", (i64, a))
{
  return a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
}

FAST_FN(f64, abs_f64, "The absolute value.", (f64, a))
{
  return fabs(a);
}

PERI_FN_AS(f64, sqrt_f64, sqrt, "The square root.", (f64, a))
{
  return sqrt(a);
}

PERI_FN_AS(f64, exp_f64, exp, "e ^ a", (f64, a))
{
  return exp(a);
}

PERI_FN_AS(f64, log_f64, log, "The natural logarithm.", (f64, a))
{
  return log(a);
}

PERI_FN(f64, log_base, "The logarithm to a base.", (f64, a), (f64, base))
{
  if (base == 2.0) {
    return log2(a);
  }
  return base == 10.0 ? log10(a) : log(a) / log(base);
}

FAST_FN(i64, min_i64, "The smaller.", (i64, a), (i64, b))
{
  return b < a ? b : a;
}

FAST_FN(f64, min_f64, "The smaller.", (f64, a), (f64, b))
{
  return b < a ? b : a;
}

FAST_FN(i64, max_i64, "The larger.", (i64, a), (i64, b))
{
  return a < b ? b : a;
}

FAST_FN(f64, max_f64, "The larger.", (f64, a), (f64, b))
{
  return a < b ? b : a;
}

PERI_FN(opt_i64, fmod_i64, "The rest, rounded towards zero; none for b = 0.",
        (i64, a), (i64, b))
{
  if (b == 0) {
    return NONE(i64);
  }
  return some_i64(b == -1 ? 0 : a % b);
}

PERI_FN_TOTAL(f64, fmod_f64, "The rest, rounded towards zero.", (f64, a),
              (f64, b))
{
  return fmod(a, b);
}
