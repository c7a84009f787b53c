/* bare_host.c - services over memory that is kept. */
#include "bare_host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define HEAP_BYTES ((size_t)16 << 20)

struct peri_out out;
struct counter counters[COUNTERS_MAX];
int counter_count;

static char *arena;

void *must(void *memory)
{
  if (!memory) {
    fprintf(stderr, "no memory\n");
    exit(1);
  }
  return memory;
}

char *aligned(size_t n)
{
  char *block = must(aligned_alloc(64, (n + 127) & ~(size_t)63));
  memset(block, 0, n);
  return block;
}

/* -------------------------------------------------------------------- services
 */

static void *host_realloc(peri_cx *cx, void *block, size_t n)
{
  (void)cx;
  if (n == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, n);
}

static void *host_arena(peri_cx *cx, size_t n)
{
  (void)cx, (void)n;
  fprintf(stderr, "the arena is too small\n");
  exit(1);
}

static void host_log(peri_cx *cx, int32_t level, const char *text, size_t len)
{
  (void)cx, (void)level;
  fprintf(stderr, "%.*s\n", (int)len, text);
}

static peri_status host_fail(peri_cx *cx, peri_status status, const char *text,
                             size_t len)
{
  host_log(cx, 0, text, len);
  return status;
}

static int32_t host_column(peri_out *o, const char *name, size_t len,
                           uint32_t type)
{
  for (int i = 0; i < o->count; i++) {
    if (o->columns[i].name_len == len &&
        memcmp(o->columns[i].name, name, len) == 0) {
      return i;
    }
  }
  struct column *column = &o->columns[o->count];
  memcpy(column->name, name, len);
  column->name_len = len;
  column->type = type;
  column->has_valid = false;
  return o->count++;
}

static void *host_values(peri_out *o, int32_t index, int64_t rows,
                         uint8_t **valid)
{
  struct column *column = &o->columns[index];
  uint32_t type = column->type;
  if (column->room[type] < rows) {
    column->values[type] = aligned((size_t)rows * 16);
    column->room[type] = rows;
  }
  if (valid) {
    if (column->valid_room < rows) {
      column->valid = (uint8_t *)aligned((size_t)rows);
      column->bits = (uint8_t *)aligned((size_t)rows / 8 + 8);
      column->valid_room = rows;
    }
    if (!column->has_valid) {
      memset(column->valid, 0, (size_t)rows);
    }
    *valid = column->valid;
    column->has_valid = true;
  }
  return column->values[type];
}

static void *host_retype(peri_out *o, int32_t index, uint32_t type,
                         int64_t rows, uint8_t **valid)
{
  o->columns[index].type = type;
  return host_values(o, index, rows, valid);
}

static char *host_heap(peri_out *o, size_t n, int32_t *buffer)
{
  char *at = o->heap + o->heap_used;
  o->heap_used += n;
  if (o->heap_used > HEAP_BYTES || o->heap_count == 4095) {
    fprintf(stderr, "the heap is too small\n");
    exit(1);
  }
  *buffer = ++o->heap_count;
  o->buffers[*buffer] = at;
  return at;
}

static void host_rows(peri_out *o, int64_t rows)
{
  o->rows = rows;
}

static peri_status host_pick(peri_out *o, const uint32_t *rows, int64_t n)
{
  o->picked = rows;
  o->picked_count = n;
  return PERI_OK;
}

static void host_reject(peri_out *o, size_t offset, size_t len, const char *why,
                        size_t why_len)
{
  (void)offset, (void)len, (void)why, (void)why_len;
  o->rejects++;
}

static peri_status host_grow(peri_bytes *bytes, size_t n)
{
  (void)bytes, (void)n;
  fprintf(stderr, "the room for the output is too small\n");
  exit(1);
}

static void count(peri_cx *cx, const char *name, size_t len, uint64_t n)
{
  (void)cx;
  if (n == 0) {
    return;
  }
  for (int i = 0; i < counter_count; i++) {
    if (strlen(counters[i].name) == len &&
        memcmp(counters[i].name, name, len) == 0) {
      counters[i].n += n;
      return;
    }
  }
  if (counter_count < COUNTERS_MAX && len < sizeof counters->name) {
    memcpy(counters[counter_count].name, name, len);
    counters[counter_count].name[len] = '\0';
    counters[counter_count++].n = n;
  }
}

