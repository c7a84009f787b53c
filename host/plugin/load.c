/* load.c - loading, once for each content, and for good.
 *
 * Nothing is ever unmapped: threads, thread-local destructors, texts and
 * functions that others still hold make dlclose() a crash at a distance.  So
 * what has been mapped is remembered, also when it was refused afterwards: its
 * constructors have run, and a second try would find nothing to object to. */
#define _GNU_SOURCE /* dlinfo() */
#include "plugin/apart.h"
#include "plugin/context.h"
#include "plugin/copy.h"
#include "plugin/guard.h"
#include "plugin/inspect.h"
#include "plugin/items.h"
#include "plugin/known.h"
#include "plugin/missing.h"
#include "plugin/pins.h"
#include "plugin/sha256.h"
#include "plugin/span.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One content that has been mapped. */
struct loaded {
  struct loaded *next;
  struct pg_plugin plugin;
  struct pg_arena arena;
  struct pg_context context; /* of INIT and FINI */
  bool finished;
  struct pg_error refused; /* PG_OK: it may be used */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct loaded *all; /* newest first; never freed */

static struct loaded *find(const char *sha256)
{
  struct loaded *loaded = all;
  while (loaded && strcmp(loaded->plugin.sha256, sha256) != 0) {
    loaded = loaded->next;
  }
  return loaded;
}

/* --------------------------------------------------------------- mapping it */

static enum pg_status map_copy(const struct pg_file *file,
                               const struct pg_elf *elf, const char *sha256,
                               void **handle, struct pg_error *err)
{
  struct pg_copy copy;
  enum pg_status status =
    pg_copy_make(sha256, file->bytes, file->size, &copy, err);
  if (status != PG_OK) {
    return status;
  }
  pg_apart_prepare(elf->memory_size);
  *handle = dlopen(copy.path, RTLD_NOW | RTLD_LOCAL);
  if (*handle) {
    pg_known_note(&file->st, sha256, elf, &copy);
  } else {
    status = pg_missing_fail(elf, copy.path, err);
  }
  pg_copy_fini(&copy);
  return status;
}

/* The items as they lie in memory now, relocated. */
static enum pg_status read_mapped(void *handle, const struct pg_elf *elf,
                                  struct loaded *loaded, struct pg_error *err)
{
  struct link_map *map = NULL;
  const void *exported = dlsym(handle, PERI_SYMBOL);
  if (!exported || dlinfo(handle, RTLD_DI_LINKMAP, &map) < 0) {
    return pg_fail(err, PG_REFUSED, "cannot find '%s' in it once it is loaded",
                   PERI_SYMBOL);
  }
  uint64_t base = map->l_addr;
  if ((uint64_t)(uintptr_t)exported != base + elf->plugin_address) {
    return pg_fail(err, PG_REFUSED,
                   "expected '%s' at %#llx of it, found it at %#llx",
                   PERI_SYMBOL, (unsigned long long)elf->plugin_address,
                   (unsigned long long)((uint64_t)(uintptr_t)exported - base));
  }
  struct pg_span span = {
    .elf = elf, .memory = (const char *)(uintptr_t)base, .base = base};
  return pg_items_read(&span, elf->plugin_address, true, &loaded->arena,
                       &loaded->plugin, err);
}

static enum pg_status call_init(struct loaded *loaded, struct pg_error *err)
{
  typedef peri_status init_fn(peri_cx *);
  init_fn *init = (init_fn *)loaded->plugin.self.hooks[PERI_H_INIT];
  pg_context_init(&loaded->context, &loaded->plugin, NULL);
  if (!init) {
    return PG_OK;
  }
  pg_context_begin(&loaded->context);
  peri_status status = init(&loaded->context.cx);
  return pg_context_status(&loaded->context, status, "init", err);
}

/* From here on its code has run: whatever happens is kept, unless reading it
 * again may go better. */
static enum pg_status finish_loading(void *handle, const struct pg_guard *guard,
                                     const struct pg_elf *elf,
                                     struct loaded *loaded)
{
  struct pg_error *err = &loaded->refused;
  err->status = pg_guard_check(guard, err);
  if (err->status == PG_OK) {
    err->status = read_mapped(handle, elf, loaded, err);
  }
  if (err->status == PG_NO_MEMORY) {
    return PG_NO_MEMORY;
  }
  if (err->status == PG_OK) {
    err->status = call_init(loaded, err);
  }
  loaded->next = all;
  all = loaded;
  return PG_OK;
}

/* ------------------------------------------------------------------ loading */

static enum pg_status load_new(const struct pg_file *file,
                               struct loaded *loaded, struct pg_error *err)
{
  struct pg_elf elf;
  struct pg_guard guard;
  void *handle = NULL;
  enum pg_status status =
    pg_inspect(file, &loaded->arena, &elf, &loaded->plugin, err);
  if (status == PG_OK) {
    pg_guard_take(&guard);
    status = map_copy(file, &elf, loaded->plugin.sha256, &handle, err);
  }
  if (status == PG_OK) {
    status = finish_loading(handle, &guard, &elf, loaded);
  }
  return status == PG_NO_MEMORY ? pg_fail(err, status, "no memory to load it")
                                : status;
}

static struct loaded *new_loaded(const char *sha256)
{
  struct loaded *loaded = calloc(1, sizeof *loaded);
  if (loaded) {
    memcpy(loaded->plugin.sha256, sha256, sizeof loaded->plugin.sha256);
  }
  return loaded;
}

static void free_loaded(struct loaded *loaded)
{
  pg_arena_fini(&loaded->arena);
  free(loaded);
}

/* Maps the copy of a file that has passed before.  False: the long way. */
static bool map_known(const char *path, const struct pg_known *known,
                      struct loaded *loaded)
{
  struct pg_guard guard;
  struct pg_plugin *plugin = &loaded->plugin;
  plugin->static_tls = known->elf.static_tls;
  plugin->unique_symbols = known->elf.unique_symbols;
  plugin->path = pg_arena_copy(&loaded->arena, path, strlen(path));
  if (!plugin->path) {
    return false;
  }
  pg_guard_take(&guard);
  pg_apart_prepare(known->elf.memory_size);
  void *handle = dlopen(known->copy.path, RTLD_NOW | RTLD_LOCAL);
  return handle && finish_loading(handle, &guard, &known->elf, loaded) == PG_OK;
}

/* *found stays NULL when the file is not known. */
static enum pg_status find_known(const char *path, const char *directory,
                                 struct loaded **found, struct pg_error *err)
{
  char real[PATH_MAX];
  struct stat st;
  struct pg_known known;
  if (pg_file_find(path, directory, real, &st, NULL) != PG_OK ||
      !pg_known_find(real, &st, &known)) {
    return PG_OK;
  }
  enum pg_status status = pg_pins_check(real, known.sha256, err);
  if (status != PG_OK) {
    return status;
  }
  struct loaded *loaded = find(known.sha256);
  if (!loaded) {
    loaded = new_loaded(known.sha256);
    if (loaded && !map_known(real, &known, loaded)) {
      free_loaded(loaded);
      loaded = NULL;
    }
  }
  *found = loaded;
  return PG_OK;
}

static enum pg_status find_or_load(const struct pg_file *file,
                                   struct loaded **found, struct pg_error *err)
{
  char sha256[65];
  pg_sha256(file->bytes, file->size, sha256);
  enum pg_status status = pg_pins_check(file->path, sha256, err);
  if (status != PG_OK) {
    return status;
  }
  *found = find(sha256);
  if (*found) {
    return PG_OK;
  }
  struct loaded *loaded = new_loaded(sha256);
  if (!loaded) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a plugin");
  }
  status = load_new(file, loaded, err);
  if (status != PG_OK) {
    free_loaded(loaded);
    return status;
  }
  *found = loaded;
  return PG_OK;
}

