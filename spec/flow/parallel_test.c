/* parallel_test.c - files of several chunks through one and several workers:
 * nothing but the time may differ. */
#include "base/block.h"
#include "check/check.h"
#include "pipe.h"

#include <string.h>

#define LINES 40000
#define REJECTS 41 /* every 997th line */

static uint64_t state = 88172645463325252u;

static unsigned below(unsigned n)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)((state >> 33) % n);
}

/* Objects whose keys change from chunk to chunk, in any order. */
static void write_objects(const char *name)
{
  char *text = malloc(LINES * 220), *at = text;
  CHECK(text, "memory");
  for (int i = 0; i < LINES; i++) {
    int era = i / 6000;
    at += sprintf(at, "{\"x\":%d", i);
    for (unsigned k = below(4); k > 0; k--) {
      at += sprintf(at, ",\"k%u_%u\":%u", era ? below((unsigned)era) : 0,
                    below(3) * 10 + k, below(100));
    }
    at += sprintf(at, ",\"who\":\"%s %u\",\"real\":%u.%u",
                  below(2) ? "user" : "somebody with a name", below(500),
                  below(10), below(2) ? below(10) : 0);
    at += sprintf(at, i % 997 == 0 ? ",}\n" : "}\n");
  }
  pipe_write(name, text, (size_t)(at - text));
  free(text);
}

static void objects(struct pipe *p)
{
  pipe_file(p, pipe_path("objects"));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
}

/* ----------------------------------------------------------------- the chains
 */

static void just_rows(struct pipe *p)
{
  objects(p);
  pipe_sink(p);
}

static void long_chain(struct pipe *p)
{
  objects(p);
  pipe_derive(p, "twice", "twice(x)", NULL);
  pipe_where(p, "is_long(who)");
  pipe_part(p, PERI_K_KERNEL, "half", NULL);
  pipe_part(p, PERI_K_KERNEL, "odd_rows", NULL);
  pipe_rename(p, "half", "part", NULL);
  pipe_drop(p, "real", NULL);
  pipe_sink(p);
}

static void grouped(struct pipe *p)
{
  objects(p);
  pipe_where(p, "is_even(x)");
  pipe_group(p, "who", "n", "count()", "sum", "sum(real)", "first", "min(x)",
             "last", "max(real)", NULL);
  pipe_sink(p);
}

static void grouped_by_real(struct pipe *p)
{
  objects(p);
  pipe_group(p, "real,absent", "n", "count()", "sum", "sum(real)", NULL);
  pipe_sink(p);
}

static void counted(struct pipe *p)
{
  objects(p);
  pipe_group(p, "", "n", "count()", "sum", "sum(x)", NULL);
  pipe_sink(p);
}

/* So many groups that all workers join them. */
static void many_groups(struct pipe *p)
{
  objects(p);
  pipe_group(p, "x", "n", "count()", "sum", "sum(real)", "who", "max(who)",
             NULL);
  pipe_sink(p);
}

#define KEYS 9000

/* Keys that come again and again; at first none, then integers, then others. */
static void write_keys(const char *name, const char *last)
{
  char *text = malloc((size_t)LINES * 120), *at = text;
  CHECK(text, "memory");
  for (int i = 0; i < LINES; i++) {
    at += sprintf(at, "{\"x\":%d,\"real\":%u.%u,\"pad\":\"%040d\",\"k\":", i,
                  below(100000), below(10), i);
    at += i < LINES / 3       ? sprintf(at, "null}\n")
          : i < LINES * 2 / 3 ? sprintf(at, "%u}\n", below(KEYS))
                              : sprintf(at, last, below(KEYS));
  }
  pipe_write(name, text, (size_t)(at - text));
  free(text);
}

static const char *keys;

static void by_keys(struct pipe *p)
{
  pipe_file(p, pipe_path(keys));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_group(p, "k", "n", "count()", "sum", "sum(real)", "most", "max(pad)",
             "total", "sum(x)", NULL);
  pipe_sink(p);
}

static struct pg_batch *first_half(struct pg_batch *batch)
{
  struct pg_batch *half = pg_batch_slice(batch, 0, batch->rows / 2);
  pg_batch_unref(batch);
  return half;
}

