/* source.c - where batches come from. */
#include "flow/source.h"

#include "base/clock.h"
#include "flow/decode.h"
#include "flow/flow.h"
#include "flow/parallel.h"
#include "flow/signal.h"

#include <string.h>

#define WAIT_NS 10000000u /* when a source does not say */
/* Idle sources are asked again after a time that doubles up to what they said:
 * data that comes in bursts is not slowed down, and waiting costs little. */
#define WAIT_MIN_NS 20000u
#define WAIT_MAX_NS 50000000u /* so that a signal is seen soon */

struct source {
  struct pg_instance *instance; /* owned; NULL: in Lua */
  struct pg_feed *feed;         /* owned; NULL: it gives batches */
  bool open;                    /* in Lua: to be closed */
  bool over;                    /* it has ended, or is not asked any more */
  int32_t unwanted;             /* nobody wants more; atomic */
  uint64_t done, total; /* bytes of its input; total 0: not known; atomic */
};

static enum pg_status open_feed(struct pg_stage *stage, struct pg_error *err)
{
  struct source *source = stage->state;
  struct pg_stage *out = stage->out_count == 1 ? stage->outs[0] : NULL;
  if (!out || out->ops != &pg_decode_ops) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err,
                         "gives bytes, which only a decoder takes");
  }
  return pg_feed_new(out, &source->feed, err);
}

static enum pg_status open_native(struct pg_stage *stage, struct pg_error *err)
{
  struct source *source = stage->state;
  const struct pg_node *node = stage->node;
  enum pg_status status =
    pg_instance_new(node->plugin, node->item, &node->params, pg_signal_stop(),
                    &source->instance, err);
  if (status != PG_OK) {
    return pg_stage_place(stage, status, err);
  }
  return node->item->flags & PERI_BYTES ? open_feed(stage, err) : PG_OK;
}

static enum pg_status open_lua(struct pg_stage *stage, struct pg_error *err)
{
  struct source *source = stage->state;
  (void)err;
  source->open = true;
  return PG_OK;
}

/* ----------------------------------------------------------------- polling */

enum pg_status pg_source_emit(struct pg_stage *stage, struct pg_batch *batch,
                              struct pg_error *err)
{
  stage->flow->result->rows_in += (uint64_t)batch->rows;
  return pg_stage_emit_cut(stage, batch, err);
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  return stage->flow->parallel ? pg_parallel_put_batch(stage, batch, err)
                               : pg_source_emit(stage, batch, err);
}

enum pg_status pg_source_cut(struct pg_stage *stage, struct pg_read *read,
                             struct pg_error *err)
{
  struct source *source = stage->state;
  int error = read->error;
  enum pg_status status = pg_feed_cut(source->feed, read, err);
  if (status == PG_OK && error != 0) {
    return pg_stage_fail(stage, PG_IO, err, "cannot read '%s': %s",
                         pg_feed_stream(source->feed), strerror(error));
  }
  return status;
}

static enum pg_status take_bytes(struct pg_stage *stage, const peri_poll *poll,
                                 peri_status said, struct pg_error *err)
{
  struct source *source = stage->state;
  struct pg_read read;
  enum pg_status status = pg_feed_read(source->feed, poll, said, &read, err);
  if (status != PG_OK) {
    return status;
  }
  if (stage->flow->parallel) {
    return pg_parallel_put_read(stage, &read, err);
  }
  pg_read_fill(&read);
  return pg_source_cut(stage, &read, err);
}

static enum pg_status poll_lua(struct pg_stage *stage, uint64_t *wait_ns,
                               struct pg_error *err)
{
  const struct pg_script *script = stage->flow->graph->script;
  struct pg_batch *batch = NULL;
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->poll(script->self, stage->index, &batch, err);
  pg_flow_unlock_script(stage->flow);
  if (status != PG_OK) {
    return status;
  }
  if (!batch) {
    return PG_DONE;
  }
  if (batch->rows == 0) {
    *wait_ns = WAIT_NS; /* nothing yet */
  }
  return take_batch(stage, batch, err);
}

static enum pg_status poll_native(struct pg_stage *stage, uint64_t *wait_ns,
                                  struct pg_error *err)
{
  struct source *source = stage->state;
  peri_poll poll = {.size = sizeof poll};
  if (source->feed) {
    enum pg_status status = pg_feed_room(source->feed, &poll, err);
    if (status != PG_OK) {
      return status;
    }
  }
  struct pg_batch *batch = NULL;
  peri_status said = PERI_OK;
  enum pg_status status =
    pg_instance_poll(source->instance, &poll, &batch, &said, err);
  if (status != PG_OK) {
    return pg_stage_place(stage, status, err);
  }
  __atomic_store_n(&source->done, poll.done, __ATOMIC_RELAXED);
  __atomic_store_n(&source->total, poll.total, __ATOMIC_RELAXED);
  if (batch) {
    status = take_batch(stage, batch, err);
  } else if (source->feed) {
    status = take_bytes(stage, &poll, said, err);
  } else if (said == PERI_OK) {
    *wait_ns = WAIT_NS; /* a promise of rows without any must not spin */
  }
  if (said == PERI_AGAIN) {
    *wait_ns = poll.wait_ns ? poll.wait_ns : WAIT_NS;
  }
  return status == PG_OK && said == PERI_END ? PG_DONE : status;
}

/* Asks a source once.
 * [out]  wait_ns  not 0: nothing came, ask again after at most so long */
static enum pg_status poll(struct pg_stage *stage, uint64_t *wait_ns,
                           struct pg_error *err)
{
  struct source *source = stage->state;
  if (__atomic_load_n(&source->unwanted, __ATOMIC_RELAXED)) {
    return PG_DONE;
  }
  return source->instance ? poll_native(stage, wait_ns, err)
                          : poll_lua(stage, wait_ns, err);
}

