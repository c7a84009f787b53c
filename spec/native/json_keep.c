/* json_keep.c - records that are handed on as they stand against the same ones
 * decoded, changed and encoded. */
#include "json_run.h"
#include "mock_text.h"

#include <perigee/plugin.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name, as)                                                       \
  {                                                                            \
    {name, sizeof(name) - 1},                                                  \
    {                                                                          \
      as, sizeof(as) - 1                                                       \
    }                                                                          \
  }
#define LEFT_OUT(name)                                                         \
  {                                                                            \
    {name, sizeof(name) - 1},                                                  \
    {                                                                          \
      NULL, 0                                                                  \
    }                                                                          \
  }
#define FIELD(name)                                                            \
  {                                                                            \
    {name, sizeof(name) - 1}, PERI_T_NULL, 0                                   \
  }

struct way {
  uint32_t keep;
  peri_member members[6];
  uint32_t count;
  peri_field fields[2]; /* that get values all the same */
  uint32_t field_count;
};

static const struct way ways[] = {
  {PERI_KEEP_ALL, {LEFT_OUT("")}, 0, {FIELD("a")}, 0},
  {PERI_KEEP_ALL, {LEFT_OUT("a")}, 1, {FIELD("a")}, 1},
  {PERI_KEEP_ALL,
   {LEFT_OUT("b"), LEFT_OUT("c"), LEFT_OUT("a.b")},
   3,
   {FIELD("c"), FIELD("c.b")},
   2},
  {PERI_KEEP_ALL,
   {MEMBER("c", "k\"\xC3\xA9"), LEFT_OUT("status"), MEMBER("b", "")},
   3,
   {FIELD("b")},
   1},
  {PERI_KEEP_ONLY,
   {MEMBER("a", "a"), MEMBER("b", "b"), MEMBER("status", "status"),
    MEMBER("", ""), MEMBER("d", "d")},
   5,
   {FIELD("a")},
   1},
  {PERI_KEEP_ONLY,
   {MEMBER("c", "a longer name than before"), MEMBER("none", "none")},
   2,
   {FIELD("b.c"), FIELD("c")},
   2},
};

enum { WAYS = sizeof ways / sizeof *ways };

static bool is_text(peri_str name)
{
  return peri_str_eq(name,
                     (peri_str){PERI_KEPT_NAME, sizeof PERI_KEPT_NAME - 1});
}

static int64_t find(const struct peri_batch *batch, peri_str name)
{
  for (int64_t i = 0; i < batch->n_cols; i++) {
    if (peri_str_eq(batch->names[i], name)) {
      return i;
    }
  }
  return -1;
}

static const peri_member *member_of(const struct way *way, peri_str name)
{
  for (uint32_t i = 0; i < way->count; i++) {
    if (peri_str_eq(way->members[i].name, name)) {
      return &way->members[i];
    }
  }
  return NULL;
}

static peri_chunk chunk_of(const char *block, size_t len, const struct way *way)
{
  peri_chunk chunk = {.size = sizeof chunk,
                      .flags = PERI_CHUNK_FIRST | PERI_CHUNK_LAST,
                      .bytes = block,
                      .len = len,
                      .all = way == NULL};
  if (way) {
    chunk.fields = way->fields;
    chunk.n_fields = way->field_count;
    chunk.keep = way->keep;
    chunk.members = way->members;
    chunk.n_members = way->count;
  }
  return chunk;
}

static char *padded(const char *bytes, size_t len)
{
  char *block = malloc(len + 64);
  memcpy(block, bytes, len);
  memset(block + len, '"', 64);
  return block;
}

/* The columns of a batch as the way wants them, through the encoder. */
static char *changed(const peri_plugin *plugin, const struct peri_batch *batch,
                     const struct way *way)
{
  size_t most = (size_t)(batch->n_cols + way->count + 1);
  peri_col *cols = malloc(most * sizeof *cols);
  peri_str *names = malloc(most * sizeof *names);
  int64_t n = 0;
  for (int64_t i = 0; way->keep == PERI_KEEP_ALL && i < batch->n_cols; i++) {
    const peri_member *member = member_of(way, batch->names[i]);
    if (!member || member->as.ptr) {
      cols[n] = batch->cols[i];
      names[n++] = member ? member->as : batch->names[i];
    }
  }
  for (uint32_t i = 0; way->keep == PERI_KEEP_ONLY && i < way->count; i++) {
    int64_t at = find(batch, way->members[i].name);
    if (at >= 0) {
      cols[n] = batch->cols[at];
      names[n++] = way->members[i].as;
    }
  }
  struct mock encoder;
  mock_init(&encoder, plugin, PERI_K_ENCODER, "json", NULL);
  struct peri_batch made = {batch->n, n, cols, names, NULL};
  char *text = mock_encode(&encoder, &made, false);
  mock_fini(&encoder);
  free(cols);
  free(names);
  return text;
}

