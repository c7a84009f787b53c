/* csv_cases.c - streams and what they decode to, wherever they are cut. */
#include "csv_run.h"

#include <stdlib.h>

static void expect_bytes(const struct csv_in *params,
                         const struct mock_wanted *wanted, const char *text,
                         size_t len, const char *expected)
{
  for (size_t cut = 0; cut <= len; cut++) {
    char *rows = csv_decode(params, wanted, text, len, cut);
    MOCK_SAME_OF(rows, expected, text);
    free(rows);
  }
}

static void expect_of(const struct csv_in *params, const char *text,
                      const char *expected)
{
  expect_bytes(params, NULL, text, strlen(text), expected);
}

static void expect(const char *text, const char *expected)
{
  expect_of(&csv_usual, text, expected);
}

/* -------------------------------------------------------------------- the form
 */

static void reads_fields_of_rfc_4180(void)
{
  expect("a,b,c\r\n\"x\",\"y \"\"z\"\"\",\"1,2\"\r\n\"two\r\nlines\",,\"\"\r\n",
         "{\"a\":\"x\",\"b\":\"y \\\"z\\\"\",\"c\":\"1,2\"}\n"
         "{\"a\":\"two\\r\\nlines\",\"c\":\"\"}\n");
  expect("a\nlast", "{\"a\":\"last\"}\n");
  expect("a,b\n1,", "{\"a\":1}\n");
  expect("a,b\n1,\r", "{\"a\":1}\n");
  expect("a,b\n,\n", "{}\n");
  expect("a\n\"q\"", "{\"a\":\"q\"}\n");
  expect("a\n\"q\"\r", "{\"a\":\"q\"}\n");
  expect("a\n x \n", "{\"a\":\" x \"}\n");
  expect("a,b\nx\"y\"z,\"w\"\n", "{\"a\":\"x\\\"y\\\"z\",\"b\":\"w\"}\n");
}

static void passes_over_empty_lines_unless_there_is_one_column(void)
{
  expect("\r\n\na,b\n\n1,2\n\r\n3,4\n\n",
         "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n");
  expect("a\nx\n\ny\n\r\n", "{\"a\":\"x\"}\n{}\n{\"a\":\"y\"}\n{}\n");
  expect("", "");
  expect("\n\n", "");
  expect("a,b\n", "");
  expect("a,b", "");
}

static void keeps_any_bytes(void)
{
  const char nul[] = "a,b\nx\0y,\"\0\"\n";
  expect_bytes(&csv_usual, NULL, nul, sizeof nul - 1,
               "{\"a\":\"x\\u0000y\",\"b\":\"\\u0000\"}\n");
  expect("\xEF\xBB\xBF"
         "a\n\xC3\xB6\xFF\xE2\x82\n",
         "{\"a\":\"\xC3\xB6\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}\n");
  expect("a\n\"\xFF\"\"\"\n", "{\"a\":\"\xEF\xBF\xBD\\\"\"}\n");
  expect("\xEF\xBB\xBF\"a\",b\n1,2\n", "{\"a\":1,\"b\":2}\n");
}

static void rejects_what_is_no_row(void)
{
  expect("a,b\n1\n2,3\n4,5,6\n\"x\n",
         "{\"a\":2,\"b\":3}\n"
         "reject at 4+1: row has 1 field, expected 2\n"
         "reject at 10+5: row has 3 fields, expected 2\n"
         "reject at 16+3: the quote of field 1, at byte 1 of the row, does not "
         "close\n");
  expect("a,b\n\"x\"y,1\n2,3\n",
         "{\"a\":2,\"b\":3}\nreject at 4+6: text behind a closing quote\n");
  expect("a,b\n1,\"x\ny\n", "reject at 4+7: the quote of field 2, at byte 3 of "
                            "the row, does not close\n");
  expect("a,b\n1,2\n\"", "{\"a\":1,\"b\":2}\nreject at 8+1: the quote of field "
                         "1, at byte 1 of the row, does not close\n");
}

