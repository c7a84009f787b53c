/* late.c - a chunk in two steps. */
#include "flow/late.h"

#include <assert.h>
#include <stdlib.h>

struct pg_stage *pg_late_where(const struct pg_stage *decode)
{
  if (decode->node->first_count == 0) {
    return NULL;
  }
  assert(decode->out_count == 1 && decode->outs[0]->ops == &pg_where_ops);
  return decode->outs[0];
}

/* ------------------------------------------------------------------- rejects
 */

/* Both lists in the order of the stream. */
static bool join_rejects(struct pg_decoder *decoder, struct pg_decoded *decoded,
                         const struct pg_reject *more, size_t more_count)
{
  size_t count = decoded->reject_count + more_count;
  if (more_count == 0) {
    return true;
  }
  struct pg_reject *joined = realloc(decoder->joined, count * sizeof *joined);
  if (!joined) {
    return false;
  }
  decoder->joined = joined;
  const struct pg_reject *a = decoded->rejects,
                         *a_end = a + decoded->reject_count;
  const struct pg_reject *b = more, *b_end = more + more_count;
  for (size_t i = 0; i < count; i++) {
    bool from_a = b == b_end || (a != a_end && a->offset < b->offset);
    joined[i] = from_a ? *a++ : *b++;
  }
  decoded->rejects = joined;
  decoded->reject_count = count;
  return true;
}

/* --------------------------------------------------------------- the second
 * step
 */

static enum pg_status pick(struct pg_decoder *decoder,
                           const struct pg_piece *piece, const uint32_t *rows,
                           int64_t n, struct pg_decoded *decoded,
                           struct pg_error *err)
{
  struct pg_stage *stage = decoder->stage;
  const struct pg_reject *rejects;
  size_t count;
  enum pg_status status =
    pg_instance_pick(decoder->instance, &piece->chunk, piece->block, rows, n,
                     &decoded->batch, &rejects, &count, err);
  if (status != PG_OK) {
    decoded->reject_count = 0;
    return pg_stage_place(stage, status, err);
  }
  decoded->rows -= (int64_t)count;
  pg_count(&decoder->counts, "rows picked of those", (uint64_t)n);
  return join_rejects(decoder, decoded, rejects, count)
           ? PG_OK
           : pg_stage_no_memory(stage, err);
}

static enum pg_status pick_all(struct pg_decoder *decoder,
                               const struct pg_piece *piece,
                               struct pg_decoded *decoded, struct pg_error *err)
{
  int64_t n = decoded->first->rows;
  uint32_t *rows = malloc((size_t)n * sizeof *rows);
  if (!rows) {
    return pg_stage_no_memory(decoder->stage, err);
  }
  for (int64_t i = 0; i < n; i++) {
    rows[i] = (uint32_t)i;
  }
  enum pg_status status = pick(decoder, piece, rows, n, decoded, err);
  free(rows);
  return status;
}

/* ------------------------------------------------------------------ both steps
 */

enum pg_status pg_late_decode(struct pg_decoder *decoder,
                              struct pg_stage *where,
                              const struct pg_piece *piece,
                              struct pg_decoded *decoded, struct pg_error *err)
{
  const struct pg_node *node = decoder->stage->node;
  if (!where) {
    return pg_decoder_decode(decoder, piece, decoded, err);
  }
  struct pg_piece first = *piece;
  const uint32_t *rows;
  int64_t count;
  first.chunk.all = 0;
  first.chunk.fields = node->first;
  first.chunk.n_fields = (uint32_t)node->first_count;
  enum pg_status status = pg_decoder_decode(decoder, &first, decoded, err);
  decoded->first = decoded->batch;
  decoded->batch = NULL;
  if (status != PG_OK || !decoded->first || decoded->first->rows == 0) {
    return status;
  }
  pg_count(&decoder->counts, "rows looked at first",
           (uint64_t)decoded->first->rows);
  status = pg_where_rows(where, decoded->first, &rows, &count, err);
  if (status != PG_OK || count == 0) {
    return status;
  }
  pg_where_let_pass(where, count > 0);
  return count > 0 ? pick(decoder, piece, rows, count, decoded, err)
                   : pick_all(decoder, piece, decoded, err);
}
