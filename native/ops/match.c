/* match.c - Lua patterns: the meaning of Lua 5.4's string library, by
 * backtracking, with a limit on the steps.
 *
 * Part of a pattern that consumes one byte is an item: a byte, '.', "%a", or a
 * set; "*+-?" may follow.  Every function takes the place in the subject, `s`,
 * and in the pattern, `p`, and gives where the subject goes on, or NULL. */
#include "match.h"

#include <ctype.h>
#include <string.h>

#define DEPTH_MAX 200         /* as in Lua */
#define STEPS_MAX 10000000    /* of one call; some 0.1 s */
#define STEPS_PER_BYTE 100    /* more for long subjects */

static const char *give_up(struct matcher *m, const char *why)
{
  if (!m->error) {
    m->error = why;
  }
  return NULL;
}

static bool step(struct matcher *m)
{
  if (--m->steps_left > 0) {
    return true;
  }
  give_up(m, "pattern gave up after too many steps");
  return false;
}

/* The byte behind the item at p; NULL: malformed. */
static const char *item_end(struct matcher *m, const char *p)
{
  const char *end = m->pattern_end;
  char c = *p++;
  if (c == '%') {
    return p < end ? p + 1 : give_up(m, "malformed pattern (ends with '%')");
  }
  if (c != '[') {
    return p;
  }
  p += p < end && *p == '^';
  do { /* a ']' in the first place stands for itself */
    if (p >= end) {
      return give_up(m, "malformed pattern (missing ']')");
    }
    p += *p == '%' ? 2 : 1;
  } while (p >= end || *p != ']');
  return p + 1;
}

static bool in_class(int c, int class)
{
  bool in;
  switch (tolower(class)) {
  case 'a':
    in = isalpha(c);
    break;
  case 'c':
    in = iscntrl(c);
    break;
  case 'd':
    in = isdigit(c);
    break;
  case 'g':
    in = isgraph(c);
    break;
  case 'l':
    in = islower(c);
    break;
  case 'p':
    in = ispunct(c);
    break;
  case 's':
    in = isspace(c);
    break;
  case 'u':
    in = isupper(c);
    break;
  case 'w':
    in = isalnum(c);
    break;
  case 'x':
    in = isxdigit(c);
    break;
  default:
    return class == c;
  }
  return in != (isupper(class) != 0);
}

/* The set begins at p, with '[', and ends before `close`, its ']'. */
static bool in_set(int c, const char *p, const char *close)
{
  bool inside = true;
  if (p[1] == '^') {
    inside = false;
    p++;
  }
  while (++p < close) {
    if (*p == '%') {
      p++;
      if (in_class(c, (unsigned char)*p)) {
        return inside;
      }
    } else if (p[1] == '-' && p + 2 < close) {
      p += 2;
      if ((unsigned char)p[-2] <= c && c <= (unsigned char)*p) {
        return inside;
      }
    } else if ((unsigned char)*p == c) {
      return inside;
    }
  }
  return !inside;
}

/* Whether the item in [p, end) takes the byte at s. */
static bool takes(const struct matcher *m, const char *s, const char *p,
                  const char *end)
{
  if (s >= m->end) {
    return false;
  }
  int c = (unsigned char)*s;
  switch (*p) {
  case '.':
    return true;
  case '%':
    return in_class(c, (unsigned char)p[1]);
  case '[':
    return in_set(c, p, end - 1);
  default:
    return (unsigned char)*p == c;
  }
}

/* "%bxy": from an x to its y. */
static const char *match_balance(struct matcher *m, const char *s,
                                 const char *p)
{
  if (m->pattern_end - p < 4) {
    return give_up(m, "malformed pattern (missing arguments to '%b')");
  }
  if (s >= m->end || *s != p[2]) {
    return NULL;
  }
  int open = 1;
  while (++s < m->end) {
    if (!step(m)) {
      return NULL;
    }
    if (*s == p[3]) {
      if (--open == 0) {
        return s + 1;
      }
    } else if (*s == p[2]) {
      open++;
    }
  }
  return NULL;
}

/* "%f[set]" at p: sets *end behind it; whether s is on such a border. */
static bool on_frontier(struct matcher *m, const char *s, const char *p,
                        const char **end)
{
  p += 2;
  if (p >= m->pattern_end || *p != '[') {
    give_up(m, "missing '[' after '%f' in pattern");
    return false;
  }
  *end = item_end(m, p);
  if (!*end) {
    return false;
  }
  int before = s == m->begin ? 0 : (unsigned char)s[-1];
  int here = s == m->end ? 0 : (unsigned char)*s;
  return !in_set(before, p, *end - 1) && in_set(here, p, *end - 1);
}

/* "%1": the same bytes again. */
static const char *match_again(struct matcher *m, const char *s, char digit)
{
  int i = digit - '1';
  if (i < 0 || i >= m->captures || m->capture[i].len == CAPTURE_OPEN) {
    return give_up(m, "invalid capture index in pattern");
  }
  /* A position capture is as long as no string is. */
  size_t len = (size_t)m->capture[i].len;
  if ((size_t)(m->end - s) < len || memcmp(m->capture[i].at, s, len) != 0) {
    return NULL;
  }
  return s + len;
}

/* As many as possible, then fewer. */
static const char *match_most(struct matcher *m, const char *s, const char *p,
                              const char *end)
{
  ptrdiff_t count = 0;
  while (takes(m, s + count, p, end)) {
    count++;
  }
  m->steps_left -= count;
  for (; count >= 0 && step(m); count--) {
    const char *result = matcher_match(m, s + count, end + 1);
    if (result || m->error) {
      return result;
    }
  }
  return NULL;
}