static void names_columns(void)
{
  struct csv_in params = csv_usual;
  const peri_str given[] = {CSV_STR("x"), CSV_STR("y")};
  expect("a,,a,\"q\"\"\",\"\",a\n1,2,3,4,5,6\n",
         "{\"a\":1,\"c2\":2,\"a_2\":3,\"q\\\"\":4,\"c5\":5,\"a_3\":6}\n");
  params.names = (peri_list_str){given, 2};
  expect_of(&params, "a,b\n1,2\n", "{\"x\":1,\"y\":2}\n");
  expect_of(&params, "a,b,c\n1,2\n",
            "failed -2: the header has 3 fields, but parameter 'names' names "
            "2\n");
  params.header = false;
  expect_of(&params, "a,b\n1,2\n",
            "{\"x\":\"a\",\"y\":\"b\"}\n{\"x\":1,\"y\":2}\n");
  params.names.len = 0;
  expect_of(&params, "1,2\n", "{\"c1\":1,\"c2\":2}\n");
  expect("\"a\n1", "failed -2: the header has a quote that does not close\n");
  expect("\"a\"b,c\n1,2\n",
         "failed -2: the header has text behind a closing quote\n");
}

static void follows_its_syntax(void)
{
  struct csv_in params = csv_usual;
  params.sep = CSV_STR("\t");
  params.quote = CSV_STR("'");
  expect_of(&params, "a\tb\n'x\ty'\t\"\n",
            "{\"a\":\"x\\ty\",\"b\":\"\\\"\"}\n");
  params.quote = CSV_STR("");
  expect_of(&params, "a\tb\n'x\t\"y\n", "{\"a\":\"'x\",\"b\":\"\\\"y\"}\n");
}

/* ----------------------------------------------------------------- the values
 */

static void finds_types(void)
{
  expect("a,b,c,d\n1,1.5,true,x\n-2,3,false,7\n",
         "{\"a\":1,\"b\":1.5,\"c\":true,\"d\":\"x\"}\n"
         "{\"a\":-2,\"b\":3,\"c\":false,\"d\":7}\n");
  expect("a\n007\n1\n", "{\"a\":\"007\"}\n{\"a\":1}\n");
  expect("a\n1\n007\n2\n", "{\"a\":1}\n{\"a\":\"007\"}\n{\"a\":2}\n");
  expect("a\n1\ntrue\n", "{\"a\":1}\n{\"a\":true}\n");
  expect("a\ntrue\n1\nfalse\n", "{\"a\":true}\n{\"a\":1}\n{\"a\":false}\n");
  expect("a\n+1\n", "{\"a\":\"+1\"}\n");
  expect("a\n12345678901234567890\n", "{\"a\":\"12345678901234567890\"}\n");
  expect("a\n1e999\n", "{\"a\":\"1e999\"}\n");
  expect("a\n9007199254740993\n0.5\n",
         "{\"a\":9007199254740993}\n{\"a\":0.5}\n");
  expect("a\n0.5\n9007199254740993\n",
         "{\"a\":0.5}\n{\"a\":9007199254740993}\n");
  expect("a\n\"12\"\n", "{\"a\":12}\n");
}

static void looks_at_a_sample_first(void)
{
  struct csv_in params = csv_usual;
  params.sample = 8;
  expect_of(&params, "a\n1\n22\nx\n3\n",
            "{\"a\":\"1\"}\n{\"a\":\"22\"}\n{\"a\":\"x\"}\n{\"a\":\"3\"}\n");
  params.sample = 7;
  expect_of(&params, "a\n1\n22\nx\n3\n",
            "{\"a\":1}\n{\"a\":22}\n{\"a\":\"x\"}\n{\"a\":3}\n");
  params.sample = 100;
  expect_of(&params, "a,b,c\n1,true,\n2,1,\n",
            "{\"a\":1,\"b\":\"true\"}\n{\"a\":2,\"b\":\"1\"}\n");
}

