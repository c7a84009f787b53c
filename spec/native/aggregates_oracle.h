/* aggregates_oracle.h - aggregates the slow way, over the cells of one group.
 * Results are texts as mock_aggregate_text() makes them; free them. */
#ifndef PERIGEE_AGGREGATES_ORACLE_H
#define PERIGEE_AGGREGATES_ORACLE_H
#include "mock_cells.h"

#include <stddef.h>

/* Cells of a group in the order of the rows, nulls among them. */
struct oracle_group {
  uint32_t type;
  const struct mock_cell *cells;
  size_t n;
  int q_percent; /* quantile */
};
typedef char *oracle_fn(const struct oracle_group *group);

oracle_fn oracle_count, oracle_sum, oracle_mean, oracle_min, oracle_max,
  oracle_quantile, oracle_distinct;

/* The values, exactly summed and rounded once: one counter for each bit. */
double oracle_exact_sum(const double *values, size_t n);
#endif
