/* cache.c - where copies of plugins lie, and what is known of plugins. */
#include "plugin/cache.h"

#include "base/io.h"
#include "plugin/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without snprintf(), whose first call in a process takes microseconds that a
 * plugin that is known does not take to load otherwise. */
bool pg_cache_add(char path[PATH_MAX], size_t *len, const char *text)
{
  size_t more = strlen(text);
  if (*len + more >= PATH_MAX) {
    return false;
  }
  memcpy(path + *len, text, more + 1);
  *len += more;
  return true;
}

bool pg_cache_join(char path[PATH_MAX], const char *directory, const char *name)
{
  size_t len = 0;
  return pg_cache_add(path, &len, directory) && pg_cache_add(path, &len, "/") &&
         pg_cache_add(path, &len, name);
}

/* Replaces `path` by one without symbolic links, when it is there. */
static bool resolve(char path[PATH_MAX])
{
  char *real = realpath(path, NULL);
  bool good = real && strlen(real) < PATH_MAX;
  if (good) {
    memcpy(path, real, strlen(real) + 1);
  }
  free(real);
  return good;
}

static bool enter(char path[PATH_MAX])
{
  return (mkdir(path, 0700) == 0 || errno == EEXIST) && resolve(path);
}

/* path = the directory for caches, and `rest`. */
static bool start(char path[PATH_MAX], const char *rest)
{
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  bool given = cache && cache[0] == '/'; /* others are to be ignored (XDG) */
  if (!given && (!home || home[0] != '/')) {
    return false;
  }
  size_t len = 0;
  return pg_cache_add(path, &len, given ? cache : home) &&
         pg_cache_add(path, &len, given ? "" : "/.cache") &&
         pg_cache_add(path, &len, rest);
}

static bool make(char path[PATH_MAX])
{
  char base[PATH_MAX];
  return start(base, "") && enter(base) &&
         pg_cache_join(path, base, "perigee") && enter(path);
}

/* What others could write to is not used: they could change a copy. */
bool pg_cache_find(const char *checked, char path[PATH_MAX])
{
  if (!start(path, "/perigee")) {
    return false;
  }
  /* Most often it is there, and no part of its path is a link. */
  return pg_file_check_directory(path, checked, NULL) == PG_OK ||
         ((resolve(path) || make(path)) &&
          pg_file_check_directory(path, checked, NULL) == PG_OK);
}

static int write_new(const char *path, const char *bytes, size_t size)
{
  int fd =
    pg_io_get()->open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0400);
  if (fd < 0) {
    return fd;
  }
  int status = pg_io_write_all(fd, bytes, size);
  int closed = pg_io_get()->close(fd);
  return status < 0 ? status : closed;
}

enum pg_status pg_cache_write(const char *path, const void *bytes, size_t size,
                              struct pg_error *err)
{
  static atomic_uint number;
  char draft[PATH_MAX + 40];
  snprintf(draft, sizeof draft, "%s.%ld.%u", path, (long)getpid(),
           atomic_fetch_add(&number, 1));
  int status = write_new(draft, bytes, size);
  if (status == 0 && rename(draft, path) < 0) {
    status = -errno;
  }
  if (status < 0) {
    unlink(draft); /* it may not be there */
    return pg_fail(err, PG_IO, "cannot write '%s': %s", path,
                   strerror(-status));
  }
  return PG_OK;
}
