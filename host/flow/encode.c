/* encode.c - batches become bytes for the sink behind. */
#include "flow/encode.h"

#include "flow/concat.h"
#include "flow/flow.h"
#include "flow/kept.h"

struct encode {
  struct pg_instance *instance; /* owned */
  struct pg_text text;          /* not given yet; its block is used again */
  size_t room;                  /* of the text that was taken away last */
  struct pg_kept kept;
  bool told;              /* the columns, or rows have come without */
  struct pg_batch *found; /* owned: columns of decoders; NULL: none */
};

bool pg_encode_is_stateless(const struct pg_stage *stage)
{
  return stage->node->kind == PG_NODE_ENCODE &&
         (stage->node->item->flags & PERI_STATELESS);
}

/* An encoder that remembers what it wrote gets the columns of the plan first,
 * so that a header does not depend on the rows.  Where the plan knows none, it
 * gets those that decoders found, when all has `ended` without a row. */
static enum pg_status tell_columns(struct pg_stage *stage, bool ended,
                                   struct pg_error *err)
{
  struct encode *encode = stage->state;
  const struct pg_node *node = stage->node;
  bool planned = node->name_count > 0;
  if (encode->told || pg_encode_is_stateless(stage)) {
    return PG_OK;
  }
  encode->told = true;
  if (!planned && !(ended && encode->found)) {
    return PG_OK;
  }
  struct pg_batch *batch = planned
                             ? pg_batch_of_names(node->names, node->name_count)
                             : pg_batch_ref(encode->found);
  if (!batch) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status =
    pg_instance_encode(encode->instance, batch, &encode->text, err);
  pg_batch_unref(batch);
  return pg_stage_place(stage, status, err);
}

static enum pg_status take_columns(struct pg_stage *stage,
                                   struct pg_batch *batch, struct pg_error *err)
{
  struct encode *encode = stage->state;
  struct pg_batch *both[] = {encode->found, batch};
  int from = encode->found ? 0 : 1;
  enum pg_status status = pg_concat(both + from, 2 - from, &encode->found, err);
  pg_batch_unref(both[0]);
  pg_batch_unref(batch);
  return pg_stage_place(stage, status, err);
}

enum pg_status pg_encode_append(struct pg_stage *stage, struct pg_batch *batch,
                                struct pg_error *err)
{
  struct encode *encode = stage->state;
  const struct pg_node *node = stage->node;
  enum pg_status status = tell_columns(stage, false, err);
  if (status != PG_OK) {
    pg_batch_unref(batch);
    return status;
  }
  batch = pg_kept_arrange(&encode->kept, node->to, node->to_count, batch);
  if (!batch) {
    return pg_stage_no_memory(stage, err);
  }
  if (!encode->text.block && encode->room > 0) {
    /* It is going to be as large again, and need not grow into that.  Without
     * memory it begins small. */
    encode->text.block = pg_block_new(encode->room);
  }
  status = pg_instance_encode(encode->instance, batch, &encode->text, err);
  pg_batch_unref(batch);
  return pg_stage_place(stage, status, err);
}

struct pg_text pg_encode_take(struct pg_stage *stage)
{
  struct encode *encode = stage->state;
  struct pg_text text = encode->text;
  encode->text = (struct pg_text){0};
  encode->room = text.block ? text.block->size_max : 0;
  return text;
}

static enum pg_status put(struct pg_stage *stage, struct pg_error *err)
{
  struct encode *encode = stage->state;
  if (encode->text.len == 0) {
    return PG_OK;
  }
  enum pg_status status = pg_stage_give_bytes(
    stage->outs[0], encode->text.block->bytes, encode->text.len, err);
  encode->text.len = 0;
  return status;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  stage->flow->result->rows_out += (uint64_t)batch->rows;
  enum pg_status status = pg_encode_append(stage, batch, err);
  return status == PG_OK ? put(stage, err) : status;
}

static enum pg_status end_encode(struct pg_stage *stage, struct pg_error *err)
{
  struct encode *encode = stage->state;
  if (stage->done) {
    return PG_OK; /* the reader has gone */
  }
  enum pg_status status = tell_columns(stage, true, err);
  if (status == PG_OK) {
    status = pg_instance_finish(encode->instance, &encode->text, err);
    status = pg_stage_place(stage, status, err);
  }
  return status == PG_OK ? put(stage, err) : status;
}

static enum pg_status open_encode(struct pg_stage *stage, struct pg_error *err)
{
  struct encode *encode = stage->state;
  const struct pg_node *node = stage->node;
  if (stage->out_count != 1) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "feeds no sink");
  }
  enum pg_status status =
    pg_instance_new(node->plugin, node->item, &node->params, &stage->flow->stop,
                    &encode->instance, err);
  return pg_stage_place(stage, status, err);
}

static void close_encode(struct pg_stage *stage)
{
  struct encode *encode = stage->state;
  pg_instance_free_into(encode->instance, &stage->counts);
  pg_text_fini(&encode->text);
  pg_kept_fini(&encode->kept);
  pg_batch_unref(encode->found);
}

const struct pg_stage_ops pg_encode_ops = {.state_bytes = sizeof(struct encode),
                                           .open = open_encode,
                                           .batch = take_batch,
                                           .columns = take_columns,
                                           .end = end_encode,
                                           .close = close_encode};
