/* feed.c - carries the partial record from one read to the next. */
#include "flow/feed.h"

#include "flow/decode.h"
#include "flow/flow.h"
#include "flow/parallel.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)512 << 10)
#define RECORD_MAX ((size_t)INT32_MAX - 4096) /* views count in 32 bits */
#define LINE_BYTES 64 /* read() is several times faster to such an address */
/* A partial record of this size is not searched for its end again until it has
 * grown by half: else a large one from a pipe would take quadratic time. */
#define PATIENCE_BYTES ((size_t)4 << 20)

struct pg_feed {
  struct pg_decoder decoder; /* owned */
  struct pg_block *block;    /* owned; NULL at first */
  size_t start, end;         /* [start, end): not decoded yet */
  size_t searched;           /* bytes from start on without a border */
  bool shared;               /* a chunk in the block is on its way */
  struct pg_stream *stream;  /* owned; NULL: none has begun */
  uint64_t offset;           /* of start, in the stream */
  bool first;                /* the next chunk is the first of the stream */
  uint64_t done;             /* as the source said at its last answer */
};

enum pg_status pg_feed_new(struct pg_stage *stage, struct pg_feed **feed,
                           struct pg_error *err)
{
  struct pg_feed *made = calloc(1, sizeof *made);
  if (!made) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status = pg_decoder_open(&made->decoder, stage, err);
  if (status != PG_OK) {
    pg_feed_free(made);
    return status;
  }
  *feed = made;
  return PG_OK;
}

void pg_feed_free(struct pg_feed *feed)
{
  if (feed) {
    pg_decoder_close(&feed->decoder);
    pg_block_unref(feed->block);
    pg_stream_unref(feed->stream);
    free(feed);
  }
}

/* ------------------------------------------------------------------------ room
 */

/* Moves the partial record to the front of a block of `size` bytes, so that it
 * ends at a fast address for read().  False: no memory. */
static bool move_to(struct pg_feed *feed, size_t size)
{
  size_t len = feed->end - feed->start;
  struct pg_block *block = pg_block_new(size);
  if (!block) {
    return false;
  }
  size_t start = -len % LINE_BYTES;
  if (len > 0) {
    memcpy(block->bytes + start, feed->block->bytes + feed->start, len);
  }
  pg_block_unref(feed->block);
  feed->block = block;
  feed->start = start;
  feed->end = start + len;
  feed->shared = false;
  return true;
}

static void move_to_front(struct pg_feed *feed)
{
  size_t len = feed->end - feed->start, start = -len % LINE_BYTES;
  memmove(feed->block->bytes + start, feed->block->bytes + feed->start, len);
  feed->start = start;
  feed->end = start + len;
}

enum pg_status pg_feed_room(struct pg_feed *feed, peri_poll *poll,
                            struct pg_error *err)
{
  size_t len = feed->end - feed->start;
  size_t size = len < CHUNK_BYTES / 2 ? CHUNK_BYTES : len * 2 + LINE_BYTES;
  struct pg_block *block = feed->block;
  bool full = block && feed->end == block->size_max;
  if (!block || feed->shared || full || block->size_max > size) {
    if (!move_to(feed, size)) {
      return pg_stage_no_memory(feed->decoder.stage, err);
    }
  } else if (feed->start >= LINE_BYTES) {
    move_to_front(feed);
  }
  poll->room = feed->block->bytes + feed->end;
  poll->room_len = feed->block->size_max - feed->end;
  if (poll->room_len > RECORD_MAX + 1 - len) {
    poll->room_len = RECORD_MAX + 1 - len;
  }
  return PG_OK;
}

/* --------------------------------------------------------------------- cutting
 */

static peri_chunk chunk_of(const struct pg_feed *feed, size_t len, bool last)
{
  const struct pg_node *node = feed->decoder.stage->node;
  return (peri_chunk){.size = sizeof(peri_chunk),
                      .flags = (feed->first ? PERI_CHUNK_FIRST : 0) |
                               (last ? PERI_CHUNK_LAST : 0),
                      .bytes = feed->block->bytes + feed->start,
                      .len = len,
                      .offset = feed->offset,
                      .stream = feed->stream->number,
                      .all = node->all,
                      .n_fields = (uint32_t)node->field_count,
                      .fields = node->fields,
                      .head = feed->stream->head,
                      .head_len = feed->stream->head_len};
}

/* Decodes the next `len` bytes.  A short chunk is copied out: what keeps its
 * texts should not keep a block that is mostly empty. */