/* As few as possible, then more. */
static const char *match_fewest(struct matcher *m, const char *s,
                                const char *p, const char *end)
{
  while (step(m)) {
    const char *result = matcher_match(m, s, end + 1);
    if (result || m->error) {
      return result;
    }
    if (!takes(m, s, p, end)) {
      return NULL;
    }
    s++;
  }
  return NULL;
}

static const char *open_capture(struct matcher *m, const char *s,
                                const char *p, ptrdiff_t mark)
{
  if (m->captures >= CAPTURES_MAX) {
    return give_up(m, "too many captures");
  }
  m->capture[m->captures++] = (struct capture){s, mark};
  const char *result = matcher_match(m, s, p);
  if (!result) {
    m->captures--;
  }
  return result;
}

static const char *close_capture(struct matcher *m, const char *s,
                                 const char *p)
{
  int i = m->captures - 1;
  while (i >= 0 && m->capture[i].len != CAPTURE_OPEN) {
    i--;
  }
  if (i < 0) {
    return give_up(m, "invalid pattern capture");
  }
  m->capture[i].len = s - m->capture[i].at;
  const char *result = matcher_match(m, s, p);
  if (!result) {
    m->capture[i].len = CAPTURE_OPEN;
  }
  return result;
}

/* What an item and the sign behind it do. */
enum next {
  NEXT_NO,    /* no match */
  NEXT_GO_ON, /* *s and *p have moved */
  NEXT_DONE   /* the rest was matched too: *s is the result, or NULL */
};

static enum next match_optional(struct matcher *m, const char **s,
                                const char **p, const char *end)
{
  const char *result =
    takes(m, *s, *p, end) ? matcher_match(m, *s + 1, end + 1) : NULL;
  if (result || m->error) {
    *s = result;
    return NEXT_DONE;
  }
  *p = end + 1;
  return NEXT_GO_ON;
}

static enum next match_item(struct matcher *m, const char **s, const char **p)
{
  const char *end = item_end(m, *p);
  if (!end) {
    return NEXT_NO;
  }
  switch (end < m->pattern_end ? *end : '\0') {
  case '?':
    return match_optional(m, s, p, end);
  case '+':
    *s = takes(m, *s, *p, end) ? match_most(m, *s + 1, *p, end) : NULL;
    return NEXT_DONE;
  case '*':
    *s = match_most(m, *s, *p, end);
    return NEXT_DONE;
  case '-':
    *s = match_fewest(m, *s, *p, end);
    return NEXT_DONE;
  default:
    break;
  }
  if (!takes(m, *s, *p, end)) {
    return NEXT_NO;
  }
  ++*s;
  *p = end;
  return NEXT_GO_ON;
}

static enum next match_escape(struct matcher *m, const char **s,
                              const char **p)
{
  char c = *p + 1 < m->pattern_end ? (*p)[1] : '\0';
  const char *end = *p + 2;
  if (c == 'b') {
    *s = match_balance(m, *s, *p);
    end = *p + 4;
  } else if (c == 'f') {
    if (!on_frontier(m, *s, *p, &end)) {
      return NEXT_NO;
    }
  } else if (c >= '0' && c <= '9') {
    *s = match_again(m, *s, c);
  } else {
    return match_item(m, s, p);
  }
  *p = end;
  return *s ? NEXT_GO_ON : NEXT_NO;
}

static enum next match_part(struct matcher *m, const char **s, const char **p)
{
  const char *at = *p;
  switch (*at) {
  case '(':
    *s = at + 1 < m->pattern_end && at[1] == ')'
           ? open_capture(m, *s, at + 2, CAPTURE_POSITION)
           : open_capture(m, *s, at + 1, CAPTURE_OPEN);
    return NEXT_DONE;
  case ')':
    *s = close_capture(m, *s, at + 1);
    return NEXT_DONE;
  case '$':
    if (at + 1 == m->pattern_end) {
      *s = *s == m->end ? *s : NULL;
      return NEXT_DONE;
    }
    return match_item(m, s, p);
  case '%':
    return match_escape(m, s, p);
  default:
    return match_item(m, s, p);
  }
}

const char *matcher_match(struct matcher *m, const char *s, const char *p)
{
  if (m->depth >= DEPTH_MAX) {
    return give_up(m, "pattern too complex");
  }
  m->depth++;
  enum next next = NEXT_GO_ON;
  while (next == NEXT_GO_ON && p != m->pattern_end) {
    next = step(m) ? match_part(m, &s, &p) : NEXT_NO;
  }
  m->depth--;
  return next == NEXT_NO ? NULL : s;
}

void matcher_init(struct matcher *m, peri_str subject, peri_str pattern)
{
  m->begin = subject.ptr;
  m->end = subject.ptr + subject.len;
  m->pattern_end = pattern.ptr + pattern.len;
  m->steps_left = STEPS_MAX + STEPS_PER_BYTE * (int64_t)subject.len;
  m->error = NULL;
  m->depth = m->captures = 0;
}

bool matcher_capture(struct matcher *m, int i, const char *s, const char *e,
                     struct capture *capture)
{
  if (i < m->captures) {
    *capture = m->capture[i];
    if (capture->len == CAPTURE_OPEN) {
      give_up(m, "unfinished capture");
    }
  } else if (i == 0) {
    *capture = (struct capture){s, e - s};
  } else {
    give_up(m, "invalid capture index in replacement string");
  }
  return !m->error;
}
