/* find.c - find, match and gsub: functions over Lua patterns.
 *
 * The compiler of expressions checks constant patterns, and turns those without
 * special characters into find_plain or find_prefix.  Over columns a constant
 * pattern is read once. */
#include "fast.h"
#include "pattern.h"
#include "text.h"

static void fail_with(peri_cx *cx, const struct matcher *m)
{
  if (m->error) {
    peri_fail(cx, PERI_EDATA, m->error);
  }
}

/* The pattern of a row: the constant one, or read from the text of the row. */
struct source {
  bool constant;
  struct pattern pattern;
};

static void source_init(peri_cx *cx, struct source *source, const peri_col *c)
{
  peri_str text;
  source->constant =
    rows_constant(c, &text) && pattern_read(cx, &source->pattern, text);
}

/* NULL: no memory, and the call failed. */
static const struct pattern *source_row(peri_cx *cx, struct source *source,
                                        const peri_col *c, int64_t i)
{
  if (source->constant) {
    return &source->pattern;
  }
  return pattern_read(cx, &source->pattern, peri_row_str(c, i))
           ? &source->pattern
           : NULL;
}

/* The first match at or behind position `init`: [*s, *e).  False: none, or
 * m->error. */
static bool search(struct matcher *m, const struct pattern *pattern,
                   peri_str subject, int64_t init, const char **s,
                   const char **e)
{
  int64_t first = first_position(init, subject.len);
  matcher_init(m, pattern, subject);
  if (first > (int64_t)subject.len + 1) {
    return false;
  }
  *s = subject.ptr + (first - 1);
  bool found = matcher_search(m, s, e);
  if (found && pattern->unfinished) {
    m->error = "unfinished capture";
  }
  return found && !m->error;
}

/* -------------------------------------------------------------------- find */

/* 0: nowhere, or it failed. */
static int64_t find_in(peri_cx *cx, const struct pattern *pattern, peri_str s,
                       int64_t init)
{
  struct matcher m;
  const char *at, *end;
  bool found = search(&m, pattern, s, init, &at, &end);
  fail_with(cx, &m);
  return found ? at - s.ptr + 1 : 0;
}

MAPPED_FN_CX(opt_i64, find, "Where the pattern matches, at init or later.",
             (str, s), (str, pattern), (i64, init))
{
  struct pattern read;
  if (!pattern_read(cx, &read, pattern)) {
    return NONE(i64);
  }
  int64_t at =
    read.plain ? find_text(s, pattern, init) : find_in(cx, &read, s, init);
  return (peri_opt_i64){.value = at, .has = at != 0};
}

OPS_MAP(find)
{
  struct source source;
  int64_t *places = out;
  const int64_t *inits = c[2].data;
  source_init(cx, &source, &c[1]);
  EACH_ROW(i, c, 3, n)
  {
    const struct pattern *pattern = source_row(cx, &source, &c[1], i);
    peri_str s = peri_row_str(&c[0], i);
    places[i] = 0;
    if (pattern) {
      places[i] = pattern->plain
                    ? find_text(s, peri_row_str(&c[1], i), inits[i])
                    : find_in(cx, pattern, s, inits[i]);
    }
    valid[i] = places[i] != 0;
    if (cx->failed) {
      return;
    }
  }
}

/* ------------------------------------------------------------------- match */

/* The first capture, or the whole match. */
static bool first_capture(peri_cx *cx, const struct pattern *pattern,
                          peri_str s, int64_t init, struct capture *capture)
{
  struct matcher m;
  const char *at, *end;
  bool found = search(&m, pattern, s, init, &at, &end) &&
               matcher_capture(&m, 0, at, end, capture);
  fail_with(cx, &m);
  return found;
}

/* The loop of a function of a text, a pattern and where to begin: FN_ for each
 * row. */
