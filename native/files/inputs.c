/* inputs.c - paths, patterns and "-" to files that were seen to open. */
#include "inputs.h"

#include <glob.h>
#include <unistd.h>

#define STDIN "-"

/* ----------------------------------------------------------------- one file */

int32_t input_open(peri_cx *cx, const peri_io *io, struct input *input)
{
  int32_t fd = input->fd;
  if (fd >= 0) {
    input->fd = -1;
    return fd;
  }
  return io->open(cx, input->path, O_RDONLY | O_CLOEXEC, 0);
}

/* [take] path */
static peri_status add(peri_cx *cx, struct inputs *inputs, char *path,
                       int32_t fd, bool regular)
{
  if (inputs->count == inputs->room) {
    size_t room = inputs->room ? inputs->room * 2 : 8;
    struct input *list = cx->sv->realloc(cx, inputs->list, room * sizeof *list);
    if (!list) {
      cx->sv->realloc(cx, path, 0);
      return world_no_memory(cx);
    }
    inputs->list = list;
    inputs->room = room;
  }
  inputs->list[inputs->count++] = (struct input){path, fd, regular};
  return PERI_OK;
}

/* Looks at an open file and keeps it in the list.  What is no regular file
 * stays open: a pipe whose reader went away would stop its writer. [take] path
 */
static peri_status look(peri_cx *cx, const peri_io *io, struct inputs *inputs,
                        char *path, int32_t fd)
{
  int64_t length = io->length(cx, fd);
  bool regular = length >= 0 && fd != STDIN_FILENO;
  int64_t nothing = io->read(cx, fd, path, 0); /* a directory tells itself */
  peri_status status = PERI_OK;
  if (nothing < 0 && nothing != -EAGAIN && nothing != -EINTR) {
    status = world_fail_errno(cx, "read", path, nothing);
    cx->sv->realloc(cx, path, 0);
  } else {
    status = add(cx, inputs, path, regular ? -1 : fd, regular);
  }
  if ((regular || status != PERI_OK) && fd != STDIN_FILENO) {
    io->close(cx, fd);
  }
  inputs->endless |= length < 0;
  inputs->bytes += length < 0 ? 0 : (uint64_t)length;
  return status;
}

/* ----------------------------------------------------------------- patterns */

static bool is_pattern(const char *path)
{
  return strpbrk(path, "*?[") != NULL;
}

/* Directories that a pattern happens to match are passed over. */
static peri_status add_match(peri_cx *cx, const peri_io *io,
                             struct inputs *inputs, const char *match)
{
  size_t len = strlen(match);
  if (len > 0 && match[len - 1] == '/') {
    return PERI_OK;
  }
  char *path = world_path(cx, (peri_str){match, len});
  if (!path) {
    return cx->failed;
  }
  int32_t fd = io->open(cx, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) {
    peri_status status = world_fail_errno(cx, "open", path, fd);
    cx->sv->realloc(cx, path, 0);
    return status;
  }
  return look(cx, io, inputs, path, fd);
}

static peri_status add_matches(peri_cx *cx, const peri_io *io,
                               struct inputs *inputs, const char *pattern)
{
  glob_t found = {0};
  size_t before = inputs->count;
  peri_status status = PERI_OK;
  int result = glob(pattern, GLOB_MARK | GLOB_ERR, NULL, &found);
  if (result == GLOB_NOSPACE) {
    status = world_no_memory(cx);
  } else if (result == GLOB_ABORTED) {
    status = world_fail(cx, PERI_EIO, "expand", pattern, strerror(errno));
  }
  for (size_t i = 0; status == PERI_OK && i < found.gl_pathc; i++) {
    status = add_match(cx, io, inputs, found.gl_pathv[i]);
  }
  globfree(&found);
  if (status == PERI_OK && inputs->count == before) {
    status = world_fail(cx, PERI_EIO, "open", pattern, "no file matches");
  }
  return status;
}

/* -------------------------------------------------------------- all of them */

static peri_status add_stdin(peri_cx *cx, const peri_io *io,
                             struct inputs *inputs, char *path)
{
  for (size_t i = 0; i < inputs->count; i++) {
    if (strcmp(inputs->list[i].path, STDIN) == 0) {
      cx->sv->realloc(cx, path, 0);
      return peri_fail(cx, PERI_EINVAL, "parameter 'path': '-' is there twice");
    }
  }
  return look(cx, io, inputs, path, STDIN_FILENO);
}

/* A file of exactly that name comes before what a pattern matches. */
static peri_status add_path(peri_cx *cx, const peri_io *io,
                            struct inputs *inputs, peri_str text)
{
  char *path = world_path(cx, text);
  if (!path) {
    return cx->failed;
  }
  if (strcmp(path, STDIN) == 0) {
    return add_stdin(cx, io, inputs, path);
  }
  int32_t fd = io->open(cx, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0) {
    return look(cx, io, inputs, path, fd);
  }
  peri_status status = fd == -ENOENT && is_pattern(path)
                         ? add_matches(cx, io, inputs, path)
                         : world_fail_errno(cx, "open", path, fd);
  cx->sv->realloc(cx, path, 0);
  return status;
}

peri_status inputs_find(peri_cx *cx, const peri_io *io, peri_list_str paths,
                        struct inputs *inputs)
{
  *inputs = (struct inputs){0};
  peri_status status = PERI_OK;
  for (size_t i = 0; status == PERI_OK && i < paths.len; i++) {
    status = add_path(cx, io, inputs, paths.ptr[i]);
  }
  if (status == PERI_OK && inputs->count == 0) {
    status = peri_fail(cx, PERI_EINVAL, "parameter 'path' names no file");
  }
  return status;
}

void inputs_fini(peri_cx *cx, const peri_io *io, struct inputs *inputs)
{
  for (size_t i = 0; i < inputs->count; i++) {
    if (inputs->list[i].fd > STDIN_FILENO) {
      io->close(cx, inputs->list[i].fd);
    }
    cx->sv->realloc(cx, inputs->list[i].path, 0);
  }
  cx->sv->realloc(cx, inputs->list, 0);
  *inputs = (struct inputs){0};
}
