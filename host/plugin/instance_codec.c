/* instance_codec.c - decoders and encoders. */
#include "plugin/instance_own.h"
#include "plugin/text.h"

#include <assert.h>
#include <string.h>

/* ----------------------------------------------------------------- decoders */

/* Without SPLIT: whole lines, and everything when no more will come. */
static size_t split_lines(const peri_chunk *chunk)
{
  if (chunk->flags & PERI_CHUNK_LAST) {
    return chunk->len;
  }
  for (size_t i = chunk->len; i > 0; i--) {
    if (chunk->bytes[i - 1] == '\n') {
      return i;
    }
  }
  return 0;
}

enum pg_status pg_instance_split(struct pg_instance *instance,
                                 const peri_chunk *chunk, size_t *whole,
                                 struct pg_error *err)
{
  pg_split_fn *split = (pg_split_fn *)instance->item->hooks[PERI_H_SPLIT];
  if (!split && instance->item->decl->kind == PERI_K_DECODER) {
    *whole = split_lines(chunk);
    return PG_OK;
  }
  enum pg_status status = pg_instance_begin(instance, PERI_H_SPLIT, err);
  if (status != PG_OK) {
    return status;
  }
  int64_t n =
    split(&instance->context.cx, instance->params, instance->state, chunk);
  if (n < 0) {
    status =
      n >= PERI_EBUG ? pg_instance_check(instance, (peri_status)n, err) : PG_OK;
    return status != PG_OK
             ? status
             : pg_instance_break(instance, err, "it split off %lld bytes",
                                 (long long)n);
  }
  bool last = chunk->flags & PERI_CHUNK_LAST;
  if ((uint64_t)n > chunk->len || (last && (uint64_t)n < chunk->len)) {
    return pg_instance_break(instance, err,
                             "it split off %lld bytes of the %s"
                             "%zu",
                             (long long)n, last ? "last " : "", chunk->len);
  }
  *whole = (size_t)n;
  return PG_OK;
}

static enum pg_status begin_decoding(struct pg_instance *instance,
                                     uint32_t hook, const peri_chunk *chunk,
                                     struct pg_block *block,
                                     struct pg_error *err)
{
  enum pg_status status = pg_instance_begin(instance, hook, err);
  if (status == PG_OK &&
      !pg_out_begin(&instance->out, PG_OUT_COLUMNS | PG_OUT_REJECTS, NULL,
                    block, chunk->bytes, chunk->len)) {
    status = pg_instance_no_memory(instance, err);
  }
  return status;
}

/* After a call that answered `answer`: the batch that it made. */
static enum pg_status end_decoding(struct pg_instance *instance,
                                   peri_status answer, const char *hook,
                                   bool keep, struct pg_batch **batch,
                                   struct pg_error *err)
{
  enum pg_status status = pg_instance_check(instance, answer, err);
  if (status == PG_OK && answer == PERI_AGAIN && keep) {
    status = PG_UNSUPPORTED;
  } else if (status == PG_OK && answer != PERI_OK) {
    status = pg_instance_break(instance, err, "%s answered %d", hook, answer);
  }
  if (status == PG_OK) {
    status = pg_instance_take(instance, batch, err);
  }
  pg_out_drop(&instance->out);
  return status;
}

enum pg_status pg_instance_decode(struct pg_instance *instance,
                                  const peri_chunk *chunk,
                                  struct pg_block *block,
                                  struct pg_batch **batch,
                                  const struct pg_reject **rejects,
                                  size_t *reject_count, struct pg_error *err)
{
  struct peri_out *out = &instance->out;
  *batch = NULL;
  *reject_count = 0;
  enum pg_status status =
    begin_decoding(instance, PERI_H_DECODE, chunk, block, err);
  if (status != PG_OK) {
    return status;
  }
  pg_decode_fn *decode = (pg_decode_fn *)instance->item->hooks[PERI_H_DECODE];
  peri_status answer = decode(&instance->context.cx, instance->params,
                              instance->state, chunk, out);
  status = end_decoding(instance, answer, "decode", chunk->keep, batch, err);
  *rejects = out->rejects;
  *reject_count = out->reject_count;
  return status;
}

bool pg_instance_picks(const struct pg_plugin_item *item)
{
  return item->flags & PERI_STATELESS && item->hook_set & 1u << PERI_H_PICK;
}

