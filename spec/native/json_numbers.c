/* json_numbers.c - numbers, read and printed, against strtod() and printf(). */
#include "json_oracle.h"
#include "json_run.h"

#include <math.h>
#include <perigee/plugin.h>
#include <stdlib.h>

static const peri_plugin *json;
static uint64_t seed = 1;

static uint64_t random_bits(void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

/* Reads numbers as f64, then prints them. */
struct numbers {
  struct mock_text lines; /* {"x":1.5} */
  double *values;         /* what they are */
  int count;
};

static void add_text(struct numbers *numbers, const char *text)
{
  if (isinf(strtod(text, NULL))) {
    return;
  }
  mock_addf(&numbers->lines, "{\"x\":%s}\n", text);
  numbers->values = realloc(numbers->values, (size_t)(numbers->count + 1) *
                                               sizeof *numbers->values);
  numbers->values[numbers->count++] = strtod(text, NULL);
}

static void add_value(struct numbers *numbers, double value, int digits)
{
  char text[800];
  snprintf(text, sizeof text, "%.*g", digits, value);
  if (isfinite(value)) {
    add_text(numbers, text);
  }
}

static double random_double(void)
{
  uint64_t bits = random_bits();
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void add_random(struct numbers *numbers, int count)
{
  static const int digits[] = {17, 15, 19, 20, 3, 25};
  for (int i = 0; i < count; i++) {
    char text[64];
    add_value(numbers, random_double(), digits[i % 6]);
    add_value(numbers, (double)(random_bits() % 100000000) / 1000, 17);
    add_value(numbers, ldexp((double)(random_bits() >> 11), -53), 17);
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)random_bits(),
             (int)(random_bits() % 700) - 360);
    add_text(numbers, text);
    snprintf(text, sizeof text, "%llu.%07u",
             (unsigned long long)(random_bits() % 100000000),
             (unsigned)(random_bits() % 10000000));
    add_text(numbers, text);
  }
}

/* Exactly half way between two doubles, and a little to either side. */
static void add_halves(struct numbers *numbers, int count)
{
  for (int i = 0; i < count; i++) {
    int exponent = (int)(random_bits() % 160) - 80;
    double low = ldexp((double)(random_bits() >> 11 | 1ull << 52), exponent);
    long double half = (long double)low + ldexpl(0.5L, exponent);
    char text[400];
    snprintf(text, sizeof text, "%.200Lf", half);
    add_text(numbers, text);
    size_t len = strlen(text);
    text[len - 1] = '1';
    add_text(numbers, text);
  }
}

static void add_chosen(struct numbers *numbers)
{
  static const char *const texts[] = {
    "0",
    "-0.0",
    "0e0",
    "0.000e-999",
    "1",
    "1e22",
    "1e23",
    "8.5e22",
    "9007199254740992",
    "9007199254740993",
    "9007199254740993.0",
    "9007199254740992.99999999999999999999",
    "2.2250738585072014e-308",
    "2.2250738585072011e-308",
    "4.9406564584124654e-324",
    "2.4e-324",
    "2.5e-324",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "179769313486231580793728971405301e276",
    "1e-400",
    "0.1",
    "0.3",
    "123456789012345678901234567890",
    "1.00000000000000011102230246251565",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203126",
    "5e-324",
    "1e-5",
    "1e-6",
    "1e-7",
    "123456e-11",
    "0.00001234",
    "9.5367431640625e-7",
    "4503599627370496.5",
    "999999999.999999",
    "1000000000.000001",
    "99999999.9999999",
    "0.0001",
    "0.00009999"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    add_text(numbers, texts[i]);
  }
}

static void check_read(struct numbers *numbers, struct mock *decoder)
{
  peri_field field = MOCK_FIELD("x", PERI_T_F64);
  struct mock_wanted wanted = {false, &field, 1};
  size_t len = numbers->lines.len;
  char *block = malloc(len + 64);
  memcpy(block, numbers->lines.at, len);
  memset(block + len, '1', 64);
  peri_status status =
    mock_decode_chunk(decoder, &wanted, block, len, PERI_CHUNK_LAST);
  MOCK_CHECK(status == PERI_OK && decoder->out.rows == numbers->count,
             "%lld rows of %d", (long long)decoder->out.rows, numbers->count);
  const double *got = decoder->out.columns[0].values;
  for (int i = 0; i < numbers->count; i++) {
    double expected = numbers->values[i];
    MOCK_CHECK(got[i] == expected &&
                 (expected != 0 || signbit(got[i]) == signbit(expected)),
               "number %d: %.17g is read as %.17g", i, expected, got[i]);
  }
  free(block);
}

