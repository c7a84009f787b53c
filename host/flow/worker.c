/* worker.c - one worker: takes chunks, oldest first, through copies of its own
 * of the stages. */
#include "flow/encode.h"
#include "flow/group.h"
#include "flow/late.h"
#include "flow/parallel_own.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------- tasks
 */

struct task *pg_task_new(enum task_kind kind, struct pg_stage *stage)
{
  struct task *task = calloc(1, sizeof *task);
  if (task) {
    task->kind = kind;
    task->stage = stage;
  }
  return task;
}

void pg_task_free(struct task *task)
{
  pg_read_fini(&task->read);
  pg_piece_fini(&task->piece);
  pg_batch_unref(task->batch);
  for (int i = 0; i < task->batch_count; i++) {
    pg_batch_unref(task->batches[i]);
  }
  free(task->batches);
  pg_text_fini(&task->text);
  free(task->rejects);
  pg_arena_fini(&task->texts);
  pg_failures_fini(&task->failures);
  free(task);
}

bool pg_task_keep_rejects(struct task *task, const struct pg_decoded *decoded)
{
  size_t count = decoded->reject_count;
  if (count == 0) {
    return true;
  }
  task->rejects = malloc(count * sizeof *task->rejects);
  for (size_t i = 0; task->rejects && i < count; i++) {
    struct pg_reject *reject = &task->rejects[i];
    *reject = decoded->rejects[i];
    reject->why.ptr =
      pg_arena_copy(&task->texts, reject->why.ptr, reject->why.len);
    if (!reject->why.ptr) {
      return false;
    }
  }
  task->reject_count = task->rejects ? count : 0;
  return task->rejects != NULL;
}

static bool keep_batch(struct task *task, struct pg_batch *batch)
{
  if (task->batch_count == task->batch_max) {
    int max = task->batch_max ? task->batch_max * 2 : 4;
    struct pg_batch **batches =
      realloc(task->batches, (size_t)max * sizeof *batches);
    if (!batches) {
      return false;
    }
    task->batches = batches;
    task->batch_max = max;
  }
  task->batches[task->batch_count++] = batch;
  return true;
}

/* ------------------------------------------------- the ends of a lane
 * Stages that stand for those of the flow before and after the copies. */

static enum pg_status take_rows(struct pg_stage *exit, struct pg_batch *batch,
                                struct pg_error *err)
{
  struct lane *lane = exit->state;
  if (keep_batch(lane->worker->task, batch)) {
    return PG_OK;
  }
  pg_batch_unref(batch);
  return pg_stage_no_memory(exit, err);
}

static enum pg_status take_for_text(struct pg_stage *exit,
                                    struct pg_batch *batch,
                                    struct pg_error *err)
{
  struct lane *lane = exit->state;
  struct pg_stage *encode = lane->stages[lane->chain->count - 1];
  lane->worker->task->rows_out += (uint64_t)batch->rows;
  return pg_encode_append(encode, batch, err);
}

static const struct pg_stage_ops rows_ops = {.batch = take_rows};
static const struct pg_stage_ops text_ops = {.batch = take_for_text};

/* Ends do not pass through copies: the stages of the flow hear of them. */
#define NEVER_ENDS INT_MAX

/* Which copy a batch goes to after copy `i`; -1: the decoder. */
static struct pg_stage *after(struct lane *lane, int i)
{
  struct chain *chain = lane->chain;
  int next = i + 1;
  bool encodes = chain->end == CHAIN_TEXT && next == chain->count - 1;
  return next == chain->count || encodes ? &lane->exit : lane->stages[next];
}

