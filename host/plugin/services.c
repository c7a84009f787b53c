/* services.c - the table of services, and those that belong to a context. */
#include "base/io.h"
#include "base/log.h"
#include "plugin/arrow.h"
#include "plugin/context.h"
#include "plugin/out.h"
#include "plugin/text.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- memory */

/* In front of what a plugin gets: how much to give back to the account. */
struct charged {
  size_t size;
  _Alignas(16) char bytes[];
};

static struct pg_context *context_of(peri_cx *cx)
{
  return (struct pg_context *)cx;
}

static void charge(struct pg_context *context, size_t had, size_t has)
{
  atomic_fetch_add_explicit(&context->live_bytes, has - had,
                            memory_order_relaxed);
}

static void *service_realloc(peri_cx *cx, void *old, size_t n)
{
  struct charged *block = NULL;
  size_t had = 0;
  if (old) {
    block = (struct charged *)((char *)old - offsetof(struct charged, bytes));
    had = block->size;
  }
  if (n == 0) {
    free(block);
    charge(context_of(cx), had, 0);
    return NULL;
  }
  if (n > SIZE_MAX - sizeof *block) {
    return NULL;
  }
  block = realloc(block, sizeof *block + n);
  if (!block) {
    return NULL;
  }
  block->size = n;
  charge(context_of(cx), had, n);
  return block->bytes;
}

static void *service_arena(peri_cx *cx, size_t n)
{
  struct pg_context *context = context_of(cx);
  context->arena.at = cx->arena;
  void *room = pg_arena_alloc(&context->arena, n);
  cx->arena = context->arena.at;
  cx->arena_end = context->arena.end;
  return room;
}

/* -------------------------------------------------------------------- words */

/* Texts of plugins hold pieces of data, which must not reach a terminal as
 * commands. */
static size_t copy_words(char *out, size_t size, const char *text, size_t len)
{
  size_t n = len < size - 1 ? len : size - 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[i];
    out[i] = c < 32 || c == 127 ? ' ' : (char)c;
  }
  out[n] = '\0';
  return n;
}

static void service_log(peri_cx *cx, int32_t level, const char *text,
                        size_t len)
{
  char words[1000];
  const struct pg_plugin *plugin = context_of(cx)->plugin;
  level = level < PERI_DEBUG   ? PERI_DEBUG
          : level > PERI_ERROR ? PERI_ERROR
                               : level;
  copy_words(words, sizeof words, text, len);
  pg_log((enum pg_log_level)level, "%s: %s", plugin->name, words);
}

static peri_status service_fail(peri_cx *cx, peri_status status,
                                const char *text, size_t len)
{
  struct pg_context *context = context_of(cx);
  copy_words(context->message, sizeof context->message, text, len);
  cx->failed = status < 0 ? status : PERI_EBUG;
  return cx->failed;
}

/* ------------------------------------------------------------------- others */

static peri_status service_arrow(peri_cx *cx, const peri_batch *batch,
                                 struct ArrowSchema *schema,
                                 struct ArrowArray *array)
{
  static const char unknown[] = "arrow() takes batches of the host only";
  if (!batch->origin) {
    return service_fail(cx, PERI_EINVAL, unknown, sizeof unknown - 1);
  }
  return pg_arrow_export(batch->origin, schema, array) ? PERI_OK : PERI_ENOMEM;
}

static int32_t io_open(peri_cx *cx, const char *path, int32_t flags,
                       int32_t mode)
{
  (void)cx;
  return pg_io_get()->open(path, flags, mode);
}

static int64_t io_read(peri_cx *cx, int32_t fd, void *bytes, size_t n)
{
  (void)cx;
  return pg_io_get()->read(fd, bytes, n);
}

static int64_t io_write(peri_cx *cx, int32_t fd, const void *bytes, size_t n)
{
  (void)cx;
  pg_log_make_way(fd);
  return pg_io_get()->write(fd, bytes, n);
}

static int32_t io_close(peri_cx *cx, int32_t fd)
{
  (void)cx;
  return pg_io_get()->close(fd);
}

static int64_t io_length(peri_cx *cx, int32_t fd)
{
  (void)cx;
  return pg_io_get()->length(fd);
}

static void counts_add(peri_cx *cx, const char *name, size_t len, uint64_t n)
{
  pg_counts_add(&context_of(cx)->counts, name, len, n);
}

static const void *service_query(peri_cx *cx, const char *name)
{
  static const peri_io io = {.size = sizeof io,
                             .open = io_open,
                             .read = io_read,
                             .write = io_write,
                             .close = io_close,
                             .length = io_length};
  static const peri_counts counts = {.size = sizeof counts, .add = counts_add};
  (void)cx;
  return strcmp(name, "perigee.io/1") == 0       ? (const void *)&io
         : strcmp(name, "perigee.counts/1") == 0 ? (const void *)&counts
                                                 : NULL;
}

const peri_services *pg_services(void)
{
  static const peri_services services = {
    .size = sizeof services,
    .abi_minor = PERI_ABI_MINOR,
    .realloc = service_realloc,
    .arena = service_arena,
    .log = service_log,
    .fail = service_fail,
    .out_column = pg_out_column,
    .out_values = pg_out_values,
    .out_retype = pg_out_retype,
    .out_heap = pg_out_heap,
    .out_rows = pg_out_rows,
    .out_pick = pg_out_pick,
    .out_slice = pg_out_slice,
    .out_reject = pg_out_reject,
    .grow = pg_text_grow,
    .arrow = service_arrow,
    .query = service_query,
  };
  return &services;
}
