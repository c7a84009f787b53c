/* class.h - objects of the classes of plugins, as userdata. */
#ifndef PG_BIND_CLASS_H
#define PG_BIND_CLASS_H
#include "bind/call_parts.h"
#include "bind/udata.h"

/* While a call converts arguments or a result, Lua may run a finalizer that
 * releases the object: `pins` puts that off until the call is done. */
struct pg_object {
  const struct pg_plugin_item *class; /* first: the tag of udata.h */
  struct pg_caller *caller;
  void *self;  /* the state for those who may use it; NULL: released */
  void *state; /* owned */
  int pins;
  bool is_made; /* CREATE succeeded, so DESTROY is due */
};

/* The object of `class` at `index`, or NULL. */
static inline struct pg_object *pg_object_to(lua_State *L, int index,
                                             const struct pg_plugin_item *class)
{
  return pg_udata_to(L, index, sizeof(struct pg_object), class);
}

/* The object of the class at index 1; raises when it is none, or released. */
struct pg_object *pg_object_check(lua_State *L, const struct pg_plugin *plugin,
                                  const struct pg_plugin_item *class);

/* Pushes an object that is not made yet.  Its state is zeroed; NULL: no memory.
 */
struct pg_object *pg_object_push(lua_State *L, const struct pg_plugin *plugin,
                                 const struct pg_plugin_item *class);

/* Now it is, or it could not be, and has no state any more. */
void pg_object_made(lua_State *L, struct pg_object *object, bool good);

/* Destroys the object unless a call holds it; again is fine. */
void pg_object_release(lua_State *L, struct pg_object *object);

/* Lets go of an object whose `pins` were raised by one. */
void pg_object_unpin(lua_State *L, struct pg_object *object);

/* Elements of an object: object[i], object[i] = v, #object.  The object, and
 * for set the value, is checked; the key is an integer. */
int pg_object_get(lua_State *L, lua_Integer i);
int pg_object_set(lua_State *L);
int pg_object_len(lua_State *L);

#endif
