/* stage_test.c - kernels, sources and sinks that keep their promises: what the
 * host makes of what they say. */
#include "world.h"

#include "check/no_memory.h"
#include "data/build.h"

#include <math.h>
#include <string.h>

static const struct pg_plugin *kinds;

/* ------------------------------------------------------------------ kernels */

struct emitted {
  char text[2000];
  int count, stop_after;
};

static enum pg_status emit(void *to, struct pg_batch *batch,
                           struct pg_error *err)
{
  struct emitted *emitted = to;
  strcat(emitted->text, world_show(batch));
  strcat(emitted->text, " | ");
  pg_batch_unref(batch);
  emitted->count++;
  return emitted->count == emitted->stop_after
           ? pg_fail(err, PG_CANCELED, "enough")
           : PG_OK;
}

static void process(const char *name, const struct pg_value *params,
                    struct pg_batch *batch, const int *columns,
                    const char *expected)
{
  struct pg_instance *kernel = world_open(kinds, PERI_K_KERNEL, name, params);
  struct pg_error err;
  for (int round = 0; round < 2; round++) {
    struct emitted emitted = {.count = 0};
    CHECK(pg_instance_process(kernel, batch, columns, emit, &emitted, &err) ==
            PG_OK,
          "%s", err.text);
    CHECK(strcmp(emitted.text, expected) == 0,
          "'%s': expected '%s', found '%s'", name, expected, emitted.text);
  }
  pg_instance_free(kernel);
}

static void processes_rows(void)
{
  static const double numbers[] = {0.25, 1, NAN, 7};
  struct pg_batch *batch = world_numbers("x", numbers, 4);
  int here[] = {0}, absent[] = {-1};
  process("keep", NULL, batch, here, "x;1;7 | ");
  process("keep", world_int("limit", 5), batch, here, "x;7 | ");
  process("keep", world_int("limit", 50), batch, here, "");
  process("keep", NULL, batch, absent, "");
  process("half", NULL, batch, here,
          "x,half;0.25,0.125;1,0.5;nil,nil;7,3.5 | ");
  process("half", NULL, batch, absent,
          "x,half;0.25,nil;1,nil;nil,nil;7,nil | ");
  process("shuffle", NULL, batch, NULL, "x;nil;7 | x;0.25;1 | x;0.25;0.25 | ");
  struct pg_batch *slice = pg_batch_slice(batch, 1, 3);
  process("keep", NULL, slice, here, "x;1;7 | ");
  pg_batch_unref(slice);
  pg_batch_unref(batch);
  batch = world_numbers("half", numbers, 2); /* replaced, not doubled */
  process("half", NULL, batch, here, "half;0.125;0.5 | ");
  pg_batch_unref(batch);
}

static void refuses_a_column_of_another_type(void)
{
  struct pg_instance *kernel = world_open(kinds, PERI_K_KERNEL, "keep", NULL);
  struct pg_batch *batch = world_integers("n", 2);
  struct emitted emitted = {.count = 0};
  struct pg_error err;
  int here[] = {0};
  world_failed(pg_instance_process(kernel, batch, here, emit, &emitted, &err),
               PG_BAD_INPUT, &err,
               "kernel 'keep': expected column 'value' to be f64, found i64");
  pg_batch_unref(batch);
  pg_instance_free(kernel);
}

static void stops_where_the_receiver_does(void)
{
  struct pg_instance *kernel =
    world_open(kinds, PERI_K_KERNEL, "shuffle", NULL);
  struct pg_batch *batch = world_integers("n", 4);
  struct emitted emitted = {.stop_after = 2};
  struct pg_error err;
  world_failed(pg_instance_process(kernel, batch, NULL, emit, &emitted, &err),
               PG_CANCELED, &err, "enough");
  CHECK(emitted.count == 2, "%d batches", emitted.count);
  pg_batch_unref(batch);
  pg_instance_free(kernel);
}

static struct pg_batch *flags(const uint8_t *values, int64_t n)
{
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int column = pg_build_column(&build, (peri_str){"f", 1}, PERI_T_BOOL);
  memcpy(pg_build_values(&build, column, n, NULL), values, (size_t)n);
  build.rows = n;
  struct pg_batch *batch = pg_build_finish(&build);
  pg_build_fini(&build);
  return batch;
}

