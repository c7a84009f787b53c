/* copy.c - copies of plugins, and marks beside them. */
#include "plugin/copy.h"

#include "base/io.h"
#include "plugin/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UNUSED_SECONDS_MAX (30 * 24 * 3600)
#define USED_SECONDS (24 * 3600) /* noting it once a day is enough */

static enum pg_status make_temporary(char path[PATH_MAX], struct pg_error *err)
{
  const char *base = getenv("TMPDIR");
  if (!base || base[0] != '/' || !pg_cache_join(path, base, "perigee-XXXXXX")) {
    snprintf(path, PATH_MAX, "/tmp/perigee-XXXXXX");
  }
  if (!mkdtemp(path)) {
    return pg_fail(err, PG_IO, "cannot make the directory '%s' for a copy: %s",
                   path, strerror(errno));
  }
  return PG_OK;
}

/* ---------------------------------------------------------------- the files */

static bool same_bytes(int fd, const char *bytes, size_t size)
{
  char part[16384];
  size_t at = 0;
  for (;;) {
    int64_t got = pg_io_get()->read(fd, part, sizeof part);
    if (got == -EINTR) {
      continue;
    }
    if (got <= 0) {
      return got == 0 && at == size;
    }
    if ((size_t)got > size - at || memcmp(part, bytes + at, (size_t)got) != 0) {
      return false;
    }
    at += (size_t)got;
  }
}

static bool is_ours(const struct stat *st)
{
  return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
         !(st->st_mode & (S_IWGRP | S_IWOTH));
}

bool pg_copy_is_fresh(const struct stat *st)
{
  return is_ours(st) && time(NULL) - st->st_mtime <= USED_SECONDS;
}

static bool is_there(const char *path, const char *bytes, size_t size,
                     time_t *used)
{
  int fd = pg_io_get()->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (fd < 0) {
    return false;
  }
  struct stat st;
  bool good = fstat(fd, &st) == 0 && is_ours(&st) &&
              (size_t)st.st_size == size && same_bytes(fd, bytes, size);
  pg_io_get()->close(fd); /* only read from: nothing can be lost */
  *used = good ? st.st_mtime : 0;
  return good;
}

/* "<sha256>.so", a draft of it that a process left when it died, the mark
 * "<sha256>.so.probed", or a record (plugin/known.h). */
static bool is_copy(const char *name)
{
  size_t digits = strspn(name, "0123456789abcdef");
  return (digits == 64 && strncmp(name + digits, ".so", 3) == 0) ||
         (digits == 16 && strncmp(name + digits, ".known", 6) == 0);
}

/* Every build that was ever loaded would stay: what nobody has used for a month
 * goes when a new one comes.  Those who have it mapped keep it. */
static void drop_old(const char *directory)
{
  DIR *folder = opendir(directory);
  if (!folder) {
    return;
  }
  time_t oldest = time(NULL) - UNUSED_SECONDS_MAX;
  for (struct dirent *entry; (entry = readdir(folder));) {
    struct stat st;
    if (is_copy(entry->d_name) &&
        fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_mtime < oldest) {
      unlinkat(dirfd(folder), entry->d_name, 0); /* or another time */
    }
  }
  closedir(folder);
}

static enum pg_status find_or_write(const char *directory, const char *sha256,
                                    const void *bytes, size_t size,
                                    struct pg_copy *copy, struct pg_error *err)
{
  char name[80];
  snprintf(name, sizeof name, "%s.so", sha256);
  if (!pg_cache_join(copy->path, directory, name)) {
    return pg_fail(err, PG_IO, "the path of the copy is too long");
  }
  time_t used;
  if (is_there(copy->path, bytes, size, &used)) {
    if (time(NULL) - used > USED_SECONDS) {
      utimensat(AT_FDCWD, copy->path, NULL, 0); /* best effort */
    }
    return PG_OK;
  }
  drop_old(directory);
  return pg_cache_write(copy->path, bytes, size, err);
}

enum pg_status pg_copy_make(const char *sha256, const void *bytes, size_t size,
                            struct pg_copy *copy, struct pg_error *err)
{
  char directory[PATH_MAX];
  *copy = (struct pg_copy){.temporary = false};
  if (pg_cache_find(NULL, directory) &&
      find_or_write(directory, sha256, bytes, size, copy, NULL) == PG_OK) {
    return PG_OK;
  }
  enum pg_status status = make_temporary(directory, err);
  if (status != PG_OK) {
    return status;
  }
  copy->temporary = true;
  status = find_or_write(directory, sha256, bytes, size, copy, err);
  if (status != PG_OK) {
    rmdir(directory); /* best effort: an empty directory in /tmp */
    *copy = (struct pg_copy){.temporary = false};
  }
  return status;
}

static bool mark_path(const char *sha256, char path[PATH_MAX])
{
  char directory[PATH_MAX], name[80];
  snprintf(name, sizeof name, "%s.so.probed", sha256);
  return pg_cache_find(NULL, directory) && pg_cache_join(path, directory, name);
}

bool pg_copy_is_probed(const char *sha256)
{
  char path[PATH_MAX];
  struct stat st;
  return mark_path(sha256, path) && lstat(path, &st) == 0 &&
         S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

void pg_copy_set_probed(const char *sha256)
{
  char path[PATH_MAX];
  if (mark_path(sha256, path)) {
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd >= 0) {
      close(fd); /* empty: it is there, or it is probed again */
    }
  }
}

void pg_copy_fini(struct pg_copy *copy)
{
  if (copy->temporary) {
    unlink(copy->path);
    *strrchr(copy->path, '/') = '\0';
    rmdir(copy->path);
  }
  *copy = (struct pg_copy){.temporary = false};
}
