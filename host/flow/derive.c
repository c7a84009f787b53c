/* derive.c - adds columns that expressions give, or replaces them.  All are
 * computed from the columns that came: they do not see each other. */
#include "flow/programs.h"

#include <stdlib.h>

struct derive {
  struct pg_programs programs;
  struct pg_schema *in, *out; /* owned: what the last batch was and became */
  int *places;                /* owned: where each name goes in `out` */
  struct pg_column **columns; /* owned; room for the columns of a batch */
};

static enum pg_status eval_all(struct pg_stage *stage,
                               struct pg_program *const *programs,
                               struct pg_batch *batch, struct pg_column **made,
                               struct pg_error *err)
{
  enum pg_status status = PG_OK;
  for (int i = 0; i < stage->node->name_count && status == PG_OK; i++) {
    status = pg_program_eval(programs[i], stage->scratch, batch, &made[i], err);
    status = pg_stage_place(stage, status, err);
  }
  return status;
}

/* Is derive->out still right for such a batch? */
static bool fits(const struct pg_stage *stage, const struct pg_batch *batch,
                 struct pg_column *const *made)
{
  const struct derive *derive = stage->state;
  if (derive->in != batch->schema) {
    return false;
  }
  for (int i = 0; i < stage->node->name_count; i++) {
    if (derive->out->fields[derive->places[i]].type != made[i]->type) {
      return false;
    }
  }
  return true;
}

static bool make_schema(struct pg_stage *stage, const struct pg_batch *batch,
                        struct pg_column *const *made)
{
  struct derive *derive = stage->state;
  const struct pg_node *node = stage->node;
  struct pg_schema *in = batch->schema;
  int count = in->count, names = node->name_count;
  struct pg_field *fields =
    malloc((size_t)(count + names + 1) * sizeof *fields);
  for (int i = 0; fields && i < count; i++) {
    fields[i] = in->fields[i];
  }
  for (int i = 0; fields && i < names; i++) {
    int at = pg_schema_find(in, node->names[i]);
    at = at < 0 ? count++ : at;
    fields[at] =
      (struct pg_field){.name = node->names[i], .type = made[i]->type};
    derive->places[i] = at;
  }
  struct pg_schema *out = fields ? pg_schema_new(fields, count) : NULL;
  free(fields);
  struct pg_column **columns =
    realloc(derive->columns, ((size_t)count + 1) * sizeof *columns);
  derive->columns = columns ? columns : derive->columns;
  if (!out || !columns) {
    pg_schema_unref(out);
    return false;
  }
  pg_schema_unref(derive->in);
  pg_schema_unref(derive->out);
  derive->in = pg_schema_ref(in);
  derive->out = out;
  return true;
}

/* Moves `made` into the batch; NULL: no memory, and they are still there. */
static struct pg_batch *join(struct pg_stage *stage,
                             const struct pg_batch *batch,
                             struct pg_column **made)
{
  struct derive *derive = stage->state;
  if (!fits(stage, batch, made) && !make_schema(stage, batch, made)) {
    return NULL;
  }
  int names = stage->node->name_count;
  for (int i = 0; i < derive->out->count; i++) {
    derive->columns[i] = NULL;
  }
  for (int i = 0; i < names; i++) {
    derive->columns[derive->places[i]] = made[i];
    made[i] = NULL;
  }
  for (int i = 0; i < batch->schema->count; i++) {
    if (!derive->columns[i]) {
      derive->columns[i] = pg_column_ref(batch->columns[i]);
    }
  }
  return pg_batch_new(derive->out, derive->columns, batch->rows);
}

static enum pg_status add_columns(struct pg_stage *stage,
                                  struct pg_program *const *programs,
                                  struct pg_batch *batch, struct pg_error *err)
{
  int count = stage->node->name_count;
  struct pg_column **made = calloc((size_t)count + 1, sizeof *made);
  struct pg_batch *joined = NULL;
  enum pg_status status = made ? eval_all(stage, programs, batch, made, err)
                               : pg_stage_no_memory(stage, err);
  if (status == PG_OK) {
    joined = join(stage, batch, made);
    status = joined ? PG_OK : pg_stage_no_memory(stage, err);
  }
  for (int i = 0; made && i < count; i++) {
    pg_column_unref(made[i]);
  }
  free(made);
  pg_batch_unref(batch);
  return status == PG_OK ? pg_stage_emit(stage, joined, err) : status;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct derive *derive = stage->state;
  struct pg_program **programs;
  int count = stage->node->name_count;
  enum pg_status status = pg_programs_get(&derive->programs, stage, count,
                                          batch->schema, &programs, err);
  if (status != PG_OK) {
    pg_batch_unref(batch);
    return status;
  }
  if (stage->node->plain && pg_programs_leave_to_lua(programs, count, batch)) {
    return pg_lua_rows_take(stage, batch, err);
  }
  if (stage->node->plain) {
    pg_count(&stage->counts, "rows over columns", (uint64_t)batch->rows);
  }
  return add_columns(stage, programs, batch, err);
}

static enum pg_status take_columns(struct pg_stage *stage,
                                   struct pg_batch *batch, struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  const struct pg_schema *in = batch->schema;
  int count = in->count;
  peri_str *names =
    malloc((size_t)(count + node->name_count + 1) * sizeof *names);
  struct pg_batch *made = NULL;
  if (names) {
    for (int i = 0; i < count; i++) {
      names[i] = in->fields[i].name;
    }
    for (int i = 0; i < node->name_count; i++) {
      if (pg_schema_find(in, node->names[i]) < 0) {
        names[count++] = node->names[i];
      }
    }
    made = pg_batch_of_names(names, count);
  }
  free(names);
  pg_batch_unref(batch);
  return made ? pg_stage_tell(stage, made, err)
              : pg_stage_no_memory(stage, err);
}

static enum pg_status open_derive(struct pg_stage *stage, struct pg_error *err)
{
  struct derive *derive = stage->state;
  derive->places =
    calloc((size_t)stage->node->name_count + 1, sizeof *derive->places);
  return derive->places ? PG_OK : pg_stage_no_memory(stage, err);
}

static void close_derive(struct pg_stage *stage)
{
  struct derive *derive = stage->state;
  pg_programs_fini(&derive->programs, stage->node->name_count);
  pg_schema_unref(derive->in);
  pg_schema_unref(derive->out);
  free(derive->places);
  free(derive->columns);
}

const struct pg_stage_ops pg_derive_ops = {.state_bytes = sizeof(struct derive),
                                           .open = open_derive,
                                           .batch = take_batch,
                                           .columns = take_columns,
                                           .close = close_derive};
