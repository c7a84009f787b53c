/* load_test.c - loading: one mapping for each content, private copies, and what
 * constructors may not change. */
#include "world.h"

#include "base/io.h"
#include "check/no_memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum pg_status load(const char *path, const struct pg_plugin **plugin,
                           struct pg_error *err)
{
  err->text[0] = '\0';
  *plugin = NULL;
  return pg_plugin_load(path, NULL, plugin, err);
}

static const char *built(const char *name)
{
  return world_path(PERIGEE_SPEC_PLUGINS, name);
}

/* Another content that is the same plugin: bytes at the end of a file belong to
 * nothing. */
static const char *variant(const char *name, char mark)
{
  size_t size;
  char *bytes = world_read(built("kinds.so"), &size);
  bytes[size] = mark; /* where world_read() puts a NUL */
  const char *path = world_write(name, bytes, size + 1);
  free(bytes);
  return path;
}

static const char *copy_of(const struct pg_plugin *plugin)
{
  char name[80];
  snprintf(name, sizeof name, "perigee/%s.so", plugin->sha256);
  return world_path(world_directory(), name);
}

/* ----------------------------------------------------------- what goes well */

static void gives_one_struct_for_one_content(void)
{
  const struct pg_plugin *a, *b, *c;
  struct pg_error err;
  size_t size, count;
  char *bytes = world_read(built("kinds.so"), &size);
  const char *other = world_write("other.so", bytes, size);
  free(bytes);
  CHECK(load(built("kinds.so"), &a, &err) == PG_OK, "%s", err.text);
  CHECK(load(other, &b, &err) == PG_OK && a == b, "two structs");
  CHECK(load(variant("more.so", 'x'), &c, &err) == PG_OK && a != c,
        "one struct for two contents");
  const struct pg_plugin_item *item =
    pg_plugin_item(a, PERI_K_DECODER, "pairs", &count);
  CHECK(item && item->item && item->hooks[PERI_H_DECODE] &&
          !item->hooks[PERI_H_OPEN],
        "hooks");
  item = pg_plugin_item(c, PERI_K_DECODER, "pairs", &count);
  CHECK(item->hooks[PERI_H_DECODE], "hooks of the other");
}

static void calls_functions_of_it(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  size_t count;
  CHECK(load(built("by_hand.so"), &plugin, &err) == PG_OK, "%s", err.text);
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_FUNCTION, "twice", &count);
  peri_slot arg = {.i64 = 21}, result;
  ((peri_call_fn *)item->item->call)(NULL, &arg, &result);
  CHECK(result.i64 == 42, "%lld", (long long)result.i64);
}

static void loads_all_that_is_shipped(void)
{
  DIR *folder = opendir(PERIGEE_NATIVE_DIR);
  CHECK(folder, "no folder '%s'", PERIGEE_NATIVE_DIR);
  for (struct dirent *entry; (entry = readdir(folder));) {
    const struct pg_plugin *plugin;
    struct pg_error err;
    if (strstr(entry->d_name, ".so")) {
      CHECK(load(world_path(PERIGEE_NATIVE_DIR, entry->d_name), &plugin,
                 &err) == PG_OK,
            "%s", err.text);
    }
  }
  closedir(folder);
}

static void *load_in_thread(void *path)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  CHECK(load(path, &plugin, &err) == PG_OK, "%s", err.text);
  return (void *)plugin;
}

static void loads_from_many_threads(void)
{
  pthread_t threads[8];
  void *first, *next;
  char path[4096];
  snprintf(path, sizeof path, "%s", variant("threads.so", 't'));
  for (int i = 0; i < 8; i++) {
    CHECK(pthread_create(&threads[i], NULL, load_in_thread, path) == 0,
          "thread");
  }
  pthread_join(threads[0], &first);
  for (int i = 1; i < 8; i++) {
    pthread_join(threads[i], &next);
    CHECK(next == first, "two structs");
  }
}

/* --------------------------------------------------------- the private copy */

static void survives_a_file_that_is_overwritten(void)
{
  const struct pg_plugin *plugin, *after;
  struct pg_error err;
  const char *path = variant("live.so", '1');
  CHECK(load(path, &plugin, &err) == PG_OK, "%s", err.text);
  struct pg_instance *instance =
    world_open(plugin, PERI_K_SINK, "opened", NULL);
  world_write("live.so", "", 0); /* in place: the same inode, now empty */
  struct pg_batch *batch = world_integers("n", 3);
  CHECK(pg_instance_write(instance, batch, &err) == PG_OK, "%s", err.text);
  pg_batch_unref(batch);
  pg_instance_free(instance);
  variant("live.so", '2');
  CHECK(load(path, &after, &err) == PG_OK && after != plugin, "%s", err.text);
}

