/* mutate_test.c - shipped plugins with damage: described, probed, and loaded
 * when the probe passes.  This process, the host, lives on whatever they do.
 *
 * PERIGEE_MUTANTS says how many (300), PERIGEE_SEED which ones; the seed is
 * printed.  This program is its own child. */
#include "world.h"

#include "plugin/probe.h"

#include <dirent.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define LIMIT_MS 2000
#define MUTANTS 300
#define PLUGINS_MAX 32

struct shipped {
  char name[64];
  char *bytes;
  size_t size;
};

static struct shipped shipped[PLUGINS_MAX];
static size_t shipped_count;
static uint64_t state; /* of the random numbers */

static size_t below(size_t n)
{
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (size_t)((state >> 33) % n);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const struct shipped *)a)->name,
                ((const struct shipped *)b)->name);
}

static void read_shipped(void)
{
  DIR *folder = opendir(PERIGEE_NATIVE_DIR);
  CHECK(folder, "no folder '%s'", PERIGEE_NATIVE_DIR);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strstr(entry->d_name, ".so") && shipped_count < PLUGINS_MAX) {
      struct shipped *one = &shipped[shipped_count++];
      snprintf(one->name, sizeof one->name, "%.60s", entry->d_name);
      one->bytes =
        world_read(world_path(PERIGEE_NATIVE_DIR, entry->d_name), &one->size);
    }
  }
  closedir(folder);
  CHECK(shipped_count > 0, "no plugins in '%s'", PERIGEE_NATIVE_DIR);
  qsort(shipped, shipped_count, sizeof *shipped, by_name);
}

/* ----------------------------------------------------------------- the damage
 */

/* Half of all places lie in the first pages, where the tables are. */
static size_t place(size_t size)
{
  return below(2) == 0 ? below(size < 16384 ? size : 16384) : below(size);
}

static void flip_bits(char *bytes, size_t size)
{
  for (size_t n = 1 + below(8); n > 0; n--) {
    bytes[place(size)] ^= (char)(1 << below(8));
  }
}

static void swap_parts(char *bytes, size_t size)
{
  char part[256];
  size_t n = 1 + below(sizeof part);
  size_t a = below(size - n), b = below(size - n);
  memcpy(part, bytes + a, n);
  memmove(bytes + a, bytes + b, n);
  memcpy(bytes + b, part, n);
}

static void overwrite(char *bytes, size_t size)
{
  static const char values[] = {0, -1, 127, -128, 1};
  size_t n = 1 + below(64), at = place(size);
  n = n < size - at ? n : size - at;
  memset(bytes + at, values[below(sizeof values)], n);
}

/* How many bytes are left; changes `bytes`. */
static size_t damage(char *bytes, size_t size)
{
  switch (below(8)) {
  case 0:
    return below(size);
  case 1:
  case 2:
    swap_parts(bytes, size);
    return size;
  case 3:
    overwrite(bytes, size);
    return size;
  default:
    flip_bits(bytes, size);
    return size;
  }
}

/* --------------------------------------------------------------------- a life
 */

struct tally {
  size_t refused, crashed, late, loaded;
};

static void live(const char *path, struct tally *tally)
{
  struct pg_plugin *described;
  const struct pg_plugin *loaded;
  struct pg_error err = {0};
  if (pg_plugin_describe(path, NULL, &described, &err) != PG_OK) {
    CHECK(err.text[0] != '\0', "refused without a word");
    tally->refused++;
    return;
  }
  pg_plugin_free(described);
  if (pg_probe(SELF, path, NULL, LIMIT_MS, &err) != PG_OK) {
    CHECK(strstr(err.text, "mutant.so"), "'%s'", err.text);
    tally->crashed++;
    return;
  }
  /* A shifted relocation writes an address, which is another in this process,
   * where a number was: then it is this process that finds it wrong. */
  if (pg_plugin_load(path, NULL, &loaded, &err) != PG_OK) {
    CHECK(strstr(err.text, "mutant.so"), "'%s'", err.text);
    tally->late++;
    return;
  }
  tally->loaded++;
}

/* Thousands of them would fill the disk. */
static void drop_copies(void)
{
  const char *folder = world_path(world_directory(), "perigee");
  DIR *copies = opendir(folder);
  for (struct dirent *entry; copies && (entry = readdir(copies));) {
    if (entry->d_name[0] != '.') {
      unlinkat(dirfd(copies), entry->d_name, 0);
    }
  }
  if (copies) {
    closedir(copies);
  }
}

static uint64_t number_of(const char *variable, uint64_t standard)
{
  const char *given = getenv(variable);
  return given ? strtoull(given, NULL, 10) : standard;
}

int main(int argc, char **argv)
{
  if (pg_probe_wanted(argc, argv)) {
    return pg_probe_main(argv);
  }
  struct tally tally = {0};
  uint64_t seed = number_of("PERIGEE_SEED", (uint64_t)time(NULL));
  size_t count = number_of("PERIGEE_MUTANTS", MUTANTS);
  world_directory();
  read_shipped();
  printf("%zu mutants, PERIGEE_SEED=%llu\n", count, (unsigned long long)seed);
  for (size_t i = 0; i < count; i++) {
    /* Each from its own number: one can be made again by itself. */
    state = (seed + i) * 0x9e3779b97f4a7c15u;
    below(2);
    const struct shipped *one = &shipped[below(shipped_count)];
    char *bytes = malloc(one->size);
    memcpy(bytes, one->bytes, one->size);
    size_t left = damage(bytes, one->size);
    const char *path = world_write("mutant.so", bytes, left);
    printf("%llu: %s", (unsigned long long)(seed + i), one->name);
    fflush(stdout); /* the last line says which one it was */
    live(path, &tally);
    printf("\n");
    drop_copies();
    free(bytes);
  }
  printf("%zu refused, %zu failed their probe, %zu refused after it, "
         "%zu loaded\n",
         tally.refused, tally.crashed, tally.late, tally.loaded);
  CHECK(count < 100 || (tally.refused > 0 && tally.loaded > 0),
        "the damage is one-sided");
  CHECK(tally.late <= count / 50 + 1, "the probe misses too much");
  for (size_t i = 0; i < shipped_count; i++) {
    free(shipped[i].bytes);
  }
  return 0;
}
