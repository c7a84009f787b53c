/* codecs.c - how fast are the codecs by themselves, beside the floors?
 *
 *   codecs PLUGIN_DIRECTORY DATA_DIRECTORY [CHUNK_KIB [WORD]]
 *
 * Data as generate.c makes it.  The host here is as quick as one can be: it
 * keeps all memory, so that after the first round no page is touched anew.
 * Figures are gigabytes of text a second of CPU time, the median and the best
 * of ROUNDS; jobs that lack WORD in their name are left out. */
#include <dlfcn.h>
#include <perigee/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COLUMNS_MAX 64
#define ROUNDS 15
#define ARENA_BYTES ((size_t)4 << 20)
#define HEAP_BYTES ((size_t)16 << 20)

struct column {
  char name[64];
  size_t name_len;
  uint32_t type;
  void *values[16]; /* one block a type: kept */
  int64_t room[16];
  uint8_t *valid, *bits;
  int64_t valid_room;
  bool has_valid;
};

struct peri_out {
  struct column columns[COLUMNS_MAX];
  int count;
  int64_t rows, rejects;
  char *heap;
  size_t heap_used;
  int32_t heap_count;
  const char *buffers[4096];
};

static struct peri_out out;
static char *arena;

static void *must(void *memory)
{
  if (!memory) {
    fprintf(stderr, "no memory\n");
    exit(1);
  }
  return memory;
}

static char *aligned(size_t n)
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
                                       .out_reject = host_reject,
                                       .grow = host_grow};

/* ------------------------------------------------------------------- instances
 */

struct codec {
  const peri_item *item;
  peri_anyfn hooks[32];
  const void *params;
  void *state;
  peri_cx cx;
};

static const int32_t never;

static const peri_plugin *load(const char *directory, const char *name)
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

static struct codec codec_of(const peri_plugin *plugin, int kind,
                             const void *params)
{
  struct codec codec = {
    .params = params,
    .cx = {.size = sizeof(peri_cx), .sv = &services, .stop = &never}};
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind == kind) {
      codec.item = i;
    }
  }
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    if (i->kind == PERI_K_HOOK && i->decl == codec.item->decl) {
      codec.hooks[i->hook & 31] = i->fn;
    }
  }
  codec.state = must(calloc(1, codec.item->state->bytes + 1));
  return codec;
}

static void codec_open(struct codec *codec)
{
  typedef peri_status open_fn(peri_cx *, const void *, void *);
  memset(codec->state, 0, codec->item->state->bytes);
  if (codec->hooks[PERI_H_OPEN] &&
      ((open_fn *)codec->hooks[PERI_H_OPEN])(&codec->cx, codec->params,
                                             codec->state) != PERI_OK) {
    exit(1);
  }
}

static void codec_close(struct codec *codec)
{
  typedef void close_fn(peri_cx *, const void *, void *);
  if (codec->hooks[PERI_H_CLOSE]) {
    ((close_fn *)codec->hooks[PERI_H_CLOSE])(&codec->cx, codec->params,
                                             codec->state);
  }
}

/* ------------------------------------------------------------------------ jobs
 */

struct text {
  char *bytes;
  size_t len;
};

struct job {
  const char *name;
  const struct text *text;
  struct codec *decoder, *encoder; /* encoder: may be NULL */
  const char *const *columns;      /* NULL: all */
  uint32_t column_count;
  const char *time; /* a column that is declared as time, or NULL */
};

static size_t chunk_bytes = 1 << 20;
static char *written;
static size_t written_room;

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void begin_call(struct codec *codec)
{
  codec->cx.arena = arena;
  codec->cx.arena_end = arena + ARENA_BYTES;
}

/* What the encoder reads; bits for its nulls. */
static peri_batch batch_of_out(void)
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

/* Decodes one chunk; its bytes. */
static size_t decode(const struct job *job, peri_chunk *chunk, double *time)
{
  typedef peri_status decode_fn(peri_cx *, const void *, void *,
                                const peri_chunk *, peri_out *);
  typedef int64_t split_fn(peri_cx *, const void *, void *, const peri_chunk *);
  struct codec *codec = job->decoder;
  out.count = 0;
  out.heap_used = 0;
  out.heap_count = 0;
  out.buffers[0] = chunk->bytes;
  double start = seconds();
  begin_call(codec);
  chunk->len = (size_t)((split_fn *)codec->hooks[PERI_H_SPLIT])(
    &codec->cx, codec->params, codec->state, chunk);
  if (chunk->len == 0) {
    fprintf(stderr, "the chunks are too small\n");
    exit(1);
  }
  begin_call(codec);
  if (((decode_fn *)codec->hooks[PERI_H_DECODE])(
        &codec->cx, codec->params, codec->state, chunk, &out) != PERI_OK) {
    exit(1);
  }
  *time += seconds() - start;
  return chunk->len;
}

