/* native.h - light userdata that stand for items of loaded plugins. */
#ifndef PG_BIND_NATIVE_H
#define PG_BIND_NATIVE_H
#include "plugin/plugin.h"

#include <lua.h>

#define PG_QUICK_ARGS_MAX 8

struct pg_native;
typedef int pg_wrapper(lua_State *L, const struct pg_native *native);

/* What `native` of a description leads to.  Lives until the process ends. */
struct pg_native {
  const struct pg_plugin *plugin;
  const struct pg_plugin_item *item; /* loaded */
  /* Functions and methods: */
  peri_anyfn fn;                      /* item->item->fn */
  const struct pg_plugin_item *class; /* of a method */
  pg_wrapper *wrapper; /* of methods, and of functions that need no context */
  peri_call_fn *call;  /* item->item->call */
  int quick_count;     /* of arguments; -1: nothing for pg_call_quick() */
  int quick_buffers;   /* so many first ones may be buffers */
  uint8_t
    quick[PG_QUICK_ARGS_MAX + 1]; /* of them and the result: call_quick.c */
  /* of the buffers that are taken; see buffer.h */
  const void *quick_tag[PG_QUICK_ARGS_MAX + 1];
};

/* The native of an item of a loaded plugin; natives lie as the plugin's items
 * do.  As light userdata it is one that pg_bind_to_native() knows.  Raises for
 * want of memory.  Thread: any */
const struct pg_native *pg_native_of(lua_State *L,
                                     const struct pg_plugin *plugin,
                                     const struct pg_plugin_item *item);

/* The native at `index`, or NULL when the value there is none. */
const struct pg_native *pg_bind_to_native(lua_State *L, int index);

#endif
