/* run_test.c - pipelines from source to sink. */
#include "check/check.h"
#include "pipe.h"

#include <string.h>

/* x: 0, 1, ... */
static void numbers(struct pipe *p, const char *count)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", count, NULL);
}

static struct pg_batch *one_number(int64_t number)
{
  return pipe_numbers("x", &number, 1);
}

/* ---------------------------------------------------------------- transforms
 */

static void even(struct pipe *p)
{
  numbers(p, "10");
  pipe_where(p, "is_even(x)");
  pipe_sink(p);
}

static void derived(struct pipe *p)
{
  numbers(p, "3");
  pipe_derive(p, "x", "twice(x)", "y", "x", "z", "7", NULL);
  pipe_sink(p);
}

static void columns(struct pipe *p)
{
  numbers(p, "2");
  pipe_derive(p, "y", "twice(x)", "z", "x", NULL);
  pipe_drop(p, "z", "none", NULL);
  pipe_rename(p, "x", "y", "y", "x", NULL);
  pipe_select(p, "y", "absent", "x", NULL);
  pipe_sink(p);
}

static void renamed_onto(struct pipe *p)
{
  numbers(p, "2");
  pipe_derive(p, "y", "x", NULL);
  pipe_rename(p, "x", "y", NULL);
  pipe_sink(p);
}

static void teed(struct pipe *p)
{
  numbers(p, "4");
  int tee = pipe_tee(p);
  pipe_where(p, "is_even(x)");
  pipe_sink(p);
  pipe_from(p, tee);
  pipe_sink(p);
}

static void routed(struct pipe *p)
{
  numbers(p, "6");
  int route = pipe_route(p, "is_even(x)", NULL);
  pipe_sink(p);
  pipe_from(p, route);
  pipe_sink(p);
}

static void routed_away(struct pipe *p)
{
  numbers(p, "6");
  int route = pipe_route(p, "is_even(x)", "is_even(x)", NULL);
  pipe_sink(p);
  pipe_from(p, route);
  pipe_sink(p); /* what the first took is gone */
  pipe_edge(p, route, -1);
}

static void merged(struct pipe *p)
{
  numbers(p, "6");
  int one = p->last;
  numbers(p, "2");
  int sink = pipe_sink(p);
  pipe_edge(p, one, sink);
}

static struct pg_batch *drop_all(struct pg_batch *batch)
{
  pg_batch_unref(batch);
  return NULL;
}

static void nothing_left(struct pipe *p)
{
  numbers(p, "6");
  pipe_each(p, drop_all);
  pipe_sink(p);
}

static void test_transforms(void)
{
  pipe_expect("where", even, "x=0\nx=2\nx=4\nx=6\nx=8\n");
  pipe_expect("derive sees what came", derived,
              "x=0 y=0 z=7\nx=2 y=1 z=7\nx=4 y=2 z=7\n");
  pipe_expect("select, drop and rename", columns,
              "y=0 absent=null x=0\ny=1 absent=null x=2\n");
  pipe_refuse("rename onto a column", renamed_onto, PG_BAD_INPUT,
              "config.lua:3: rename: column 'y' exists already");
  pipe_expect("tee", teed, "x=0\nx=2\nx=0\nx=1\nx=2\nx=3\n");
  pipe_expect("route", routed, "x=0\nx=2\nx=4\nx=1\nx=3\nx=5\n");
  pipe_expect("route to the first edge that fits", routed_away,
              "x=0\nx=2\nx=4\n");
  pipe_expect("merge", merged, "x=0\nx=1\nx=2\nx=3\nx=0\nx=1\nx=4\nx=5\n");
  pipe_expect("each that keeps nothing", nothing_left, "");
}

/* ------------------------------------------------------------------- kernels
 */

static void kernel(struct pipe *p, const char *name)
{
  pipe_part(p, PERI_K_KERNEL, name, NULL);
}

