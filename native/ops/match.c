/* match.c - matches Lua patterns by backtracking, with a limit on the steps.
 *
 * Functions take the place in the subject, `s`, and the node, and give where
 * the match ends, or NULL. */
#define _GNU_SOURCE
#include "pattern.h"
#include "text.h"

#define DEPTH_MAX 200      /* as in Lua */
#define STEPS_MAX 10000000 /* of one call; some 0.1 s */
#define STEPS_PER_BYTE 100 /* more for long subjects */

static const char *match_rest(struct matcher *m, const char *s,
                              const struct node *node);

static const char *give_up(struct matcher *m, const char *why)
{
  if (!m->error) {
    m->error = why;
  }
  return NULL;
}

static inline bool take_steps(struct matcher *m, int64_t count)
{
  m->steps_left -= count;
  if (m->steps_left > 0) {
    return true;
  }
  give_up(m, "pattern gave up after too many steps");
  return false;
}

/* Whether the node takes the byte at s. */
static inline bool takes(const struct matcher *m, const char *s,
                         const struct node *node)
{
  if (s >= m->end) {
    return false;
  }
  switch (node->kind) {
  case NODE_ANY:
    return true;
  case NODE_CHAR:
    return (uint8_t)*s == node->number;
  default:
    return set_has(node->u.set, *s);
  }
}

/* How many bytes from s on the node takes. */
static ptrdiff_t take_all(const struct matcher *m, const char *s,
                          const struct node *node)
{
  const char *at = s;
  switch (node->kind) {
  case NODE_ANY:
    return m->end - s;
  case NODE_CHAR:
    while (at < m->end && (uint8_t)*at == node->number) {
      at++;
    }
    break;
  default:
    while (at < m->end && set_has(node->u.set, *at)) {
      at++;
    }
  }
  return at - s;
}

/* Whether what follows the node can begin at s. */
static inline bool may_follow(const struct matcher *m, const char *s,
                              const struct node *node)
{
  return node->follow < 0 || (s < m->end && (uint8_t)*s == node->follow);
}

/* As many as possible, then fewer. */
static const char *match_most(struct matcher *m, const char *s,
                              const struct node *node)
{
  ptrdiff_t count = take_all(m, s, node), least = node->repeat == '+';
  if (!take_steps(m, count)) {
    return NULL;
  }
  for (; count >= least; count--) {
    if (may_follow(m, s + count, node)) {
      const char *result = match_rest(m, s + count, node + 1);
      if (result || m->error) {
        return result;
      }
    }
  }
  return NULL;
}

/* As few as possible, then more. */
static const char *match_fewest(struct matcher *m, const char *s,
                                const struct node *node)
{
  while (take_steps(m, 1)) {
    if (may_follow(m, s, node)) {
      const char *result = match_rest(m, s, node + 1);
      if (result || m->error) {
        return result;
      }
    }
    if (!takes(m, s, node)) {
      return NULL;
    }
    s++;
  }
  return NULL;
}

/* "%bxy": from an x to its y. */
static const char *match_balance(struct matcher *m, const char *s,
                                 const struct node *node)
{
  char from = node->u.bytes[0], to = node->u.bytes[1];
  if (s >= m->end || *s != from) {
    return NULL;
  }
  int64_t open = 1;
  const char *at = s + 1;
  for (; at < m->end && open > 0; at++) {
    open += *at == to ? -1 : *at == from;
  }
  return take_steps(m, at - s) && open == 0 ? at : NULL;
}

/* Whether a frontier is at s: the end of a subject is a '\0'. */
static bool on_frontier(const struct matcher *m, const char *s,
                        const struct node *node)
{
  char before = s == m->begin ? '\0' : s[-1];
  char here = s == m->end ? '\0' : *s;
  return !set_has(node->u.set, before) && set_has(node->u.set, here);
}

static const char *match_text(const struct matcher *m, const char *s,
                              const char *text, size_t len)
{
  return (size_t)(m->end - s) >= len && same_bytes(s, text, len) ? s + len
                                                                 : NULL;
}

