/* aggregates_partition.c - rows, cut and dealt out at random. */
#include "aggregates_partition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_MAX 4

const peri_plugin *agg_plugin;
struct mock agg_mock;
struct agg_rows agg_rows;

static bool are_integers(int64_t from, int64_t n)
{
  for (int64_t i = from; i < from + n; i++) {
    if (!agg_rows.cells[i].null &&
        (trunc(agg_rows.cells[i].f) != agg_rows.cells[i].f ||
         !(fabs(agg_rows.cells[i].f) < 1e15))) {
      return false;
    }
  }
  return true;
}

peri_status agg_step(const struct overloads *of, void *states, int64_t from,
                     int64_t n)
{
  bool as_i64 = of->mixed && are_integers(from, n) && mock_random() % 2;
  uint32_t type = as_i64 ? PERI_T_I64 : agg_rows.type;
  struct mock_cell qs[64];
  for (int i = 0; i < 64; i++) {
    qs[i] = (struct mock_cell){.f = agg_rows.q_percent / 100.0};
  }
  int64_t skip = (int64_t)(mock_random() % 11);
  struct mock_cells x =
    mock_cells_new(type, (uint32_t)(mock_random() % 4), agg_rows.cells + from,
                   n, skip, mock_random() % 2);
  struct mock_cells q =
    mock_cells_new(PERI_T_F64, 0, qs, n < 64 ? n : 0, 0, mock_random() % 2);
  peri_col args[] = {x.col, q.col};
  mock_reset(&agg_mock);
  peri_status status =
    (as_i64 ? of->i64 : of->main)
      .step(&agg_mock.cx, states,
            agg_rows.groups > 1 ? agg_rows.group + from : NULL, n,
            of->no_argument ? NULL : args);
  mock_cells_free(&x);
  mock_cells_free(&q);
  return status;
}

static void *join_all(const struct overloads *of, void **workers, int count)
{
  while (count > 1) {
    int from = (int)(mock_random() % (unsigned)count), into = from ? 0 : 1;
    for (uint32_t group = 0; group < agg_rows.groups; group++) {
      mock_reset(&agg_mock);
      peri_status status = of->main.join(
        &agg_mock.cx, mock_aggregate_at(&of->main, workers[into], (int)group),
        mock_aggregate_at(&of->main, workers[from], (int)group));
      MOCK_CHECK(status == PERI_OK, "join gave %d: %s", status,
                 agg_mock.message);
    }
    mock_aggregate_drop(&agg_mock, &of->main, workers[from],
                        (int)agg_rows.groups);
    free(workers[from]);
    workers[from] = workers[--count];
  }
  return workers[0];
}

void *agg_run(const struct overloads *of, int64_t batch_max)
{
  void *workers[WORKERS_MAX];
  int count = 1 + (int)(mock_random() % WORKERS_MAX);
  for (int i = 0; i < count; i++) {
    workers[i] = mock_aggregate_states(&of->main, (int)agg_rows.groups);
  }
  for (int64_t at = 0, n; at < agg_rows.n; at += n) {
    int worker = (int)(mock_random() % (unsigned)count);
    n = (int64_t)(mock_random() % (uint64_t)batch_max);
    n = n < agg_rows.n - at ? n : agg_rows.n - at;
    peri_status status = agg_step(of, workers[worker], at, n);
    MOCK_CHECK(status == PERI_OK, "step gave %d: %s", status, agg_mock.message);
    workers[worker] =
      mock_aggregate_move(&of->main, workers[worker], (int)agg_rows.groups);
  }
  return join_all(of, workers, count);
}

void agg_finish(const struct overloads *of, void *states)
{
  mock_aggregate_drop(&agg_mock, &of->main, states, (int)agg_rows.groups);
  free(states);
}

struct oracle_group agg_group(uint32_t group)
{
  static struct mock_cell cells[ROWS_MAX];
  struct oracle_group found = {agg_rows.type, cells, 0, agg_rows.q_percent};
  for (int64_t i = 0; i < agg_rows.n; i++) {
    if (agg_rows.groups == 1 || agg_rows.group[i] == group) {
      cells[found.n++] = agg_rows.cells[i];
    }
  }
  return found;
}

void agg_check(const struct overloads *of, oracle_fn *oracle, const char *what)
{
  char *expected[GROUPS_MAX];
  for (uint32_t group = 0; group < agg_rows.groups; group++) {
    struct oracle_group found = agg_group(group);
    expected[group] = oracle(&found);
  }
  for (int round = 0; round < 4; round++) {
    static const int64_t sizes[] = {3, 17, 50, 64};
    void *states = agg_run(of, sizes[round]);
    for (uint32_t group = 0; group < agg_rows.groups; group++) {
      char *found = mock_aggregate_text(
        &agg_mock, &of->main, mock_aggregate_at(&of->main, states, (int)group));
      MOCK_SAME_OF(found, expected[group], what);
      free(found);
    }
    agg_finish(of, states);
  }
  for (uint32_t group = 0; group < agg_rows.groups; group++) {
    free(expected[group]);
  }
}

struct overloads agg_only(const char *signature)
{
  struct mock_aggregate found = mock_aggregate_find(agg_plugin, signature);
  return (struct overloads){.main = found,
                            .i64 = found,
                            .no_argument = strstr(signature, "()") != NULL};
}
