/* program_parts.h - what program*.c and scratch.c share.
 *
 * A program runs over a batch in chunks of at most PG_CHUNK_ROWS rows, step by
 * step, each step over the whole chunk, so that what steps hand each other
 * stays in the cache.  A register is the result of one step for one chunk:
 *
 *   null   every row is null; col says nothing
 *   col    values as functions see them: a byte for a bool, a peri_view, a
 *          span, or (constant texts) a dictionary of one text.  They lie in
 *          the batch, in the frame (constants), in the scratch's work memory,
 *          or where another register's do.  `valid` is whole words from bit 0
 *          on, or NULL: no nulls.
 *
 * A bool is 0 where it is null, so its bytes are its truth.
 *
 * The second operand of `and`, `or` and `if` is needed only for some rows, as
 * in Lua: steps that serve nothing else have that step as their guard, and
 * functions are not called for other rows, whose results may be anything. */
#ifndef PG_FLOW_PROGRAM_PARTS_H
#define PG_FLOW_PROGRAM_PARTS_H
#include "flow/program.h"
#include "flow/program_mask.h"

#define PG_CHUNK_ROWS 2048
#define PG_CHUNK_WORDS (PG_CHUNK_ROWS / 64)

struct pg_step {
  struct pg_instruction in;
  bool used;   /* the result depends on it */
  int guard;   /* -1: needed for all rows */
  bool guards; /* it is some step's guard */
  int decides; /* the first guard that is known after this step, or -1 */
  int next;    /* guards: another that the same step decides, or -1 */
  bool total;  /* the function may see rows that are null */
};

struct pg_program {
  atomic_int refs;
  uint64_t id;           /* of no other program, ever */
  struct pg_arena arena; /* texts */
  int count;
  struct pg_step steps[];
};

struct pg_register {
  peri_col col;
  bool null;
  enum pg_rows rows;          /* guards: which the second operand has */
  int column;                 /* COLUMN: its index, or -1 */
  struct pg_context *context; /* CALL, EQUAL: borrowed from the scratch */
  peri_col text;              /* CONST: what the dictionary refers to */
  peri_str span;              /* and what that refers to */
  /* room for PG_CHUNK_ROWS rows in the work memory: offsets, and places once a
   * batch runs */
  size_t values_at, valid_at, given_at, rows_at;
  void *values; /* may also lie in the result */
  uint64_t *valid;
  uint8_t *given; /* options: a byte a row */
  uint64_t *lets; /* guards: the rows */
};

/* A program bound to a schema, within one scratch. */
struct pg_frame {
  struct pg_frame *next; /* used less recently */
  uint64_t program_id;
  struct pg_schema *schema;     /* owned */
  struct pg_arena arena;        /* constants, and what is below */
  struct pg_context **contexts; /* each once */
  int context_count;
  size_t work_size;
  struct pg_register *registers;
};

/* ---------------------------------------------------------- program_guard.c */

/* Sets used, guard, guards, decides, next.  False: no memory. */
bool pg_program_guard(struct pg_program *program);

/* ----------------------------------------------------------- program_bind.c */

/* The type of every register.  Fails: PG_BAD_INPUT */
enum pg_status pg_program_types(const struct pg_program *program,
                                const struct pg_schema *schema, uint32_t *types,
                                struct pg_error *err);

/* Fails: PG_BAD_INPUT, PG_NO_MEMORY */
enum pg_status pg_frame_new(const struct pg_program *program,
                            struct pg_scratch *scratch,
                            struct pg_schema *schema, struct pg_frame **frame,
                            struct pg_error *err);
void pg_frame_free(struct pg_frame *frame);

/* Gives the registers their places. */
void pg_frame_place(struct pg_frame *frame, const struct pg_program *program,
                    char *work);

/* ---------------------------------------------------------------- scratch.c */

/* The frame of the program for this schema, ready to run.  [borrow] until the
 * next call with this scratch.  Fails: PG_BAD_INPUT, PG_NO_MEMORY */
