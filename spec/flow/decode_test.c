/* decode_test.c - bytes in pieces, streams, rejects; and back to bytes. */
#include "base/block.h"
#include "check/check.h"
#include "flow/stream.h"
#include "pipe.h"

#include <string.h>

/* The decoder as one that must not be copied: the reader decodes. */
static int alone(struct pipe *p, int decode)
{
  static struct pg_plugin_item items[4];
  static int next;
  struct pg_plugin_item *item = &items[next++ % 4];
  *item = *p->nodes[decode].item;
  item->flags &= ~PERI_STATELESS;
  p->nodes[decode].item = item;
  return decode;
}

static int lines(struct pipe *p)
{
  return pipe_item(p, PERI_K_DECODER, "lines", "lines", NULL);
}

static int json(struct pipe *p)
{
  return pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
}

/* ---------------------------------------------------------------------- pieces
 */

static const char *size_text = "1", *flags_text = "true", *again_text = "false";

static void pieces(struct pipe *p, const char *literal)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", literal, "size", size_text,
            "flags", flags_text, "again", again_text, NULL);
}

static void three_streams(struct pipe *p)
{
  pieces(p, "'a\nbb\n\nlonger than twelve\nend|second|\nlast\n'");
  lines(p);
  pipe_sink(p);
}

static void one_stream(struct pipe *p)
{
  pieces(p, "'a\nbb\n\nlonger than twelve bytes\nend'");
  lines(p);
  pipe_sink(p);
}

static void empty_streams(struct pipe *p)
{
  pieces(p, "'||a||'");
  lines(p);
  pipe_sink(p);
}

/* The reader decodes, workers do the rest. */
static void decoded_alone(struct pipe *p)
{
  pieces(p, "'a\nlong one\nbb\nlonger|short\nlast'");
  alone(p, lines(p));
  pipe_where(p, "is_long(line)");
  pipe_sink(p);
}

static void in_lua(struct pipe *p)
{
  pieces(p, "'a\nbb\nlast'");
  pipe_lua_decode(p);
  pipe_where(p, "is_long(line)");
  pipe_sink(p);
}

static void test_pieces(void)
{
  static const char *const sizes[] = {"1", "2", "3", "5", "17", "0"};
  for (int i = 0; i < 6; i++) {
    size_text = sizes[i];
    for (int again = 0; again < 2; again++) {
      again_text = again ? "true" : "false";
      flags_text = "true";
      pipe_expect("streams", three_streams,
                  "line=a\nline=bb\nline=\nline=longer than twelve\n"
                  "line=end\nline=second\nline=\nline=last\n");
      pipe_expect("empty streams", empty_streams, "line=a\n");
      pipe_expect("a decoder that works alone", decoded_alone,
                  "line=long one\nline=longer\nline=short\nline=last\n");
      pipe_expect("a decoder in Lua", in_lua, "line=last\n");
      flags_text = "false";
      pipe_expect("a source that tells no streams", one_stream,
                  "line=a\nline=bb\nline=\nline=longer than twelve bytes\n"
                  "line=end\n");
    }
  }
  size_text = "0";
  flags_text = "true";
  again_text = "false";
}

static void lua_decoder_fails(struct pipe *p)
{
  pieces(p, "'a'");
  pipe_fail_at(p, pipe_lua_decode(p), 1);
  pipe_sink(p);
}

static void two_sources(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'a,b\n1,2\n3,4\n'", "size",
            "5", NULL);
  int one = p->last;
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'b,a\n5,6\n7,8\n'", "size",
            "5", NULL);
  int decode = pipe_item(p, PERI_K_DECODER, "csv", "csv", "sample", "1", NULL);
  pipe_edge(p, one, decode);
  pipe_select(p, "a", "b", NULL);
  pipe_sink(p);
}

/* One decoder copied to workers, one that works alone: the order is that of one
 * thread. */