static enum pg_status pass(struct pg_feed *feed, size_t len, bool last,
                           struct pg_error *err)
{
  struct pg_piece piece = {.chunk = chunk_of(feed, len, last),
                           .stream = pg_stream_ref(feed->stream)};
  if (len < feed->block->size_max / 4) {
    piece.block = pg_block_new(len);
    if (!piece.block) {
      pg_piece_fini(&piece);
      return pg_stage_no_memory(feed->decoder.stage, err);
    }
    memcpy(piece.block->bytes, piece.chunk.bytes, len);
    piece.chunk.bytes = piece.block->bytes;
  } else {
    piece.block = pg_block_ref(feed->block);
    feed->shared = true;
  }
  if (feed->first) {
    pg_stream_keep_head(feed->stream, piece.block, piece.chunk.bytes, len);
    piece.chunk.head = piece.chunk.bytes;
    piece.chunk.head_len = len;
  }
  feed->start += len;
  feed->offset += len;
  feed->searched = 0;
  feed->first = false;
  return pg_decode_piece(&feed->decoder, &piece, err);
}

static bool is_patient(const struct pg_feed *feed, size_t len)
{
  return feed->searched > PATIENCE_BYTES &&
         len < feed->searched + feed->searched / 2;
}

static enum pg_status too_long(const struct pg_feed *feed, struct pg_error *err)
{
  return pg_stage_fail(feed->decoder.stage, PG_BAD_INPUT, err,
                       "%s: the record at byte %llu is longer than 2 GiB",
                       feed->stream->name, (unsigned long long)feed->offset);
}

/* Decodes the whole records there are; all of it when the stream has ended. */
static enum pg_status cut(struct pg_feed *feed, bool last, struct pg_error *err)
{
  struct pg_decoder *decoder = feed->decoder.stage->flow->parallel
                                 ? pg_parallel_decoder(&feed->decoder)
                                 : &feed->decoder;
  while (feed->end > feed->start) {
    size_t len = feed->end - feed->start, whole = 0;
    peri_chunk chunk = chunk_of(feed, len, last);
    enum pg_status status = pg_decoder_split(decoder, &chunk, &whole, err);
    if (status != PG_OK) {
      return status;
    }
    if (whole == 0 && !last) {
      feed->searched = len;
      return len > RECORD_MAX ? too_long(feed, err) : PG_OK;
    }
    whole = whole == 0 ? len : whole;
    status = pass(feed, whole, last && whole == len, err);
    if (status != PG_OK || !last) {
      return status;
    }
  }
  return PG_OK;
}

/* ------------------------------------------------------------------- streams
 */

static enum pg_status end_stream(struct pg_feed *feed, struct pg_error *err)
{
  if (!feed->stream) {
    return PG_OK;
  }
  enum pg_status status = cut(feed, true, err);
  pg_stream_unref(feed->stream);
  feed->stream = NULL;
  return status;
}

/* Can what came be read again from the file of that name?  What is packed has
 * another length there. */
static bool is_plain(const struct pg_feed *feed, const peri_poll *poll)
{
  return poll->total > 0 && poll->done - feed->done == poll->len;
}

static enum pg_status begin_stream(struct pg_feed *feed, const peri_poll *poll,
                                   struct pg_error *err)
{
  enum pg_status status = end_stream(feed, err);
  if (status != PG_OK) {
    return status;
  }
  peri_str name = poll->name.len > 0 ? poll->name : (peri_str){"input", 5};
  /* Two sources may feed one decoder, which tells streams by their numbers. */
  uint64_t number = feed->decoder.stage->flow->stream_count++;
  feed->stream = pg_stream_new(name, number, is_plain(feed, poll));
  feed->offset = 0;
  feed->first = true;
  return feed->stream ? PG_OK : pg_stage_no_memory(feed->decoder.stage, err);
}

enum pg_status pg_feed_take(struct pg_feed *feed, const peri_poll *poll,
                            peri_status said, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  __atomic_fetch_add(&feed->decoder.stage->flow->result->bytes_in, poll->len,
                     __ATOMIC_RELAXED);
  if (poll->flags & PERI_CHUNK_FIRST || (!feed->stream && poll->len > 0)) {
    status = begin_stream(feed, poll, err);
  }
  if (status != PG_OK) {
    return status;
  }
  feed->end += poll->len;
  feed->done = poll->done;
  if (poll->flags & PERI_CHUNK_LAST || said == PERI_END) {
    return end_stream(feed, err);
  }
  size_t len = feed->end - feed->start;
  bool more = said == PERI_AGAIN ? len > feed->searched : poll->len > 0;
  if (!more || (said != PERI_AGAIN && is_patient(feed, len))) {
    return PG_OK;
  }
  return cut(feed, false, err);
}
