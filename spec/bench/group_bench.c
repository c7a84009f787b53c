/* group_bench.c - groups and aggregates against loops written by hand.
 *
 *   group_bench AGGREGATES.so
 *
 * Prints million rows a second over one batch of 64 K rows, best of RUNS; host
 * and loop alternate, and what they find is compared.  The groups are known
 * from the first run on; the states of aggregates are new in every run. */
#include "base/clock.h"
#include "columns.h"
#include "flow/keys.h"
#include "flow/program_make.h"
#include "plugin/instance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 65536
#define RUNS 60
#define SLOTS (1u << 17)
#define BUCKETS (1u << 19) /* of the doubles that are not below 0 */
#define REGISTER_BITS 14

static struct pg_batch *batch;
enum { STATUS, METHOD, USER, PATH, BYTES, TIME, HALF };

static void put(struct pg_build *build, peri_view *views, int64_t row,
                const char *text)
{
  pg_build_text(build, views, row, (peri_str){text, strlen(text)});
}

static void fill(void)
{
  static const char *const methods[] = {"GET", "POST", "PUT", "HEAD", "DELETE"};
  struct pg_build build = {0};
  if (!pg_build_begin(&build, NULL, NULL)) {
    abort();
  }
  int64_t *status = column(&build, "status", PERI_T_I64, ROWS);
  peri_view *method = column(&build, "method", PERI_T_STR, ROWS);
  int64_t *user = column(&build, "user", PERI_T_I64, ROWS);
  peri_view *path = column(&build, "path", PERI_T_STR, ROWS);
  int64_t *bytes = column(&build, "bytes", PERI_T_I64, ROWS);
  double *time = column(&build, "time", PERI_T_F64, ROWS);
  double *half = column(&build, "half", PERI_T_F64, ROWS);
  for (int i = 0; i < ROWS; i++) {
    char text[80];
    snprintf(text, sizeof text, "/api/v1/users/%u/items",
             (unsigned)(next() % 20000));
    status[i] = 200 + (int64_t)(next() % 20);
    put(&build, method, i, methods[next() % 5]);
    user[i] = (int64_t)(next() % 20000 * 0x9E3779B97F4A7C15u);
    put(&build, path, i, text);
    bytes[i] = (int64_t)(next() % 100000);
    time[i] = (double)(next() % 100000) / 1000;
    half[i] = 0.5;
  }
  build.rows = ROWS;
  batch = pg_build_finish(&build);
  pg_build_fini(&build);
}

static const void *values(int column)
{
  return pg_column_value(batch->columns[column], 0);
}

/* ---------------------------------------------------- groups, written by hand
 */

static uint32_t by_hand[ROWS], by_host[ROWS]; /* the group of each row */
static uint32_t dense[1024];
static uint64_t *slots; /* of so many words, and a number and 1 */
static uint32_t count;

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

/* The number of these words, which may be new. */
static inline __attribute__((always_inline)) uint32_t
find_words(const uint64_t *words, size_t n)
{
  uint64_t hash = 0;
  for (size_t k = 0; k < n; k++) {
    hash = mix(hash, words[k]);
  }
  for (uint64_t at = hash & (SLOTS - 1);; at = (at + 1) & (SLOTS - 1)) {
    uint64_t *slot = slots + at * (n + 1), differ = 0;
    for (size_t k = 0; k < n; k++) {
      differ |= slot[k] ^ words[k];
    }
    if (slot[n] == 0) {
      memcpy(slot, words, n * sizeof *words);
      slot[n] = ++count;
      return count - 1;
    }
    if (differ == 0) {
      return (uint32_t)slot[n] - 1;
    }
  }
}

static void loop_dense(void)
{
  const int64_t *status = values(STATUS);
  for (int64_t i = 0; i < ROWS; i++) {
    uint32_t *number = &dense[status[i] & 1023];
    if (*number == 0) {
      *number = ++count;
    }
    by_hand[i] = *number - 1;
  }
}

static void loop_user(void)
{
  const uint64_t *user = values(USER);
  for (int64_t i = 0; i < ROWS; i++) {
    by_hand[i] = find_words(&user[i], 1);
  }
}

/* Short texts are their views. */
static void loop_method(void)
{
  const peri_view *method = values(METHOD);
  for (int64_t i = 0; i < ROWS; i++) {
    uint64_t words[2];
    memcpy(words, &method[i], sizeof words);
    by_hand[i] = find_words(words, 2);
  }
}

