/* program_test.c - programs of native functions over columns.
 *
 *   program_test [ROUNDS]   of random programs */
#include "flow/program.h"

#include "check/check.h"
#include "check/no_memory.h"
#include "flow/program_mask.h"
#include "program_batch.h"
#include "program_make.h"
#include "program_run.h"
#include "program_tests.h"

#include <pthread.h>
#include <string.h>

static const struct pg_plugin *ops, *probe;

static bool contains(const char *text, const char *part)
{
  return strstr(text, part) != NULL;
}

/* -------------------------------------------------------------- masks */

static void test_masks(void)
{
  for (int64_t n = 0; n <= 200; n++) {
    uint8_t bytes[256], spread[256], kept[256];
    uint64_t mask[4], other[4];
    uint32_t rows[200];
    int share = batch_below(4);
    for (int64_t i = 0; i < 256; i++) {
      bytes[i] = share == 0 ? 0 : share == 1 ? 1 : (uint8_t)batch_below(2);
      kept[i] = 1;
    }
    pg_mask_pack(mask, bytes, n);
    pg_mask_spread(spread, mask, n);
    pg_mask_keep(kept, mask, n);
    int64_t set = 0, found = pg_mask_rows(rows, mask, 1000, n);
    for (int64_t i = 0; i < n; i++) {
      CHECK(pg_mask_bit(mask, i) == bytes[i], "row %d of %d", (int)i, (int)n);
      CHECK(spread[i] == bytes[i] && kept[i] == bytes[i], "row %d", (int)i);
      CHECK(!bytes[i] || (set < found && rows[set] == 1000 + i), "row %d",
            (int)i);
      set += bytes[i];
    }
    for (int noise = 0; noise < 2; noise++) {
      CHECK(found == set && pg_mask_count(mask, n) == set, "%d", (int)n);
      CHECK(pg_mask_rows(rows, mask, 1000, n) == set, "%d", (int)n);
      CHECK(pg_mask_state(mask, n) == (set == 0   ? PG_ROWS_NONE
                                       : set == n ? PG_ROWS_ALL
                                                  : PG_ROWS_SOME),
            "%d", (int)n);
      /* behind row n */
      mask[n >> 6] |= n & 63 ? ~(uint64_t)0 << (n & 63) : 0;
    }
    pg_mask_and(other, mask, NULL, n);
    pg_mask_and(other, other, mask, n);
    pg_mask_add(kept, other, n);
    CHECK(n == 0 || memcmp(kept, bytes, (size_t)n) == 0, "%d", (int)n);
  }
}

/* ------------------------------------------------------- written programs */

static void test_instructions(void)
{
  struct run run = run_begin(run_ops());
  struct make *m = &run.make;
  make_column(m, "x");
  run_expect(&run, "0 -5 null 2 3 500");
  make_column(m, "absent");
  run_expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_NULL, "%u", run.column->type);
  make_i64(m, 7);
  run_expect(&run, "7 7 7 7 7 7");
  make_null(m, PERI_T_STR);
  run_expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_STR, "%u", run.column->type);
  make_call(m, "add_i64", 2, (int[]){make_column(m, "x"), make_i64(m, 1)});
  run_expect(&run, "1 -4 null 3 4 501");
  make_call(m, "mod_i64", 2, (int[]){make_i64(m, 7), make_column(m, "x")});
  run_expect(&run, "null -3 null 1 1 7");
  make_equal(m, "eq_i64", make_column(m, "x"), make_null(m, PERI_T_I64));
  run_expect(&run, "false false true false false false");
  make_equal(m, "eq_str", make_column(m, "s"), make_str(m, "GET"));
  run_expect(&run, "true false false false false false");
  make_equal(m, "eq_str", make_column(m, "absent"), make_null(m, PERI_T_STR));
  run_expect(&run, "true true true true true true");
  make_logic(m, PG_OP_NOT, make_column(m, "s"), -1);
  run_expect(&run, "false false true false false false");
  make_logic(m, PG_OP_TRUTH, make_column(m, "x"), -1);
  run_expect(&run, "true true false true true true");
  int positive =
    make_call(m, "lt_i64", 2, (int[]){make_i64(m, 0), make_column(m, "x")});
  make_logic(m, PG_OP_IF, positive, make_column(m, "s"));
  run_expect(
    &run, "null null null '/api/v1/users/1/items' '/api/v1/users/2/items' ''");
  make_logic(m, PG_OP_OR, make_column(m, "s"), make_str(m, "none at all, no"));
  run_expect(&run, "'GET' 'poison' 'none at all, no' '/api/v1/users/1/items' "
                   "'/api/v1/users/2/items' ''");
  int a = make_column(m, "x");
  int three = make_equal(m, "eq_i64", a, make_i64(m, 3));
  int x_or_not = make_logic(m, PG_OP_IF, three, a);
  int two = make_equal(m, "eq_i64", a, make_i64(m, 2));
  make_logic(m, PG_OP_OR, x_or_not, make_logic(m, PG_OP_IF, two, a));
  run_expect(&run, "null null null 2 3 null");
  make_logic(m, PG_OP_AND, make_column(m, "x"), make_i64(m, 4));
  run_expect(&run, "4 4 null 4 4 4");
  make_logic(m, PG_OP_OR, make_null(m, PERI_T_BOOL), make_bool(m, false));
  run_expect(&run, "false false false false false false");
  run_end(&run);
}

