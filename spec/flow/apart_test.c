/* apart_test.c - functions of the script on workers take turns to learn.  Two
 * workers, by hand, in one thread. */
#include "base/block.h"
#include "check/check.h"
#include "check/no_memory.h"
#include "flow/apart.h"
#include "flow/flow.h"

#include <string.h>

/* A script that calls its column after the first number that it ever sees, and
 * rejects what ends in 9. */
struct script {
  struct pg_script table;
  struct pg_schema *learnt;
  int calls, fails_at;
};

static long long number_of(const struct pg_batch *batch)
{
  return ((const int64_t *)batch->columns[0]->data->bytes)[0];
}

static enum pg_status no_memory(struct pg_error *err)
{
  return pg_fail(err, PG_NO_MEMORY, "no memory");
}

static enum pg_status
process(void *self, int node, struct pg_batch *in, struct pg_batch **out,
        void (*reject)(void *to, int64_t row, const char *why), void *to,
        struct pg_error *err)
{
  struct script *script = self;
  long long first = number_of(in);
  char name[30];
  *out = NULL;
  CHECK(node == 0, "node %d", node);
  if (++script->calls == script->fails_at) {
    return pg_fail(err, PG_BAD_INPUT, "the script failed");
  }
  snprintf(name, sizeof name, "c%lld", first);
  if (!script->learnt) {
    struct pg_field field = {{name, strlen(name)}, PERI_T_I64};
    script->learnt = pg_schema_new(&field, 1);
  }
  if (!script->learnt) {
    return no_memory(err);
  }
  if (first % 10 == 9) {
    reject(to, 0, name);
    return PG_OK;
  }
  struct pg_column *column = pg_column_ref(in->columns[0]);
  *out = pg_batch_of(script->learnt->fields, &column, 1, in->rows, NULL);
  return *out ? PG_OK : no_memory(err);
}

static enum pg_status learnt(void *self, int node, struct pg_schema **schema,
                             struct pg_error *err)
{
  struct script *script = self;
  (void)node;
  (void)err;
  *schema = script->learnt ? pg_schema_ref(script->learnt) : NULL;
  return PG_OK;
}

static enum pg_status learn(void *self, int node,
                            const struct pg_schema *schema,
                            struct pg_error *err)
{
  struct script *script = self;
  (void)node;
  pg_schema_unref(script->learnt);
  script->learnt = schema ? pg_schema_new(schema->fields, schema->count) : NULL;
  return script->learnt || !schema ? PG_OK : no_memory(err);
}

static enum pg_status make_worker(void *self, const struct pg_script **worker,
                                  struct pg_error *err)
{
  (void)self;
  (void)worker;
  (void)err;
  CHECK(false, "no worker is made here");
  return PG_OK;
}

/* What comes out: "c1=1 c1=2 ", names and first numbers. */
static char seen[500];

static enum pg_status note(struct pg_stage *stage, struct pg_batch *batch,
                           struct pg_error *err)
{
  size_t n = strlen(seen);
  (void)stage;
  (void)err;
  snprintf(seen + n, sizeof seen - n, "%s=%lld ",
           batch->schema->fields[0].name.ptr, number_of(batch));
  pg_batch_unref(batch);
  return PG_OK;
}

static const struct pg_stage_ops note_ops = {.batch = note};

/* ------------------------------------------------------------- the two workers
 */

struct world {
  struct script script, scripts[2];
  struct pg_node node;
  struct pg_graph graph;
  struct pg_run_options options;
  struct pg_run_result result;
  struct pg_flow flow;
  struct pg_stage *stage, *copies[2], exit;
  struct pg_failures failures;
  struct pg_error err;
};

static struct pg_stage *open_stage(struct world *w, bool *good)
{
  struct pg_stage *stage = pg_stage_new(&w->flow, 0, NULL);
  *good = *good && stage && pg_stage_open(stage, &w->err) == PG_OK;
  return stage;
}

