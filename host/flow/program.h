/* program.h - a compiled expression: native functions over whole columns.
 *
 * lua/perigee/expr compiles a text for one schema to these instructions; the
 * result of instruction i is register i.  Programs are immutable and counted,
 * so that any number of threads run one, each with a scratch of its own.
 *
 * As in Lua, the second operand of `and` and `or` is looked at only for the
 * rows that need it, so `x > 0 and f(x)` calls f for no other x.  But a call
 * that several such operands share is made once, for all rows of what they have
 * in common. */
#ifndef PG_FLOW_PROGRAM_H
#define PG_FLOW_PROGRAM_H
#include "data/batch.h"
#include "plugin/context.h"

#define PG_PROGRAM_ARGS_MAX 8

enum pg_op {
  PG_OP_COLUMN, /* the column `text`; null in every row when there is none */
  PG_OP_CONST,  /* `value` of `type`, or null */
  PG_OP_CALL,   /* native(args): null where an argument is null or it says so */
  PG_OP_EQUAL,  /* native(a, b) as ==: never null; null equals null only */
  PG_OP_NOT,    /* Lua's not: null and false give true; never null */
  PG_OP_TRUTH,  /* true where the value is neither null nor false; never null */
  PG_OP_AND,    /* of two of one type: a when a is false or null, else b */
  PG_OP_OR,     /* a when a is neither false nor null, else b */
  PG_OP_IF,     /* if(c, a): a where c is true, else null */
};

struct pg_instruction {
  enum pg_op op;
  uint32_t type;   /* PERI_T_* of CONST; the others' follow from the schema */
  bool is_null;    /* CONST */
  peri_slot value; /* CONST; str: copied */
  peri_str text;   /* COLUMN: its name; copied */
  const struct pg_plugin *plugin; /* CALL, EQUAL: where `native` lives */
  const struct pg_plugin_item *native;
  int args[PG_PROGRAM_ARGS_MAX]; /* registers before this one, from 0 */
  int arg_count;
};

struct pg_program;

/* [borrow] instructions.  The last one is the result.
 * Fails: PG_BAD_INPUT (an instruction that does not fit), PG_NO_MEMORY */
enum pg_status pg_program_new(const struct pg_instruction *instructions,
                              int count, struct pg_program **program,
                              struct pg_error *err);
struct pg_program *pg_program_ref(struct pg_program *program);
void pg_program_unref(struct pg_program *program);

/* Memory and call contexts for running programs; one for each thread. */
struct pg_scratch;
struct pg_scratch *pg_scratch_new(const int32_t *stop); /* NULL: no memory */
void pg_scratch_free(struct pg_scratch *scratch);

/* The result as a column of batch->rows rows; a plain column of the batch comes
 * back shared.
 * Fails: what a function says through fail(), PG_NO_MEMORY */
enum pg_status pg_program_eval(const struct pg_program *program,
                               struct pg_scratch *scratch,
                               const struct pg_batch *batch,
                               struct pg_column **column, struct pg_error *err);

/* The rows where the result is neither null nor false, ascending.
 * rows  room for batch->rows numbers */
enum pg_status pg_program_filter(const struct pg_program *program,
                                 struct pg_scratch *scratch,
                                 const struct pg_batch *batch, uint32_t *rows,
                                 int64_t *count, struct pg_error *err);

/* Does the program read a column that the batch lacks, or that has a null? */
bool pg_program_meets_null(const struct pg_program *program,
                           const struct pg_batch *batch);

/* The type of the result for a batch of this schema. */
uint32_t pg_program_type(const struct pg_program *program,
                         const struct pg_schema *schema);

#endif
