/* needs.h - which libraries a file needs and the system has not, told without
 * running any of its code. */
#ifndef PG_PLUGIN_NEEDS_H
#define PG_PLUGIN_NEEDS_H
#include "base/status.h"

#define PG_NEEDS_BYTES 4096 /* of names; what is more is left out */

/* Names every library that is missing, a line for each.  It asks the dynamic
 * loader, as a program of its own, which looks for libraries and runs nothing.
 *
 * [in]   path  of a file that pg_plugin_describe() has passed
 * Fails: PG_IO, PG_NO_MEMORY, PG_UNSUPPORTED (no glibc, or a
 *        program with other rights than its user)
 */
enum pg_status pg_needs_missing(const char *path, char names[PG_NEEDS_BYTES],
                                struct pg_error *err);

#endif
