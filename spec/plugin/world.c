/* world.c - see world.h. */
#define _GNU_SOURCE /* nftw() */
#include "world.h"

#include "data/build.h"

#include <ftw.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TURNS 8

static char directory[64];

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static void remove_directory(void)
{
  nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *world_directory(void)
{
  if (directory[0] == '\0') {
    strcpy(directory, "/tmp/perigee_spec_XXXXXX");
    CHECK(mkdtemp(directory), "no directory");
    setenv("XDG_CACHE_HOME", directory, 1);
    atexit(remove_directory);
  }
  return directory;
}

const char *world_path(const char *folder, const char *name)
{
  static char paths[TURNS][4096];
  static int turn;
  char *path = paths[turn++ % TURNS];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

const struct pg_plugin *world_load(const char *name)
{
  const struct pg_plugin *plugin;
  struct pg_error err;
  world_directory();
  enum pg_status status =
    pg_plugin_load(world_path(PERIGEE_SPEC_PLUGINS, name), NULL, &plugin, &err);
  CHECK(status == PG_OK, "%s", err.text);
  return plugin;
}

const char *world_write(const char *name, const void *bytes, size_t size)
{
  const char *path = world_path(world_directory(), name);
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0,
        "cannot write '%s'", path);
  return path;
}

char *world_read(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  CHECK(file && fseek(file, 0, SEEK_END) == 0, "cannot read '%s'", path);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  CHECK(bytes && fread(bytes, 1, *size, file) == *size, "'%s'", path);
  fclose(file);
  bytes[*size] = '\0';
  return bytes;
}

static const struct pg_value *one_entry(const char *key, struct pg_value value)
{
  static struct pg_value_entry entries[TURNS];
  static struct pg_value maps[TURNS];
  static int turn;
  int at = turn++ % TURNS;
  entries[at] = (struct pg_value_entry){.value = value};
  maps[at] = (struct pg_value){.kind = PG_VALUE_MAP};
  if (key) {
    entries[at].key = (peri_str){key, strlen(key)};
    maps[at].u.map.at = &entries[at];
    maps[at].u.map.count = 1;
  }
  return &maps[at];
}

const struct pg_value *world_text(const char *key, const char *text)
{
  return one_entry(key, (struct pg_value){.kind = PG_VALUE_STR,
                                          .u.text = {text, strlen(text)}});
}

const struct pg_value *world_int(const char *key, int64_t number)
{
  return one_entry(
    key, (struct pg_value){.kind = PG_VALUE_INT, .u.integer = number});
}

const struct pg_plugin_item *world_item(const struct pg_plugin *plugin,
                                        uint32_t kind, const char *name)
{
  size_t count;
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, kind, name, &count);
  CHECK(item, "%s has no %s '%s'", plugin->name, pg_kind_word(kind), name);
  return item;
}

struct pg_instance *world_open(const struct pg_plugin *plugin, uint32_t kind,
                               const char *name, const struct pg_value *params)
{
  struct pg_instance *instance;
  struct pg_error err;
  enum pg_status status = pg_instance_new(
    plugin, world_item(plugin, kind, name), params, NULL, &instance, &err);
  CHECK(status == PG_OK, "%s", err.text);
  return instance;
}

void world_failed(enum pg_status status, enum pg_status expected,
                  const struct pg_error *err, const char *part)
{
  CHECK(status == expected, "expected status %d for '%s', found %d: %s",
        expected, part, status, status == PG_OK ? "" : err->text);
  CHECK(strstr(err->text, part), "expected '%s' in '%s'", part, err->text);
}

struct pg_batch *world_numbers(const char *name, const double *numbers,
                               int64_t n)
{
  struct pg_build build = {0};
  uint8_t *valid;
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int column =
    pg_build_column(&build, (peri_str){name, strlen(name)}, PERI_T_F64);
  double *values = pg_build_values(&build, column, n, &valid);
  for (int64_t i = 0; i < n; i++) {
    values[i] = numbers[i];
    valid[i] = !isnan(numbers[i]);
  }
  build.rows = n;
  struct pg_batch *batch = pg_build_finish(&build);
  pg_build_fini(&build);
  CHECK(batch, "no memory");
  return batch;
}

struct pg_batch *world_integers(const char *name, int64_t n)
{
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int column =
    pg_build_column(&build, (peri_str){name, strlen(name)}, PERI_T_I64);
  int64_t *values = pg_build_values(&build, column, n, NULL);
  for (int64_t i = 0; i < n; i++) {
    values[i] = i;
  }
  build.rows = n;
  struct pg_batch *batch = pg_build_finish(&build);
  pg_build_fini(&build);
  CHECK(batch, "no memory");
  return batch;
}

static size_t show_value(char *out, size_t size, const struct pg_column *column,
                         int64_t row)
{
  if (!pg_column_is_valid(column, row)) {
    return (size_t)snprintf(out, size, "nil");
  }
  if (pg_type_is_text(column->type)) {
    peri_str text = pg_column_text(column, row);
    return (size_t)snprintf(out, size, "%.*s", (int)text.len, text.ptr);
  }
  const void *value = pg_column_value(column, row);
  return column->type == PERI_T_F64
           ? (size_t)snprintf(out, size, "%g", *(const double *)value)
           : (size_t)snprintf(out, size, "%lld",
                              (long long)*(const int64_t *)value);
}

const char *world_show(const struct pg_batch *batch)
{
  static char text[4000];
  size_t at = 0;
  int count = batch->schema->count;
  for (int i = 0; i < count; i++) {
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? "," : "",
                           batch->schema->fields[i].name.ptr);
  }
  for (int64_t row = 0; row < batch->rows && at < sizeof text / 2; row++) {
    for (int i = 0; i < count; i++) {
      at += (size_t)snprintf(text + at, sizeof text - at, i ? "," : ";");
      at += show_value(text + at, sizeof text - at, batch->columns[i], row);
    }
  }
  return text;
}
