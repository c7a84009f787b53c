/* decode.c - the stage that makes batches of bytes. */
#include "flow/decode.h"

#include "flow/absent.h"
#include "flow/flow.h"
#include "flow/kept.h"
#include "flow/late.h"
#include "flow/parallel.h"
#include "flow/reject.h"

#include <stdlib.h>

/* After a chunk whose rows could not be kept, so many others are decoded
 * without a try, twice as many after the next one, and so on. */
#define PAUSE_CHUNKS 16
#define DOUBLINGS_MAX 6

struct decode {
  bool open;
  struct pg_settle settle;
  struct pg_settle first;    /* of first steps */
  struct pg_settled settled; /* of one thread */
  struct pg_reject_file file;
  struct pg_stream *stream; /* owned: the first; NULL: none yet */
};

/* --------------------------------------------------------------- one decoder
 */

enum pg_status pg_decoder_open(struct pg_decoder *decoder,
                               struct pg_stage *stage, struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  *decoder = (struct pg_decoder){.stage = stage};
  if (node->kind == PG_NODE_LUA_DECODE) {
    return PG_OK;
  }
  enum pg_status status =
    pg_instance_new(node->plugin, node->item, &node->params, &stage->flow->stop,
                    &decoder->instance, err);
  return pg_stage_place(stage, status, err);
}

void pg_decoder_close(struct pg_decoder *decoder)
{
  struct pg_counts *counts = decoder->stage ? &decoder->stage->counts : NULL;
  pg_instance_free_into(decoder->instance, counts);
  if (counts) {
    pg_counts_join(counts, &decoder->counts);
  }
  pg_counts_fini(&decoder->counts);
  free(decoder->joined);
  *decoder = (struct pg_decoder){0};
}

enum pg_status pg_decoder_split(struct pg_decoder *decoder,
                                const peri_chunk *chunk, size_t *whole,
                                struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  enum pg_status status;
  if (decoder->instance) {
    status = pg_instance_split(decoder->instance, chunk, whole, err);
    return pg_stage_place(stage, status, err);
  }
  const struct pg_script *script = stage->flow->graph->script;
  pg_flow_lock_script(stage->flow);
  status = script->split(script->self, stage->index, chunk, whole, err);
  pg_flow_unlock_script(stage->flow);
  return status;
}

static enum pg_status decode_native(struct pg_decoder *decoder,
                                    const peri_chunk *chunk,
                                    struct pg_block *block,
                                    struct pg_decoded *decoded,
                                    struct pg_error *err)
{
  enum pg_status status =
    pg_instance_decode(decoder->instance, chunk, block, &decoded->batch,
                       &decoded->rejects, &decoded->reject_count, err);
  decoded->rows = decoded->batch ? decoded->batch->rows : 0;
  decoded->reject_count = status == PG_OK ? decoded->reject_count : 0;
  return pg_stage_place(decoder->stage, status, err);
}

/* Data whose rows cannot be kept should not pay for the tries. */
static void note_miss(struct pg_decoder *decoder)
{
  decoder->pause = PAUSE_CHUNKS << decoder->misses;
  decoder->misses += decoder->misses < DOUBLINGS_MAX;
}

/* Decodes so that the rows are kept.  PG_UNSUPPORTED: they cannot be. */
static enum pg_status decode_kept(struct pg_decoder *decoder,
                                  const struct pg_piece *piece,
                                  struct pg_decoded *decoded,
                                  struct pg_error *err)
{
  const struct pg_node *node = decoder->stage->node;
  peri_chunk chunk = piece->chunk;
  if (!node->kept || decoder->pause > 0) {
    decoder->pause -= decoder->pause > 0;
    return PG_UNSUPPORTED;
  }
  chunk.keep = node->keep;
  chunk.members = node->members;
  chunk.n_members = (uint32_t)node->member_count;
  chunk.all = 0;
  chunk.fields = node->kept;
  chunk.n_fields = (uint32_t)node->kept_count;
  enum pg_status status =
    decode_native(decoder, &chunk, piece->block, decoded, err);
  if (status == PG_UNSUPPORTED) {
    note_miss(decoder);
  } else {
    decoder->misses -= decoder->misses > 0;
  }
  return status;
}

