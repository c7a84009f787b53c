/* cutter.c - a worker cuts what was read into chunks, in order. */
#include "flow/parallel.h"
#include "flow/parallel_own.h"
#include "flow/source.h"

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
           ? &parallel->cutter->lanes[chain - parallel->chains].decoder
           : decoder;
}

/* Decodes here: this decoder cannot work beside itself. */
static enum pg_status decode_here(struct pg_decoder *decoder, struct task *task,
                                  struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct pg_decoded decoded;
  enum pg_status status =
    pg_decoder_decode(decoder, &task->piece, &decoded, err);
  if (status != PG_OK) {
    return status;
  }
  task->batch = decoded.batch;
  task->rows_in = (uint64_t)decoded.rows;
  bool good = pg_task_keep_rejects(task, &decoded) &&
              (!decoded.batch ||
               pg_settle_see(pg_decode_settle(stage), decoded.batch, false));
  return good ? PG_OK : pg_stage_no_memory(stage, err);
}

enum pg_status pg_parallel_put_piece(struct pg_decoder *decoder,
                                     struct pg_piece *piece,
                                     struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct task *task = pg_task_new(TASK_PIECE, stage);
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

bool pg_parallel_may_cut(const struct pg_parallel *parallel)
{
  return parallel->read_head && parallel->read_head->fill == FILLED &&
         !parallel->cutter;
}

bool pg_parallel_is_cut(const struct pg_parallel *parallel)
{
  return parallel->read && !parallel->reader && !parallel->read_head &&
         !parallel->cutter;
}

static struct task *take_read(struct pg_parallel *parallel)
{
  struct task *task = parallel->read_head;
  parallel->read_head = task->next_queued;
  parallel->read_tail = parallel->read_head ? parallel->read_tail : NULL;
  parallel->on_their_way--;
  task->next_queued = NULL;
  return task;
}

/* Under the lock */
static void fail(struct pg_parallel *parallel, enum pg_status status,
                 const struct pg_error *err)
{
  parallel->read = true;
  parallel->read_status = status == PG_DONE ? PG_OK : status;
  parallel->read_err = *err;
  parallel->drop = true;
}

void pg_parallel_cut(struct worker *worker)
{
  struct pg_parallel *parallel = worker->parallel;
  struct task *task = take_read(parallel);
  enum pg_status status = PG_OK;
  struct pg_error err;
  parallel->cutter = worker;
  pthread_mutex_unlock(&parallel->lock);
  if (parallel->drop) {
    pg_task_free(task);
  } else if (task->kind == TASK_READ) {
    status = pg_source_cut(task->stage, &task->read, &err);
    pg_task_free(task);
  } else {
    put(parallel, task);
  }
  pthread_mutex_lock(&parallel->lock);
  parallel->cutter = NULL;
  if (status != PG_OK) {
    fail(parallel, status, &err);
  }
  pthread_cond_signal(&parallel->work); /* another may cut, or read */
}
