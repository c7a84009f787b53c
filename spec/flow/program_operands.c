/* program_operands.c - second operands, and for which rows they run. */
#include "check/check.h"
#include "program_batch.h"
#include "program_run.h"
#include "program_tests.h"

#include <stdlib.h>
#include <string.h>

static void test_operands_run_where_needed(void)
{
  struct run run = run_begin(run_probe());
  struct make *m = &run.make;
  int x = make_column(m, "x");
  run_picky(&run, x);
  run_expect_failure(&run, PG_BAD_INPUT, "function 'picky': x is negative");

  x = make_column(m, "x");
  int good = run_at_least_0(&run, x);
  make_logic(m, PG_OP_IF, good, run_picky(&run, x));
  run_expect(&run, "0 null null 2 3 500");

  x = make_column(m, "x");
  good = run_at_least_0(&run, x);
  int truth = make_logic(m, PG_OP_TRUTH, run_picky(&run, x), -1);
  make_logic(m, PG_OP_AND, good, truth);
  run_expect(&run, "true false null true true true");

  x = make_column(m, "x");
  int bad = make_logic(m, PG_OP_NOT, run_at_least_0(&run, x), -1);
  truth = make_logic(m, PG_OP_TRUTH, run_picky(&run, x), -1);
  make_logic(m, PG_OP_OR, bad, truth);
  run_expect(&run, "true true true true true true");

  /* two guards, one within the other */
  x = make_column(m, "x");
  good = run_at_least_0(&run, x);
  int has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  int inner = make_logic(m, PG_OP_IF, has, run_picky(&run, x));
  make_logic(m, PG_OP_IF, good, inner);
  run_expect(&run, "0 null null 2 3 500");

  /* the inner one is known before the outer one */
  x = make_column(m, "x");
  has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  int early = make_call(m, "half", 1, &x);
  good = run_at_least_0(&run, x);
  inner = make_logic(m, PG_OP_IF, has, early);
  make_logic(m, PG_OP_IF, good, inner);
  run_expect(&run, "0 null null 1 null 250");

  /* nothing is null, but some rows are not needed */
  x = make_logic(m, PG_OP_OR, make_column(m, "x"), make_i64(m, -7));
  good = run_at_least_0(&run, x);
  make_logic(m, PG_OP_IF, good, run_picky(&run, x));
  run_expect(&run, "0 null null 2 3 500");

  /* what both operands need runs everywhere */
  x = make_column(m, "x");
  int both = run_picky(&run, x);
  make_logic(m, PG_OP_AND, make_logic(m, PG_OP_TRUTH, both, -1),
             make_logic(m, PG_OP_TRUTH, both, -1));
  run_expect_failure(&run, PG_BAD_INPUT, "x is negative");

  /* the operand comes before what decides about it: it runs everywhere */
  x = make_column(m, "x");
  early = run_picky(&run, x);
  make_logic(m, PG_OP_IF, run_at_least_0(&run, x), early);
  run_expect_failure(&run, PG_BAD_INPUT, "x is negative");

  /* what nobody needs does not run at all */
  run_picky(&run, make_column(m, "x"));
  make_i64(m, 1);
  run_expect(&run, "1 1 1 1 1 1");
  run_end(&run);
}

/* No row is left for the second operand. */
static void test_operands_are_left_out(void)
{
  static const int64_t x[] = {-1, -2, -3};
  static const char *const s[] = {"poison", "poison", "poison"};
  struct run run = run_begin(run_probe());
  struct make *m = &run.make;
  pg_batch_unref(run.batch);
  run.batch = batch_of(3, x, s);
  int good = run_at_least_0(&run, make_column(m, "x"));
  int text = make_call(m, "picky_text", 1, (int[]){make_column(m, "s")});
  make_logic(m, PG_OP_IF, good, text);
  run_expect(&run, "null null null");
  int s_column = make_column(m, "s");
  make_logic(m, PG_OP_OR, s_column, make_call(m, "picky_text", 1, &s_column));
  run_expect(&run, "'poison' 'poison' 'poison'");
  int c = make_column(m, "x");
  good = run_at_least_0(&run, c);
  make_logic(m, PG_OP_AND, good,
             make_logic(m, PG_OP_TRUTH, run_picky(&run, c), -1));
  run_expect(&run, "false false false");
  /* nor for what lies within it */
  c = make_column(m, "x");
  good = run_at_least_0(&run, c);
  int has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  make_logic(m, PG_OP_IF, good,
             make_logic(m, PG_OP_IF, has, run_picky(&run, c)));
  run_expect(&run, "null null null");
  run_end(&run);
}

/* A chain of thousands, each the guard of the next or within it. */
static void test_long_chains(void)
{
  enum { LINKS = 20000 };
  struct run run = run_begin(run_ops());
  struct pg_instruction *code = calloc(3 * LINKS, sizeof *code);
  for (int right = 0; right < 2; right++) {
    run.make.count = 0;
    int x = make_column(&run.make, "x");
    make_call(&run.make, "lt_i64", 2, (int[]){make_i64(&run.make, -9), x});
    int count = run.make.count, result = count - 1;
    memcpy(code, run.make.code, (size_t)count * sizeof *code);
    for (int i = 0; i < LINKS; i++) {
      code[count] = (struct pg_instruction){
        .op = PG_OP_NOT, .args = {result}, .arg_count = 1};
      code[count + 1] = (struct pg_instruction){
        .op = PG_OP_OR,
        .args = {right ? count : result, right ? result : count},
        .arg_count = 2};
      result = count + 1;
      count += 2;
    }
    struct pg_program *program = NULL;
    CHECK(pg_program_new(code, count, &program, &run.err) == PG_OK, "%s",
          run.err.text);
    uint32_t rows[6];
    int64_t found;
    CHECK(pg_program_filter(program, run.scratch, run.batch, rows, &found,
                            &run.err) == PG_OK,
          "%s", run.err.text);
    CHECK(found == 6, "%lld rows", (long long)found);
    pg_program_unref(program);
  }
  free(code);
  run_end(&run);
}

void test_operands(void)
{
  test_operands_run_where_needed();
  test_operands_are_left_out();
  test_long_chains();
}
