/* suggest.h - did-you-mean for names. */
#ifndef PG_PLUGIN_SUGGEST_H
#define PG_PLUGIN_SUGGEST_H
#include <stddef.h>

struct pg_suggest {
  const char *nearest; /* NULL: none is near */
  size_t cost;
};

/* Offers one name that may have been meant by name[0..len).  Near is at most
 * one edit for every three characters; case does not count; of equals the first
 * offered wins.  Start with a zeroed struct. [borrow] `other` until last use */
void pg_suggest_offer(struct pg_suggest *best, const char *name, size_t len,
                      const char *other);

#endif
