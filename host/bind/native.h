/* native.h - light userdata that stand for items of loaded plugins. */
#ifndef PG_BIND_NATIVE_H
#define PG_BIND_NATIVE_H
#include "bind/call.h"

/* The native of an item of a loaded plugin; natives lie as the plugin's items
 * do.  As light userdata it is one that pg_bind_to_native() knows.  Raises for
 * want of memory.  Thread: any */
const struct pg_native *pg_native_of(lua_State *L,
                                     const struct pg_plugin *plugin,
                                     const struct pg_plugin_item *item);

#endif
