/* stream.c - reads a file straight into the room of the host; what is packed
 * goes through a buffer. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "stream.h"

#include <unistd.h>

#define STREAM_INPUT (128 * 1024) /* a block of zstd at once */
/* A pipe of 64 KiB, which is usual, has its writer and us wait for each other:
 * of one with room for a chunk `cat file |` took half the CPU time. */
#define STREAM_PIPE (512 * 1024)

peri_status stream_open(struct stream *stream, peri_cx *cx, const peri_io *io,
                        struct input *input)
{
  int32_t fd = input_open(cx, io, input);
  if (fd < 0) {
    return world_fail_errno(cx, "open", input->path, fd);
  }
  stream->open = true;
  stream->ended = stream->known = stream->packed = stream->full = stream->eof =
    false;
  stream->regular = io->length(cx, fd) >= 0;
#ifdef F_SETPIPE_SZ
  if (!stream->regular) {
    fcntl(fd, F_SETPIPE_SZ, STREAM_PIPE); /* no pipe, or full: then as it is */
  }
#endif
  stream->path = input->path;
  stream->why = NULL;
  stream->error = 0;
  stream->fd = fd;
  stream->in = stream->in_end = stream->head;
  return PERI_OK;
}

void stream_close(struct stream *stream, peri_cx *cx, const peri_io *io)
{
  if (stream->open && stream->fd != STDIN_FILENO) {
    io->close(cx, stream->fd);
  }
  stream->open = false;
}

void stream_fini(struct stream *stream, peri_cx *cx, const peri_io *io)
{
  stream_close(stream, cx, io);
  unpack_fini(&stream->unpack, cx);
  cx->sv->realloc(cx, stream->input, 0);
  stream->input = NULL;
}

/* One read.  PERI_AGAIN: interrupted, or nothing there yet; PERI_EIO: not told
 * yet, see stream_read(). */
static peri_status read_once(struct stream *stream, peri_cx *cx,
                             const peri_io *io, void *to, size_t n, size_t *len)
{
  int64_t got = io->read(cx, stream->fd, to, n);
  *len = 0;
  if (got == -EINTR || got == -EAGAIN) {
    return PERI_AGAIN;
  }
  if (got < 0) {
    stream->error = got;
    return PERI_EIO;
  }
  stream->eof = got == 0;
  stream->got += (uint64_t)got;
  *len = (size_t)got;
  return PERI_OK;
}

/* -------------------------------------------------------- what kind of file */

static peri_status prepare_unpacking(struct stream *stream, peri_cx *cx,
                                     enum unpack_format format)
{
  size_t len = (size_t)(stream->in_end - stream->in);
  if (!stream->input) {
    stream->input = cx->sv->realloc(cx, NULL, STREAM_INPUT);
  }
  if (!stream->input || !unpack_start(&stream->unpack, cx, format)) {
    return world_no_memory(cx);
  }
  memcpy(stream->input, stream->in, len);
  stream->in = stream->input;
  stream->in_end = stream->input + len;
  stream->packed = true;
  return PERI_OK;
}

/* Reads the first bytes, as many as it takes to know. */
static peri_status look_at_head(struct stream *stream, peri_cx *cx,
                                const peri_io *io)
{
  size_t got, len = (size_t)(stream->in_end - stream->in);
  while (!stream->eof && unpack_may_follow(stream->head, len)) {
    peri_status status =
      read_once(stream, cx, io, stream->head + len, STREAM_HEAD - len, &got);
    if (status != PERI_OK) {
      return status;
    }
    len += got;
    stream->in_end += got;
  }
  enum unpack_format format = unpack_format_of(stream->head, len);
  stream->known = true;
  return format == UNPACK_NONE ? PERI_OK
                               : prepare_unpacking(stream, cx, format);
}

/* --------------------------------------------------------------- plain bytes
 */

static peri_status read_plain(struct stream *stream, peri_cx *cx,
                              const peri_io *io, char *to, size_t n,
                              size_t *len)
{
  size_t head = (size_t)(stream->in_end - stream->in), got;
  *len = head < n ? head : n;
  memcpy(to, stream->in, *len);
  stream->in += *len;
  while (!stream->eof && *len < n && (stream->regular || *len == 0)) {
    peri_status status = read_once(stream, cx, io, to + *len, n - *len, &got);
    if (status != PERI_OK) {
      return status;
    }
    *len += got;
  }
  stream->ended = stream->eof && stream->in == stream->in_end;
  return PERI_OK;
}

