/* csv_encoder.c - batches as CSV, and what comes back. */
#include "csv_run.h"

#include <math.h>
#include <stdlib.h>

/* The stream, decoded in two chunks and encoded again. */
static char *transcode(const struct csv_in *in, const struct csv_out *out,
                       const char *bytes, size_t len, size_t cut)
{
  struct mock decoder, encoder;
  mock_init(&decoder, csv, PERI_K_DECODER, "csv", in);
  peri_status status = mock_init(&encoder, csv, PERI_K_ENCODER, "csv", out);
  MOCK_CHECK(status == PERI_OK, "OPEN failed: %s", encoder.message);
  uint32_t flags = PERI_CHUNK_FIRST;
  size_t done = (size_t)mock_split(&decoder, bytes, cut, flags), end = done;
  for (size_t from = 0; from < len; from = done) {
    char *block = malloc(len + 64);
    end = from == 0 && done ? done : len;
    memcpy(block, bytes + from, end - from);
    memset(block + (end - from), ',', 64);
    flags =
      (from == 0 ? PERI_CHUNK_FIRST : 0) | (end == len ? PERI_CHUNK_LAST : 0);
    status = mock_decode_chunk(&decoder, NULL, block, end - from, flags);
    MOCK_CHECK(status == PERI_OK, "decoding failed: %s", decoder.message);
    struct peri_batch *batch = mock_batch(&decoder.out);
    free(mock_encode(&encoder, batch, false));
    mock_batch_free(batch);
    mock_reset(&decoder);
    free(block);
    done = end;
  }
  char *text = mock_encode(&encoder, NULL, true);
  mock_fini(&decoder);
  mock_fini(&encoder);
  return text;
}

static void expect(const struct csv_out *out, const char *text,
                   const char *expected)
{
  size_t len = strlen(text);
  for (size_t cut = 0; cut < len; cut++) {
    char *got = transcode(&csv_usual, out, text, len, cut);
    MOCK_SAME_OF(got, expected, text);
    free(got);
  }
}

static void writes_what_reads_back(void)
{
  static const char text[] =
    "a,b c,\"d,e\",\"f\"\"g\"\n"
    "1,0.1,\"x,y\",plain text of some length\n"
    "-5,1e300,\"two\nlines\",\"\"\n"
    ",,,\n"
    "7,-0.0,\"quote \"\" in a text of some length\",\xC3\xB6\n"
    "8,5e-324,\"\r\",true\n";
  expect(&csv_usual_out, text, text);
}

static void writes_the_same_wherever_a_column_turns_into_texts(void)
{
  expect(&csv_usual_out,
         "a,b,c\n1,2,true\n2.50,9007199254740993,1\nx,y\"z,w\n"
         "3,0.5,false\n",
         "a,b,c\n1,2,true\n2.5,9007199254740993,1\nx,\"y\"\"z\",w\n"
         "3,0.5,false\n");
}

static void follows_its_parameters(void)
{
  struct csv_out out = csv_usual_out;
  out.sep = CSV_STR(";");
  out.nulls = CSV_STR("NULL");
  expect(&out, "a,b\n,NULL\n\"x;y\",1\n", "a;b\nNULL;\"NULL\"\n\"x;y\";1\n");
  out.header = false;
  out.nulls = CSV_STR("1");
  expect(&out, "a,b\n,1\n2,3\n", "1;\"1\"\n2;3\n");
  out.nulls = CSV_STR("");
  out.sep = CSV_STR("-");
  expect(&out, "a,b\n-1,2\n", "\"-1\"-2\n");
}

static void writes_every_type(void)
{
  static const int64_t times[] = {1748736000747000000, -1};
  static const uint8_t bytes[] = {255, 0};
  static const uint8_t truths[] = {0, 1};
  static const int16_t shorts[] = {-300, 7};
  static const uint64_t longs[] = {UINT64_MAX, 0};
  static const float floats[] = {0.1f, INFINITY};
  const peri_str json[] = {CSV_STR("{\"a\":[1,\"x\"]}"),
                           CSV_STR("\"\\u00f6\\n\\\"\\ud83d\\ude00\"")};
  const peri_col columns[] = {
    {.n = 2, .data = times, .type = PERI_T_TIME},
    {.n = 2, .data = bytes, .type = PERI_T_U8},
    {.n = 2, .data = shorts, .type = PERI_T_I16},
    {.n = 2, .data = longs, .type = PERI_T_U64},
    {.n = 2, .data = floats, .type = PERI_T_F32},
    {.n = 2, .data = json, .type = PERI_T_JSON, .layout = PERI_L_SPAN},
    {.n = 2, .type = PERI_T_NULL},
    {.n = 2, .data = truths, .type = PERI_T_BOOL}};
  const peri_str names[] = {CSV_STR("t"),   CSV_STR("u8"),  CSV_STR("i16"),
                            CSV_STR("u64"), CSV_STR("f32"), CSV_STR("j"),
                            CSV_STR(""),    CSV_STR("b")};
  const peri_batch batch = {2, 8, columns, names, NULL};
  struct mock mock;
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out);
  const peri_batch first = {1, 8, columns, names, NULL};
  char *text = mock_encode(&mock, &first, false);
  MOCK_SAME(text, "t,u8,i16,u64,f32,j,\"\",b\n"
                  "2025-06-01T00:00:00.747Z,255,-300,18446744073709551615,0.1,"
                  "\"{\"\"a\"\":[1,\"\"x\"\"]}\",,false\n");
  free(text);
  mock_fini(&mock);
  struct csv_out out = csv_usual_out;
  out.header = false;
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &out);
  text = mock_encode(&mock, &batch, true);
  MOCK_SAME(strchr(text, '\n') + 1,
            "1969-12-31T23:59:59.999999999Z,0,7,0,inf,\"\xC3\xB6\n"
            "\"\"\xF0\x9F\x98\x80\",,true\n");
  free(text);
  mock_fini(&mock);
}