enum pg_status pg_plugin_load(const char *path, const char *directory,
                              const struct pg_plugin **plugin,
                              struct pg_error *err)
{
  struct pg_file file = {0};
  struct loaded *loaded = NULL;
  pthread_mutex_lock(&lock);
  enum pg_status status = find_known(path, directory, &loaded, err);
  if (status == PG_OK && !loaded) {
    status = pg_file_read(path, directory, &file, err);
    status = status == PG_OK ? find_or_load(&file, &loaded, err) : status;
  }
  pthread_mutex_unlock(&lock);
  pg_file_fini(&file);
  if (status == PG_OK && loaded->refused.status != PG_OK) {
    status = pg_fail(err, loaded->refused.status, "%s", loaded->refused.text);
  }
  if (status == PG_OK) {
    *plugin = &loaded->plugin;
  }
  return pg_inspect_blame(path, status, err);
}

void pg_plugin_finish(void)
{
  typedef void fini_fn(peri_cx *);
  pthread_mutex_lock(&lock);
  for (struct loaded *loaded = all; loaded; loaded = loaded->next) {
    fini_fn *fini = (fini_fn *)loaded->plugin.self.hooks[PERI_H_FINI];
    if (fini && !loaded->finished && loaded->refused.status == PG_OK) {
      pg_context_begin(&loaded->context);
      fini(&loaded->context.cx);
    }
    loaded->finished = true;
  }
  pthread_mutex_unlock(&lock);
}
