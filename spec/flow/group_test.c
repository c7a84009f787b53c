/* group_test.c - groups, their keys and their aggregates. */
#include "check/check.h"
#include "check/no_memory.h"
#include "flow/keys.h"
#include "pipe.h"

#include <math.h>
#include <string.h>

static void read_json(struct pipe *p, const char *text)
{
  char literal[2000];
  snprintf(literal, sizeof literal, "'%s'", text);
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", literal, "size", "24", NULL);
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
}

#define PEOPLE                                                                 \
  "{\"who\":\"ann\",\"x\":1}\n{\"who\":\"bob\",\"x\":2}\n"                     \
  "{\"who\":\"ann\",\"x\":3}\n{\"x\":4}\n{\"who\":\"\",\"x\":5}\n"             \
  "{\"who\":\"somebody with a long name\",\"x\":6}\n{\"x\":7}\n"               \
  "{\"who\":\"somebody with a long nome\",\"x\":8}\n{\"who\":\"bob\"}\n"       \
  "{\"who\":\"somebody with a long name\",\"x\":9}\n"

static void by_text(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_group(p, "who", "n", "count()", "sum", "sum(x)", "most", "max(x)", NULL);
  pipe_sink(p);
}

static void by_two(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_derive(p, "even", "is_even(x)", NULL);
  pipe_group(p, "even,who", "n", "count()", NULL);
  pipe_sink(p);
}

static void by_nothing(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_group(p, "", "n", "count()", "seen", "count(x)", "least", "min(who)",
             NULL);
  pipe_sink(p);
}

static void of_nothing(struct pipe *p)
{
  read_json(p, "");
  pipe_group(p, "", "n", "count()", "sum", "sum(x)", "most", "max(x)", NULL);
  pipe_sink(p);
}

static void of_nobody(struct pipe *p)
{
  read_json(p, "");
  pipe_group(p, "who", "n", "count()", NULL);
  pipe_sink(p);
}

static void of_absent(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_group(p, "none", "n", "count()", "most", "max(nil)", NULL);
  pipe_sink(p);
}

static void only_keys(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_group(p, "who", NULL);
  pipe_sink(p);
}

static void twice_named(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_group(p, "who", "who", "count()", NULL);
  pipe_sink(p);
}

static void script_fails(struct pipe *p)
{
  read_json(p, PEOPLE);
  pipe_fail_at(p, pipe_group(p, "who", "n", "count()", NULL), 1);
  pipe_sink(p);
}

/* The type of x widens in the middle: what came before counts all the same. */
static void widening(struct pipe *p)
{
  read_json(
    p, "{\"k\":1,\"x\":1}\n\n\n\n\n\n\n\n\n\n\n{\"k\":1,\"x\":2}\n\n\n\n\n\n\n"
       "\n{\"k\":1.5,\"x\":0.5}\n\n\n\n\n\n{\"k\":1,\"x\":4}\n\n\n\n\n\n\n\n\n"
       "{\"k\":\"1\",\"x\":1}\n\n\n\n\n\n\n{\"k\":1.0,\"x\":9}\n\n\n\n\n");
  pipe_group(p, "k", "sum", "sum(x)", "n", "count()", NULL);
  pipe_sink(p);
}