static void first_of_many(struct pipe *p)
{
  numbers(p, "-1");
  pipe_part(p, PERI_K_KERNEL, "first", "n", "5", NULL);
  pipe_sink(p);
}

/* The branch that wants no more ends at once, the other goes on. */
static void first_of_tee(struct pipe *p)
{
  numbers(p, "7");
  int tee = pipe_tee(p);
  pipe_part(p, PERI_K_KERNEL, "first", "n", "2", NULL);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
  pipe_from(p, tee);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
}

static void whole(struct pipe *p)
{
  numbers(p, "5");
  kernel(p, "backwards");
  pipe_sink(p);
}

static void whole_of_nothing(struct pipe *p)
{
  numbers(p, "0");
  kernel(p, "backwards");
  pipe_sink(p);
}

/* x is i64, the kernels take f64, and the rows go on as they came. */
static void added(struct pipe *p)
{
  numbers(p, "3");
  kernel(p, "half");
  kernel(p, "odd_rows");
  pipe_sink(p);
}

static void absent_input(struct pipe *p)
{
  numbers(p, "1");
  pipe_rename(p, "x", "y", NULL);
  kernel(p, "half");
  pipe_sink(p);
}

static void text_input(struct pipe *p)
{
  static const char *const texts[] = {"a"};
  pipe_batches(p, (struct pg_batch *[]){pipe_texts("x", texts, 1)}, 1);
  kernel(p, "half");
  pipe_sink(p);
}

static void inexact_input(struct pipe *p)
{
  pipe_batches(p, (struct pg_batch *[]){one_number((1ll << 53) + 1)}, 1);
  kernel(p, "half");
  pipe_sink(p);
}

static void flushed(struct pipe *p)
{
  numbers(p, "9");
  kernel(p, "total");
  pipe_sink(p);
}

/* The types of x change: all rows of a kernel come in one batch. */
static void changing(struct pipe *p)
{
  static const int64_t integers[] = {1, 2};
  static const double reals[] = {0.5, 1e300};
  static const char *const texts[] = {"a\"b\n", NULL};
  struct pg_batch *batches[] = {
    pipe_numbers("x", integers, 2), pipe_reals("x", reals, 2),
    pipe_texts("x", texts, 2), pipe_numbers("y", integers, 1)};
  pipe_batches(p, batches, 4);
  kernel(p, "backwards");
  pipe_sink(p);
}

static void test_kernels(void)
{
  pipe_expect("a kernel that ends stops its source", first_of_many,
              "x=0\nx=1\nx=2\nx=3\nx=4\n");
  pipe_expect("only one branch has enough", first_of_tee, "n=2\nn=7\n");
  pipe_expect("all rows at once", whole, "x=4\nx=3\nx=2\nx=1\nx=0\n");
  pipe_expect("all of no rows", whole_of_nothing, "");
  pipe_expect("i64 for a kernel of f64", added, "x=1 half=0.5\n");
  pipe_expect("an absent column is null", absent_input, "y=0 half=null\n");
  pipe_refuse("a text for a number", text_input, PG_BAD_INPUT,
              "config.lua:2: half: expects column 'x' as f64, found str");
  pipe_refuse("a number that is too exact", inexact_input, PG_BAD_INPUT,
              "column 'x': 9007199254740993 cannot be f64 without loss");
  pipe_expect("what a kernel keeps back", flushed, "total=36\n");
  pipe_expect("types that change", changing,
              "x=null y=1\nx=null y=null\nx=\"a\\\"b\\n\" y=null\n"
              "x=1e300 y=null\nx=0.5 y=null\nx=2 y=null\nx=1 y=null\n");
}

/* ------------------------------------------------------------ failures, ends
 */

static void source_fails(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "fail_at", "4", NULL);
  pipe_sink(p);
}

static void script_fails(struct pipe *p)
{
  numbers(p, "10");
  pipe_fail_at(p, pipe_where(p, "is_even(x)"), 1);
  pipe_sink(p);
}