static void link_lane(struct lane *lane)
{
  struct chain *chain = lane->chain;
  const struct pg_stage *last =
    chain->count > 0 ? chain->stages[chain->count - 1] : chain->decode;
  lane->exit =
    (struct pg_stage){.flow = last->flow,
                      .node = last->node,
                      .index = last->index,
                      .ops = chain->end == CHAIN_TEXT ? &text_ops : &rows_ops,
                      .inputs = NEVER_ENDS,
                      .state = lane};
  lane->entry_out = after(lane, -1);
  lane->entry = (struct pg_stage){.flow = last->flow,
                                  .node = chain->decode->node,
                                  .index = chain->decode->index,
                                  .ops = &rows_ops,
                                  .outs = &lane->entry_out,
                                  .out_count = 1};
  for (int i = 0; i < chain->count; i++) {
    lane->stages[i]->inputs = NEVER_ENDS;
    lane->stages[i]->outs[0] = after(lane, i);
    lane->stages[i]->out_count = 1;
  }
}

/* The worker has a script of its own when a stage of its chains wants one. */
static enum pg_status open_script(struct worker *worker, struct pg_error *err)
{
  const struct pg_parallel *parallel = worker->parallel;
  const struct pg_script *script = parallel->flow->graph->script;
  bool wanted = false;
  for (int i = 0; i < parallel->chain_count; i++) {
    const struct chain *chain = &parallel->chains[i];
    for (int k = 0; k < chain->count; k++) {
      wanted = wanted || pg_apart_is(chain->stages[k]);
    }
  }
  return wanted ? script->worker(script->self, &worker->script, err) : PG_OK;
}

static enum pg_status open_lane(struct lane *lane, struct worker *worker,
                                struct chain *chain, struct pg_error *err)
{
  *lane = (struct lane){.chain = chain, .worker = worker};
  lane->stages = calloc((size_t)chain->count + 1, sizeof *lane->stages);
  if (!lane->stages) {
    return pg_stage_no_memory(chain->decode, err);
  }
  if (chain->decodes) {
    enum pg_status status = pg_decoder_open(&lane->decoder, chain->decode, err);
    if (status != PG_OK) {
      return status;
    }
  }
  for (int i = 0; i < chain->count; i++) {
    lane->stages[i] = pg_stage_new(worker->parallel->flow,
                                   chain->stages[i]->index, worker->scratch);
    if (!lane->stages[i]) {
      return pg_stage_no_memory(chain->decode, err);
    }
    enum pg_status status = pg_stage_open(lane->stages[i], err);
    if (status != PG_OK) {
      return status;
    }
    if (pg_apart_is(lane->stages[i])) {
      pg_apart_share(lane->stages[i], worker->script);
    }
  }
  link_lane(lane);
  return PG_OK;
}

enum pg_status pg_worker_open(struct worker *worker,
                              struct pg_parallel *parallel,
                              struct pg_error *err)
{
  struct pg_flow *flow = parallel->flow;
  *worker = (struct worker){.parallel = parallel};
  worker->scratch = pg_scratch_new(&flow->stop);
  worker->lanes = calloc((size_t)parallel->chain_count, sizeof *worker->lanes);
  if (!worker->scratch || !worker->lanes) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for workers");
  }
  enum pg_status status = open_script(worker, err);
  for (int i = 0; i < parallel->chain_count && status == PG_OK; i++) {
    status = open_lane(&worker->lanes[i], worker, &parallel->chains[i], err);
  }
  return status;
}

void pg_worker_close(struct worker *worker)
{
  for (int i = 0; worker->lanes && i < worker->parallel->chain_count; i++) {
    struct lane *lane = &worker->lanes[i];
    for (int k = 0; lane->stages && k < lane->chain->count; k++) {
      pg_stage_free(lane->stages[k]);
    }
    free(lane->stages);
    pg_decoder_close(&lane->decoder);
    pg_settled_fini(&lane->settled);
  }
  free(worker->lanes);
  pg_scratch_free(worker->scratch);
}

/* ------------------------------------------------------------------- a task */

