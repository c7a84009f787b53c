/* sort_bench.c - sort, and the first few of many, against loops written by
 * hand.
 *
 *   sort_bench PLUGIN_DIRECTORY
 *
 * Prints million rows a second over one batch of 64 K rows, best of RUNS; the
 * kernel and the loop alternate, and give the same rows.  The loops: a radix
 * sort of 64-bit keys; qsort(), which compares; and for a few rows one pass
 * that keeps them in order. */
#include "bare_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS 65536
#define RUNS 30
#define FEW_MAX 1000
#define TEXT_BYTES 32

struct entry {
  uint64_t key;
  uint32_t row;
};

static double times[ROWS];
static int64_t status[ROWS];
static peri_view paths[ROWS];
static char texts[ROWS][TEXT_BYTES];
static const char *const buffers[] = {texts[0]};
static struct entry entries[ROWS], spare[ROWS];

static uint64_t seed = 88172645463325252ull;

static uint64_t next(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed >> 11;
}

static void fill(void)
{
  for (int i = 0; i < ROWS; i++) {
    times[i] = (double)(next() % 10000000) / 1000;
    status[i] = 200 + (int64_t)(next() % 20);
    int len = snprintf(texts[i], TEXT_BYTES, "/api/v1/users/%u/items",
                       (unsigned)(next() % 20000));
    paths[i].len = len;
    memcpy(paths[i].u.ref.prefix, texts[i], 4);
    paths[i].u.ref.offset = i * TEXT_BYTES;
  }
}

static uint64_t now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ------------------------------------------------------------------- the loops
 * Each leaves the rows in `entries`; equal ones keep their order. */