static void test_groups(void)
{
  pipe_expect("by a text", by_text,
              "who=ann n=2 sum=4 most=3\nwho=bob n=2 sum=2 most=2\n"
              "who=null n=2 sum=11 most=7\nwho= n=1 sum=5 most=5\n"
              "who=somebody with a long name n=2 sum=15 most=9\n"
              "who=somebody with a long nome n=1 sum=8 most=8\n");
  pipe_expect("by two columns", by_two,
              "even=false who=ann n=2\neven=true who=bob n=1\n"
              "even=true who=null n=1\neven=false who= n=1\n"
              "even=true who=somebody with a long name n=1\n"
              "even=false who=null n=1\n"
              "even=true who=somebody with a long nome n=1\n"
              "even=null who=bob n=1\n"
              "even=false who=somebody with a long name n=1\n");
  pipe_expect("all rows in one", by_nothing, "n=10 seen=9 least=\n");
  pipe_expect("one row of no rows", of_nothing, "n=0 sum=0 most=null\n");
  pipe_expect("no groups of no rows", of_nobody, "");
  pipe_expect("by an absent column", of_absent, "none=null n=10 most=null\n");
  pipe_expect("keys alone", only_keys,
              "who=ann\nwho=bob\nwho=null\nwho=\n"
              "who=somebody with a long name\nwho=somebody with a long nome\n");
  pipe_refuse("a column twice", twice_named, PG_BAD_INPUT,
              "group: column 'who' comes twice");
  pipe_refuse("the script", script_fails, PG_BAD_INPUT,
              "group: the script failed");
  pipe_expect("types that widen", widening,
              "k=1 sum=16 n=4\nk=1.5 sum=0.5 n=1\nk=\"1\" sum=1 n=1\n");
}

/* --------------------------------------------------------- many groups, a file
 */

#define MANY 60013 /* a prime: all keys come in each order */

static char *many_expected;

static void many(struct pipe *p)
{
  pipe_file(p, pipe_path("many"));
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_group(p, "k", "n", "count()", "sum", "sum(x)", NULL);
  pipe_sink(p);
}

/* Every key comes three times, in three orders: the first one must come out. */
static void test_many_groups(void)
{
  char *text = malloc(MANY * 3 * 60), *at = text;
  many_expected = malloc(MANY * 60);
  char *to = many_expected;
  CHECK(text && to, "memory");
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < MANY; i++) {
      int k = (int)((int64_t)i * (round + 7) % MANY);
      at += sprintf(at, "{\"k\":\"key %d%s\",\"x\":%d}\n", k,
                    k % 2 ? " and more of it" : "", k);
      if (round == 0) {
        to += sprintf(to, "k=key %d%s n=3 sum=%d\n", k,
                      k % 2 ? " and more of it" : "", 3 * k);
      }
    }
  }
  pipe_write("many", text, (size_t)(at - text));
  pipe_expect("many groups", many, many_expected);
  free(many_expected);
  free(text);
}

/* ------------------------------------------------------------------------ keys
 */

static struct pg_column *column_of(uint32_t type, const void *values,
                                   size_t width, const uint8_t *is_valid,
                                   int64_t n)
{
  struct pg_build build = {0};
  uint8_t *valid;
  CHECK(pg_build_begin(&build, NULL, NULL), "memory");
  int at = pg_build_column(&build, (peri_str){"k", 1}, type);
  memcpy(pg_build_values(&build, at, n, &valid), values, width * (size_t)n);
  memcpy(valid, is_valid, (size_t)n);
  build.rows = n;
  struct pg_batch *batch = pg_build_finish(&build);
  struct pg_column *column = pg_column_ref(batch->columns[0]);
  pg_batch_unref(batch);
  pg_build_fini(&build);
  return column;
}

/* Numbers of one column, rows 1 and later of it, so that offsets count. */
static void check_numbers(const char *what, uint32_t type, const void *values,
                          size_t width, const uint8_t *valid, int64_t n,
                          const uint32_t *expected)
{
  struct pg_keys keys;
  struct pg_error err;
  uint32_t numbers[64];
  struct pg_column *all = column_of(type, values, width, valid, n);
  struct pg_column *column = pg_column_slice(all, 1, n - 1);
  CHECK(pg_keys_init(&keys, 1), "memory");
  CHECK(pg_keys_number(&keys, &column, n - 1, numbers, &err) == PG_OK, "%s",
        err.text);
  for (int64_t i = 0; i < n - 1; i++) {
    CHECK(numbers[i] == expected[i], "%s, row %d: %u, not %u", what, (int)i,
          numbers[i], expected[i]);
  }
  pg_column_unref(column);
  pg_column_unref(all);
  pg_keys_fini(&keys);
}