enum pg_status pg_decoder_decode(struct pg_decoder *decoder,
                                 const struct pg_piece *piece,
                                 struct pg_decoded *decoded,
                                 struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  enum pg_status status;
  *decoded = (struct pg_decoded){0};
  if (decoder->instance) {
    status = decode_kept(decoder, piece, decoded, err);
    return status == PG_UNSUPPORTED
             ? decode_native(decoder, &piece->chunk, piece->block, decoded, err)
             : status;
  }
  const struct pg_script *script = stage->flow->graph->script;
  pg_flow_lock_script(stage->flow);
  status = script->decode(script->self, stage->index, &piece->chunk,
                          &decoded->batch, err);
  pg_flow_unlock_script(stage->flow);
  decoded->rows = decoded->batch ? decoded->batch->rows : 0;
  return status;
}

void pg_decoded_fini(struct pg_decoded *decoded)
{
  pg_batch_unref(decoded->first);
  pg_batch_unref(decoded->batch);
  for (int i = 0; i < decoded->early_count; i++) {
    pg_batch_unref(decoded->early[i]);
  }
  free(decoded->early);
  *decoded = (struct pg_decoded){0};
}

static void count_kept(struct pg_decoder *decoder, const struct pg_batch *batch)
{
  if (decoder->stage->node->kept) {
    bool kept = pg_kept_find(batch->schema) >= 0;
    pg_count(&decoder->counts, kept ? "chunks kept as text" : "chunks not kept",
             1);
  }
}

/* The rows before `row` as they are settled now.  False: no memory. */
static bool put_early(struct pg_decoded *decoded, int64_t row,
                      const struct pg_settle *settle,
                      struct pg_settled *settled)
{
  struct pg_batch *batch = decoded->batch;
  if (decoded->early_count == decoded->early_max) {
    int max = decoded->early_max ? decoded->early_max * 2 : 4;
    struct pg_batch **early =
      realloc(decoded->early, (size_t)max * sizeof *early);
    if (!early) {
      return false;
    }
    decoded->early = early;
    decoded->early_max = max;
  }
  struct pg_batch *before = pg_batch_slice(batch, 0, row);
  struct pg_batch *after = pg_batch_slice(batch, row, batch->rows - row);
  bool good =
    before && after && pg_settled_learn(settled, settle, batch->schema);
  if (good) {
    before = pg_settled_apply(settled, before);
  }
  if (!good || !before) {
    pg_batch_unref(before);
    pg_batch_unref(after);
    return false;
  }
  decoded->early[decoded->early_count++] = before;
  pg_batch_unref(batch);
  decoded->batch = after;
  return true;
}

/* Hidden columns come with the first row that has a value in them.  False: no
 * memory. */
static bool show_by_row(struct pg_decoded *decoded, struct pg_settle *settle,
                        struct pg_settled *settled)
{
  int64_t row;
  while ((row = pg_settle_news(settle, decoded->batch)) <
         decoded->batch->rows) {
    if (row > 0 && !put_early(decoded, row, settle, settled)) {
      return false;
    }
    pg_settle_show(settle, decoded->batch);
  }
  return true;
}

/* Notes the columns of the batch, and learns what to do with it. */
static bool see(const struct pg_decoder *decoder, const struct pg_piece *piece,
                struct pg_decoded *decoded, struct pg_settled *settled)
{
  struct pg_stage *stage = decoder->stage;
  struct pg_settle *settle = pg_decode_settle(stage);
  bool by_row = stage->node->exact && !(piece->chunk.flags & PERI_CHUNK_FIRST);
  if (pg_decode_is_stateless(stage) &&
      pg_settled_fits(settled, settle, decoded->batch)) {
    settle->any |= decoded->batch->rows > 0;
    return true;
  }
  if (!pg_settle_see(settle, decoded->batch, by_row)) {
    return false;
  }
  return !pg_decode_is_stateless(stage) ||
         (show_by_row(decoded, settle, settled) &&
          pg_settled_learn(settled, settle, decoded->batch->schema));
}

