/* counts.h - what a stage counted, by name: "records by plan", 1950000. */
#ifndef PG_PLUGIN_COUNTS_H
#define PG_PLUGIN_COUNTS_H
#include <stddef.h>
#include <stdint.h>

/* Others are not counted: names that are data must not pile up. */
#define PG_COUNTS_MAX 32

struct pg_counts { /* the zeroed struct is empty */
  struct pg_count {
    char name[64]; /* NUL-ended, without control characters */
    uint64_t n;
  } * list;  /* owned; in the order in which they began */
  int count; /* at most PG_COUNTS_MAX */
};

/* Adds n to the counter of this name (pg_count(): NUL-ended), which begins with
 * the first that is not 0; what is too long is cut.  Where no memory is left it
 * is not counted. */
void pg_counts_add(struct pg_counts *counts, const char *name, size_t len,
                   uint64_t n);
void pg_count(struct pg_counts *counts, const char *name, uint64_t n);
/* Adds all of `more`. */
void pg_counts_join(struct pg_counts *counts, const struct pg_counts *more);
void pg_counts_fini(struct pg_counts *counts);

#endif
