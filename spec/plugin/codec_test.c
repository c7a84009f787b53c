/* codec_test.c - decoders and encoders that keep their promises: what the host
 * makes of what they say. */
#include "world.h"

#include "check/no_memory.h"

#include <string.h>

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
  CHECK(none && none->rows == 0 && none->schema->count == 2 && count == 2,
        "columns are known without rows");
  pg_batch_unref(none);
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
  needs_more_than_a_description();
  pg_block_trim();
  no_memory_each(decode_some, pg_block_trim);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes", pg_block_live_bytes());
  return 0;
}
