/* status.h - what a function of the host can answer, and the text that goes
 * with a failure.  The text is written once, where the failure is first seen:
 * lower case, no full stop, names quoted, the system's reason at the end. */
#ifndef PG_BASE_STATUS_H
#define PG_BASE_STATUS_H

enum pg_status {
  PG_OK = 0,
  PG_NO_MEMORY,   /* shed load or stop */
  PG_IO,          /* the outside world failed; errno text is in the message */
  PG_BAD_INPUT,   /* the user's file, batch, argument or config is wrong */
  PG_REFUSED,     /* a plugin does not fit this host */
  PG_UNSUPPORTED, /* the plugin and the host do not share this feature */
  PG_CANCELED,    /* the user asked to stop */
  PG_DONE,        /* nothing more is wanted downstream: not a failure */
};

struct pg_error {
  enum pg_status status;
  char text[1000];
};

#define PG_PRINTF(format_at, first_at)                                         \
  __attribute__((format(printf, format_at, first_at)))

/* Writes the text and returns `status`; `err` may be NULL. */
enum pg_status pg_fail(struct pg_error *err, enum pg_status status,
                       const char *format, ...) PG_PRINTF(3, 4);

#endif