/* The script works on the main thread, behind the workers. */
static void with_script(struct pipe *p)
{
  objects(p);
  pipe_where(p, "is_even(x)");
  int tee = pipe_tee(p);
  pipe_each(p, first_half);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
  pipe_from(p, tee);
  pipe_part(p, PERI_K_KERNEL, "backwards", NULL);
  pipe_part(p, PERI_K_KERNEL, "first", "n", "7", NULL);
  pipe_sink(p);
}

static void check_rejects(struct pipe *p)
{
  CHECK(p->result.rejects == REJECTS && p->result.sample_count == 5,
        "%d rejects", (int)p->result.rejects);
  for (int i = 0; i < 5; i++) {
    CHECK(p->result.samples[i].line == i * 997 + 1, "line %d",
          (int)p->result.samples[i].line);
  }
  CHECK(p->result.rows_in == LINES - REJECTS, "%d rows",
        (int)p->result.rows_in);
}

/* Runs it and gives what all sinks noted; release with free(). */
static char *run(pipe_build_fn *build, int workers, int batch_rows)
{
  struct pipe *p = pipe_new();
  struct pg_text all = {0};
  build(p);
  p->options.workers = workers;
  p->options.batch_rows = batch_rows;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  if (build != by_keys) {
    check_rejects(p);
  }
  for (int i = 0; i < p->count; i++) {
    if (p->nodes[i].kind == PG_NODE_LUA_SINK) {
      const char *text = pipe_text(p, i);
      CHECK(pg_text_append(&all, text, strlen(text)), "memory");
    }
  }
  CHECK(pg_text_append(&all, "", 1), "memory");
  char *copy = strdup(all.block->bytes);
  pg_text_fini(&all);
  pipe_free(p);
  return copy;
}

static void same_with_workers(const char *what, pipe_build_fn *build,
                              bool any_batches)
{
  static const struct {
    int workers, batch_rows;
  } modes[] = {{2, 0}, {4, 0}, {4, 0}, {7, 0}, {1, 777}, {3, 777}};
  char *one = run(build, 1, 0);
  CHECK(strlen(one) > 10, "%s: nothing came", what);
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (modes[i].batch_rows && !any_batches) {
      continue; /* the function looks at batches */
    }
    char *other = run(build, modes[i].workers, modes[i].batch_rows);
    size_t at = 0;
    while (one[at] && one[at] == other[at]) {
      at++;
    }
    CHECK(strcmp(one, other) == 0,
          "%s, %d workers, at byte %zu: %.200s\n%.200s", what, modes[i].workers,
          at, one + at, other + at);
    free(other);
  }
  free(one);
}

/* ----------------------------------------------------------------------- stops
 */

static void test_stops_early(int workers)
{
  struct pipe *p = pipe_new();
  objects(p);
  pipe_part(p, PERI_K_KERNEL, "first", "n", "5", NULL);
  int sink = pipe_sink(p);
  p->options.workers = workers;
  p->options.batch_rows = 10;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  const char *text = pipe_text(p, sink);
  int rows = 0;
  for (; *text; text++) {
    rows += *text == '\n';
  }
  CHECK(rows == 5, "%d rows", rows);
  CHECK(p->result.bytes_in <= (uint64_t)(2 * workers + 1) << 19, "%d bytes",
        (int)p->result.bytes_in);
  pipe_free(p);
}

static void test_the_reader_goes(int workers)
{
  struct pipe *p = pipe_new();
  objects(p);
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(p->result.rows_out < LINES / 2, "%d rows", (int)p->result.rows_out);
  pipe_free(p);
}

/* Nobody asks the source again, and if it hangs it is called back. */
static void test_does_not_wait(int workers)
{
  struct pipe *p = pipe_new();
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'{\"x\":1}\n{\"x'", "hangs",
            "true", NULL);
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_part(p, PERI_K_KERNEL, "first", "n", "1", NULL);
  int sink = pipe_sink(p);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(strcmp(pipe_text(p, sink), "x=1\n") == 0, "%s", pipe_text(p, sink));
  CHECK(!p->result.interrupted && p->result.seconds < 20, "it waited");
  pipe_free(p);
}

/* -------------------------------------------------------------------- memory
 */

#define WIDE_LINES 160000
static size_t live_max;

static void write_wide_lines(const char *name)
{
  char *text = malloc((size_t)WIDE_LINES * 260), *at = text;
  CHECK(text, "memory");
  for (int i = 0; i < WIDE_LINES; i++) {
    at += sprintf(at, "{\"x\":%d,\"text\":\"%0200d\"}\n", i, i);
  }
  pipe_write(name, text, (size_t)(at - text));
  free(text);
}

