/* known.h - files that have passed every check, so that the next process need
 * not read, hash and inspect them: the copy that was made of one is loaded.
 *
 * What a check says follows from the content of the file, this program and the
 * processor.  The content is the same when device, inode, size and times are; a
 * file that changed less than seconds ago is not remembered, for its times may
 * not tell.  Who could write to the file, and its pins, is checked each time.
 */
#ifndef PG_PLUGIN_KNOWN_H
#define PG_PLUGIN_KNOWN_H
#include "plugin/copy.h"
#include "plugin/elf.h"

#include <sys/stat.h>

struct pg_known {
  char sha256[65];
  struct pg_elf elf; /* segments and the exported object; no bytes */
  struct pg_copy copy;
};

/* Is this file known, and its copy still there as it was?
 *
 * [in]   path, file   from pg_file_find()
 */
bool pg_known_find(const char *path, const struct stat *file,
                   struct pg_known *known);

/* Remembers a file that has passed, and of which `copy` was made; best effort.
 *
 * [in]   file   as it was before it was read
 */
void pg_known_note(const struct stat *file, const char *sha256,
                   const struct pg_elf *elf, const struct pg_copy *copy);

#endif
