/* plugin.c - describing a file, and finding the items of a plugin. */
#include "plugin/plugin.h"

#include "plugin/inspect.h"
#include "plugin/pins.h"
#include "plugin/sha256.h"

#include <stdlib.h>
#include <string.h>

struct described {
  struct pg_plugin plugin; /* first */
  struct pg_arena arena;
};

static enum pg_status describe(const struct pg_file *file,
                               struct pg_plugin **plugin, struct pg_error *err)
{
  struct described *described = calloc(1, sizeof *described);
  if (!described) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a description");
  }
  struct pg_elf elf;
  pg_sha256(file->bytes, file->size, described->plugin.sha256);
  enum pg_status status =
    pg_pins_check(file->path, described->plugin.sha256, err);
  if (status == PG_OK) {
    status = pg_inspect(file, &described->arena, &elf, &described->plugin, err);
  }
  if (status != PG_OK) {
    pg_plugin_free(&described->plugin);
    return status;
  }
  *plugin = &described->plugin;
  return PG_OK;
}

enum pg_status pg_plugin_describe(const char *path, const char *directory,
                                  struct pg_plugin **plugin,
                                  struct pg_error *err)
{
  struct pg_file file = {0};
  enum pg_status status = pg_file_read(path, directory, &file, err);
  if (status == PG_OK) {
    status = describe(&file, plugin, err);
  }
  pg_file_fini(&file);
  return pg_inspect_blame(path, status, err);
}

void pg_plugin_free(struct pg_plugin *plugin)
{
  if (plugin) {
    struct described *described = (struct described *)plugin;
    pg_arena_fini(&described->arena);
    free(described);
  }
}

const struct pg_plugin_item *pg_plugin_items(const struct pg_plugin *plugin,
                                             uint32_t kind, size_t *count)
{
  const struct pg_plugin_item *first = NULL;
  *count = 0;
  for (size_t i = 0; i < plugin->item_count; i++) {
    if (plugin->items[i].decl->kind == kind) {
      first = first ? first : &plugin->items[i];
      ++*count;
    }
  }
  return first;
}

const struct pg_plugin_item *pg_plugin_item(const struct pg_plugin *plugin,
                                            uint32_t kind, const char *name,
                                            size_t *count)
{
  size_t all;
  const struct pg_plugin_item *items = pg_plugin_items(plugin, kind, &all);
  const struct pg_plugin_item *first = NULL;
  *count = 0;
  for (size_t i = 0; i < all; i++) {
    if (strcmp(items[i].decl->name, name) == 0) {
      first = first ? first : &items[i];
      ++*count;
    }
  }
  return first;
}