/* Positive doubles sort as their bits do. */
static uint64_t bits_of(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* By eleven bits at once, the lowest first. */
static void sort_by_radix(void)
{
  static uint32_t counts[6][2048];
  struct entry *from = entries, *to = spare;
  memset(counts, 0, sizeof counts);
  for (int i = 0; i < ROWS; i++) {
    for (int digit = 0; digit < 6; digit++) {
      counts[digit][entries[i].key >> 11 * digit & 2047]++;
    }
  }
  for (int digit = 0; digit < 6; digit++) {
    uint32_t sum = 0, *at = counts[digit];
    if (at[entries[0].key >> 11 * digit & 2047] == ROWS) {
      continue; /* the same in all */
    }
    for (int i = 0; i < 2048; i++) {
      uint32_t n = at[i];
      at[i] = sum;
      sum += n;
    }
    for (int i = 0; i < ROWS; i++) {
      to[at[from[i].key >> 11 * digit & 2047]++] = from[i];
    }
    struct entry *swap = from;
    from = to;
    to = swap;
  }
  if (from != entries) {
    memcpy(entries, from, sizeof entries);
  }
}

static void loop_time(size_t limit)
{
  (void)limit;
  for (uint32_t i = 0; i < ROWS; i++) {
    entries[i] = (struct entry){bits_of(times[i]), i};
  }
  sort_by_radix();
}

/* Both fit into one key: the time has no more than 56 bits that differ. */
static void loop_status_time(size_t limit)
{
  (void)limit;
  for (uint32_t i = 0; i < ROWS; i++) {
    uint64_t thousandths = (uint64_t)(times[i] * 1000 + 0.5);
    entries[i] = (struct entry){(uint64_t)status[i] << 32 | thousandths, i};
  }
  sort_by_radix();
}

static int compare_paths(const void *a, const void *b)
{
  const struct entry *x = a, *y = b;
  if (x->key != y->key) {
    return x->key < y->key ? -1 : 1;
  }
  int order = strcmp(texts[x->row], texts[y->row]);
  return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void loop_path(size_t limit)
{
  (void)limit;
  for (uint32_t i = 0; i < ROWS; i++) {
    uint64_t word;
    memcpy(&word, texts[i] + 8, 8); /* all begin alike */
    entries[i] = (struct entry){__builtin_bswap64(word), i};
  }
  qsort(entries, ROWS, sizeof *entries, compare_paths);
}

static void loop_first(size_t limit)
{
  size_t n = 0;
  for (uint32_t i = 0; i < ROWS; i++) {
    struct entry entry = {bits_of(times[i]), i};
    if (n == limit && entry.key >= entries[n - 1].key) {
      continue;
    }
    n += n < limit;
    size_t at = n - 1;
    for (; at > 0 && entries[at - 1].key > entry.key; at--) {
      entries[at] = entries[at - 1];
    }
    entries[at] = entry;
  }
}

/* --------------------------------------------------------------------- the
 * jobs
 */

/* The parameters, as the plugin declares them. */
struct sort {
  peri_list_str by;
  int64_t limit;
};

static const struct job {
  const char *name;
  const char *by[2];
  size_t by_count, limit;
  void (*loop)(size_t limit);
} jobs[] = {
  {"sort by time (radix)", {"time"}, 1, 0, loop_time},
  {"sort by status, time (radix)", {"status", "time"}, 2, 0, loop_status_time},
  {"sort by path (qsort)", {"path"}, 1, 0, loop_path},
  {"sort by time, limit 10", {"time"}, 1, 10, loop_first},
  {"sort by time, limit 100", {"time"}, 1, 100, loop_first},
  {"sort by time, limit 1000", {"time"}, 1, FEW_MAX, loop_first},
};

static const peri_batch *input(void)
{
  static const peri_str names[] = {{"time", 4}, {"status", 6}, {"path", 4}};
  static peri_col cols[] = {
    {.n = ROWS, .data = times, .type = PERI_T_F64},
    {.n = ROWS, .data = status, .type = PERI_T_I64},
    {.n = ROWS, .data = paths, .aux = buffers, .type = PERI_T_STR}};
  static const peri_batch batch = {ROWS, 3, cols, names, NULL};
  return &batch;
}

static uint64_t time_kernel(struct codec *sort)
{
  typedef peri_status process_fn(peri_cx *, const void *, void *,
                                 const peri_batch *, peri_out *);
  process_fn *process = (process_fn *)sort->hooks[PERI_H_PROCESS];
  codec_begin(sort);
  uint64_t start = now();
  if (process(&sort->cx, sort->params, sort->state, input(), &out) != PERI_OK) {
    exit(1);
  }
  return now() - start;
}

static void check(const struct job *job)
{
  size_t n = job->limit ? job->limit : ROWS;
  bool good = out.picked_count == (int64_t)n;
  for (size_t i = 0; i < n && good; i++) {
    good = out.picked[i] == entries[i].row;
  }
  if (!good) {
    fprintf(stderr, "%s: the loop gives other rows\n", job->name);
    exit(1);
  }
}

static void run(const peri_plugin *plugin, const struct job *job)
{
  peri_str by[2];
  for (size_t i = 0; i < job->by_count; i++) {
    by[i] = (peri_str){job->by[i], strlen(job->by[i])};
  }
  struct sort params = {{by, job->by_count}, (int64_t)job->limit};
  struct codec sort = codec_of(plugin, "kernel sort", &params);
  uint64_t best = UINT64_MAX, best_loop = UINT64_MAX;
  codec_open(&sort);
  for (int i = 0; i < RUNS; i++) {
    uint64_t took = time_kernel(&sort);
    best = took < best ? took : best;
    uint64_t start = now();
    job->loop(job->limit);
    took = now() - start;
    best_loop = took < best_loop ? took : best_loop;
    check(job);
  }
  codec_close(&sort);
  printf("%-45s %8.0f %8.0f  %5.2f\n", job->name, ROWS * 1e3 / (double)best,
         ROWS * 1e3 / (double)best_loop, (double)best_loop / (double)best);
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: sort_bench PLUGINS\n");
    return 2;
  }
  const peri_plugin *plugin = load(argv[1], "order");
  fill();
  printf("%-45s %8s %8s  %s\n", "million rows/s", "kernel", "by hand", "ratio");
  for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
    run(plugin, &jobs[i]);
  }
  return 0;
}