static void keeps_a_copy_by_content(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  struct stat st;
  CHECK(load(variant("cached.so", 'c'), &plugin, &err) == PG_OK, "%s",
        err.text);
  CHECK(stat(copy_of(plugin), &st) == 0 && (st.st_mode & 0777) == 0400,
        "no copy '%s'", copy_of(plugin));
  CHECK(stat(world_path(world_directory(), "perigee"), &st) == 0 &&
          (st.st_mode & 0777) == 0700,
        "mode %o", st.st_mode);
}

static void replaces_a_copy_that_is_damaged(void)
{
  char name[100];
  const char *path = variant("damaged.so", 'd');
  struct pg_plugin *described;
  struct pg_error err;
  CHECK(pg_plugin_describe(path, NULL, &described, &err) == PG_OK, "%s",
        err.text);
  mkdir(world_path(world_directory(), "perigee"), 0700);
  snprintf(name, sizeof name, "perigee/%s.so", described->sha256);
  world_write(name, "not a plugin at all", 19);
  const struct pg_plugin *plugin;
  CHECK(load(path, &plugin, &err) == PG_OK, "%s", err.text);
  size_t a_size, b_size;
  char *a = world_read(path, &a_size),
       *b = world_read(copy_of(plugin), &b_size);
  CHECK(a_size == b_size && memcmp(a, b, a_size) == 0, "not replaced");
  free(a);
  free(b);
  pg_plugin_free(described);
}

static const char *aged(const char *name, time_t days)
{
  char path[200];
  snprintf(path, sizeof path, "perigee/%s", name);
  const char *written = world_write(path, "old", 3);
  struct timespec times[2] = {{.tv_sec = time(NULL) - days * 24 * 3600},
                              {.tv_sec = time(NULL) - days * 24 * 3600}};
  CHECK(utimensat(AT_FDCWD, written, times, 0) == 0, "utimensat");
  return written;
}

#define EIGHTS "88888888888888888888888888888888"

static void forgets_copies_that_nobody_uses(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  const char *old = aged(EIGHTS EIGHTS ".so", 31);
  const char *draft = aged(EIGHTS EIGHTS ".so.12.3", 31);
  const char *fresh = aged(EIGHTS "8888888888888888888888888888888f.so", 29);
  const char *foreign = aged("photo.so", 100);
  CHECK(load(variant("fresh.so", 'f'), &plugin, &err) == PG_OK, "%s", err.text);
  CHECK(access(old, F_OK) < 0 && access(draft, F_OK) < 0, "still there");
  CHECK(access(fresh, F_OK) == 0 && access(foreign, F_OK) == 0, "gone");
}

static void needs_no_cache(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  struct stat st;
  const char *root = world_directory(), *open = world_path(root, "open");
  static const char *const unusable[] = {"relative", "/proc/nothing", "open"};
  CHECK(mkdir(open, 0700) == 0 && chmod(open, 0777) == 0, "mkdir");
  setenv("TMPDIR", root, 1);
  setenv("HOME", "/proc/nothing", 1);
  for (size_t i = 0; i < 3; i++) {
    setenv("XDG_CACHE_HOME", i == 2 ? open : unusable[i], 1);
    CHECK(load(variant("none.so", (char)('n' + i)), &plugin, &err) == PG_OK,
          "%s", err.text);
    CHECK(stat(copy_of(plugin), &st) < 0, "a copy all the same");
  }
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", root, 1);
  CHECK(load(variant("home.so", 'h'), &plugin, &err) == PG_OK, "%s", err.text);
  CHECK(stat(world_path(root, ".cache/perigee"), &st) == 0, "no ~/.cache");
  DIR *folder = opendir(root);
  for (struct dirent *entry; (entry = readdir(folder));) {
    CHECK(strncmp(entry->d_name, "perigee-", 8) != 0, "'%s' is left",
          entry->d_name);
  }
  closedir(folder);
  setenv("XDG_CACHE_HOME", root, 1);
}

/* ---------------------------------------------------------- what goes wrong */

static void refuses_and_remembers(const char *name, const char *part)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  for (int i = 0; i < 2; i++) { /* the second time no constructor runs */
    enum pg_status status = load(built(name), &plugin, &err);
    CHECK(status != PG_OK && strstr(err.text, part), "%s: '%s'", name,
          err.text);
    CHECK(strstr(err.text, name), "'%s' does not name the file", err.text);
  }
}

static void refuses_constructors_that_change_things(void)
{
  volatile double tiny = 1e-300;
  sigset_t signals;
  refuses_and_remembers("bad_float.so", "changed how numbers are computed");
  CHECK(tiny * 1e-10 > 0, "denormals are zero now");
  refuses_and_remembers("bad_signals.so", "changed which signals are blocked");
  pthread_sigmask(SIG_SETMASK, NULL, &signals);
  CHECK(!sigismember(&signals, SIGUSR2), "SIGUSR2 is blocked now");
  refuses_and_remembers("bad_locale.so", "the locale from 'C' to 'C.UTF-8'");
  CHECK(strcmp(setlocale(LC_ALL, NULL), "C") == 0, "the locale is changed");
}

