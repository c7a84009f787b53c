/* sink.c - where rows and bytes leave. */
#include "flow/flow.h"

struct sink {
  struct pg_instance *instance; /* owned */
};

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct sink *sink = stage->state;
  if (stage->node->item->flags & PERI_BYTES) {
    pg_batch_unref(batch);
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "takes bytes, not rows");
  }
  stage->flow->result->rows_out += (uint64_t)batch->rows;
  enum pg_status status = pg_instance_write(sink->instance, batch, err);
  pg_batch_unref(batch);
  return pg_stage_place(stage, status, err);
}

static enum pg_status take_bytes(struct pg_stage *stage, const char *bytes,
                                 size_t n, struct pg_error *err)
{
  struct sink *sink = stage->state;
  if (!(stage->node->item->flags & PERI_BYTES)) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "takes rows, not bytes");
  }
  enum pg_status status = pg_instance_put(sink->instance, bytes, n, err);
  return pg_stage_place(stage, status, err);
}

static enum pg_status end_sink(struct pg_stage *stage, struct pg_error *err)
{
  struct sink *sink = stage->state;
  return pg_stage_place(stage, pg_instance_end(sink->instance, err), err);
}

static enum pg_status open_sink(struct pg_stage *stage, struct pg_error *err)
{
  struct sink *sink = stage->state;
  const struct pg_node *node = stage->node;
  enum pg_status status =
    pg_instance_new(node->plugin, node->item, &node->params, &stage->flow->stop,
                    &sink->instance, err);
  return pg_stage_place(stage, status, err);
}

static void close_sink(struct pg_stage *stage)
{
  struct sink *sink = stage->state;
  pg_instance_free_into(sink->instance, &stage->counts);
}

const struct pg_stage_ops pg_sink_ops = {.state_bytes = sizeof(struct sink),
                                         .open = open_sink,
                                         .batch = take_batch,
                                         .bytes = take_bytes,
                                         .end = end_sink,
                                         .close = close_sink};
