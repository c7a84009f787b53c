/* apart.c - functions of the script on the workers. */
#include "flow/apart.h"

#include "flow/flow.h"
#include "flow/programs.h"

#include <stdlib.h>
#include <string.h>

struct batches {
  struct pg_batch **list; /* owned, as are those in it */
  int count, max;
};

struct apart {
  /* the stage of the flow: for all workers, under the lock */
  pthread_mutex_t lock;
  pthread_cond_t moved;
  uint64_t turn;
  struct pg_schema *learnt; /* owned; NULL: nothing */
  /* a worker's copy */
  const struct pg_script *script; /* borrowed; NULL: it is none */
  struct apart *shared;           /* borrowed: of the stage of the flow */
  struct pg_schema *known; /* owned: what the script knew, or was told, last */
  /* its chunk */
  uint64_t at;
  bool any;                /* rows came */
  struct pg_schema *began; /* owned: what it began with */
  struct batches in, out;
  struct pg_failures failures;
};

/* -------------------------------------------------------------------- lists */

/* [take] batch */
static bool add_batch(struct batches *batches, struct pg_batch *batch)
{
  if (batches->count == batches->max) {
    int max = batches->max ? batches->max * 2 : 4;
    struct pg_batch **list = realloc(batches->list, (size_t)max * sizeof *list);
    if (!list) {
      pg_batch_unref(batch);
      return false;
    }
    batches->list = list;
    batches->max = max;
  }
  batches->list[batches->count++] = batch;
  return true;
}

static void drop_batches(struct batches *batches)
{
  while (batches->count > 0) {
    pg_batch_unref(batches->list[--batches->count]);
  }
}

static void drop_failures(struct pg_failures *failures)
{
  while (failures->count > 0) {
    free(failures->list[--failures->count].why);
  }
}

/* [take] why */
static bool take_failure(struct pg_failures *failures,
                         const struct pg_node *node, char *why)
{
  if (failures->count == failures->max) {
    int max = failures->max ? failures->max * 2 : 8;
    struct pg_failure *list =
      realloc(failures->list, (size_t)max * sizeof *list);
    if (!list) {
      free(why);
      return false;
    }
    failures->list = list;
    failures->max = max;
  }
  failures->list[failures->count++] = (struct pg_failure){node, why};
  return true;
}

bool pg_failures_add(struct pg_failures *failures, const struct pg_node *node,
                     const char *why)
{
  size_t size = strlen(why) + 1;
  char *copy = malloc(size);
  if (!copy) {
    return false;
  }
  memcpy(copy, why, size);
  return take_failure(failures, node, copy);
}

static bool move_failures(struct pg_failures *from, struct pg_failures *to)
{
  bool good = true;
  for (int i = 0; i < from->count; i++) {
    good = take_failure(to, from->list[i].node, from->list[i].why) && good;
  }
  from->count = 0;
  return good;
}

bool pg_failures_count(const struct pg_failures *failures, struct pg_flow *flow)
{
  bool good = true;
  for (int i = 0; i < failures->count && good; i++) {
    good =
      pg_lua_rows_reject(flow, failures->list[i].node, failures->list[i].why);
  }
  return good;
}

void pg_failures_fini(struct pg_failures *failures)
{
  drop_failures(failures);
  free(failures->list);
  *failures = (struct pg_failures){0};
}

/* --------------------------------------------------------------- the function
 */

struct rejecting {
  struct pg_stage *stage;
  bool no_memory;
};

static void take_reject(void *to, int64_t row, const char *why)
{
  struct rejecting *rejecting = to;
  struct apart *apart = rejecting->stage->state;
  (void)row;
  if (!pg_failures_add(&apart->failures, rejecting->stage->node, why)) {
    rejecting->no_memory = true;
  }
}

static enum pg_status process(struct pg_stage *stage, struct pg_batch *batch,
                              struct pg_error *err)
{
  struct apart *apart = stage->state;
  const struct pg_script *script = apart->script;
  struct rejecting rejecting = {.stage = stage};
  struct pg_batch *out = NULL;
  enum pg_status status = script->process(script->self, stage->index, batch,
                                          &out, take_reject, &rejecting, err);
  if (status == PG_OK && rejecting.no_memory) {
    pg_batch_unref(out);
    return pg_stage_no_memory(stage, err);
  }
  if (status == PG_OK && out && !add_batch(&apart->out, out)) {
    return pg_stage_no_memory(stage, err);
  }
  return status;
}

static bool same(const struct pg_schema *a, const struct pg_schema *b)
{
  return a == b || (a && b && pg_schema_equal(a, b->fields, b->count));
}

static struct pg_schema *ref(struct pg_schema *schema)
{
  return schema ? pg_schema_ref(schema) : NULL;
}

static void put(struct pg_schema **place, struct pg_schema *schema)
{
  struct pg_schema *old = *place;
  *place = ref(schema);
  pg_schema_unref(old);
}

/* The chunk begins, or begins again, with this. */
static enum pg_status start_with(struct pg_stage *stage,
                                 struct pg_schema *learnt, struct pg_error *err)
{
  struct apart *apart = stage->state;
  put(&apart->began, learnt);
  if (apart->known == learnt) {
    return PG_OK;
  }
  put(&apart->known, learnt);
  return apart->script->learn(apart->script->self, stage->index, learnt, err);
}

