/* mock_host.c - the services of abi.h for the C tests of plugins. */
#include "mock_host.h"
#include "mock_text.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_BYTES 256 /* small, so that tests take the slow path too */

long mock_checks;
static const int32_t never_stop;

void mock_check(bool ok, const char *file, int line, const char *format, ...)
{
  mock_checks++;
  if (ok) {
    return;
  }
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: ", file, line);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(1);
}

void mock_same(const char *got, const char *expected, const char *file,
               int line, const char *context)
{
  size_t at = 0;
  got = got ? got : "(none)";
  while (got[at] && got[at] == expected[at]) {
    at++;
  }
  size_t from = at < 60 ? 0 : at - 60;
  mock_check(got[at] == expected[at], file, line,
             "texts part at byte %zu\n  expected: ...%.160s\n  found:    "
             "...%.160s\n%s",
             at, expected + from, got + from, context);
}

static bool may_allocate(struct mock *mock)
{
  if (mock->fail_after == 0) {
    return false;
  }
  if (mock->fail_after > 0) {
    mock->fail_after--;
  }
  return true;
}

/* ------------------------------------------------------- memory and messages
 */

static void *mock_realloc(peri_cx *cx, void *block, size_t n)
{
  struct mock *mock = (struct mock *)cx;
  if (n == 0) {
    mock->live -= block != NULL;
    free(block);
    return NULL;
  }
  if (!may_allocate(mock)) {
    return NULL;
  }
  mock->live += block == NULL;
  return realloc(block, n);
}

static void *mock_arena(peri_cx *cx, size_t n)
{
  struct mock *mock = (struct mock *)cx;
  if (!may_allocate(mock)) {
    return NULL;
  }
  size_t size = n > ARENA_BYTES ? n : ARENA_BYTES;
  char *block = aligned_alloc(16, (size + 15) & ~(size_t)15);
  mock->arena_blocks = realloc(
    mock->arena_blocks, (size_t)(mock->arena_count + 1) * sizeof(void *));
  mock->arena_blocks[mock->arena_count++] = block;
  cx->arena = block + n;
  cx->arena_end = block + size;
  return block;
}

static void mock_log(peri_cx *cx, int32_t level, const char *text, size_t len)
{
  struct mock *mock = (struct mock *)cx;
  size_t had = mock->logged ? strlen(mock->logged) : 0;
  mock->logged = realloc(mock->logged, had + len + 32);
  snprintf(mock->logged + had, len + 32, "%d %.*s\n", level, (int)len, text);
}

static peri_status mock_fail(peri_cx *cx, peri_status status, const char *text,
                             size_t len)
{
  struct mock *mock = (struct mock *)cx;
  free(mock->message);
  mock->message = strndup(text, len);
  cx->failed = status;
  return status;
}

/* ----------------------------------------------------------- a batch's columns
 */

static size_t width_of(uint32_t type)
{
  static const uint8_t widths[] = {1, 1, 1, 1, 2, 2,  4,  4,
                                   8, 8, 4, 8, 8, 16, 16, 16};
  MOCK_CHECK(type <= PERI_T_JSON, "no such column type: %u", type);
  return widths[type];
}

static int32_t mock_column(peri_out *out, const char *name, size_t len,
                           uint32_t type)
{
  width_of(type);
  for (int i = 0; i < out->count; i++) {
    if (out->columns[i].name_len == len &&
        memcmp(out->columns[i].name, name, len) == 0) {
      return i;
    }
  }
  if (!may_allocate(out->mock)) {
    return PERI_ENOMEM;
  }
  out->columns =
    realloc(out->columns, (size_t)(out->count + 1) * sizeof *out->columns);
  char *copy = malloc(len + 1);
  memcpy(copy, name, len);
  copy[len] = '\0';
  out->columns[out->count] =
    (struct mock_column){.name = copy, .name_len = len, .type = type};
  return out->count++;
}

static void *moved(void *old, size_t had, size_t size, int fill)
{
  char *block = malloc(size + 1);
  memset(block, fill, size);
  if (old) {
    memcpy(block, old, had);
  }
  return block;
}

static void set_room(struct mock_column *column, int64_t rows, uint8_t **valid)
{
  int64_t had = column->valid ? column->rows_max : 0;
  if (valid || column->valid) {
    uint8_t *old = column->valid;
    column->valid = moved(old, (size_t)had, (size_t)rows, 0);
    free(old);
  }
  if (valid) {
    *valid = column->valid;
  }
  column->rows_max = rows;
}

static struct mock_column *column_at(peri_out *out, int32_t index)
{
  MOCK_CHECK(index >= 0 && index < out->count, "no such column: %d", index);
  return &out->columns[index];
}