/* The texts that were kept, through the encoder. */
static char *kept_texts(const peri_plugin *plugin,
                        const struct peri_batch *batch)
{
  peri_str name = {PERI_KEPT_NAME, sizeof PERI_KEPT_NAME - 1};
  int64_t at = find(batch, name);
  MOCK_CHECK(at >= 0, "there is no column of texts");
  struct mock encoder;
  mock_init(&encoder, plugin, PERI_K_ENCODER, "json", NULL);
  struct peri_batch made = {batch->n, 1, &batch->cols[at], &name, NULL};
  char *text = mock_encode(&encoder, &made, false);
  mock_fini(&encoder);
  return text;
}

/* Are the columns named in the order of the whole, and those that are fields
 * what they are there? */
static void check_columns(const peri_plugin *plugin, const struct way *way,
                          const struct peri_batch *kept,
                          const struct peri_batch *whole)
{
  int64_t last = -1;
  for (int64_t i = 0; way->keep == PERI_KEEP_ALL && i < kept->n_cols; i++) {
    int64_t at = find(whole, kept->names[i]);
    MOCK_CHECK(is_text(kept->names[i]) || at > last,
               "column %lld is '%.*s', which was %lld", (long long)i,
               (int)kept->names[i].len, kept->names[i].ptr, (long long)at);
    last = at >= 0 ? at : last;
  }
  for (uint32_t i = 0; i < way->field_count; i++) {
    peri_str name = way->fields[i].name;
    struct way one = {
      .keep = PERI_KEEP_ONLY, .members = {{name, name}}, .count = 1};
    if (memchr(name.ptr, '.', name.len)) {
      continue; /* a part of a column of the whole */
    }
    char *expected = changed(plugin, whole, &one);
    char *found = changed(plugin, kept, &one);
    MOCK_SAME(found, expected);
    free(expected);
    free(found);
  }
}

/* False: the records cannot be kept. */
static bool compare_way(const peri_plugin *plugin, const struct way *way,
                        struct mock *whole, const char *block, size_t len)
{
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_DECODER, "json", NULL);
  peri_chunk chunk = chunk_of(block, len, way);
  peri_status status = mock_decode_this(&mock, &chunk);
  MOCK_CHECK(status == PERI_OK || status == PERI_AGAIN, "it answered %d: %s",
             status, mock.message);
  if (status == PERI_OK) {
    struct peri_batch *kept = mock_batch(&mock.out);
    struct peri_batch *all = mock_batch(&whole->out);
    MOCK_CHECK(mock.out.reject_count == whole->out.reject_count,
               "%d rejects, expected %d", mock.out.reject_count,
               whole->out.reject_count);
    char *expected = changed(plugin, all, way);
    char *found = kept_texts(plugin, kept);
    MOCK_SAME_OF(found, expected, len < 4000 ? block : "");
    check_columns(plugin, way, kept, all);
    free(expected);
    free(found);
    mock_batch_free(kept);
    mock_batch_free(all);
  }
  mock_fini(&mock);
  return status == PERI_OK;
}

int json_compare_kept(const peri_plugin *plugin, const char *bytes, size_t len)
{
  char *block = padded(bytes, len);
  struct mock whole;
  int count = 0;
  mock_init(&whole, plugin, PERI_K_DECODER, "json", NULL);
  peri_chunk chunk = chunk_of(block, len, NULL);
  MOCK_CHECK(mock_decode_this(&whole, &chunk) == PERI_OK, "%s", whole.message);
  for (size_t i = 0; i < WAYS; i++) {
    count += compare_way(plugin, &ways[i], &whole, block, len);
  }
  mock_fini(&whole);
  free(block);
  return count;
}

/* -------------------------------------------------------------------- by hand
 */

/* What is kept of these records in one of the ways; NULL: it cannot be. */
static void expect(const peri_plugin *plugin, const struct way *way,
                   const char *text, const char *expected)
{
  char *block = padded(text, strlen(text));
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_DECODER, "json", NULL);
  peri_chunk chunk = chunk_of(block, strlen(text), way);
  peri_status status = mock_decode_this(&mock, &chunk);
  MOCK_CHECK(status == (expected ? PERI_OK : PERI_AGAIN),
             "it answered %d of %s", status, text);
  if (expected) {
    struct peri_batch *batch = mock_batch(&mock.out);
    char *found = kept_texts(plugin, batch);
    MOCK_SAME_OF(found, expected, text);
    free(found);
    mock_batch_free(batch);
  }
  mock_fini(&mock);
  free(block);
}

