/* deliver.c - results go to the stages behind, in the order of reading. */
#include "flow/parallel_own.h"
#include "flow/source.h"

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
  result->rows_in += task->rows_in;
  result->rows_out += task->rows_out;
  if (task->chain) {
    status = give_results(task, err);
  } else if (task->batch) {
    status = pg_stage_emit_cut(decode, task->batch, err);
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

/* The oldest task, when it has finished.  Under the lock */
static struct task *take_finished(struct pg_parallel *parallel)
{
  struct task *task = parallel->first;
  if (!task || !task->finished) {
    return NULL;
  }
  parallel->first = task->next_ordered;
  parallel->last = parallel->first ? parallel->last : NULL;
  parallel->on_their_way--;
  pthread_cond_signal(&parallel->work); /* there is room for another */
  return task;
}

/* Delivers it.  [take] task.  Answers: PG_DONE when nobody wants more */
static enum pg_status deliver_task(struct pg_parallel *parallel,
                                   struct task *task)
{
  struct pg_flow *flow = parallel->flow;
  enum pg_status status = deliver(task, &parallel->err);
  pg_task_free(task);
  if (!pg_sources_note_wanted(flow) && status == PG_OK) {
    status = pg_sources_end(flow, &parallel->err);
    return status == PG_OK ? PG_DONE : status;
  }
  pg_sources_show_progress(flow);
  return status;
}

void pg_parallel_deliver(struct pg_parallel *parallel)
{
  struct task *task;
  if (parallel->delivering || parallel->over) {
    return; /* who delivers also takes what has finished meanwhile */
  }
  parallel->delivering = true;
  while (!parallel->over && (task = take_finished(parallel))) {
    pthread_mutex_unlock(&parallel->lock);
    enum pg_status status = deliver_task(parallel, task);
    pthread_mutex_lock(&parallel->lock);
    parallel->over = status != PG_OK;
    parallel->status = status == PG_DONE ? PG_OK : status;
  }
  parallel->delivering = false;
  if (pg_parallel_is_cut(parallel) && !parallel->first && !parallel->over) {
    parallel->over = true;
    parallel->status = parallel->read_status;
    parallel->err = parallel->read_err;
  }
  if (parallel->over) {
    pthread_cond_signal(&parallel->ended);
  }
}