static void check_printed(const struct numbers *numbers)
{
  struct mock encoder;
  mock_init(&encoder, json, PERI_K_ENCODER, "json", NULL);
  peri_col column = {
    .n = numbers->count, .data = numbers->values, .type = PERI_T_F64};
  peri_str name = PERI_STR("x");
  peri_batch batch = {numbers->count, 1, &column, &name, NULL};
  /* The mock grows by what is asked for: give it room for all. */
  encoder.written.room = (size_t)numbers->count * 100 + 1000;
  encoder.written.at = malloc(encoder.written.room);
  char *text = mock_encode(&encoder, &batch, true);
  const char *at = text;
  for (int i = 0; i < numbers->count; i++) {
    struct mock_text expected = {0};
    mock_addf(&expected, "{\"x\":");
    oracle_print_double(&expected, numbers->values[i]);
    mock_addf(&expected, "}\n");
    MOCK_CHECK(strncmp(at, expected.at, expected.len) == 0,
               "%.17g is printed as %.40s", numbers->values[i], at);
    MOCK_CHECK(strtod(at + 5, NULL) == numbers->values[i], "reads back");
    at += expected.len;
    free(expected.at);
  }
  free(text);
  mock_fini(&encoder);
}

/* The shortest text of a float is shorter than that of the double. */
static void check_floats(void)
{
  for (int i = 0; i < 3000; i++) {
    uint32_t bits = (uint32_t)random_bits();
    float value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) {
      continue;
    }
    struct mock encoder;
    mock_init(&encoder, json, PERI_K_ENCODER, "json", NULL);
    peri_col column = {.n = 1, .data = &value, .type = PERI_T_F32};
    peri_str name = PERI_STR("x");
    peri_batch batch = {1, 1, &column, &name, NULL};
    char *text = mock_encode(&encoder, &batch, true);
    MOCK_CHECK(strtof(text + 5, NULL) == value, "%.9g is printed as %s",
               (double)value, text);
    int digits = 1;
    char shortest[40];
    do {
      snprintf(shortest, sizeof shortest, "%.*e", digits++ - 1, (double)value);
    } while (strtof(shortest, NULL) != value);
    int printed = 0, zeros = 0; /* zeros at the end only hold the place */
    for (const char *c = text + 5; *c != 'e' && *c != '}'; c++) {
      bool digit = *c >= '0' && *c <= '9' && (printed || *c != '0');
      printed += digit;
      zeros = *c == '0' ? zeros + digit : 0;
    }
    printed -= zeros;
    MOCK_CHECK(printed == digits - 1 || fabsf(value) < 16777216,
               "%s has more digits than %s", text, shortest);
    free(text);
    mock_fini(&encoder);
  }
}

/* Whole numbers of every length, and one more and less. */
static void check_integers(void)
{
  struct mock encoder;
  int64_t values[4000];
  int count = 0;
  for (int64_t ten = 1, i = 0; i < 19; i++, ten *= i < 19 ? 10 : 1) {
    for (int64_t d = -2; d <= 2; d++) {
      values[count++] = ten + d;
      values[count++] = -(ten + d);
      values[count++] = ten * 9 / 2 + d;
    }
  }
  values[count++] = INT64_MIN;
  values[count++] = INT64_MAX;
  while (count < 4000) {
    values[count++] = (int64_t)random_bits() >> random_bits() % 64;
  }
  for (int type = PERI_T_I64; type <= PERI_T_U64; type++) {
    mock_init(&encoder, json, PERI_K_ENCODER, "json", NULL);
    peri_col column = {.n = count, .data = values, .type = (uint32_t)type};
    peri_str name = PERI_STR("x");
    peri_batch batch = {count, 1, &column, &name, NULL};
    encoder.written.room = (size_t)count * 100;
    encoder.written.at = malloc(encoder.written.room);
    char *text = mock_encode(&encoder, &batch, true);
    const char *at = text;
    for (int i = 0; i < count; i++) {
      char expected[40];
      int len = type == PERI_T_I64 ? snprintf(expected, 40, "{\"x\":%lld}\n",
                                              (long long)values[i])
                                   : snprintf(expected, 40, "{\"x\":%llu}\n",
                                              (unsigned long long)values[i]);
      MOCK_CHECK(strncmp(at, expected, (size_t)len) == 0, "%s and %.40s",
                 expected, at);
      at += len;
    }
    free(text);
    mock_fini(&encoder);
  }
}

void json_check_numbers(const peri_plugin *plugin)
{
  json = plugin;
  struct numbers numbers = {0};
  add_chosen(&numbers);
  add_halves(&numbers, 2000);
  add_random(&numbers, 8000);
  struct mock decoder;
  mock_init(&decoder, plugin, PERI_K_DECODER, "json", NULL);
  check_read(&numbers, &decoder);
  mock_fini(&decoder);
  check_printed(&numbers);
  check_floats();
  check_integers();
  free(numbers.values);
  free(numbers.lines.at);
}