static inline __attribute__((always_inline)) void loop_with_method(int first)
{
  const peri_view *method = values(METHOD);
  const uint64_t *other = values(first);
  for (int64_t i = 0; i < ROWS; i++) {
    uint64_t words[3] = {other[i]};
    memcpy(words + 1, &method[i], sizeof *method);
    by_hand[i] = find_words(words, 3);
  }
}

static void loop_status_method(void)
{
  loop_with_method(STATUS);
}

static void loop_user_method(void)
{
  loop_with_method(USER);
}

/* Slots of the address of a text, the upper half of its hash with its length,
 * and a number and 1. */
static void loop_path(void)
{
  const peri_view *path = values(PATH);
  const char *const *bases =
    (const char *const *)batch->columns[PATH]->heap->bases;
  for (int64_t i = 0; i < ROWS; i++) {
    const char *text = bases[path[i].u.ref.buffer] + path[i].u.ref.offset;
    size_t len = (size_t)path[i].len;
    uint64_t hash = len, word;
    for (size_t at = 0; at + 8 < len; at += 8) {
      memcpy(&word, text + at, 8);
      hash = mix(hash, word);
    }
    memcpy(&word, text + len - 8, 8); /* all are longer than 12 */
    hash = mix(hash, word);
    uint64_t tag = hash >> 32 << 32 | len, at = hash & (SLOTS - 1);
    uint64_t *slot = slots + at * 3;
    while (slot[2] &&
           !(slot[1] == tag &&
             memcmp((const char *)(uintptr_t)slot[0], text, len) == 0)) {
      at = (at + 1) & (SLOTS - 1);
      slot = slots + at * 3;
    }
    if (slot[2] == 0) {
      slot[0] = (uint64_t)(uintptr_t)text;
      slot[1] = tag;
      slot[2] = ++count;
    }
    by_hand[i] = (uint32_t)slot[2] - 1;
  }
}

static const struct grouping {
  const char *name;
  int columns[2], column_count;
  void (*loop)(void);
} groupings[] = {
  {"by status, 20 groups", {STATUS}, 1, loop_dense},
  {"by user, 20 K groups", {USER}, 1, loop_user},
  {"by method, 5 groups", {METHOD}, 1, loop_method},
  {"by path, 20 K groups", {PATH}, 1, loop_path},
  {"by status, method, 100 groups", {STATUS, METHOD}, 2, loop_status_method},
  {"by user, method, 50 K groups", {USER, METHOD}, 2, loop_user_method},
};

/* ------------------------------------------------------------------- measuring
 */

static void print(const char *name, const char *of, uint64_t best,
                  uint64_t best_loop)
{
  char text[100];
  snprintf(text, sizeof text, "%s%s", name, of);
  printf("%-45s %8.0f %8.0f  %5.2f\n", text, ROWS * 1e3 / (double)best,
         ROWS * 1e3 / (double)best_loop, (double)best_loop / (double)best);
}

static void keep_least(uint64_t *best, uint64_t start)
{
  uint64_t took = pg_clock_ns() - start;
  *best = took < *best ? took : *best;
}

static void clear_slots(void)
{
  memset(slots, 0, SLOTS * 4 * sizeof *slots);
  memset(dense, 0, sizeof dense);
  count = 0;
}

static void check(const char *name, bool good)
{
  if (!good) {
    fprintf(stderr, "%s: the loop found something else\n", name);
    exit(1);
  }
}

static void number_rows(struct pg_keys *keys, const struct grouping *grouping)
{
  struct pg_column *columns[2];
  struct pg_error err = {0};
  for (int k = 0; k < grouping->column_count; k++) {
    columns[k] = batch->columns[grouping->columns[k]];
  }
  if (pg_keys_number(keys, columns, ROWS, by_host, &err) != PG_OK) {
    fprintf(stderr, "%s: %s\n", grouping->name, err.text);
    exit(1);
  }
}

static void run_grouping(const struct grouping *grouping)
{
  struct pg_keys keys;
  uint64_t best = UINT64_MAX, best_loop = UINT64_MAX;
  clear_slots();
  if (!pg_keys_init(&keys, grouping->column_count)) {
    abort();
  }
  for (int run = 0; run < RUNS; run++) {
    uint64_t start = pg_clock_ns();
    number_rows(&keys, grouping);
    keep_least(&best, start);
    start = pg_clock_ns();
    grouping->loop();
    keep_least(&best_loop, start);
  }
  check(grouping->name,
        keys.count == count && memcmp(by_hand, by_host, sizeof by_hand) == 0);
  pg_keys_fini(&keys);
  print(grouping->name, "", best, best_loop);
}

