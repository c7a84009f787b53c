/* call.h - what one call costs, and one element of many. */
#ifndef PG_SPEC_SEED_CALL_H
#define PG_SPEC_SEED_CALL_H
#include "plain.h"

/* own.c: compiled apart, so that nothing is inlined. */
min_fn own_min;
void own_loop(const int32_t *a, const int32_t *b, int32_t *out, int64_t n);

/* Where the functions come from: the libraries in `directory`, and Lua with the
 * plugin and a C function like it. */
void call_open(const char *directory);
void call_close(void);

void call_bench(int rounds);
void batch_bench(int rounds);

#endif
