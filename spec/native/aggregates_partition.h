/* aggregates_partition.h - steps rows as a host might: in batches of any size,
 * by several workers, whose states are joined in any order. */
#ifndef PERIGEE_AGGREGATES_PARTITION_H
#define PERIGEE_AGGREGATES_PARTITION_H
#include "aggregates_oracle.h"
#include "mock_aggregate.h"

#define ROWS_MAX 60000
#define GROUPS_MAX 6

extern const peri_plugin *agg_plugin;
extern struct mock agg_mock; /* whose memory all states use */

/* Rows of one test. */
extern struct agg_rows {
  int64_t n;
  uint32_t type;
  struct mock_cell cells[ROWS_MAX];
  uint32_t group[ROWS_MAX]; /* which group a row belongs to */
  uint32_t groups;
  int q_percent; /* of quantile */
} agg_rows;

/* The overloads of one test: by the type of the column, both for i64 and f64
 * when the rows may come as either. */
struct overloads {
  struct mock_aggregate main, i64;
  bool mixed; /* batches of integers come as i64 */
  bool no_argument;
};
struct overloads agg_only(const char *signature);

/* Steps rows [from, from + n). */
peri_status agg_step(const struct overloads *of, void *states, int64_t from,
                     int64_t n);
/* Steps all rows; the states of the groups, for agg_finish(). */
void *agg_run(const struct overloads *of, int64_t batch_max);
void agg_finish(const struct overloads *of, void *states);
/* The rows of one group.  [borrow] until the next call */
struct oracle_group agg_group(uint32_t group);
/* Compares the results of several runs with the oracle's. */
void agg_check(const struct overloads *of, oracle_fn *oracle, const char *what);
#endif
