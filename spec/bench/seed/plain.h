/* plain.h - what plain.c exports. */
#ifndef PG_SPEC_SEED_PLAIN_H
#define PG_SPEC_SEED_PLAIN_H
#include <stdint.h>

typedef int32_t min_fn(int32_t, int32_t);

extern min_fn *const with_static;
min_fn with_extern;

#endif
