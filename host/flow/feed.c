/* feed.c - carries the partial record from one read to the next. */
#include "flow/feed.h"

#include "base/clock.h"
#include "base/io.h"
#include "flow/decode.h"
#include "flow/flow.h"
#include "flow/parallel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)512 << 10)
#define MARGIN_BYTES ((size_t)16 << 10)
#define READ_BYTES (CHUNK_BYTES - MARGIN_BYTES)
/* A writer that pauses for so long shall see what becomes of its rows. */
#define PAUSE_NS ((uint64_t)1000000000)
/* Views count in 32 bits. */
#define RECORD_MAX ((size_t)INT32_MAX - 4096 - CHUNK_BYTES)
/* A partial record of this size is not searched for its end again until it has
 * grown by half: else a large one from a pipe would take quadratic time. */
#define PATIENCE_BYTES ((size_t)4 << 20)

struct pg_feed {
  struct pg_block *room; /* owned, of who reads; NULL: none yet */
  /* the rest is for who cuts */
  struct pg_decoder decoder; /* owned */
  struct pg_block *block;    /* owned; NULL: empty */
  size_t start, end;         /* [start, end): not decoded yet */
  size_t searched;           /* bytes from start on without a border */
  bool shared;               /* a chunk in the block is on its way */
  struct pg_stream *stream;  /* owned; NULL: none has begun */
  uint64_t offset;           /* of start, in the stream */
  bool first;                /* the next chunk is the first of the stream */
  uint64_t came_ns;          /* when the last bytes came, while that matters */
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
    pg_block_unref(feed->room);
    pg_block_unref(feed->block);
    pg_stream_unref(feed->stream);
    free(feed);
  }
}

/* --------------------------------------------------------------------- reading
 */

void pg_read_fill(struct pg_read *read)
{
  const struct pg_io *io = pg_io_get();
  char *to = read->block ? read->block->bytes + MARGIN_BYTES : NULL;
  size_t len = 0;
  int64_t got = 1;
  if (!read->in_file) {
    return;
  }
  while (len < read->len && got != 0 && read->error == 0) {
    got = io->read_at(read->fd, to + len, read->len - len, read->at + len);
    if (got > 0) {
      len += (size_t)got;
    } else if (got < 0 && got != -EINTR) {
      read->error = (int)-got;
    }
  }
  read->len = len;
  read->in_file = false;
  io->close(read->fd);
}

void pg_read_fini(struct pg_read *read)
{
  if (read->in_file) {
    pg_io_get()->close(read->fd);
  }
  pg_block_unref(read->block);
  free(read->name);
  *read = (struct pg_read){0};
}

enum pg_status pg_feed_room(struct pg_feed *feed, peri_poll *poll,
                            struct pg_error *err)
{
  feed->room = feed->room ? feed->room : pg_block_new(CHUNK_BYTES);
  if (!feed->room) {
    return pg_stage_no_memory(feed->decoder.stage, err);
  }
  poll->room = feed->room->bytes + MARGIN_BYTES;
  poll->room_len = READ_BYTES;
  return PG_OK;
}

/* NULL: no memory. */
static char *copy(peri_str text)
{
  char *made = malloc(text.len + 1);
  if (made) {
    memcpy(made, text.ptr, text.len);
    made[text.len] = '\0';
  }
  return made;
}

enum pg_status pg_feed_read(struct pg_feed *feed, const peri_poll *poll,
                            peri_status said, struct pg_read *read,
                            struct pg_error *err)
{
  *read = (struct pg_read){.len = poll->len,
                           .flags = poll->flags,
                           .said = said,
                           .done = poll->done,
                           .total = poll->total};
  if (poll->flags & PERI_CHUNK_FIRST && poll->name.len > 0) {
    read->name = copy(poll->name);
    if (!read->name) {
      return pg_stage_no_memory(feed->decoder.stage, err);
    }
  }
  if (poll->len > 0) {
    read->block = feed->room;
    feed->room = NULL;
  }
  if (poll->len > 0 && poll->in_file) {
    read->at = poll->at;
    read->fd = pg_io_get()->duplicate(poll->fd);
    read->in_file = read->fd >= 0;
    read->error = read->in_file ? 0 : -read->fd;
    read->len = read->in_file ? read->len : 0;
  }
  return PG_OK;
}

/* -------------------------------------------------------------------- joining
 * What was read goes behind the partial record that there is. */

/* The partial record is copied before it, and the block is the feed's.  [take]
 * read->block */
static void prepend(struct pg_feed *feed, struct pg_read *read)
{
  size_t len = feed->end - feed->start;
  struct pg_block *block = read->block;
  if (len > 0) {
    memcpy(block->bytes + MARGIN_BYTES - len, feed->block->bytes + feed->start,
           len);
  }
  pg_block_unref(feed->block);
  feed->block = block;
  feed->start = MARGIN_BYTES - len;
  feed->end = MARGIN_BYTES + read->len;
  feed->shared = false;
  read->block = NULL;
}

