/* file.c - whose file it is, and what it holds.
 *
 * The directories are checked by path, the file by its descriptor, and what is
 * loaded later is a private copy of the bytes read here: who could swap the
 * file in between could write to a directory that passed, so it is us or root.
 */
#include "plugin/file.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_ours(const struct stat *st)
{
  return st->st_uid == 0 || st->st_uid == geteuid();
}

static enum pg_status check_owner(const char *what, const char *path,
                                  const struct stat *st, struct pg_error *err)
{
  unsigned own = (unsigned)geteuid();
  if (is_ours(st)) {
    return PG_OK;
  }
  return own == 0
           ? pg_fail(err, PG_REFUSED,
                     "expected the %s '%s' to belong to root, found user %u",
                     what, path, (unsigned)st->st_uid)
           : pg_fail(err, PG_REFUSED,
                     "expected the %s '%s' to belong to user %u or root, found "
                     "user %u",
                     what, path, own, (unsigned)st->st_uid);
}

static enum pg_status fail_writable(const char *what, const char *path,
                                    const struct stat *st, struct pg_error *err)
{
  return pg_fail(err, PG_REFUSED,
                 "expected that only its owner may write to the %s '%s', found "
                 "mode %04o (chmod go-w)",
                 what, path, (unsigned)st->st_mode & 07777);
}

/* -------------------------------------------------------------- directories */

/* `next_is_ours`: what lies in it on the way to the file; in a sticky directory
 * nobody else can replace that. */
static enum pg_status check_one(const char *path, bool next_is_ours,
                                bool *is_own, struct pg_error *err)
{
  struct stat st;
  if (lstat(path, &st) < 0) {
    return pg_fail(err, PG_IO, "cannot look at '%s': %s", path,
                   strerror(errno));
  }
  if (!S_ISDIR(st.st_mode)) {
    return pg_fail(err, PG_REFUSED, "expected '%s' to be a directory", path);
  }
  *is_own = is_ours(&st);
  enum pg_status status = check_owner("directory", path, &st, err);
  bool open = st.st_mode & (S_IWGRP | S_IWOTH);
  bool excused = (st.st_mode & S_ISVTX) && next_is_ours;
  if (status == PG_OK && open && !excused) {
    return fail_writable("directory", path, &st, err);
  }
  return status;
}

static enum pg_status check_directories(const char *path, bool next_is_ours,
                                        struct pg_error *err)
{
  char part[PATH_MAX];
  size_t len = strlen(path);
  if (len == 0 || path[0] != '/' || len >= sizeof part) {
    return pg_fail(err, PG_REFUSED, "expected an absolute path, found '%.200s'",
                   path);
  }
  memcpy(part, path, len + 1);
  for (;;) {
    enum pg_status status = check_one(part, next_is_ours, &next_is_ours, err);
    if (status != PG_OK || strcmp(part, "/") == 0) {
      return status;
    }
    char *slash = strrchr(part, '/');
    slash[slash == part] = '\0';
  }
}

enum pg_status pg_file_check_directory(const char *path, struct pg_error *err)
{
  return check_directories(path, false, err);
}

/* ----------------------------------------------------------------- the file */

static enum pg_status check_inside(const char *given, const char *path,
                                   const char *directory, struct pg_error *err)
{
  if (!directory) {
    return PG_OK;
  }
  /* Most often it says what the path begins with, which has no links in it. */
  size_t given_len = strlen(directory);
  if (given_len > 1 && strncmp(path, directory, given_len) == 0 &&
      path[given_len] == '/') {
    return PG_OK;
  }
  char *root = realpath(directory, NULL);
  if (!root) {
    return pg_fail(err, PG_IO, "cannot find the directory '%s': %s", directory,
                   strerror(errno));
  }
  size_t len = strlen(root);
  bool inside = strcmp(root, "/") == 0 ||
                (strncmp(path, root, len) == 0 && path[len] == '/');
  free(root);
  return inside ? PG_OK
                : pg_fail(err, PG_REFUSED,
                          "expected it to lie in '%s', but '%s' leads to '%s'",
                          directory, given, path);
}

