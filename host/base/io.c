/* io.c - the system's own file calls behind the seam. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 500

static int sys_open(const char *path, int flags, int mode)
{
  int fd = open(path, flags | O_CLOEXEC, mode);
  return fd < 0 ? -errno : fd;
}

static int64_t sys_write(int fd, const void *bytes, size_t n)
{
  ssize_t put = write(fd, bytes, n);
  return put < 0 ? -errno : put;
}

static int sys_close(int fd)
{
  return close(fd) < 0 ? -errno : 0;
}

static int64_t sys_length(int fd)
{
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return -errno;
  }
  return S_ISREG(st.st_mode) ? st.st_size : -1;
}

/* Who waits for a pipe or a terminal looks after other things at times. */
static int64_t sys_read(int fd, void *bytes, size_t n)
{
  struct pollfd asked = {.fd = fd, .events = POLLIN};
  int ready = n > 0 && sys_length(fd) < 0 ? poll(&asked, 1, WAIT_MS) : 1;
  if (ready <= 0) {
    return ready < 0 ? -errno : -EAGAIN;
  }
  ssize_t got = read(fd, bytes, n);
  return got < 0 ? -errno : got;
}

static int64_t sys_read_at(int fd, void *bytes, size_t n, uint64_t at)
{
  ssize_t got = pread(fd, bytes, n, (off_t)at);
  return got < 0 ? -errno : got;
}

static int sys_duplicate(int fd)
{
  int made = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return made < 0 ? -errno : made;
}

static const struct pg_io system_io = {sys_open,     sys_read,   sys_write,
                                       sys_close,    sys_length, sys_read_at,
                                       sys_duplicate};
static const struct pg_io *current = &system_io;

const struct pg_io *pg_io_get(void)
{
  return current;
}

void pg_io_set(const struct pg_io *io)
{
  current = io ? io : &system_io;
}

int pg_io_write_all(int fd, const char *bytes, size_t n)
{
  while (n > 0) {
    int64_t put = current->write(fd, bytes, n);
    if (put == -EINTR) {
      continue;
    }
    if (put < 0) {
      return (int)put;
    }
    bytes += put;
    n -= (size_t)put;
  }
  return 0;
}
