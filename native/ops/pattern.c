/* pattern.c - find, match and gsub: functions over Lua patterns.
 *
 * The compiler of expressions checks constant patterns, and turns those without
 * special characters into find_plain or find_prefix. */
#include "match.h"
#include "text.h"

static bool has_specials(peri_str p)
{
  for (size_t i = 0; i < p.len; i++) {
    if (p.ptr[i] && strchr("^$*+?.([%-", p.ptr[i])) {
      return true;
    }
  }
  return false;
}

/* The first match at or behind `init`: [*s, *e).  False: none, or m->error. */
static bool search(struct matcher *m, peri_str subject, peri_str pattern,
                   int64_t init, const char **s, const char **e)
{
  int64_t first = first_position(init, subject.len);
  matcher_init(m, subject, pattern);
  if (first > (int64_t)subject.len + 1) {
    return false;
  }
  bool anchored = pattern.len && pattern.ptr[0] == '^';
  const char *p = pattern.ptr + anchored;
  *s = subject.ptr + first - 1;
  do {
    m->captures = 0;
    *e = matcher_match(m, *s, p);
  } while (!*e && !m->error && !anchored && ++*s <= m->end);
  return *e && !m->error;
}

static void fail_with(peri_cx *cx, const struct matcher *m)
{
  if (m->error) {
    peri_fail(cx, PERI_EDATA, m->error);
  }
}

PERI_FN_PURE_CX(opt_i64, find, "Where the pattern matches, at init or later.",
                (str, s), (str, pattern), (i64, init))
{
  if (!has_specials(pattern)) {
    return find_text(s, pattern, init);
  }
  struct matcher m;
  struct capture last;
  const char *at, *end;
  bool found = search(&m, s, pattern, init, &at, &end) &&
               matcher_capture(&m, m.captures ? m.captures - 1 : 0, at, end,
                               &last);
  fail_with(cx, &m);
  return found ? some_i64(at - s.ptr + 1) : NONE(i64);
}

/* The first capture, or the whole match. */
static bool first_capture(peri_cx *cx, peri_str s, peri_str pattern,
                          int64_t init, struct capture *capture)
{
  struct matcher m;
  const char *at, *end;
  bool found = search(&m, s, pattern, init, &at, &end) &&
               matcher_capture(&m, 0, at, end, capture);
  fail_with(cx, &m);
  return found;
}

PERI_FN_PURE_CX(opt_str, match,
                "The first capture of the pattern, or all that it matches.",
                (str, s), (str, pattern), (i64, init))
{
  struct capture capture;
  if (!first_capture(cx, s, pattern, init, &capture)) {
    return NONE(str);
  }
  if (capture.len != CAPTURE_POSITION) {
    return some_str((peri_str){capture.at, (size_t)capture.len});
  }
  char *text = arena_text(cx, NUMBER_ROOM);
  if (!text) {
    return NONE(str);
  }
  return some_str(
    (peri_str){text, number_print_i64(text, capture.at - s.ptr + 1)});
}

PERI_FN_PURE_CX(opt_i64, match_position,
                "The position that the first capture, (), of the pattern gives.",
                (str, s), (str, pattern), (i64, init))
{
  struct capture capture;
  if (!first_capture(cx, s, pattern, init, &capture) ||
      capture.len != CAPTURE_POSITION) {
    return NONE(i64);
  }
  return some_i64(capture.at - s.ptr + 1);
}

/* Text that grows in the arena. */
struct builder {
  peri_cx *cx;
  char *text; /* NULL: nothing yet, or no memory */
  size_t len, room;
};

static void build(struct builder *b, const char *bytes, size_t len)
{
  if (b->room - b->len < len) {
    size_t room = 2 * (b->len + len) + 64;
    char *text = arena_text(b->cx, room);
    if (!text) {
      return;
    }
    if (b->len) {
      memcpy(text, b->text, b->len);
    }
    b->text = text;
    b->room = room;
  }
  memcpy(b->text + b->len, bytes, len);
  b->len += len;
}

static void build_capture(struct builder *b, struct matcher *m, int i,
                          const char *s, const char *e)
{
  struct capture capture;
  if (!matcher_capture(m, i, s, e, &capture)) {
    return;
  }
  if (capture.len == CAPTURE_POSITION) {
    char digits[NUMBER_ROOM];
    build(b, digits, number_print_i64(digits, capture.at - m->begin + 1));
    return;
  }
  build(b, capture.at, (size_t)capture.len);
}

static void build_replacement(struct builder *b, struct matcher *m,
                              peri_str with, const char *s, const char *e)
{
  for (size_t i = 0; i < with.len && !m->error; i++) {
    char c = with.ptr[i];
    if (c != '%') {
      build(b, &c, 1);
      continue;
    }
    c = ++i < with.len ? with.ptr[i] : '\0';
    if (c == '%') {
      build(b, &c, 1);
    } else if (c == '0') {
      build(b, s, (size_t)(e - s));
    } else if (c >= '1' && c <= '9') {
      build_capture(b, m, c - '1', s, e);
    } else {
      m->error = "invalid use of '%' in replacement string";
    }
  }
}

/* Replaces the match [s, e), and copies what lies between the last one, that
 * ended at `from`, and this one. */
static void replace(struct builder *b, struct matcher *m, peri_str with,
                    const char *from, const char *s, const char *e)
{
  build(b, from, (size_t)(s - from));
  build_replacement(b, m, with, s, e);
}

PERI_FN_PURE_CX(str, gsub, "With up to n matches of the pattern replaced.",
                (str, s), (str, pattern), (str, replacement), (i64, n))
{
  struct matcher m;
  struct builder b = {.cx = cx};
  bool anchored = pattern.len && pattern.ptr[0] == '^', changed = false;
  matcher_init(&m, s, pattern);
  /* [copied, at) is not in the builder yet; a match may not be empty where the
   * last one ended */
  const char *at = s.ptr, *copied = s.ptr, *last_end = NULL;
  for (int64_t count = 0; count < n && cx->failed == PERI_OK;) {
    m.captures = 0;
    const char *end = matcher_match(&m, at, pattern.ptr + anchored);
    if (end && end != last_end) {
      replace(&b, &m, replacement, copied, at, end);
      changed = true;
      count++;
      at = copied = last_end = end;
    } else if (at < m.end) {
      at++;
    } else {
      break;
    }
    if (m.error || anchored) {
      break;
    }
  }
  fail_with(cx, &m);
  if (!changed || m.error) {
    return s;
  }
  build(&b, copied, (size_t)(m.end - copied));
  return b.text ? (peri_str){b.text, b.len} : PERI_STR("");
}