static void test_values(void)
{
  static const uint8_t valid[] = {1, 1, 1, 0, 1, 1, 0, 1};
  static const double reals[] = {9, 0.0, -0.0, 5, NAN, -NAN, NAN, 1};
  check_numbers("f64", PERI_T_F64, reals, 8, valid, 8,
                (uint32_t[]){0, 0, 1, 2, 2, 1, 3});
  static const float singles[] = {9, 0.0f, -0.0f, 5, NAN, 1.5f, 7, 1.5f};
  check_numbers("f32", PERI_T_F32, singles, 4, valid, 8,
                (uint32_t[]){0, 0, 1, 2, 3, 1, 3});
  static const int8_t bytes[] = {9, -1, 0, 0, -1, 1, 0, 0};
  check_numbers("i8", PERI_T_I8, bytes, 1, valid, 8,
                (uint32_t[]){0, 1, 2, 0, 3, 2, 1});
  static const uint8_t bools[] = {0, 1, 0, 1, 1, 0, 0, 1};
  check_numbers("bool", PERI_T_BOOL, bools, 1, valid, 8,
                (uint32_t[]){0, 1, 2, 0, 1, 2, 0});
  static const uint64_t large[] = {9, UINT64_MAX, 1, 0, UINT64_MAX, 0, 1, 1};
  check_numbers("u64", PERI_T_U64, large, 8, valid, 8,
                (uint32_t[]){0, 1, 2, 0, 3, 2, 1});
}

/* What lies behind a short text in its view must not matter, nor where a long
 * one lies. */
static void test_views(void)
{
  peri_view views[6];
  memset(views, 0xA5, sizeof views);
  const uint8_t valid[] = {1, 1, 1, 1, 0, 1};
  for (int i = 0; i < 6; i++) {
    memset(views[i].u.in, 0xA0 + i, 12);
    views[i].len = i == 4 ? 1000000 : 2;
    memcpy(views[i].u.in, i == 3 ? "ac" : "ab", 2);
  }
  check_numbers("short texts", PERI_T_STR, views, sizeof *views, valid, 6,
                (uint32_t[]){0, 0, 1, 2, 0});
  struct pg_keys keys;
  struct pg_error err;
  uint32_t numbers[4];
  CHECK(pg_keys_init(&keys, 1), "memory");
  for (int round = 0; round < 2; round++) { /* their memory goes in between */
    struct pg_batch *batch =
      pipe_texts("k",
                 (const char *[]){"a text of more than 12 bytes",
                                  "a text of more than 12 bites",
                                  "a text of more than 12 bytes", "a"},
                 4);
    CHECK(pg_keys_number(&keys, batch->columns, 4, numbers, &err) == PG_OK,
          "%s", err.text);
    CHECK(numbers[0] == 0 && numbers[1] == 1 && numbers[2] == 0 &&
            numbers[3] == 2,
          "long texts");
    pg_batch_unref(batch);
  }
  CHECK(keys.count == 3, "%u keys", keys.count);
  pg_keys_fini(&keys);
}

static bool number_without_memory(void)
{
  struct pg_keys keys;
  struct pg_error err;
  int64_t values[3000];
  uint32_t numbers[3000];
  struct pg_batch *texts =
    pipe_texts("k", (const char *[]){"a text of more than 12 bytes", NULL}, 2);
  for (int i = 0; i < 3000; i++) {
    values[i] = i;
  }
  struct pg_batch *batch = pipe_numbers("k", values, 3000);
  bool good =
    pg_keys_init(&keys, 1) &&
    pg_keys_number(&keys, batch->columns, 3000, numbers, &err) == PG_OK &&
    pg_keys_number(&keys, texts->columns, 2, numbers, &err) == PG_OK;
  CHECK(!good ||
          (keys.count == 3002 && numbers[0] == 3000 && numbers[1] == 3001),
        "%u keys", keys.count);
  pg_keys_fini(&keys);
  pg_batch_unref(batch);
  pg_batch_unref(texts);
  return good;
}

int main(void)
{
  test_groups();
  test_many_groups();
  test_values();
  test_views();
  CHECK(number_without_memory(), "with memory");
  return 0;
}
