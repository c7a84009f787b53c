/* stage.c - stages, and how batches and ends pass between them. */
#include "flow/stage.h"

#include "flow/flow.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pg_stage_ops *ops_of(const struct pg_node *node)
{
  switch (node->kind) {
  case PG_NODE_SOURCE:
    return &pg_source_ops;
  case PG_NODE_LUA_SOURCE:
    return &pg_lua_source_ops;
  case PG_NODE_DECODE:
  case PG_NODE_LUA_DECODE:
    return &pg_decode_ops;
  case PG_NODE_KERNEL:
    return node->item->flags & PERI_WHOLE ? &pg_whole_ops : &pg_kernel_ops;
  case PG_NODE_ENCODE:
    return &pg_encode_ops;
  case PG_NODE_LUA_ENCODE:
    return &pg_lua_encode_ops;
  case PG_NODE_SINK:
    return &pg_sink_ops;
  case PG_NODE_LUA_SINK:
    return &pg_lua_sink_ops;
  case PG_NODE_WHERE:
    return &pg_where_ops;
  case PG_NODE_DERIVE:
    return &pg_derive_ops;
  case PG_NODE_SELECT:
    return &pg_select_ops;
  case PG_NODE_DROP:
    return &pg_drop_ops;
  case PG_NODE_RENAME:
    return &pg_rename_ops;
  case PG_NODE_GROUP:
    return &pg_group_ops;
  case PG_NODE_TEE:
    return &pg_tee_ops;
  case PG_NODE_ROUTE:
    return &pg_route_ops;
  case PG_NODE_EACH:
  case PG_NODE_BATCHES:
    return &pg_lua_rows_ops;
  }
  assert(!"a kind of node");
  return NULL;
}

struct pg_stage *pg_stage_new(struct pg_flow *flow, int index,
                              struct pg_scratch *scratch)
{
  const struct pg_node *node = &flow->graph->nodes[index];
  const struct pg_stage_ops *ops = ops_of(node);
  struct pg_stage *stage = calloc(1, sizeof *stage);
  if (!stage) {
    return NULL;
  }
  *stage = (struct pg_stage){.flow = flow,
                             .node = node,
                             .index = index,
                             .ops = ops,
                             .scratch = scratch,
                             .out_count = node->out_count};
  stage->outs = calloc((size_t)node->out_count + 1, sizeof *stage->outs);
  stage->state = calloc(1, ops->state_bytes + 1);
  if (!stage->outs || !stage->state) {
    free(stage->outs);
    free(stage->state);
    free(stage);
    return NULL;
  }
  return stage;
}

void pg_stage_free(struct pg_stage *stage)
{
  if (!stage) {
    return;
  }
  stage->ops->close(stage);
  if (stage->index < stage->flow->result->node_count) {
    pg_counts_join(&stage->flow->result->counts[stage->index], &stage->counts);
  }
  pg_counts_fini(&stage->counts);
  free(stage->outs);
  free(stage->state);
  free(stage);
}

enum pg_status pg_stage_open(struct pg_stage *stage, struct pg_error *err)
{
  return stage->ops->open ? stage->ops->open(stage, err) : PG_OK;
}

/* Notes that a stage wants no more; nothing waits for its end then. */
static enum pg_status note_done(struct pg_stage *stage, enum pg_status status,
                                struct pg_error *err)
{
  if (status != PG_DONE) {
    return status;
  }
  stage->done = true;
  status = pg_stage_end(stage, err);
  return status == PG_OK ? PG_DONE : status;
}

enum pg_status pg_stage_give(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err)
{
  if (stage->done || batch->rows == 0) {
    pg_batch_unref(batch);
    return stage->done ? PG_DONE : PG_OK;
  }
  if (!stage->ops->batch) {
    pg_batch_unref(batch);
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "takes no rows");
  }
  return note_done(stage, stage->ops->batch(stage, batch, err), err);
}

