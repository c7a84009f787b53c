/* call_parts.h - a call of a function, a method or a constructor, in steps. */
#ifndef PG_BIND_CALL_PARTS_H
#define PG_BIND_CALL_PARTS_H
#include "bind/caller.h"

#define PG_CALL_SLOTS_MAX 8 /* on the C stack; more go to the arena */

/* Between begin and end nothing raises but for want of memory. */
struct pg_call {
  struct pg_convert convert;
  struct pg_caller *caller;
  int first, given;                     /* arguments on the Lua stack */
  const struct pg_shape *const *shapes; /* of them, when they are being read */
  int pinned; /* so many of them are pinned if they are objects */
};

/* Makes a call ready whose arguments lie from stack index `first` to the top.
 * Failures of its steps go to `err`.  Raises when the Lua state is closing. */
void pg_call_begin(struct pg_call *call, lua_State *L, struct pg_caller *caller,
                   int first, struct pg_error *err);
void pg_call_end(struct pg_call *call);

/* Reads the arguments into as many slots as the item has parameters.  False:
 * err names the parameter. */
bool pg_call_read_args(struct pg_call *call, const struct pg_plugin_item *item,
                       peri_slot *slots);

/* All of it: reads the arguments, calls, and pushes the one result.  `self`,
 * when not NULL, is slot 0.  False: see err, for pg_call_raise(). */
bool pg_call_item(lua_State *L, struct pg_caller *caller,
                  const struct pg_plugin_item *item, int first, void *self,
                  struct pg_error *err);

/* What a hook or a call answered; the text has no name in front. */
enum pg_status pg_call_status(struct pg_context *context, peri_status status,
                              struct pg_error *err);

/* Raises "plugin.item: text", "plugin.class:method: text". */
int pg_call_raise(lua_State *L, const struct pg_plugin *plugin,
                  const struct pg_plugin_item *item,
                  const struct pg_error *err);

#endif