static const void *host_query(peri_cx *cx, const char *name)
{
  static const peri_counts table = {.size = sizeof table, .add = count};
  (void)cx;
  return strcmp(name, "perigee.counts/1") == 0 ? &table : NULL;
}

static const peri_services services = {.size = sizeof services,
                                       .realloc = host_realloc,
                                       .arena = host_arena,
                                       .log = host_log,
                                       .fail = host_fail,
                                       .out_column = host_column,
                                       .out_values = host_values,
                                       .out_retype = host_retype,
                                       .out_heap = host_heap,
                                       .out_rows = host_rows,
                                       .out_pick = host_pick,
                                       .out_reject = host_reject,
                                       .grow = host_grow,
                                       .query = host_query};

/* ------------------------------------------------------------------- instances
 */

static const int32_t never;

const peri_plugin *load(const char *directory, const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.so", directory, name);
  void *file = dlopen(path, RTLD_NOW);
  if (!file) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return must(dlsym(file, PERI_SYMBOL));
}

/* Whether a declaration begins with this kind and name. */
static bool declares(const peri_item *item, const char *what)
{
  size_t len = strlen(what);
  return item->decl && strncmp(item->decl, what, len) == 0 &&
         strchr("(\n ", item->decl[len]);
}

struct codec codec_of(const peri_plugin *plugin, const char *what,
                      const void *params)
{
  struct codec codec = {
    .params = params,
    .cx = {.size = sizeof(peri_cx), .sv = &services, .stop = &never}};
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind != PERI_K_HOOK && declares(i, what)) {
      codec.item = i;
    }
  }
  if (!codec.item) {
    fprintf(stderr, "plugin '%s' has no %s\n", plugin->name, what);
    exit(1);
  }
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind == PERI_K_HOOK && i->decl == codec.item->decl) {
      codec.hooks[i->hook & 31] = i->fn;
    }
  }
  codec.state = must(calloc(1, codec.item->state->bytes + 1));
  return codec;
}

void codec_open(struct codec *codec)
{
  typedef peri_status open_fn(peri_cx *, const void *, void *);
  memset(codec->state, 0, codec->item->state->bytes);
  if (codec->hooks[PERI_H_OPEN] &&
      ((open_fn *)codec->hooks[PERI_H_OPEN])(&codec->cx, codec->params,
                                             codec->state) != PERI_OK) {
    exit(1);
  }
}

void codec_close(struct codec *codec)
{
  typedef void close_fn(peri_cx *, const void *, void *);
  if (codec->hooks[PERI_H_CLOSE]) {
    ((close_fn *)codec->hooks[PERI_H_CLOSE])(&codec->cx, codec->params,
                                             codec->state);
  }
}

void codec_begin(struct codec *codec)
{
  if (!arena) {
    arena = aligned(ARENA_BYTES);
    out.heap = aligned(HEAP_BYTES);
  }
  codec->cx.arena = arena;
  codec->cx.arena_end = arena + ARENA_BYTES;
}

peri_batch batch_of_out(void)
{
  static peri_col cols[COLUMNS_MAX];
  static peri_str names[COLUMNS_MAX];
  for (int i = 0; i < out.count; i++) {
    struct column *column = &out.columns[i];
    names[i] = (peri_str){column->name, column->name_len};
    cols[i] = (peri_col){.n = out.rows,
                         .data = column->values[column->type],
                         .aux = out.buffers,
                         .type = column->type};
    if (column->has_valid) {
      memset(column->bits, 0, (size_t)out.rows / 8 + 1);
      for (int64_t row = 0; row < out.rows; row++) {
        column->bits[row >> 3] |= (uint8_t)(column->valid[row] << (row & 7));
      }
      cols[i].valid = column->bits;
    }
  }
  return (peri_batch){out.rows, out.count, cols, names, NULL};
}
