/* world.h - the file system as the host gives it, and what went wrong in it. */
#ifndef PERIGEE_FILES_WORLD_H
#define PERIGEE_FILES_WORLD_H
#include <errno.h>
#include <fcntl.h>
#include <perigee/plugin.h>
#include <stdio.h>

/* The host's files, or NULL: told through fail(). */
static inline const peri_io *world_io(peri_cx *cx)
{
  const peri_io *io = cx->sv->query(cx, "perigee.io/1");
  if (!io) {
    peri_fail(cx, PERI_EINVAL, "this host gives no access to files");
  }
  return io;
}

/* "cannot VERB 'NAME': WHY" */
static inline peri_status world_fail(peri_cx *cx, peri_status status,
                                     const char *verb, const char *name,
                                     const char *why)
{
  char text[600];
  snprintf(text, sizeof text, "cannot %s '%.300s': %s", verb, name, why);
  return peri_fail(cx, status, text);
}

/* `result` is -errno. */
static inline peri_status world_fail_errno(peri_cx *cx, const char *verb,
                                           const char *name, int64_t result)
{
  return world_fail(cx, PERI_EIO, verb, name, strerror((int)-result));
}

static inline peri_status world_no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory for files");
}

/* A path of the config, ended with NUL; NULL: told through fail().  Release
 * with realloc(..., 0). */
static inline char *world_path(peri_cx *cx, peri_str path)
{
  if (path.len == 0 || memchr(path.ptr, '\0', path.len)) {
    peri_fail(cx, PERI_EINVAL,
              path.len == 0 ? "parameter 'path' is empty"
                            : "parameter 'path' holds a byte 0");
    return NULL;
  }
  char *copy = cx->sv->realloc(cx, NULL, path.len + 1);
  if (!copy) {
    world_no_memory(cx);
    return NULL;
  }
  memcpy(copy, path.ptr, path.len);
  copy[path.len] = '\0';
  return copy;
}
#endif