static void keeps_state_until_flush(void)
{
  static const uint8_t values[] = {1, 0, 1, 1};
  struct pg_instance *kernel =
    world_open(kinds, PERI_K_KERNEL, "counted", world_int("stop_after", 5));
  struct pg_batch *batch = flags(values, 4);
  struct emitted emitted = {.count = 0};
  struct pg_error err;
  int columns[] = {0, -1};
  CHECK(pg_instance_process(kernel, batch, columns, emit, &emitted, &err) ==
          PG_OK,
        "%s", err.text);
  world_failed(
    pg_instance_process(kernel, batch, columns, emit, &emitted, &err), PG_DONE,
    &err, "kernel 'counted' wants no more");
  for (int i = 0; i < 2; i++) { /* FLUSH is called once */
    CHECK(pg_instance_flush(kernel, emit, &emitted, &err) == PG_OK, "%s",
          err.text);
  }
  /* A declared output without values is there all the same, as nulls. */
  CHECK(strcmp(emitted.text, "rows,note;6,nil | ") == 0, "%s", emitted.text);
  pg_batch_unref(batch);
  pg_instance_free(kernel);
}

static void hands_over_what_was_counted(void)
{
  static const uint8_t values[] = {1, 0, 1, 1};
  struct pg_counts counts = {0};
  struct emitted emitted = {.count = 0};
  int columns[] = {0, -1};
  for (int instance = 0; instance < 2; instance++) {
    struct pg_instance *kernel =
      world_open(kinds, PERI_K_KERNEL, "counted", NULL);
    struct pg_batch *batch = flags(values, 4);
    for (int i = 0; i < 3; i++) {
      CHECK(pg_instance_process(kernel, batch, columns, emit, &emitted, NULL) ==
              PG_OK,
            "process");
    }
    pg_batch_unref(batch);
    pg_instance_free_into(kernel, &counts); /* CLOSE counts, too */
  }
  pg_instance_free_into(NULL, &counts);
  CHECK(counts.count == 2 && strcmp(counts.list[0].name, "batches") == 0 &&
          counts.list[0].n == 6 &&
          strcmp(counts.list[1].name, "rows with a flag") == 0 &&
          counts.list[1].n == 18,
        "%d counters", counts.count);
  pg_counts_fini(&counts);
}

/* ----------------------------------------------------------- sources, sinks */

static void polls_batches(void)
{
  struct pg_instance *source =
    world_open(kinds, PERI_K_SOURCE, "numbers", NULL);
  struct emitted emitted = {.count = 0};
  struct pg_error err;
  peri_status status = PERI_OK;
  int waits = 0;
  while (status != PERI_END) {
    peri_poll poll = {.len = 77, .flags = 77};
    struct pg_batch *batch;
    CHECK(pg_instance_poll(source, &poll, &batch, &status, &err) == PG_OK, "%s",
          err.text);
    CHECK(poll.len == 0 && poll.flags == 0, "not set");
    waits += status == PERI_AGAIN && poll.wait_ns == 1000 && !batch;
    if (batch) {
      emit(&emitted, batch, &err);
    }
  }
  CHECK(strcmp(emitted.text, "n;0;1 | n;2 | ") == 0 && waits == 1, "%s",
        emitted.text);
  pg_instance_free(source);
}

static void moves_bytes(void)
{
  char from[4096], to[4096], room[4];
  struct pg_error err;
  snprintf(from, sizeof from, "%s", world_write("from", "hello world", 11));
  snprintf(to, sizeof to, "%s/to", world_directory());
  struct pg_instance *source =
    world_open(kinds, PERI_K_SOURCE, "file", world_text("path", from));
  struct pg_instance *sink =
    world_open(kinds, PERI_K_SINK, "file", world_text("path", to));
  peri_status status = PERI_OK;
  peri_poll poll = {.room = room, .room_len = sizeof room};
  for (int turn = 0; status != PERI_END; turn++) {
    struct pg_batch *batch;
    CHECK(pg_instance_poll(source, &poll, &batch, &status, &err) == PG_OK &&
            !batch,
          "%s", err.text);
    CHECK(turn > 0 || (poll.flags == PERI_CHUNK_FIRST &&
                       strcmp(poll.name.ptr, from) == 0),
          "no name");
    CHECK(pg_instance_put(sink, room, poll.len, &err) == PG_OK, "%s", err.text);
  }
  CHECK(poll.flags & PERI_CHUNK_LAST && poll.done == 11, "%llu",
        (unsigned long long)poll.done);
  for (int i = 0; i < 2; i++) { /* FLUSH is called once */
    CHECK(pg_instance_end(sink, &err) == PG_OK, "%s", err.text);
  }
  pg_instance_free(source);
  pg_instance_free(sink);
  size_t size;
  char *text = world_read(to, &size);
  CHECK(strcmp(text, "hello world.closed\n") == 0, "'%s'", text);
  free(text);
}

