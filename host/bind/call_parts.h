/* call_parts.h - a call of a function or method, in steps. */
#ifndef PG_BIND_CALL_PARTS_H
#define PG_BIND_CALL_PARTS_H
#include "bind/caller.h"

/* Reads the arguments from stack index `first` on into as many slots as the
 * declaration has.  False: see c->err, which names the parameter. */
bool pg_call_read_args(struct pg_convert *c, const struct pg_plugin_item *item,
                       int first, peri_slot *slots);

/* Calls `item` with the arguments from stack index `first` on and pushes its
 * one result.  `self`, when not NULL, is slot 0.  False: see err, for
 * pg_call_raise(). */
bool pg_call_item(lua_State *L, struct pg_caller *caller,
                  const struct pg_plugin_item *item, int first, void *self,
                  struct pg_error *err);

/* What a hook or a call answered, without a name in front. */
enum pg_status pg_call_status(struct pg_context *context, peri_status status,
                              struct pg_error *err);

/* Raises "plugin.item: text", "plugin.class:method: text". */
int pg_call_raise(lua_State *L, const struct pg_plugin *plugin,
                  const struct pg_plugin_item *item,
                  const struct pg_error *err);

#endif
