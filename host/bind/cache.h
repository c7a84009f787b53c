/* cache.h - the cache directory for lua/perigee. */
#ifndef PG_BIND_CACHE_H
#define PG_BIND_CACHE_H
#include <lua.h>

/* core.stamp(path) -> a text that changes when the file does; nil: there is no
 * such file, or it is so new that it may change within one tick of its times.
 */
int pg_bind_cache_stamp(lua_State *L);

/* core.cache_read(name) -> what was written, or nil */
int pg_bind_cache_read(lua_State *L);

/* core.cache_write(name, text): best effort */
int pg_bind_cache_write(lua_State *L);

#endif
