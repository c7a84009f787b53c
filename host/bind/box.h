/* box.h - C resources in the hands of Lua's collector.
 *
 * A box is made empty, then filled: whatever raises in between, the box is
 * emptied. */
#ifndef PG_BIND_BOX_H
#define PG_BIND_BOX_H
#include <lua.h>
#include <stddef.h>

/* Pushes a box and returns its `size` zeroed bytes, aligned to 16.
 * fini  empties it; must accept the zeroed bytes, and is called once */
void *pg_box_new(lua_State *L, size_t size, void (*fini)(void *));

/* Empties the box at `index` now.  Never raises. */
void pg_box_close(lua_State *L, int index);

#endif
