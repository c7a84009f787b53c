/* aggregate_test.c - the hooks of aggregates, and what a call context gives. */
#include "world.h"

#include "check/no_memory.h"

#include <math.h>
#include <string.h>

static const struct pg_plugin *kinds;

static peri_col numbers_col(const double *numbers, int64_t n,
                            const uint8_t *valid)
{
  return (peri_col){
    .n = n, .data = numbers, .valid = valid, .type = PERI_T_F64};
}

static peri_col texts_col(const peri_str *texts, int64_t n)
{
  return (peri_col){
    .n = n, .data = texts, .type = PERI_T_STR, .layout = PERI_L_SPAN};
}

static const struct pg_plugin_item *aggregate(const char *name)
{
  return world_item(kinds, PERI_K_AGGREGATE, name);
}

static void adds_up_groups(void)
{
  static const double numbers[] = {1, 2, 4, 8};
  static const uint32_t groups[] = {0, 1, 0, 1};
  static const uint8_t valid[] = {0x07}; /* the last one is null */
  const struct pg_plugin_item *sum = aggregate("sum");
  struct pg_context context;
  struct pg_error err;
  double states[2] = {0, 0};
  peri_slot slot;
  bool has;
  CHECK(sum->state_bytes == sizeof states[0], "%u", sum->state_bytes);
  pg_context_init(&context, kinds, NULL);
  peri_col col = numbers_col(numbers, 4, valid);
  CHECK(pg_aggregate_step(&context, sum, states, groups, 4, &col, &err) ==
          PG_OK,
        "%s", err.text);
  CHECK(states[0] == 5 && states[1] == 2, "%g, %g", states[0], states[1]);
  CHECK(pg_aggregate_join(&context, sum, states, states + 1, &err) == PG_OK,
        "%s", err.text);
  CHECK(pg_aggregate_step(&context, sum, states, NULL, 4, &col, &err) == PG_OK,
        "%s", err.text);
  CHECK(pg_aggregate_final(&context, sum, states, &slot, &has, &err) == PG_OK,
        "%s", err.text);
  CHECK(has && slot.f64 == 14, "%g", slot.f64);
  pg_aggregate_drop(&context, sum, states); /* without DROP: nothing */
  pg_context_fini(&context);
}

struct longest {
  char *text;
  size_t len;
};

static void gives_options_and_frees(void)
{
  static const peri_str texts[] = {{"a", 1}, {"much longer", 11}, {"bc", 2}};
  const struct pg_plugin_item *longest = aggregate("longest");
  struct pg_context context;
  struct pg_error err;
  struct longest state = {0}, other = {0};
  peri_slot slot;
  bool has;
  pg_context_init(&context, kinds, NULL);
  peri_col col = texts_col(texts, 3);
  CHECK(pg_aggregate_final(&context, longest, &state, &slot, &has, &err) ==
            PG_OK &&
          !has,
        "no text is nil");
  CHECK(pg_aggregate_step(&context, longest, &other, NULL, 3, &col, &err) ==
          PG_OK,
        "%s", err.text);
  CHECK(pg_aggregate_join(&context, longest, &state, &other, &err) == PG_OK,
        "%s", err.text);
  CHECK(atomic_load(&context.live_bytes) == 24, "%zu bytes are charged",
        atomic_load(&context.live_bytes));
  CHECK(
    pg_aggregate_final(&context, longest, &state, &slot, &has, &err) == PG_OK &&
      has && slot.str.len == 11 && memcmp(slot.str.ptr, "much longer", 11) == 0,
    "%zu", slot.str.len);
  pg_aggregate_drop(&context, longest, &state);
  pg_aggregate_drop(&context, longest, &other);
  CHECK(atomic_load(&context.live_bytes) == 0, "%zu bytes are left",
        atomic_load(&context.live_bytes));
  pg_context_fini(&context);
}

static void says_what_failed(void)
{
  static const peri_str texts[] = {{"bad", 3}, {"good", 4}};
  const struct pg_plugin_item *longest = aggregate("longest");
  struct pg_context context;
  struct pg_error err;
  struct longest state = {0};
  pg_context_init(&context, kinds, NULL);
  peri_col col = texts_col(texts, 2);
  world_failed(
    pg_aggregate_step(&context, longest, &state, NULL, 2, &col, &err),
    PG_BAD_INPUT, &err, "aggregate 'longest': a bad text");
  col = texts_col(texts + 1, 1); /* the failure is forgotten */
  CHECK(pg_aggregate_step(&context, longest, &state, NULL, 1, &col, &err) ==
          PG_OK,
        "%s", err.text);
  pg_aggregate_drop(&context, longest, &state);
  pg_context_fini(&context);
}

/* ------------------------------------------------------------------ context */

