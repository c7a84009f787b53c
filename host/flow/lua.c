/* lua.c - stages whose work is done by functions of the script: each and
 * batches, encoders and sinks. */
#include "flow/apart.h"
#include "flow/flow.h"
#include "flow/programs.h"
#include "flow/reject.h"

#include <stdio.h>

/* ------------------------------------------------------------- each, batches
 */

struct rejecting {
  struct pg_stage *stage;
  bool no_memory;
};

bool pg_lua_rows_reject(struct pg_flow *flow, const struct pg_node *node,
                        const char *why)
{
  char place[300];
  snprintf(place, sizeof place, "%s: %s", node->at, node->label);
  struct pg_reject_note note = {
    .stream = place, .why = {why, __builtin_strlen(why)}, .text = {"", 0}};
  return pg_reject_count(flow, &note);
}

static void take_reject(void *to, int64_t row, const char *why)
{
  struct rejecting *rejecting = to;
  struct pg_stage *stage = rejecting->stage;
  (void)row;
  bool good = stage->failures
                ? pg_failures_add(stage->failures, stage->node, why)
                : pg_lua_rows_reject(stage->flow, stage->node, why);
  rejecting->no_memory = rejecting->no_memory || !good;
}

enum pg_status pg_lua_rows_take(struct pg_stage *stage, struct pg_batch *batch,
                                struct pg_error *err)
{
  const struct pg_script *script = stage->flow->graph->script;
  struct rejecting rejecting = {.stage = stage};
  struct pg_batch *out = NULL;
  if (stage->node->plain) {
    pg_count(&stage->counts, "rows in Lua", (uint64_t)batch->rows);
  }
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->process(script->self, stage->index, batch,
                                          &out, take_reject, &rejecting, err);
  pg_flow_unlock_script(stage->flow);
  pg_batch_unref(batch);
  if (status == PG_OK && rejecting.no_memory) {
    pg_batch_unref(out);
    return pg_stage_no_memory(stage, err);
  }
  return status == PG_OK && out ? pg_stage_emit(stage, out, err) : status;
}

/* ------------------------------------------------------------------- encoding
 */

struct encode {
  struct pg_text text;
};

static enum pg_status put(struct pg_stage *stage, enum pg_status status,
                          struct pg_error *err)
{
  struct encode *encode = stage->state;
  if (status != PG_OK || encode->text.len == 0) {
    return status;
  }
  status = pg_stage_give_bytes(stage->outs[0], encode->text.block->bytes,
                               encode->text.len, err);
  encode->text.len = 0;
  return status;
}

static enum pg_status encode_batch(struct pg_stage *stage,
                                   struct pg_batch *batch, struct pg_error *err)
{
  struct encode *encode = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  stage->flow->result->rows_out += (uint64_t)batch->rows;
  pg_flow_lock_script(stage->flow);
  enum pg_status status =
    script->encode(script->self, stage->index, batch, &encode->text, err);
  pg_flow_unlock_script(stage->flow);
  pg_batch_unref(batch);
  return put(stage, status, err);
}

static enum pg_status end_encode(struct pg_stage *stage, struct pg_error *err)
{
  struct encode *encode = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  if (stage->done) {
    return PG_OK;
  }
  pg_flow_lock_script(stage->flow);
  enum pg_status status =
    script->finish(script->self, stage->index, &encode->text, err);
  pg_flow_unlock_script(stage->flow);
  return put(stage, status, err);
}

static void close_encode(struct pg_stage *stage)
{
  struct encode *encode = stage->state;
  pg_text_fini(&encode->text);
}

static enum pg_status check_sink(struct pg_stage *stage, struct pg_error *err)
{
  return stage->out_count == 1
           ? PG_OK
           : pg_stage_fail(stage, PG_BAD_INPUT, err, "feeds no sink");
}

const struct pg_stage_ops pg_lua_encode_ops = {.state_bytes =
                                                 sizeof(struct encode),
                                               .open = check_sink,
                                               .batch = encode_batch,
                                               .end = end_encode,
                                               .close = close_encode};

/* --------------------------------------------------------------------- sinks
 */

struct sink {
  bool open;
};

static enum pg_status open_sink(struct pg_stage *stage, struct pg_error *err)
{
  struct sink *sink = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->open(script->self, stage->index, err);
  pg_flow_unlock_script(stage->flow);
  sink->open = status == PG_OK;
  return status;
}

static enum pg_status write_batch(struct pg_stage *stage,
                                  struct pg_batch *batch, struct pg_error *err)
{
  const struct pg_script *script = stage->flow->graph->script;
  stage->flow->result->rows_out += (uint64_t)batch->rows;
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->write(script->self, stage->index, batch, err);
  pg_flow_unlock_script(stage->flow);
  pg_batch_unref(batch);
  return status;
}

/* The script hears of the end once, whatever happened before. */
static enum pg_status end_sink(struct pg_stage *stage, struct pg_error *err)
{
  struct sink *sink = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  if (!sink->open) {
    return PG_OK;
  }
  sink->open = false;
  pg_flow_lock_script(stage->flow);
  enum pg_status status = script->close(script->self, stage->index, err);
  pg_flow_unlock_script(stage->flow);
  return status;
}

static void close_sink(struct pg_stage *stage)
{
  end_sink(stage, NULL); /* a failure came first, and is the one to tell */
}

const struct pg_stage_ops pg_lua_sink_ops = {.state_bytes = sizeof(struct sink),
                                             .open = open_sink,
                                             .batch = write_batch,
                                             .end = end_sink,
                                             .close = close_sink};