static void test_functions_without_a_loop(void)
{
  struct run run = run_begin(run_probe());
  make_call(&run.make, "half", 1, (int[]){make_column(&run.make, "x")});
  run_expect(&run, "0 null null 1 null 250");
  int s = make_column(&run.make, "s"), text = make_str(&run.make, "12345");
  make_call(&run.make, "longer", 2, (int[]){s, text});
  run_expect(&run, "'12345' 'poison' null '/api/v1/users/1/items' "
                   "'/api/v1/users/2/items' '12345'");
  s = make_column(&run.make, "s");
  make_call(&run.make, "longer", 2, (int[]){s, s});
  run_expect_failure(&run, PG_BAD_INPUT, "function 'longer': both are empty");
  s = make_column(&run.make, "s");
  int guard = run_at_least_0(&run, make_call(&run.make, "picky_len", 1, &s));
  make_logic(&run.make, PG_OP_IF, guard,
             make_call(&run.make, "longer", 2, (int[]){s, s}));
  run_expect(&run, "'GET' 'poison' null '/api/v1/users/1/items' "
                   "'/api/v1/users/2/items' null");
  make_call(&run.make, "seven", 0, NULL);
  run_expect(&run, "7 7 7 7 7 7");
  run_end(&run);
}

/* The poison lies in a row that is null. */
static void test_nulls_are_not_seen(void)
{
  struct run run = run_begin(run_probe());
  int s = make_column(&run.make, "s");
  make_call(&run.make, "same_text", 2, (int[]){s, s});
  run_expect(&run, "true true null true true true");
  static const int64_t x[] = {1, 0};
  static const char *const good[] = {"a", NULL};
  pg_batch_unref(run.batch);
  run.batch = batch_of(2, x, good);
  make_call(&run.make, "picky_text", 1, (int[]){make_column(&run.make, "s")});
  run_expect(&run, "'a' null");
  run_picky(&run, make_column(&run.make, "x"));
  run_expect(&run, "1 null");
  run_end(&run);
}

/* ----------------------------------------------------------------- results */

static void test_columns_are_shared(void)
{
  struct run run = run_begin(run_ops());
  make_column(&run.make, "s");
  CHECK(run_eval(&run) == PG_OK, "%s", run.err.text);
  CHECK(run.column == run.batch->columns[1], "the column was copied");
  run_end(&run);
}

static void test_types(void)
{
  struct run run = run_begin(run_ops());
  struct make *m = &run.make;
  int x = make_column(m, "x");
  make_call(m, "len", 1, &x);
  struct pg_program *program = make_program(m);
  CHECK(pg_program_type(program, run.batch->schema) == PERI_T_NULL, "typed");
  pg_program_unref(program);
  run_expect_failure(&run, PG_BAD_INPUT,
                     "instruction 2: argument 1 of 'len' is a str, not a i64");
  make_logic(m, PG_OP_OR, make_column(m, "x"), make_column(m, "s"));
  run_expect_failure(&run, PG_BAD_INPUT, "instruction 3 joins a i64 and a str");
  make_call(m, "len", 1, (int[]){make_column(m, "absent")});
  run_expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_I64, "%u", run.column->type);
  run_end(&run);
}

