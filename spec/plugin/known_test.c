/* known_test.c - files that have passed: when they are read again, and when
 * the copy that was made of them is enough. */
#include "world.h"

#include "base/io.h"
#include "plugin/file.h"
#include "plugin/known.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPENED 10 /* and so often */
#define REFUSED 100

static const char *built(void)
{
  return world_path(PERIGEE_SPEC_PLUGINS, "kinds.so");
}

/* ------------------------------------------------ loading, each time as new */

static const char *watched; /* a path */
static int opened;          /* how often it was */

static int watch_open(const char *path, int flags, int mode)
{
  opened += strcmp(path, watched) == 0;
  int fd = open(path, flags | O_CLOEXEC, mode);
  return fd < 0 ? -errno : fd;
}

static void load_watched(const char *path, const char *part)
{
  struct pg_io io = *pg_io_get();
  struct pg_error err;
  const struct pg_plugin *plugin;
  size_t count;
  io.open = watch_open;
  pg_io_set(&io);
  watched = path;
  enum pg_status status = pg_plugin_load(path, NULL, &plugin, &err);
  if (part) {
    world_failed(status, PG_REFUSED, &err, part);
    _exit(REFUSED);
  }
  CHECK(status == PG_OK, "%s", err.text);
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_DECODER, "pairs", &count);
  CHECK(item && item->item && item->hooks[PERI_H_DECODE], "its items");
  CHECK(strcmp(plugin->path, path) == 0 && strlen(plugin->sha256) == 64 &&
          strcmp(plugin->name, "kinds") == 0 && !plugin->unique_symbols,
        "'%s' of '%s'", plugin->name, plugin->path);
  _exit(OPENED + opened);
}

/* Loads a file in a process that has loaded nothing.  How often it was opened;
 * REFUSED when it was, with `part` in the text, as it should. */
static int load(const char *path, const char *part)
{
  int status;
  pid_t child = fork();
  if (child == 0) {
    load_watched(path, part);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status),
        "no process");
  CHECK(WEXITSTATUS(status) >= OPENED, "it failed");
  return part ? WEXITSTATUS(status) : WEXITSTATUS(status) - OPENED;
}

/* ------------------------------------------------------------------- records
 */

/* The path of the only record; "": there is none. */
static const char *record(void)
{
  static char name[400];
  const char *folder = world_path(world_directory(), "perigee");
  DIR *directory = opendir(folder);
  name[0] = '\0';
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    if (strstr(entry->d_name, ".known")) {
      CHECK(name[0] == '\0', "two records");
      snprintf(name, sizeof name, "perigee/%s", entry->d_name);
    }
  }
  if (directory) {
    closedir(directory);
  }
  return name;
}

static bool is_known(const char *path)
{
  struct pg_known known;
  struct pg_error err;
  struct stat st;
  char real[PATH_MAX];
  CHECK(pg_file_find(path, NULL, real, &st, &err) == PG_OK, "%s", err.text);
  return pg_known_find(real, &st, &known);
}

static void reads_a_file_that_is_known_no_more(void)
{
  CHECK(load(built(), NULL) == 1, "not read at first");
  CHECK(record()[0] != '\0' && is_known(built()), "not remembered");
  CHECK(load(built(), NULL) == 0, "read again");
}

static void knows_what_it_needs_of_it(void)
{
  struct pg_known known;
  struct pg_error err;
  struct stat st;
  char real[PATH_MAX];
  struct pg_plugin *described;
  CHECK(pg_plugin_describe(built(), NULL, &described, &err) == PG_OK, "%s",
        err.text);
  CHECK(pg_file_find(built(), NULL, real, &st, &err) == PG_OK &&
          pg_known_find(real, &st, &known),
        "not known");
  CHECK(strcmp(known.sha256, described->sha256) == 0, "%s", known.sha256);
  CHECK(known.elf.load_count > 0 && known.elf.plugin_address > 0,
        "no segments");
  CHECK(strstr(known.copy.path, known.sha256), "%s", known.copy.path);
  pg_plugin_free(described);
}

static void does_not_know_a_file_that_changed(void)
{
  struct pg_known known;
  struct pg_error err;
  struct stat st;
  char real[PATH_MAX];
  CHECK(pg_file_find(built(), NULL, real, &st, &err) == PG_OK, "%s", err.text);
  for (int part = 0; part < 7; part++) {
    struct stat other = st;
    other.st_dev += part == 0;
    other.st_ino += part == 1;
    other.st_size += part == 2;
    other.st_mtim.tv_sec += part == 3;
    other.st_mtim.tv_nsec ^= part == 4;
    other.st_ctim.tv_sec += part == 5;
    other.st_ctim.tv_nsec ^= part == 6;
    CHECK(!pg_known_find(real, &other, &known), "part %d", part);
  }
  CHECK(pg_known_find(real, &st, &known), "forgotten");
}

