/* source.c - the source `file`: one stream after the other. */
#include "stream.h"

#define AGAIN_NS                                                               \
  20000000 /* a reader that would wait is asked 50 times a second */

#define FILE_SOURCE(P)                                                         \
  P(list_str, path, required,                                                  \
    "Files to read, one after the other: paths, patterns such as "             \
    "\"logs/*.gz\" (sorted by name), or \"-\" for the standard input.")
PERI_PARAMS(file_source_params, FILE_SOURCE)

struct file_source_state {
  const peri_io *io;
  struct inputs inputs;
  size_t next; /* input to open */
  bool told;   /* the stream's name and FIRST were */
  struct stream stream;
};
typedef struct file_source_state file_source_state;
PERI_STATE(file_source_state);

PERI_SOURCE_AS(file_source, file, PERI_BYTES, file_source_params,
               file_source_state,
               "The bytes of files. What is packed with gzip or zstd is "
               "unpacked, whatever its name; if it is damaged or torn, what "
               "comes before that goes through, and then the run fails. A file "
               "that is missing or cannot "
               "be read ends the run, before anything is written when that "
               "shows itself at the start.");

PERI_OPEN(file_source)
{
  st->io = world_io(cx);
  if (!st->io) {
    return cx->failed;
  }
  peri_status status = inputs_find(cx, st->io, params->path, &st->inputs);
  if (status != PERI_OK) {
    inputs_fini(cx, st->io, &st->inputs);
  }
  return status;
}

PERI_CLOSE(file_source)
{
  stream_fini(&st->stream, cx, st->io);
  inputs_fini(cx, st->io, &st->inputs);
}

/* The host reads the bytes itself, when it can. */
static bool leave_bytes(peri_cx *cx, file_source_state *st, peri_poll *poll)
{
  if (poll->size < offsetof(peri_poll, at) + sizeof poll->at || !st->told ||
      !stream_skip(&st->stream, cx, st->io, poll->room_len, &poll->at)) {
    return false;
  }
  poll->in_file = 1;
  poll->fd = st->stream.fd;
  poll->len = poll->room_len;
  poll->done = st->stream.got;
  return true;
}

PERI_POLL(file_source)
{
  struct stream *stream = &st->stream;
  poll->len = 0;
  poll->flags = 0;
  poll->total = st->inputs.endless ? 0 : st->inputs.bytes;
  poll->done = stream->got;
  if (!stream->open) {
    if (st->next == st->inputs.count) {
      return PERI_END;
    }
    st->told = false;
    peri_status opened =
      stream_open(stream, cx, st->io, &st->inputs.list[st->next]);
    if (opened != PERI_OK) {
      return opened;
    }
    st->next++;
  }
  if (leave_bytes(cx, st, poll)) {
    return PERI_OK;
  }
  peri_status status =
    stream_read(stream, cx, st->io, poll->room, poll->room_len, &poll->len);
  poll->done = stream->got;
  poll->wait_ns = status == PERI_AGAIN ? AGAIN_NS : 0;
  if (status != PERI_OK) {
    return status;
  }
  if (!st->told) {
    poll->flags |= PERI_CHUNK_FIRST;
    poll->name = (peri_str){stream->path, strlen(stream->path)};
    st->told = true;
  }
  if (stream->ended) {
    poll->flags |= PERI_CHUNK_LAST;
    stream_close(stream, cx, st->io);
  }
  return PERI_OK;
}