#define PATTERN_MAP(NAME_, R_, FN_)                                            \
  OPS_MAP(NAME_)                                                               \
  {                                                                            \
    struct source source;                                                      \
    const int64_t *inits = c[2].data;                                          \
    source_init(cx, &source, &c[1]);                                           \
    EACH_ROW(i, c, 3, n)                                                       \
    {                                                                          \
      const struct pattern *pattern = source_row(cx, &source, &c[1], i);       \
      peri_##R_ result = {0};                                                  \
      if (pattern) {                                                           \
        result = FN_(cx, pattern, peri_row_str(&c[0], i), inits[i]);           \
      }                                                                        \
      peri_put_##R_(out, valid, i, result);                                    \
      if (cx->failed) {                                                        \
        return;                                                                \
      }                                                                        \
    }                                                                          \
  }

static peri_opt_str match_in(peri_cx *cx, const struct pattern *pattern,
                             peri_str s, int64_t init)
{
  struct capture capture;
  if (!first_capture(cx, pattern, s, init, &capture)) {
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

MAPPED_FN_CX(opt_str, match,
             "The first capture of the pattern, or all that it matches.",
             (str, s), (str, pattern), (i64, init))
{
  struct pattern read;
  return pattern_read(cx, &read, pattern) ? match_in(cx, &read, s, init)
                                          : NONE(str);
}

PATTERN_MAP(match, opt_str, match_in)

static peri_opt_i64 position_in(peri_cx *cx, const struct pattern *pattern,
                                peri_str s, int64_t init)
{
  struct capture capture;
  if (!first_capture(cx, pattern, s, init, &capture) ||
      capture.len != CAPTURE_POSITION) {
    return NONE(i64);
  }
  return some_i64(capture.at - s.ptr + 1);
}

MAPPED_FN_CX(opt_i64, match_position,
             "The position that the first capture, (), of the pattern gives.",
             (str, s), (str, pattern), (i64, init))
{
  struct pattern read;
  return pattern_read(cx, &read, pattern) ? position_in(cx, &read, s, init)
                                          : NONE(i64);
}

PATTERN_MAP(match_position, opt_i64, position_in)

/* -------------------------------------------------------------------- gsub */

/* Text that grows in the arena. */
struct builder {
  peri_cx *cx;
  char *text; /* NULL: nothing yet, or no memory */
  size_t len, room;
};

static void build(struct builder *b, const char *bytes, size_t len)
{
  if (len == 0) {
    return;
  }
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

/* What stands for the match [s, e). */
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

static peri_str gsub_in(peri_cx *cx, const struct pattern *pattern, peri_str s,
                        peri_str replacement, int64_t n)
{
  struct matcher m;
  struct builder b = {.cx = cx};
  matcher_init(&m, pattern, s);
  /* [copied, at) is not in the builder yet; a match may not be empty where the
   * last one ended */
  const char *at = s.ptr, *copied = s.ptr, *last_end = NULL, *end;
  bool changed = false;
  for (int64_t count = 0; count < n && cx->failed == PERI_OK;) {
    if (!matcher_search(&m, &at, &end)) {
      break;
    }
    if (end != last_end) {
      build(&b, copied, (size_t)(at - copied));
      build_replacement(&b, &m, replacement, at, end);
      changed = true;
      count++;
      at = copied = last_end = end;
    } else {
      at++;
    }
    if (m.error || pattern->anchored) {
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

MAPPED_FN_CX(str, gsub, "With up to n matches of the pattern replaced.",
             (str, s), (str, pattern), (str, replacement), (i64, n))
{
  struct pattern read;
  return pattern_read(cx, &read, pattern)
           ? gsub_in(cx, &read, s, replacement, n)
           : PERI_STR("");
}

OPS_MAP(gsub)
{
  struct source source;
  peri_str *texts = out;
  const int64_t *counts = c[3].data;
  source_init(cx, &source, &c[1]);
  EACH_ROW(i, c, 4, n)
  {
    const struct pattern *pattern = source_row(cx, &source, &c[1], i);
    texts[i] = pattern ? gsub_in(cx, pattern, peri_row_str(&c[0], i),
                                 peri_row_str(&c[2], i), counts[i])
                       : PERI_STR("");
    if (cx->failed) {
      return;
    }
  }
}