static void waits_for_the_sample(void)
{
  struct csv_in params = csv_usual;
  params.sample = 6;
  struct mock mock;
  mock_init(&mock, csv, PERI_K_DECODER, "csv", &params);
  MOCK_CHECK(mock_split(&mock, "a\n1\n2", 5, PERI_CHUNK_FIRST) == 0, "waits");
  MOCK_CHECK(mock_split(&mock, "a\n1\n2\n", 6, PERI_CHUNK_FIRST) == 6,
             "has it");
  MOCK_CHECK(mock_split(&mock, "a\n1\n", 4, 0) == 4, "only at the start");
  MOCK_CHECK(mock_split(&mock, "a\n1", 3, PERI_CHUNK_FIRST | PERI_CHUNK_LAST) ==
               3,
             "the end is the end");
  mock_fini(&mock);
  params.sample = 0;
  mock_init(&mock, csv, PERI_K_DECODER, "csv", &params);
  MOCK_CHECK(mock_split(&mock, "\r\n\n", 3, PERI_CHUNK_FIRST) == 0, "no names");
  MOCK_CHECK(mock_split(&mock, "\na\n", 3, PERI_CHUNK_FIRST) == 3, "names");
  mock_fini(&mock);
}

static void takes_nulls_by_text(void)
{
  struct csv_in params = csv_usual;
  const peri_str nulls[] = {CSV_STR("-"), CSV_STR("N/A")};
  params.nulls = (peri_list_str){nulls, 2};
  expect_of(&params, "a,b\n-,1\n\"-\",N/A\n,2\n",
            "{\"b\":1}\n{\"a\":\"-\"}\n{\"a\":\"\",\"b\":2}\n");
  params.nulls.len = 0;
  expect_of(&params, "a,b\n,-\n", "{\"a\":\"\",\"b\":\"-\"}\n");
}

static void reads_declared_types(void)
{
  const peri_field fields[] = {
    MOCK_FIELD("i", PERI_T_I32),  MOCK_FIELD("f", PERI_T_F64),
    MOCK_FIELD("t", PERI_T_TIME), MOCK_FIELD("s", PERI_T_STR),
    MOCK_FIELD("b", PERI_T_BOOL), MOCK_FIELD("j", PERI_T_JSON)};
  const struct mock_wanted all = {true, fields, 6};
  const char text[] = "i,f,t,s,b,j,n\n"
                      "007,1,1970-01-01T00:00:01Z,5,1,\"{\"\"a\"\":1}\",5\n"
                      "x,1,,,,,6\n"
                      "1,y,,,,,7\n"
                      "1,2,never,,,,8\n"
                      "1,2,,,maybe,,9\n"
                      "1,2,,,,{,10\n"
                      "+2,\"nan\",0,,true,[],11\n";
  expect_bytes(&csv_usual, &all, text, sizeof text - 1,
               "{\"i\":7,\"f\":1,\"t\":@1000000000,\"s\":\"5\",\"b\":true,"
               "\"j\":{\"a\":1},\"n\":5}\n"
               "{\"i\":2,\"f\":nan,\"t\":@0,\"b\":true,\"j\":[],\"n\":11}\n"
               "reject at 59+9: column 'i': 'x' is not i32\n"
               "reject at 69+9: column 'f': 'y' is not f64\n"
               "reject at 79+14: column 't': 'never' is not time\n"
               "reject at 94+14: column 'b': 'maybe' is not bool\n"
               "reject at 109+11: column 'j': '{' is not json\n");
}

static void decodes_only_what_is_wanted(void)
{
  const peri_field fields[] = {MOCK_FIELD("c", PERI_T_NULL),
                               MOCK_FIELD("a", PERI_T_STR),
                               MOCK_FIELD("absent", PERI_T_NULL)};
  const struct mock_wanted some = {.fields = fields, .count = 3};
  const char text[] = "a,b,c\n1,x,3\n4,\"\n\",6\n7,8\n";
  expect_bytes(&csv_usual, &some, text, sizeof text - 1,
               "{\"a\":\"1\",\"c\":3}\n{\"a\":\"4\",\"c\":6}\n"
               "reject at 20+3: row has 2 fields, expected 3\n");
  const struct mock_wanted none = {.all = false};
  expect_bytes(&csv_usual, &none, text, sizeof text - 1,
               "{}\n{}\nreject at 20+3: row has 2 fields, expected 3\n");
}

