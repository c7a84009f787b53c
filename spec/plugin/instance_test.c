/* instance_test.c - stages and codecs that keep their promises: what the host
 * makes of what they say. */
#include "world.h"

#include "check/no_memory.h"
#include "data/build.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const struct pg_plugin *kinds;

static struct pg_block *block_of(const char *text)
{
  struct pg_block *block = pg_block_new(strlen(text));
  CHECK(block, "no memory");
  memcpy(block->bytes, text, strlen(text));
  return block;
}

static peri_chunk chunk_of(const struct pg_block *block, size_t len,
                           uint32_t flags)
{
  return (peri_chunk){.size = sizeof(peri_chunk),
                      .flags = flags,
                      .bytes = block->bytes,
                      .len = len,
                      .all = 1};
}

/* ----------------------------------------------------------------- decoders */

static struct pg_batch *decode(struct pg_instance *decoder, const char *text,
                               const struct pg_reject **rejects, size_t *count)
{
  struct pg_block *block = block_of(text);
  peri_chunk chunk = chunk_of(block, strlen(text), PERI_CHUNK_LAST);
  struct pg_batch *batch;
  struct pg_error err;
  enum pg_status status =
    pg_instance_decode(decoder, &chunk, block, &batch, rejects, count, &err);
  CHECK(status == PG_OK, "%s", err.text);
  pg_block_unref(block);
  return batch;
}

static void decodes_rows_and_rejects(void)
{
  struct pg_instance *decoder =
    world_open(kinds, PERI_K_DECODER, "pairs", NULL);
  const struct pg_reject *rejects;
  size_t count;
  for (int round = 0; round < 3; round++) {
    struct pg_batch *batch =
      decode(decoder, "a=1\n=x\nlonger than twelve=some text, also long\nb\n",
             &rejects, &count);
    CHECK(strcmp(world_show(batch),
                 "key,value;a,1;longer than twelve,some text, also long;"
                 "b,nil") == 0,
          "%s", world_show(batch));
    CHECK(count == 1 && rejects[0].offset == 4 && rejects[0].len == 2 &&
            rejects[0].why.len == 6 &&
            memcmp(rejects[0].why.ptr, "no key", 6) == 0,
          "%zu rejects", count);
    /* Text lies in the chunk: no byte of it was copied. */
    CHECK(batch->columns[0]->heap->count == 1, "%d buffers",
          batch->columns[0]->heap->count);
    pg_batch_unref(batch);
  }
  struct pg_batch *none = decode(decoder, "=\n=\n", &rejects, &count);
  CHECK(!none && count == 2, "a batch without rows");
  pg_instance_free(decoder);
}

static void takes_parameters(void)
{
  struct pg_instance *decoder =
    world_open(kinds, PERI_K_DECODER, "pairs", world_text("separator", ":"));
  const struct pg_reject *rejects;
  size_t count;
  struct pg_batch *batch = decode(decoder, "a:1\n", &rejects, &count);
  CHECK(strcmp(world_show(batch), "key,value;a,1") == 0, "%s",
        world_show(batch));
  pg_batch_unref(batch);
  CHECK(strcmp(pg_instance_item(decoder)->decl->name, "pairs") == 0, "item");
  pg_instance_free(decoder);
  struct pg_error err;
  const struct pg_plugin_item *item =
    world_item(kinds, PERI_K_DECODER, "pairs");
  world_failed(pg_instance_new(kinds, item, world_text("separator", "/"), NULL,
                               &decoder, &err),
               PG_BAD_INPUT, &err,
               "decoder 'pairs': parameter 'separator': expected one of =, :");
  world_failed(
    pg_instance_new(kinds, item, world_int("limits", 1), NULL, &decoder, &err),
    PG_BAD_INPUT, &err,
    "decoder 'pairs': unknown parameter 'limits'; did you mean");
}

static void keeps_texts_of_its_own(void)
{
  struct pg_instance *decoder =
    world_open(kinds, PERI_K_DECODER, "upper", NULL);
  const struct pg_reject *rejects;
  size_t count;
  struct pg_batch *batch =
    decode(decoder, "short\nquite a bit longer\n", &rejects, &count);
  CHECK(strcmp(world_show(batch), "line;SHORT;QUITE A BIT LONGER") == 0, "%s",
        world_show(batch));
  pg_batch_unref(batch);
  pg_instance_free(decoder);
}