enum pg_status pg_scratch_frame(struct pg_scratch *scratch,
                                const struct pg_program *program,
                                struct pg_schema *schema,
                                struct pg_frame **frame, struct pg_error *err);

/* The context for functions of the plugin; NULL: no memory. */
struct pg_context *pg_scratch_context(struct pg_scratch *scratch,
                                      const struct pg_plugin *plugin);

/* Whether the run is being cancelled. */
bool pg_scratch_stopped(const struct pg_scratch *scratch);

/* --------------------------------- program_step.c, program_call.c, _logic.c */

/* One chunk: rows [from, from + n) of the batch. */
struct pg_chunk {
  const struct pg_program *program;
  struct pg_frame *frame;
  const struct pg_batch *batch;
  int64_t from, n;
  struct pg_error *err;
};

/* Runs all steps.  Fails: what a function says */
enum pg_status pg_chunk_run(const struct pg_chunk *chunk);

/* CALL and EQUAL.  `rows`: where it is needed, NULL: everywhere. */
enum pg_status pg_chunk_call(const struct pg_chunk *chunk, int step,
                             const uint64_t *rows);
enum pg_status pg_chunk_equal(const struct pg_chunk *chunk, int step,
                              const uint64_t *rows);

/* NOT, TRUTH, AND, OR, IF */
void pg_chunk_logic(const struct pg_chunk *chunk, int step);

/* mask := the rows where the register is neither null nor false. */
void pg_chunk_truth(const struct pg_chunk *chunk, int step, uint64_t *mask);

static inline struct pg_register *
pg_chunk_register(const struct pg_chunk *chunk, int step)
{
  return &chunk->frame->registers[step];
}

static inline struct pg_register *pg_chunk_arg(const struct pg_chunk *chunk,
                                               int step, int k)
{
  return pg_chunk_register(chunk, chunk->program->steps[step].in.args[k]);
}

static inline const uint64_t *pg_register_valid(const struct pg_register *reg)
{
  return (const uint64_t *)(const void *)reg->col.valid;
}

/* Row i of a text register. */
static inline peri_str pg_register_text(const struct pg_register *reg,
                                        int64_t i)
{
  if (reg->col.layout == PERI_L_DICT) {
    return ((const peri_str *)((const peri_col *)reg->col.aux)->data)[0];
  }
  if (reg->col.layout == PERI_L_SPAN) {
    return ((const peri_str *)reg->col.data)[i];
  }
  const peri_view *view = (const peri_view *)reg->col.data + i;
  const char *const *bases = reg->col.aux;
  size_t len = (size_t)view->len;
  return (peri_str){len <= 12 ? view->u.in
                              : bases[view->u.ref.buffer] + view->u.ref.offset,
                    len};
}

/* --------------------------------------------------------- program_result.c */

#define PG_SOURCES_MAX 64

/* The column of a result being made, chunk by chunk. */
struct pg_result {
  struct pg_column *column; /* owned */
  int64_t done;             /* rows */
  struct pg_heap *heap;     /* owned; behind the texts */
  struct pg_text_source {   /* buffers of the batch, in order of address */
    const char *begin, *end;
    struct pg_block *block; /* borrowed */
    int buffer;             /* in our heap, or -1: not yet */
  } sources[PG_SOURCES_MAX];
  int source_count;
  struct pg_block *open; /* for computed texts; borrowed from the heap */
  size_t open_used;
  int open_buffer;
};

/* Fails: PG_NO_MEMORY */
enum pg_status pg_result_init(struct pg_result *result,
                              const struct pg_program *program,
                              const struct pg_frame *frame,
                              const struct pg_batch *batch,
                              struct pg_error *err);
void pg_result_fini(struct pg_result *result);

/* Where the values of the next rows may be written at once, or NULL. */
void *pg_result_place(const struct pg_result *result);

/* The next n rows.  Fails: PG_NO_MEMORY, PG_BAD_INPUT (a text is too long) */
enum pg_status pg_result_add(struct pg_result *result,
                             const struct pg_register *reg, int64_t n,
                             struct pg_error *err);

#endif