/* ------------------------------------------------------------------- wrong use
 */

static void refuse(const struct csv_in *params, const char *expected)
{
  struct mock mock;
  MOCK_CHECK(mock_init(&mock, csv, PERI_K_DECODER, "csv", params) ==
               PERI_EINVAL,
             "was not refused: %s", expected);
  MOCK_SAME(mock.message, expected);
  mock_fini(&mock);
}

static void refuses_bad_parameters(void)
{
  static const char sep[] =
    "parameter 'sep': expected one byte, and no line break";
  static const char quote[] = "parameter 'quote': expected one byte other than "
                              "the separator, or '' for none";
  const peri_str twice[] = {CSV_STR("a"), CSV_STR("b"), CSV_STR("a")};
  const peri_str empty[] = {CSV_STR("a"), CSV_STR("")};
  struct csv_in params = csv_usual;
  for (int i = 0; i < 4; i++) {
    params.sep = (const peri_str[]){CSV_STR(""), CSV_STR("\n"), CSV_STR("\r"),
                                    CSV_STR("::")}[i];
    refuse(&params, sep);
  }
  params.sep = CSV_STR(";");
  for (int i = 0; i < 4; i++) {
    params.quote = (const peri_str[]){CSV_STR(";"), CSV_STR("\n"),
                                      CSV_STR("\r"), CSV_STR("''")}[i];
    refuse(&params, quote);
  }
  params.quote = CSV_STR("'");
  params.names = (peri_list_str){twice, 3};
  refuse(&params, "parameter 'names': 'a' is there twice");
  params.names = (peri_list_str){empty, 2};
  refuse(&params, "parameter 'names': a name is empty");
}

static void tells_its_columns_when_they_are_given(void)
{
  const peri_str given[] = {CSV_STR("x"), CSV_STR("y")};
  struct csv_in params = csv_usual;
  struct mock mock;
  mock_init(&mock, csv, PERI_K_DECODER, "csv", &params);
  char *schema = mock_schema(&mock);
  MOCK_SAME(schema, "");
  free(schema);
  params.names = (peri_list_str){given, 2};
  schema = mock_schema(&mock);
  MOCK_SAME(schema, "x null, y null");
  free(schema);
  params.sep = CSV_STR("");
  MOCK_CHECK(!mock_schema(&mock), "bad parameters give a schema");
  mock_fini(&mock);
}

/* Under memory that runs out after 0, 1, 2, ... allocations. */
static void survives_without_memory(void)
{
  const char text[] =
    "a,b,,a\n1,\"x\"\"y\",3,4\nz,2.5,\xFF,5\n6,7\n8,9\"\"9,\"1\"1,\n";
  for (int64_t n = 0;; n++) {
    struct mock mock;
    peri_status status =
      mock_init_failing(&mock, csv, PERI_K_DECODER, "csv", &csv_usual, n);
    MOCK_CHECK(status == PERI_OK, "OPEN needs no memory");
    free(mock_decode(&mock, NULL, text, sizeof text - 1, 0));
    bool enough = mock.fail_after > 0;
    mock_fini(&mock);
    if (enough) {
      MOCK_CHECK(n > 10, "%lld allocations are few", (long long)n);
      return;
    }
  }
}

