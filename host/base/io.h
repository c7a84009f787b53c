/* io.h - the seam between the host and the file system.  Everything that the
 * host and its services do to files goes through here, so that a test can make
 * any of it fail. */
#ifndef PG_BASE_IO_H
#define PG_BASE_IO_H
#include <stddef.h>
#include <stdint.h>

/* Results below 0 are -errno. */
struct pg_io {
  int (*open)(const char *path, int flags, int mode);
  /* -EAGAIN: nothing came for a while, and it is no regular file. */
  int64_t (*read)(int fd, void *bytes, size_t n);
  int64_t (*write)(int fd, const void *bytes, size_t n);
  int (*close)(int fd);
  int64_t (*length)(int fd); /* of a regular file, else -1 */
  int64_t (*read_at)(int fd, void *bytes, size_t n, uint64_t at);
  int (*duplicate)(int fd);
};

/* The table in use. */
const struct pg_io *pg_io_get(void);

/* Replaces the table, for tests; NULL: the system's.  [borrow] until replaced. */
void pg_io_set(const struct pg_io *io);

/* Writes all n bytes, through short writes and EINTR.  0, or -errno. */
int pg_io_write_all(int fd, const char *bytes, size_t n);

#endif