static void *mock_values(peri_out *out, int32_t index, int64_t rows,
                         uint8_t **valid)
{
  struct mock_column *column = column_at(out, index);
  MOCK_CHECK(rows >= 0, "values of %lld rows", (long long)rows);
  if (!may_allocate(out->mock)) {
    return NULL;
  }
  rows = rows < column->rows_max ? column->rows_max : rows;
  size_t width = width_of(column->type);
  void *old = column->values;
  column->values =
    moved(old, width * (size_t)column->rows_max, width * (size_t)rows, 0xA5);
  free(old);
  set_room(column, rows, valid);
  return column->values;
}

static void *mock_retype(peri_out *out, int32_t index, uint32_t type,
                         int64_t rows, uint8_t **valid)
{
  struct mock_column *column = column_at(out, index);
  if (!may_allocate(out->mock)) {
    return NULL;
  }
  out->stale =
    realloc(out->stale, (size_t)(out->stale_count + 1) * sizeof *out->stale);
  out->stale[out->stale_count++] = column->values;
  rows = rows < column->rows_max ? column->rows_max : rows;
  column->type = type;
  column->values = moved(NULL, 0, width_of(type) * (size_t)rows, 0xA5);
  set_room(column, rows, valid);
  return column->values;
}

static char *mock_heap(peri_out *out, size_t n, int32_t *buffer)
{
  if (!may_allocate(out->mock)) {
    return NULL;
  }
  char **buffers =
    realloc(out->buffers, (size_t)(out->buffer_count + 2) * sizeof *buffers);
  out->buffers = buffers;
  if (out->buffer_count == 0) {
    buffers[out->buffer_count++] = NULL;
  }
  buffers[out->buffer_count] = malloc(n + 1);
  *buffer = out->buffer_count;
  return buffers[out->buffer_count++];
}

static void mock_set_rows(peri_out *out, int64_t rows)
{
  MOCK_CHECK(rows >= 0, "a batch of %lld rows", (long long)rows);
  out->rows = rows;
}

static peri_status mock_pick(peri_out *out, const uint32_t *rows, int64_t n)
{
  out->picked = realloc(out->picked, (size_t)(out->picked_count + n + 1) *
                                       sizeof *out->picked);
  memcpy(out->picked + out->picked_count, rows, (size_t)n * sizeof *rows);
  out->picked_count += n;
  return PERI_OK;
}

static peri_status mock_slice(peri_out *out, int64_t from, int64_t n)
{
  for (int64_t i = from; i < from + n; i++) {
    uint32_t row = (uint32_t)i;
    mock_pick(out, &row, 1);
  }
  return PERI_OK;
}

static void mock_reject(peri_out *out, size_t offset, size_t len,
                        const char *why, size_t why_len)
{
  out->rejects = realloc(out->rejects, (size_t)(out->reject_count + 1) *
                                         sizeof *out->rejects);
  out->rejects[out->reject_count++] =
    (struct mock_reject){offset, len, strndup(why, why_len)};
}

/* --------------------------------------------------------- encoders and files
 */

static peri_status mock_grow(peri_bytes *bytes, size_t n)
{
  struct mock *mock = bytes->origin;
  if (!may_allocate(mock)) {
    return PERI_ENOMEM;
  }
  mock->written.len = (size_t)(bytes->at - mock->written.at);
  mock->written.room = mock->written.len + n;
  char *at = moved(mock->written.at, mock->written.len, mock->written.room, 0);
  free(mock->written.at);
  mock->written.at = at;
  bytes->at = at + mock->written.len;
  bytes->end = at + mock->written.room;
  return PERI_OK;
}

static peri_status mock_arrow(peri_cx *cx, const peri_batch *batch,
                              struct ArrowSchema *schema,
                              struct ArrowArray *array)
{
  (void)batch, (void)schema, (void)array;
  return mock_fail(cx, PERI_EINVAL, "no arrow here", 13);
}

static int64_t or_errno(int64_t result)
{
  return result < 0 ? -errno : result;
}

static int32_t io_open(peri_cx *cx, const char *path, int32_t flags,
                       int32_t mode)
{
  (void)cx;
  return (int32_t)or_errno(open(path, flags, mode));
}

static int64_t io_read(peri_cx *cx, int32_t fd, void *to, size_t n)
{
  (void)cx;
  return or_errno(read(fd, to, n));
}

static int64_t io_write(peri_cx *cx, int32_t fd, const void *from, size_t n)
{
  (void)cx;
  return or_errno(write(fd, from, n));
}

static int32_t io_close(peri_cx *cx, int32_t fd)
{
  (void)cx;
  return (int32_t)or_errno(close(fd));
}

static int64_t io_length(peri_cx *cx, int32_t fd)
{
  (void)cx;
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : -1;
}

const peri_io mock_system_io = {.size = sizeof mock_system_io,
                                .open = io_open,
                                .read = io_read,
                                .write = io_write,
                                .close = io_close,
                                .length = io_length};

static const void *mock_query(peri_cx *cx, const char *name)
{
  const peri_io *io = ((struct mock *)cx)->io;
  return strcmp(name, "perigee.io/1") == 0 ? io : NULL;
}