static bool begin(struct world *w)
{
  static const int outs[] = {1};
  bool good = true;
  *w = (struct world){.node = {.kind = PG_NODE_EACH,
                               .label = "each",
                               .at = "here:1",
                               .outs = outs,
                               .out_count = 1,
                               .parallel = true},
                      .exit = {.ops = &note_ops, .inputs = 1}};
  w->script.table = (struct pg_script){.worker = make_worker};
  w->graph = (struct pg_graph){&w->node, 1, &w->script.table};
  w->options.shown_max = 5;
  w->flow = (struct pg_flow){.graph = &w->graph,
                             .options = &w->options,
                             .result = &w->result,
                             .stages = &w->stage};
  seen[0] = '\0';
  w->stage = open_stage(w, &good);
  for (int i = 0; i < 2; i++) {
    struct script *script = &w->scripts[i];
    *script = (struct script){
      .table = {
        .self = script, .process = process, .learnt = learnt, .learn = learn}};
    w->copies[i] = open_stage(w, &good);
    if (good) {
      CHECK(pg_apart_is(w->copies[i]), "it may be on a worker");
      pg_apart_share(w->copies[i], &script->table);
      w->copies[i]->outs[0] = &w->exit;
    }
  }
  return good;
}

static void end(struct world *w)
{
  pg_stage_free(w->stage);
  for (int i = 0; i < 2; i++) {
    pg_stage_free(w->copies[i]);
    pg_schema_unref(w->scripts[i].learnt);
  }
  pg_failures_fini(&w->failures);
  pg_run_result_fini(&w->result);
}

/* A batch of one number; NULL: no memory. */
static struct pg_batch *batch_of(int64_t number)
{
  static const struct pg_field field = {{"x", 1}, PERI_T_I64};
  struct pg_column *column = pg_column_new(PERI_T_I64, 1);
  if (!column) {
    return NULL;
  }
  column->data = pg_block_new(sizeof number);
  if (!column->data) {
    pg_column_unref(column);
    return NULL;
  }
  memcpy(column->data->bytes, &number, sizeof number);
  return pg_batch_of(&field, &column, 1, 1, NULL);
}

static enum pg_status give(struct world *w, int worker, int64_t number)
{
  struct pg_batch *batch = batch_of(number);
  return batch ? pg_stage_give(w->copies[worker], batch, &w->err)
               : PG_NO_MEMORY;
}

static enum pg_status end_chunk(struct world *w, int worker)
{
  return pg_apart_end(w->copies[worker], &w->failures, &w->err);
}

static enum pg_status chunk(struct world *w, int worker, uint64_t turn,
                            int64_t number)
{
  pg_apart_begin(w->copies[worker], turn);
  enum pg_status status = give(w, worker, number);
  enum pg_status ended = end_chunk(w, worker);
  return status == PG_OK ? ended : status;
}

static void expect(const char *what, const struct world *w, const char *text,
                   int calls)
{
  int made = w->scripts[0].calls + w->scripts[1].calls;
  CHECK(strcmp(seen, text) == 0, "%s: '%s'", what, seen);
  CHECK(made == calls, "%s: %d calls", what, made);
}

/* ------------------------------------------------------------------- the tests
 */

static void test_turns(void)
{
  struct world w;
  CHECK(begin(&w), "%s", w.err.text);
  CHECK(chunk(&w, 0, 0, 1) == PG_OK, "%s", w.err.text);
  CHECK(chunk(&w, 1, 1, 2) == PG_OK, "%s", w.err.text);
  CHECK(chunk(&w, 1, 2, 3) == PG_OK, "%s", w.err.text);
  CHECK(chunk(&w, 0, 3, 4) == PG_OK, "%s", w.err.text);
  expect("one after the other", &w, "c1=1 c1=2 c1=3 c1=4 ", 4);
  end(&w);
}

