/* hooks.h - which hook may and must belong to which kind of item. */
#ifndef PG_PLUGIN_HOOKS_H
#define PG_PLUGIN_HOOKS_H
#include "plugin/plugin.h"

/* "process", ...; NULL: this host does not know the hook. */
const char *pg_hook_name(uint32_t hook);

/* May an item of this kind (0: the plugin itself) have the hook? */
bool pg_hook_fits(uint32_t hook, uint32_t kind);

/* Does the item have all hooks that its kind needs?  Fails: PG_REFUSED */
enum pg_status pg_hook_check(const struct pg_plugin_item *item,
                             struct pg_error *err);

#endif
