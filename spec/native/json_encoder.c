/* json_encoder.c - what the encoder writes. */
#include "json_run.h"
#include "mock_text.h"

#include <math.h>
#include <perigee/plugin.h>
#include <stdlib.h>

static const peri_plugin *json;

static char *encode(const peri_col *cols, const peri_str *names, int64_t count,
                    int64_t rows, bool nulls)
{
  char params[16] = {(char)nulls};
  struct mock mock;
  mock_init(&mock, json, PERI_K_ENCODER, "json", params);
  peri_batch batch = {rows, count, cols, names, NULL};
  char *text = mock_encode(&mock, &batch, true);
  mock_fini(&mock);
  return text;
}

static void expect(const peri_col *column, const char *expected)
{
  peri_str name = PERI_STR("a");
  char *text = encode(column, &name, 1, column->n, false);
  MOCK_SAME(text, expected);
  free(text);
}

#define COLUMN(values, letter)                                                 \
  (&(peri_col){.n = sizeof(values) / sizeof *(values),                         \
               .data = (values),                                               \
               .type = PERI_T_##letter})

static void writes_every_type(void)
{
  expect(COLUMN(((uint8_t[]){0, 1}), BOOL), "{\"a\":false}\n{\"a\":true}\n");
  expect(COLUMN(((int8_t[]){-128}), I8), "{\"a\":-128}\n");
  expect(COLUMN(((uint8_t[]){255}), U8), "{\"a\":255}\n");
  expect(COLUMN(((int16_t[]){-32768}), I16), "{\"a\":-32768}\n");
  expect(COLUMN(((uint16_t[]){65535}), U16), "{\"a\":65535}\n");
  expect(COLUMN(((int32_t[]){INT32_MIN}), I32), "{\"a\":-2147483648}\n");
  expect(COLUMN(((uint32_t[]){UINT32_MAX}), U32), "{\"a\":4294967295}\n");
  expect(COLUMN(((int64_t[]){INT64_MIN, 0, 10}), I64),
         "{\"a\":-9223372036854775808}\n{\"a\":0}\n{\"a\":10}\n");
  expect(COLUMN(((uint64_t[]){UINT64_MAX}), U64),
         "{\"a\":18446744073709551615}\n");
  expect(COLUMN(((float[]){0.1f, 1, NAN, 16777216, 3e38f}), F32),
         "{\"a\":0.1}\n{\"a\":1}\n{\"a\":null}\n{\"a\":16777216}\n"
         "{\"a\":3e38}\n");
  expect(COLUMN(((double[]){0.1, 1, -INFINITY, -0.0, 1e22, 1e15}), F64),
         "{\"a\":0.1}\n{\"a\":1}\n{\"a\":null}\n{\"a\":-0.0}\n{\"a\":1e22}\n"
         "{\"a\":1000000000000000}\n");
  expect(COLUMN(((int64_t[]){0, 1748736000500000000, -1, INT64_MIN, 1000,
                             INT64_MAX}),
                TIME),
         "{\"a\":\"1970-01-01T00:00:00Z\"}\n"
         "{\"a\":\"2025-06-01T00:00:00.500Z\"}\n"
         "{\"a\":\"1969-12-31T23:59:59.999999999Z\"}\n"
         "{\"a\":\"1677-09-21T00:12:43.145224192Z\"}\n"
         "{\"a\":\"1970-01-01T00:00:00.000001Z\"}\n"
         "{\"a\":\"2262-04-11T23:47:16.854775807Z\"}\n");
  expect(&(peri_col){.n = 2, .type = PERI_T_NULL}, "{}\n{}\n");
}

static void writes_every_layout_of_text(void)
{
  static const char bytes[] = "onetwo, which is long";
  static const int32_t offsets[] = {0, 3, 3, 21}, codes[] = {2, 0, 2};
  peri_col plain = {.n = 3,
                    .data = bytes,
                    .aux = offsets,
                    .type = PERI_T_STR,
                    .layout = PERI_L_PLAIN};
  const char *expected =
    "{\"a\":\"one\"}\n{\"a\":\"\"}\n{\"a\":\"two, which is long\"}\n";
  expect(&plain, expected);
  peri_col dictionary = {.n = 3,
                         .data = codes,
                         .aux = &plain,
                         .type = PERI_T_STR,
                         .layout = PERI_L_DICT};
  expect(&dictionary, "{\"a\":\"two, which is long\"}\n{\"a\":\"one\"}\n"
                      "{\"a\":\"two, which is long\"}\n");
  peri_str spans[] = {{bytes, 3}, {bytes, 0}, {bytes + 3, 18}};
  peri_col span = {
    .n = 3, .data = spans, .type = PERI_T_STR, .layout = PERI_L_SPAN};
  expect(&span, expected);
  peri_view views[3];
  const char *buffers[] = {NULL, bytes};
  for (int i = 0; i < 3; i++) {
    peri_view_set(&views[i], spans[i].ptr, spans[i].len, 1, bytes);
  }
  expect(&(peri_col){.n = 3, .data = views, .aux = buffers, .type = PERI_T_BIN},
         expected);
  peri_str raw[] = {PERI_STR("[1, 2]"), PERI_STR("\"x\"")};
  expect(
    &(peri_col){
      .n = 2, .data = raw, .type = PERI_T_JSON, .layout = PERI_L_SPAN},
    "{\"a\":[1, 2]}\n{\"a\":\"x\"}\n");
}

/* Escapes and bad UTF-8 at every place of texts of every length. */
static void escapes_at_every_place(void)
{
  static const struct {
    const char *in, *out;
  } marks[] = {{"\"", "\\\""},
               {"\\", "\\\\"},
               {"\n", "\\n"},
               {"\x01", "\\u0001"},
               {"\x1F", "\\u001f"},
               {"\x7F", "\x7F"},
               {"\xC3\xA9", "\xC3\xA9"},
               {"\xFF", "\xEF\xBF\xBD"},
               {"\xC3", "\xEF\xBF\xBD"},
               {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}};
  for (int len = 0; len < 50; len++) {
    for (int at = 0; at <= len; at++) {
      size_t mark = (size_t)(len + at) % (sizeof marks / sizeof *marks);
      struct mock_text in = {0}, out = {0};
      mock_addf(&in, "%.*s%s%.*s", at,
                "0123456789abcdefghijklmnopqrstuvwxyz"
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                marks[mark].in, len - at,
                "..................................."
                "..................");
      mock_addf(&out, "{\"a\":\"%.*s%s%.*s\"}\n", at,
                "0123456789abcdefghijklmnopqrstuvwxyz"
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                marks[mark].out, len - at,
                "....................................................");
      /* Exactly as long as the text, so that a read past it shows. */
      char *exact = malloc(in.len);
      memcpy(exact, in.at, in.len);
      peri_str span = {exact, in.len};
      expect(
        &(peri_col){
          .n = 1, .data = &span, .type = PERI_T_STR, .layout = PERI_L_SPAN},
        out.at);
      free(exact);
      free(in.at);
      free(out.at);
    }
  }
}

static void leaves_nulls_out_or_writes_them(void)
{
  int64_t numbers[] = {1, 2, 3};
  uint8_t valid = 0x0A; /* rows 1 and, with bit0 = 1, 0 and 2 */
  peri_col cols[] = {
    {.n = 3, .data = numbers, .type = PERI_T_I64},
    {.n = 3, .data = numbers, .valid = &valid, .bit0 = 1, .type = PERI_T_I64},
    {.n = 3, .type = PERI_T_NULL}};
  peri_str names[] = {PERI_STR("a"), PERI_STR("b\"\n"),
                      PERI_STR("a name longer than sixteen")};
  char *text = encode(cols, names, 3, 3, false);
  MOCK_SAME(text, "{\"a\":1,\"b\\\"\\n\":1}\n{\"a\":2}\n"
                  "{\"a\":3,\"b\\\"\\n\":3}\n");
  free(text);
  text = encode(cols + 1, names + 1, 2, 2, true);
  MOCK_SAME(text, "{\"b\\\"\\n\":1,\"a name longer than sixteen\":null}\n"
                  "{\"b\\\"\\n\":null,\"a name longer than sixteen\":null}\n");
  free(text);
}

static void follows_changing_columns(void)
{
  int64_t numbers[] = {1, 2};
  peri_col cols[] = {{.n = 1, .data = numbers, .type = PERI_T_I64},
                     {.n = 1, .data = numbers + 1, .type = PERI_T_I64}};
  peri_str names[] = {PERI_STR("a"), PERI_STR("b")};
  struct mock mock;
  mock_init(&mock, json, PERI_K_ENCODER, "json", NULL);
  for (int64_t count = 0; count <= 2; count++) {
    peri_batch batch = {1, count, cols, names, NULL};
    free(mock_encode(&mock, &batch, false));
  }
  names[0] = PERI_STR("c");
  peri_batch batch = {1, 2, cols, names, NULL};
  char *text = mock_encode(&mock, &batch, true);
  MOCK_SAME(text, "{}\n{\"a\":1}\n{\"a\":1,\"b\":2}\n{\"c\":1,\"b\":2}\n");
  free(text);
  mock_fini(&mock);
}

static void survives_failing_allocation(void)
{
  peri_str text = PERI_STR("text");
  peri_col column = {
    .n = 1, .data = &text, .type = PERI_T_STR, .layout = PERI_L_SPAN};
  peri_str name = PERI_STR("a");
  peri_batch batch = {1, 1, &column, &name, NULL};
  for (int64_t n = 0; n < 20; n++) {
    struct mock mock;
    mock_init_failing(&mock, json, PERI_K_ENCODER, "json", NULL, n);
    char *written = mock_encode(&mock, &batch, true);
    MOCK_CHECK(written || (mock.message && mock.cx.failed == PERI_ENOMEM),
               "says that there is no memory");
    bool done = written != NULL;
    free(written);
    mock_fini(&mock);
    if (done) {
      MOCK_CHECK(n >= 3, "allocations failed");
      return;
    }
  }
  MOCK_CHECK(false, "it never passes");
}

void json_check_encoder(const peri_plugin *plugin)
{
  json = plugin;
  writes_every_type();
  writes_every_layout_of_text();
  escapes_at_every_place();
  leaves_nulls_out_or_writes_them();
  follows_changing_columns();
  survives_failing_allocation();
}
