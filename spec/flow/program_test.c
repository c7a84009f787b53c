/* program_test.c - programs of native functions over columns.
 *
 *   program_test [ROUNDS]   of random programs */
#include "flow/program.h"

#include "check/check.h"
#include "check/no_memory.h"
#include "flow/program_mask.h"
#include "program_batch.h"
#include "program_make.h"
#include "program_random.h"

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

struct run {
  struct make make;
  struct pg_scratch *scratch;
  struct pg_batch *batch;
  struct pg_column *column;
  struct pg_error err;
};

/* x and s in 6 rows; the third is null in both. */
static struct run begin(const struct pg_plugin *plugin)
{
  static const int64_t x[] = {0, -5, 1, 2, 3, 500};
  static const char *const s[] = {
    "GET", "poison", NULL, "/api/v1/users/1/items", "/api/v1/users/2/items",
    ""};
  return (struct run){.make = {.ops = plugin},
                      .scratch = pg_scratch_new(NULL),
                      .batch = batch_of(6, x, s)};
}

static enum pg_status eval(struct run *run)
{
  struct pg_program *program = make_program(&run->make);
  pg_column_unref(run->column);
  run->column = NULL;
  enum pg_status status =
    pg_program_eval(program, run->scratch, run->batch, &run->column, &run->err);
  pg_program_unref(program);
  return status;
}

static void end(struct run *run)
{
  pg_column_unref(run->column);
  pg_batch_unref(run->batch);
  pg_scratch_free(run->scratch);
}

/* "0 null 1", or with quotes for texts. */
static const char *shown(const struct pg_column *column)
{
  static char text[2000];
  size_t len = 0;
  for (int64_t i = 0; i < column->length; i++) {
    char *at = text + len;
    size_t room = sizeof text - len;
    if (!pg_column_is_valid(column, i)) {
      len += (size_t)snprintf(at, room, "null ");
    } else if (pg_type_is_text(column->type)) {
      peri_str value = pg_column_text(column, i);
      len += (size_t)snprintf(at, room, "'%.*s' ", (int)value.len, value.ptr);
    } else if (column->type == PERI_T_BOOL) {
      len += (size_t)snprintf(at, room, "%s ",
                              pg_column_bool(column, i) ? "true" : "false");
    } else {
      const int64_t *value = pg_column_value(column, i);
      len += (size_t)snprintf(at, room, "%lld ", (long long)*value);
    }
  }
  text[len ? len - 1 : 0] = '\0';
  return text;
}

static void expect(struct run *run, const char *values)
{
  CHECK(eval(run) == PG_OK, "%s", run->err.text);
  CHECK(strcmp(shown(run->column), values) == 0, "%s, not %s",
        shown(run->column), values);
  run->make.count = 0;
}

static void expect_failure(struct run *run, enum pg_status status,
                           const char *text)
{
  enum pg_status found = eval(run);
  CHECK(found == status && contains(run->err.text, text), "%d: %s", found,
        run->err.text);
  CHECK(!run->column, "a column in spite of the failure");
  run->make.count = 0;
}

static int at_least_0(struct run *run, int x)
{
  run->make.ops = ops;
  int zero = make_i64(&run->make, 0);
  int result = make_call(&run->make, "le_i64", 2, (int[]){zero, x});
  run->make.ops = probe;
  return result;
}

static int picky(struct run *run, int x)
{
  return make_call(&run->make, "picky", 1, &x);
}

