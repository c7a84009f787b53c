/* file.h - reads a plugin's file, after checks of who could have written it. */
#ifndef PG_PLUGIN_FILE_H
#define PG_PLUGIN_FILE_H
#include "base/status.h"

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>

#define PG_FILE_SIZE_MAX ((size_t)64 << 20)

/* The zeroed struct is empty. */
struct pg_file {
  char *path;  /* owned: absolute, without symbolic links */
  void *bytes; /* owned, 16-byte aligned */
  size_t size;
  struct stat st; /* before it was read */
};

/* Refuses what is no regular file, what belongs to somebody else than us or
 * root, what others may write to, and what lies in a directory of which that is
 * true; the sticky bit excuses a directory when what lies in it is ours.
 *
 * [in]   directory  must hold the file after symbolic links, or NULL: any
 * [out]  file  set only on PG_OK; release with pg_file_fini()
 * Fails: PG_IO, PG_REFUSED, PG_NO_MEMORY
 */
enum pg_status pg_file_read(const char *path, const char *directory,
                            struct pg_file *file, struct pg_error *err);

/* The same checks of a file that is not read.
 *
 * [out]  real  the path, absolute, without symbolic links
 */
enum pg_status pg_file_find(const char *path, const char *directory,
                            char real[PATH_MAX], struct stat *st,
                            struct pg_error *err);

void pg_file_fini(struct pg_file *file);

/* The check of a directory and all above it; `path` is absolute and has no
 * symbolic links, or it is refused.
 *
 * [in]   checked  the path of a file that was found or read just now: what it
 *                 lies in, too, is not looked at again; or NULL
 * Fails: PG_IO, PG_REFUSED
 */
enum pg_status pg_file_check_directory(const char *path, const char *checked,
                                       struct pg_error *err);

#endif
