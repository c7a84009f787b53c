/* text.c - strings: what Lua's string library does without patterns.
 *
 * Positions count bytes from 1; negative ones count from the end. */
#include "text.h"
#include "fast.h"

#define REP_MAX ((size_t)1 << 20) /* bytes that rep() gives at most */

/* Copies a text of any length; most are short. */
static inline char *put_text(char *to, peri_str s)
{
  if (s.len > 64) {
    memcpy(to, s.ptr, s.len);
  } else if (s.len >= 16) {
    for (size_t i = 0; i < s.len - 16; i += 16) {
      memcpy(to + i, s.ptr + i, 16);
    }
    memcpy(to + s.len - 16, s.ptr + s.len - 16, 16);
  } else if (s.len >= 8) {
    memcpy(to, s.ptr, 8);
    memcpy(to + s.len - 8, s.ptr + s.len - 8, 8);
  } else if (s.len >= 4) {
    memcpy(to, s.ptr, 4);
    memcpy(to + s.len - 4, s.ptr + s.len - 4, 4);
  } else {
    for (size_t i = 0; i < s.len; i++) {
      to[i] = s.ptr[i];
    }
  }
  return to + s.len;
}

MAPPED_FN_CX(str, concat, "a .. b", (str, a), (str, b))
{
  char *text = arena_text(cx, a.len + b.len);
  if (!text) {
    return PERI_STR("");
  }
  put_text(put_text(text, a), b);
  return (peri_str){text, a.len + b.len};
}

/* All texts lie behind each other. */
OPS_MAP(concat)
{
  size_t room = 0;
  peri_str *texts = out;
  EACH_ROW(i, c, 2, n)
  {
    room += peri_row_str(&c[0], i).len + peri_row_str(&c[1], i).len;
  }
  char *at = arena_text(cx, room);
  if (!at) {
    return;
  }
  EACH_ROW(i, c, 2, n)
  {
    char *end =
      put_text(put_text(at, peri_row_str(&c[0], i)), peri_row_str(&c[1], i));
    texts[i] = (peri_str){at, (size_t)(end - at)};
    at = end;
  }
}

PERI_FN(i64, len, "How many bytes.", (str, s))
{
  return (int64_t)s.len;
}

#define EACH_BYTE 0x0101010101010101ull

/* Turns the case of the eight bytes that are letters from `first` on, for 26.
 */
static inline uint64_t turn_eight(uint64_t bytes, char first)
{
  uint64_t low = bytes & 0x7F * EACH_BYTE;
  uint64_t from = low + (uint64_t)(0x80 - first) * EACH_BYTE;
  uint64_t behind = low + (uint64_t)(0x80 - first - 26) * EACH_BYTE;
  return bytes ^ ((from ^ behind) & ~bytes & 0x80 * EACH_BYTE) >> 2;
}

static inline void turn_at(char *to, const char *from, size_t n, char first)
{
  uint64_t bytes = 0;
  memcpy(&bytes, from, n);
  bytes = turn_eight(bytes, first);
  memcpy(to, &bytes, n);
}

static peri_str turn_case(peri_cx *cx, peri_str s, char first)
{
  char *text = arena_text(cx, s.len);
  if (!text) {
    return PERI_STR("");
  }
  if (s.len < 8) {
    for (size_t i = 0; i < s.len; i++) {
      turn_at(text + i, s.ptr + i, 1, first);
    }
    return (peri_str){text, s.len};
  }
  for (size_t i = 0; i + 8 < s.len; i += 8) {
    turn_at(text + i, s.ptr + i, 8, first);
  }
  turn_at(text + s.len - 8, s.ptr + s.len - 8, 8, first);
  return (peri_str){text, s.len};
}

PERI_FN_PURE_CX(str, lower, "With A-Z as a-z.", (str, s))
{
  return turn_case(cx, s, 'A');
}

PERI_FN_PURE_CX(str, upper, "With a-z as A-Z.", (str, s))
{
  return turn_case(cx, s, 'a');
}

PERI_FN_PURE_CX(str, reverse, "The bytes from the last to the first.", (str, s))
{
  char *text = arena_text(cx, s.len);
  for (size_t i = 0; text && i < s.len; i++) {
    text[i] = s.ptr[s.len - 1 - i];
  }
  return (peri_str){text, text ? s.len : 0};
}

PERI_FN_PURE_CX(str, rep, "The string n times, at most 1 MiB of it.", (str, s),
                (i64, n))
{
  if (n <= 0 || s.len == 0) {
    return PERI_STR("");
  }
  if ((uint64_t)n > REP_MAX / s.len) {
    peri_fail(cx, PERI_EDATA, "rep() would give more than 1 MiB");
    return PERI_STR("");
  }
  size_t len = s.len * (size_t)n;
  char *text = arena_text(cx, len);
  for (size_t at = 0; text && at < len; at += s.len) {
    memcpy(text + at, s.ptr, s.len);
  }
  return (peri_str){text, text ? len : 0};
}

static inline int64_t last_position(int64_t at, size_t len)
{
  if (at > (int64_t)len) {
    return (int64_t)len;
  }
  if (at >= 0) {
    return at;
  }
  return at < -(int64_t)len ? 0 : (int64_t)len + at + 1;
}

PERI_FN(str, sub, "The bytes from i to j.", (str, s), (i64, i), (i64, j))
{
  int64_t first = first_position(i, s.len), last = last_position(j, s.len);
  if (first > last) {
    return (peri_str){s.ptr, 0};
  }
  return (peri_str){s.ptr + first - 1, (size_t)(last - first + 1)};
}

PERI_FN(opt_i64, byte, "The byte at i.", (str, s), (i64, i))
{
  int64_t at = i < 0 && i >= -(int64_t)s.len ? (int64_t)s.len + i + 1 : i;
  if (at < 1 || at > (int64_t)s.len) {
    return NONE(i64);
  }
  return some_i64((unsigned char)s.ptr[at - 1]);
}
