/* promise_test.c - stages that break what they promise: a message that names
 * the stage and the promise, and an instance that is not called again. */
#include "world.h"

#include <string.h>

static const struct pg_plugin *promises;
static struct pg_block *block;

static enum pg_status emit(void *to, struct pg_batch *batch,
                           struct pg_error *err)
{
  (void)err;
  *(int *)to += 1;
  pg_batch_unref(batch);
  return PG_OK;
}

static peri_chunk chunk_of(size_t len, uint32_t flags)
{
  return (peri_chunk){.size = sizeof(peri_chunk),
                      .flags = flags,
                      .bytes = block->bytes,
                      .len = len,
                      .all = 1};
}

/* One call of the stage whose parameter is `how`; then a second. */
typedef enum pg_status call_fn(struct pg_instance *, struct pg_error *);

struct broken {
  const char *how, *part;
};

static void breaks(uint32_t kind, const char *name, call_fn *call,
                   const struct broken *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct pg_error err = {0};
    char expected[200];
    struct pg_instance *instance =
      world_open(promises, kind, name, world_text("how", cases[i].how));
    snprintf(expected, sizeof expected, "%s '%s' broke a promise: %s",
             pg_kind_word(kind), name, cases[i].part);
    world_failed(call(instance, &err), PG_BAD_INPUT, &err, expected);
    world_failed(call(instance, &err), PG_BAD_INPUT, &err,
                 "broke a promise before and is not called again");
    pg_instance_free(instance);
  }
}

#define BREAKS(kind, name, call, cases)                                        \
  breaks(kind, name, call, cases, sizeof cases / sizeof *cases)

/* ----------------------------------------------------------------- decoders */

static int rows, reject_count;

static enum pg_status call_decode(struct pg_instance *decoder,
                                  struct pg_error *err)
{
  peri_chunk chunk = chunk_of(20, PERI_CHUNK_LAST);
  struct pg_batch *batch;
  const struct pg_reject *rejects;
  size_t count;
  enum pg_status status =
    pg_instance_decode(decoder, &chunk, block, &batch, &rejects, &count, err);
  CHECK(status == PG_OK || !batch, "a batch of a failed call");
  rows = batch ? (int)batch->rows : 0;
  reject_count = (int)count;
  pg_batch_unref(batch);
  return status;
}

static void decoders_that_break(void)
{
  static const struct broken cases[] = {
    {"no_rows", "it made columns without out_rows()"},
    {"few_values", "column 'n' has room for 1 rows, the batch has 100000"},
    {"bad_column", "it called out_values() for column 7, which out_column()"},
    {"minus_column", "it called out_retype() for column -3"},
    {"minus_rows", "it called out_rows() with -1"},
    {"many_rows", "it called out_rows() with 9223372036854775807"},
    {"minus_values", "it called out_values() for -1 rows"},
    {"many_values", "it called out_values() for 4611686018427387903 rows"},
    {"bad_retype", "it called out_retype() with type 16"},
    {"bad_type", "it asked for a column of type 16"},
    {"view_long", "column 'text', row 1: a text of 20 bytes at byte 1 of "
                  "buffer 0, which is not there"},
    {"view_after", "column 'text', row 1: a text of 13 bytes at byte 20"},
    {"view_before", "column 'text', row 1: a text of 13 bytes at byte -1"},
    {"view_negative", "column 'text', row 1: a text of -5 bytes"},
    {"view_buffer", "column 'text', row 1: a text of 13 bytes at byte 0 of "
                    "buffer 1"},
    {"view_minus", "column 'text', row 1: a text of 13 bytes at byte 0 of "
                   "buffer -1"},
    {"view_heap", "column 'text', row 1: a text of 1048576 bytes"},
    {"reject_far", "it rejected 20 bytes from byte 1 of 20"},
    {"reject_wrap", "it rejected 18446744073709551614 bytes from byte 2"},
    {"picks", "it called out_pick() where it may not"},
    {"again", "decode answered 2"},
    {"ends", "decode answered 1"},
  };
  BREAKS(PERI_K_DECODER, "breaks", call_decode, cases);
}

/* PICK of rows 1 and 4. */
static enum pg_status call_pick(struct pg_instance *decoder,
                                struct pg_error *err)
{
  static const uint32_t picked[] = {1, 4};
  peri_chunk chunk = chunk_of(20, PERI_CHUNK_LAST);
  struct pg_batch *batch;
  const struct pg_reject *rejects;
  size_t count;
  enum pg_status status = pg_instance_pick(decoder, &chunk, block, picked, 2,
                                           &batch, &rejects, &count, err);
  CHECK(status == PG_OK || !batch, "a batch of a failed call");
  rows = batch ? (int)batch->rows : 0;
  reject_count = (int)count;
  pg_batch_unref(batch);
  return status;
}