enum pg_status pg_stage_give_bytes(struct pg_stage *stage, const char *bytes,
                                   size_t n, struct pg_error *err)
{
  if (stage->done || n == 0) {
    return stage->done ? PG_DONE : PG_OK;
  }
  if (!stage->ops->bytes) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "takes rows, not bytes");
  }
  return note_done(stage, stage->ops->bytes(stage, bytes, n, err), err);
}

enum pg_status pg_stage_emit(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err)
{
  enum pg_status status = PG_DONE;
  for (int i = 0; i < stage->out_count; i++) {
    struct pg_stage *out = stage->outs[i];
    enum pg_status given = PG_OK;
    if (out) {
      given = pg_stage_give(out, pg_batch_ref(batch), err);
    }
    if (given == PG_OK) {
      status = PG_OK;
    } else if (given != PG_DONE) {
      status = given;
      break;
    }
  }
  pg_batch_unref(batch);
  return status;
}

enum pg_status pg_stage_emit_cut(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  int64_t rows_max = stage->flow->options->batch_rows;
  if (rows_max <= 0 || batch->rows <= rows_max) {
    return pg_stage_emit(stage, batch, err);
  }
  enum pg_status status = PG_OK;
  for (int64_t at = 0; at < batch->rows && status == PG_OK; at += rows_max) {
    int64_t left = batch->rows - at;
    struct pg_batch *part =
      pg_batch_slice(batch, at, left < rows_max ? left : rows_max);
    status =
      part ? pg_stage_emit(stage, part, err) : pg_stage_no_memory(stage, err);
  }
  pg_batch_unref(batch);
  return status;
}

enum pg_status pg_stage_tell(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < stage->out_count && status == PG_OK; i++) {
    struct pg_stage *out = stage->outs[i];
    if (out && !out->done && out->ops->columns) {
      status = out->ops->columns(out, pg_batch_ref(batch), err);
    }
  }
  pg_batch_unref(batch);
  return status;
}

enum pg_status pg_stage_end(struct pg_stage *stage, struct pg_error *err)
{
  if (stage->ended) {
    return PG_OK;
  }
  stage->ended = true;
  enum pg_status status = stage->ops->end ? stage->ops->end(stage, err) : PG_OK;
  stage->done = true;
  if (status != PG_OK && status != PG_DONE) {
    return status;
  }
  for (int i = 0; i < stage->out_count; i++) {
    struct pg_stage *out = stage->outs[i];
    if (out && --out->inputs <= 0) {
      status = pg_stage_end(out, err);
      if (status != PG_OK) {
        return status;
      }
    }
  }
  return PG_OK;
}

enum pg_status pg_stage_fail(const struct pg_stage *stage,
                             enum pg_status status, struct pg_error *err,
                             const char *format, ...)
{
  char text[sizeof err->text];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  pg_fail(err, status, "%s", text);
  return pg_stage_place(stage, status, err);
}

enum pg_status pg_stage_no_memory(const struct pg_stage *stage,
                                  struct pg_error *err)
{
  return pg_stage_fail(stage, PG_NO_MEMORY, err, "no memory");
}

/* The text without "source 'file': " where the label says as much. */
static const char *without_item(const struct pg_stage *stage, const char *text)
{
  const struct pg_plugin_item *item = stage->node->item;
  char prefix[200];
  if (!item || strcmp(item->decl->name, stage->node->label) != 0) {
    return text;
  }
  int n =
    snprintf(prefix, sizeof prefix, "%s '%s': ", pg_kind_word(item->decl->kind),
             item->decl->name);
  return strncmp(text, prefix, (size_t)n) == 0 ? text + n : text;
}

enum pg_status pg_stage_place(const struct pg_stage *stage,
                              enum pg_status status, struct pg_error *err)
{
  if (status == PG_OK || status == PG_DONE || !err) {
    return status;
  }
  char text[sizeof err->text];
  snprintf(text, sizeof text, "%s", err->text);
  return pg_fail(err, status, "%s: %s: %s", stage->node->at, stage->node->label,
                 without_item(stage, text));
}