static void sink_fails(struct pipe *p)
{
  numbers(p, "10");
  pipe_fail_at(p, pipe_sink(p), 2);
}

static void bytes_to_rows(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'a'", NULL);
  pipe_sink(p);
}

static void rows_to_bytes(struct pipe *p)
{
  numbers(p, "10");
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1", NULL);
}

static void wrong_parameter(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "step", "0", NULL);
  pipe_sink(p);
}

static void backward_edge(struct pipe *p)
{
  numbers(p, "10");
  pipe_where(p, "is_even(x)");
  pipe_edge(p, p->last, 0);
}

static void test_failures(void)
{
  pipe_refuse("a source", source_fails, PG_IO,
              "config.lua:1: numbers: no more numbers");
  pipe_refuse("the script", script_fails, PG_BAD_INPUT,
              "config.lua:2: where: the script failed");
  pipe_refuse("a sink", sink_fails, PG_BAD_INPUT,
              "config.lua:2: note: the script failed");
  pipe_refuse("bytes without a decoder", bytes_to_rows, PG_BAD_INPUT,
              "config.lua:1: pieces: gives bytes");
  pipe_refuse("rows for a sink of bytes", rows_to_bytes, PG_BAD_INPUT,
              "config.lua:2: pipe: takes bytes, not rows");
  pipe_refuse("a parameter", wrong_parameter, PG_BAD_INPUT,
              "config.lua:1: numbers: ");
  pipe_refuse("an edge backwards", backward_edge, PG_BAD_INPUT,
              "config.lua:2: where: feeds no later node");
}

static void test_closing(void)
{
  struct pipe *p = pipe_new();
  int source = pipe_batches(p, (struct pg_batch *[]){one_number(1)}, 1);
  int sink = pipe_sink(p);
  pipe_fail_at(p, sink, 1);
  CHECK(pipe_run(p) == PG_BAD_INPUT, "%s", p->err.text);
  CHECK(pipe_closed(p, source) == 1 && pipe_closed(p, sink) == 1, "closed");
  CHECK(pipe_opened(p, sink) == 1, "opened");
  CHECK(p->result.rows_in == 1 && p->result.seconds > 0, "counts");
  pipe_free(p);
  p = pipe_new();
  pipe_batches(p, (struct pg_batch *[]){NULL}, 0);
  sink = pipe_sink(p);
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(pipe_opened(p, sink) == 1 && pipe_closed(p, sink) == 1, "no rows");
  pipe_free(p);
}

static void test_the_reader_goes(void)
{
  struct pipe *p = pipe_new();
  numbers(p, "-1");
  pipe_item(p, PERI_K_ENCODER, "json", "json", NULL);
  pipe_part(p, PERI_K_SINK, "pipe", "bytes", "1000", NULL);
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(p->result.rows_out > 0 && p->result.rows_out < 1000, "stopped");
  pipe_free(p);
}

static void test_rejects_of_each(void)
{
  struct pipe *p = pipe_new();
  numbers(p, "8");
  pipe_each(p, NULL);
  int sink = pipe_sink(p);
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  CHECK(strcmp(pipe_text(p, sink), "x=1\nx=2\nx=3\nx=5\nx=6\nx=7\n") == 0, "%s",
        pipe_text(p, sink));
  CHECK(p->result.rejects == 2 && p->result.sample_count == 2, "counted");
  CHECK(strcmp(p->result.samples[0].stream, "config.lua:2: each") == 0, "%s",
        p->result.samples[0].stream);
  CHECK(strcmp(p->result.samples[0].why, "not this one") == 0, "%s",
        p->result.samples[0].why);
  pipe_free(p);
}

int main(void)
{
  test_transforms();
  test_kernels();
  test_failures();
  test_closing();
  test_the_reader_goes();
  test_rejects_of_each();
  return 0;
}
