/* columns.h - columns of made-up values for the programs that measure. */
#ifndef PG_BENCH_COLUMNS_H
#define PG_BENCH_COLUMNS_H
#include "data/build.h"

#include <string.h>

/* 53 random bits, the same in every run: xorshift64 (Marsaglia 2003). */
static inline uint64_t next(void)
{
  static uint64_t seed = 88172645463325252ull;
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed >> 11;
}

/* The values of a new column of `rows` rows. */
static inline void *column(struct pg_build *build, const char *name,
                           uint32_t type, int64_t rows)
{
  int index = pg_build_column(build, (peri_str){name, strlen(name)}, type);
  return pg_build_values(build, index, rows, NULL);
}

#endif
