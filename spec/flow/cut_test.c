/* cut_test.c - one worker reads while another cuts: what came before a failure,
 * and records of all lengths, as from one worker. */
#include "base/io.h"
#include "check/check.h"
#include "pipe.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)12 << 20)

static char *text;
static size_t size;
static struct pg_io system_io;
static atomic_int reads;  /* of this run */
static uint64_t stops_at; /* the file, */
static int stops_with;    /* with this answer to a read */

/* --------------------------------------------------------------------- inputs
 */

/* A field with quotes, a separator and a line break in it; every `bad`th does
 * not end where it should. */
static void add_record(int number, size_t len, bool bad)
{
  size +=
    (size_t)sprintf(text + size, "%d,\"a \"\"b\"\", %d\n", number, number);
  memset(text + size, 'x', len);
  size += len;
  size += (size_t)sprintf(text + size, "%s,%zu\n", bad ? "\"!" : "\"", len);
}

static void write_records(const char *name, const size_t *lens, int count,
                          size_t until, int bad)
{
  size = (size_t)sprintf(text, "n,text,len\n");
  for (int i = 0; size < until; i++) {
    add_record(i, lens[i % count], bad > 0 && i % bad == bad - 1);
  }
  pipe_write(name, text, size);
}

static const size_t short_lens[] = {3, 0, 200, 40, 7, 70};
static const size_t long_lens[] = {10, 20000, 300, 15000, 90000, 16384};
static const size_t huge_lens[] = {300000, 5, 700000, 30000, 2500000, 100};

#define WRITE(name, lens, until, bad)                                          \
  write_records(name, lens, sizeof(lens) / sizeof *(lens), until, bad)

static const char *input;

static void records(struct pipe *p)
{
  pipe_file(p, pipe_path(input));
  pipe_item(p, PERI_K_DECODER, "csv", "csv", NULL);
  pipe_sink(p);
}

static void two_files(struct pipe *p)
{
  pipe_file(p, pipe_path("short"));
  int one = p->last;
  pipe_file(p, pipe_path("long"));
  int decode = pipe_item(p, PERI_K_DECODER, "csv", "csv", NULL);
  pipe_edge(p, one, decode);
  pipe_sink(p);
}

static int fail_at;

static void decoder_fails(struct pipe *p)
{
  pipe_file(p, pipe_path("long"));
  pipe_fail_at(p, pipe_lua_decode(p), fail_at);
  pipe_sink(p);
}

/* ---------------------------------------------------------------- one and many
 */

struct outcome {
  enum pg_status status;
  struct pg_error err;
  uint64_t rows, rejects;
  char *noted; /* owned */
};

static struct outcome run(pipe_build_fn *build, int workers)
{
  struct pipe *p = pipe_new();
  build(p);
  p->options.workers = workers;
  struct outcome outcome = {.status = pipe_run(p)};
  outcome.err = p->err;
  outcome.rows = p->result.rows_in;
  outcome.rejects = p->result.rejects;
  outcome.noted = strdup(pipe_text(p, p->count - 1));
  pipe_free(p);
  return outcome;
}

static void same_with_workers(const char *what, pipe_build_fn *build,
                              enum pg_status status, const char *message)
{
  struct outcome one = run(build, 1);
  CHECK(one.status == status && strstr(one.err.text, message), "%s: %d, '%s'",
        what, (int)one.status, one.err.text);
  CHECK(one.rows > 4, "%s: %d rows", what, (int)one.rows);
  for (int i = 0; i < 12; i++) {
    int workers = 2 + i % 4;
    struct outcome other = run(build, workers);
    CHECK(other.status == status && !strcmp(one.err.text, other.err.text),
          "%s, %d workers: '%s'", what, workers, other.err.text);
    CHECK(one.rows == other.rows && one.rejects == other.rejects,
          "%s, %d workers: %d and %d rows", what, workers, (int)one.rows,
          (int)other.rows);
    CHECK(!strcmp(one.noted, other.noted), "%s, %d workers: other rows", what,
          workers);
    free(other.noted);
  }
  free(one.noted);
}

static void test_lengths(void)
{
  static const char *const names[] = {"short", "long", "huge"};
  for (int i = 0; i < 3; i++) {
    input = names[i];
    same_with_workers(input, records, PG_OK, "");
  }
  same_with_workers("two files", two_files, PG_OK, "");
}

/* -------------------------------------------------------------------- failures
 */

static bool is_gone(int fd, uint64_t at)
{
  return system_io.length(fd) > (int64_t)stops_at && at >= stops_at;
}

/* Every third read gives less than it could. */
static size_t most(size_t n)
{
  return atomic_fetch_add(&reads, 1) % 3 == 2 ? n / 2 + 1 : n;
}

static int64_t some_read(int fd, void *bytes, size_t n)
{
  bool gone = n > 0 && is_gone(fd, (uint64_t)lseek(fd, 0, SEEK_CUR));
  return gone ? stops_with : system_io.read(fd, bytes, n > 0 ? most(n) : 0);
}

static int64_t some_read_at(int fd, void *bytes, size_t n, uint64_t at)
{
  if (is_gone(fd, at)) {
    return stops_with;
  }
  n = at + n > stops_at ? (size_t)(stops_at - at) : n;
  return system_io.read_at(fd, bytes, most(n), at);
}

static int no_descriptor(int fd)
{
  (void)fd;
  return -EMFILE;
}

/* All that was read before is there, whoever reads and cuts it. */
static void test_failures(void)
{
  system_io = *pg_io_get();
  struct pg_io faulty = system_io;
  faulty.read = some_read;
  faulty.read_at = some_read_at;
  pg_io_set(&faulty);
  input = "good";
  stops_at = UINT64_MAX / 2;
  same_with_workers("short reads", records, PG_OK, "");
  for (stops_at = 300000; stops_at < 3000000; stops_at += 700000) {
    stops_with = 0;
    same_with_workers("a file that becomes shorter", records, PG_OK, "");
    stops_with = -EIO;
    same_with_workers("a read that fails", records, PG_IO,
                      "config.lua:1: file: cannot read '");
  }
  stops_at = UINT64_MAX / 2;
  faulty.duplicate = no_descriptor;
  same_with_workers("no descriptor", records, PG_IO, "Too many open files");
  pg_io_set(NULL);
  for (fail_at = 2; fail_at < 5; fail_at++) {
    same_with_workers("a decoder that fails", decoder_fails, PG_BAD_INPUT,
                      "decode: the script failed");
  }
}

int main(void)
{
  text = malloc(TEXT_MAX);
  CHECK(text, "memory");
  WRITE("short", short_lens, 3000000, 50);
  WRITE("long", long_lens, 4000000, 50);
  WRITE("huge", huge_lens, 8000000, 50);
  WRITE("good", short_lens, 3000000, 0);
  free(text);
  test_lengths();
  test_failures();
  return 0;
}