static void test_instructions(void)
{
  struct run run = begin(ops);
  struct make *m = &run.make;
  make_column(m, "x");
  expect(&run, "0 -5 null 2 3 500");
  make_column(m, "absent");
  expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_NULL, "%u", run.column->type);
  make_i64(m, 7);
  expect(&run, "7 7 7 7 7 7");
  make_null(m, PERI_T_STR);
  expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_STR, "%u", run.column->type);
  make_call(m, "add_i64", 2, (int[]){make_column(m, "x"), make_i64(m, 1)});
  expect(&run, "1 -4 null 3 4 501");
  make_call(m, "mod_i64", 2, (int[]){make_i64(m, 7), make_column(m, "x")});
  expect(&run, "null -3 null 1 1 7");
  make_equal(m, "eq_i64", make_column(m, "x"), make_null(m, PERI_T_I64));
  expect(&run, "false false true false false false");
  make_equal(m, "eq_str", make_column(m, "s"), make_str(m, "GET"));
  expect(&run, "true false false false false false");
  make_equal(m, "eq_str", make_column(m, "absent"), make_null(m, PERI_T_STR));
  expect(&run, "true true true true true true");
  make_logic(m, PG_OP_NOT, make_column(m, "s"), -1);
  expect(&run, "false false true false false false");
  make_logic(m, PG_OP_TRUTH, make_column(m, "x"), -1);
  expect(&run, "true true false true true true");
  int positive =
    make_call(m, "lt_i64", 2, (int[]){make_i64(m, 0), make_column(m, "x")});
  make_logic(m, PG_OP_IF, positive, make_column(m, "s"));
  expect(&run,
         "null null null '/api/v1/users/1/items' '/api/v1/users/2/items' ''");
  make_logic(m, PG_OP_OR, make_column(m, "s"), make_str(m, "none at all, no"));
  expect(&run, "'GET' 'poison' 'none at all, no' '/api/v1/users/1/items' "
               "'/api/v1/users/2/items' ''");
  int a = make_column(m, "x");
  int three = make_equal(m, "eq_i64", a, make_i64(m, 3));
  int x_or_not = make_logic(m, PG_OP_IF, three, a);
  int two = make_equal(m, "eq_i64", a, make_i64(m, 2));
  make_logic(m, PG_OP_OR, x_or_not, make_logic(m, PG_OP_IF, two, a));
  expect(&run, "null null null 2 3 null");
  make_logic(m, PG_OP_AND, make_column(m, "x"), make_i64(m, 4));
  expect(&run, "4 4 null 4 4 4");
  make_logic(m, PG_OP_OR, make_null(m, PERI_T_BOOL), make_bool(m, false));
  expect(&run, "false false false false false false");
  end(&run);
}

static void test_functions_without_a_loop(void)
{
  struct run run = begin(probe);
  make_call(&run.make, "half", 1, (int[]){make_column(&run.make, "x")});
  expect(&run, "0 null null 1 null 250");
  int s = make_column(&run.make, "s"), text = make_str(&run.make, "12345");
  make_call(&run.make, "longer", 2, (int[]){s, text});
  expect(&run, "'12345' 'poison' null '/api/v1/users/1/items' "
               "'/api/v1/users/2/items' '12345'");
  s = make_column(&run.make, "s");
  make_call(&run.make, "longer", 2, (int[]){s, s});
  expect_failure(&run, PG_BAD_INPUT, "function 'longer': both are empty");
  s = make_column(&run.make, "s");
  int guard = at_least_0(&run, make_call(&run.make, "picky_len", 1, &s));
  make_logic(&run.make, PG_OP_IF, guard,
             make_call(&run.make, "longer", 2, (int[]){s, s}));
  expect(&run, "'GET' 'poison' null '/api/v1/users/1/items' "
               "'/api/v1/users/2/items' null");
  make_call(&run.make, "seven", 0, NULL);
  expect(&run, "7 7 7 7 7 7");
  end(&run);
}

/* The poison lies in a row that is null. */
static void test_nulls_are_not_seen(void)
{
  struct run run = begin(probe);
  int s = make_column(&run.make, "s");
  make_call(&run.make, "same_text", 2, (int[]){s, s});
  expect(&run, "true true null true true true");
  static const int64_t x[] = {1, 0};
  static const char *const good[] = {"a", NULL};
  pg_batch_unref(run.batch);
  run.batch = batch_of(2, x, good);
  make_call(&run.make, "picky_text", 1, (int[]){make_column(&run.make, "s")});
  expect(&run, "'a' null");
  picky(&run, make_column(&run.make, "x"));
  expect(&run, "1 null");
  end(&run);
}

