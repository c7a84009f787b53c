/* memory_test.c - pipelines that run out of memory, at every place where that
 * can happen. */
#include "base/block.h"
#include "check/check.h"
#include "check/no_memory.h"
#include "pipe.h"

#include <string.h>

static void decoded(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text",
            "'{\"x\":1,\"s\":\"a text of many bytes\"}\n{\"x\":2}\nbad\n"
            "{\"x\":3,\"s\":\"b\"}\n'",
            "size", "20", NULL);
  pipe_need(p, pipe_item(p, PERI_K_DECODER, "json", "json", NULL), true, "none",
            "i64", NULL);
  pipe_where(p, "x");
  pipe_derive(p, "y", "twice(x)", NULL);
  pipe_group(p, "s,y", "n", "count()", "most", "max(s)", NULL);
  pipe_sink(p);
}

static void transformed(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "6", NULL);
  pipe_part(p, PERI_K_KERNEL, "half", NULL);
  pipe_part(p, PERI_K_KERNEL, "odd_rows", NULL);
  pipe_rename(p, "half", "part", NULL);
  pipe_each(p, NULL);
  int tee = pipe_tee(p);
  pipe_part(p, PERI_K_KERNEL, "backwards", NULL);
  pipe_select(p, "part", "none", NULL);
  pipe_sink(p);
  pipe_from(p, tee);
  pipe_route(p, "is_even(x)", NULL);
  pipe_sink(p);
  pipe_edge(p, p->last - 1, -1);
}

/* The types of columns change, in a group and in a kernel of all rows. */
static void changing(struct pipe *p)
{
  static const int64_t integers[] = {1, (1ll << 53) + 1};
  static const double reals[] = {0.5, 1};
  static const char *const texts[] = {"a text of many bytes", NULL};
  struct pg_batch *batches[] = {pipe_numbers("x", integers, 2),
                                pipe_reals("x", reals, 2),
                                pipe_texts("x", texts, 2)};
  pipe_batches(p, batches, 3);
  int tee = pipe_tee(p);
  pipe_part(p, PERI_K_KERNEL, "backwards", NULL);
  pipe_drop(p, "y", NULL);
  pipe_sink(p);
  pipe_from(p, tee);
  pipe_group(p, "x", "n", "count()", NULL);
  pipe_lua_encode(p);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
}

static void encoded(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "6", NULL);
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
}

/* More groups than one batch holds. */
static void many_groups(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "1100", NULL);
  pipe_group(p, "x", "n", "count()", "sum", "sum(x)", NULL);
  pipe_sink(p);
}

/* Rows pass as they stand, and some chunks cannot. */
static void kept(struct pipe *p)
{
  static const peri_field read[] = {{{"x", 1}, PERI_T_NULL, 0}};
  static const peri_member members[] = {{{"s", 1}, {NULL, 0}},
                                        {{"t", 1}, {"u", 1}}};
  static const peri_str added[] = {{"y", 1}};
  pipe_part(p, PERI_K_SOURCE, "pieces", "text",
            "'{\"x\":1,\"s\":\"a text of many bytes\",\"t\":1}\n"
            "{\"x\": 2, \"s\": 1, \"t\": 1.50}\nbad\n{\"t\":1,\"x\":1}\n"
            "{\"x\":3,\"y\":\"b\"}\n{\"x\":2,\"s\":1,\"t\":1}\n'",
            "size", "50", NULL);
  int decode = pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_need(p, decode, true, NULL, NULL);
  p->nodes[decode].kept = read;
  p->nodes[decode].kept_count = 1;
  p->nodes[decode].keep = PERI_KEEP_ALL;
  p->nodes[decode].members = members;
  p->nodes[decode].member_count = 2;
  p->nodes[decode].to = added;
  p->nodes[decode].to_count = 1;
  pipe_drop(p, "s", NULL);
  pipe_derive(p, "y", "twice(x)", NULL);
  pipe_rename(p, "t", "u", NULL);
  int encode = pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  p->nodes[encode].to = added;
  p->nodes[encode].to_count = 1;
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
}

