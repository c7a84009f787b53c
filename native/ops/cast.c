/* cast.c - conversions between the types of columns, and to and from text.
 *
 * What does not fit has no result; integers become floats as in C. */
#include "fast.h"
#include "number.h"

#include <stdio.h>
#include <stdlib.h>

FAST_FN(i64, i8_to_i64, "As it is.", (i8, a))
{
  return a;
}

FAST_FN(i64, i16_to_i64, "As it is.", (i16, a))
{
  return a;
}

FAST_FN(i64, i32_to_i64, "As it is.", (i32, a))
{
  return a;
}

FAST_FN(i64, u8_to_i64, "As it is.", (u8, a))
{
  return a;
}

FAST_FN(i64, u16_to_i64, "As it is.", (u16, a))
{
  return a;
}

FAST_FN(i64, u32_to_i64, "As it is.", (u32, a))
{
  return a;
}

PERI_FN(opt_i64, u64_to_i64, "None from 2^63 on.", (u64, a))
{
  return a <= INT64_MAX ? some_i64((int64_t)a) : NONE(i64);
}

FAST_FN(f64, u64_to_f64, "The nearest float.", (u64, a))
{
  return (double)a;
}

FAST_FN(f64, f32_to_f64, "As it is.", (f32, a))
{
  return a;
}

FAST_FN(f64, i64_to_f64, "The nearest float.", (i64, a))
{
  return (double)a;
}

FAST_FN(f32, f64_to_f32, "The nearest float.", (f64, a))
{
  return (float)a;
}

PERI_FN(opt_i64, f64_to_i64, "None for a fraction, or beyond 64 bits.",
        (f64, a))
{
  int64_t whole = 0;
  return exact_i64(a, &whole) ? some_i64(whole) : NONE(i64);
}

PERI_FN(opt_i8, i64_to_i8, "None when it does not fit.", (i64, a))
{
  return (peri_opt_i8){.value = (int8_t)a, .has = a == (int8_t)a};
}

PERI_FN(opt_i16, i64_to_i16, "None when it does not fit.", (i64, a))
{
  return (peri_opt_i16){.value = (int16_t)a, .has = a == (int16_t)a};
}

PERI_FN(opt_i32, i64_to_i32, "None when it does not fit.", (i64, a))
{
  return (peri_opt_i32){.value = (int32_t)a, .has = a == (int32_t)a};
}

PERI_FN(opt_u8, i64_to_u8, "None when it does not fit.", (i64, a))
{
  return (peri_opt_u8){.value = (uint8_t)a, .has = a == (uint8_t)a};
}

PERI_FN(opt_u16, i64_to_u16, "None when it does not fit.", (i64, a))
{
  return (peri_opt_u16){.value = (uint16_t)a, .has = a == (uint16_t)a};
}

PERI_FN(opt_u32, i64_to_u32, "None when it does not fit.", (i64, a))
{
  return (peri_opt_u32){.value = (uint32_t)a, .has = a == (uint32_t)a};
}

PERI_FN(opt_u64, i64_to_u64, "None below 0.", (i64, a))
{
  return (peri_opt_u64){.value = (uint64_t)a, .has = a >= 0};
}

PERI_FN(str, text_bool, "\"true\" or \"false\".", (bool, a))
{
  return a ? PERI_STR("true") : PERI_STR("false");
}

/* At most 8 digits before the point and 6 behind it, with no need for an
 * exponent: the shortest text that reads back is what "%.14g" prints, which is
 * ten times as slow. */
static bool is_short(double value)
{
  double size = fabs(value);
  return size < 1e8 && (size >= 1e-4 || size == 0) &&
         (double)(int64_t)(size * 1e6 + 0.5) / 1e6 == size;
}

size_t print_f64(char *out, double value)
{
  int len = is_short(value) ? (int)number_print_f64(out, value)
                            : snprintf(out, NUMBER_ROOM, "%.14g", value);
  out[len] = '\0';
  if (out[strspn(out, "-0123456789")] == '\0') { /* looks like an integer */
    memcpy(out + len, ".0", 3);
    len += 2;
  }
  return (size_t)len;
}

char *arena_text(peri_cx *cx, size_t len)
{
  char *text = peri_alloc(cx, len ? len : 1);
  if (!text) {
    peri_fail(cx, PERI_ENOMEM, "no memory for a string");
  }
  return text;
}

