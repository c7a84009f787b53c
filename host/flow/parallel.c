/* parallel.c - the main thread's side: starts workers, and waits for them. */
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

/* The ticks of signal.h go to the worker that reads, and no other signal to
 * any. False: there is no worker. */
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
  sigemptyset(&ticks);
  sigaddset(&ticks, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &ticks, NULL);
  parallel->most = count * ON_THEIR_WAY;
  return count > 0;
}

static void init_locks(struct pg_parallel *parallel)
{
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&parallel->lock, NULL);
  pthread_cond_init(&parallel->work, NULL);
  pthread_cond_init(&parallel->jobs.done, NULL);
  pthread_cond_init(&parallel->ended, &clock);
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

/* A source that waits in a system call does so again and again until its worker
 * has seen that it is to end. */
static void stop_reading(struct pg_parallel *parallel)
{
  struct timespec nap = {0, 200000};
  pthread_mutex_lock(&parallel->lock);
  parallel->quit = true;
  pthread_cond_broadcast(&parallel->work);
  while (parallel->reader) {
    pg_signal_give_up();
    pthread_kill(parallel->reader->thread, SIGALRM);
    pthread_mutex_unlock(&parallel->lock);
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&parallel->lock);
  }
  pthread_mutex_unlock(&parallel->lock);
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
  stop_reading(parallel);
  for (int i = 0; i < parallel->chain_count; i++) {
    wake(&parallel->chains[i]);
  }
  for (int i = 0; i < parallel->worker_count; i++) {
    if (parallel->workers[i].started) {
      pthread_join(parallel->workers[i].thread, NULL);
    }
  }
  pthread_sigmask(SIG_SETMASK, &parallel->mask, NULL);
  for (int i = 0; i < parallel->worker_count; i++) {
    pg_worker_close(&parallel->workers[i]);
  }
  while (parallel->read_head) {
    struct task *task = parallel->read_head;
    parallel->read_head = task->next_queued;
    pg_task_free(task);
  }
  while (parallel->first) {
    struct task *task = parallel->first;
    parallel->first = task->next_ordered;
    pg_task_free(task);
  }
  free(parallel->workers);
  pg_chains_free(parallel);
  pthread_cond_destroy(&parallel->work);
  pthread_cond_destroy(&parallel->jobs.done);
  pthread_cond_destroy(&parallel->ended);
  pthread_mutex_destroy(&parallel->lock);
  free(parallel);
}

/* ------------------------------------------------------------------- the run
 */

enum pg_status pg_parallel_run(struct pg_parallel *parallel,
                               struct pg_error *err)
{
  struct timespec at;
  pthread_mutex_lock(&parallel->lock);
  parallel->go = true;
  pthread_cond_broadcast(&parallel->work);
  while (!parallel->over) {
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec++; /* progress that is a second old is old enough */
    pthread_cond_timedwait(&parallel->ended, &parallel->lock, &at);
    if (!parallel->delivering) {
      pg_sources_show_progress(parallel->flow);
    }
  }
  enum pg_status status = parallel->status;
  if (status != PG_OK) {
    *err = parallel->err;
  }
  pthread_mutex_unlock(&parallel->lock);
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
