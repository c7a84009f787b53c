/* pattern.h - Lua patterns: read once, then matched.
 *
 * A pattern becomes a list of nodes.  Captures are numbered while it is read,
 * for a pattern has no branches.  What is malformed becomes a node that fails
 * when a match gets there, as in Lua. */
#ifndef OPS_PATTERN_H
#define OPS_PATTERN_H
#include <perigee/plugin.h>

#define CAPTURES_MAX 32
#define CAPTURE_OPEN -1     /* '(' without ')' so far */
#define CAPTURE_POSITION -2 /* "()" */

enum node_kind {
  /* take one byte, and may be repeated */
  NODE_ANY,
  NODE_CHAR,
  NODE_SET,
  /* take what they say */
  NODE_TEXT,
  NODE_AGAIN,   /* "%1" */
  NODE_BALANCE, /* "%bxy" */
  /* take nothing */
  NODE_FRONTIER, /* "%f[set]" */
  NODE_OPEN,
  NODE_CLOSE,
  NODE_POSITION,
  NODE_LAST, /* '$' at the end */
  NODE_ERROR,
  NODE_END
};

struct set {
  uint64_t words[4]; /* a bit for a byte */
};

struct node {
  uint8_t kind;
  char repeat;    /* '*', '+', '-', '?', or 0 */
  int16_t follow; /* the byte that the rest must begin with, or -1: not known */
  int32_t number; /* CHAR: the byte; TEXT: its length; a capture's number */
  union {
    const char *bytes;     /* TEXT; BALANCE: two; ERROR: why */
    const struct set *set; /* SET, FRONTIER */
  } u;
};

#define PATTERN_SMALL 32 /* length of a pattern that needs no other memory */

struct pattern {
  bool anchored;
  bool plain;      /* no special characters at all */
  bool unfinished; /* a capture has no end */
  int16_t first;   /* the byte that a match begins with, or -1 */
  peri_str start;  /* the text that a match begins with, perhaps empty */
  const struct set *starts; /* the bytes that a match begins with, or NULL */
  struct node *nodes;
  int captures;
  /* for the reader */
  struct set *sets;
  char *bytes;
  int count, set_count, byte_count;
  struct node small_nodes[PATTERN_SMALL + 1];
  struct set small_sets[PATTERN_SMALL / 2];
  char small_bytes[PATTERN_SMALL];
};

/* Reads the pattern, whose text has to stay.  It may not be moved.  False: no
 * memory, and the call failed. */
bool pattern_read(peri_cx *cx, struct pattern *pattern, peri_str text);

static inline bool set_has(const struct set *set, char c)
{
  uint8_t byte = (uint8_t)c;
  return set->words[byte >> 6] >> (byte & 63) & 1;
}

struct capture {
  const char *at;
  ptrdiff_t len; /* or one of the marks above */
};

/* One pattern on one subject. */
struct matcher {
  const struct pattern *pattern;
  const char *begin, *end; /* subject */
  int64_t steps_left;      /* so that no pattern runs for ever */
  const char *error;       /* why the match was given up, or NULL */
  int depth, captures;
  struct capture capture[CAPTURES_MAX];
};

void matcher_init(struct matcher *m, const struct pattern *pattern,
                  peri_str subject);

/* The end of the match that begins at `s`; NULL: none, or m->error. */
const char *matcher_match(struct matcher *m, const char *s);

/* The first match at or behind *s: [*s, *end).  False: none, or m->error. */
bool matcher_search(struct matcher *m, const char **s, const char **end);

/* Capture i, or the whole match [s, e) when the pattern has none and i is 0.
 * `len` may be CAPTURE_POSITION.  False: m->error. */
bool matcher_capture(struct matcher *m, int i, const char *s, const char *e,
                     struct capture *capture);
#endif