bool stream_skip(struct stream *stream, peri_cx *cx, const peri_io *io,
                 size_t n, uint64_t *at)
{
  if (!stream->known || stream->packed || !stream->regular || stream->error ||
      stream->eof || stream->in < stream->in_end) {
    return false;
  }
  off_t from = lseek(stream->fd, 0, SEEK_CUR);
  int64_t left = io->length(cx, stream->fd) - from;
  if (from < 0 || left < (int64_t)n ||
      lseek(stream->fd, from + (off_t)n, SEEK_SET) < 0) {
    return false;
  }
  stream->got += n;
  *at = (uint64_t)from;
  return true;
}

/* -------------------------------------------------------------- packed bytes
 */

static peri_status fail_unpacking(struct stream *stream, peri_cx *cx)
{
  char why[200], found[20] = "";
  const unsigned char *at = stream->in;
  if (stream->why == unpack_no_memory) {
    return world_no_memory(cx);
  }
  if (strncmp(stream->why, "expected", 8) == 0 && at - stream->input >= 2) {
    snprintf(found, sizeof found, ", found %02x %02x", at[-2], at[-1]);
  }
  bool zstd = stream->unpack.format == UNPACK_ZSTD; /* takes what is good */
  snprintf(why, sizeof why, "the %s data is bad %s byte %zu: %s%s",
           zstd ? "zstd" : "gzip", zstd ? "from" : "before",
           (size_t)stream->got - (size_t)(stream->in_end - at), stream->why,
           found);
  return world_fail(cx, PERI_EDATA, "unpack", stream->path, why);
}

static peri_status refill(struct stream *stream, peri_cx *cx, const peri_io *io)
{
  size_t got;
  peri_status status =
    read_once(stream, cx, io, stream->input, STREAM_INPUT, &got);
  stream->in = stream->input;
  stream->in_end = stream->input + got;
  return status;
}

/* Unpacks once into [at, end); moves `at`. */
static void unpack_into(struct stream *stream, peri_cx *cx, char **at,
                        char *end)
{
  char *before = *at;
  stream->why =
    unpack_some(&stream->unpack, cx, &stream->in, stream->in_end, at, end);
  stream->full = *at == end;
  bool dry = stream->eof && stream->in == stream->in_end;
  if (dry && stream->unpack.between) {
    stream->ended = true;
  } else if (dry && *at == before && !stream->why) {
    stream->why = "it ends too early";
  }
}

static peri_status read_packed(struct stream *stream, peri_cx *cx,
                               const peri_io *io, char *to, size_t n,
                               size_t *len)
{
  char *at = to, *end = to + n;
  peri_status status = PERI_OK;
  while (at < end && !stream->ended && !stream->why && status == PERI_OK) {
    if (stream->in == stream->in_end && !stream->eof && !stream->full) {
      if (at > to && !stream->regular) {
        break;
      }
      status = refill(stream, cx, io);
    }
    if (status == PERI_OK) {
      unpack_into(stream, cx, &at, end);
    }
  }
  *len = (size_t)(at - to);
  return status;
}

/* What was read comes before what stopped the reading. */
peri_status stream_read(struct stream *stream, peri_cx *cx, const peri_io *io,
                        char *to, size_t n, size_t *len)
{
  *len = 0;
  peri_status status = stream->error ? PERI_EIO : PERI_OK;
  if (status == PERI_OK && !stream->known) {
    status = look_at_head(stream, cx, io);
  }
  if (status == PERI_OK) {
    status = stream->packed ? read_packed(stream, cx, io, to, n, len)
                            : read_plain(stream, cx, io, to, n, len);
  }
  if (*len > 0 && (status == PERI_AGAIN || status == PERI_EIO)) {
    return PERI_OK;
  } else if (status == PERI_EIO) {
    return world_fail_errno(cx, "read", stream->path, stream->error);
  } else if (status == PERI_OK && stream->why && *len == 0) {
    return fail_unpacking(stream, cx);
  }
  return status;
}