/* ------------------------------------------------ aggregates, written by hand
 */

/* What a loop needs, all 0 before it runs, for at most ROWS groups. */
static int64_t counts[ROWS + 1], sums[ROWS];
static double reals[ROWS], sorted[ROWS];
static uint32_t *buckets;
static uint8_t registers[1 << REGISTER_BITS];
static uint32_t zeros[ROWS];

static double loop_count(const uint32_t *group)
{
  for (int64_t i = 0; i < ROWS; i++) {
    counts[group[i]]++;
  }
  return (double)counts[0];
}

static double loop_sum(const uint32_t *group)
{
  const int64_t *bytes = values(BYTES);
  for (int64_t i = 0; i < ROWS; i++) {
    sums[group[i]] += bytes[i];
  }
  return (double)sums[0];
}

static double loop_mean(const uint32_t *group)
{
  const double *time = values(TIME);
  for (int64_t i = 0; i < ROWS; i++) {
    reals[group[i]] += time[i];
    counts[group[i]]++;
  }
  return reals[0] / (double)counts[0];
}

/* Brings the values of each group together. */
static double loop_quantile(const uint32_t *group)
{
  const double *time = values(TIME);
  for (int64_t i = 0; i < ROWS; i++) {
    counts[group[i] + 1]++;
  }
  for (int64_t i = 0; i < ROWS; i++) {
    counts[i + 1] += counts[i];
  }
  for (int64_t i = 0; i < ROWS; i++) {
    sorted[counts[group[i]]++] = time[i];
  }
  return NAN; /* they are not sorted yet */
}

/* Counts values by their upper bits. */
static double loop_sketch(const uint32_t *group)
{
  const uint64_t *time = values(TIME);
  (void)group;
  for (int64_t i = 0; i < ROWS; i++) {
    buckets[time[i] >> 45]++;
  }
  return NAN;
}

static double loop_distinct(const uint32_t *group)
{
  const uint64_t *user = values(USER);
  for (int64_t i = 0; i < ROWS; i++) {
    uint64_t words[] = {user[i], group[i]};
    uint32_t had = count;
    counts[group[i]] += find_words(words, 2) == had;
  }
  return (double)counts[0];
}

/* HyperLogLog. */
static double loop_registers(const uint32_t *group)
{
  const uint64_t *user = values(USER);
  (void)group;
  for (int64_t i = 0; i < ROWS; i++) {
    uint64_t hash = mix(mix(0, user[i]), 0);
    uint8_t rank = (uint8_t)(__builtin_ctzll(hash | 1ull << 50) + 1);
    uint8_t *at = &registers[hash >> (64 - REGISTER_BITS)];
    *at = rank > *at ? rank : *at;
  }
  return NAN;
}

static const struct aggregate {
  const char *name;
  int args[2], arg_count;
  double (*loop)(const uint32_t *group);
  double (*loop_of_all)(const uint32_t *group); /* of one group; or NULL */
} aggregates[] = {
  {"count()", {0}, 0, loop_count, NULL},
  {"sum(bytes)", {BYTES}, 1, loop_sum, loop_sum},
  {"mean(time)", {TIME}, 1, loop_mean, loop_mean},
  {"quantile(time, 0.5)", {TIME, HALF}, 2, loop_quantile, loop_sketch},
  {"distinct(user)", {USER}, 1, loop_distinct, loop_registers},
};

/* The overload for these arguments. */
static const struct pg_plugin_item *overload(const struct pg_plugin *plugin,
                                             const struct aggregate *aggregate)
{
  char name[40];
  size_t n;
  snprintf(name, sizeof name, "%.*s", (int)strcspn(aggregate->name, "("),
           aggregate->name);
  const struct pg_plugin_item *item =
    pg_plugin_item(plugin, PERI_K_AGGREGATE, name, &n);
  for (size_t i = 0; item && i < n; i++) {
    bool takes = (int)item[i].decl->field_count == aggregate->arg_count;
    for (int k = 0; takes && k < aggregate->arg_count; k++) {
      uint32_t type = batch->columns[aggregate->args[k]]->type;
      takes = item[i].decl->fields[k].type.set >> type & 1;
    }
    if (takes) {
      return &item[i];
    }
  }
  fprintf(stderr, "no aggregate %s\n", aggregate->name);
  exit(1);
}

