/* describe_test.c - files are described without running them, and refused for
 * where they lie and who may write to them. */
#include "world.h"

#include "check/no_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pg_plugin *describe(const char *path)
{
  struct pg_plugin *plugin;
  struct pg_error err;
  enum pg_status status = pg_plugin_describe(path, NULL, &plugin, &err);
  CHECK(status == PG_OK, "%s", err.text);
  return plugin;
}

static void refuse(const char *path, const char *directory,
                   enum pg_status expected, const char *part)
{
  struct pg_plugin *plugin;
  struct pg_error err = {0};
  enum pg_status status = pg_plugin_describe(path, directory, &plugin, &err);
  world_failed(status, expected, &err, part);
  CHECK(strncmp(err.text, "plugin '", 8) == 0, "%s", err.text);
}

/* ------------------------------------------------------------- what it says */

static void says_what_is_in_it(void)
{
  struct pg_plugin *plugin =
    describe(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"));
  size_t count;
  CHECK(strcmp(plugin->name, "kinds") == 0 &&
          strcmp(plugin->version, "1.2.3") == 0 &&
          strcmp(plugin->license, "MIT") == 0 && plugin->abi_major == 1,
        "%s %s", plugin->name, plugin->version);
  CHECK(plugin->path[0] == '/' && strlen(plugin->sha256) == 64, "path, sha256");
  pg_plugin_items(plugin, PERI_K_KERNEL, &count);
  CHECK(count == 4, "%zu kernels", count);
  CHECK(!pg_plugin_items(plugin, PERI_K_FUNCTION, &count) && count == 0,
        "functions");
  CHECK(!pg_plugin_item(plugin, PERI_K_KERNEL, "keeper", &count), "keeper");
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_DECODER, "pairs", &count);
  CHECK(item && count == 1 && !item->item && !item->hooks[PERI_H_DECODE],
        "described only");
  CHECK(item->hook_set ==
          (1u << PERI_H_SPLIT | 1u << PERI_H_DECODE | 1u << PERI_H_SCHEMA),
        "%x", item->hook_set);
  CHECK(item->params->field_count == 2 && item->state_bytes == 8, "structs");
  CHECK(strcmp(item->decl->doc, "Lines such as key=value.") == 0, "%s",
        item->decl->doc);
  pg_plugin_free(plugin);
  pg_plugin_free(NULL);
}

static void describes_all_that_is_shipped(void)
{
  DIR *folder = opendir(PERIGEE_NATIVE_DIR);
  int count = 0;
  CHECK(folder, "no folder '%s'", PERIGEE_NATIVE_DIR);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strstr(entry->d_name, ".so")) {
      struct pg_plugin *plugin =
        describe(world_path(PERIGEE_NATIVE_DIR, entry->d_name));
      CHECK(plugin->item_count > 0 && plugin->ignored == 0, "%s",
            entry->d_name);
      pg_plugin_free(plugin);
      count++;
    }
  }
  closedir(folder);
  CHECK(count > 0, "no plugins in '%s'", PERIGEE_NATIVE_DIR);
}

/* Wherever the linker put them, which depends on the compiler. */
static void orders_overloads_by_their_arguments(void)
{
  static const char *const types[] = {"",     "bool", "i64", "u64", "f64",
                                      "time", "str",  "bin", "json"};
  struct pg_plugin *plugin =
    describe(world_path(PERIGEE_NATIVE_DIR, "aggregates.so"));
  size_t count;
  const struct pg_plugin_item *items =
    pg_plugin_item(plugin, PERI_K_AGGREGATE, "count", &count);
  CHECK(count == sizeof types / sizeof *types, "%zu", count);
  for (size_t i = 0; i < count; i++) {
    const struct pg_decl *decl = items[i].decl;
    const char *type = decl->field_count ? decl->fields[0].type.name : "";
    CHECK(strcmp(type, types[i]) == 0, "%zu: '%s'", i, type);
  }
  pg_plugin_free(plugin);
}

static void ignores_what_is_new(void)
{
  struct pg_plugin *plugin =
    describe(world_path(PERIGEE_SPEC_PLUGINS, "future.so"));
  CHECK(plugin->ignored == 2, "%zu", plugin->ignored);
  pg_plugin_free(plugin);
}

static void knows_one_written_by_hand(void)
{
  size_t count;
  struct pg_plugin *plugin =
    describe(world_path(PERIGEE_SPEC_PLUGINS, "by_hand.so"));
  CHECK(pg_plugin_item(plugin, PERI_K_FUNCTION, "twice", &count), "twice");
  pg_plugin_free(plugin);
}

