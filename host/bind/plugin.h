/* plugin.h - "perigee.plugin" for Lua: a loaded plugin.
 *
 *   plugin:describe()   what it holds; natives included
 *   plugin:call(name)   a function of Lua that calls that function */
#ifndef PG_BIND_PLUGIN_H
#define PG_BIND_PLUGIN_H
#include "plugin/plugin.h"

#include <lua.h>

/* core.describe(path) -> description, or nil, message */
int pg_bind_plugin_describe(lua_State *L);
/* core.load(path) -> plugin, or nil, message */
int pg_bind_plugin_load(lua_State *L);
/* core.probe(path) -> true, or nil, message: tries it in a process of its own,
 * once for each content */
int pg_bind_plugin_probe(lua_State *L);
/* core.missing(path) -> libraries that it needs and that are not there, a line
 * for each; or nil, message */
int pg_bind_plugin_missing(lua_State *L);
/* core.check_params(plugin, kind, name, params) -> true, or nil, message */
int pg_bind_plugin_check_params(lua_State *L);
/* core.schema(plugin, kind, name, params) -> list of { name =, type = }; nil:
 * not known; or nil, message */
int pg_bind_plugin_schema(lua_State *L);

/* The plugin at `index`; raises when it is none. */
const struct pg_plugin *pg_bind_plugin_check(lua_State *L, int index);

/* "source", "kernel", ... as PERI_K_*; raises for any other text. */
uint32_t pg_bind_plugin_kind(lua_State *L, const char *word);

/* The stage or codec; raises when there is none. */
const struct pg_plugin_item *pg_bind_plugin_item(lua_State *L,
                                                 const struct pg_plugin *plugin,
                                                 uint32_t kind,
                                                 const char *name);

#endif
