/* progress.h - the line that tells how far a run has come. */
#ifndef PG_FLOW_PROGRESS_H
#define PG_FLOW_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>

struct pg_progress {
  bool shown; /* asked for */
  uint64_t start_ns, next_ns;
};

void pg_progress_init(struct pg_progress *progress, bool shown);

/* Is it time to show the line again? */
bool pg_progress_due(struct pg_progress *progress);

/* Shows it.  `done` of `total` bytes of the inputs (total 0: not known),
 * `bytes` of data and `rows` of them. */
void pg_progress_tell(struct pg_progress *progress, uint64_t done,
                      uint64_t total, uint64_t bytes, uint64_t rows);

/* Takes the line away. */
void pg_progress_clear(struct pg_progress *progress);

/* The text of the line, NUL-ended. */
void pg_progress_text(char *text, uint64_t size, double seconds, uint64_t done,
                      uint64_t total, uint64_t bytes, uint64_t rows);

#endif
