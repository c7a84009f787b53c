/* inspect.h - all checks of a plugin that need none of its code. */
#ifndef PG_PLUGIN_INSPECT_H
#define PG_PLUGIN_INSPECT_H
#include "plugin/elf.h"
#include "plugin/file.h"
#include "plugin/plugin.h"

/* Checks the content of a file and reads what it declares.
 *
 * [out]  elf     borrows from `file`
 * [out]  plugin  described; texts and items lie in `arena`
 * Fails: PG_REFUSED, PG_UNSUPPORTED, PG_NO_MEMORY
 */
enum pg_status pg_inspect(const struct pg_file *file, struct pg_arena *arena,
                          struct pg_elf *elf, struct pg_plugin *plugin,
                          struct pg_error *err);

/* Puts "plugin 'path': " before the text of a failure; answers `status`. */
enum pg_status pg_inspect_blame(const char *path, enum pg_status status,
                                struct pg_error *err);

#endif