static void refuses_what_cannot_be_linked(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  enum pg_status status = load(built("bad_symbol.so"), &plugin, &err);
  world_failed(status, PG_REFUSED, &err,
               "cannot load it: symbols that no library has: "
               "'perigee_spec_nobody_has_this', 'perigee_spec_nor_this'");
  CHECK(!strstr(err.text, "who_cares"), "%s", err.text);
}

static void names_a_library_that_is_missing(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  size_t size, changed = 0;
  char *bytes = world_read(built("kinds.so"), &size);
  for (size_t i = 0; i + 10 < size; i++) { /* also where versions name it */
    if (memcmp(bytes + i, "libc.so.6", 10) == 0) {
      memcpy(bytes + i, "libq.so.6", 10);
      changed++;
    }
  }
  CHECK(changed > 0, "it needs no libc");
  const char *path = world_write("needs.so", bytes, size);
  free(bytes);
  world_failed(load(path, &plugin, &err), PG_REFUSED, &err,
               "cannot load it: a library that it needs is missing: "
               "'libq.so.6'");
}

static int64_t read_fails(int fd, void *bytes, size_t n)
{
  (void)fd, (void)bytes, (void)n;
  return -EIO;
}

static int64_t read_little(int fd, void *bytes, size_t n)
{
  static int turn;
  return turn++ % 2 ? -EINTR : read(fd, bytes, n < 1000 ? n : 1000);
}

static int64_t read_less(int fd, void *bytes, size_t n)
{
  return read(fd, bytes, n < 1000 ? n : 1000) < 1000 ? 0 : 1000;
}

static int64_t write_fails(int fd, const void *bytes, size_t n)
{
  (void)fd, (void)bytes, (void)n;
  return -ENOSPC;
}

static void says_what_the_system_says(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  struct pg_io io = *pg_io_get();
  char path[4096];
  snprintf(path, sizeof path, "%s", variant("io.so", 'i'));
  pg_io_set(&io);
  io.read = read_fails;
  world_failed(load(path, &plugin, &err), PG_IO, &err, "Input/output error");
  io.read = read_less;
  world_failed(load(path, &plugin, &err), PG_REFUSED, &err,
               "found fewer: it is being written");
  io.read = read;
  io.write = write_fails;
  world_failed(load(path, &plugin, &err), PG_IO, &err,
               "No space left on device");
  io.read = read_little;
  io.write = write;
  CHECK(load(path, &plugin, &err) == PG_OK, "%s", err.text);
  pg_io_set(NULL);
}

/* Until it succeeds; what a loaded plugin holds stays. */
static void loads_after_running_out_of_memory(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  char path[4096];
  snprintf(path, sizeof path, "%s", variant("memory.so", 'm'));
  for (long n = 0;; n++) {
    long before = no_memory_live();
    no_memory_after(n);
    enum pg_status status = load(path, &plugin, &err);
    bool hit = no_memory_failed();
    no_memory_after(-1);
    CHECK(status == PG_OK || no_memory_live() == before, "%ld blocks are left",
          no_memory_live() - before);
    CHECK(status == PG_OK || strstr(err.text, "memory"), "%s", err.text);
    CHECK(status == PG_OK || hit, "%s", err.text);
    if (status == PG_OK) {
      return;
    }
  }
}

static void asks_it_first(void)
{
  refuses_and_remembers("bad_init.so", "init: no licence server");
}

static void tells_it_when_life_begins_and_ends(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  char path[4096];
  size_t size;
  snprintf(path, sizeof path, "%s/life", world_directory());
  setenv("PERIGEE_SPEC_LIFE", path, 1);
  for (int i = 0; i < 2; i++) {
    CHECK(load(built("life.so"), &plugin, &err) == PG_OK, "%s", err.text);
  }
  pg_plugin_finish();
  pg_plugin_finish();
  char *words = world_read(path, &size);
  CHECK(strcmp(words, "init fini ") == 0, "'%s'", words);
  free(words);
}

int main(void)
{
  world_directory();
  gives_one_struct_for_one_content();
  calls_functions_of_it();
  loads_all_that_is_shipped();
  loads_from_many_threads();
  survives_a_file_that_is_overwritten();
  keeps_a_copy_by_content();
  replaces_a_copy_that_is_damaged();
  forgets_copies_that_nobody_uses();
  needs_no_cache();
  refuses_constructors_that_change_things();
  refuses_what_cannot_be_linked();
  names_a_library_that_is_missing();
  says_what_the_system_says();
  loads_after_running_out_of_memory();
  asks_it_first();
  tells_it_when_life_begins_and_ends();
  return 0;
}
