/* program_random.c - random programs on random batches against the oracle. */
#include "check/check.h"
#include "program_batch.h"
#include "program_make.h"
#include "program_oracle.h"
#include "program_tests.h"

#include <string.h>

#define NATIVES_MAX 200

struct natives {
  const struct pg_plugin_item *at[NATIVES_MAX], *equal[NATIVES_MAX];
  int count, equal_count;
};

/* Not those that fail, or grow without end. */
static bool is_tame(const char *name)
{
  static const char *const wild[] = {"rep",  "find",  "match", "match_position",
                                     "gsub", "concat"};
  for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
    if (strcmp(name, wild[i]) == 0) {
      return false;
    }
  }
  return true;
}

static struct natives natives_of(const struct pg_plugin *ops)
{
  struct natives natives = {0};
  size_t count;
  const struct pg_plugin_item *items =
    pg_plugin_items(ops, PERI_K_FUNCTION, &count);
  CHECK(count <= NATIVES_MAX, "too many functions");
  for (size_t i = 0; i < count; i++) {
    if (is_tame(items[i].decl->name)) {
      natives.at[natives.count++] = &items[i];
    }
    if (strncmp(items[i].decl->name, "eq_", 3) == 0) {
      natives.equal[natives.equal_count++] = &items[i];
    }
  }
  return natives;
}

struct random {
  struct make make;
  uint32_t types[MAKE_MAX];
};

static bool same_kind(uint32_t a, uint32_t b)
{
  return a == b || a == PERI_T_NULL || b == PERI_T_NULL ||
         (pg_type_is_text(a) && pg_type_is_text(b));
}

static int typed(struct random *random, int reg, uint32_t type)
{
  random->types[reg] = type;
  return reg;
}

static int add_leaf(struct random *random, uint32_t type)
{
  peri_slot slot;
  switch (batch_below(12)) {
  case 0:
    return typed(random, make_null(&random->make, type), type);
  case 1:
    return typed(random, make_column(&random->make, "void"), PERI_T_NULL);
  case 2:
    return typed(random, make_column(&random->make, "absent"), PERI_T_NULL);
  case 3:
  case 4:
  case 5:
    batch_value(type, &slot);
    return typed(random, make_const(&random->make, type, slot), type);
  default:
    return typed(random,
                 make_column(&random->make, batch_name(type, batch_below(2))),
                 type);
  }
}

/* A register of the type: one there is, rather a late one, or a new one. */
static int pick(struct random *random, uint32_t type)
{
  int tries = random->make.count;
  for (int i = 0; i < tries && batch_below(8) > 0; i++) {
    int reg = random->make.count - 1 - batch_below(1 + batch_below(tries));
    if (same_kind(random->types[reg], type)) {
      return reg;
    }
  }
  return add_leaf(random, type);
}

static void add_call(struct random *random, const struct natives *natives)
{
  const struct pg_plugin_item *native =
    natives->at[batch_below(natives->count)];
  int args[PG_PROGRAM_ARGS_MAX];
  int count = (int)native->decl->field_count;
  for (int k = 0; k < count; k++) {
    args[k] = pick(random, native->decl->fields[k].type.base);
  }
  int reg = make_call(&random->make, native->decl->name, count, args);
  random->make.code[reg].native = native;
  typed(random, reg, native->decl->returns.base);
}

static void add_equal(struct random *random, const struct natives *natives)
{
  const struct pg_plugin_item *native =
    natives->equal[batch_below(natives->equal_count)];
  int a = pick(random, native->decl->fields[0].type.base);
  int b = pick(random, native->decl->fields[1].type.base);
  typed(random, make_equal(&random->make, native->decl->name, a, b),
        PERI_T_BOOL);
}

static uint32_t any_type(void)
{
  return batch_below(2) ? PERI_T_BOOL : (uint32_t)(1 + batch_below(15));
}

static void add_logic(struct random *random)
{
  static const enum pg_op ops[] = {PG_OP_NOT, PG_OP_TRUTH, PG_OP_AND, PG_OP_AND,
                                   PG_OP_OR,  PG_OP_OR,    PG_OP_IF};
  enum pg_op op = ops[batch_below(7)];
  int a = pick(random, any_type());
  if (op == PG_OP_NOT || op == PG_OP_TRUTH) {
    typed(random, make_logic(&random->make, op, a, -1), PERI_T_BOOL);
    return;
  }
  uint32_t type = random->types[a];
  int b =
    pick(random, op == PG_OP_IF || type == PERI_T_NULL ? any_type() : type);
  type = type == PERI_T_NULL || op == PG_OP_IF ? random->types[b] : type;
  typed(random, make_logic(&random->make, op, a, b), type);
}

static void add_step(struct random *random, const struct natives *natives)
{
  switch (batch_below(6)) {
  case 0:
    add_equal(random, natives);
    break;
  case 1:
  case 2:
    add_call(random, natives);
    break;
  default:
    add_logic(random);
  }
}

static void check(struct random *random, struct pg_batch *batch,
                  struct pg_scratch *scratch, int number)
{
  char what[8100];
  struct pg_error err = {0};
  struct oracle oracle = {.code = random->make.code,
                          .types = random->types,
                          .count = random->make.count,
                          .batch = batch};
  snprintf(what, sizeof what, "program %d, %lld rows%s\n ", number,
           (long long)batch->rows, make_shown(&random->make));
  pg_context_init(&oracle.context, random->make.ops, NULL);
  struct pg_program *program = make_program(&random->make);
  CHECK(pg_program_type(program, batch->schema) ==
          random->types[random->make.count - 1],
        "%s", what);
  struct pg_column *column = NULL;
  CHECK(pg_program_eval(program, scratch, batch, &column, &err) == PG_OK,
        "%s: %s", what, err.text);
  oracle_check(&oracle, column, what);
  uint32_t *rows = malloc((size_t)batch->rows * sizeof *rows + 1);
  int64_t count = 0;
  CHECK(pg_program_filter(program, scratch, batch, rows, &count, &err) == PG_OK,
        "%s: %s", what, err.text);
  oracle_check_rows(&oracle, rows, count, what);
  free(rows);
  pg_column_unref(column);
  pg_program_unref(program);
  pg_context_fini(&oracle.context);
}

static void one_program(const struct natives *natives,
                        const struct pg_plugin *ops, struct pg_batch *batch,
                        struct pg_scratch *scratch, int number)
{
  struct random random = {.make = {.ops = ops}};
  int steps = 1 + batch_below(14);
  for (int i = 0; i < steps && random.make.count < MAKE_MAX - 8; i++) {
    add_step(&random, natives);
  }
  check(&random, batch, scratch, number);
}

void test_random(const struct pg_plugin *ops, int rounds)
{
  static const int64_t sizes[] = {0,   1,    7,    63,   64,  65,
                                  130, 2047, 2048, 2049, 4200};
  struct natives natives = natives_of(ops);
  struct pg_scratch *scratch = pg_scratch_new(NULL);
  for (int round = 0; round < rounds; round++) {
    int64_t rows = sizes[round % (int)(sizeof sizes / sizeof sizes[0])];
    int64_t from = batch_below(70);
    struct pg_batch *whole = batch_of_types(rows + from);
    struct pg_batch *batch = pg_batch_slice(whole, from, rows);
    for (int i = 0; i < (rows > 200 ? 20 : 60); i++) {
      one_program(&natives, ops, batch, scratch, round * 100 + i);
    }
    pg_batch_unref(batch);
    pg_batch_unref(whole);
  }
  pg_scratch_free(scratch);
}
