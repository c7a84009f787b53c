/* reader.c - a worker asks the sources. */
#include "flow/parallel.h"
#include "flow/parallel_own.h"
#include "flow/source.h"

#include <signal.h>

/* Hands a task to who cuts.  [take] task */
static void queue(struct pg_parallel *parallel, struct task *task)
{
  pthread_mutex_lock(&parallel->lock);
  if (parallel->read) { /* cutting has failed */
    pg_task_free(task);
  } else {
    if (parallel->read_tail) {
      parallel->read_tail->next_queued = task;
    } else {
      parallel->read_head = task;
    }
    parallel->read_tail = task;
    parallel->on_their_way++;
  }
  pthread_mutex_unlock(&parallel->lock);
}

enum pg_status pg_parallel_put_read(struct pg_stage *source,
                                    struct pg_read *read, struct pg_error *err)
{
  struct task *task = pg_task_new(TASK_READ, source);
  if (!task) {
    pg_read_fini(read);
    return pg_stage_no_memory(source, err);
  }
  task->fill = read->in_file ? TO_FILL : FILLED;
  task->read = *read;
  *read = (struct pg_read){0};
  queue(source->flow->parallel, task);
  return PG_OK;
}

struct task *pg_parallel_to_fill(const struct pg_parallel *parallel)
{
  struct task *task = parallel->read_head;
  while (task && task->fill != TO_FILL) {
    task = task->next_queued;
  }
  return task;
}

void pg_parallel_fill(struct pg_parallel *parallel, struct task *task)
{
  task->fill = FILLING;
  pthread_mutex_unlock(&parallel->lock);
  pg_read_fill(&task->read);
  pthread_mutex_lock(&parallel->lock);
  task->fill = FILLED;
}

enum pg_status pg_parallel_put_batch(struct pg_stage *source,
                                     struct pg_batch *batch,
                                     struct pg_error *err)
{
  struct task *task = pg_task_new(TASK_BATCH, source);
  if (!task) {
    pg_batch_unref(batch);
    return pg_stage_no_memory(source, err);
  }
  task->batch = batch;
  queue(source->flow->parallel, task);
  return PG_OK;
}

static enum pg_status put_over(struct pg_stage *source, struct pg_error *err)
{
  struct task *task = pg_task_new(TASK_OVER, source);
  if (!task) {
    return pg_stage_no_memory(source, err);
  }
  queue(source->flow->parallel, task);
  return PG_OK;
}

bool pg_parallel_may_read(const struct pg_parallel *parallel)
{
  return parallel->go && !parallel->reader && !parallel->read &&
         parallel->on_their_way < parallel->most;
}

void pg_parallel_read(struct worker *worker)
{
  struct pg_parallel *parallel = worker->parallel;
  struct pg_error err;
  sigset_t ticks;
  parallel->reader = worker;
  pthread_mutex_unlock(&parallel->lock);
  sigemptyset(&ticks);
  sigaddset(&ticks, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &ticks, NULL);
  enum pg_status status =
    pg_sources_step(parallel->flow, put_over, &parallel->wait_ns, &err);
  pthread_sigmask(SIG_BLOCK, &ticks, NULL);
  pthread_mutex_lock(&parallel->lock);
  parallel->reader = NULL;
  if (status != PG_OK && !parallel->read) {
    parallel->read = true;
    parallel->read_status = status == PG_DONE ? PG_OK : status;
    parallel->read_err = err;
  }
  pthread_cond_signal(&parallel->work); /* another may read */
}