static enum pg_status do_again(struct pg_stage *stage, struct pg_schema *learnt,
                               struct pg_error *err)
{
  struct apart *apart = stage->state;
  drop_batches(&apart->out);
  drop_failures(&apart->failures);
  enum pg_status status = start_with(stage, learnt, err);
  for (int i = 0; i < apart->in.count && status == PG_OK; i++) {
    status = process(stage, apart->in.list[i], err);
  }
  return status;
}

/* --------------------------------------------------------------------- turns
 */

static bool must_stop(const struct pg_stage *stage)
{
  return __atomic_load_n(&stage->flow->stop, __ATOMIC_RELAXED) != 0;
}

/* What is known when `turn` has come, or a later one. */
static struct pg_schema *wait_for(struct pg_stage *stage, uint64_t turn)
{
  struct apart *shared = ((struct apart *)stage->state)->shared;
  pthread_mutex_lock(&shared->lock);
  while (shared->turn < turn && !must_stop(stage)) {
    pthread_cond_wait(&shared->moved, &shared->lock);
  }
  struct pg_schema *learnt = ref(shared->learnt);
  pthread_mutex_unlock(&shared->lock);
  return learnt;
}

/* learnt  NULL: as before */
static void pass_turn(struct apart *shared, struct pg_schema *learnt)
{
  pthread_mutex_lock(&shared->lock);
  if (learnt) {
    put(&shared->learnt, learnt);
  }
  shared->turn++;
  pthread_cond_broadcast(&shared->moved);
  pthread_mutex_unlock(&shared->lock);
}

void pg_apart_wake(struct pg_stage *stage)
{
  struct apart *shared = stage->state;
  pthread_mutex_lock(&shared->lock);
  pthread_cond_broadcast(&shared->moved);
  pthread_mutex_unlock(&shared->lock);
}

/* --------------------------------------------------------------------- chunks
 */

void pg_apart_begin(struct pg_stage *copy, uint64_t turn)
{
  struct apart *apart = copy->state;
  apart->at = turn;
  apart->any = false;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct apart *apart = stage->state;
  enum pg_status status = PG_OK;
  if (!apart->script) {
    return pg_lua_rows_take(stage, batch, err);
  }
  if (!apart->any) {
    struct pg_schema *learnt = wait_for(stage, apart->at > 0 ? 1 : 0);
    status = start_with(stage, learnt, err);
    apart->any = true;
    pg_schema_unref(learnt);
  }
  if (!add_batch(&apart->in, batch)) {
    return pg_stage_no_memory(stage, err);
  }
  return status == PG_OK ? process(stage, batch, err) : status;
}

/* It is the turn of the chunk: everything before it is known. */
static enum pg_status settle(struct pg_stage *stage, struct pg_schema *before,
                             struct pg_error *err)
{
  struct apart *apart = stage->state;
  struct pg_schema *after = NULL;
  enum pg_status status = PG_OK;
  if (!same(apart->began, before)) {
    status = do_again(stage, before, err);
  }
  if (status == PG_OK) {
    status =
      apart->script->learnt(apart->script->self, stage->index, &after, err);
  }
  if (status == PG_OK) {
    put(&apart->known, same(after, before) ? before : after);
  }
  pg_schema_unref(after);
  return status;
}

enum pg_status pg_apart_end(struct pg_stage *copy, struct pg_failures *failures,
                            struct pg_error *err)
{
  struct apart *apart = copy->state;
  enum pg_status status = PG_OK;
  struct pg_schema *before = wait_for(copy, apart->at);
  if (apart->any && !must_stop(copy)) {
    status = settle(copy, before, err);
  }
  pass_turn(apart->shared, apart->any && status == PG_OK ? apart->known : NULL);
  pg_schema_unref(before);
  drop_batches(&apart->in);
  if (!move_failures(&apart->failures, failures)) {
    status = pg_stage_no_memory(copy, err);
  }
  for (int i = 0; i < apart->out.count && status == PG_OK; i++) {
    status = pg_stage_emit(copy, pg_batch_ref(apart->out.list[i]), err);
  }
  drop_batches(&apart->out);
  return status;
}

/* ------------------------------------------------------------------ the stage
 */

bool pg_apart_is(const struct pg_stage *stage)
{
  return stage->node->kind == PG_NODE_EACH && stage->node->parallel &&
         stage->flow->graph->script->worker;
}

void pg_apart_share(struct pg_stage *copy, const struct pg_script *script)
{
  struct apart *apart = copy->state;
  apart->script = script;
  apart->shared = copy->flow->stages[copy->index]->state;
}

static enum pg_status open_rows(struct pg_stage *stage, struct pg_error *err)
{
  struct apart *apart = stage->state;
  (void)err;
  pthread_mutex_init(&apart->lock, NULL);
  pthread_cond_init(&apart->moved, NULL);
  return PG_OK;
}

static void close_rows(struct pg_stage *stage)
{
  struct apart *apart = stage->state;
  drop_batches(&apart->in);
  drop_batches(&apart->out);
  free(apart->in.list);
  free(apart->out.list);
  pg_failures_fini(&apart->failures);
  pg_schema_unref(apart->learnt);
  pg_schema_unref(apart->known);
  pg_schema_unref(apart->began);
  pthread_cond_destroy(&apart->moved);
  pthread_mutex_destroy(&apart->lock);
}

const struct pg_stage_ops pg_lua_rows_ops = {.state_bytes =
                                               sizeof(struct apart),
                                             .open = open_rows,
                                             .batch = take_batch,
                                             .close = close_rows};
