/* run.c - builds the stages of a graph, drives its sources to their end, and
 * ends and closes everything. */
#include "flow/run.h"

#include "base/clock.h"
#include "flow/decode.h"
#include "flow/flow.h"
#include "flow/parallel.h"
#include "flow/reject.h"
#include "flow/signal.h"
#include "flow/source.h"

#include <stdlib.h>

void pg_flow_lock_script(struct pg_flow *flow)
{
  pthread_mutex_lock(&flow->script_lock);
}

void pg_flow_unlock_script(struct pg_flow *flow)
{
  pthread_mutex_unlock(&flow->script_lock);
}

static bool is_source(const struct pg_stage *stage)
{
  return stage->node->kind == PG_NODE_SOURCE ||
         stage->node->kind == PG_NODE_LUA_SOURCE;
}

/* -------------------------------------------------------------------- building
 */

static enum pg_status check_edges(const struct pg_stage *stage,
                                  struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  for (int i = 0; i < node->out_count; i++) {
    int out = node->outs[i];
    bool ends = out == -1 && node->kind == PG_NODE_ROUTE;
    if (!ends && (out <= stage->index || out >= stage->flow->graph->count)) {
      return pg_stage_fail(stage, PG_BAD_INPUT, err, "feeds no later node");
    }
  }
  return PG_OK;
}

static enum pg_status build(struct pg_flow *flow, struct pg_error *err)
{
  int count = flow->graph->count;
  flow->stages = calloc((size_t)count + 1, sizeof *flow->stages);
  flow->scratch = pg_scratch_new(&flow->stop);
  flow->result->counts =
    calloc((size_t)count + 1, sizeof *flow->result->counts);
  if (!flow->stages || !flow->scratch || !flow->result->counts) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for the pipeline");
  }
  flow->result->node_count = count;
  for (int i = 0; i < count; i++) {
    flow->stages[i] = pg_stage_new(flow, i, flow->scratch);
    if (!flow->stages[i]) {
      return pg_fail(err, PG_NO_MEMORY, "no memory for the pipeline");
    }
    enum pg_status status = check_edges(flow->stages[i], err);
    if (status != PG_OK) {
      return status;
    }
  }
  for (int i = 0; i < count; i++) {
    struct pg_stage *stage = flow->stages[i];
    for (int k = 0; k < stage->out_count; k++) {
      int out = stage->node->outs[k];
      stage->outs[k] = out < 0 ? NULL : flow->stages[out];
      if (stage->outs[k]) {
        stage->outs[k]->inputs++;
      }
    }
  }
  return PG_OK;
}

/* Sources come first: an input that is missing shows itself before a sink
 * empties its file. */
static enum pg_status open_all(struct pg_flow *flow, struct pg_error *err)
{
  for (int sources = 1; sources >= 0; sources--) {
    for (int i = 0; i < flow->graph->count; i++) {
      struct pg_stage *stage = flow->stages[i];
      if (is_source(stage) != (sources == 1)) {
        continue;
      }
      enum pg_status status = pg_stage_open(stage, err);
      if (status != PG_OK) {
        return status;
      }
    }
  }
  return PG_OK;
}

/* ----------------------------------------------------------------- the whole
 */

static enum pg_status run(struct pg_flow *flow, struct pg_error *err)
{
  enum pg_status status = build(flow, err);
  if (status == PG_OK) {
    status = open_all(flow, err);
  }
  if (status == PG_OK && flow->options->workers != 1) {
    status = pg_parallel_new(flow, &flow->parallel, err);
  }
  if (status == PG_OK) {
    status = flow->parallel ? pg_parallel_run(flow->parallel, err)
                            : pg_sources_drive(flow, err);
  }
  if (status != PG_OK) {
    __atomic_store_n(&flow->stop, 1, __ATOMIC_RELAXED);
  }
  pg_parallel_free(flow->parallel);
  flow->parallel = NULL;
  if (status == PG_OK) {
    status = pg_decode_report(flow, err);
  }
  return status;
}

static void fini(struct pg_flow *flow)
{
  for (int i = 0; flow->stages && i < flow->graph->count; i++) {
    pg_stage_free(flow->stages[i]);
  }
  free(flow->stages);
  pg_scratch_free(flow->scratch);
  pthread_mutex_destroy(&flow->script_lock);
}

enum pg_status pg_run(const struct pg_graph *graph,
                      const struct pg_run_options *options,
                      struct pg_run_result *result, struct pg_error *err)
{
  struct pg_error ours;
  struct pg_flow flow = {.graph = graph, .options = options, .result = result};
  *result = (struct pg_run_result){0};
  pthread_mutex_init(&flow.script_lock, NULL);
  pg_progress_init(&flow.progress, options->progress);
  uint64_t start = pg_clock_ns();
  pg_signal_begin();
  enum pg_status status = run(&flow, err ? err : &ours);
  fini(&flow);
  result->interrupted = pg_signal_interrupted();
  pg_signal_end();
  pg_progress_clear(&flow.progress);
  result->seconds = (double)(pg_clock_ns() - start) / 1e9;
  return status;
}

static void free_names(struct pg_names *names)
{
  for (int i = 0; i < names->count; i++) {
    free(names->list[i]);
  }
  free(names->list);
}

void pg_run_result_fini(struct pg_run_result *result)
{
  for (int i = 0; i < result->sample_count; i++) {
    pg_reject_sample_fini(&result->samples[i]);
  }
  free(result->samples);
  free_names(&result->absent);
  free_names(&result->present);
  for (int i = 0; i < result->node_count; i++) {
    pg_counts_fini(&result->counts[i]);
  }
  free(result->counts);
  *result = (struct pg_run_result){0};
}