static void picks_that_break(void)
{
  static const struct broken cases[] = {
    {"pick_few", "it was asked for 2 rows, gave 1 and rejected 0"},
    {"pick_many", "it was asked for 2 rows, gave 3 and rejected 0"},
    {"again", "pick answered 2"},
  };
  BREAKS(PERI_K_DECODER, "breaks", call_pick, cases);
}

static void pick_well(const char *how, int expected_rows, int expected_rejects)
{
  struct pg_error err;
  struct pg_instance *decoder =
    world_open(promises, PERI_K_DECODER, "breaks", world_text("how", how));
  CHECK(call_pick(decoder, &err) == PG_OK, "%s: %s", how, err.text);
  CHECK(rows == expected_rows && reject_count == expected_rejects,
        "%s: %d rows, %d rejects", how, rows, reject_count);
  pg_instance_free(decoder);
}

static void picks_that_keep_promises(void)
{
  pick_well("pick", 2, 0);
  pick_well("pick_rejects", 1, 1);
}

static void decode_well(const char *how, int expected_rows,
                        int expected_rejects)
{
  struct pg_error err;
  struct pg_instance *decoder =
    world_open(promises, PERI_K_DECODER, "breaks", world_text("how", how));
  CHECK(call_decode(decoder, &err) == PG_OK, "%s: %s", how, err.text);
  CHECK(rows == expected_rows && reject_count == expected_rejects,
        "%s: %d rows, %d rejects", how, rows, reject_count);
  pg_instance_free(decoder);
}

static void decoders_at_the_border(void)
{
  decode_well("view_fits", 3, 0);
  decode_well("view_null", 3, 0); /* what is null may hold anything */
  decode_well("reject_fits", 0, 1);
  decode_well("good", 0, 0);
}

static void fail_decode(const char *how, enum pg_status expected,
                        const char *part)
{
  struct pg_error err = {0};
  struct pg_instance *decoder =
    world_open(promises, PERI_K_DECODER, "breaks", world_text("how", how));
  world_failed(call_decode(decoder, &err), expected, &err, part);
  pg_instance_free(decoder);
}

static void decoders_that_fail(void)
{
  fail_decode("bug", PG_BAD_INPUT,
              "decoder 'breaks': the plugin found a bug in itself");
  fail_decode("unknown", PG_BAD_INPUT,
              "decoder 'breaks': it answered status -77, which nobody knows");
  fail_decode("strange", PG_BAD_INPUT, "it answered status 12");
  fail_decode("many_columns", PG_BAD_INPUT,
              "decoder 'breaks': more than 4096 columns");
}

static enum pg_status call_split(struct pg_instance *decoder,
                                 struct pg_error *err)
{
  peri_chunk chunk = chunk_of(20, PERI_CHUNK_LAST);
  size_t whole;
  return pg_instance_split(decoder, &chunk, &whole, err);
}

static void splits_that_break(void)
{
  static const struct broken cases[] = {
    {"split_more", "it split off 21 bytes of the last 20"},
    {"split_negative", "it split off -1000 bytes"},
    {"split_some", "it split off 19 bytes of the last 20"},
  };
  BREAKS(PERI_K_DECODER, "breaks", call_split, cases);
  struct pg_error err;
  struct pg_instance *decoder = world_open(promises, PERI_K_DECODER, "breaks",
                                           world_text("how", "split_fails"));
  world_failed(call_split(decoder, &err), PG_BAD_INPUT, &err,
               "decoder 'breaks': no border");
  world_failed(call_split(decoder, &err), PG_BAD_INPUT, &err, "no border");
  pg_instance_free(decoder);
}

static void schemas_that_break(void)
{
  static const struct broken cases[] = {
    {"schema_values", "it called out_values() where it may not"},
    {"schema_type", "it asked for a column of type 99"},
  };
  const struct pg_plugin_item *item =
    world_item(promises, PERI_K_DECODER, "breaks");
  for (size_t i = 0; i < 2; i++) {
    struct pg_schema *schema;
    struct pg_error err;
    world_failed(pg_instance_schema(promises, item,
                                    world_text("how", cases[i].how), &schema,
                                    &err),
                 PG_BAD_INPUT, &err, cases[i].part);
  }
}

/* ----------------------------------------------------------------- encoders */

static enum pg_status call_encode(struct pg_instance *encoder,
                                  struct pg_error *err)
{
  struct pg_text text = {0};
  struct pg_batch *batch = world_integers("n", 1);
  CHECK(pg_text_append(&text, "abc", 3), "no memory");
  enum pg_status status = pg_instance_encode(encoder, batch, &text, err);
  CHECK(status == PG_OK || text.len == 3, "a failed call left %zu bytes",
        text.len);
  CHECK(memcmp(text.block->bytes, "abc", 3) == 0,
        "it overwrote what was there");
  pg_text_fini(&text);
  pg_batch_unref(batch);
  return status;
}