/* ------------------------------------- second operands, and where they run */

static void test_operands_run_where_needed(void)
{
  struct run run = begin(probe);
  struct make *m = &run.make;
  int x = make_column(m, "x");
  picky(&run, x);
  expect_failure(&run, PG_BAD_INPUT, "function 'picky': x is negative");

  x = make_column(m, "x");
  int good = at_least_0(&run, x);
  make_logic(m, PG_OP_IF, good, picky(&run, x));
  expect(&run, "0 null null 2 3 500");

  x = make_column(m, "x");
  good = at_least_0(&run, x);
  int truth = make_logic(m, PG_OP_TRUTH, picky(&run, x), -1);
  make_logic(m, PG_OP_AND, good, truth);
  expect(&run, "true false null true true true");

  x = make_column(m, "x");
  int bad = make_logic(m, PG_OP_NOT, at_least_0(&run, x), -1);
  truth = make_logic(m, PG_OP_TRUTH, picky(&run, x), -1);
  make_logic(m, PG_OP_OR, bad, truth);
  expect(&run, "true true true true true true");

  /* two guards, one within the other */
  x = make_column(m, "x");
  good = at_least_0(&run, x);
  int has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  int inner = make_logic(m, PG_OP_IF, has, picky(&run, x));
  make_logic(m, PG_OP_IF, good, inner);
  expect(&run, "0 null null 2 3 500");

  /* the inner one is known before the outer one */
  x = make_column(m, "x");
  has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  int early = make_call(m, "half", 1, &x);
  good = at_least_0(&run, x);
  inner = make_logic(m, PG_OP_IF, has, early);
  make_logic(m, PG_OP_IF, good, inner);
  expect(&run, "0 null null 1 null 250");

  /* nothing is null, but some rows are not needed */
  x = make_logic(m, PG_OP_OR, make_column(m, "x"), make_i64(m, -7));
  good = at_least_0(&run, x);
  make_logic(m, PG_OP_IF, good, picky(&run, x));
  expect(&run, "0 null null 2 3 500");

  /* what both operands need runs everywhere */
  x = make_column(m, "x");
  int both = picky(&run, x);
  make_logic(m, PG_OP_AND, make_logic(m, PG_OP_TRUTH, both, -1),
             make_logic(m, PG_OP_TRUTH, both, -1));
  expect_failure(&run, PG_BAD_INPUT, "x is negative");

  /* the operand comes before what decides about it: it runs everywhere */
  x = make_column(m, "x");
  early = picky(&run, x);
  make_logic(m, PG_OP_IF, at_least_0(&run, x), early);
  expect_failure(&run, PG_BAD_INPUT, "x is negative");

  /* what nobody needs does not run at all */
  picky(&run, make_column(m, "x"));
  make_i64(m, 1);
  expect(&run, "1 1 1 1 1 1");
  end(&run);
}

/* No row is left for the second operand. */
static void test_operands_are_left_out(void)
{
  static const int64_t x[] = {-1, -2, -3};
  static const char *const s[] = {"poison", "poison", "poison"};
  struct run run = begin(probe);
  struct make *m = &run.make;
  pg_batch_unref(run.batch);
  run.batch = batch_of(3, x, s);
  int good = at_least_0(&run, make_column(m, "x"));
  int text = make_call(m, "picky_text", 1, (int[]){make_column(m, "s")});
  make_logic(m, PG_OP_IF, good, text);
  expect(&run, "null null null");
  int s_column = make_column(m, "s");
  make_logic(m, PG_OP_OR, s_column, make_call(m, "picky_text", 1, &s_column));
  expect(&run, "'poison' 'poison' 'poison'");
  int c = make_column(m, "x");
  good = at_least_0(&run, c);
  make_logic(m, PG_OP_AND, good,
             make_logic(m, PG_OP_TRUTH, picky(&run, c), -1));
  expect(&run, "false false false");
  /* nor for what lies within it */
  c = make_column(m, "x");
  good = at_least_0(&run, c);
  int has = make_logic(m, PG_OP_TRUTH, make_column(m, "s"), -1);
  make_logic(m, PG_OP_IF, good, make_logic(m, PG_OP_IF, has, picky(&run, c)));
  expect(&run, "null null null");
  end(&run);
}

