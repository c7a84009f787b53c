/* file.c - whose file it is, and what it holds.
 *
 * The directories are checked by path, the file that is read by its descriptor,
 * and what is loaded later is a private copy of the bytes read here: who could
 * swap the file in between could write to a directory that passed, so it is us
 * or root.
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
  if (is_ours(st)) {
    return PG_OK;
  }
  unsigned own = (unsigned)geteuid();
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
                                struct pg_error *err)
{
  struct stat st;
  if (lstat(path, &st) < 0) {
    return pg_fail(err, PG_IO, "cannot look at '%s': %s", path,
                   strerror(errno));
  }
  if (!S_ISDIR(st.st_mode)) {
    return pg_fail(err, PG_REFUSED, "expected '%s' to be a directory", path);
  }
  enum pg_status status = check_owner("directory", path, &st, err);
  bool open = st.st_mode & (S_IWGRP | S_IWOTH);
  bool excused = (st.st_mode & S_ISVTX) && next_is_ours;
  if (status == PG_OK && open && !excused) {
    return fail_writable("directory", path, &st, err);
  }
  return status;
}

/* Does `path` lie in the directory part[0..len)? */
static bool lies_in(const char *path, const char *part, size_t len)
{
  return path && strncmp(path, part, len) == 0 &&
         (path[len] == '/' || len == 1);
}

/* path[0..len) and all above it. */
static enum pg_status check_directories(const char *path, size_t len,
                                        bool next_is_ours, const char *checked,
                                        struct pg_error *err)
{
  char part[PATH_MAX];
  if (len == 0 || path[0] != '/' || len >= sizeof part) {
    return pg_fail(err, PG_REFUSED, "expected an absolute path, found '%.200s'",
                   path);
  }
  memcpy(part, path, len);
  part[len] = '\0';
  for (;;) {
    enum pg_status status = check_one(part, next_is_ours, err);
    if (status != PG_OK || strcmp(part, "/") == 0) {
      return status;
    }
    next_is_ours = true; /* it has passed */
    char *slash = strrchr(part, '/');
    slash[slash == part] = '\0';
    if (lies_in(checked, part, strlen(part))) {
      return PG_OK; /* and so do those above it */
    }
  }
}

enum pg_status pg_file_check_directory(const char *path, const char *checked,
                                       struct pg_error *err)
{
  return check_directories(path, strlen(path), false, checked, err);
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

static enum pg_status check_file(const struct stat *st, const char *path,
                                 struct pg_error *err)
{
  if (!S_ISREG(st->st_mode)) {
    return pg_fail(err, PG_REFUSED, "expected a regular file, found %s",
                   S_ISDIR(st->st_mode) ? "a directory" : "something else");
  }
  enum pg_status status = check_owner("file", path, st, err);
  if (status == PG_OK && (st->st_mode & (S_IWGRP | S_IWOTH))) {
    status = fail_writable("file", path, st, err);
  }
  if (status == PG_OK && (uint64_t)st->st_size > PG_FILE_SIZE_MAX) {
    status = pg_fail(err, PG_REFUSED, "expected at most %zu bytes, found %llu",
                     PG_FILE_SIZE_MAX, (unsigned long long)st->st_size);
  }
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
  enum pg_status status =
    fstat(fd, &file->st) == 0
      ? check_file(&file->st, path, err)
      : pg_fail(err, PG_IO, "cannot look at '%s': %s", path, strerror(errno));
  file->size = (size_t)file->st.st_size;
  if (status == PG_OK) {
    status = read_bytes(fd, file->size, &file->bytes, err);
  }
  pg_io_get()->close(fd); /* only read from: nothing can be lost */
  return status;
}

static enum pg_status check_parent(const char *path, struct pg_error *err)
{
  size_t len = (size_t)(strrchr(path, '/') - path);
  return check_directories(path, len == 0 ? 1 : len, true, NULL, err);
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

/* ------------------------------------------------------------ without reading
 */

/* May it be a path that realpath() gives?  That no part is a link, the check of
 * its directories tells. */
static bool is_plain(const char *path)
{
  size_t len = strlen(path);
  if (len >= PATH_MAX || path[0] != '/' || path[len - 1] == '/') {
    return false;
  }
  for (const char *at = path; at; at = strchr(at + 1, '/')) {
    size_t name = strcspn(at + 1, "/");
    if (name == 0 || (name <= 2 && strspn(at + 1, ".") == name)) {
      return false;
    }
  }
  return true;
}

static enum pg_status find_real(const char *given, const char *real,
                                const char *directory, struct stat *st,
                                struct pg_error *err)
{
  enum pg_status status = check_inside(given, real, directory, err);
  if (status == PG_OK && lstat(real, st) < 0) {
    status =
      pg_fail(err, PG_IO, "cannot look at '%s': %s", real, strerror(errno));
  }
  if (status == PG_OK) {
    status = check_file(st, real, err);
  }
  return status == PG_OK ? check_parent(real, err) : status;
}

enum pg_status pg_file_find(const char *path, const char *directory,
                            char real[PATH_MAX], struct stat *st,
                            struct pg_error *err)
{
  if (is_plain(path) && find_real(path, path, directory, st, NULL) == PG_OK) {
    memcpy(real, path, strlen(path) + 1);
    return PG_OK;
  }
  if (!realpath(path, real)) {
    return pg_fail(err, PG_IO, "cannot open it: %s", strerror(errno));
  }
  return find_real(path, real, directory, st, err);
}

void pg_file_fini(struct pg_file *file)
{
  free(file->path);
  free(file->bytes);
  *file = (struct pg_file){0};
}