static void two_decoders(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'{\"x\":1}\n{\"x\":2}\n'",
            "size", "8", NULL);
  int one = json(p);
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'x\n3\n4\n'", "size", "4",
            NULL);
  alone(p, pipe_item(p, PERI_K_DECODER, "csv", "csv", "sample", "1", NULL));
  int sink = pipe_sink(p);
  pipe_edge(p, one, sink);
}

static void test_sources(void)
{
  pipe_refuse("a decoder in Lua that fails", lua_decoder_fails, PG_BAD_INPUT,
              "config.lua:2: decode: the script failed");
  pipe_expect("two sources of one decoder", two_sources,
              "a=1 b=2\na=6 b=5\na=3 b=4\na=8 b=7\n");
  pipe_expect("two decoders", two_decoders, "x=1\nx=3\nx=2\nx=4\n");
}

/* ---------------------------------------------------------------- large inputs
 */

static char *large_text(size_t lines, size_t *size)
{
  char *text = malloc(lines * 40), *at = text;
  CHECK(text, "memory");
  for (size_t i = 0; i < lines; i++) {
    at +=
      sprintf(at, "line %zu of many%.*s\n", i, (int)(i % 13), "............");
  }
  *size = (size_t)(at - text);
  return text;
}

static char *expected_large;

static void large_file(struct pipe *p)
{
  pipe_file(p, pipe_path("large"));
  lines(p);
  pipe_sink(p);
}

static void test_large_files(void)
{
  size_t size, count = 150000;
  char *text = large_text(count, &size);
  pipe_write("large", text, size);
  expected_large = malloc(size + count * 5 + 1);
  char *to = expected_large;
  for (char *at = text; at < text + size;) {
    char *newline = memchr(at, '\n', size);
    to += sprintf(to, "line=%.*s\n", (int)(newline - at), at);
    at = newline + 1;
  }
  pipe_expect("a file of several chunks", large_file, expected_large);
  free(expected_large);
  free(text);
}

#define LONG_BYTES ((size_t)40 << 20)

/* One line that is far larger than a chunk, between two small ones. */
static void test_a_long_line(int workers)
{
  size_t size = LONG_BYTES + 16, written;
  char *text = malloc(size), out[220];
  CHECK(text, "memory");
  memset(text, 'x', size);
  memcpy(text, "first\n", 6);
  memcpy(text + size - 10, "\ny last row", 10);
  pipe_write("long", text, size);
  snprintf(out, sizeof out, "'%s'", pipe_path("long.json"));
  struct pipe *p = pipe_new();
  pipe_file(p, pipe_path("long"));
  lines(p);
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_item(p, PERI_K_SINK, "files", "file", "path", out, NULL);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(p->result.rows_in == 3 && p->result.bytes_in == size, "%d rows",
        (int)p->result.rows_in);
  char *found = pipe_read("long.json", &written);
  CHECK(written == size - 2 + 3 * strlen("{\"line\":\"\"}\n"), "%zu", written);
  CHECK(memcmp(found, "{\"line\":\"first\"}\n{\"line\":\"xxx", 29) == 0,
        "%.30s", found);
  CHECK(strcmp(found + written - 21, "{\"line\":\"y last ro\"}\n") == 0, "%s",
        found + written - 21);
  free(found);
  free(text);
  pipe_free(p);
  pg_block_trim();
  CHECK(pg_block_live_bytes() == 0, "%zu bytes live", pg_block_live_bytes());
}

/* --------------------------------------------------------------------- rejects
 */

/* Lines of JSON with one malformed in every `bad`. */
static char *json_lines(size_t lines, size_t bad, size_t *size)
{
  char *text = malloc(lines * 40 + 1), *at = text;
  CHECK(text, "memory");
  for (size_t i = 1; i <= lines; i++) {
    at += sprintf(at, i % bad == 0 ? "{\"x\":%zu,}\n" : "{\"x\":%zu}\n", i);
  }
  *size = (size_t)(at - text);
  return text;
}

