/* types_all.c - functions over every type that crosses: most give back what they
 * get, so that a spec can compare. */
#include <perigee/plugin.h>

#define ECHO(T)                                                                \
  PERI_FN(T, echo_##T, "Gives back what it gets.", (T, a))                     \
  {                                                                            \
    return a;                                                                  \
  }
#define ECHO_CX(T)                                                             \
  PERI_FN_CX(T, echo_##T, "Gives back what it gets.", (T, a))                  \
  {                                                                            \
    return a;                                                                  \
  }
PERI_FN_AS(bool, my_echo_bool, echo_bool, "Gives back what it gets.", (bool, a))
{
  return a;
}
ECHO(i8) ECHO(u8) ECHO(i16) ECHO(u16) ECHO(i32) ECHO(u32) ECHO(i64) ECHO(u64)
ECHO(f32) ECHO(f64) ECHO(time) ECHO(str) ECHO(char)
ECHO_CX(list_bool) ECHO_CX(list_i8) ECHO_CX(list_u8) ECHO_CX(list_i16)
ECHO_CX(list_u16) ECHO_CX(list_i32) ECHO_CX(list_u32) ECHO_CX(list_i64)
ECHO_CX(list_u64) ECHO_CX(list_f32) ECHO_CX(list_f64) ECHO_CX(list_time)
ECHO_CX(list_str) ECHO_CX(list_char) ECHO_CX(list_pair)
ECHO_CX(opt_bool) ECHO_CX(opt_i8) ECHO_CX(opt_u8) ECHO_CX(opt_i16)
ECHO_CX(opt_u16) ECHO_CX(opt_i32) ECHO_CX(opt_u32) ECHO_CX(opt_i64)
ECHO_CX(opt_u64) ECHO_CX(opt_f32) ECHO_CX(opt_f64) ECHO_CX(opt_time)
ECHO_CX(opt_str) ECHO_CX(opt_char)

PERI_LIST(list_i64)
ECHO_CX(list_list_i64)

/* ----------------------------------------------------------- records, variants */

#define POINT(F) F(f64, x, "East.") F(f64, y, "North.")
PERI_RECORD(point, POINT)
PERI_LIST(point)
PERI_OPT(point)
ECHO_CX(point) ECHO_CX(list_point) ECHO_CX(opt_point)

#define PERSON(F)                                                              \
  F(str, name, "Who.") F(bool, here, "Now.") F(opt_i32, age, "In years.")      \
  F(u8, rank, "Small.") F(point, at, "Where.") F(list_point, path, "Before.")  \
  F(list_str, tags, "Words.") F(char, initial, "One letter.")
PERI_RECORD(person, PERSON)
PERI_LIST(person)
ECHO_CX(person) ECHO_CX(list_person)

#define CIRCLE(F) F(f64, r, "Radius.")
PERI_RECORD(circle, CIRCLE)
#define SHAPE(C)                                                               \
  C(circle, round, "A circle.") C(list_point, path, "A path.")                 \
  C(i32, code, "Some number.") C(none, dot, "Nothing more.")
PERI_VARIANT(shape, SHAPE)
PERI_LIST(shape)
ECHO_CX(shape) ECHO_CX(list_shape)

PERI_FN_CX(f64, area, "Area of a shape.", (shape, s))
{
  switch (s.tag) {
  case PERI_TAG(shape, round):
    return 3.0 * s.u.round.r * s.u.round.r;
  case PERI_TAG(shape, dot):
    return 0;
  default:
    return -1;
  }
}

PERI_FN_CX(shape, circle_of, "A circle.", (f64, r))
{
  return PERI_CASE(shape, round, {r});
}

PERI_FN_CX(point, middle, "Half way between two points.", (point, a), (point, b))
{
  return (point){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

PERI_FN_CX(shape, bad_shape, "A shape with a tag that does not exist.")
{
  return (shape){.tag = 9};
}

/* ------------------------------------------------------------------- functions */

PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b))
{
  return a < b ? a : b;
}

/* Overloads: the same name, other arguments. */
PERI_FN_AS(i64, max_i64, max, "Larger.", (i64, a), (i64, b))
{
  return a > b ? a : b;
}
PERI_FN_AS(f64, max_f64, max, "Larger.", (f64, a), (f64, b))
{
  return a > b ? a : b;
}
PERI_FN_AS(str, max_str, max, "Longer.", (str, a), (str, b))
{
  return a.len > b.len ? a : b;
}

/* Whose ranges overlap: 5 fits the first two. */
PERI_FN_AS(str, pick_i32, pick, "Which one.", (i32, a))
{
  (void)a;
  return PERI_STR("i32");
}
PERI_FN_AS(str, pick_f64, pick, "Which one.", (f64, a))
{
  (void)a;
  return PERI_STR("f64");
}
PERI_FN_CX_AS(str, pick_list, pick, "Which one.", (list_i32, a))
{
  (void)a;
  return PERI_STR("list_i32");
}
PERI_FN_CX_AS(str, pick_buf, pick, "Which one.", (buf_f64, a), (opt_str, b))
{
  (void)a;
  return b.has ? b.value : PERI_STR("buf_f64");
}

PERI_FN(i64, answer, "No parameters.")
{
  return 42;
}

PERI_FN(f64, sum6, "More parameters than a wrapper of its own has.", (i8, a),
        (u16, b), (i64, c), (f32, d), (f64, e), (bool, f))
{
  return a + b + (double)c + d + e + f;
}

PERI_FN_CX(f64, invert, "One through x; fails for zero.", (f64, x))
{
  if (x == 0) {
    peri_fail(cx, PERI_EINVAL, "division by zero");
    return 0;
  }
  return 1 / x;
}

PERI_FN_CX(str, repeat, "A text n times.", (str, text), (i64, n))
{
  char *room = n < 0 ? NULL : peri_alloc(cx, text.len * (size_t)n + 1);
  if (!room) {
    peri_fail(cx, n < 0 ? PERI_EINVAL : PERI_ENOMEM, "no room");
    return (peri_str){"", 0};
  }
  for (int64_t i = 0; i < n; i++) {
    memcpy(room + (size_t)i * text.len, text.ptr, text.len);
  }
  return (peri_str){room, text.len * (size_t)n};
}

PERI_FN_CX(f64, scale, "Optional factor.", (f64, x), (opt_f64, factor))
{
  return x * (factor.has ? factor.value : 10);
}

PERI_FN_CX(f64, ratio, "Optional divisor; fails for zero.", (f64, x), (opt_f64, by))
{
  double divisor = by.has ? by.value : 1;
  if (divisor == 0) {
    peri_fail(cx, PERI_EINVAL, "division by zero");
    return 0;
  }
  return x / divisor;
}

PERI_FN(u64, big, "A u64 of 2^63 + n.", (u64, n))
{
  return ((uint64_t)1 << 63) + n;
}

PERI_FN(char, bad_char, "A code point that is no character.")
{
  return 0xd800;
}

PERI_FN_CX(i64, quiet, "Fails without a reason.")
{
  cx->failed = PERI_EIO;
  return 0;
}

/* --------------------------------------------------------------------- buffers */

PERI_FN_CX(f64, sum, "Sum of a list, or of a buffer.", (list_f64, v))
{
  double total = 0;
  for (size_t i = 0; i < v.len; i++) {
    total += v.ptr[i];
  }
  return total;
}

PERI_FN_CX(i64, scale_buf, "Multiplies in place; how many.", (buf_f64, v),
           (f64, by))
{
  for (size_t i = 0; i < v.len; i++) {
    v.ptr[i] *= by;
  }
  return (int64_t)v.len;
}

PERI_FN_CX(list_list_i64, pieces, "The list in pieces of n, where they lie.",
           (list_i64, v), (i64, n))
{
  size_t count = n > 0 ? v.len / (size_t)n : 0;
  peri_list_i64 *all = peri_alloc(cx, count * sizeof *all);
  for (size_t i = 0; all && i < count; i++) {
    all[i] = (peri_list_i64){v.ptr + i * (size_t)n, (size_t)n};
  }
  return (peri_list_list_i64){all, all ? count : 0};
}

PERI_PLUGIN("types_all", "1.0.0", "Ann", "MIT", "Every type that crosses.");
