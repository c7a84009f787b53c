/* parallel.c - the main thread's side: hands chunks out, takes results back in
 * order. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "flow/parallel.h"

#include "base/clock.h"
#include "flow/group.h"
#include "flow/parallel_own.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define ON_THEIR_WAY 2 /* chunks for each worker */

/* -------------------------------------------------------------- start and end
 */

static int count_cores(void)
{
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* Signals go to the main thread, whose reads they interrupt. */
static int start_threads(struct pg_parallel *parallel)
{
  sigset_t all, before;
  int count = 0;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 0; i < parallel->worker_count; i++) {
    struct worker *worker = &parallel->workers[i];
    worker->started =
      pthread_create(&worker->thread, NULL, pg_worker_main, worker) == 0;
    count += worker->started;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return count;
}

static void init_locks(struct pg_parallel *parallel)
{
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&parallel->lock, NULL);
  pthread_cond_init(&parallel->queued, NULL);
  pthread_cond_init(&parallel->finished, &clock);
  pthread_condattr_destroy(&clock);
}

static enum pg_status open_workers(struct pg_parallel *parallel, int count,
                                   struct pg_error *err)
{
  parallel->workers = calloc((size_t)count, sizeof *parallel->workers);
  if (!parallel->workers) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for workers");
  }
  for (int i = 0; i < count; i++) {
    parallel->worker_count++;
    enum pg_status status =
      pg_worker_open(&parallel->workers[i], parallel, err);
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

enum pg_status pg_parallel_new(struct pg_flow *flow,
                               struct pg_parallel **parallel,
                               struct pg_error *err)
{
  int count =
    flow->options->workers > 0 ? flow->options->workers : count_cores();
  struct pg_parallel *made = calloc(1, sizeof *made);
  *parallel = NULL;
  if (!made) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for workers");
  }
  made->flow = flow;
  init_locks(made);
  enum pg_status status = PG_OK;
  int started = 0;
  if (!pg_chains_find(made)) {
    status = pg_fail(err, PG_NO_MEMORY, "no memory for workers");
  }
  if (status == PG_OK && made->chain_count > 0 && count > 1) {
    status = open_workers(made, count, err);
    started = status == PG_OK ? start_threads(made) : 0;
  }
  if (started == 0) { /* one thread can do it all */
    pg_parallel_free(made);
    return status;
  }
  made->most = started * ON_THEIR_WAY;
  *parallel = made;
  return PG_OK;
}

void pg_parallel_free(struct pg_parallel *parallel)
{
  if (!parallel) {
    return;
  }
  pthread_mutex_lock(&parallel->lock);
  parallel->quit = true;
  pthread_cond_broadcast(&parallel->queued);
  pthread_mutex_unlock(&parallel->lock);
  for (int i = 0; i < parallel->chain_count; i++) {
    pg_settle_wake(pg_decode_settle(parallel->chains[i].decode));
  }
  for (int i = 0; i < parallel->worker_count; i++) {
    if (parallel->workers[i].started) {
      pthread_join(parallel->workers[i].thread, NULL);
    }
  }
  for (int i = 0; i < parallel->worker_count; i++) {
    pg_worker_close(&parallel->workers[i]);
  }
  while (parallel->first) {
    struct task *task = parallel->first;
    parallel->first = task->next_ordered;
    pg_task_free(task);
  }
  free(parallel->workers);
  pg_chains_free(parallel);
  pthread_cond_destroy(&parallel->queued);
  pthread_cond_destroy(&parallel->finished);
  pthread_mutex_destroy(&parallel->lock);
  free(parallel);
}

static struct chain *chain_of(const struct pg_stage *decode)
{
  struct pg_parallel *parallel = decode->flow->parallel;
  for (int i = 0; parallel && i < parallel->chain_count; i++) {
    if (parallel->chains[i].decode == decode) {
      return &parallel->chains[i];
    }
  }
  return NULL;
}

bool pg_parallel_decodes(const struct pg_stage *stage)
{
  return chain_of(stage) != NULL;
}

/* ------------------------------------------------------------------ delivering
 */

static enum pg_status give_results(struct task *task, struct pg_error *err)
{
  struct chain *chain = task->chain;
  struct pg_stage *last =
    chain->count > 0 ? chain->stages[chain->count - 1] : chain->decode;
  enum pg_status status = PG_OK;
  if (chain->end == CHAIN_TEXT && task->text.len > 0) {
    return pg_stage_give_bytes(last->outs[0], task->text.block->bytes,
                               task->text.len, err);
  }
  for (int i = 0; i < task->batch_count && status == PG_OK; i++) {
    struct pg_batch *batch = task->batches[i];
    task->batches[i] = NULL;
    status = pg_stage_emit(last, batch, err);
  }
  return status;
}

static enum pg_status deliver(struct task *task, struct pg_error *err)
{
  struct pg_stage *decode = task->chain->decode;
  struct pg_run_result *result = decode->flow->result;
  if (decode->done) {
    return PG_OK; /* one thread would not have read this far */
  }
  enum pg_status status = pg_decode_rejects(decode, &task->piece, task->rejects,
                                            task->reject_count, err);
  if (status != PG_OK) {
    return status;
  }
  result->rows_in += task->rows_in;
  result->rows_out += task->rows_out;
  status = give_results(task, err);
  if (status == PG_OK && task->status != PG_OK) {
    *err = task->err;
    status = task->status;
  }
  if (status != PG_DONE) {
    return status;
  }
  decode->done = true;
  return pg_stage_end(decode, err);
}

/* The oldest task when it has finished; waits for it until the time `until`, 0:
 * not at all, UINT64_MAX: for ever. */
