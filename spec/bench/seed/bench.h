/* bench.h - timing several ways to do one thing side by side, and the tables.
 *
 * Every round runs all rows in turn, so that a slow moment of the machine meets
 * all of them.  A row shows the median of its rounds, and as its ratio the
 * median of the ratios of each round to the row that it is compared with.  A
 * row that runs the control again says what the ratios may be off by.  Times
 * are CPU time of the process. */
#ifndef PG_SPEC_SEED_BENCH_H
#define PG_SPEC_SEED_BENCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUNDS_MAX 301

/* Nanoseconds of CPU time of this process. */
double bench_now(void);

double bench_median(double *values, int count);

/* Ends the program with what went wrong. */
void bench_die(const char *what, const char *why) __attribute__((noreturn));

struct bench_row {
  const char *what;
  double (*run)(const void *arg); /* nanoseconds of one; NULL: published only */
  const void *arg;
  int control;           /* row that it is compared with; -1: none */
  int base;              /* row that is taken off first: an empty loop; -1 */
  const char *published; /* of the seed; NULL: nothing */
  double ns, ratio;      /* [out] */
};

void bench_run(struct bench_row *rows, size_t count, int rounds);

/* One table; `unit` names the first column of numbers. */
void bench_print(const char *title, const char *unit,
                 const struct bench_row *rows, size_t count);

/* "139,702"; one of a few static buffers. */
const char *bench_number(double value);

#endif