PERI_FN_PURE_CX(str, text_i64, "The digits.", (i64, a))
{
  char *text = arena_text(cx, NUMBER_ROOM);
  return (peri_str){text, text ? number_print_i64(text, a) : 0};
}

PERI_FN_PURE_CX(str, text_f64, "As \"%.14g\" prints; 1 is \"1.0\".", (f64, a))
{
  char *text = arena_text(cx, NUMBER_ROOM);
  return (peri_str){text, text ? print_f64(text, a) : 0};
}

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static peri_str trim(peri_str s)
{
  while (s.len && is_space(s.ptr[0])) {
    s.ptr++;
    s.len--;
  }
  while (s.len && is_space(s.ptr[s.len - 1])) {
    s.len--;
  }
  return s;
}

/* The value of a digit in any base up to 36, or 36. */
static unsigned digit_of(char c)
{
  if (c >= '0' && c <= '9') {
    return (unsigned)(c - '0');
  }
  c |= 0x20;
  return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a' + 10) : 36;
}

/* Digits that make an integer: hexadecimal ones wrap, as in Lua; decimal ones
 * beyond 64 bits make no integer. */
static bool read_digits(peri_str s, unsigned base, bool negative, int64_t *out)
{
  uint64_t value = 0;
  for (size_t i = 0; i < s.len; i++) {
    unsigned digit = digit_of(s.ptr[i]);
    if (digit >= base) {
      return false;
    }
    if (base == 10 && value > ((uint64_t)INT64_MAX + negative - digit) / 10) {
      return false;
    }
    value = value * base + digit;
  }
  *out = (int64_t)(negative ? 0 - value : value);
  return s.len > 0;
}

#define FLOAT_LEN_MAX 400 /* longest text of a float that is read */

static bool read_float(peri_str s, double *out)
{
  char text[FLOAT_LEN_MAX + 1];
  if (s.len == 0 || s.len > FLOAT_LEN_MAX || memchr(s.ptr, 'n', s.len) ||
      memchr(s.ptr, 'N', s.len) || memchr(s.ptr, 0, s.len)) {
    return false; /* an 'n' is in "inf" and "nan" */
  }
  memcpy(text, s.ptr, s.len);
  text[s.len] = '\0';
  char *end = text;
  *out = strtod(text, &end);
  return end == text + s.len;
}

bool read_number(peri_str text, struct number *number)
{
  peri_str s = trim(text), digits = s;
  bool negative = s.len && s.ptr[0] == '-';
  if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
    digits = (peri_str){s.ptr + 1, s.len - 1};
  }
  bool hex =
    digits.len > 2 && digits.ptr[0] == '0' && (digits.ptr[1] | 0x20) == 'x';
  if (hex) {
    digits = (peri_str){digits.ptr + 2, digits.len - 2};
  }
  number->whole = read_digits(digits, hex ? 16 : 10, negative, &number->i);
  return number->whole || read_float(s, &number->f);
}

PERI_FN(opt_f64, number, "The number that a text is.", (str, s))
{
  struct number n;
  if (!read_number(s, &n)) {
    return NONE(f64);
  }
  return some_f64(n.whole ? (double)n.i : n.f);
}

PERI_FN(opt_i64, integer, "The integer that a text is.", (str, s))
{
  struct number n;
  if (!read_number(s, &n) || (!n.whole && !exact_i64(n.f, &n.i))) {
    return NONE(i64);
  }
  return some_i64(n.i);
}

PERI_FN(opt_i64, number_base, "The integer that a text is in base 2 to 36.",
        (str, s), (i64, base))
{
  peri_str digits = trim(s);
  bool negative = digits.len && digits.ptr[0] == '-';
  if (negative || (digits.len && digits.ptr[0] == '+')) {
    digits = (peri_str){digits.ptr + 1, digits.len - 1};
  }
  uint64_t value = 0;
  for (size_t i = 0; i < digits.len; i++) {
    unsigned digit = digit_of(digits.ptr[i]);
    if ((int64_t)digit >= base) {
      return NONE(i64);
    }
    value = value * (uint64_t)base + digit;
  }
  if (digits.len == 0 || base < 2 || base > 36) {
    return NONE(i64);
  }
  return some_i64((int64_t)(negative ? 0 - value : value));
}