/* --------------------------------------------------------------------- columns
 */

struct row {
  int64_t value;
  peri_str name;
};

static char *encode(struct mock *mock, int count, const char *const *names,
                    const int64_t *values, bool last)
{
  peri_col columns[4];
  peri_str texts[4];
  for (int i = 0; i < count; i++) {
    columns[i] = (peri_col){.n = 1, .data = values + i, .type = PERI_T_I64};
    texts[i] = CSV_STR(names[i]);
  }
  const peri_batch batch = {1, count, columns, texts, NULL};
  return mock_encode(mock, &batch, last);
}

static void puts_columns_where_the_header_has_them(void)
{
  struct mock mock;
  const int64_t values[] = {1, 2, 3};
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out);
  free(encode(&mock, 2, (const char *[]){"a", "b"}, values, false));
  free(encode(&mock, 2, (const char *[]){"b", "a"}, values, false));
  char *text = encode(&mock, 1, (const char *[]){"b"}, values, false);
  MOCK_SAME(text, "a,b\n1,2\n2,1\n,1\n");
  free(text);
  text = encode(&mock, 2, (const char *[]){"a", "new"}, values, false);
  MOCK_CHECK(!text, "a column that the header lacks was taken");
  MOCK_SAME(mock.message,
            "row 4 is the first with a column 'new', which the header does not "
            "have; name the columns with select before this");
  mock_fini(&mock);
}

static void writes_a_header_without_rows(void)
{
  const peri_col column = {.type = PERI_T_NULL};
  const peri_str name = CSV_STR("only");
  const peri_batch batch = {0, 1, &column, &name, NULL};
  struct mock mock;
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out);
  char *text = mock_encode(&mock, &batch, true);
  MOCK_SAME(text, "only\n");
  free(text);
  mock_fini(&mock);
  const int64_t value = 1;
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out);
  free(mock_encode(&mock, &batch, false));
  text = encode(&mock, 1, (const char *[]){"other"}, &value, false);
  MOCK_CHECK(!text, "a column that the plan does not have was taken");
  mock_fini(&mock);
  mock_init(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out);
  text = mock_encode(&mock, NULL, true);
  MOCK_SAME(text, "");
  free(text);
  mock_fini(&mock);
}

/* ------------------------------------------------------------------- wrong use
 */

static void refuses_bad_parameters(void)
{
  for (int i = 0; i < 6; i++) {
    struct csv_out out = csv_usual_out;
    const char *seps[] = {"", "\"", "\n", "ab", ",", ","};
    const char *nulls[] = {"", "", "", "", "a,b", "\""};
    out.sep = CSV_STR(seps[i]);
    out.nulls = CSV_STR(nulls[i]);
    struct mock mock;
    MOCK_CHECK(mock_init(&mock, csv, PERI_K_ENCODER, "csv", &out) ==
                 PERI_EINVAL,
               "case %d was not refused", i);
    MOCK_SAME(mock.message,
              i < 4 ? "parameter 'sep': expected one byte, and no quote or "
                      "line break"
                    : "parameter 'nulls': a text that needs quotes would read "
                      "back as a text");
    mock_fini(&mock);
  }
}

static void survives_without_memory(void)
{
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init_failing(&mock, csv, PERI_K_ENCODER, "csv", &csv_usual_out, n);
    const int64_t values[] = {1, 2};
    char *text = encode(&mock, 2, (const char *[]){"a", "b"}, values, true);
    bool enough = mock.fail_after > 0;
    MOCK_CHECK(!enough || text, "enough, but failed");
    free(text);
    mock_fini(&mock);
    if (enough) {
      MOCK_CHECK(n >= 4, "%lld allocations are few", (long long)n);
      return;
    }
  }
}

void csv_check_encoder(void)
{
  writes_what_reads_back();
  writes_the_same_wherever_a_column_turns_into_texts();
  follows_its_parameters();
  writes_every_type();
  puts_columns_where_the_header_has_them();
  writes_a_header_without_rows();
  refuses_bad_parameters();
  survives_without_memory();
}
