/* match.h - Lua patterns. */
#ifndef OPS_MATCH_H
#define OPS_MATCH_H
#include <perigee/plugin.h>

#define CAPTURES_MAX 32
#define CAPTURE_OPEN -1     /* '(' without ')' so far */
#define CAPTURE_POSITION -2 /* "()" */

struct capture {
  const char *at;
  ptrdiff_t len; /* or one of the marks above */
};

/* One pattern on one subject.  Zeroed but for the first fields. */
struct matcher {
  const char *begin, *end; /* subject */
  const char *pattern_end;
  int64_t steps_left; /* of this call, so that no pattern runs for ever */
  const char *error;  /* why the match was given up, or NULL */
  int depth, captures;
  struct capture capture[CAPTURES_MAX];
};

/* Begins a call. */
void matcher_init(struct matcher *m, peri_str subject, peri_str pattern);

/* The end of the match of the pattern at `p` that begins at `s`; NULL: none,
 * or m->error. */
const char *matcher_match(struct matcher *m, const char *s, const char *p);

/* Capture i, or the whole match [s, e) when the pattern has none and i is 0.
 * `len` may be CAPTURE_POSITION.  False: m->error. */
bool matcher_capture(struct matcher *m, int i, const char *s, const char *e,
                     struct capture *capture);
#endif
