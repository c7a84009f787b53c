/* text.c - what it costs to hand events on: by pointer, copied, and as JSON, by
 * the codec that perigee ships. */
#include "text.h"

#include "bench.h"
#include "plugin/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 1000

/* So many events in one measurement. */
#define EVENTS 2000

struct job {
  int events; /* in a batch */
  struct pg_instance *decoder, *encoder;
  struct pg_block *text; /* the batch as JSON */
  size_t len;
  char *copy;
  struct pg_batch *batch;
};

/* Not inlined: what a plugin would be handed. */
__attribute__((noinline)) static int64_t take(const struct pg_batch *batch)
{
  __asm__ volatile("" : : "r"(batch) : "memory");
  return batch->rows;
}

static double run_pointer(const void *arg)
{
  const struct job *job = arg;
  int64_t rows = 0;
  double start = bench_now();
  for (int i = 0; i < EVENTS * 100; i += job->events) {
    rows += take(job->batch);
  }
  double spent = bench_now() - start;
  return rows == EVENTS * 100 ? spent / (EVENTS * 100) : -1;
}

static double run_copy(const void *arg)
{
  const struct job *job = arg;
  double start = bench_now();
  for (int i = 0; i < EVENTS; i += job->events) {
    memcpy(job->copy, job->text->bytes, job->len);
    __asm__ volatile("" : : "r"(job->copy) : "memory");
  }
  return (bench_now() - start) / EVENTS;
}

static void encode(const struct job *job, struct pg_text *text)
{
  struct pg_error err;
  if (pg_instance_encode(job->encoder, job->batch, text, &err) != PG_OK) {
    bench_die("encode", err.text);
  }
}

static struct pg_batch *decode(const struct job *job)
{
  struct pg_error err;
  struct pg_batch *batch = NULL;
  const struct pg_reject *rejects;
  size_t count;
  peri_chunk chunk = {.size = sizeof chunk,
                      .flags = PERI_CHUNK_FIRST | PERI_CHUNK_LAST,
                      .bytes = job->text->bytes,
                      .len = job->len,
                      .all = 1,
                      .head = job->text->bytes,
                      .head_len = job->len};
  if (pg_instance_decode(job->decoder, &chunk, job->text, &batch, &rejects,
                         &count, &err) != PG_OK ||
      !batch || count > 0) {
    bench_die("decode", err.text);
  }
  return batch;
}

static double run_encode(const void *arg)
{
  const struct job *job = arg;
  double start = bench_now();
  for (int i = 0; i < EVENTS; i += job->events) {
    struct pg_text text = {0};
    encode(job, &text);
    pg_text_fini(&text);
  }
  return (bench_now() - start) / EVENTS;
}

static double run_decode(const void *arg)
{
  const struct job *job = arg;
  double start = bench_now();
  for (int i = 0; i < EVENTS; i += job->events) {
    pg_batch_unref(decode(job));
  }
  return (bench_now() - start) / EVENTS;
}

static double run_both(const void *arg)
{
  return run_encode(arg) + run_decode(arg);
}

/* ----------------------------------------------------------------- the events
 */

static struct pg_instance *open_item(const struct pg_plugin *plugin,
                                     uint32_t kind)
{
  struct pg_error err;
  struct pg_instance *instance;
  size_t count;
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, kind, "json", &count);
  if (!item || pg_instance_new(plugin, item, NULL, NULL, &instance, &err)) {
    bench_die("json", item ? err.text : "no such codec");
  }
  return instance;
}

/* 13 fields, about 600 bytes: an event as the seed's host has them. */
static size_t write_event(char *at, int i)
{
  return (size_t)sprintf(
    at,
    "{\"timestamp\":\"2021-09-05T12:%02d:%02d.%03dZ\",\"host\":\"web-%d."
    "example."
    "org\",\"level\":\"%s\",\"status\":%d,\"bytes\":%d,\"duration\":%.4f,"
    "\"method\":\"GET\",\"path\":\"/api/v1/users/%d/items?page=%d&sort=name\","
    "\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 "
    "Firefox/91.0\",\"message\":\"the request was answered by the second of "
    "two "
    "backends after the first one had been asked and had no answer within the "
    "time that it is given, which is %d milliseconds\",\"trace\":\"%08x%08x\","
    "\"index\":%d,\"sampled\":%s}\n",
    i / 60 % 60, i % 60, i % 1000, i % 7, i % 11 ? "info" : "warning",
    i % 13 ? 200 : 503, i * 7919 % 100000, i % 1000 / 997.0, i % 5000, i % 9,
    i % 900, (unsigned)i * 2654435761u, (unsigned)i * 40503u, i,
    i % 2 ? "true" : "false");
}

static void fill(struct job *job)
{
  char *texts = malloc(EVENTS_MAX * 1000);
  if (!texts) {
    bench_die("text", "no memory");
  }
  for (int i = 0; i < job->events; i++) {
    job->len += write_event(texts + job->len, i);
  }
  job->text = pg_block_new(job->len + PG_BLOCK_PADDING);
  job->copy = malloc(job->len);
  if (!job->text || !job->copy) {
    bench_die("text", "no memory");
  }
  memcpy(job->text->bytes, texts, job->len);
  memset(job->text->bytes + job->len, 0, PG_BLOCK_PADDING);
  free(texts);
  job->batch = decode(job);
  if (job->batch->rows != job->events || job->batch->schema->count != 13) {
    bench_die("text", "the events did not become rows of 13 columns");
  }
}

void text_bench(const char *json, int rounds)
{
  struct pg_error err;
  const struct pg_plugin *plugin;
  if (pg_plugin_load(json, NULL, &plugin, &err) != PG_OK) {
    bench_die(json, err.text);
  }
  for (int events = EVENTS_MAX; events >= 1; events /= EVENTS_MAX) {
    struct job job = {.events = events,
                      .decoder = open_item(plugin, PERI_K_DECODER),
                      .encoder = open_item(plugin, PERI_K_ENCODER)};
    fill(&job);
    struct bench_row rows[] = {
      {"by pointer", run_pointer, &job, 0, -1, NULL, 0, 0},
      {"  the same again", run_pointer, &job, 0, -1, NULL, 0, 0},
      {"copied, as text that is there", run_copy, &job, 0, -1, NULL, 0, 0},
      {"written as JSON", run_encode, &job, 0, -1, NULL, 0, 0},
      {"parsed", run_decode, &job, 0, -1, NULL, 0, 0},
      {"there and back", run_both, &job, 0, -1, "no number given [4]", 0, 0},
    };
    char title[100];
    snprintf(title, sizeof title, "5. One event of %zu bytes, %d in a batch",
             job.len / (size_t)events, events);
    bench_run(rows, sizeof rows / sizeof *rows, rounds);
    bench_print(title, "ns", rows, sizeof rows / sizeof *rows);
    pg_batch_unref(job.batch);
    pg_block_unref(job.text);
    free(job.copy);
    pg_instance_free(job.decoder);
    pg_instance_free(job.encoder);
  }
}
