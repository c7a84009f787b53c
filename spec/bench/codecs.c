/* codecs.c - how fast are the codecs by themselves, beside the floors?
 *
 *   codecs PLUGIN_DIRECTORY DATA_DIRECTORY [CHUNK_KIB [WORD]]
 *
 * Data as generate.c makes it.  Figures are gigabytes of text a second of CPU
 * time, the median and the best of ROUNDS, and how much longer that takes than
 * the floor, which is to read such a text and to find its lines.  A line below
 * says how often a codec took its short way, and how often it could not.  Jobs
 * that lack WORD in their name are left out. */
#include "bare_host.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15

struct text {
  char path[4096];
  char *bytes;
  size_t len;
  double floor; /* GB/s */
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

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
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

/* From the page cache into aligned memory, again and again. */
static double read_chunks(const struct text *text)
{
  int fd = open(text->path, O_RDONLY | O_CLOEXEC);
  double start = seconds();
  while (read(fd, written, chunk_bytes) > 0) {
  }
  double took = seconds() - start;
  close(fd);
  return (double)text->len / took / 1e9;
}

static double median_of(double (*pass_of)(const struct text *),
                        const struct text *text)
{
  double rates[ROUNDS];
  pass_of(text);
  for (int i = 0; i < ROUNDS; i++) {
    rates[i] = pass_of(text);
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  return rates[ROUNDS / 2];
}

/* Reading the text and looking for its lines: nothing that looks at all of it
 * can be quicker. */
static void find_floor(struct text *text, const char *name)
{
  double copy = median_of(copy_chunks, text);
  double read = median_of(read_chunks, text);
  double lines = median_of(scan_newlines, text);
  text->floor = 1 / (1 / read + 1 / lines);
  printf("%-28s %6.2f GB/s\n%-28s %6.2f GB/s\n%-28s %6.2f GB/s\n%-28s %6.2f "
         "GB/s  %s\n",
         "floor: memcpy", copy, "floor: read", read, "floor: newlines", lines,
         "floor: read, then newlines", text->floor, name);
}

/* ------------------------------------------------------------------------ one
 * job
 */

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
  codec_begin(codec);
  chunk->len = (size_t)((split_fn *)codec->hooks[PERI_H_SPLIT])(
    &codec->cx, codec->params, codec->state, chunk);
  if (chunk->len == 0) {
    fprintf(stderr, "the chunks are too small\n");
    exit(1);
  }
  codec_begin(codec);
  if (((decode_fn *)codec->hooks[PERI_H_DECODE])(
        &codec->cx, codec->params, codec->state, chunk, &out) != PERI_OK) {
    exit(1);
  }
  *time += seconds() - start;
  return chunk->len;
}

/* What comes after the last batch; its bytes. */
static size_t finish(struct codec *codec, double *time)
{
  typedef peri_status finish_fn(peri_cx *, const void *, void *, peri_bytes *);
  finish_fn *hook = (finish_fn *)codec->hooks[PERI_H_FINISH];
  peri_bytes bytes = {written, written + written_room, NULL};
  double start = seconds();
  codec_begin(codec);
  if (hook &&
      hook(&codec->cx, codec->params, codec->state, &bytes) != PERI_OK) {
    exit(1);
  }
  *time += seconds() - start;
  return (size_t)(bytes.at - written);
}

static size_t encode(struct codec *codec, double *time)
{
  typedef peri_status encode_fn(peri_cx *, const void *, void *,
                                const peri_batch *, peri_bytes *);
  peri_batch batch = batch_of_out();
  peri_bytes bytes = {written, written + written_room, NULL};
  double start = seconds();
  codec_begin(codec);
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
    written_len += finish(job->encoder, &encoding);
    codec_close(job->encoder);
    return (double)written_len / encoding / 1e9;
  }
  return (double)job->text->len / decoding / 1e9;
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
    counter_count = 0;
    out.rejects = 0;
    rates[i] = pass(job, &rows);
  }
  qsort(rates, ROUNDS, sizeof *rates, compare);
  double rate = rates[ROUNDS / 2];
  printf("%-28s %6.2f GB/s  best %6.2f  %5.2fx the floor  %9lld rows, %lld "
         "rejects\n",
         job->name, rate, rates[ROUNDS - 1], job->text->floor / rate,
         (long long)rows, (long long)out.rejects);
  if (job->encoder) {
    return; /* decoders say it for themselves */
  }
  for (int i = 0; i < counter_count; i++) {
    printf(i ? ", %llu %s" : "    %llu %s", (unsigned long long)counters[i].n,
           counters[i].name);
  }
  printf(counter_count ? "\n" : "");
}