/* A chain of thousands, each the guard of the next or within it. */
static void test_long_chains(void)
{
  enum { LINKS = 20000 };
  struct run run = begin(ops);
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
  end(&run);
}

/* ----------------------------------------------------------------- results */

static void test_columns_are_shared(void)
{
  struct run run = begin(ops);
  make_column(&run.make, "s");
  CHECK(eval(&run) == PG_OK, "%s", run.err.text);
  CHECK(run.column == run.batch->columns[1], "the column was copied");
  end(&run);
}

static void test_texts_stay_where_they_are(void)
{
  struct run run = begin(ops);
  struct make *m = &run.make;
  const struct pg_column *s = run.batch->columns[1];
  int text = make_column(m, "s");
  make_call(m, "sub", 3, (int[]){text, make_i64(m, 2), make_i64(m, -1)});
  CHECK(eval(&run) == PG_OK, "%s", run.err.text);
  CHECK(pg_column_text(run.column, 3).ptr == pg_column_text(s, 3).ptr + 1,
        "a part was copied");
  CHECK(run.column->heap->count == 1, "%d buffers", run.column->heap->count);
  m->count = 0;
  make_call(m, "upper", 1, (int[]){make_column(m, "s")});
  expect(&run, "'GET' 'POISON' null '/API/V1/USERS/1/ITEMS' "
               "'/API/V1/USERS/2/ITEMS' ''");
  CHECK(run.column->heap->blocks[0] != s->heap->blocks[0], "not copied");
  make_call(m, "lower", 1, (int[]){make_str(m, "ABC")});
  CHECK(eval(&run) == PG_OK && !run.column->heap, "a heap without need");
  m->count = 0;
  make_str(m, "a constant that is long");
  CHECK(eval(&run) == PG_OK && run.column->heap->count == 1, "%s",
        run.err.text);
  CHECK(pg_column_text(run.column, 0).ptr == pg_column_text(run.column, 5).ptr,
        "one copy for each row");
  end(&run);
}

/* What lies in no buffer of the batch is copied, wherever it lies. */
static void test_texts_from_elsewhere(void)
{
  struct run run = begin(probe);
  int motto = make_call(&run.make, "motto", 0, NULL);
  int s = make_column(&run.make, "s");
  int x = make_column(&run.make, "x");
  int small = make_logic(&run.make, PG_OP_NOT, at_least_0(&run, x), -1);
  int some = make_logic(&run.make, PG_OP_IF, small, s);
  make_logic(&run.make, PG_OP_OR, some, motto);
  expect(&run, "'a text in the plugin' 'poison' 'a text in the plugin' "
               "'a text in the plugin' 'a text in the plugin' "
               "'a text in the plugin'");
  end(&run);
}

