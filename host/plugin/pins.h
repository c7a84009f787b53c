/* pins.h - the contents that a directory of plugins may have, when it says so.
 *
 * A file "plugins.pins" beside the plugins holds lines as sha256sum writes
 * them: "<sha256>  <name>.so".  Empty lines and those that begin with # say
 * nothing. */
#ifndef PG_PLUGIN_PINS_H
#define PG_PLUGIN_PINS_H
#include "base/status.h"

#define PG_PINS_NAME "plugins.pins"

/* Refuses a file that the pins of its directory do not name, or name with
 * another sum; without pins any is good.
 *
 * [in]   path    absolute, without symbolic links
 * [in]   sha256  of its content, in hexadecimal
 * Fails: PG_REFUSED (names both sums), PG_IO, PG_NO_MEMORY
 * Thread: any
 */
enum pg_status pg_pins_check(const char *path, const char *sha256,
                             struct pg_error *err);

#endif
