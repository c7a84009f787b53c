/* jobs.c - who delivers has the idle workers help. */
#include "flow/parallel_own.h"

bool pg_parallel_do_job(struct pg_parallel *parallel)
{
  struct jobs *jobs = &parallel->jobs;
  if (jobs->next == jobs->count) {
    return false;
  }
  int i = jobs->next++;
  jobs->running++;
  pthread_mutex_unlock(&parallel->lock);
  jobs->job(jobs->to, i);
  pthread_mutex_lock(&parallel->lock);
  jobs->running--;
  if (jobs->running == 0) {
    pthread_cond_signal(&jobs->done);
  }
  return true;
}

void pg_parallel_each(struct pg_flow *flow, pg_parallel_job_fn *job, void *to,
                      int count)
{
  struct pg_parallel *parallel = flow->parallel;
  if (!parallel) {
    for (int i = 0; i < count; i++) {
      job(to, i);
    }
    return;
  }
  struct jobs *jobs = &parallel->jobs;
  pthread_mutex_lock(&parallel->lock);
  jobs->job = job;
  jobs->to = to;
  jobs->next = 0;
  jobs->count = count;
  pthread_cond_broadcast(&parallel->work);
  while (pg_parallel_do_job(parallel)) {
  }
  while (jobs->running > 0) {
    pthread_cond_wait(&jobs->done, &parallel->lock);
  }
  pthread_mutex_unlock(&parallel->lock);
}