/* Nothing is learnt from a chunk of no rows; then both begin without. */
static void test_again(void)
{
  struct world w;
  CHECK(begin(&w), "%s", w.err.text);
  pg_apart_begin(w.copies[0], 0);
  CHECK(end_chunk(&w, 0) == PG_OK, "%s", w.err.text);
  pg_apart_begin(w.copies[0], 1);
  pg_apart_begin(w.copies[1], 2);
  CHECK(give(&w, 1, 29) == PG_OK, "%s", w.err.text);
  CHECK(give(&w, 1, 30) == PG_OK, "%s", w.err.text);
  CHECK(give(&w, 0, 10) == PG_OK, "%s", w.err.text);
  CHECK(give(&w, 0, 11) == PG_OK, "%s", w.err.text);
  expect("nothing yet", &w, "", 4);
  CHECK(end_chunk(&w, 0) == PG_OK, "%s", w.err.text);
  expect("the first", &w, "c10=10 c10=11 ", 4);
  CHECK(end_chunk(&w, 1) == PG_OK, "%s", w.err.text);
  expect("the second, again", &w, "c10=10 c10=11 c10=30 ", 6);
  CHECK(w.failures.count == 1 && strcmp(w.failures.list[0].why, "c29") == 0,
        "%d failures", w.failures.count);
  CHECK(pg_failures_count(&w.failures, &w.flow), "counted");
  CHECK(w.result.rejects == 1 && w.result.sample_count == 1 &&
          strcmp(w.result.samples[0].stream, "here:1: each") == 0,
        "%d rejects", (int)w.result.rejects);
  CHECK(chunk(&w, 1, 3, 40) == PG_OK, "%s", w.err.text);
  expect("nothing new", &w, "c10=10 c10=11 c10=30 c10=40 ", 7);
  end(&w);
}

/* What came out before a failure goes on, and so does the turn. */
static void test_failure(void)
{
  struct world w;
  CHECK(begin(&w), "%s", w.err.text);
  w.scripts[0].fails_at = 2;
  pg_apart_begin(w.copies[0], 0);
  CHECK(give(&w, 0, 1) == PG_OK, "%s", w.err.text);
  CHECK(give(&w, 0, 2) == PG_BAD_INPUT, "fails");
  CHECK(strcmp(w.err.text, "the script failed") == 0, "%s", w.err.text);
  CHECK(end_chunk(&w, 0) == PG_OK, "%s", w.err.text);
  CHECK(chunk(&w, 1, 1, 3) == PG_OK, "%s", w.err.text);
  expect("a failure", &w, "c1=1 c1=3 ", 3);
  end(&w);
}

/* Nobody waits for a turn when the run stops. */
static void test_stop(void)
{
  struct world w;
  CHECK(begin(&w), "%s", w.err.text);
  w.flow.stop = 1;
  chunk(&w, 0, 5, 1);
  pg_apart_wake(w.stage);
  end(&w);
}

static bool job(void)
{
  struct world w;
  bool good = begin(&w);
  if (good) {
    pg_apart_begin(w.copies[0], 0);
    good = end_chunk(&w, 0) == PG_OK;
    pg_apart_begin(w.copies[0], 1);
    pg_apart_begin(w.copies[1], 2);
    for (int i = 0; i < 6; i++) {
      good = give(&w, 1, 27 + i) == PG_OK && give(&w, 0, i) == PG_OK && good;
    }
    good = end_chunk(&w, 0) == PG_OK && good;
    good = end_chunk(&w, 1) == PG_OK && good;
    good = pg_failures_count(&w.failures, &w.flow) && good;
  }
  CHECK(!good || strcmp(seen, "c0=0 c0=1 c0=2 c0=3 c0=4 c0=5 "
                              "c0=27 c0=28 c0=30 c0=31 c0=32 ") == 0,
        "'%s'", seen);
  end(&w);
  return good;
}

int main(void)
{
  test_turns();
  test_again();
  test_failure();
  test_stop();
  pg_block_trim();
  no_memory_each(job, pg_block_trim);
  return 0;
}
