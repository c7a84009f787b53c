/* reject.h - what becomes of malformed rows: counted, shown, written out. */
#ifndef PG_FLOW_REJECT_H
#define PG_FLOW_REJECT_H
#include "flow/flow.h"

/* A malformed row on its way into the report. */
struct pg_reject_note {
  const char *stream;
  int64_t line; /* 0: not known */
  uint64_t byte;
  peri_str why, text;
};

/* Does the report take another sample? */
bool pg_reject_is_shown(const struct pg_flow *flow);

/* Counts one, and keeps it as a sample when there is room.  [borrow] note.
 * False: no memory. */
bool pg_reject_count(struct pg_flow *flow, const struct pg_reject_note *note);
void pg_reject_sample_fini(struct pg_reject_sample *sample);

/* The file of rejected records, each with a newline behind it. */
struct pg_reject_file { /* the zeroed struct is closed */
  const char *path;     /* borrowed; NULL: closed */
  int fd;
  struct pg_text text; /* not written yet */
};
enum pg_status pg_reject_file_open(struct pg_reject_file *file,
                                   const char *path, struct pg_error *err);
enum pg_status pg_reject_file_write(struct pg_reject_file *file,
                                    peri_str record, struct pg_error *err);
enum pg_status pg_reject_file_close(struct pg_reject_file *file,
                                    struct pg_error *err);

#endif
