/* source.c - where batches come from. */
#include "flow/source.h"

#include "flow/decode.h"
#include "flow/feed.h"
#include "flow/flow.h"
#include "flow/parallel.h"
#include "flow/signal.h"

#define WAIT_NS 10000000u /* when a source does not say */

struct source {
  struct pg_instance *instance; /* owned; NULL: in Lua */
  struct pg_feed *feed;         /* owned; NULL: it gives batches */
  bool open;                    /* in Lua: to be closed */
  uint64_t done, total;         /* bytes of its input; total 0: not known */
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

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  enum pg_status status = pg_parallel_drain(stage->flow, err);
  if (status != PG_OK) {
    pg_batch_unref(batch);
    return status;
  }
  stage->flow->result->rows_in += (uint64_t)batch->rows;
  return pg_stage_emit_cut(stage, batch, err);
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
  source->done = poll.done;
  source->total = poll.total;
  if (batch) {
    status = take_batch(stage, batch, err);
  } else if (source->feed) {
    status = pg_feed_take(source->feed, &poll, said, err);
  } else if (said == PERI_OK) {
    *wait_ns = WAIT_NS; /* a promise of rows without any must not spin */
  }
  if (said == PERI_AGAIN) {
    *wait_ns = poll.wait_ns ? poll.wait_ns : WAIT_NS;
  }
  return status == PG_OK && said == PERI_END ? PG_DONE : status;
}

/* The inputs of all sources together. */
static void tell_progress(struct pg_flow *flow)
{
  uint64_t done = 0, total = 0;
  bool known = true;
  for (int i = 0; i < flow->graph->count; i++) {
    const struct pg_stage *stage = flow->stages[i];
    if (stage->ops == &pg_source_ops) {
      const struct source *source = stage->state;
      done += source->done;
      total += source->total;
      known = known && source->total > 0;
    }
  }
  pg_progress_tell(&flow->progress, done, known ? total : 0,
                   flow->result->bytes_in, flow->result->rows_in);
}

enum pg_status pg_source_poll(struct pg_stage *stage, uint64_t *wait_ns,
                              struct pg_error *err)
{
  struct source *source = stage->state;
  if (pg_progress_due(&stage->flow->progress)) {
    tell_progress(stage->flow);
  }
  return source->instance ? poll_native(stage, wait_ns, err)
                          : poll_lua(stage, wait_ns, err);
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
  pg_instance_free(source->instance);
}

const struct pg_stage_ops pg_source_ops = {.state_bytes = sizeof(struct source),
                                           .open = open_native,
                                           .close = close_source};
const struct pg_stage_ops pg_lua_source_ops = {.state_bytes =
                                                 sizeof(struct source),
                                               .open = open_lua,
                                               .end = close_lua,
                                               .close = close_source};
