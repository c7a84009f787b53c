/* stream.c - counting lines, as late as possible. */
#include "flow/stream.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define READ_BYTES ((size_t)256 << 10)
#define SAME_BYTES 256 /* of a file, to believe that it is the same */

struct pg_stream *pg_stream_new(peri_str name, uint64_t number, bool again)
{
  struct pg_stream *stream = malloc(sizeof *stream + name.len + 1);
  if (!stream) {
    return NULL;
  }
  *stream = (struct pg_stream){.number = number, .counting = !again};
  atomic_init(&stream->refs, 1);
  memcpy(stream->name, name.ptr, name.len);
  stream->name[name.len] = '\0';
  return stream;
}

struct pg_stream *pg_stream_ref(struct pg_stream *stream)
{
  atomic_fetch_add_explicit(&stream->refs, 1, memory_order_relaxed);
  return stream;
}

void pg_stream_unref(struct pg_stream *stream)
{
  if (stream &&
      atomic_fetch_sub_explicit(&stream->refs, 1, memory_order_acq_rel) == 1) {
    pg_block_unref(stream->head_block);
    free(stream);
  }
}

void pg_stream_keep_head(struct pg_stream *stream, struct pg_block *block,
                         const char *bytes, size_t len)
{
  stream->head_block = pg_block_ref(block);
  stream->head = bytes;
  stream->head_len = len;
}

/* 64 sums side by side, each of which fits a byte for so many lines. */
#define LANES 64
#define LANE_MAX 255

uint64_t pg_stream_count(const char *bytes, size_t n)
{
  uint64_t count = 0;
  while (n >= LANES) {
    uint8_t sums[LANES] = {0};
    size_t rows = n / LANES < LANE_MAX ? n / LANES : LANE_MAX;
    n -= rows * LANES;
    for (size_t row = 0; row < rows; row++, bytes += LANES) {
      for (int i = 0; i < LANES; i++) {
        sums[i] += bytes[i] == '\n';
      }
    }
    for (int i = 0; i < LANES; i++) {
      count += sums[i];
    }
  }
  for (size_t i = 0; i < n; i++) {
    count += bytes[i] == '\n';
  }
  return count;
}

void pg_stream_pass(struct pg_stream *stream, const peri_chunk *chunk)
{
  if (stream->counting && !stream->lost) {
    stream->lines += pg_stream_count(chunk->bytes, chunk->len);
    stream->counted = chunk->offset + chunk->len;
  }
}

/* Reads until the room is full or the file ends. */
static int64_t read_some(const struct pg_io *io, int fd, char *to, size_t n)
{
  size_t len = 0;
  while (len < n) {
    int64_t got = io->read(fd, to + len, n - len);
    if (got <= 0) {
      return got < 0 ? got : (int64_t)len;
    }
    len += (size_t)got;
  }
  return (int64_t)len;
}

/* Counts the lines of the first chunk->offset bytes of the file, and looks
 * whether the chunk follows them: the file may be packed, or another by now. */
static bool count_again(struct pg_stream *stream, const peri_chunk *chunk,
                        const struct pg_io *io, int fd, char *room)
{
  uint64_t left = chunk->offset, lines = 0;
  while (left > 0) {
    size_t n = left < READ_BYTES ? (size_t)left : READ_BYTES;
    if (read_some(io, fd, room, n) != (int64_t)n) {
      return false;
    }
    lines += pg_stream_count(room, n);
    left -= n;
  }
  size_t same = chunk->len < SAME_BYTES ? chunk->len : SAME_BYTES;
  if (read_some(io, fd, room, same) != (int64_t)same ||
      memcmp(room, chunk->bytes, same) != 0) {
    return false;
  }
  stream->lines = lines;
  stream->counted = chunk->offset;
  return true;
}

static bool catch_up(struct pg_stream *stream, const peri_chunk *chunk)
{
  const struct pg_io *io = pg_io_get();
  int fd = io->open(stream->name, O_RDONLY | O_NONBLOCK, 0);
  struct pg_block *room = pg_block_new(READ_BYTES);
  bool done = fd >= 0 && room && io->length(fd) >= 0 &&
              count_again(stream, chunk, io, fd, room->bytes);
  pg_block_unref(room);
  if (fd >= 0) {
    io->close(fd);
  }
  return done;
}

int64_t pg_stream_line(struct pg_stream *stream, const peri_chunk *chunk,
                       size_t at)
{
  if (stream->counted < chunk->offset && !stream->lost) {
    stream->lost = !catch_up(stream, chunk);
  }
  if (stream->lost) {
    return 0;
  }
  stream->counting = true;
  return (int64_t)(stream->lines + pg_stream_count(chunk->bytes, at)) + 1;
}