/* One program over batches of other schemas. */
static void test_schemas_change(void)
{
  struct run run = run_begin(run_ops());
  struct pg_batch *other = batch_of_types(10);
  make_logic(&run.make, PG_OP_TRUTH, make_column(&run.make, "x"), -1);
  struct pg_program *program = make_program(&run.make);
  uint32_t rows[10];
  for (int i = 0; i < 3; i++) {
    int64_t count;
    CHECK(pg_program_filter(program, run.scratch, run.batch, rows, &count,
                            &run.err) == PG_OK &&
            count == 5,
          "%s", run.err.text);
    CHECK(pg_program_filter(program, run.scratch, other, rows, &count,
                            &run.err) == PG_OK &&
            count == 0,
          "%s", run.err.text);
  }
  pg_program_unref(program);
  pg_batch_unref(other);
  run_end(&run);
}

/* --------------------------------------------------------------- wrong use */

static void refuse(const struct pg_instruction *code, int count,
                   const char *text)
{
  struct pg_program *program = NULL;
  struct pg_error err = {0};
  CHECK(pg_program_new(code, count, &program, &err) == PG_BAD_INPUT &&
          contains(err.text, text) && !program,
        "'%s', not '%s'", err.text, text);
}

static void test_wrong_instructions(void)
{
  struct make m = {.ops = probe};
  int x = make_column(&m, "x");
  refuse(m.code, 0, "needs an instruction");
  make_logic(&m, PG_OP_NOT, 1, -1);
  refuse(m.code, 2, "instruction 2 reads register 2, which is not set yet");
  m.code[1].args[0] = -1;
  refuse(m.code, 2, "reads register 0");
  m.code[1] = (struct pg_instruction){.op = PG_OP_AND, .arg_count = 1};
  refuse(m.code, 2, "instruction 2 has 1 arguments");
  m.code[1] = (struct pg_instruction){.op = PG_OP_CONST, .type = 99};
  refuse(m.code, 2, "instruction 2 has no type");
  m.code[1] = (struct pg_instruction){.op = PG_OP_CALL};
  refuse(m.code, 2, "instruction 2 calls no function");
  m.code[1].arg_count = PG_PROGRAM_ARGS_MAX + 1;
  refuse(m.code, 2, "instruction 2 has 9 arguments");
  m.count = 1;
  make_call(&m, "picky", 2, (int[]){x, x});
  refuse(m.code, 2, "function 'picky' takes 1 arguments, not 2");
  m.count = 1;
  make_call(&m, "impure", 1, &x);
  refuse(m.code, 2, "function 'impure' is not pure");
  m.count = 1;
  make_call(&m, "words", 1, &x);
  refuse(m.code, 2, "gives a 'list_str', which no column can hold");
  m.count = 1;
  make_call(&m, "total", 1, &x);
  refuse(m.code, 2, "takes a 'list_i64', which no column can hold");
  m.count = 1;
  make_equal(&m, "longer", x, x);
  refuse(m.code, 2, "equality is a bool");
  struct pg_plugin_item described = *make_native(probe, "picky");
  described.item = NULL;
  m.code[1] = (struct pg_instruction){
    .op = PG_OP_CALL, .plugin = probe, .native = &described, .arg_count = 1};
  refuse(m.code, 2, "function 'picky' is described, not loaded");
}

static void test_failures_pass(void)
{
  struct run run = run_begin(run_probe());
  run_picky(&run, make_column(&run.make, "x"));
  run_expect_failure(&run, PG_BAD_INPUT, "function 'picky': x is negative");
  make_call(&run.make, "picky", 1, (int[]){make_i64(&run.make, 3)});
  run_expect(&run, "3 3 3 3 3 3");
  int32_t stop = 1;
  pg_scratch_free(run.scratch);
  run.scratch = pg_scratch_new(&stop);
  make_i64(&run.make, 3);
  run_expect_failure(&run, PG_CANCELED, "canceled");
  stop = 0;
  make_i64(&run.make, 3);
  run_expect(&run, "3 3 3 3 3 3");
  run_end(&run);
}

/* ------------------------------------------------------ memory and threads */

static struct pg_batch *typed_batch;

/* type == "GET" and i64 >= 0 or lower(str) == "post": with texts of its own */
static void make_mixed(struct make *m)
{
  int i = make_column(m, "i64_n"), s = make_column(m, "str_n");
  int least = make_call(m, "le_i64", 2, (int[]){make_i64(m, 0), i});
  int get = make_equal(m, "eq_str", s, make_str(m, "GET"));
  int low = make_call(m, "lower", 1, &s);
  int post = make_equal(m, "eq_str", low, make_str(m, "post"));
  make_logic(m, PG_OP_OR, make_logic(m, PG_OP_AND, least, get), post);
}

