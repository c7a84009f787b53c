/* program_run.h - runs written programs over a small batch. */
#ifndef PG_SPEC_PROGRAM_RUN_H
#define PG_SPEC_PROGRAM_RUN_H
#include "program_make.h"

struct run {
  struct make make;
  struct pg_scratch *scratch;
  struct pg_batch *batch;
  struct pg_column *column; /* the last result */
  struct pg_error err;
};

/* x and s in 6 rows; the third is null in both.  The functions of `plugin`. */
struct run run_begin(const struct pg_plugin *plugin);
void run_end(struct run *run);

/* Runs run->make. */
enum pg_status run_eval(struct run *run);

/* Runs run->make, empties it, and ends the test unless the result is this:
 * "0 null 1", or with quotes for texts. */
void run_expect(struct run *run, const char *values);
/* The same for a failure with this in its text. */
void run_expect_failure(struct run *run, enum pg_status status,
                        const char *text);

/* The plugins of the tests. */
const struct pg_plugin *run_ops(void);
const struct pg_plugin *run_probe(void);

/* Steps: 0 <= x, by the plugin ops; picky(x), by the plugin program_probe. */
int run_at_least_0(struct run *run, int x);
int run_picky(struct run *run, int x);

#endif