static bool describe_kinds(void)
{
  struct pg_plugin *plugin = NULL;
  struct pg_error err = {0};
  enum pg_status status = pg_plugin_describe(
    world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), NULL, &plugin, &err);
  CHECK(status == PG_OK || strstr(err.text, "memory"), "%s", err.text);
  pg_plugin_free(plugin);
  return status == PG_OK;
}

/* ------------------------------------------------------ where it comes from */

static const char *copy_kinds(const char *name)
{
  size_t size;
  char *bytes = world_read(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), &size);
  const char *path = world_write(name, bytes, size);
  free(bytes);
  return path;
}

static void refuses_what_is_no_file(void)
{
  const char *root = world_directory();
  refuse(world_path(root, "nothing.so"), NULL, PG_IO,
         "No such file or directory");
  refuse(root, NULL, PG_REFUSED, "expected a regular file, found a directory");
  const char *pipe_path = world_path(root, "pipe.so");
  CHECK(mkfifo(pipe_path, 0600) == 0, "mkfifo");
  refuse(pipe_path, NULL, PG_REFUSED, "expected a regular file, found some");
  refuse("/dev/null", NULL, PG_REFUSED, "expected a regular file");
}

static void refuses_what_is_too_large(void)
{
  const char *path = world_write("large.so", "", 0);
  CHECK(truncate(path, (64 << 20) + 1) == 0, "truncate");
  refuse(path, NULL, PG_REFUSED,
         "expected at most 67108864 bytes, found "
         "67108865");
}

static void refuses_what_others_may_write_to(void)
{
  const char *path = copy_kinds("open.so");
  CHECK(chmod(path, 0666) == 0, "chmod");
  refuse(path, NULL, PG_REFUSED,
         "expected that only its owner may write to "
         "the file");
  CHECK(chmod(path, 0620) == 0, "chmod");
  refuse(path, NULL, PG_REFUSED, "found mode 0620 (chmod go-w)");
  CHECK(chmod(path, 0644) == 0, "chmod");
  pg_plugin_free(describe(path));
  if (geteuid() == 0) { /* only root can give a file away */
    CHECK(chown(path, 12345, (gid_t)-1) == 0, "chown");
    refuse(path, NULL, PG_REFUSED, "to belong to root, found user 12345");
  }
}

static void refuses_a_directory_that_others_may_write_to(void)
{
  const char *root = world_directory();
  const char *folder = world_path(root, "shared");
  CHECK(mkdir(folder, 0700) == 0, "mkdir");
  const char *path = copy_kinds("shared/kinds.so");
  pg_plugin_free(describe(path));
  CHECK(chmod(folder, 0777) == 0, "chmod");
  refuse(path, NULL, PG_REFUSED, "write to the directory");
  CHECK(chmod(folder, 01777) == 0, "chmod");
  pg_plugin_free(describe(path)); /* sticky, and what lies in it is ours */
  CHECK(chmod(folder, 0700) == 0, "chmod");
  if (geteuid() == 0) {
    CHECK(chown(folder, 12345, (gid_t)-1) == 0, "chown");
    refuse(path, NULL, PG_REFUSED, "expected the directory '");
  }
}

static void refuses_links_that_lead_out(void)
{
  const char *root = world_directory();
  const char *inside = world_path(root, "inside");
  CHECK(mkdir(inside, 0700) == 0, "mkdir");
  copy_kinds("inside/kinds.so");
  const char *outside = copy_kinds("inside2.so");
  const char *link_out = world_path(inside, "out.so");
  const char *link_in = world_path(inside, "in.so");
  CHECK(symlink(outside, link_out) == 0 && symlink("kinds.so", link_in) == 0,
        "symlink");
  struct pg_plugin *plugin;
  struct pg_error err;
  CHECK(pg_plugin_describe(link_in, inside, &plugin, &err) == PG_OK, "%s",
        err.text);
  CHECK(strcmp(plugin->path, world_path(inside, "kinds.so")) == 0, "%s",
        plugin->path);
  pg_plugin_free(plugin);
  refuse(link_out, inside, PG_REFUSED, "expected it to lie in '");
  pg_plugin_free(describe(link_out));
  /* "inside" is no parent of "inside2.so", whatever the letters say. */
  refuse(outside, inside, PG_REFUSED, "expected it to lie in '");
  refuse(link_in, world_path(root, "missing"), PG_IO,
         "cannot find the "
         "directory");
}

int main(void)
{
  world_directory();
  says_what_is_in_it();
  describes_all_that_is_shipped();
  orders_overloads_by_their_arguments();
  ignores_what_is_new();
  knows_one_written_by_hand();
  no_memory_each(describe_kinds, NULL);
  refuses_what_is_no_file();
  refuses_what_is_too_large();
  refuses_what_others_may_write_to();
  refuses_a_directory_that_others_may_write_to();
  refuses_links_that_lead_out();
  return 0;
}