static void check_sample(const struct pg_reject_sample *sample,
                         const char *stream, int64_t line, const char *text)
{
  CHECK(strcmp(sample->stream, stream) == 0, "%s", sample->stream);
  CHECK(sample->line == line, "line %lld, not %lld", (long long)sample->line,
        (long long)line);
  CHECK(strcmp(sample->text, text) == 0, "%s", sample->text);
  CHECK(strlen(sample->why) > 0, "why");
}

/* The second malformed row comes chunks after the first. */
static void test_rejects_of_a_file(int workers)
{
  size_t size, lines_count = 300000, bad = 140001;
  char *text = json_lines(lines_count, bad, &size);
  const char *path = pipe_write("bad.json", text, size);
  struct pipe *p = pipe_new();
  pipe_file(p, path);
  p->nodes[json(p)].rejects_path = pipe_path("rejects");
  pipe_group(p, "", "n", "count()", NULL);
  int sink = pipe_sink(p);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(strcmp(pipe_text(p, sink), "n=299998\n") == 0, "%s",
        pipe_text(p, sink));
  CHECK(p->result.rejects == 2 && p->result.sample_count == 2, "%d",
        (int)p->result.rejects);
  check_sample(&p->result.samples[0], path, 140001, "{\"x\":140001,}");
  check_sample(&p->result.samples[1], path, 280002, "{\"x\":280002,}");
  CHECK(text[p->result.samples[1].byte] == '{' &&
          strncmp(text + p->result.samples[1].byte, "{\"x\":280002,}", 13) == 0,
        "byte");
  size_t written;
  char *rejects = pipe_read("rejects", &written);
  CHECK(strcmp(rejects, "{\"x\":140001,}\n{\"x\":280002,}\n") == 0, "%s",
        rejects);
  free(rejects);
  pipe_free(p);
  free(text);
}

/* A pipe cannot be read again: its lines are counted as they go by. */
static void test_rejects_of_a_pipe(int workers)
{
  struct pipe *p = pipe_new();
  size_text = "8";
  pieces(p, "'{\"x\":1}\n{\"x\":2}\nbad\n{\"x\":3}\nworse\nworst|no\n'");
  size_text = "0";
  json(p);
  pipe_sink(p);
  p->options.workers = workers;
  p->options.shown_max = 3;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(p->result.rejects == 4 && p->result.sample_count == 3, "%d",
        (int)p->result.rejects);
  check_sample(&p->result.samples[0], "one", 3, "bad");
  check_sample(&p->result.samples[1], "one", 5, "worse");
  check_sample(&p->result.samples[2], "one", 6, "worst");
  pipe_free(p);
}

/* The lines of what was packed are not those of the file. */
static void test_rejects_of_another_file(void)
{
  struct pg_stream *stream = pg_stream_new((peri_str){"/dev/null", 9}, 0, true);
  peri_chunk chunk = {.bytes = "a\nb\n", .len = 4, .offset = 100};
  CHECK(pg_stream_line(stream, &chunk, 2) == 0, "not known");
  pg_stream_unref(stream);
  char text[700];
  for (size_t n = 0; n < sizeof text; n++) {
    text[n] = n % 3 == 0 ? '\n' : 'x';
    CHECK(pg_stream_count(text, n + 1) == n / 3 + 1, "%zu", n);
  }
}

static void stops(struct pipe *p)
{
  pieces(p, "'{\"x\":1}\n{\"x\":2}\nbad\n{\"x\":3}\n'");
  p->nodes[json(p)].stop_on_reject = true;
  pipe_sink(p);
}

static void unwritable(struct pipe *p)
{
  pieces(p, "'{\"x\":1}\n'");
  p->nodes[json(p)].rejects_path = "/nowhere/rejects";
  pipe_sink(p);
}