/* "%1": the same bytes again.  A position is as long as no string is. */
static const char *match_again(const struct matcher *m, const char *s,
                               const struct node *node)
{
  const struct capture *capture = &m->capture[node->number];
  return capture->len < 0 ? NULL
                          : match_text(m, s, capture->at, (size_t)capture->len);
}

/* One of the nodes that take a byte. */
static const char *match_item(struct matcher *m, const char *s,
                              const struct node *node)
{
  const char *result = NULL;
  switch (node->repeat) {
  case '*':
  case '+':
    return match_most(m, s, node);
  case '-':
    return match_fewest(m, s, node);
  case '?':
    if (takes(m, s, node)) {
      result = match_rest(m, s + 1, node + 1);
    }
    return result || m->error ? result : match_rest(m, s, node + 1);
  default:
    break;
  }
  return NULL;
}

/* Marks are not taken back: a way that fails is left through its captures,
 * which the next way sets again before anything reads them. */
static const char *match_simple(struct matcher *m, const char *s,
                                const struct node *node)
{
  struct capture *capture = &m->capture[node->number];
  switch (node->kind) {
  case NODE_TEXT:
    return match_text(m, s, node->u.bytes, (size_t)node->number);
  case NODE_AGAIN:
    return match_again(m, s, node);
  case NODE_BALANCE:
    return match_balance(m, s, node);
  case NODE_FRONTIER:
    return on_frontier(m, s, node) ? s : NULL;
  case NODE_OPEN:
    *capture = (struct capture){s, CAPTURE_OPEN};
    return s;
  case NODE_POSITION:
    *capture = (struct capture){s, CAPTURE_POSITION};
    return s;
  case NODE_CLOSE:
    capture->len = s - capture->at;
    return s;
  case NODE_LAST:
    return s == m->end ? s : NULL;
  case NODE_ERROR:
    return give_up(m, node->u.bytes);
  default:
    return takes(m, s, node) ? s + 1 : NULL;
  }
}

static const char *match_rest(struct matcher *m, const char *s,
                              const struct node *node)
{
  if (m->depth >= DEPTH_MAX) {
    return give_up(m, "pattern too complex");
  }
  m->depth++;
  for (; s && node->kind != NODE_END; node++) {
    if (!take_steps(m, 1)) {
      s = NULL;
    } else if (node->kind <= NODE_SET && node->repeat) {
      s = match_item(m, s, node);
      break;
    } else {
      s = match_simple(m, s, node);
    }
  }
  m->depth--;
  return s;
}

void matcher_init(struct matcher *m, const struct pattern *pattern,
                  peri_str subject)
{
  m->pattern = pattern;
  m->begin = subject.ptr;
  m->end = subject.ptr + subject.len;
  m->steps_left = STEPS_MAX + STEPS_PER_BYTE * (int64_t)subject.len;
  m->error = NULL;
  m->depth = m->captures = 0;
}

const char *matcher_match(struct matcher *m, const char *s)
{
  m->captures = m->pattern->captures;
  return match_rest(m, s, m->pattern->nodes);
}

/* The first place from s on where a match may begin; NULL: there is none. */
static const char *next_start(const struct matcher *m, const char *s)
{
  const struct pattern *p = m->pattern;
  if (s > m->end) {
    return NULL;
  }
  size_t left = (size_t)(m->end - s);
  if (p->starts) {
    while (s < m->end && !set_has(p->starts, *s)) {
      s++;
    }
    return s < m->end ? s : NULL;
  }
  if (p->first < 0 || left == 0) {
    return p->first < 0 ? s : NULL;
  }
  if (p->start.len > 1) {
    return find_bytes(s, left, p->start.ptr, p->start.len);
  }
  return memchr(s, p->first, left);
}

bool matcher_search(struct matcher *m, const char **s, const char **end)
{
  *end = NULL;
  if (m->pattern->anchored) {
    *end = *s <= m->end ? matcher_match(m, *s) : NULL;
    return *end != NULL;
  }
  for (*s = next_start(m, *s); *s && !m->error; *s = next_start(m, *s + 1)) {
    *end = matcher_match(m, *s);
    if (*end) {
      return true;
    }
  }
  return false;
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
