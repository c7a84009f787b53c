/* host.c - a program with two plugins in it, linked and not loaded: what a
 * plugin exports under -DPERI_STATIC=first is perigee_plugin_v1_first.
 *
 * Prints every item of both, and what their functions give. */
#include <perigee/abi.h>
#include <stdio.h>
#include <string.h>

extern const peri_plugin perigee_plugin_v1_first, perigee_plugin_v1_second;

static const peri_item *find(const peri_plugin *plugin, const char *start)
{
  for (const peri_item *at = plugin->items; at < plugin->items_end; at++) {
    if (strncmp(at->decl, start, strlen(start)) == 0) {
      return at;
    }
  }
  return NULL;
}

static void list(const peri_plugin *plugin)
{
  printf("%s %s\n", plugin->name, plugin->version);
  for (const peri_item *at = plugin->items; at < plugin->items_end; at++) {
    if (at->kind != 0) { /* the plugin itself */
      printf("  %u %.*s\n", at->kind, (int)strcspn(at->decl, "\n"), at->decl);
    }
  }
}

/* Through its true type, by slots, and over columns. */
static void call(const peri_plugin *plugin, const char *start)
{
  const peri_item *item = find(plugin, start);
  if (!item) {
    printf("%s has no '%s'\n", plugin->name, start);
    return;
  }
  int32_t (*fn)(int32_t, int32_t) = (int32_t(*)(int32_t, int32_t))item->fn;
  int32_t a[] = {1, -10, 2000}, b[] = {2, 10, 2000}, out[3];
  peri_slot args[2] = {{.i32 = 7}, {.i32 = 5}}, result;
  peri_col columns[2] = {{.n = 3, .data = a, .type = PERI_T_I32},
                         {.n = 3, .data = b, .type = PERI_T_I32}};
  ((peri_call_fn *)item->call)(NULL, args, &result);
  ((peri_map_fn *)item->map)(NULL, 3, columns, out, NULL);
  printf("%s%d, %d, (%d %d %d)\n", start, fn(7, 5), result.i32, out[0], out[1],
         out[2]);
}

int main(void)
{
  list(&perigee_plugin_v1_first);
  list(&perigee_plugin_v1_second);
  call(&perigee_plugin_v1_first, "function min");
  call(&perigee_plugin_v1_first, "function max");
  call(&perigee_plugin_v1_second, "function min");
  return 0;
}