static void clear_loop(void)
{
  clear_slots();
  memset(counts, 0, sizeof counts);
  memset(sums, 0, sizeof sums);
  memset(reals, 0, sizeof reals);
  memset(buckets, 0, BUCKETS * sizeof *buckets);
  memset(registers, 0, sizeof registers);
}

/* What the aggregate is for the first group. */
static double final_of(struct pg_context *context,
                       const struct pg_plugin_item *item, const void *states)
{
  peri_slot slot = {.u64 = 0};
  bool valid = false;
  struct pg_error err;
  check(item->decl->name, pg_aggregate_final(context, item, states, &slot,
                                             &valid, &err) == PG_OK &&
                            valid);
  return item->decl->returns.base == PERI_T_F64 ? slot.f64 : (double)slot.i64;
}

struct timing {
  uint64_t host, loop;
};

/* One run of both. */
static void run_once(struct pg_context *context,
                     const struct pg_plugin_item *item,
                     const struct aggregate *aggregate, const uint32_t *group,
                     size_t groups, struct timing *best)
{
  peri_col args[2];
  struct pg_error err = {0};
  size_t size = item->state_bytes;
  char *states = aligned_alloc(64, (groups * size + 63) & ~(size_t)63);
  memset(states, 0, groups * size);
  for (int k = 0; k < aggregate->arg_count; k++) {
    args[k] = pg_column_view(batch->columns[aggregate->args[k]], NULL);
  }
  uint64_t start = pg_clock_ns();
  enum pg_status status =
    pg_aggregate_step(context, item, states, group, ROWS, args, &err);
  keep_least(&best->host, start);
  check(aggregate->name, status == PG_OK);
  clear_loop();
  start = pg_clock_ns();
  double found = group ? aggregate->loop(group) : aggregate->loop_of_all(zeros);
  keep_least(&best->loop, start);
  double of_host = final_of(context, item, states);
  check(aggregate->name,
        isnan(found) || fabs(found - of_host) <= 0.03 * fabs(found));
  for (size_t i = 0; i < groups; i++) {
    pg_aggregate_drop(context, item, states + i * size);
  }
  free(states);
}

static void run_aggregate(const struct pg_plugin *plugin,
                          const struct aggregate *aggregate,
                          const struct grouping *grouping)
{
  const struct pg_plugin_item *item = overload(plugin, aggregate);
  struct pg_context context;
  struct pg_keys keys;
  struct timing best = {UINT64_MAX, UINT64_MAX};
  size_t groups = 1;
  pg_context_init(&context, plugin, NULL);
  if (grouping) {
    if (!pg_keys_init(&keys, grouping->column_count)) {
      abort();
    }
    number_rows(&keys, grouping);
    groups = keys.count;
    pg_keys_fini(&keys);
  }
  for (int run = 0; run < RUNS; run++) {
    run_once(&context, item, aggregate, grouping ? by_host : NULL, groups,
             &best);
  }
  pg_context_fini(&context);
  char of[60];
  snprintf(of, sizeof of, ", %s", grouping ? grouping->name : "all");
  print(aggregate->name, of, best.host, best.loop);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

int main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: group_bench AGGREGATES.so\n");
    return 2;
  }
  const struct pg_plugin *plugin = make_load(argv[1]);
  slots = malloc(SLOTS * 4 * sizeof *slots);
  buckets = malloc(BUCKETS * sizeof *buckets);
  if (!slots || !buckets) {
    abort();
  }
  fill();
  printf("%-45s %8s %8s  %s\n", "million rows/s", "host", "by hand", "ratio");
  for (size_t i = 0; i < COUNT(groupings); i++) {
    run_grouping(&groupings[i]);
  }
  for (size_t i = 0; i < COUNT(aggregates); i++) {
    if (aggregates[i].loop_of_all) {
      run_aggregate(plugin, &aggregates[i], NULL);
    }
    run_aggregate(plugin, &aggregates[i], &groupings[0]);
    run_aggregate(plugin, &aggregates[i], &groupings[1]);
  }
  pg_batch_unref(batch);
  free(slots);
  free(buckets);
  return 0;
}
