/* parallel.c - the main thread's side: hands chunks out, takes results back in
 * order. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "flow/parallel.h"

#include "flow/group.h"
#include "flow/parallel_own.h"
#include "flow/signal.h"
#include "flow/source.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define ON_THEIR_WAY 2 /* tasks for each worker */

/* -------------------------------------------------------------- start and end
 */

static int count_cores(void)
{
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* The ticks of signal.h go to the reader, whose reads they interrupt, and no
 * signal to a worker.  False: there is no reader, or no worker. */
static bool start_threads(struct pg_parallel *parallel)
{
  sigset_t all, ticks;
  int count = 0;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &parallel->mask);
  for (int i = 0; i < parallel->worker_count; i++) {
    struct worker *worker = &parallel->workers[i];
    worker->started =
      pthread_create(&worker->thread, NULL, pg_worker_main, worker) == 0;
    count += worker->started;
  }
  pthread_sigmask(SIG_SETMASK, &parallel->mask, NULL);
  parallel->reading =
    pthread_create(&parallel->reader, NULL, pg_reader_main, parallel) == 0;
  sigemptyset(&ticks);
  sigaddset(&ticks, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &ticks, NULL);
  parallel->most = count * ON_THEIR_WAY;
  return parallel->reading && count > 0;
}

static void init_locks(struct pg_parallel *parallel)
{
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&parallel->lock, NULL);
  pthread_cond_init(&parallel->begun, NULL);
  pthread_cond_init(&parallel->queued, NULL);
  pthread_cond_init(&parallel->room, NULL);
  pthread_cond_init(&parallel->finished, &clock);
  pthread_condattr_destroy(&clock);
  pthread_sigmask(SIG_SETMASK, NULL, &parallel->mask);
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
  bool started = false;
  if (!pg_chains_find(made)) {
    status = pg_fail(err, PG_NO_MEMORY, "no memory for workers");
  }
  if (status == PG_OK && made->chain_count > 0 && count > 1) {
    status = open_workers(made, count, err);
    started = status == PG_OK && start_threads(made);
  }
  if (!started) { /* one thread can do it all */
    pg_parallel_free(made);
    return status;
  }
  *parallel = made;
  return PG_OK;
}

/* A source that waits in a system call does so again and again until the reader
 * has seen that it is to end. */
static void stop_reader(struct pg_parallel *parallel)
{
  struct timespec nap = {0, 200000};
  if (!parallel->reading) {
    return;
  }
  pg_signal_give_up();
  while (pthread_tryjoin_np(parallel->reader, NULL) != 0) {
    pthread_kill(parallel->reader, SIGALRM);
    nanosleep(&nap, NULL);
  }
}

/* Workers that wait for their turn. */
static void wake(const struct chain *chain)
{
  pg_settle_wake(pg_decode_settle(chain->decode));
  for (int i = 0; i < chain->count; i++) {
    if (pg_apart_is(chain->stages[i])) {
      pg_apart_wake(chain->stages[i]);
    }
  }
}

void pg_parallel_free(struct pg_parallel *parallel)
{
  if (!parallel) {
    return;
  }
  pthread_mutex_lock(&parallel->lock);
  parallel->quit = true;
  pthread_cond_broadcast(&parallel->begun);
  pthread_cond_broadcast(&parallel->queued);
  pthread_cond_broadcast(&parallel->room);
  pthread_mutex_unlock(&parallel->lock);
  for (int i = 0; i < parallel->chain_count; i++) {
    wake(&parallel->chains[i]);
  }
  stop_reader(parallel);
  for (int i = 0; i < parallel->worker_count; i++) {
    if (parallel->workers[i].started) {
      pthread_join(parallel->workers[i].thread, NULL);
    }
  }
  pthread_sigmask(SIG_SETMASK, &parallel->mask, NULL);
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
  pthread_cond_destroy(&parallel->begun);
  pthread_cond_destroy(&parallel->queued);
  pthread_cond_destroy(&parallel->room);
  pthread_cond_destroy(&parallel->finished);
  pthread_mutex_destroy(&parallel->lock);
  free(parallel);
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

static enum pg_status deliver_piece(struct task *task, struct pg_error *err)
{
  struct pg_stage *decode = task->stage;
  struct pg_run_result *result = decode->flow->result;
  if (decode->done) {
    return PG_OK; /* one thread would not have read this far */
  }
  enum pg_status status = pg_decode_rejects(decode, &task->piece, task->rejects,
                                            task->reject_count, err);
  if (status == PG_OK && !pg_failures_count(&task->failures, decode->flow)) {
    status = pg_stage_no_memory(decode, err);
  }
  if (status != PG_OK) {
    return status;
  }
  if (task->chain) {
    result->rows_in += task->rows_in;
    result->rows_out += task->rows_out;
    status = give_results(task, err);
  } else if (task->batch) {
    status = pg_decode_emit(decode, task->batch, err);
    task->batch = NULL;
  }
  if (status == PG_OK && task->status != PG_OK) {
    *err = task->err;
    status = task->status;
  }
  return pg_decode_end(decode, status, err);
}

static enum pg_status deliver(struct task *task, struct pg_error *err)
{
  struct pg_batch *batch;
  enum pg_status status;
  switch (task->kind) {
  case TASK_PIECE:
    status = deliver_piece(task, err);
    break;
  case TASK_BATCH:
    batch = task->batch;
    task->batch = NULL;
    status = pg_source_emit(task->stage, batch, err);
    break;
  default:
    status = pg_stage_end(task->stage, err);
  }
  return status == PG_DONE ? PG_OK : status;
}

/* Waits until the first task has finished, or none will come, or it is time to
 * show progress. */
static void wait_for_first(struct pg_parallel *parallel)
{
  struct timespec at;
  bool late = false;
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_sec++; /* progress that is a second old is old enough */
  while (!late && !(parallel->first && parallel->first->finished) &&
         !(parallel->read && !parallel->first)) {
    late = pthread_cond_timedwait(&parallel->finished, &parallel->lock, &at);
  }
}

/* The oldest task, when it has finished.
 * [out]  more  whether there may be others */
static struct task *take_finished(struct pg_parallel *parallel, bool *more)
{
  pthread_mutex_lock(&parallel->lock);
  wait_for_first(parallel);
  struct task *task = parallel->first;
  *more = task || !parallel->read;
  if (!task || !task->finished) {
    task = NULL;
  } else {
    parallel->first = task->next_ordered;
    parallel->last = parallel->first ? parallel->last : NULL;
    parallel->on_their_way--;
    pthread_cond_signal(&parallel->room);
  }
  pthread_mutex_unlock(&parallel->lock);
  return task;
}

enum pg_status pg_parallel_run(struct pg_parallel *parallel,
                               struct pg_error *err)
{
  enum pg_status status = PG_OK;
  bool more = true;
  pthread_mutex_lock(&parallel->lock);
  parallel->go = true;
  pthread_cond_signal(&parallel->begun);
  pthread_mutex_unlock(&parallel->lock);
  while (more && status == PG_OK) {
    struct task *task = take_finished(parallel, &more);
    if (task) {
      status = deliver(task, err);
      pg_task_free(task);
      if (!pg_sources_note_wanted(parallel->flow)) {
        return status == PG_OK ? pg_sources_end(parallel->flow, err) : status;
      }
    }
    pg_sources_show_progress(parallel->flow);
  }
  if (status == PG_OK && parallel->read_status != PG_OK) {
    *err = parallel->read_err;
    status = parallel->read_status;
  }
  return status;
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