/* ------------------------------------------------------------------ all of
 * them
 */

static bool is_source(const struct pg_stage *stage)
{
  return stage->ops == &pg_source_ops || stage->ops == &pg_lua_source_ops;
}

static bool is_wanted(const struct pg_stage *source)
{
  for (int i = 0; i < source->out_count; i++) {
    if (!source->outs[i]->done) {
      return true;
    }
  }
  return false;
}

bool pg_sources_note_wanted(struct pg_flow *flow)
{
  bool any = false;
  for (int i = 0; i < flow->graph->count; i++) {
    struct pg_stage *stage = flow->stages[i];
    if (is_source(stage) && is_wanted(stage)) {
      any = true;
    } else if (is_source(stage)) {
      struct source *source = stage->state;
      __atomic_store_n(&source->unwanted, 1, __ATOMIC_RELAXED);
    }
  }
  return any;
}

enum pg_status pg_sources_end(struct pg_flow *flow, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < flow->graph->count && status == PG_OK; i++) {
    if (is_source(flow->stages[i])) {
      status = pg_stage_end(flow->stages[i], err);
    }
  }
  return status;
}

void pg_sources_show_progress(struct pg_flow *flow)
{
  uint64_t done = 0, total = 0;
  bool known = true;
  if (!pg_progress_due(&flow->progress)) {
    return;
  }
  for (int i = 0; i < flow->graph->count; i++) {
    struct pg_stage *stage = flow->stages[i];
    if (stage->ops == &pg_source_ops) {
      struct source *source = stage->state;
      uint64_t all = __atomic_load_n(&source->total, __ATOMIC_RELAXED);
      done += __atomic_load_n(&source->done, __ATOMIC_RELAXED);
      total += all;
      known = known && all > 0;
    }
  }
  pg_progress_tell(&flow->progress, done, known ? total : 0,
                   __atomic_load_n(&flow->result->bytes_in, __ATOMIC_RELAXED),
                   flow->result->rows_in);
}

/* Asks every source once.
 * [out]  live  sources that have not ended
 * [out]  wait_ns  0: something came */
static enum pg_status poll_all(struct pg_flow *flow, pg_source_over_fn *over,
                               int *live, uint64_t *wait_ns,
                               struct pg_error *err)
{
  *live = 0;
  *wait_ns = UINT64_MAX;
  for (int i = 0; i < flow->graph->count; i++) {
    struct pg_stage *stage = flow->stages[i];
    struct source *source = stage->state;
    if (!is_source(stage) || source->over) {
      continue;
    }
    uint64_t wait = 0;
    enum pg_status status = poll(stage, &wait, err);
    if (status == PG_DONE) {
      source->over = true;
      wait = 0;
      status = over(stage, err);
    }
    if (status != PG_OK) {
      return status;
    }
    *live += !source->over;
    *wait_ns = wait < *wait_ns ? wait : *wait_ns;
  }
  return PG_OK;
}

static enum pg_status end_all(struct pg_flow *flow, pg_source_over_fn *over,
                              struct pg_error *err)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < flow->graph->count && status == PG_OK; i++) {
    struct pg_stage *stage = flow->stages[i];
    struct source *source = stage->state;
    if (is_source(stage) && !source->over) {
      source->over = true;
      status = over(stage, err);
    }
  }
  return status;
}

enum pg_status pg_sources_step(struct pg_flow *flow, pg_source_over_fn *over,
                               uint64_t *wait_ns, struct pg_error *err)
{
  int live = 0;
  uint64_t most_ns;
  bool stop = __atomic_load_n(pg_signal_stop(), __ATOMIC_RELAXED) != 0;
  enum pg_status status = stop ? end_all(flow, over, err)
                               : poll_all(flow, over, &live, &most_ns, err);
  if (status != PG_OK || live == 0) {
    return status == PG_OK ? PG_DONE : status;
  }
  if (most_ns == 0) {
    *wait_ns = 0;
    return PG_OK;
  }
  *wait_ns = *wait_ns == 0 ? WAIT_MIN_NS : *wait_ns * 2;
  *wait_ns = *wait_ns < WAIT_MAX_NS ? *wait_ns : WAIT_MAX_NS;
  pg_clock_sleep_ns(*wait_ns < most_ns ? *wait_ns : most_ns);
  return PG_OK;
}

enum pg_status pg_sources_drive(struct pg_flow *flow, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  uint64_t wait_ns = 0;
  while (status == PG_OK) {
    pg_sources_show_progress(flow);
    pg_sources_note_wanted(flow);
    status = pg_sources_step(flow, pg_stage_end, &wait_ns, err);
  }
  return status == PG_DONE ? PG_OK : status;
}

/* ----------------------------------------------------------------- closing */

/* The script hears of the end once, whatever happened before. */
static enum pg_status close_lua(struct pg_stage *stage, struct pg_error *err)
{
  struct source *source = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  if (!source->open) {
    return PG_OK;
  }
  source->open = false;
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->close(script->self, stage->index, err);
  pg_flow_unlock_script(stage->flow);
  return status;
}

static void close_source(struct pg_stage *stage)
{
  struct source *source = stage->state;
  close_lua(stage, NULL); /* a failure came first, and is the one to tell */
  pg_feed_free(source->feed);
  pg_instance_free_into(source->instance, &stage->counts);
}

const struct pg_stage_ops pg_source_ops = {.state_bytes = sizeof(struct source),
                                           .open = open_native,
                                           .close = close_source};
const struct pg_stage_ops pg_lua_source_ops = {.state_bytes =
                                                 sizeof(struct source),
                                               .open = open_lua,
                                               .end = close_lua,
                                               .close = close_source};