static void splits(const char *name, const char *text, uint32_t flags,
                   size_t expected)
{
  struct pg_instance *decoder = world_open(kinds, PERI_K_DECODER, name, NULL);
  struct pg_block *block = block_of(text);
  peri_chunk chunk = chunk_of(block, strlen(text), flags);
  struct pg_error err;
  size_t whole;
  CHECK(pg_instance_split(decoder, &chunk, &whole, &err) == PG_OK, "%s",
        err.text);
  CHECK(whole == expected, "'%s': %zu bytes of '%s'", name, whole, text);
  pg_block_unref(block);
  pg_instance_free(decoder);
}

static void splits_at_borders(void)
{
  static const char *const names[] = {"pairs",
                                      "upper"}; /* with, without SPLIT */
  for (int i = 0; i < 2; i++) {
    splits(names[i], "a\nbc\nd", 0, 5);
    splits(names[i], "a\nbc\nd", PERI_CHUNK_LAST, 6);
    splits(names[i], "abc", 0, 0);
    splits(names[i], "", PERI_CHUNK_LAST, 0);
  }
}

static void names_its_columns(void)
{
  struct pg_schema *schema;
  struct pg_error err;
  const struct pg_plugin_item *item =
    world_item(kinds, PERI_K_DECODER, "named");
  struct pg_value names[] = {{.kind = PG_VALUE_STR, .u.text = {"a", 1}},
                             {.kind = PG_VALUE_STR, .u.text = {"b", 1}}};
  struct pg_value_entry entry = {{"columns", 7},
                                 {.kind = PG_VALUE_LIST, .u.list = {names, 2}}};
  struct pg_value params = {.kind = PG_VALUE_MAP, .u.map = {&entry, 1}};
  CHECK(pg_instance_schema(kinds, item, &params, &schema, &err) == PG_OK, "%s",
        err.text);
  CHECK(schema->count == 2 && schema->fields[1].type == PERI_T_I64 &&
          strcmp(schema->fields[1].name.ptr, "b") == 0,
        "schema");
  pg_schema_unref(schema);
  world_failed(
    pg_instance_schema(kinds, item, world_text("columns", ""), &schema, &err),
    PG_BAD_INPUT, &err, "decoder 'named': a column without a name");
  world_failed(pg_instance_schema(kinds, item, NULL, &schema, &err),
               PG_BAD_INPUT, &err, "parameter 'columns' is missing");
  item = world_item(kinds, PERI_K_DECODER, "upper");
  CHECK(pg_instance_schema(kinds, item, NULL, &schema, &err) == PG_OK &&
          !schema,
        "a schema without SCHEMA");
}

/* ----------------------------------------------------------------- encoders */

static void encodes_and_finishes(void)
{
  struct pg_instance *decoder =
    world_open(kinds, PERI_K_DECODER, "pairs", NULL);
  struct pg_instance *encoder =
    world_open(kinds, PERI_K_ENCODER, "pairs", NULL);
  const struct pg_reject *rejects;
  struct pg_error err;
  struct pg_text text = {0};
  size_t count;
  struct pg_batch *batch = decode(decoder, "a=1\nb\n", &rejects, &count);
  CHECK(pg_text_append(&text, "> ", 2), "no memory");
  for (int i = 0; i < 2; i++) {
    CHECK(pg_instance_encode(encoder, batch, &text, &err) == PG_OK, "%s",
          err.text);
  }
  for (int i = 0; i < 2; i++) { /* FINISH is called once */
    CHECK(pg_instance_finish(encoder, &text, &err) == PG_OK, "%s", err.text);
  }
  static const char expected[] = "> a=1\nb\na=1\nb\nend\n";
  CHECK(text.len == sizeof expected - 1 &&
          memcmp(text.block->bytes, expected, text.len) == 0,
        "'%.*s'", (int)text.len, text.block->bytes);
  pg_batch_unref(batch);
  batch = world_integers("n", 2);
  world_failed(pg_instance_encode(encoder, batch, &text, &err), PG_BAD_INPUT,
               &err, "encoder 'pairs': expected two columns of text");
  CHECK(text.len == sizeof expected - 1, "a failed call left bytes");
  pg_batch_unref(batch);
  pg_text_fini(&text);
  pg_text_fini(&text);
  pg_instance_free(encoder);
  pg_instance_free(decoder);
}