static const peri_services services = {
  .size = sizeof services,
  .abi_minor = PERI_ABI_MINOR,
  .realloc = mock_realloc,
  .arena = mock_arena,
  .log = mock_log,
  .fail = mock_fail,
  .out_column = mock_column,
  .out_values = mock_values,
  .out_retype = mock_retype,
  .out_heap = mock_heap,
  .out_rows = mock_set_rows,
  .out_pick = mock_pick,
  .out_slice = mock_slice,
  .out_reject = mock_reject,
  .grow = mock_grow,
  .arrow = mock_arrow,
  .query = mock_query,
};

/* ------------------------------------------------------ plugins and instances
 */

const peri_plugin *mock_load(const char *path)
{
  void *file = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  MOCK_CHECK(file, "cannot load '%s': %s", path, file ? "" : dlerror());
  const peri_plugin *plugin = dlsym(file, PERI_SYMBOL);
  MOCK_CHECK(plugin, "'%s' exports no " PERI_SYMBOL, path);
  return plugin;
}

static bool is_called(const char *decl, const char *name)
{
  const char *at = strchr(decl, ' ') + 1;
  size_t len = strlen(name);
  return strncmp(at, name, len) == 0 && strchr(" (\n", at[len]);
}

const peri_item *mock_item(const peri_plugin *plugin, int kind,
                           const char *name)
{
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind == kind && is_called(i->decl, name)) {
      return i;
    }
  }
  return NULL;
}

peri_anyfn mock_hook(const peri_plugin *plugin, const peri_item *owner,
                     int hook)
{
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind == PERI_K_HOOK && i->decl == owner->decl &&
        (int)(i->hook & ~PERI_MUST) == hook) {
      return i->fn;
    }
  }
  return NULL;
}

void mock_reset(struct mock *mock)
{
  struct peri_out *out = &mock->out;
  for (int i = 0; i < out->count; i++) {
    free(out->columns[i].name);
    free(out->columns[i].values);
    free(out->columns[i].valid);
  }
  for (int i = 1; i < out->buffer_count; i++) {
    free(out->buffers[i]);
  }
  for (int i = 0; i < out->stale_count; i++) {
    free(out->stale[i]);
  }
  for (int i = 0; i < out->reject_count; i++) {
    free(out->rejects[i].why);
  }
  free(out->columns);
  free(out->buffers);
  free(out->stale);
  free(out->rejects);
  free(out->picked);
  *out = (struct peri_out){.mock = mock, .rows = -1};
  for (int i = 0; i < mock->arena_count; i++) {
    free(mock->arena_blocks[i]);
  }
  mock->arena_count = 0;
  mock->cx.arena = mock->cx.arena_end = NULL;
  mock->cx.failed = PERI_OK;
}

peri_status mock_init_io(struct mock *mock, const peri_plugin *plugin, int kind,
                         const char *name, const void *params,
                         int64_t fail_after, const peri_io *io)
{
  static const uint64_t zeros[64];
  *mock = (struct mock){.plugin = plugin, .fail_after = fail_after, .io = io};
  mock->item = mock_item(plugin, kind, name);
  MOCK_CHECK(mock->item, "plugin '%s' has no '%s' of kind %d", plugin->name,
             name, kind);
  mock->params = params ? params : zeros;
  mock->state = calloc(1, mock->item->state ? mock->item->state->bytes : 1);
  mock->cx =
    (peri_cx){.size = sizeof mock->cx, .sv = &services, .stop = &never_stop};
  mock_reset(mock);
  peri_status (*open_it)(peri_cx *, const void *, void *) = (peri_status(*)(
    peri_cx *, const void *, void *))mock_hook(plugin, mock->item, PERI_H_OPEN);
  peri_status status =
    open_it ? open_it(&mock->cx, mock->params, mock->state) : PERI_OK;
  if (status < 0) {
    mock->item = NULL;
  }
  return status;
}

peri_status mock_init_failing(struct mock *mock, const peri_plugin *plugin,
                              int kind, const char *name, const void *params,
                              int64_t fail_after)
{
  return mock_init_io(mock, plugin, kind, name, params, fail_after,
                      &mock_system_io);
}

peri_status mock_init(struct mock *mock, const peri_plugin *plugin, int kind,
                      const char *name, const void *params)
{
  return mock_init_failing(mock, plugin, kind, name, params, -1);
}

void mock_fini(struct mock *mock)
{
  void (*close_it)(peri_cx *, const void *, void *) =
    mock->item ? (void (*)(peri_cx *, const void *, void *))mock_hook(
                   mock->plugin, mock->item, PERI_H_CLOSE)
               : NULL;
  if (close_it) {
    close_it(&mock->cx, mock->params, mock->state);
  }
  mock_reset(mock);
  MOCK_CHECK(mock->live == 0, "%lld blocks were not freed",
             (long long)mock->live);
  free(mock->arena_blocks);
  free(mock->state);
  free(mock->message);
  free(mock->logged);
  free(mock->written.at);
  *mock = (struct mock){.fail_after = -1};
}
