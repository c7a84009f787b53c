/* copy.h - private copies of plugins, named by content.
 *
 * What is loaded is never the file that was named: that one may be overwritten
 * while it is mapped, and the dynamic loader takes a replaced file for the one
 * that it knows.  A copy is never written to once it has its name. */
#ifndef PG_PLUGIN_COPY_H
#define PG_PLUGIN_COPY_H
#include "base/status.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* The zeroed struct is empty. */
struct pg_copy {
  char path[PATH_MAX];
  bool temporary; /* in a directory of its own, both to be removed */
};

/* Finds or makes the copy of bytes[0..size) in the cache directory
 * (${XDG_CACHE_HOME:-~/.cache}/perigee), or in a new directory when that one
 * cannot be used.  A copy that exists is compared byte by byte (known.h says
 * when neither is read).  A new one
 * makes those go that were not used for a month.
 *
 * Fails: PG_IO, PG_NO_MEMORY
 */
enum pg_status pg_copy_make(const char *sha256, const void *bytes, size_t size,
                            struct pg_copy *copy, struct pg_error *err);

/* Is it a copy that only we may write to, and that was lately used?  When not,
 * pg_copy_make() sees to it. */
bool pg_copy_is_fresh(const struct stat *st);

/* Was this content probed well (see plugin/probe.h)?  Kept in the cache
 * directory beside the copies, and no longer than they; without that directory
 * nothing is remembered. */
bool pg_copy_is_probed(const char *sha256);
void pg_copy_set_probed(const char *sha256);

/* Removes a temporary copy; one that is mapped stays so. */
void pg_copy_fini(struct pg_copy *copy);

#endif