/* Makes room for `more` bytes behind the partial record.  False: no memory. */
static bool grow(struct pg_feed *feed, size_t more)
{
  size_t len = feed->end - feed->start;
  if (feed->block && !feed->shared &&
      more <= feed->block->size_max - feed->end) {
    return true;
  }
  struct pg_block *block = pg_block_new((len + more) * 2);
  if (!block) {
    return false;
  }
  if (len > 0) {
    memcpy(block->bytes, feed->block->bytes + feed->start, len);
  }
  pg_block_unref(feed->block);
  feed->block = block;
  feed->start = 0;
  feed->end = len;
  feed->shared = false;
  return true;
}

/* False: no memory. */
static bool join(struct pg_feed *feed, struct pg_read *read)
{
  if (feed->end - feed->start <= MARGIN_BYTES) {
    prepend(feed, read);
    return true;
  }
  if (!grow(feed, read->len)) {
    return false;
  }
  memcpy(feed->block->bytes + feed->end, read->block->bytes + MARGIN_BYTES,
         read->len);
  feed->end += read->len;
  return true;
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

/* Does the first chunk have to end at READ_BYTES, if the stream does not
 * before?
 */
static bool is_fixed(const struct pg_feed *feed)
{
  return feed->first && feed->decoder.stage->node->exact;
}

/* [out] whole  bytes of whole records in the first `len` */
static enum pg_status split(struct pg_feed *feed, size_t len, bool last,
                            size_t *whole, struct pg_error *err)
{
  struct pg_decoder *decoder = feed->decoder.stage->flow->parallel
                                 ? pg_parallel_decoder(&feed->decoder)
                                 : &feed->decoder;
  peri_chunk chunk = chunk_of(feed, len, last);
  return pg_decoder_split(decoder, &chunk, whole, err);
}

/* Decodes the whole records there are; all of it when the stream has ended. */
static enum pg_status cut(struct pg_feed *feed, bool last, struct pg_error *err)
{
  while (feed->end > feed->start) {
    size_t len = feed->end - feed->start, whole = 0;
    bool early = is_fixed(feed) && len > READ_BYTES;
    enum pg_status status = PG_OK;
    if (early) {
      status = split(feed, READ_BYTES, false, &whole, err);
    }
    if (status == PG_OK && whole == 0) {
      early = false;
      status = split(feed, len, last, &whole, err);
    }
    if (status != PG_OK) {
      return status;
    }
    if (whole == 0 && !last) {
      feed->searched = len;
      return len > RECORD_MAX ? too_long(feed, err) : PG_OK;
    }
    whole = whole == 0 ? len : whole;
    status = pass(feed, whole, last && whole == len, err);
    if (status != PG_OK || !(last || early)) {
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
static bool is_plain(const struct pg_feed *feed, const struct pg_read *read)
{
  return read->total > 0 && read->done - feed->done == read->len;
}

static enum pg_status begin_stream(struct pg_feed *feed,
                                   const struct pg_read *read,
                                   struct pg_error *err)
{
  enum pg_status status = end_stream(feed, err);
  if (status != PG_OK) {
    return status;
  }
  const char *name = read->name ? read->name : "input";
  /* Two sources may feed one decoder, which tells streams by their numbers. */
  uint64_t number = feed->decoder.stage->flow->stream_count++;
  feed->stream =
    pg_stream_new((peri_str){name, strlen(name)}, number, is_plain(feed, read));
  feed->offset = 0;
  feed->first = true;
  return feed->stream ? PG_OK : pg_stage_no_memory(feed->decoder.stage, err);
}

/* Does the first chunk have to wait for more? */
static bool is_waiting(struct pg_feed *feed, const struct pg_read *read)
{
  if (!is_fixed(feed) || feed->end - feed->start >= READ_BYTES) {
    return false;
  }
  uint64_t now = pg_clock_ns();
  if (read->len > 0) {
    feed->came_ns = now;
  }
  return now - feed->came_ns < PAUSE_NS;
}

static enum pg_status take(struct pg_feed *feed, struct pg_read *read,
                           struct pg_error *err)
{
  enum pg_status status = PG_OK;
  if (read->flags & PERI_CHUNK_FIRST || (!feed->stream && read->len > 0)) {
    status = begin_stream(feed, read, err);
  }
  if (status == PG_OK && read->len > 0 && !join(feed, read)) {
    status = pg_stage_no_memory(feed->decoder.stage, err);
  }
  if (status != PG_OK) {
    return status;
  }
  feed->done = read->done;
  if (read->flags & PERI_CHUNK_LAST || read->said == PERI_END) {
    return end_stream(feed, err);
  }
  size_t len = feed->end - feed->start;
  bool more = read->said == PERI_AGAIN ? len > feed->searched : read->len > 0;
  if (!more || (read->said != PERI_AGAIN && is_patient(feed, len)) ||
      is_waiting(feed, read)) {
    return PG_OK;
  }
  return cut(feed, false, err);
}

enum pg_status pg_feed_cut(struct pg_feed *feed, struct pg_read *read,
                           struct pg_error *err)
{
  __atomic_fetch_add(&feed->decoder.stage->flow->result->bytes_in, read->len,
                     __ATOMIC_RELAXED);
  enum pg_status status = take(feed, read, err);
  pg_read_fini(read);
  return status;
}

const char *pg_feed_stream(const struct pg_feed *feed)
{
  return feed->stream ? feed->stream->name : "input";
}