static void picks_rows_of_what_it_decoded(void)
{
  static const peri_field a[] = {MOCK_FIELD("a", PERI_T_I64)};
  static const peri_field both[] = {MOCK_FIELD("a", PERI_T_I64),
                                    MOCK_FIELD("b", PERI_T_I64)};
  const struct mock_wanted first = {.fields = a, .count = 1};
  const struct mock_wanted wanted = {.fields = both, .count = 2};
  const char text[128] = "a,b,c\n1,2,x\nx,3,\n1\n4,y,\n5,6,\n7,8,\n9,z,\n";
  /* Rows 0 to 4 are those that begin with 1, 4, 5, 7 and 9. */
  static const uint32_t rows[] = {0, 1, 3, 4};
  struct mock mock;
  mock_init(&mock, csv, PERI_K_DECODER, "csv", &csv_usual);
  peri_status status =
    mock_decode_pick(&mock, &first, &wanted, text, strlen(text),
                     PERI_CHUNK_FIRST | PERI_CHUNK_LAST, rows, 4);
  MOCK_CHECK(status == PERI_OK, "%s", mock.message);
  char *made = mock_rows(&mock.out);
  MOCK_SAME(made, "{\"a\":1,\"b\":2}\n{\"a\":7,\"b\":8}\n");
  MOCK_CHECK(mock.out.reject_count == 2, "%d rejects", mock.out.reject_count);
  MOCK_SAME(mock.out.rejects[0].why, "column 'b': 'y' is not i64");
  MOCK_SAME(mock.out.rejects[1].why, "column 'b': 'z' is not i64");
  free(made);
  mock_fini(&mock);
}

static void picks_without_memory(void)
{
  static const peri_field a[] = {MOCK_FIELD("a", PERI_T_NULL)};
  const struct mock_wanted first = {.fields = a, .count = 1};
  const char text[96] = "a,b\n1,\"x\"\"y\"\n2,2.5\n3,\xFF\n";
  static const uint32_t rows[] = {0, 2};
  for (int64_t n = 0;; n++) {
    struct mock mock;
    mock_init_failing(&mock, csv, PERI_K_DECODER, "csv", &csv_usual, n);
    mock_decode_pick(&mock, &first, NULL, text, strlen(text),
                     PERI_CHUNK_FIRST | PERI_CHUNK_LAST, rows, 2);
    bool enough = mock.fail_after > 0;
    mock_fini(&mock);
    if (enough) {
      MOCK_CHECK(n > 10, "%lld allocations are few", (long long)n);
      return;
    }
  }
}

static void refuses_a_chunk_of_another_stream(void)
{
  typedef peri_status decode_fn(peri_cx *, const void *, void *,
                                const peri_chunk *, peri_out *);
  struct mock mock;
  char text[80] = "a\n1\n";
  mock_init(&mock, csv, PERI_K_DECODER, "csv", &csv_usual);
  decode_fn *decode = (decode_fn *)mock_hook(csv, mock.item, PERI_H_DECODE);
  peri_chunk chunk = {.size = sizeof chunk,
                      .flags = PERI_CHUNK_FIRST,
                      .bytes = text,
                      .len = 4,
                      .stream = 1,
                      .all = 1};
  for (uint64_t stream = 1; stream <= 2; stream++) {
    chunk.stream = stream;
    peri_status status =
      decode(&mock.cx, mock.params, mock.state, &chunk, &mock.out);
    MOCK_CHECK(status == (stream == 1 ? PERI_OK : PERI_EBUG), "stream %d: %d",
               (int)stream, status);
    chunk.flags = 0;
  }
  mock_fini(&mock);
}

void csv_check_cases(void)
{
  reads_fields_of_rfc_4180();
  passes_over_empty_lines_unless_there_is_one_column();
  keeps_any_bytes();
  rejects_what_is_no_row();
  names_columns();
  follows_its_syntax();
  finds_types();
  looks_at_a_sample_first();
  waits_for_the_sample();
  takes_nulls_by_text();
  reads_declared_types();
  decodes_only_what_is_wanted();
  refuses_bad_parameters();
  tells_its_columns_when_they_are_given();
  survives_without_memory();
  picks_rows_of_what_it_decoded();
  picks_without_memory();
  refuses_a_chunk_of_another_stream();
}