static void grows_what_it_writes(void)
{
  struct pg_instance *decoder =
    world_open(kinds, PERI_K_DECODER, "pairs", NULL);
  struct pg_instance *encoder =
    world_open(kinds, PERI_K_ENCODER, "pairs", NULL);
  struct pg_text text = {0};
  struct pg_error err;
  const struct pg_reject *rejects;
  size_t count, len = 300000;
  char *lines = malloc(len + 1);
  for (size_t i = 0; i < len; i++) {
    lines[i] = "some key=value\n"[i % 15];
  }
  lines[len] = '\0';
  struct pg_batch *batch = decode(decoder, lines, &rejects, &count);
  CHECK(pg_instance_encode(encoder, batch, &text, &err) == PG_OK, "%s",
        err.text);
  CHECK(text.len == len && memcmp(text.block->bytes, lines, len) == 0,
        "%zu bytes", text.len);
  free(lines);
  pg_batch_unref(batch);
  pg_text_fini(&text);
  pg_instance_free(encoder);
  pg_instance_free(decoder);
}

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

static void needs_more_than_a_description(void)
{
  struct pg_plugin *described;
  struct pg_instance *sink;
  struct pg_error err;
  CHECK(pg_plugin_describe(world_path(PERIGEE_SPEC_PLUGINS, "kinds.so"), NULL,
                           &described, &err) == PG_OK,
        "%s", err.text);
  world_failed(pg_instance_new(described,
                               world_item(described, PERI_K_SINK, "limited"),
                               NULL, NULL, &sink, &err),
               PG_BAD_INPUT, &err, "it is described, not loaded");
  pg_plugin_free(described);
}

/* -------------------------------------------------------- memory runs short */

static bool decode_some(void)
{
  struct pg_instance *decoder = NULL;
  struct pg_batch *batch = NULL;
  const struct pg_reject *rejects;
  size_t count;
  struct pg_error err = {0};
  static const char text[] = "a=1\n=x\nb=some text, also long\n";
  struct pg_block *block = pg_block_new(sizeof text);
  if (!block) {
    return false;
  }
  memcpy(block->bytes, text, sizeof text - 1);
  peri_chunk chunk = chunk_of(block, sizeof text - 1, PERI_CHUNK_LAST);
  enum pg_status status =
    pg_instance_new(kinds, world_item(kinds, PERI_K_DECODER, "pairs"), NULL,
                    NULL, &decoder, &err);
  if (status == PG_OK) {
    status = pg_instance_decode(decoder, &chunk, block, &batch, &rejects,
                                &count, &err);
  }
  CHECK(status == PG_OK || strstr(err.text, "memory"), "%s", err.text);
  pg_batch_unref(batch);
  pg_instance_free(decoder);
  pg_block_unref(block);
  return status == PG_OK;
}

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
  world_directory();
  kinds = world_load("kinds.so");
  decodes_rows_and_rejects();
  takes_parameters();
  keeps_texts_of_its_own();
  splits_at_borders();
  names_its_columns();
  encodes_and_finishes();
  grows_what_it_writes();
  processes_rows();
  refuses_a_column_of_another_type();
  stops_where_the_receiver_does();
  keeps_state_until_flush();
  polls_batches();
  moves_bytes();
  says_when_nobody_reads();
  opens_or_says_why_not();
  needs_more_than_a_description();
  pg_block_trim();
  no_memory_each(decode_some, pg_block_trim);
  static const double numbers[] = {0.25, 1, NAN, 7};
  four = world_numbers("x", numbers, 4);
  pg_block_trim();
  no_memory_each(transform_some, pg_block_trim);
  pg_batch_unref(four);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes", pg_block_live_bytes());
  return 0;
}
