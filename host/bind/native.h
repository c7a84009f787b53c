/* native.h - light userdata that stand for items of loaded plugins. */
#ifndef PG_BIND_NATIVE_H
#define PG_BIND_NATIVE_H
#include "bind/call.h"

/* Pushes the native of an item of a loaded plugin; pg_bind_to_native() knows
 * it.  Thread: any */
void pg_native_push(lua_State *L, const struct pg_plugin *plugin,
                    const struct pg_plugin_item *item);

#endif