static struct text read_all(const char *directory, const char *name)
{
  struct text text = {.floor = 0};
  snprintf(text.path, sizeof text.path, "%s/%s", directory, name);
  FILE *file = fopen(text.path, "rb");
  if (!file) {
    perror(text.path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  text.len = (size_t)ftell(file);
  text.bytes = aligned(text.len + 64);
  rewind(file);
  if (fread(text.bytes, 1, text.len, file) != text.len) {
    perror(text.path);
    exit(1);
  }
  fclose(file);
  find_floor(&text, name);
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
struct table_out {
  int64_t rows;
  bool wide;
};
struct pattern {
  peri_str regex;
  int64_t match_limit;
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof *(list)))
#define SOME(list) list, COUNT(list)

int main(int argc, char **argv)
{
  static const peri_str empty = {"", 0};
  static const struct csv_in csv_in = {{",", 1},  true,        {NULL, 0},
                                       {"\"", 1}, {&empty, 1}, 65536};
  static const struct csv_out csv_out = {{",", 1}, true, {"", 0}};
  static const struct table_out table_out = {16384, false};
  static const peri_str line = {"line", 4};
  static const char regex[] =
    "^(?<addr>\\S+) \\S+ \\S+ \\[(?<time>[^]]+)\\] \"(?<method>\\S+) "
    "(?<path>\\S+) [^\"]*\" (?<status>\\d+) (?<bytes>\\d+)";
  static const struct pattern six = {{regex, sizeof regex - 1}, 1000000};
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
  written_room = chunk_bytes * 8 + (16 << 20);
  written = aligned(written_room);
  struct text ndjson = read_all(argv[2], "events.ndjson");
  struct text csv = read_all(argv[2], "events.csv");
  struct text access = read_all(argv[2], "access.log");
  const peri_plugin *json_plugin = load(argv[1], "json");
  const peri_plugin *csv_plugin = load(argv[1], "csv");
  struct codec json = codec_of(json_plugin, "decoder json", no_nulls);
  struct codec to_json = codec_of(json_plugin, "encoder json", no_nulls);
  struct codec from_csv = codec_of(csv_plugin, "decoder csv", &csv_in);
  struct codec to_csv = codec_of(csv_plugin, "encoder csv", &csv_out);
  struct codec to_table =
    codec_of(load(argv[1], "table"), "encoder table", &table_out);
  struct codec combined =
    codec_of(load(argv[1], "combined"), "decoder combined", no_nulls);
  struct codec lines = codec_of(load(argv[1], "lines"), "decoder lines", &line);
  struct codec pattern =
    codec_of(load(argv[1], "pattern"), "decoder pattern", &six);
  const struct job jobs[] = {
    {"json decode, all", &ndjson, &json, NULL, NULL, 0, NULL},
    {"json decode, 10", &ndjson, &json, NULL, SOME(ten), NULL},
    {"json decode, 3", &ndjson, &json, NULL, SOME(three), NULL},
    {"json decode, 10, ts as time", &ndjson, &json, NULL, SOME(ten), "ts"},
    {"json decode, nested", &ndjson, &json, NULL, SOME(nested), NULL},
    {"json encode", &ndjson, &json, &to_json, NULL, 0, NULL},
    {"table encode, 16384 rows", &ndjson, &json, &to_table, NULL, 0, NULL},
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
    {"pattern decode, 6", &access, &pattern, NULL, NULL, 0, NULL},
  };
  for (size_t i = 0; i < COUNT(jobs); i++) {
    run(&jobs[i], word);
  }
  return 0;
}