static enum pg_status check_file(int fd, const char *path, size_t *size,
                                 struct pg_error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return pg_fail(err, PG_IO, "cannot look at '%s': %s", path,
                   strerror(errno));
  }
  if (!S_ISREG(st.st_mode)) {
    return pg_fail(err, PG_REFUSED, "expected a regular file, found %s",
                   S_ISDIR(st.st_mode) ? "a directory" : "something else");
  }
  enum pg_status status = check_owner("file", path, &st, err);
  if (status == PG_OK && (st.st_mode & (S_IWGRP | S_IWOTH))) {
    status = fail_writable("file", path, &st, err);
  }
  if (status == PG_OK && (uint64_t)st.st_size > PG_FILE_SIZE_MAX) {
    status = pg_fail(err, PG_REFUSED, "expected at most %zu bytes, found %llu",
                     PG_FILE_SIZE_MAX, (unsigned long long)st.st_size);
  }
  *size = (size_t)st.st_size;
  return status;
}

/* A file that grows or shrinks while it is read is being written: refused. */
static enum pg_status read_bytes(int fd, size_t size, void **bytes,
                                 struct pg_error *err)
{
  char *room = malloc(size + 1);
  if (!room) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a file of %zu bytes",
                   size);
  }
  size_t len = 0;
  while (len <= size) {
    int64_t got = pg_io_get()->read(fd, room + len, size + 1 - len);
    if (got == -EINTR) {
      continue;
    }
    if (got < 0) {
      free(room);
      return pg_fail(err, PG_IO, "cannot read it: %s", strerror((int)-got));
    }
    if (got == 0) {
      break;
    }
    len += (size_t)got;
  }
  if (len != size) {
    free(room);
    return pg_fail(err, PG_REFUSED,
                   "expected %zu bytes, found %s: it is being written", size,
                   len > size ? "more" : "fewer");
  }
  *bytes = room;
  return PG_OK;
}

static enum pg_status read_file(const char *path, struct pg_file *file,
                                struct pg_error *err)
{
  /* O_NONBLOCK: a pipe must not hold us up before we see that it is one. */
  int fd = pg_io_get()->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (fd < 0) {
    return pg_fail(err, PG_IO, "cannot open it: %s", strerror(-fd));
  }
  enum pg_status status = check_file(fd, path, &file->size, err);
  if (status == PG_OK) {
    status = read_bytes(fd, file->size, &file->bytes, err);
  }
  pg_io_get()->close(fd); /* only read from: nothing can be lost */
  return status;
}

static enum pg_status check_parent(const char *path, struct pg_error *err)
{
  char parent[PATH_MAX];
  size_t len = (size_t)(strrchr(path, '/') - path);
  len = len == 0 ? 1 : len;
  if (len >= sizeof parent) {
    return pg_fail(err, PG_REFUSED, "its path is too long");
  }
  memcpy(parent, path, len);
  parent[len] = '\0';
  return check_directories(parent, true, err);
}

enum pg_status pg_file_read(const char *path, const char *directory,
                            struct pg_file *file, struct pg_error *err)
{
  struct pg_file found = {.path = realpath(path, NULL)};
  if (!found.path) {
    return pg_fail(err, PG_IO, "cannot open it: %s", strerror(errno));
  }
  enum pg_status status = check_inside(path, found.path, directory, err);
  if (status == PG_OK) {
    status = read_file(found.path, &found, err);
  }
  /* After the file, whose owner has been checked: a sticky directory asks. */
  if (status == PG_OK) {
    status = check_parent(found.path, err);
  }
  if (status == PG_OK) {
    *file = found;
    return PG_OK;
  }
  pg_file_fini(&found);
  return status;
}

void pg_file_fini(struct pg_file *file)
{
  free(file->path);
  free(file->bytes);
  *file = (struct pg_file){0};
}
