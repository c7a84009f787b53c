/* missing.h - what a plugin needs and nobody has: all of it, where the dynamic
 * loader names the first thing only. */
#ifndef PG_PLUGIN_MISSING_H
#define PG_PLUGIN_MISSING_H
#include "plugin/elf.h"

/* After dlopen() has refused the file: says which libraries and symbols are
 * missing, or, when it is none of these, what the dynamic loader said.  Loads
 * the libraries that are there, for good.
 *
 * [in]   elf   has passed pg_elf_check()
 * [in]   path  as it was given to dlopen()
 * Thread: the one that called dlopen()
 * Fails: always; PG_REFUSED
 */
enum pg_status pg_missing_fail(const struct pg_elf *elf, const char *path,
                               struct pg_error *err);

#endif