/* More buffers than are looked through for where a text lies. */
static void test_texts_in_many_buffers(void)
{
  enum { ROWS = 100, BYTES = 60000 };
  struct run run = begin(ops);
  struct pg_build build = {0};
  CHECK(pg_build_begin(&build, NULL, NULL), "no memory");
  int s = pg_build_column(&build, (peri_str){"s", 1}, PERI_T_STR);
  peri_view *views = pg_build_values(&build, s, ROWS, NULL);
  for (int i = 0; i < ROWS; i++) {
    int32_t buffer;
    char *text = pg_build_heap(&build, BYTES, &buffer);
    int len = snprintf(text, BYTES, "-a text in buffer %d", buffer);
    views[i] = (peri_view){.len = len, .u.ref = {.buffer = buffer}};
    memcpy(views[i].u.ref.prefix, text, 4);
  }
  build.rows = ROWS;
  pg_batch_unref(run.batch);
  run.batch = pg_build_finish(&build);
  pg_build_fini(&build);
  int text = make_column(&run.make, "s");
  int from = make_i64(&run.make, 2), to = make_i64(&run.make, -1);
  make_call(&run.make, "sub", 3, (int[]){text, from, to});
  CHECK(eval(&run) == PG_OK, "%s", run.err.text);
  int shared = 0;
  for (int i = 0; i < ROWS; i++) {
    peri_str whole = pg_column_text(run.batch->columns[0], i);
    peri_str part = pg_column_text(run.column, i);
    CHECK(part.len == whole.len - 1 &&
            memcmp(part.ptr, whole.ptr + 1, part.len) == 0,
          "row %d: '%.*s'", i, (int)part.len, part.ptr);
    shared += part.ptr == whole.ptr + 1;
  }
  CHECK(shared > 10 && shared < ROWS, "%d of %d are shared", shared, ROWS);
  end(&run);
}

static void test_texts_have_a_limit(void)
{
  struct run run = begin(probe);
  make_call(&run.make, "endless", 1, (int[]){make_i64(&run.make, 1)});
  expect_failure(&run, PG_BAD_INPUT, "longer than a column can hold");
  end(&run);
}

static void test_types(void)
{
  struct run run = begin(ops);
  struct make *m = &run.make;
  int x = make_column(m, "x");
  make_call(m, "len", 1, &x);
  struct pg_program *program = make_program(m);
  CHECK(pg_program_type(program, run.batch->schema) == PERI_T_NULL, "typed");
  pg_program_unref(program);
  expect_failure(&run, PG_BAD_INPUT,
                 "instruction 2: argument 1 of 'len' is a str, not a i64");
  make_logic(m, PG_OP_OR, make_column(m, "x"), make_column(m, "s"));
  expect_failure(&run, PG_BAD_INPUT, "instruction 3 joins a i64 and a str");
  make_call(m, "len", 1, (int[]){make_column(m, "absent")});
  expect(&run, "null null null null null null");
  CHECK(run.column->type == PERI_T_I64, "%u", run.column->type);
  end(&run);
}

/* One program over batches of other schemas. */
static void test_schemas_change(void)
{
  struct run run = begin(ops);
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
  end(&run);
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
  struct run run = begin(probe);
  picky(&run, make_column(&run.make, "x"));
  expect_failure(&run, PG_BAD_INPUT, "function 'picky': x is negative");
  make_call(&run.make, "picky", 1, (int[]){make_i64(&run.make, 3)});
  expect(&run, "3 3 3 3 3 3");
  int32_t stop = 1;
  pg_scratch_free(run.scratch);
  run.scratch = pg_scratch_new(&stop);
  make_i64(&run.make, 3);
  expect_failure(&run, PG_CANCELED, "canceled");
  stop = 0;
  make_i64(&run.make, 3);
  expect(&run, "3 3 3 3 3 3");
  end(&run);
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
  struct run run = begin(ops);
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
  end(&run);
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
  ops = make_load(PERIGEE_NATIVE_DIR "/ops.so");
  probe = make_load(PERIGEE_SPEC_PLUGINS "/program_probe.so");
  test_masks();
  test_instructions();
  test_functions_without_a_loop();
  test_nulls_are_not_seen();
  test_operands_run_where_needed();
  test_operands_are_left_out();
  test_long_chains();
  test_columns_are_shared();
  test_texts_stay_where_they_are();
  test_texts_from_elsewhere();
  test_texts_in_many_buffers();
  test_texts_have_a_limit();
  test_types();
  test_schemas_change();
  test_wrong_instructions();
  test_failures_pass();
  test_without_memory();
  test_steady_state_takes_no_memory();
  test_many_programs();
  test_threads_share_a_program();
  random_programs(ops, argc > 1 ? atoi(argv[1]) : 44);
  return 0;
}
