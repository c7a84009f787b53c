/* inspect.c - file, note, tables, items: in this order, since each is believed
 * only after the one before. */
#include "plugin/inspect.h"

#include "plugin/items.h"
#include "plugin/note.h"
#include "plugin/span.h"

#include <stdlib.h>
#include <string.h>

static enum pg_status read_items(const struct pg_elf *elf,
                                 struct pg_arena *arena,
                                 struct pg_plugin *plugin, struct pg_error *err)
{
  char *memory = NULL;
  enum pg_status status = pg_span_make(elf, &memory, err);
  if (status == PG_OK) {
    struct pg_span span = {.elf = elf, .memory = memory, .base = 0};
    status =
      pg_items_read(&span, elf->plugin_address, false, arena, plugin, err);
  }
  free(memory);
  return status;
}

static enum pg_status check_identity(const peri_note *note,
                                     const struct pg_plugin *plugin,
                                     struct pg_error *err)
{
  if (strcmp(note->name, plugin->name) == 0 &&
      strcmp(note->version, plugin->version) == 0) {
    return PG_OK;
  }
  return pg_fail(err, PG_REFUSED,
                 "its note says '%s' %s, '%s' says '%.100s' %.100s", note->name,
                 note->version, PERI_SYMBOL, plugin->name, plugin->version);
}

enum pg_status pg_inspect(const struct pg_file *file, struct pg_arena *arena,
                          struct pg_elf *elf, struct pg_plugin *plugin,
                          struct pg_error *err)
{
  peri_note note;
  enum pg_status status = pg_elf_open(file->bytes, file->size, elf, err);
  if (status == PG_OK) {
    status = pg_note_check(elf, &note, err);
  }
  if (status == PG_OK) {
    status = pg_elf_check(elf, err);
  }
  if (status == PG_OK) {
    status = read_items(elf, arena, plugin, err);
  }
  if (status != PG_OK) {
    return status;
  }
  plugin->static_tls = elf->static_tls;
  plugin->unique_symbols = elf->unique_symbols;
  plugin->path = pg_arena_copy(arena, file->path, strlen(file->path));
  if (!plugin->path) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a path");
  }
  return check_identity(&note, plugin, err);
}

enum pg_status pg_inspect_blame(const char *path, enum pg_status status,
                                struct pg_error *err)
{
  if (status != PG_OK && err) {
    struct pg_error why = *err;
    pg_fail(err, status, "plugin '%.300s': %.680s", path, why.text);
  }
  return status;
}