static bool eval_once(struct pg_scratch *scratch, struct pg_program *program)
{
  struct pg_column *column = NULL;
  uint32_t rows[3000];
  int64_t count;
  struct pg_error err = {0};
  enum pg_status status =
    pg_program_eval(program, scratch, typed_batch, &column, &err);
  pg_column_unref(column);
  if (status == PG_OK) {
    status =
      pg_program_filter(program, scratch, typed_batch, rows, &count, &err);
  }
  CHECK(status == PG_OK || status == PG_NO_MEMORY, "%s", err.text);
  return status == PG_OK;
}

static bool job(void)
{
  struct make m = {.ops = ops};
  struct pg_error err = {0};
  struct pg_program *programs[2] = {0};
  make_mixed(&m);
  bool good = pg_program_new(m.code, m.count, &programs[0], &err) == PG_OK;
  make_logic(&m, PG_OP_IF, m.count - 1,
             make_call(&m, "concat", 2, (int[]){1, 1}));
  good &= pg_program_new(m.code, m.count, &programs[1], &err) == PG_OK;
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  good &= scratch != NULL;
  for (int i = 0; good && i < 2; i++) {
    good = eval_once(scratch, programs[i]);
  }
  pg_scratch_free(scratch);
  pg_program_unref(programs[0]);
  pg_program_unref(programs[1]);
  return good;
}

static void test_without_memory(void)
{
  typed_batch = batch_of_types(3000);
  pg_block_trim();
  no_memory_each(job, pg_block_trim);
  pg_batch_unref(typed_batch);
}

static void test_steady_state_takes_no_memory(void)
{
  struct make m = {.ops = ops};
  struct pg_error err = {0};
  uint32_t rows[5000];
  int64_t count;
  typed_batch = batch_of_types(5000);
  make_mixed(&m);
  struct pg_program *program = make_program(&m);
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  for (int i = 0; i < 4; i++) {
    no_memory_after(i < 2 ? -1 : 0);
    CHECK(pg_program_filter(program, scratch, typed_batch, rows, &count,
                            &err) == PG_OK,
          "%s", err.text);
    CHECK(!no_memory_failed(), "a filter took memory");
  }
  no_memory_after(-1);
  pg_scratch_free(scratch);
  pg_program_unref(program);
  pg_batch_unref(typed_batch);
}

/* More programs than a scratch keeps bound. */
static void test_many_programs(void)
{
  enum { PROGRAMS = 300 };
  struct run run = run_begin(run_ops());
  struct pg_program *programs[PROGRAMS];
  for (int i = 0; i < PROGRAMS; i++) {
    run.make.count = 0;
    make_i64(&run.make, i);
    programs[i] = make_program(&run.make);
  }
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < PROGRAMS; i++) {
      CHECK(pg_program_eval(programs[i], run.scratch, run.batch, &run.column,
                            &run.err) == PG_OK,
            "%s", run.err.text);
      const int64_t *value = pg_column_value(run.column, 0);
      CHECK(*value == i, "%lld, not %d", (long long)*value, i);
      pg_column_unref(run.column);
    }
  }
  run.column = NULL;
  for (int i = 0; i < PROGRAMS; i++) {
    pg_program_unref(programs[i]);
  }
  run_end(&run);
}

static void *run_thread(void *argument)
{
  struct pg_program *program = argument;
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  for (int i = 0; i < 200; i++) {
    CHECK(eval_once(scratch, program), "no memory");
  }
  pg_scratch_free(scratch);
  pg_program_unref(program);
  return NULL;
}

static void test_threads_share_a_program(void)
{
  struct make m = {.ops = ops};
  pthread_t threads[2];
  typed_batch = batch_of_types(3000);
  make_mixed(&m);
  struct pg_program *program = make_program(&m);
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, run_thread,
                         pg_program_ref(program)) == 0,
          "no thread");
  }
  pg_program_unref(program);
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], NULL);
  }
  pg_batch_unref(typed_batch);
}

int main(int argc, char **argv)
{
  ops = run_ops();
  probe = run_probe();
  test_masks();
  test_instructions();
  test_functions_without_a_loop();
  test_nulls_are_not_seen();
  test_columns_are_shared();
  test_types();
  test_schemas_change();
  test_wrong_instructions();
  test_failures_pass();
  test_without_memory();
  test_steady_state_takes_no_memory();
  test_many_programs();
  test_threads_share_a_program();
  test_operands();
  test_texts();
  test_random(ops, argc > 1 ? atoi(argv[1]) : 44);
  return 0;
}
