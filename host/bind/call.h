/* call.h - native plugins for Lua: descriptions, functions, and the way of
 * values across.
 *
 * Numbers cross exactly or not at all: an integer that the type cannot hold, a
 * fraction given to an integer, and a u64 result that neither a Lua integer nor
 * a float holds are errors, never wrapped or rounded.  f64 takes any number,
 * f32 any that does not overflow.  Strings are not numbers and numbers are not
 * strings.  A char is one character of UTF-8.
 *
 * What does not fit raises "plugin.function: parameter 'a': expected i32
 * (-2147483648 to 2147483647), got 2147483648"; what a function fails with
 * raises "plugin.function: reason".  There is one spelling for those who go on:
 * local ok, result_or_message = pcall(f, ...).
 *
 * Nothing here lets a Lua error cross a frame of a plugin: all checks come
 * before the call, results are copied and failures raised after it. */
#ifndef PG_BIND_CALL_H
#define PG_BIND_CALL_H
#include "plugin/plugin.h"

#include <lua.h>

/* Pushes the description of a plugin, loaded or not, as lua/perigee reads it:
 * one table; natives are there when it is loaded.  Answers 1. */
int pg_bind_describe(lua_State *L, const struct pg_plugin *plugin);

/* Pushes a function that calls items[0..count), functions of one name of a
 * loaded plugin: by their arguments when there are several. */
void pg_bind_push_function(lua_State *L, const struct pg_plugin *plugin,
                           const struct pg_plugin_item *items, size_t count);

/* Pushes a function that makes objects of a class of a loaded plugin.
 *
 *   local c <close> = make(...)    raises when the plugin refuses
 *   c:method(...), c.field, c[i], #c, c:release()
 *
 * A field is read only; c[i] and #c are there when the class has VIEW, and c[i]
 * can be written when that says so.  The object is destroyed exactly once: by
 * release(), at the end of a <close>, or by the collector; use after that
 * raises. */
void pg_bind_push_class(lua_State *L, const struct pg_plugin *plugin,
                        const struct pg_plugin_item *item);

/* Reads the Lua value at `index` as parameters; strings are copied to `arena`.
 * Never raises, and runs no metamethod.
 *
 * [out]  value  set only when true
 * Fails: false, with the text in `err`: a function or another value that is no
 *        parameter, a list with holes, a table that contains itself, too much
 */
bool pg_bind_value(lua_State *L, int index, struct pg_arena *arena,
                   struct pg_value *value, struct pg_error *err);

#endif
