/* probe_test.c - plugins that crash, hang or end the process are messages; the
 * others pass, and are tried once.  This program is its own child. */
#include "world.h"

#include "base/clock.h"
#include "plugin/probe.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

static enum pg_status probe(const char *path, int limit_ms,
                            struct pg_error *err)
{
  err->text[0] = '\0';
  return pg_probe(SELF, path, NULL, limit_ms, err);
}

static void refuse(const char *name, int limit_ms, const char *part)
{
  struct pg_error err;
  const char *path = world_path(PERIGEE_SPEC_PLUGINS, name);
  world_failed(probe(path, limit_ms, &err), PG_REFUSED, &err, part);
  CHECK(strstr(err.text, name) == strrchr(err.text, '/') + 1,
        "'%s' does not name the file once", err.text);
}

static void says_what_crashed(void)
{
  refuse("bad_crash.so", 20000, ": signal 4 (Illegal instruction)");
  refuse("bad_crash.so", 20000, "in its constructors and init");
  refuse("bad_batch.so", 20000, ": signal 4");
  refuse("bad_batch.so", 20000, " in kernel 'burst'");
}

/* Beside other libraries that may go well for years. */
static void leaves_nothing_near(void)
{
  for (int i = 0; i < 5; i++) {
    refuse("bad_near.so", 20000, "in its constructors and init");
  }
}

static void gives_up_on_what_hangs(void)
{
  uint64_t before = pg_clock_ns();
  refuse("bad_hang.so", 300,
         "its probe did not end within 0.3 s, in its constructors and init");
  CHECK(pg_clock_ns() - before < (uint64_t)10e9, "it waited too long");
}

static void notices_an_exit(void)
{
  refuse("bad_exit.so", 20000,
         "its probe ended with exit code 0 in its constructors and init");
}

static void passes_on_why_it_was_refused(void)
{
  refuse("bad_init.so", 20000, "': init: no licence server");
  refuse("bad_locale.so", 20000, "': loading it changed the locale");
  refuse("bad_minor.so", 20000, "': built for version 1.7");
}

static void passes_what_is_well(void)
{
  static const char *const good[] = {"kinds.so", "by_hand.so", "smallest.so",
                                     "types_all.so", "future.so"};
  struct pg_error err;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    CHECK(probe(world_path(PERIGEE_SPEC_PLUGINS, good[i]), 20000, &err) ==
            PG_OK,
          "%s", err.text);
  }
  DIR *folder = opendir(PERIGEE_NATIVE_DIR);
  CHECK(folder, "no folder '%s'", PERIGEE_NATIVE_DIR);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strstr(entry->d_name, ".so")) {
      CHECK(probe(world_path(PERIGEE_NATIVE_DIR, entry->d_name), 20000, &err) ==
              PG_OK,
            "%s", err.text);
    }
  }
  closedir(folder);
}

/* What is remembered needs no child: one that cannot be started is not missed.
 */
static void tries_a_content_once(void)
{
  struct pg_error err;
  const char *path = world_path(PERIGEE_SPEC_PLUGINS, "kinds.so");
  CHECK(pg_probe("/nowhere", path, NULL, 1000, &err) == PG_OK, "%s", err.text);
  path = world_path(PERIGEE_SPEC_PLUGINS, "bad_batch.so");
  world_failed(pg_probe("/nowhere", path, NULL, 1000, &err), PG_IO, &err,
               "cannot start '/nowhere' for its probe: No such file");
}

static void needs_no_cache(void)
{
  struct pg_error err;
  setenv("XDG_CACHE_HOME", "/proc/nothing", 1);
  CHECK(probe(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), 20000, &err) ==
          PG_OK,
        "%s", err.text);
  setenv("XDG_CACHE_HOME", world_directory(), 1);
}

int main(int argc, char **argv)
{
  if (pg_probe_wanted(argc, argv)) {
    return pg_probe_main(argv);
  }
  world_directory();
  says_what_crashed();
  leaves_nothing_near();
  gives_up_on_what_hangs();
  notices_an_exit();
  passes_on_why_it_was_refused();
  passes_what_is_well();
  tries_a_content_once();
  needs_no_cache();
  return 0;
}