static struct pg_batch *first_row(struct pg_batch *batch)
{
  size_t live = pg_block_live_bytes();
  live_max = live > live_max ? live : live_max;
  struct pg_batch *first = pg_batch_slice(batch, 0, 1);
  pg_batch_unref(batch);
  return first;
}

/* One row of each chunk is kept, and not the chunk for its sake. */
static void test_keeps_few_rows(int workers)
{
  struct pipe *p = pipe_new();
  live_max = 0;
  pipe_file(p, pipe_path("wide"));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_each(p, first_row);
  pipe_part(p, PERI_K_KERNEL, "backwards", NULL);
  pipe_sink(p);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(p->result.bytes_in > 32u << 20 && p->result.rows_out > 20, "%d rows",
        (int)p->result.rows_out);
  CHECK(live_max < 30u << 20, "%zu bytes live", live_max);
  pipe_free(p);
}

/* ------------------------------------------------------------------- failures
 */

static int fail_at;

static void script_fails(struct pipe *p)
{
  objects(p);
  pipe_fail_at(p, pipe_where(p, "is_even(x)"), fail_at);
  pipe_sink(p);
}

static void sink_fails(struct pipe *p)
{
  objects(p);
  pipe_fail_at(p, pipe_sink(p), 2);
}

static void inexact(struct pipe *p)
{
  pipe_file(p, pipe_path("inexact"));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_part(p, PERI_K_KERNEL, "half", NULL);
  pipe_sink(p);
}

static void sums(struct pipe *p)
{
  pipe_file(p, pipe_path("sums"));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_group(p, "k", "n", "count()", "sum", "sum(x)", NULL);
  pipe_sink(p);
}

/* Results are made by all workers: of those that fail, the first group's is
 * told, which lies in the third batch. */
static void test_failing_results(void)
{
  char *text = malloc(4 << 20), *at = text;
  CHECK(text, "memory");
  for (int i = 0; i < 40000; i++) {
    int k = i % 20000;
    at += sprintf(at, "{\"k\":\"key %d\",\"x\":%lld}\n", k,
                  k < 1500 ? k : (1ll << 62) + (1500 - k) * 4096ll);
  }
  pipe_write("sums", text, (size_t)(at - text));
  free(text);
  pipe_refuse("a sum", sums, PG_BAD_INPUT,
              "group: aggregate 'sum': 9.2233720368547758e+18 does not fit");
}

/* The first failure in the order of the stream is told, not the first in time:
 * every chunk but one has one. */
static void test_failures(void)
{
  size_t size = 0;
  char *text = malloc(8 << 20);
  CHECK(text, "memory");
  for (long long i = 0; size < 7u << 20; i++) {
    size += (size_t)sprintf(text + size, "{\"x\":%lld}\n",
                            i < 2000 ? i : (1ll << 53) + 2 * i + 1);
  }
  pipe_write("inexact", text, size);
  free(text);
  pipe_refuse("a value", inexact, PG_BAD_INPUT,
              "half: column 'x': 9007199254744993 cannot be f64");
  fail_at = 1;
  pipe_refuse("the script", script_fails, PG_BAD_INPUT,
              "where: the script failed");
  pipe_refuse("a sink", sink_fails, PG_BAD_INPUT, "note: the script failed");
}

int main(void)
{
  write_objects("objects");
  same_with_workers("rows", just_rows, true);
  same_with_workers("a long chain", long_chain, true);
  same_with_workers("groups", grouped, true);
  same_with_workers("groups of numbers", grouped_by_real, true);
  same_with_workers("one group", counted, true);
  same_with_workers("many groups", many_groups, true);
  static const char *const others[][2] = {{"integers", "%u}\n"},
                                          {"reals", "%u.5}\n"},
                                          {"texts", "\"a long text, %u\"}\n"}};
  for (int i = 0; i < 3; i++) {
    keys = others[i][0];
    write_keys(keys, others[i][1]);
    same_with_workers(keys, by_keys, true);
  }
  same_with_workers("a script behind", with_script, false);
  for (int workers = 1; workers <= 4; workers++) {
    test_stops_early(workers);
    test_the_reader_goes(workers);
    test_does_not_wait(workers);
  }
  write_wide_lines("wide");
  test_keeps_few_rows(1);
  test_keeps_few_rows(3);
  test_failures();
  test_failing_results();
  return 0;
}
