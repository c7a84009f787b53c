/* reader.c - a worker asks the sources. */
#include "flow/parallel.h"
#include "flow/parallel_own.h"
#include "flow/source.h"

#include <signal.h>
#include <stdlib.h>

static struct chain *chain_of(const struct pg_stage *decode)
{
  struct pg_parallel *parallel = decode->flow->parallel;
  for (int i = 0; i < parallel->chain_count; i++) {
    if (parallel->chains[i].decode == decode) {
      return &parallel->chains[i];
    }
  }
  return NULL;
}

static struct task *new_task(enum task_kind kind, struct pg_stage *stage)
{
  struct task *task = calloc(1, sizeof *task);
  if (task) {
    task->kind = kind;
    task->stage = stage;
  }
  return task;
}

/* Sends a task on its way.  [take] task */
static void put(struct pg_parallel *parallel, struct task *task)
{
  pthread_mutex_lock(&parallel->lock);
  if (parallel->last) {
    parallel->last->next_ordered = task;
  } else {
    parallel->first = task;
  }
  parallel->last = task;
  parallel->on_their_way++;
  task->finished = !task->chain;
  if (task->chain) {
    task->turn = task->chain->turns++;
    if (parallel->tail) {
      parallel->tail->next_queued = task;
      pthread_cond_signal(&parallel->work); /* more than the reader can do */
    } else {
      parallel->head = task;
    }
    parallel->tail = task;
  }
  pthread_mutex_unlock(&parallel->lock);
}

struct pg_decoder *pg_parallel_decoder(struct pg_decoder *decoder)
{
  struct pg_parallel *parallel = decoder->stage->flow->parallel;
  const struct chain *chain = chain_of(decoder->stage);
  return chain && chain->decodes
           ? &parallel->reader->lanes[chain - parallel->chains].decoder
           : decoder;
}

/* Decodes here: this decoder cannot work beside itself. */
static enum pg_status decode_here(struct pg_decoder *decoder, struct task *task,
                                  struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct pg_settled settled = {0};
  struct pg_decoded decoded;
  enum pg_status status =
    pg_decoder_decode(decoder, &task->piece, &decoded, err);
  if (status != PG_OK) {
    return status;
  }
  task->batch = decoded.batch;
  task->rows_in = (uint64_t)decoded.rows;
  bool good = pg_task_keep_rejects(task, &decoded) &&
              (!decoded.batch || pg_settle_see(pg_decode_settle(stage),
                                               &settled, decoded.batch, false));
  pg_settled_fini(&settled);
  return good ? PG_OK : pg_stage_no_memory(stage, err);
}

enum pg_status pg_parallel_put_piece(struct pg_decoder *decoder,
                                     struct pg_piece *piece,
                                     struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct task *task = new_task(TASK_PIECE, stage);
  if (!task) {
    pg_piece_fini(piece);
    return pg_stage_no_memory(stage, err);
  }
  task->chain = chain_of(stage);
  task->piece = *piece;
  *piece = (struct pg_piece){0};
  if (!task->chain || !task->chain->decodes) {
    enum pg_status status = decode_here(decoder, task, err);
    if (status != PG_OK) {
      pg_task_free(task);
      return status;
    }
  }
  put(stage->flow->parallel, task);
  return PG_OK;
}

enum pg_status pg_parallel_put_batch(struct pg_stage *source,
                                     struct pg_batch *batch,
                                     struct pg_error *err)
{
  struct task *task = new_task(TASK_BATCH, source);
  if (!task) {
    pg_batch_unref(batch);
    return pg_stage_no_memory(source, err);
  }
  task->batch = batch;
  put(source->flow->parallel, task);
  return PG_OK;
}

static enum pg_status put_over(struct pg_stage *source, struct pg_error *err)
{
  struct task *task = new_task(TASK_OVER, source);
  if (!task) {
    return pg_stage_no_memory(source, err);
  }
  put(source->flow->parallel, task);
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
  if (status != PG_OK) {
    parallel->read = true;
    parallel->read_status = status == PG_DONE ? PG_OK : status;
    parallel->read_err = err;
  }
  pthread_cond_signal(&parallel->work); /* another may read */
}
