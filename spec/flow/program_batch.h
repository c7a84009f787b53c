/* program_batch.h - batches of random and of written values. */
#ifndef PG_SPEC_PROGRAM_BATCH_H
#define PG_SPEC_PROGRAM_BATCH_H
#include "data/build.h"

/* A generator that gives the same numbers on every run. */
uint64_t batch_random(void);
/* A number from 0 to n - 1. */
int batch_below(int n);

/* `rows` rows of every type, with the columns i64, i64_n, ... (the _n ones with
 * nulls, whose values are noise), and "void" of type null.  Values are from
 * small sets, so that they are equal now and then. */
struct pg_batch *batch_of_types(int64_t rows);

/* The name of its column; static. */
const char *batch_name(uint32_t type, bool nulls);

/* One column "x" of i64 and one "s" of str.  NULL in `texts`: null, in both. */
struct pg_batch *batch_of(int64_t rows, const int64_t *numbers,
                          const char *const *texts);

/* Writes a random value of the type; texts are static. */
void batch_value(uint32_t type, peri_slot *slot);

#endif