static void lends_memory_for_a_call(void)
{
  struct pg_context context;
  pg_context_init(&context, kinds, NULL);
  const peri_services *services = context.cx.sv;
  pg_context_begin(&context);
  for (int i = 1; i < 2000; i++) {
    char *room = services->arena(&context.cx, (size_t)i);
    CHECK(room && (uintptr_t)room % 16 == 0, "%d bytes", i);
    memset(room, i, (size_t)i);
  }
  long live = no_memory_live();
  for (int i = 0; i < 100; i++) { /* in a steady state nothing is allocated */
    pg_context_begin(&context);
    CHECK(context.cx.arena_end - context.cx.arena >= 4096, "an empty arena");
    CHECK(services->arena(&context.cx, 4096), "no memory");
  }
  CHECK(no_memory_live() <= live, "%ld blocks more", no_memory_live() - live);
  CHECK(!services->arena(&context.cx, SIZE_MAX), "all of the memory");
  pg_context_fini(&context);
}

static void charges_what_it_gives(void)
{
  struct pg_context context;
  pg_context_init(&context, kinds, NULL);
  const peri_services *services = context.cx.sv;
  char *block = services->realloc(&context.cx, NULL, 100);
  CHECK(block && (uintptr_t)block % 16 == 0, "no memory");
  memset(block, 7, 100);
  block = services->realloc(&context.cx, block, 1000);
  CHECK(block[99] == 7 && atomic_load(&context.live_bytes) == 1000, "%zu",
        atomic_load(&context.live_bytes));
  CHECK(!services->realloc(&context.cx, block, SIZE_MAX) && block[0] == 7,
        "the old block is gone");
  CHECK(!services->realloc(&context.cx, block, 0) &&
          !services->realloc(&context.cx, NULL, 0) &&
          atomic_load(&context.live_bytes) == 0,
        "%zu", atomic_load(&context.live_bytes));
  pg_context_fini(&context);
}

static void translates_statuses(void)
{
  static const struct {
    peri_status status;
    enum pg_status meaning;
    const char *part;
  } cases[] = {
    {PERI_EINVAL, PG_BAD_INPUT, "it: a parameter or a call is wrong"},
    {PERI_EDATA, PG_BAD_INPUT, "it: the data is bad"},
    {PERI_ERETRY, PG_IO, "may later"},
    {PERI_EIO, PG_IO, "the outside world failed"},
    {PERI_ENOMEM, PG_NO_MEMORY, "it: no memory"},
    {PERI_ECANCEL, PG_CANCELED, "canceled"},
    {PERI_EPIPE, PG_DONE, "the reader has gone"},
    {PERI_EBUG, PG_BAD_INPUT, "a bug in itself"},
    {-99, PG_BAD_INPUT, "it answered status -99, which nobody knows"},
    {3, PG_BAD_INPUT, "it answered status 3, which nobody knows"},
  };
  struct pg_context context;
  struct pg_error err;
  pg_context_init(&context, kinds, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pg_context_begin(&context);
    world_failed(pg_context_status(&context, cases[i].status, "it", &err),
                 cases[i].meaning, &err, cases[i].part);
    context.cx.sv->fail(&context.cx, cases[i].status, "a\tword\n", 7);
    world_failed(pg_context_status(&context, cases[i].status, "it", &err),
                 cases[i].meaning, &err, "it: a word ");
    CHECK(context.cx.failed < 0, "fail(%d) left %d", cases[i].status,
          context.cx.failed);
  }
  pg_context_begin(&context);
  CHECK(pg_context_status(&context, PERI_END, "it", &err) == PG_OK &&
          pg_context_status(&context, PERI_AGAIN, "it", &err) == PG_OK,
        "no failures");
  pg_context_fini(&context);
}

static void knows_tables_of_services(void)
{
  struct pg_context context;
  pg_context_init(&context, kinds, NULL);
  const peri_services *services = pg_services();
  CHECK(services->size == sizeof *services && services->abi_minor == 0, "size");
  const peri_io *io = services->query(&context.cx, "perigee.io/1");
  CHECK(io && io->size == sizeof *io, "perigee.io/1");
  CHECK(io->open(&context.cx, "/nothing/here", 0, 0) < 0, "opened");
  const peri_counts *counts = services->query(&context.cx, "perigee.counts/1");
  CHECK(counts && counts->size == sizeof *counts, "perigee.counts/1");
  counts->add(&context.cx, "rows", 4, 3);
  CHECK(context.counts.count == 1 && context.counts.list[0].n == 3, "rows");
  CHECK(!services->query(&context.cx, "perigee.io/2") &&
          !services->query(&context.cx, "perigee.counts/2") &&
          !services->query(&context.cx, ""),
        "others");
  pg_context_fini(&context);
}

int main(void)
{
  world_directory();
  kinds = world_load("kinds.so");
  adds_up_groups();
  gives_options_and_frees();
  says_what_failed();
  lends_memory_for_a_call();
  charges_what_it_gives();
  translates_statuses();
  knows_tables_of_services();
  return 0;
}