static void says_when_nobody_reads(void)
{
  struct pg_instance *sink = world_open(kinds, PERI_K_SINK, "limited", NULL);
  struct pg_batch *batch = world_integers("n", 3);
  struct pg_error err;
  CHECK(pg_instance_write(sink, batch, &err) == PG_OK, "%s", err.text);
  world_failed(pg_instance_write(sink, batch, &err), PG_DONE, &err,
               "sink 'limited': the reader has gone");
  world_failed(pg_instance_put(sink, "x", 1, &err), PG_BAD_INPUT, &err,
               "sink 'limited' is of another kind");
  CHECK(pg_instance_end(sink, &err) == PG_OK, "without FLUSH: %s", err.text);
  pg_batch_unref(batch);
  pg_instance_free(sink);
}

static void opens_or_says_why_not(void)
{
  const struct pg_plugin_item *item = world_item(kinds, PERI_K_SINK, "opened");
  struct pg_instance *sink;
  struct pg_error err;
  int32_t stop = 1;
  /* No escape sequence of a plugin reaches a terminal. */
  world_failed(
    pg_instance_new(kinds, item, world_text("how", "fail"), NULL, &sink, &err),
    PG_IO, &err, "sink 'opened': the door [31m is locked");
  world_failed(
    pg_instance_new(kinds, item, world_text("how", "quiet"), NULL, &sink, &err),
    PG_BAD_INPUT, &err, "sink 'opened': a parameter or a call is");
  world_failed(pg_instance_new(kinds, item, world_text("how", "stopped"), &stop,
                               &sink, &err),
               PG_CANCELED, &err, "sink 'opened': canceled");
  stop = 0;
  CHECK(pg_instance_new(kinds, item, world_text("how", "stopped"), &stop, &sink,
                        &err) == PG_OK,
        "%s", err.text);
  pg_instance_free(sink);
  pg_instance_free(NULL);
}

/* -------------------------------------------------------- memory runs short */

static struct pg_batch *four;

static bool transform_some(void)
{
  static const char *const names[] = {"keep", "half", "shuffle"};
  struct pg_instance *kernel = NULL;
  struct pg_error err = {0};
  struct emitted emitted = {.count = 0};
  int here[] = {0};
  enum pg_status status = PG_OK;
  for (int i = 0; i < 3 && status == PG_OK; i++) {
    status = pg_instance_new(kinds, world_item(kinds, PERI_K_KERNEL, names[i]),
                             NULL, NULL, &kernel, &err);
    if (status == PG_OK) {
      status = pg_instance_process(kernel, four, here, emit, &emitted, &err);
      pg_instance_free(kernel);
    }
  }
  CHECK(status == PG_OK || strstr(err.text, "memory"), "%s", err.text);
  return status == PG_OK;
}

int main(void)
{
  static const double numbers[] = {0.25, 1, NAN, 7};
  world_directory();
  kinds = world_load("kinds.so");
  processes_rows();
  refuses_a_column_of_another_type();
  stops_where_the_receiver_does();
  keeps_state_until_flush();
  hands_over_what_was_counted();
  polls_batches();
  moves_bytes();
  says_when_nobody_reads();
  opens_or_says_why_not();
  four = world_numbers("x", numbers, 4);
  pg_block_trim();
  no_memory_each(transform_some, pg_block_trim);
  pg_batch_unref(four);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes", pg_block_live_bytes());
  return 0;
}
