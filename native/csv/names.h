/* names.h - the column names of a CSV stream. */
#ifndef PERIGEE_CSV_NAMES_H
#define PERIGEE_CSV_NAMES_H
#include "cut.h"

/* `count` names, all different.  An empty one is zeroed. */
struct csv_names {
  peri_str *name; /* owned, and each `ptr` too */
  size_t count;
};

/* Each of these replaces what was there.  False: no memory. */

/* The fields of record `row`: an empty name becomes c1, c2, ..., and one that
 * is there already gets _2, _3, ..., each with a warning when `warns`. */
bool csv_names_of_header(peri_cx *cx, struct csv_names *names,
                         const struct csv_syntax *syntax,
                         const struct csv_cut *cut, size_t row,
                         const char *text, bool warns);
/* Those names. */
bool csv_names_given(peri_cx *cx, struct csv_names *names,
                     const peri_list_str *given);
/* c1, c2, ... */
bool csv_names_numbered(peri_cx *cx, struct csv_names *names, size_t count);

void csv_names_fini(peri_cx *cx, struct csv_names *names);

/* The index of the first name that is empty or stands twice, or `count`. */
size_t csv_names_fault(const peri_list_str *given);
#endif
