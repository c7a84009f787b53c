/* pins_test.c - a directory that says which contents its plugins may have. */
#include "world.h"

#include "check/no_memory.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHER_SUM                                                              \
  "0123456789012345678901234567890123456789012345678901234567890123"

static char sum[65]; /* of kinds.so */

static const char *copy_kinds(const char *name)
{
  size_t size;
  char *bytes = world_read(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), &size);
  const char *path = world_write(name, bytes, size);
  free(bytes);
  return path;
}

static void pin(const char *text)
{
  world_write("plugins.pins", text, strlen(text));
}

static void pin_line(const char *content, const char *between, const char *name)
{
  char line[200];
  snprintf(line, sizeof line, "# pins\n\n%s%s%s\n", content, between, name);
  pin(line);
}

/* Described and loaded alike. */
static void take(const char *path)
{
  struct pg_plugin *described;
  const struct pg_plugin *loaded;
  struct pg_error err;
  CHECK(pg_plugin_describe(path, NULL, &described, &err) == PG_OK, "%s",
        err.text);
  CHECK(pg_plugin_load(path, NULL, &loaded, &err) == PG_OK, "%s", err.text);
  pg_plugin_free(described);
}

static void refuse(const char *path, const char *part)
{
  struct pg_plugin *described;
  const struct pg_plugin *loaded;
  struct pg_error err = {0};
  world_failed(pg_plugin_describe(path, NULL, &described, &err), PG_REFUSED,
               &err, part);
  world_failed(pg_plugin_load(path, NULL, &loaded, &err), PG_REFUSED, &err,
               part);
  CHECK(strncmp(err.text, "plugin '", 8) == 0, "%s", err.text);
}

static void takes_what_is_pinned(const char *path)
{
  pin_line(sum, "  ", "kinds.so");
  take(path);
  pin_line(sum, " *", "kinds.so");
  take(path);
  for (char *c = sum; *c; c++) {
    *c = (char)(*c >= 'a' ? *c - 'a' + 'A' : *c);
  }
  pin_line(sum, "  ", "kinds.so");
  take(path);
}

static void names_both_sums(const char *path)
{
  char part[300];
  struct pg_plugin *plugin;
  struct pg_error err;
  CHECK(unlink(world_path(world_directory(), "plugins.pins")) == 0, "unlink");
  CHECK(pg_plugin_describe(path, NULL, &plugin, &err) == PG_OK, "%s", err.text);
  snprintf(part, sizeof part,
           "expected sha256 " OTHER_SUM " ('%s', line 3), "
           "found %s",
           world_path(world_directory(), "plugins.pins"), plugin->sha256);
  pin_line(OTHER_SUM, "  ", "kinds.so");
  refuse(path, part);
  snprintf(part, sizeof part, "does not list 'kinds.so', whose sha256 is %s",
           plugin->sha256);
  pin_line(plugin->sha256, "  ", "kinds.so.2");
  refuse(path, part);
  pin("");
  refuse(path, part);
  pg_plugin_free(plugin);
}

static void refuses_pins_that_say_nothing(const char *path)
{
  static const char part[] = "line 3: expected a sha256, two spaces and the";
  pin_line("abc", "  ", "kinds.so");
  refuse(path, part);
  pin_line(sum, "\t", "kinds.so");
  refuse(path, part);
  pin_line(sum, "  ", "");
  refuse(path, part);
  pin_line("x" OTHER_SUM, " ", "kinds.so");
  refuse(path, part);
}

static void refuses_pins_that_others_may_write(const char *path)
{
  pin_line(sum, "  ", "kinds.so");
  const char *pins = world_path(world_directory(), "plugins.pins");
  CHECK(chmod(pins, 0666) == 0, "chmod");
  refuse(path, "its pins '");
  refuse(path, "expected that only its owner may write");
  CHECK(unlink(pins) == 0 && mkdir(pins, 0700) == 0, "mkdir");
  refuse(path, "expected a regular file, found a directory");
  CHECK(rmdir(pins) == 0 && symlink("nowhere", pins) == 0, "symlink");
  struct pg_plugin *plugin;
  struct pg_error err;
  world_failed(pg_plugin_describe(path, NULL, &plugin, &err), PG_IO, &err,
               "No such file");
  CHECK(unlink(pins) == 0, "unlink");
}

static bool describe_pinned(void)
{
  struct pg_plugin *plugin = NULL;
  struct pg_error err = {0};
  enum pg_status status = pg_plugin_describe(
    world_path(world_directory(), "kinds.so"), NULL, &plugin, &err);
  CHECK(status == PG_OK || strstr(err.text, "memory"), "%s", err.text);
  pg_plugin_free(plugin);
  return status == PG_OK;
}

int main(void)
{
  char path[4096];
  struct pg_plugin *plugin;
  struct pg_error err;
  snprintf(path, sizeof path, "%s", copy_kinds("kinds.so"));
  CHECK(pg_plugin_describe(path, NULL, &plugin, &err) == PG_OK, "%s", err.text);
  memcpy(sum, plugin->sha256, sizeof sum);
  pg_plugin_free(plugin);
  takes_what_is_pinned(path);
  names_both_sums(path);
  refuses_pins_that_say_nothing(path);
  refuses_pins_that_others_may_write(path);
  pin_line(sum, "  ", "kinds.so");
  no_memory_each(describe_pinned, NULL);
  return 0;
}
