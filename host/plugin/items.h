/* items.h - reads what a plugin exports: its items, and the hooks that belong
 * to them.  The same reader serves a loaded plugin and a file that is only
 * described. */
#ifndef PG_PLUGIN_ITEMS_H
#define PG_PLUGIN_ITEMS_H
#include "plugin/plugin.h"
#include "plugin/span.h"

/* Fills the names, items and hooks of `plugin` from the exported object at
 * `address` of the file.  Everything is copied into `arena`, except for the
 * functions and `item`s, which are set when `loaded`.
 *
 * Fails: PG_REFUSED (names the item), PG_NO_MEMORY
 */
enum pg_status pg_items_read(const struct pg_span *span, uint64_t address,
                             bool loaded, struct pg_arena *arena,
                             struct pg_plugin *plugin, struct pg_error *err);

#endif