/* Every row that was asked for is there, or rejected. */
static enum pg_status check_picked(struct pg_instance *instance, int64_t n,
                                   struct pg_batch **batch,
                                   struct pg_error *err)
{
  int64_t made = *batch ? (*batch)->rows : 0;
  size_t rejected = instance->out.reject_count;
  if (made + (int64_t)rejected == n) {
    return PG_OK;
  }
  pg_batch_unref(*batch);
  *batch = NULL;
  return pg_instance_break(instance, err,
                           "it was asked for %lld rows, gave %lld and "
                           "rejected %zu",
                           (long long)n, (long long)made, rejected);
}

/* The columns are not those of DECODE: an `out` of its own learns them. */
static void swap_outs(struct pg_instance *instance)
{
  struct peri_out out = instance->out;
  instance->out = instance->picked;
  instance->picked = out;
}

enum pg_status pg_instance_pick(struct pg_instance *instance,
                                const peri_chunk *chunk, struct pg_block *block,
                                const uint32_t *rows, int64_t n,
                                struct pg_batch **batch,
                                const struct pg_reject **rejects,
                                size_t *reject_count, struct pg_error *err)
{
  struct peri_out *out = &instance->out;
  assert(n > 0);
  *batch = NULL;
  *reject_count = 0;
  swap_outs(instance);
  enum pg_status status =
    begin_decoding(instance, PERI_H_PICK, chunk, block, err);
  if (status == PG_OK) {
    pg_pick_fn *pick = (pg_pick_fn *)instance->item->hooks[PERI_H_PICK];
    peri_status answer = pick(&instance->context.cx, instance->params,
                              instance->state, chunk, rows, n, out);
    status = end_decoding(instance, answer, "pick", false, batch, err);
  }
  if (status == PG_OK) {
    status = check_picked(instance, n, batch, err);
  }
  *rejects = out->rejects;
  *reject_count = out->reject_count;
  swap_outs(instance);
  return status;
}

/* ----------------------------------------------------------------- encoders */

/* After a call that wrote: keeps the bytes, or nothing of them. */
static enum pg_status end_writing(struct pg_instance *instance,
                                  peri_status answer, struct pg_text *text,
                                  size_t had, const peri_bytes *bytes,
                                  struct pg_error *err)
{
  bool within = pg_text_take_bytes(text, bytes);
  enum pg_status status = pg_instance_check(instance, answer, err);
  if (!within) {
    status = pg_instance_break(instance, err,
                               "it wrote outside of the room that it had");
  } else if (status == PG_OK && answer != PERI_OK) {
    status = pg_instance_break(instance, err, "it answered %d", answer);
  }
  if (status != PG_OK) {
    text->len = had;
  }
  return status;
}

static enum pg_status begin_writing(struct pg_instance *instance, uint32_t hook,
                                    struct pg_text *text, peri_bytes *bytes,
                                    struct pg_error *err)
{
  enum pg_status status = pg_instance_begin(instance, hook, err);
  if (status == PG_OK && !pg_text_lend(text, bytes)) {
    return pg_instance_no_memory(instance, err);
  }
  return status;
}

enum pg_status pg_instance_encode(struct pg_instance *instance,
                                  const struct pg_batch *batch,
                                  struct pg_text *text, struct pg_error *err)
{
  peri_bytes bytes;
  peri_batch view;
  size_t had = text->len;
  enum pg_status status =
    begin_writing(instance, PERI_H_ENCODE, text, &bytes, err);
  if (status == PG_OK) {
    status = pg_instance_view(instance, batch, &view, err);
  }
  if (status != PG_OK) {
    return status;
  }
  pg_encode_fn *encode = (pg_encode_fn *)instance->item->hooks[PERI_H_ENCODE];
  peri_status answer = encode(&instance->context.cx, instance->params,
                              instance->state, &view, &bytes);
  return end_writing(instance, answer, text, had, &bytes, err);
}

enum pg_status pg_instance_finish(struct pg_instance *instance,
                                  struct pg_text *text, struct pg_error *err)
{
  peri_bytes bytes;
  size_t had = text->len;
  pg_finish_fn *finish = (pg_finish_fn *)instance->item->hooks[PERI_H_FINISH];
  if (!finish || instance->ended) {
    return PG_OK;
  }
  enum pg_status status =
    begin_writing(instance, PERI_H_FINISH, text, &bytes, err);
  if (status != PG_OK) {
    return status;
  }
  instance->ended = true;
  peri_status answer =
    finish(&instance->context.cx, instance->params, instance->state, &bytes);
  return end_writing(instance, answer, text, had, &bytes, err);
}