static void keeps_what_stays(const peri_plugin *plugin)
{
  static const struct {
    int way;
    const char *text, *expected;
  } cases[] = {
    {0,
     "{\"x\":1,\"y\":\"z\"}\n{\"x\":2,\"y\":\"\"}\n{\"x\":3,\"y\":\"w\"}\r\n",
     "{\"x\":1,\"y\":\"z\"}\n{\"x\":2,\"y\":\"\"}\n{\"x\":3,\"y\":\"w\"}\n"},
    {0,
     "{\"x\": 1, \"y\": [1, 2] }\n{\"x\": 2, \"y\": [ ] }\n {\"x\": 3, "
     "\"y\": {}}",
     "{\"x\":1,\"y\":[1, 2]}\n{\"x\":2,\"y\":[ ]}\n{\"x\":3,\"y\":{}}\n"},
    {1,
     "{\"a\":1,\"b\":2,\"c\":3}\n{\"a\":4,\"b\":5,\"c\":6}\n"
     "{\"a\":7,\"b\":null,\"c\":9}\n{\"b\":1,\"c\":1.50}\n{\"a\":7}\n{}\n",
     "{\"b\":2,\"c\":3}\n{\"b\":5,\"c\":6}\n{\"c\":9}\n{\"b\":1,\"c\":1.5}\n"
     "{}\n{}\n"},
    {2,
     "{\"x\":1,\"b\":2,\"c\":{\"b\":1}}\n{\"x\":1,\"b\":2,\"c\":{\"b\":1}}\n"
     "{\"x\":1,\"b\":\"\",\"c\":{\"b\":2}}\n",
     "{\"x\":1}\n{\"x\":1}\n{\"x\":1}\n"},
    {3,
     "{\"b\":1,\"c\":2,\"x\":3}\n{\"b\":1,\"c\":\"\\/\",\"x\":3}\n"
     "{\"b\":null,\"c\":null,\"x\":3}\n",
     "{\"\":1,\"k\\\"\xC3\xA9\":2,\"x\":3}\n"
     "{\"\":1,\"k\\\"\xC3\xA9\":\"/\",\"x\":3}\n{\"x\":3}\n"},
    {4, "{\"a\":1,\"z\":0,\"d\":2}\n{\"a\":3,\"z\":[],\"d\":4}\n{\"z\":1}\n",
     "{\"a\":1,\"d\":2}\n{\"a\":3,\"d\":4}\n{}\n"},
    {4, "{\"d\":1,\"a\":2}\n", NULL},
    {0, "{\"d\":1,\"a\":2}\n{\"a\":1,\"d\":2}\n", NULL},
    {0, "{\"d\":1,\"a\":2,\"d\":3}\n", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    expect(plugin, &ways[cases[i].way], cases[i].text, cases[i].expected);
  }
}

/* One instance is asked otherwise from chunk to chunk. */
static void changes_its_ways(const peri_plugin *plugin)
{
  static const char text[] =
    "{\"a\":1,\"b\":2,\"c\":3}\n{\"a\":1,\"b\":2,\"c\":3}\n";
  static const char *const expected[] = {
    text, "{\"b\":2,\"c\":3}\n{\"b\":2,\"c\":3}\n", "{\"a\":1}\n{\"a\":1}\n"};
  char *block = padded(text, sizeof text - 1);
  struct mock mock;
  mock_init(&mock, plugin, PERI_K_DECODER, "json", NULL);
  for (int i = 0; i < 9; i++) {
    int way = i * 2 % 3;
    peri_chunk chunk = chunk_of(block, sizeof text - 1, &ways[way]);
    MOCK_CHECK(mock_decode_this(&mock, &chunk) == PERI_OK, "%s", mock.message);
    struct peri_batch *batch = mock_batch(&mock.out);
    char *found = kept_texts(plugin, batch);
    MOCK_SAME(found, expected[way]);
    free(found);
    mock_batch_free(batch);
  }
  mock_fini(&mock);
  free(block);
}

static void runs_out_of_memory(const peri_plugin *plugin, const struct way *way)
{
  static const char text[] =
    "{\"a\": 1, \"b\": \"x\", \"c\": 1.50}\n{\"a\": 2, \"b\": null, \"c\": 3}\n"
    "{\"a\": 3, \"b\": \"\\/ and a text of many bytes\", \"c\": 4}\n"
    "{\"c\": 3, \"a\" : 1}\n";
  char *block = padded(text, sizeof text - 1);
  peri_chunk chunk = chunk_of(block, sizeof text - 1, way);
  peri_status status = PERI_ENOMEM;
  long n = 0;
  for (; status == PERI_ENOMEM; n++) {
    struct mock mock;
    mock_init_failing(&mock, plugin, PERI_K_DECODER, "json", NULL, n);
    status = mock_decode_this(&mock, &chunk);
    MOCK_CHECK(status == PERI_ENOMEM || status == PERI_OK ||
                 status == PERI_AGAIN,
               "allocation %ld: it answered %d", n, status);
    mock_fini(&mock);
  }
  MOCK_CHECK(n > 5, "only %ld allocations", n);
  free(block);
}

void json_check_kept(const peri_plugin *plugin)
{
  keeps_what_stays(plugin);
  changes_its_ways(plugin);
  for (size_t i = 0; i < WAYS; i++) {
    runs_out_of_memory(plugin, &ways[i]);
  }
}
