/* signal.h - SIGINT and SIGTERM while a pipeline runs: the first drains it, the
 * second ends the process at once with status 130.  SIGPIPE is ignored. */
#ifndef PG_FLOW_SIGNAL_H
#define PG_FLOW_SIGNAL_H
#include <stdbool.h>
#include <stdint.h>

/* Takes the signals over, and gives them back as they were.  Thread: main */
void pg_signal_begin(void);
void pg_signal_end(void);

/* Not 0 once sources are to give up: a signal came, or pg_signal_give_up() was
 * called.  Atomic; lives for ever. */
const int32_t *pg_signal_stop(void);
void pg_signal_give_up(void);

/* Did SIGINT come? */
bool pg_signal_interrupted(void);

#endif