static void does_not_believe_a_damaged_record(void)
{
  size_t size;
  char *bytes = world_read(world_path(world_directory(), record()), &size);
  char name[400];
  snprintf(name, sizeof name, "%s", record());
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= 0x10;
    unlink(world_path(world_directory(), name));
    world_write(name, bytes, size);
    CHECK(!is_known(built()), "byte %zu", i);
    bytes[i] ^= 0x10;
  }
  for (size_t cut = 0; cut < size; cut += 97) {
    world_write(name, bytes, cut);
    CHECK(!is_known(built()), "%zu bytes", cut);
  }
  world_write(name, bytes, size);
  CHECK(is_known(built()), "whole");
  free(bytes);
}

static void needs_the_copy_as_it_was(void)
{
  struct pg_known known;
  struct pg_error err;
  struct stat st;
  char real[PATH_MAX];
  CHECK(pg_file_find(built(), NULL, real, &st, &err) == PG_OK &&
          pg_known_find(real, &st, &known),
        "not known");
  struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
  CHECK(utimensat(AT_FDCWD, known.copy.path, now, 0) == 0, "utimensat");
  CHECK(!is_known(built()), "its times changed");
  CHECK(load(built(), NULL) == 1 && is_known(built()), "not learnt again");
  CHECK(chmod(known.copy.path, 0600) == 0, "chmod");
  CHECK(load(built(), NULL) == 1 && is_known(built()), "its mode changed");
  CHECK(unlink(known.copy.path) == 0 && !is_known(built()), "it is gone");
  CHECK(load(built(), NULL) == 1 && load(built(), NULL) == 0, "made again");
}

static void is_read_when_others_may_write_to_the_cache(void)
{
  const char *folder = world_path(world_directory(), "perigee");
  CHECK(chmod(folder, 0770) == 0 && load(built(), NULL) == 1, "used");
  CHECK(chmod(folder, 0700) == 0 && load(built(), NULL) == 0, "not used");
}

/* --------------------------------------------------------- a file of our own
 */

static const char *write_own(char mark)
{
  size_t size;
  char *bytes = world_read(built(), &size);
  bytes[size] = mark; /* at its end: it belongs to nothing */
  const char *path = world_write("own.so", bytes, size + 1);
  free(bytes);
  return path;
}

static void let_it_settle(const char *path)
{
  struct stat st;
  struct timespec a_while = {.tv_nsec = 100000000};
  CHECK(stat(path, &st) == 0, "stat");
  while (time(NULL) - st.st_ctime <= 2) {
    nanosleep(&a_while, NULL);
  }
}

static void does_not_remember_a_file_that_may_still_change(void)
{
  const char *path = write_own('1');
  CHECK(load(path, NULL) == 1 && !is_known(path), "remembered");
  CHECK(load(path, NULL) == 1, "not read");
}

static void checks_who_may_write_to_a_file_that_is_known(void)
{
  char path[400];
  snprintf(path, sizeof path, "%s", write_own('2'));
  let_it_settle(path);
  CHECK(load(path, NULL) == 1 && load(path, NULL) == 0, "not known");
  CHECK(chmod(world_directory(), 0770) == 0, "chmod");
  CHECK(load(path, "only its owner may write") == REFUSED, "directory");
  CHECK(chmod(world_directory(), 0700) == 0 && load(path, NULL) == 0, "again");

  const char pins[] = "0000000000000000000000000000000000000000000000000000000"
                      "000000000  own.so\n";
  const char *pinned = world_write("plugins.pins", pins, sizeof pins - 1);
  CHECK(load(path, "expected sha256 000000") == REFUSED, "pins");
  unlink(pinned);
  CHECK(load(path, NULL) == 0, "without pins");

  write_own('3');
  CHECK(load(path, NULL) == 1, "another content of the same size");
  CHECK(chmod(path, 0775) == 0, "chmod");
  CHECK(load(path, "only its owner may write") == REFUSED, "file");
}

int main(void)
{
  world_directory();
  let_it_settle(built());
  reads_a_file_that_is_known_no_more();
  knows_what_it_needs_of_it();
  does_not_know_a_file_that_changed();
  does_not_believe_a_damaged_record();
  needs_the_copy_as_it_was();
  is_read_when_others_may_write_to_the_cache();
  does_not_remember_a_file_that_may_still_change();
  checks_who_may_write_to_a_file_that_is_known();
  return 0;
}