static struct task *take_finished(struct pg_parallel *parallel, uint64_t until)
{
  struct task *task = parallel->first;
  if (!task) {
    return NULL;
  }
  struct timespec at = {.tv_sec = (time_t)(until / 1000000000u),
                        .tv_nsec = (long)(until % 1000000000u)};
  pthread_mutex_lock(&parallel->lock);
  int late = until == 0;
  while (!task->finished && !late) {
    late =
      until == UINT64_MAX
        ? pthread_cond_wait(&parallel->finished, &parallel->lock)
        : pthread_cond_timedwait(&parallel->finished, &parallel->lock, &at);
  }
  bool finished = task->finished;
  pthread_mutex_unlock(&parallel->lock);
  if (!finished) {
    return NULL;
  }
  parallel->first = task->next_ordered;
  parallel->last = parallel->first ? parallel->last : NULL;
  parallel->on_their_way--;
  return task;
}

/* Delivers results until no more than `left` tasks are on their way, waiting
 * for them until the time `until`. */
static enum pg_status deliver_some(struct pg_parallel *parallel, int left,
                                   uint64_t until, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  while (status == PG_OK && parallel->on_their_way > left) {
    struct task *task = take_finished(parallel, until);
    if (!task) {
      break;
    }
    status = deliver(task, err);
    pg_task_free(task);
  }
  return status;
}

enum pg_status pg_parallel_deliver(struct pg_flow *flow, struct pg_error *err)
{
  return flow->parallel ? deliver_some(flow->parallel, 0, 0, err) : PG_OK;
}

enum pg_status pg_parallel_drain(struct pg_flow *flow, struct pg_error *err)
{
  return flow->parallel ? deliver_some(flow->parallel, 0, UINT64_MAX, err)
                        : PG_OK;
}

enum pg_status pg_parallel_wait(struct pg_flow *flow, uint64_t ns,
                                struct pg_error *err)
{
  struct pg_parallel *parallel = flow->parallel;
  if (parallel->on_their_way == 0) {
    pg_clock_sleep_ns(ns);
    return PG_OK;
  }
  /* One result is enough: the sources may have something by then. */
  return deliver_some(parallel, parallel->on_their_way - 1, pg_clock_ns() + ns,
                      err);
}

/* ------------------------------------------------------------------ submitting
 */

/* Decodes here: the decoder cannot work side by side with itself. */
static enum pg_status decode_first(struct pg_decoder *decoder,
                                   struct task *task, struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct pg_settle *settle = pg_decode_settle(stage);
  struct pg_settled settled = {0};
  struct pg_decoded decoded;
  enum pg_status status =
    pg_decoder_decode(decoder, &task->piece, &decoded, err);
  if (status != PG_OK) {
    return status;
  }
  task->batch = decoded.batch;
  bool good = pg_task_keep_rejects(task, &decoded);
  if (good && decoded.batch) {
    good = pg_settle_see(settle, &settled, decoded.batch, false);
  }
  pg_settled_fini(&settled);
  return good ? PG_OK : pg_stage_no_memory(stage, err);
}

static void queue(struct pg_parallel *parallel, struct task *task)
{
  if (parallel->last) {
    parallel->last->next_ordered = task;
  } else {
    parallel->first = task;
  }
  parallel->last = task;
  parallel->on_their_way++;
  pthread_mutex_lock(&parallel->lock);
  if (parallel->tail) {
    parallel->tail->next_queued = task;
  } else {
    parallel->head = task;
  }
  parallel->tail = task;
  pthread_cond_signal(&parallel->queued);
  pthread_mutex_unlock(&parallel->lock);
}

enum pg_status pg_parallel_submit(struct pg_decoder *decoder,
                                  struct pg_piece *piece, struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct pg_parallel *parallel = stage->flow->parallel;
  struct chain *chain = chain_of(stage);
  struct task *task = calloc(1, sizeof *task);
  if (!task) {
    pg_piece_fini(piece);
    return pg_stage_no_memory(stage, err);
  }
  task->chain = chain;
  task->piece = *piece;
  *piece = (struct pg_piece){0};
  enum pg_status status =
    deliver_some(parallel, parallel->most - 1, UINT64_MAX, err);
  if (status == PG_OK && stage->done) {
    status = PG_DONE;
  }
  if (status == PG_OK && !chain->decodes) {
    status = decode_first(decoder, task, err);
  }
  if (status != PG_OK) {
    pg_task_free(task);
    return status;
  }
  task->turn = chain->turns++;
  queue(parallel, task);
  return PG_OK;
}

/* --------------------------------------------------------------------- groups
 */

enum pg_status pg_parallel_join(struct pg_stage *group, struct pg_error *err)
{
  struct pg_parallel *parallel = group->flow->parallel;
  int chain = 0, at = 0;
  while (parallel && chain < parallel->chain_count) {
    const struct chain *c = &parallel->chains[chain];
    if (c->end == CHAIN_GROUP && c->stages[c->count - 1] == group) {
      break;
    }
    chain++;
  }
  if (!parallel || chain == parallel->chain_count) {
    return PG_OK;
  }
  struct pg_stage **shares =
    calloc((size_t)parallel->worker_count, sizeof *shares);
  if (!shares) {
    return pg_stage_no_memory(group, err);
  }
  for (int i = 0; i < parallel->worker_count; i++) {
    struct lane *lane = &parallel->workers[i].lanes[chain];
    shares[at++] = lane->stages[lane->chain->count - 1];
  }
  enum pg_status status = pg_group_join(group, shares, at, err);
  free(shares);
  return status;
}
