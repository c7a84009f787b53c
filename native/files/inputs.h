/* inputs.h - which files the parameter `path` names. */
#ifndef PERIGEE_FILES_INPUTS_H
#define PERIGEE_FILES_INPUTS_H
#include "world.h"

struct input {
  char *path;   /* owned; "-" is the standard input */
  int32_t fd;   /* open when it is no regular file, else -1 */
  bool regular; /* it can be opened when its turn comes */
};

struct inputs {       /* the zeroed struct is empty */
  struct input *list; /* owned */
  size_t count, room;
  uint64_t bytes; /* of all whose length is known */
  bool endless;   /* there are others */
};

/* Finds all files, in the order of `paths`, those of a pattern by name.  Each
 * was opened once, so that a missing file shows itself before anything is
 * written.
 *
 * [out]  inputs  release with inputs_fini(), also on failure
 * Fails: PERI_EIO (a file), PERI_EINVAL (the parameter), PERI_ENOMEM; told
 */
peri_status inputs_find(peri_cx *cx, const peri_io *io, peri_list_str paths,
                        struct inputs *inputs);

/* Opens one; below 0: -errno.  The descriptor is the caller's. */
int32_t input_open(peri_cx *cx, const peri_io *io, struct input *input);

void inputs_fini(peri_cx *cx, const peri_io *io, struct inputs *inputs);
#endif
