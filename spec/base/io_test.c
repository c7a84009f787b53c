/* io_test.c - the seam between the host and the file system. */
#include "base/io.h"

#include "check/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char written[64];
static size_t written_len;
static int turn;

/* Interrupted, then three bytes, then interrupted again, and so on. */
static int64_t write_little(int fd, const void *bytes, size_t n)
{
  (void)fd;
  if (turn++ % 2 == 0) {
    return -EINTR;
  }
  size_t taken = n < 3 ? n : 3;
  memcpy(written + written_len, bytes, taken);
  written_len += taken;
  return (int64_t)taken;
}

/* Full after four bytes. */
static int64_t write_full(int fd, const void *bytes, size_t n)
{
  (void)fd;
  (void)bytes;
  written_len += 4;
  return written_len > 4 ? -ENOSPC : (int64_t)(n < 4 ? n : 4);
}

static void writes_all_through_interruptions(void)
{
  struct pg_io io = *pg_io_get();
  io.write = write_little;
  pg_io_set(&io);
  CHECK(pg_io_write_all(1, "hello world", 11) == 0, "failed");
  CHECK(written_len == 11 && memcmp(written, "hello world", 11) == 0, "'%.*s'",
        (int)written_len, written);
  written_len = 0;
  io.write = write_full;
  CHECK(pg_io_write_all(1, "hello world", 11) == -ENOSPC, "no error");
  pg_io_set(NULL);
}

static void reaches_the_system(void)
{
  const struct pg_io *io = pg_io_get();
  char path[] = "/tmp/perigee_io_test_XXXXXX";
  int fd = mkstemp(path);
  CHECK(fd >= 0, "no temporary file");
  CHECK(pg_io_write_all(fd, "abc", 3) == 0, "write");
  CHECK(io->length(fd) == 3, "length %d", (int)io->length(fd));
  CHECK(io->close(fd) == 0, "close");
  CHECK(io->close(fd) == -EBADF, "closed twice");

  fd = io->open(path, O_RDONLY, 0);
  CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC), "not close-on-exec");
  char bytes[8] = {0};
  CHECK(io->read(fd, bytes, sizeof bytes) == 3 && !strcmp(bytes, "abc"),
        "read '%s'", bytes);
  CHECK(io->read(fd, bytes, sizeof bytes) == 0, "no end");
  CHECK(io->write(fd, "x", 1) == -EBADF, "wrote to a file open for reading");
  io->close(fd);
  unlink(path);

  CHECK(io->open(path, O_RDONLY, 0) == -ENOENT, "a file that is not there");
  fd = io->open("/tmp", O_RDONLY, 0);
  CHECK(io->length(fd) == -1, "a directory has a length");
  CHECK(io->read(fd, bytes, 1) == -EISDIR, "read a directory");
  io->close(fd);
}

static void waits_for_a_pipe_only_so_long(void)
{
  const struct pg_io *io = pg_io_get();
  int ends[2];
  char byte = 0;
  CHECK(pipe(ends) == 0, "no pipe");
  CHECK(io->read(ends[0], &byte, 0) == 0, "asked for nothing, and waited");
  CHECK(io->read(ends[0], &byte, 1) == -EAGAIN, "nothing came");
  CHECK(pg_io_write_all(ends[1], "x", 1) == 0, "write");
  CHECK(io->read(ends[0], &byte, 1) == 1 && byte == 'x', "read '%c'", byte);
  io->close(ends[1]);
  CHECK(io->read(ends[0], &byte, 1) == 0, "no end");
  io->close(ends[0]);
}

int main(void)
{
  writes_all_through_interruptions();
  reaches_the_system();
  waits_for_a_pipe_only_so_long();
  return 0;
}
