/* guard.h - what a constructor of a plugin must leave as it was. */
#ifndef PG_PLUGIN_GUARD_H
#define PG_PLUGIN_GUARD_H
#include "base/status.h"

#include <signal.h>
#include <stdint.h>

struct pg_guard {
  uint64_t float_mode; /* rounding, exceptions, denormals: no result flags */
  sigset_t signals;
  char locale[200];
};

/* Notes the state of this thread. */
void pg_guard_take(struct pg_guard *guard);

/* Compares, and puts back what has changed.  Fails: PG_REFUSED */
enum pg_status pg_guard_check(const struct pg_guard *guard,
                              struct pg_error *err);

#endif
