/* native.c - every plugin that was described gets a table of natives, which
 * stays until the process ends, as the plugin does.  All states share it, so a
 * light userdata that comes back from Lua is looked up before it is believed.
 */
#include "bind/native.h"

#include "bind/call_direct.h"
#include "bind/call_quick.h"

#include <lauxlib.h>
#include <pthread.h>
#include <stdlib.h>

struct table {
  struct table *next;
  size_t count;
  struct pg_native natives[]; /* as plugin->items */
};

static struct table *tables; /* never freed */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct table *find(const struct pg_plugin *plugin)
{
  struct table *table = tables;
  while (table && table->natives[0].plugin != plugin) {
    table = table->next;
  }
  return table;
}

static struct pg_native native_of(const struct pg_plugin *plugin,
                                  const struct pg_plugin_item *item)
{
  struct pg_native native = {.plugin = plugin, .item = item, .quick_count = -1};
  bool is_method = item->decl->kind == PERI_K_METHOD;
  size_t count;
  if (!item->item || (!is_method && item->decl->kind != PERI_K_FUNCTION)) {
    return native;
  }
  native.fn = item->item->fn;
  native.call = (peri_call_fn *)item->item->call;
  pg_call_set_quick(&native);
  if (!is_method) {
    native.wrapper = pg_call_plain(item);
  } else {
    native.class =
      pg_plugin_item(plugin, PERI_K_CLASS, item->decl->owner, &count);
    native.wrapper = pg_call_bound_method(item);
  }
  return native;
}

/* NULL: no memory. */
static struct table *add(const struct pg_plugin *plugin)
{
  size_t count = plugin->item_count;
  struct table *table = malloc(sizeof *table + count * sizeof *table->natives);
  if (table) {
    table->count = count;
    for (size_t i = 0; i < count; i++) {
      table->natives[i] = native_of(plugin, &plugin->items[i]);
    }
    table->next = tables;
    tables = table;
  }
  return table;
}

const struct pg_native *pg_native_of(lua_State *L,
                                     const struct pg_plugin *plugin,
                                     const struct pg_plugin_item *item)
{
  pthread_mutex_lock(&lock);
  struct table *table = find(plugin);
  table = table ? table : add(plugin);
  pthread_mutex_unlock(&lock);
  if (!table) {
    luaL_error(L, "no memory for the items of plugin '%s'", plugin->name);
  }
  return &table->natives[item - plugin->items];
}

const struct pg_native *pg_bind_to_native(lua_State *L, int index)
{
  const struct pg_native *native = lua_touserdata(L, index);
  bool known = false;
  if (!lua_islightuserdata(L, index)) {
    return NULL;
  }
  pthread_mutex_lock(&lock);
  for (struct table *table = tables; table && !known; table = table->next) {
    known = native >= table->natives &&
            native < table->natives + table->count &&
            ((const char *)native - (const char *)table->natives) %
                (ptrdiff_t)sizeof *native ==
              0;
  }
  pthread_mutex_unlock(&lock);
  return known ? native : NULL;
}