/* The same where columns are chosen. */
static void chosen(struct pipe *p)
{
  static const peri_field read[] = {{{"x", 1}, PERI_T_NULL, 0}};
  static const peri_member members[] = {{{"s", 1}, {"s", 1}},
                                        {{"t", 1}, {"t", 1}}};
  pipe_part(p, PERI_K_SOURCE, "pieces", "text",
            "'{\"x\":1,\"s\":\"a text of many bytes\",\"t\":1}\n"
            "{\"x\":2,\"s\":1,\"t\":1}\n{\"t\":1,\"s\":2}\n'",
            "size", "50", NULL);
  int decode = pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_need(p, decode, false, "x", "null", "s", "null", "t", "null", NULL);
  p->nodes[decode].kept = read;
  p->nodes[decode].kept_count = 1;
  p->nodes[decode].keep = PERI_KEEP_ONLY;
  p->nodes[decode].members = members;
  p->nodes[decode].member_count = 2;
  pipe_where(p, "x");
  pipe_select(p, "s", "t", NULL);
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
}

/* A header is made of the plan's columns before a row comes. */
static void planned(struct pipe *p)
{
  static const peri_str names[] = {{"x", 1}, {"more", 4}};
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "6", NULL);
  pipe_select(p, "x", "more", NULL);
  int encode = pipe_item(p, PERI_K_ENCODER, "csv", "csv", NULL);
  p->nodes[encode].names = names;
  p->nodes[encode].name_count = 2;
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
}

/* A header is made of columns that a decoder found without rows. */
static void found(struct pipe *p)
{
  static const peri_field first[] = {{{"x", 1}, PERI_T_NULL, 0}};
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'x,s,t\n'", "size", "20",
            NULL);
  int decode = pipe_item(p, PERI_K_DECODER, "csv", "csv", NULL);
  pipe_need(p, decode, true, NULL, NULL);
  p->nodes[decode].first = first;
  p->nodes[decode].first_count = 1;
  pipe_where(p, "x");
  pipe_derive(p, "y", "twice(x)", "s", "1", NULL);
  pipe_drop(p, "t", NULL);
  pipe_rename(p, "y", "z", NULL);
  int route = pipe_route(p, "is_even(x)", NULL);
  pipe_select(p, "z", NULL);
  pipe_part(p, PERI_K_KERNEL, "backwards", NULL);
  int encode = pipe_item(p, PERI_K_ENCODER, "csv", "csv", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
  pipe_edge(p, route, encode);
}

/* Columns of later chunks come row by row. */
static void ragged(struct pipe *p)
{
  pipe_file(p, pipe_path("ragged"));
  int decode = pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_need(p, decode, true, NULL, NULL);
  p->nodes[decode].exact = true;
  pipe_item(p, PERI_K_ENCODER, "json", "json", "nulls", "true", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000000", NULL);
}

static void write_ragged(void)
{
  static char text[520000];
  const char *last = "{\"x\":1,\"b\":null}\n{\"a\":1}\n{\"b\":1}\n";
  memset(text, ' ', sizeof text);
  for (size_t at = 9999; at < sizeof text; at += 10000) {
    memcpy(text + at - 8, "{\"x\":0}\n", 9);
  }
  memcpy(text + sizeof text - strlen(last), last, strlen(last));
  pipe_write("ragged", text, sizeof text);
}

/* Runs it with all but allocation n; false: there was no such allocation. */
static bool run_without(const char *what, pipe_build_fn *build, long n)
{
  long before = no_memory_live();
  struct pipe *p = pipe_new();
  build(p);
  no_memory_after(n);
  enum pg_status status = pipe_run(p);
  bool hit = no_memory_failed();
  no_memory_after(-1);
  CHECK(status == PG_OK || (hit && status == PG_NO_MEMORY),
        "%s, allocation %ld: %d, '%s'", what, n, (int)status, p->err.text);
  CHECK(status == PG_OK || strstr(p->err.text, "memory"), "%s", p->err.text);
  pipe_free(p);
  pg_block_trim();
  CHECK(n < 0 || no_memory_live() == before,
        "%s, allocation %ld: %ld blocks stay", what, n,
        no_memory_live() - before);
  return hit;
}

static void run_all(const char *what, pipe_build_fn *build)
{
  long n = 0;
  run_without(what, build, -1); /* what is made once, such as loaded plugins */
  while (run_without(what, build, n)) {
    n++;
  }
  CHECK(n > 20, "%s: only %ld allocations", what, n);
}

int main(void)
{
  run_all("decoded", decoded);
  run_all("transformed", transformed);
  run_all("changing", changing);
  run_all("encoded", encoded);
  run_all("many groups", many_groups);
  run_all("kept", kept);
  run_all("chosen", chosen);
  run_all("planned", planned);
  run_all("found", found);
  write_ragged();
  run_all("ragged", ragged);
  return 0;
}
