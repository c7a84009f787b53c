/* refuse_test.c - plugins that do not fit, and files that are no longer what
 * the linker wrote: each ends in a message that says what was expected and
 * found, and none in a crash. */
#include "refuse_change.h"

#include "plugin/inspect.h"

#include <string.h>

/* ---------------------------------------------------------- built like that */

static void refuses_what_was_built_wrong(void)
{
  static const struct {
    const char *name, *part;
    enum pg_status status;
  } cases[] = {
    {"bad_note.so", "expected a note of perigee, found none", PG_REFUSED},
    {"bad_major.so", "version 2.0 of the plugin interface, this host has 1.0",
     PG_REFUSED},
    {"bad_minor.so", "version 1.7 of the plugin interface, this host has 1.0",
     PG_REFUSED},
    {"bad_header.so",
     "'peri_chunk.fields' of 8 bytes at offset 56, this host "
     "has 8 bytes at 48",
     PG_REFUSED},
    {"bad_kernel.so", "kernel 'idle' needs the hook 'process', found none",
     PG_REFUSED},
    {"bad_must.so", "cannot do without hook 30, which this host does not know",
     PG_UNSUPPORTED},
    {"bad_twice.so", "sink 'drain' is there twice", PG_REFUSED},
    {"bad_layout.so", "'wide.b' of 8 bytes lies at offset 12 of a struct of 16",
     PG_REFUSED},
    {"bad_lua.so", "its own copy of Lua ('lua_newstate')", PG_REFUSED},
    {"bad_entry.so", "expected it to export 'perigee_plugin_v1', found no such",
     PG_REFUSED},
    {"bad_type.so", "unknown type 'f65'", PG_REFUSED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pg_plugin *plugin;
    struct pg_error err = {0};
    enum pg_status status = pg_plugin_describe(
      world_path(PERIGEE_SPEC_PLUGINS, cases[i].name), NULL, &plugin, &err);
    world_failed(status, cases[i].status, &err, cases[i].part);
  }
}

static void refuses_what_is_no_library(void)
{
  static const struct {
    const char *bytes;
    size_t size;
    const char *part;
  } cases[] = {
    {"", 0, "found an empty file"},
    {"!<arch>\n", 8, "found a static library"},
    {"#!/bin/sh\n", 10, "found a script"},
    {"MZ", 2, "found a library for Windows"},
    {"\x7f"
     "EL",
     3, "found something else"},
    {"\x7f"
     "ELF",
     4, "the file is cut off: 4 bytes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pg_plugin *plugin;
    struct pg_error err = {0};
    const char *path = world_write("odd.so", cases[i].bytes, cases[i].size);
    enum pg_status status = pg_plugin_describe(path, NULL, &plugin, &err);
    world_failed(status, PG_REFUSED, &err, cases[i].part);
  }
}

/* ------------------------------------------------------- changed afterwards */

static char *bytes;
static size_t size;

static enum pg_status inspect(const void *changed, size_t n,
                              struct pg_error *err)
{
  struct pg_file file = {
    .path = (char *)"changed.so", .bytes = (void *)changed, .size = n};
  struct pg_arena arena = {0};
  struct pg_plugin plugin = {0};
  struct pg_elf elf;
  err->text[0] = '\0';
  enum pg_status status = pg_inspect(&file, &arena, &elf, &plugin, err);
  CHECK(status == PG_OK || err->text[0] != '\0', "refused without a word");
  pg_arena_fini(&arena);
  return status;
}

/* The first n bytes, in a block of this size: the sanitizers see it when one
 * byte too many is read. */
static enum pg_status inspect_cut(size_t n, struct pg_error *err)
{
  char *cut = malloc(n);
  memcpy(cut, bytes, n);
  enum pg_status status = inspect(cut, n, err);
  free(cut);
  return status;
}

static void refuse_change(change_fn *change, const char *part)
{
  struct pg_error err;
  char *changed = malloc(size);
  memcpy(changed, bytes, size);
  CHECK(change(changed, size), "nothing to change for '%s'", part);
  enum pg_status status = inspect(changed, size, &err);
  world_failed(status, PG_REFUSED, &err, part);
  free(changed);
}

static void refuses_changes_with_a_meaning(void)
{
  refuse_change(change_class, "built for 32 bits, this host has 64");
  refuse_change(change_order, "built for big-endian machines");
  refuse_change(change_machine, "built for sparc64, this host is ");
  refuse_change(change_type, "expected a shared library, found a program");
  refuse_change(change_stack, "it asks for an executable stack");
  refuse_change(change_no_stack, "it does not say that its stack is not");
  refuse_change(change_segment, "both writable and executable");
  refuse_change(change_runpath,
                "it says where to look for libraries (RUNPATH)");
  refuse_change(change_rpath, "it says where to look for libraries (RPATH)");
  refuse_change(change_needed, "expected a name without '/'");
  refuse_change(change_pointer_size, "pointers have 4 bytes, this host has 8");
  refuse_change(change_byte_order, "built for the other byte order");
  refuse_change(change_cpu, "built for processors with unknown instructions");
  refuse_change(change_field_count, "lists 5 fields of shared structs, this "
                                    "host knows 32");
  refuse_change(change_note_size, "a note of perigee, found none");
  refuse_change(change_note_name, "its note says 'xinds' 1.2.3, "
                                  "'perigee_plugin_v1' says 'kinds' 1.2.3");
  refuse_change(change_first_relative, "relocation 0 has type 0, expected a");
  refuse_change(change_array_size, "its constructors or destructors lie");
  refuse_change(change_call_size, "its relocations lie outside");
  refuse_change(change_version_file, "its list of versions is broken");
  refuse_change(change_version_count, "its versions of symbols lie outside");
  refuse_change(change_visibility, "to be found elsewhere, but it is marked");
  refuse_change(change_relro, "its read-only relocations lie outside");
  refuse_change(change_note_text, "its name has more than 39 bytes");
}

static void survives_being_cut(void)
{
  struct pg_error err;
  size_t ends[CHANGE_ENDS_MAX], count = change_ends(bytes, size, ends);
  CHECK(count > 8, "%zu places to cut", count);
  for (size_t i = 0; i < count; i++) {
    for (size_t n = ends[i] < 2 ? 0 : ends[i] - 2; n < ends[i] + 2; n++) {
      if (n < change_loaded_end(bytes)) {
        CHECK(inspect_cut(n, &err) == PG_REFUSED, "%zu of %zu bytes", n, size);
      } else if (n <= size) {
        inspect_cut(n, &err);
      }
    }
  }
  for (size_t n = 0; n < change_loaded_end(bytes); n += 1 + n / 50) {
    CHECK(inspect_cut(n, &err) == PG_REFUSED, "%zu of %zu bytes", n, size);
  }
}

/* Bits of everything that the loader believes, each alone. */
static void survives_flipped_bits(void)
{
  struct pg_error err;
  struct change_range ranges[CHANGE_RANGES_MAX];
  size_t count = change_ranges(bytes, size, ranges), refused = 0, made = 0;
  char *changed = malloc(size);
  memcpy(changed, bytes, size);
  for (size_t i = 0; i < count; i++) {
    size_t step = 1 + ranges[i].size / 800;
    for (size_t n = 0; n < ranges[i].size; n += step) {
      char *at = changed + ranges[i].offset + n;
      char mask = (char)(1 << (n / step + n) % 8);
      *at ^= mask;
      refused += inspect(changed, size, &err) != PG_OK;
      made++;
      *at ^= mask;
    }
  }
  CHECK(made > 1000 && refused > made / 10, "%zu of %zu were refused", refused,
        made);
  free(changed);
}

/* Numbers that overflow, wherever a table has one. */
static void survives_large_numbers(void)
{
  static const uint64_t numbers[] = {
    0,          1,         7, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63,
    0x7fffffff, 0xfffff000};
  struct pg_error err;
  struct change_range ranges[CHANGE_RANGES_MAX];
  size_t count = change_ranges(bytes, size, ranges);
  char *changed = malloc(size);
  memcpy(changed, bytes, size);
  for (size_t i = 0; i < count; i++) {
    size_t step = (1 + ranges[i].size / 1000) * 8;
    for (size_t n = 0; n + 8 <= ranges[i].size; n += step) {
      char *at = changed + ranges[i].offset + n;
      for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++) {
        memcpy(at, &numbers[j], 8);
        inspect(changed, size, &err);
      }
      memcpy(at, bytes + ranges[i].offset + n, 8);
    }
  }
  free(changed);
}

static void survives_damage_to(const char *path)
{
  char *room = world_read(path, &size);
  bytes = malloc(size); /* world_read() adds a byte */
  memcpy(bytes, room, size);
  free(room);
  survives_being_cut();
  survives_flipped_bits();
  survives_large_numbers();
  free(bytes);
}

int main(void)
{
  world_directory();
  refuses_what_was_built_wrong();
  refuses_what_is_no_library();
  bytes = world_read(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), &size);
  refuses_changes_with_a_meaning();
  free(bytes);
  survives_damage_to(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"));
  survives_damage_to(world_path(PERIGEE_NATIVE_DIR, "json.so"));
  return 0;
}