static void encoders_that_break(void)
{
  static const struct broken cases[] = {
    {"beyond", "it wrote outside of the room"},
    {"back", "it wrote outside of the room"},
    {"nowhere", "it wrote outside of the room"},
    {"grow_beyond", "it wrote outside of the room"},
    {"again", "it answered 2"},
  };
  BREAKS(PERI_K_ENCODER, "breaks", call_encode, cases);
  struct pg_error err;
  struct pg_instance *encoder =
    world_open(promises, PERI_K_ENCODER, "breaks", world_text("how", "fails"));
  world_failed(call_encode(encoder, &err), PG_BAD_INPUT, &err,
               "encoder 'breaks': not like this");
  pg_instance_free(encoder);
  encoder = world_open(promises, PERI_K_ENCODER, "breaks",
                       world_text("how", "grow_all"));
  world_failed(call_encode(encoder, &err), PG_NO_MEMORY, &err,
               "encoder 'breaks': no memory");
  pg_instance_free(encoder);
}

/* ------------------------------------------------------------------ kernels */

static enum pg_status call_process(struct pg_instance *kernel,
                                   struct pg_error *err)
{
  static const int columns[] = {0};
  struct pg_batch *batch = world_integers("value", 5);
  int emitted = 0;
  enum pg_status status =
    pg_instance_process(kernel, batch, columns, emit, &emitted, err);
  CHECK(status == PG_OK || emitted == 0, "a failed call made batches");
  pg_batch_unref(batch);
  return status;
}

static enum pg_status call_flush(struct pg_instance *kernel,
                                 struct pg_error *err)
{
  int emitted = 0;
  enum pg_status status = pg_instance_flush(kernel, emit, &emitted, err);
  /* It is called once; what is dead stays dead for the other calls. */
  return status == PG_OK ? call_process(kernel, err) : status;
}

static void kernels_that_break(void)
{
  static const struct broken cases[] = {
    {"pick_far", "it picked row 5 of 5"},
    {"pick_minus", "it called out_pick() for -1 rows"},
    {"slice_far", "it took 5 rows from row 1 of 5"},
    {"slice_minus", "it took 1 rows from row -1 of 5"},
    {"slice_wrap", "it took 9223372036854775807 rows from row 1 of 5"},
    {"column", "it called out_column() where it may not"},
    {"rows", "it called out_rows() where it may not"},
    {"heap", "it called out_heap() where it may not"},
    {"reject", "it called out_reject() where it may not"},
    {"again", "a kernel answered 'again'"},
  };
  static const struct broken adding[] = {
    {"longer", "it adds columns of 6 rows to a batch of 5"},
    {"undeclared", "it made column 'other' of type i64, which it does not"},
    {"retyped", "it made column 'more' of type f64, which it does not"},
    {"no_rows", "it made columns without out_rows()"},
  };
  static const struct broken flushing[] = {
    {"flush_pick", "it called out_pick() where it may not"},
  };
  BREAKS(PERI_K_KERNEL, "strays", call_process, cases);
  BREAKS(PERI_K_KERNEL, "misfits", call_process, adding);
  BREAKS(PERI_K_KERNEL, "strays", call_flush, flushing);
}

/* ----------------------------------------------------------- sources, sinks */

static enum pg_status call_poll(struct pg_instance *source,
                                struct pg_error *err)
{
  char room[16];
  peri_poll poll = {.room = room, .room_len = sizeof room};
  struct pg_batch *batch;
  peri_status status;
  return pg_instance_poll(source, &poll, &batch, &status, err);
}

static enum pg_status call_write(struct pg_instance *sink, struct pg_error *err)
{
  struct pg_batch *batch = world_integers("n", 1);
  enum pg_status status = pg_instance_write(sink, batch, err);
  pg_batch_unref(batch);
  return status;
}

static void sources_and_sinks_that_break(void)
{
  static const struct broken sources[] = {
    {"long", "it filled 17 bytes of a room of 16"},
    {"column", "it called out_column() where it may not"},
    {"nameless", "its stream has no name"},
  };
  static const struct broken sinks[] = {
    {"again", "it answered 2"},
    {"ends", "it answered 1"},
  };
  BREAKS(PERI_K_SOURCE, "spills", call_poll, sources);
  BREAKS(PERI_K_SINK, "odd", call_write, sinks);
}

int main(void)
{
  world_directory();
  promises = world_load("promises.so");
  block = pg_block_new(20);
  memcpy(block->bytes, "0123456789abcdefghij", 20);
  decoders_that_break();
  picks_that_break();
  picks_that_keep_promises();
  decoders_at_the_border();
  decoders_that_fail();
  splits_that_break();
  schemas_that_break();
  encoders_that_break();
  kernels_that_break();
  sources_and_sinks_that_break();
  pg_block_unref(block);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes", pg_block_live_bytes());
  return 0;
}