enum pg_status pg_decoder_settle(struct pg_decoder *decoder,
                                 const struct pg_piece *piece,
                                 struct pg_decoded *decoded,
                                 struct pg_settled *settled,
                                 struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct decode *decode = stage->state;
  if (decoded->first && !pg_settle_see(&decode->first, decoded->first, false)) {
    return pg_stage_no_memory(stage, err);
  }
  if (!decoded->batch) {
    return PG_OK;
  }
  bool seen = see(decoder, piece, decoded, settled);
  if (seen && !settled->keeps && pg_kept_find(decoded->batch->schema) >= 0) {
    pg_batch_unref(decoded->batch);
    note_miss(decoder);
    enum pg_status status =
      decode_native(decoder, &piece->chunk, piece->block, decoded, err);
    if (status != PG_OK || !decoded->batch) {
      return status;
    }
    seen = see(decoder, piece, decoded, settled);
  }
  count_kept(decoder, decoded->batch);
  return seen ? PG_OK : pg_stage_no_memory(stage, err);
}

bool pg_decode_is_stateless(const struct pg_stage *stage)
{
  return stage->node->kind == PG_NODE_DECODE &&
         (stage->node->item->flags & PERI_STATELESS);
}

struct pg_settle *pg_decode_settle(struct pg_stage *stage)
{
  return &((struct decode *)stage->state)->settle;
}

/* ------------------------------------------------------------------- rejects
 */

static enum pg_status stop_on(const struct pg_stage *stage,
                              const struct pg_reject_note *note,
                              struct pg_error *err)
{
  if (note->line > 0) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err, "%s:%lld: %.*s",
                         note->stream, (long long)note->line,
                         (int)note->why.len, note->why.ptr);
  }
  return pg_stage_fail(stage, PG_BAD_INPUT, err, "%s: byte %llu: %.*s",
                       note->stream, (unsigned long long)note->byte,
                       (int)note->why.len, note->why.ptr);
}

static enum pg_status take_reject(struct pg_stage *stage,
                                  const struct pg_piece *piece,
                                  const struct pg_reject *reject,
                                  struct pg_error *err)
{
  struct decode *decode = stage->state;
  const peri_chunk *chunk = &piece->chunk;
  bool stops = stage->node->stop_on_reject;
  struct pg_reject_note note = {
    .stream = piece->stream->name,
    .byte = chunk->offset + reject->offset,
    .why = reject->why,
    .text = {chunk->bytes + reject->offset, reject->len}};
  if (stops || pg_reject_is_shown(stage->flow)) {
    note.line = pg_stream_line(piece->stream, chunk, reject->offset);
  }
  if (!pg_reject_count(stage->flow, &note)) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status = pg_reject_file_write(&decode->file, note.text, err);
  if (status != PG_OK) {
    return pg_stage_place(stage, status, err);
  }
  return stops ? stop_on(stage, &note, err) : PG_OK;
}

enum pg_status pg_decode_rejects(struct pg_stage *stage,
                                 const struct pg_piece *piece,
                                 const struct pg_reject *rejects, size_t count,
                                 struct pg_error *err)
{
  for (size_t i = 0; i < count; i++) {
    enum pg_status status = take_reject(stage, piece, &rejects[i], err);
    if (status != PG_OK) {
      return status;
    }
  }
  if (stage->node->stop_on_reject || pg_reject_is_shown(stage->flow)) {
    pg_stream_pass(piece->stream, &piece->chunk);
  }
  return PG_OK;
}

/* ------------------------------------------------------------------ decoding
 */

enum pg_status pg_decoded_emit(struct pg_decoded *decoded,
                               const struct pg_settled *settled,
                               struct pg_stage *from, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < decoded->early_count && status == PG_OK; i++) {
    status = pg_stage_emit_cut(from, pg_batch_ref(decoded->early[i]), err);
  }
  if (status != PG_OK || !decoded->batch) {
    return status;
  }
  struct pg_batch *batch = pg_settled_apply(settled, decoded->batch);
  decoded->batch = NULL;
  return batch ? pg_stage_emit_cut(from, batch, err)
               : pg_stage_no_memory(from, err);
}

static enum pg_status decode_here(struct pg_decoder *decoder,
                                  const struct pg_piece *piece,
                                  struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct decode *decode = stage->state;
  struct pg_decoded decoded;
  enum pg_status status =
    pg_late_decode(decoder, pg_late_where(stage), piece, &decoded, err);
  if (status == PG_OK) {
    status = pg_decoder_settle(decoder, piece, &decoded, &decode->settled, err);
  }
  enum pg_status told =
    pg_decode_rejects(stage, piece, decoded.rejects, decoded.reject_count, err);
  if (told == PG_OK) {
    stage->flow->result->rows_in += (uint64_t)decoded.rows;
  }
  if (told == PG_OK && status == PG_OK && decoded.batch) {
    status = pg_decoded_emit(&decoded, &decode->settled, stage, err);
  }
  pg_decoded_fini(&decoded);
  return told == PG_OK ? status : told;
}