static size_t encode(struct codec *codec, double *time)
{
  typedef peri_status encode_fn(peri_cx *, const void *, void *,
                                const peri_batch *, peri_bytes *);
  peri_batch batch = batch_of_out();
  peri_bytes bytes = {written, written + written_room, NULL};
  double start = seconds();
  begin_call(codec);
  if (((encode_fn *)codec->hooks[PERI_H_ENCODE])(
        &codec->cx, codec->params, codec->state, &batch, &bytes) != PERI_OK) {
    exit(1);
  }
  *time += seconds() - start;
  return (size_t)(bytes.at - written);
}

/* One pass over the text: the rate of the encoder, or of the decoder. */
static double pass(const struct job *job, int64_t *rows)
{
  peri_field fields[COLUMNS_MAX];
  double decoding = 0, encoding = 0;
  size_t written_len = 0;
  for (uint32_t i = 0; i < job->column_count; i++) {
    bool is_time = job->time && strcmp(job->time, job->columns[i]) == 0;
    fields[i] = (peri_field){{job->columns[i], strlen(job->columns[i])},
                             is_time ? PERI_T_TIME : PERI_T_NULL,
                             i};
  }
  codec_open(job->decoder);
  if (job->encoder) {
    codec_open(job->encoder);
  }
  *rows = 0;
  for (size_t at = 0; at < job->text->len;) {
    size_t left = job->text->len - at;
    peri_chunk chunk = {.size = sizeof chunk,
                        .flags = (at == 0 ? PERI_CHUNK_FIRST : 0) |
                                 (left <= chunk_bytes ? PERI_CHUNK_LAST : 0),
                        .bytes = job->text->bytes + at,
                        .len = left < chunk_bytes ? left : chunk_bytes,
                        .offset = at,
                        .all = !job->columns,
                        .fields = fields,
                        .n_fields = job->column_count};
    at += decode(job, &chunk, &decoding);
    *rows += out.rows;
    if (job->encoder) {
      written_len += encode(job->encoder, &encoding);
    }
  }
  codec_close(job->decoder);
  if (job->encoder) {
    codec_close(job->encoder);
    return (double)written_len / encoding / 1e9;
  }
  return (double)job->text->len / decoding / 1e9;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void run(const struct job *job, const char *word)
{
  double rates[ROUNDS];
  int64_t rows;
  if (word && !strstr(job->name, word)) {
    return;
  }
  pass(job, &rows);
  for (int i = 0; i < ROUNDS; i++) {
    rates[i] = pass(job, &rows);
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  printf("%-28s %6.2f GB/s  best %6.2f  %9lld rows, %lld rejects\n", job->name,
         rates[ROUNDS / 2], rates[ROUNDS - 1], (long long)rows,
         (long long)out.rejects);
}

/* ---------------------------------------------------------------------- floors
 */

static double copy_chunks(const struct text *text)
{
  double start = seconds();
  for (size_t at = 0; at < text->len; at += chunk_bytes) {
    size_t left = text->len - at;
    memcpy(written, text->bytes + at, left < chunk_bytes ? left : chunk_bytes);
  }
  return (double)text->len / (seconds() - start) / 1e9;
}

static double scan_newlines(const struct text *text)
{
  double start = seconds();
  const char *at = text->bytes, *end = at + text->len;
  while (at && at < end) {
    at = memchr(at, '\n', (size_t)(end - at));
    at = at ? at + 1 : NULL;
  }
  return (double)text->len / (seconds() - start) / 1e9;
}

static void run_floor(const char *name, double (*pass_of)(const struct text *),
                      const struct text *text, const char *word)
{
  double rates[ROUNDS];
  if (word && !strstr(name, word)) {
    return;
  }
  pass_of(text);
  for (int i = 0; i < ROUNDS; i++) {
    rates[i] = pass_of(text);
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  printf("%-28s %6.2f GB/s  best %6.2f\n", name, rates[ROUNDS / 2],
         rates[ROUNDS - 1]);
}

static struct text read_all(const char *directory, const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  struct text text = {NULL, (size_t)ftell(file)};
  text.bytes = aligned(text.len + 64);
  rewind(file);
  if (fread(text.bytes, 1, text.len, file) != text.len) {
    perror(path);
    exit(1);
  }
  fclose(file);
  return text;
}

/* ------------------------------------------------------------------------ main
 */

/* The parameters, as the plugins declare them. */
struct csv_in {
  peri_str sep;
  bool header;
  peri_list_str names;
  peri_str quote;
  peri_list_str nulls;
  int64_t sample;
};
struct csv_out {
  peri_str sep;
  bool header;
  peri_str nulls;
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof *(list)))
#define SOME(list) list, COUNT(list)

int main(int argc, char **argv)
{
  static const peri_str empty = {"", 0};
  static const struct csv_in csv_in = {{",", 1},  true,        {NULL, 0},
                                       {"\"", 1}, {&empty, 1}, 65536};
  static const struct csv_out csv_out = {{",", 1}, true, {"", 0}};
  static const peri_str line = {"line", 4};
  static const bool no_nulls[8];
  static const char *const three[] = {"status", "bytes", "path"};
  static const char *const ten[] = {"ts",      "level",     "service", "host",
                                    "method",  "path",      "status",  "bytes",
                                    "user_id", "latency_ms"};
  static const char *const nested[] = {"geo.country", "status"};
  static const char *const log_six[] = {"remote", "time",   "method",
                                        "path",   "status", "bytes"};
  if (argc < 3) {
    fprintf(stderr, "usage: codecs PLUGINS DATA [CHUNK_KIB [WORD]]\n");
    return 2;
  }
  chunk_bytes = argc > 3 ? (size_t)atoi(argv[3]) << 10 : chunk_bytes;
  const char *word = argc > 4 ? argv[4] : NULL;
  arena = aligned(ARENA_BYTES);
  out.heap = aligned(HEAP_BYTES);
  written_room = chunk_bytes * 8 + (1 << 20);
  written = aligned(written_room);
  struct text ndjson = read_all(argv[2], "events.ndjson");
  struct text csv = read_all(argv[2], "events.csv");
  struct text access = read_all(argv[2], "access.log");
  const peri_plugin *json_plugin = load(argv[1], "json");
  const peri_plugin *csv_plugin = load(argv[1], "csv");
  struct codec json = codec_of(json_plugin, PERI_K_DECODER, no_nulls);
  struct codec to_json = codec_of(json_plugin, PERI_K_ENCODER, no_nulls);
  struct codec from_csv = codec_of(csv_plugin, PERI_K_DECODER, &csv_in);
  struct codec to_csv = codec_of(csv_plugin, PERI_K_ENCODER, &csv_out);
  struct codec combined =
    codec_of(load(argv[1], "combined"), PERI_K_DECODER, no_nulls);
  struct codec lines = codec_of(load(argv[1], "lines"), PERI_K_DECODER, &line);
  const struct job jobs[] = {
    {"json decode, all", &ndjson, &json, NULL, NULL, 0, NULL},
    {"json decode, 10", &ndjson, &json, NULL, SOME(ten), NULL},
    {"json decode, 3", &ndjson, &json, NULL, SOME(three), NULL},
    {"json decode, 10, ts as time", &ndjson, &json, NULL, SOME(ten), "ts"},
    {"json decode, nested", &ndjson, &json, NULL, SOME(nested), NULL},
    {"json encode", &ndjson, &json, &to_json, NULL, 0, NULL},
    {"csv decode, all", &csv, &from_csv, NULL, NULL, 0, NULL},
    {"csv decode, 10, ts as time", &csv, &from_csv, NULL, SOME(ten), "ts"},
    {"csv decode, 3", &csv, &from_csv, NULL, SOME(three), NULL},
    {"csv encode", &csv, &from_csv, &to_csv, NULL, 0, NULL},
    {"csv to json encode", &csv, &from_csv, &to_json, NULL, 0, NULL},
    {"combined decode, all", &access, &combined, NULL, NULL, 0, NULL},
    {"combined decode, 6", &access, &combined, NULL, SOME(log_six), NULL},
    {"combined decode, 3", &access, &combined, NULL, SOME(three), NULL},
    {"combined to json encode", &access, &combined, &to_json, NULL, 0, NULL},
    {"lines decode", &access, &lines, NULL, NULL, 0, NULL},
  };
  run_floor("floor: memcpy", copy_chunks, &ndjson, word);
  run_floor("floor: newlines, ndjson", scan_newlines, &ndjson, word);
  run_floor("floor: newlines, csv", scan_newlines, &csv, word);
  for (size_t i = 0; i < COUNT(jobs); i++) {
    out.rejects = 0;
    run(&jobs[i], word);
  }
  return 0;
}
