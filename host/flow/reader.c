/* reader.c - the thread that asks the sources. */
#include "flow/parallel.h"
#include "flow/parallel_own.h"
#include "flow/source.h"

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

/* Sends a task on its way, when there is room for one.  [take] task */
static void put(struct pg_parallel *parallel, struct task *task)
{
  pthread_mutex_lock(&parallel->lock);
  while (parallel->on_their_way >= parallel->most && !parallel->quit) {
    pthread_cond_wait(&parallel->room, &parallel->lock);
  }
  if (parallel->last) {
    parallel->last->next_ordered = task;
  } else {
    parallel->first = task;
  }
  parallel->last = task;
  parallel->on_their_way++;
  if (task->chain) {
    task->turn = task->chain->turns++;
    if (parallel->tail) {
      parallel->tail->next_queued = task;
    } else {
      parallel->head = task;
    }
    parallel->tail = task;
    pthread_cond_signal(&parallel->queued);
  } else {
    task->finished = true;
    pthread_cond_signal(&parallel->finished);
  }
  pthread_mutex_unlock(&parallel->lock);
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
  bool good = pg_task_keep_rejects(task, &decoded);
  if (good && decoded.batch) {
    good =
      pg_settle_see(pg_decode_settle(stage), &settled, decoded.batch, false);
  }
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

static bool wait_to_go(struct pg_parallel *parallel)
{
  pthread_mutex_lock(&parallel->lock);
  while (!parallel->go && !parallel->quit) {
    pthread_cond_wait(&parallel->begun, &parallel->lock);
  }
  bool go = !parallel->quit;
  pthread_mutex_unlock(&parallel->lock);
  return go;
}

void *pg_reader_main(void *argument)
{
  struct pg_parallel *parallel = argument;
  if (!wait_to_go(parallel)) {
    return NULL;
  }
  struct pg_error err;
  enum pg_status status = pg_sources_drive(parallel->flow, put_over, &err);
  pthread_mutex_lock(&parallel->lock);
  parallel->read = true;
  parallel->read_status = status;
  parallel->read_err = err;
  pthread_cond_signal(&parallel->finished);
  pthread_mutex_unlock(&parallel->lock);
  return NULL;
}