enum pg_status pg_decode_end(struct pg_stage *stage, enum pg_status status,
                             struct pg_error *err)
{
  if (status != PG_DONE) {
    return status;
  }
  stage->done = true;
  status = pg_stage_end(stage, err);
  return status == PG_OK ? PG_DONE : status;
}

enum pg_status pg_decode_piece(struct pg_decoder *decoder,
                               struct pg_piece *piece, struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  struct decode *decode = stage->state;
  if (!decode->stream) {
    decode->stream = pg_stream_ref(piece->stream);
  }
  if (stage->flow->parallel) {
    return pg_parallel_put_piece(decoder, piece, err);
  }
  enum pg_status status =
    stage->done ? PG_DONE : decode_here(decoder, piece, err);
  pg_piece_fini(piece);
  return pg_decode_end(stage, status, err);
}

/* The columns that came, also where no row did: a header can be made of them.
 */
static struct pg_batch *columns_found(const struct pg_settle *settle)
{
  peri_str *names = malloc(((size_t)settle->count + 1) * sizeof *names);
  struct pg_batch *found = NULL;
  int count = 0;
  for (int i = 0; names && i < settle->count; i++) {
    if (!pg_kept_is(settle->columns[i].name)) {
      names[count++] = settle->columns[i].name;
    }
  }
  if (names) {
    found = pg_batch_of_names(names, count);
  }
  free(names);
  return found;
}

static enum pg_status end_decode(struct pg_stage *stage, struct pg_error *err)
{
  struct decode *decode = stage->state;
  struct pg_settle *settle = &decode->settle;
  const struct pg_stream *stream = decode->stream;
  if (stage->done || !stage->node->all) {
    return PG_OK; /* nobody wants more, or the plan knows the columns */
  }
  if (settle->count == 0 && stream && stream->head &&
      !pg_absent_see_head(stage, settle, stream)) {
    return pg_stage_no_memory(stage, err);
  }
  struct pg_batch *found = columns_found(settle);
  return found ? pg_stage_tell(stage, found, err)
               : pg_stage_no_memory(stage, err);
}

static enum pg_status open_decode(struct pg_stage *stage, struct pg_error *err)
{
  struct decode *decode = stage->state;
  const struct pg_node *node = stage->node;
  pg_settle_init(&decode->settle, node);
  pg_settle_init(&decode->first, node);
  decode->open = true;
  if (!node->rejects_path) {
    return PG_OK;
  }
  enum pg_status status =
    pg_reject_file_open(&decode->file, node->rejects_path, err);
  return pg_stage_place(stage, status, err);
}

static void close_decode(struct pg_stage *stage)
{
  struct decode *decode = stage->state;
  pg_reject_file_close(&decode->file, NULL); /* another failure came first */
  pg_settled_fini(&decode->settled);
  pg_stream_unref(decode->stream);
  if (decode->open) {
    pg_settle_fini(&decode->settle);
    pg_settle_fini(&decode->first);
  }
}

const struct pg_stage_ops pg_decode_ops = {.state_bytes = sizeof(struct decode),
                                           .open = open_decode,
                                           .end = end_decode,
                                           .close = close_decode};

/* -------------------------------------------------------------------- report
 */

static enum pg_status report(struct pg_stage *stage, struct pg_error *err)
{
  struct decode *decode = stage->state;
  enum pg_status status = pg_absent_report(stage, &decode->settle,
                                           &decode->first, decode->stream, err);
  if (status != PG_OK) {
    return status;
  }
  return pg_stage_place(stage, pg_reject_file_close(&decode->file, err), err);
}

enum pg_status pg_decode_report(struct pg_flow *flow, struct pg_error *err)
{
  for (int i = 0; i < flow->graph->count; i++) {
    if (flow->stages[i]->ops == &pg_decode_ops) {
      enum pg_status status = report(flow->stages[i], err);
      if (status != PG_OK) {
        return status;
      }
    }
  }
  return PG_OK;
}