static void test_absent(int workers)
{
  struct pipe *p = pipe_new();
  pieces(p, "'{\"x\":1,\"w\":1}\n{\"x\":2}\n'");
  pipe_need(p, json(p), false, "x", "i64", "y", "str", "z", "null", NULL);
  int sink = pipe_sink(p);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(strcmp(pipe_text(p, sink), "x=1\nx=2\n") == 0, "%s",
        pipe_text(p, sink));
  const struct pg_names *absent = &p->result.absent;
  CHECK(absent->count == 2 && strcmp(absent->list[0], "y") == 0 &&
          strcmp(absent->list[1], "z") == 0,
        "%d absent", absent->count);
  const struct pg_names *present = &p->result.present;
  CHECK(present->count == 2 && strcmp(present->list[0], "x") == 0 &&
          strcmp(present->list[1], "w") == 0,
        "%d present", present->count);
  pipe_free(p);
  p = pipe_new();
  pieces(p, "''");
  pipe_need(p, json(p), false, "x", "i64", NULL);
  pipe_sink(p);
  CHECK(pipe_run(p) == PG_OK && p->result.absent.count == 0, "no rows");
  pipe_free(p);
}

/* -------------------------------------------------------------- order, columns
 */

/* Each chunk brings its columns in another order, and new ones. */
static void found_columns(struct pipe *p)
{
  size_text = "16";
  pieces(p, "'{\"a\":1}\n\n\n\n\n\n\n\n\n"
            "{\"b\":2,\"a\":3}\n\n\n"
            "{\"c\":4}\n\n\n\n\n\n\n\n\n"
            "{\"a\":\"t\"}\n\n\n\n\n\n\n"
            "{\"c\":5,\"b\":6}\n\n\n'");
  size_text = "0";
  json(p);
  pipe_sink(p);
}

static void no_columns(struct pipe *p)
{
  pieces(p, "'{\"a\":1}\n{\"a\":2}\nbad\n{}\n'");
  pipe_need(p, json(p), false, NULL, NULL);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
}

static void test_columns(void)
{
  pipe_expect("columns in the order of the stream", found_columns,
              "a=1\na=3 b=2\na=null b=null c=4\na=t b=null c=null\n"
              "a=null b=6 c=5\n");
  pipe_expect("rows without columns", no_columns, "n=3\n");
}

/* -------------------------------------------------------------------- encoding
 */

static void test_encoding(int workers)
{
  size_t size, written;
  char *text = json_lines(50000, 60000, &size);
  pipe_write("in.json", text, size);
  char out[220];
  snprintf(out, sizeof out, "'%s'", pipe_path("out.json"));
  struct pipe *p = pipe_new();
  pipe_file(p, pipe_path("in.json"));
  json(p);
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_item(p, PERI_K_SINK, "files", "file", "path", out, NULL);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  char *found = pipe_read("out.json", &written);
  CHECK(written == size && memcmp(found, text, size) == 0, "%zu bytes",
        written);
  CHECK(p->result.rows_out == 50000 && p->result.rows_in == 50000, "%d rows",
        (int)p->result.rows_out);
  free(found);
  free(text);
  pipe_free(p);
}

static void test_encoding_in_lua(void)
{
  char out[220];
  size_t size;
  snprintf(out, sizeof out, "'%s'", pipe_path("out.txt"));
  struct pipe *p = pipe_new();
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "3", NULL);
  pipe_lua_encode(p);
  pipe_item(p, PERI_K_SINK, "files", "file", "path", out, NULL);
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  char *found = pipe_read("out.txt", &size);
  CHECK(strcmp(found, "x=0\nx=1\nx=2\nend\n") == 0, "%s", found);
  free(found);
  pipe_free(p);
}

int main(void)
{
  test_pieces();
  test_sources();
  test_large_files();
  pipe_refuse("a malformed row stops it", stops, PG_BAD_INPUT,
              "config.lua:2: json: one:3: ");
  pipe_refuse("no file for rejects", unwritable, PG_IO,
              "config.lua:2: json: cannot open '/nowhere/rejects'");
  for (int workers = 1; workers <= 3; workers += 2) {
    test_a_long_line(workers);
    test_rejects_of_a_file(workers);
    test_rejects_of_a_pipe(workers);
    test_absent(workers);
    test_encoding(workers);
  }
  test_rejects_of_another_file();
  test_columns();
  test_encoding_in_lua();
  return 0;
}