/* Decodes, and settles the columns when the chunks before have. */
static enum pg_status decode(struct lane *lane, struct task *task,
                             struct pg_decoded *decoded)
{
  struct pg_stage *stage = lane->chain->decode;
  struct pg_settle *settle = pg_decode_settle(stage);
  enum pg_status status = pg_late_decode(
    &lane->decoder, pg_late_where(stage) ? lane->stages[0] : NULL, &task->piece,
    decoded, &task->err);
  pg_settle_enter(settle, task->turn, &stage->flow->stop);
  if (status == PG_OK) {
    status = pg_decoder_settle(&lane->decoder, &task->piece, decoded,
                               &lane->settled, &task->err);
  }
  pg_settle_leave(settle);
  task->rows_in = (uint64_t)decoded->rows;
  return pg_task_keep_rejects(task, decoded) || status != PG_OK
           ? status
           : pg_stage_no_memory(stage, &task->err);
}

/* Functions of the script take turns, which pass whatever became of the chunk.
 */
static void begin_apart(struct lane *lane, struct task *task)
{
  for (int i = 0; i < lane->chain->count; i++) {
    lane->stages[i]->failures = &task->failures;
    if (pg_apart_is(lane->stages[i])) {
      pg_apart_begin(lane->stages[i], task->turn);
    }
  }
}

static enum pg_status end_apart(struct lane *lane, struct task *task,
                                enum pg_status status)
{
  for (int i = 0; i < lane->chain->count; i++) {
    if (pg_apart_is(lane->stages[i])) {
      bool first = status == PG_OK;
      enum pg_status ended = pg_apart_end(lane->stages[i], &task->failures,
                                          first ? &task->err : NULL);
      status = first ? ended : status;
    }
  }
  return status;
}

static enum pg_status run_task(struct lane *lane, struct task *task)
{
  struct chain *chain = lane->chain;
  struct pg_decoded decoded = {.batch = task->batch};
  enum pg_status status = PG_OK;
  task->batch = NULL;
  if (chain->decodes) {
    status = decode(lane, task, &decoded);
  }
  begin_apart(lane, task);
  if (status == PG_OK) {
    if (chain->end == CHAIN_GROUP) {
      pg_group_set_place(lane->stages[chain->count - 1], task->turn << 32);
    }
    status =
      pg_decoded_emit(&decoded, &lane->settled, &lane->entry, &task->err);
  }
  pg_decoded_fini(&decoded);
  status = end_apart(lane, task, status);
  if (chain->end == CHAIN_TEXT) {
    task->text = pg_encode_take(lane->stages[chain->count - 1]);
  }
  return status;
}

static struct task *take_task(struct pg_parallel *parallel)
{
  struct task *task = parallel->head;
  if (task) {
    parallel->head = task->next_queued;
    parallel->tail = parallel->head ? parallel->tail : NULL;
  }
  return task;
}

static void work_on(struct worker *worker, struct task *task)
{
  struct pg_parallel *parallel = worker->parallel;
  size_t chain = (size_t)(task->chain - parallel->chains);
  pthread_mutex_unlock(&parallel->lock);
  worker->task = task;
  task->status = run_task(&worker->lanes[chain], task);
  pthread_mutex_lock(&parallel->lock);
  task->finished = true;
}

void *pg_worker_main(void *argument)
{
  struct worker *worker = argument;
  struct pg_parallel *parallel = worker->parallel;
  pthread_mutex_lock(&parallel->lock);
  while (!parallel->quit) {
    if (pg_parallel_do_job(parallel)) {
      continue;
    }
    struct task *task = take_task(parallel);
    if (task) {
      work_on(worker, task);
      pg_parallel_deliver(parallel);
    } else if (pg_parallel_may_cut(parallel)) {
      pg_parallel_cut(worker);
      pg_parallel_deliver(parallel);
    } else if ((task = pg_parallel_to_fill(parallel))) {
      pg_parallel_fill(parallel, task);
    } else if (pg_parallel_may_read(parallel)) {
      pg_parallel_read(worker);
      pg_parallel_deliver(parallel);
    } else {
      pthread_cond_wait(&parallel->work, &parallel->lock);
    }
  }
  pthread_mutex_unlock(&parallel->lock);
  return NULL;
}
