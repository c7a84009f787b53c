/* sinks.c - the sinks `stdout` and `file`.  The host hands over whole encoded
 * batches, so nothing is collected here. */
#include "world.h"

#include <poll.h>
#include <unistd.h>

#define WAIT_MS                                                                \
  100 /* how soon a full pipe notices that the run was stopped                 \
       */

static const char stdout_name[] = "stdout";

/* Writes all of it, through short writes, signals and pipes that are full. */
static peri_status write_all(peri_cx *cx, const peri_io *io, int32_t fd,
                             const char *name, const char *bytes, size_t len)
{
  while (len > 0) {
    int64_t wrote = io->write(cx, fd, bytes, len);
    if (wrote >= 0) {
      bytes += wrote;
      len -= (size_t)wrote;
    } else if (wrote == -EPIPE) {
      return PERI_EPIPE;
    } else if (wrote != -EINTR && wrote != -EAGAIN) {
      return world_fail_errno(cx, "write to", name, wrote);
    } else if (peri_stopped(cx)) {
      return PERI_ECANCEL;
    } else if (wrote == -EAGAIN) {
      poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, WAIT_MS);
    }
  }
  return PERI_OK;
}

/* -------------------------------------------------------------------- stdout
 */

struct stdout_state {
  const peri_io *io;
};
typedef struct stdout_state stdout_state;
PERI_STATE(stdout_state);

PERI_SINK_AS(stdout_sink, stdout, PERI_BYTES, peri_none, stdout_state,
             "Writes to the standard output. A reader that goes away, such as "
             "head(1), ends the run without an error.");

PERI_OPEN(stdout_sink)
{
  st->io = world_io(cx);
  return st->io ? PERI_OK : cx->failed;
}

PERI_PUT(stdout_sink)
{
  return write_all(cx, st->io, STDOUT_FILENO, stdout_name, bytes, len);
}

/* ---------------------------------------------------------------------- file
 */

#define FILE_SINK(P)                                                           \
  P(str, path, required, "The file to write.")                                 \
  P(bool, append, false, "Keep what the file holds, and write behind it.")
PERI_PARAMS(file_sink_params, FILE_SINK)

struct file_sink_state {
  const peri_io *io;
  char *path; /* owned */
  int32_t fd; /* -1: closed */
};
typedef struct file_sink_state file_sink_state;
PERI_STATE(file_sink_state);

PERI_SINK_AS(file_sink, file, PERI_BYTES, file_sink_params, file_sink_state,
             "Writes to a file. The file is emptied when the run starts, "
             "unless append is true. A plan that also reads it is refused.");

PERI_OPEN(file_sink)
{
  if (peri_str_eq(params->path, PERI_STR("-"))) {
    return peri_fail(cx, PERI_EINVAL,
                     "parameter 'path': '-' is no file; stdout() writes to the "
                     "standard output");
  }
  st->io = world_io(cx);
  st->path = st->io ? world_path(cx, params->path) : NULL;
  if (!st->path) {
    return cx->failed;
  }
  int32_t how = params->append ? O_APPEND : O_TRUNC;
  st->fd =
    st->io->open(cx, st->path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
  if (st->fd < 0) {
    peri_status status = world_fail_errno(cx, "open", st->path, st->fd);
    cx->sv->realloc(cx, st->path, 0);
    return status;
  }
  return PERI_OK;
}

PERI_PUT(file_sink)
{
  return write_all(cx, st->io, st->fd, st->path, bytes, len);
}

/* Network file systems tell of a failed write only when the file is closed. */
PERI_FLUSH(file_sink)
{
  int32_t result = st->io->close(cx, st->fd);
  st->fd = -1;
  return result < 0 && result != -EINTR
           ? world_fail_errno(cx, "close", st->path, result)
           : PERI_OK;
}

PERI_CLOSE(file_sink)
{
  if (st->fd >= 0) {
    st->io->close(cx, st->fd);
  }
  cx->sv->realloc(cx, st->path, 0);
}

PERI_PLUGIN("files", "0.1.0", "perigee", "MIT",
            "Files and the standard streams: bytes in and out, gzip and zstd "
            "unpacked.");
