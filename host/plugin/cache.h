/* cache.h - the cache directory, ${XDG_CACHE_HOME:-~/.cache}/perigee: what may
 * be made again at any time. */
#ifndef PG_PLUGIN_CACHE_H
#define PG_PLUGIN_CACHE_H
#include "base/status.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Finds or makes the directory, without symbolic links in its path.  False:
 * there is none, or others could write to it and it is not to be used.
 *
 * [in]   checked  as for pg_file_check_directory()
 */
bool pg_cache_find(const char *checked, char path[PATH_MAX]);

/* Adds a text to a path that is `*len` bytes long; false: it is too long. */
bool pg_cache_add(char path[PATH_MAX], size_t *len, const char *text);

/* path = "directory/name"; false: it is too long. */
bool pg_cache_join(char path[PATH_MAX], const char *directory,
                   const char *name);

/* Writes a file under a name that nobody else uses, then renames it: it has its
 * name when it is whole, also when several processes make it.
 *
 * Fails: PG_IO
 */
enum pg_status pg_cache_write(const char *path, const void *bytes, size_t size,
                              struct pg_error *err);

#endif
