/* instance_kernel.c - kernels: rows and columns of a batch to batches.
 *
 * The outputs that a kernel declares become columns of every batch it makes, in
 * their order, null where the kernel gave no values: what follows can count on
 * them. */
#include "plugin/instance_own.h"

#include <string.h>

/* --------------------------------------------------------------- the inputs */

/* A column that the batch does not have: every row is null. */
static bool absent_column(struct pg_arena *arena, uint32_t type, int64_t rows,
                          peri_col *col)
{
  size_t width = pg_type_width(type), n = (size_t)rows;
  char *data = pg_arena_alloc(arena, n * width + 1);
  uint8_t *valid = pg_arena_alloc(arena, n / 8 + 1);
  if (!data || !valid) {
    return false;
  }
  memset(data, 0, n * width);
  memset(valid, 0, n / 8 + 1);
  *col = (peri_col){.n = rows,
                    .data = data,
                    .valid = valid,
                    .type = type,
                    .layout = PERI_L_VIEW};
  return true;
}

static bool present_column(struct pg_arena *arena,
                           const struct pg_column *column, peri_col *col)
{
  uint8_t *bytes = NULL;
  if (column->type == PERI_T_BOOL) {
    bytes = pg_arena_alloc(arena, (size_t)column->length + 1);
    if (!bytes) {
      return false;
    }
  }
  *col = pg_column_view(column, bytes);
  return true;
}

static enum pg_status view_input(struct pg_instance *instance,
                                 const struct pg_batch *batch,
                                 const struct pg_decl_field *input, int index,
                                 peri_col *col, struct pg_error *err)
{
  const struct pg_column *column =
    index < 0 || index >= batch->schema->count ? NULL : batch->columns[index];
  bool fits = column && (input->type.set & 1u << column->type);
  if (column && !fits && column->type != PERI_T_NULL) {
    return pg_fail(err, PG_BAD_INPUT,
                   "%s: expected column '%s' to be %s, found %s",
                   instance->what, input->name, input->type.name,
                   pg_type_name(column->type));
  }
  bool good =
    fits ? present_column(&instance->views, column, col)
         : absent_column(&instance->views, input->type.base, batch->rows, col);
  return good ? PG_OK : pg_instance_no_memory(instance, err);
}

static enum pg_status view_inputs(struct pg_instance *instance,
                                  const struct pg_batch *batch,
                                  const int *columns, peri_batch *view,
                                  struct pg_error *err)
{
  const struct pg_decl *decl = instance->item->decl;
  size_t count = decl->field_count;
  if (count == 0) {
    return pg_instance_view(instance, batch, view, err);
  }
  peri_col *cols = pg_arena_alloc(&instance->views, count * sizeof *cols);
  peri_str *names = pg_arena_alloc(&instance->views, count * sizeof *names);
  if (!cols || !names) {
    return pg_instance_no_memory(instance, err);
  }
  for (size_t i = 0; i < count; i++) {
    const struct pg_decl_field *input = &decl->fields[i];
    names[i] = (peri_str){input->name, strlen(input->name)};
    enum pg_status status =
      view_input(instance, batch, input, columns[i], &cols[i], err);
    if (status != PG_OK) {
      return status;
    }
  }
  *view = (peri_batch){batch->rows, (int64_t)count, cols, names, batch};
  return PG_OK;
}

/* -------------------------------------------------------------- the outputs */

static bool begin_out(struct pg_instance *instance, struct pg_batch *in)
{
  const struct pg_decl *decl = instance->item->decl;
  unsigned may =
    (in ? PG_OUT_PICKS : 0) | (decl->output_count > 0 ? PG_OUT_COLUMNS : 0);
  if (!pg_out_begin(&instance->out, may, in, NULL, NULL, 0)) {
    return false;
  }
  for (size_t i = 0; i < decl->output_count; i++) {
    const struct pg_decl_field *output = &decl->outputs[i];
    peri_str name = {output->name, strlen(output->name)};
    if (pg_build_column(&instance->out.build, name, output->type.base) < 0) {
      return false;
    }
  }
  return true;
}

/* The declared columns come first: a further one was not declared. */
static void check_outputs(struct pg_instance *instance)
{
  const struct pg_decl *decl = instance->item->decl;
  struct pg_build *build = &instance->out.build;
  for (int i = 0; i < build->count && build->columns[i].used; i++) {
    struct pg_build_column *column = &build->columns[i];
    bool declared = (size_t)i < decl->output_count;
    if (!declared || column->type != decl->outputs[i].type.base) {
      pg_out_break(&instance->out,
                   "it made column '%.80s' of type %s, which it "
                   "does not declare",
                   column->name.ptr, pg_type_name(column->type));
    }
  }
}

/* The input's columns, then those made; of two of one name the new one. */
static struct pg_batch *add_columns(struct pg_instance *instance,
                                    const struct pg_batch *in,
                                    const struct pg_batch *made)
{
  int max = in->schema->count + made->schema->count, count = 0;
  struct pg_field *fields =
    pg_arena_alloc(&instance->views, (size_t)max * sizeof *fields);
  struct pg_column **columns =
    pg_arena_alloc(&instance->views, (size_t)max * sizeof(void *));
  if (!fields || !columns) {
    return NULL;
  }
  for (int i = 0; i < max; i++) {
    int j = i - in->schema->count;
    const struct pg_batch *from = j < 0 ? in : made;
    const struct pg_field *field = &from->schema->fields[j < 0 ? i : j];
    if (j < 0 && pg_schema_find(made->schema, field->name) >= 0) {
      continue;
    }
    fields[count] = *field;
    columns[count++] = pg_column_ref(from->columns[j < 0 ? i : j]);
  }
  struct pg_batch *batch =
    pg_batch_of(fields, columns, count, in->rows, instance->added);
  if (batch && batch->schema != instance->added) {
    pg_schema_unref(instance->added);
    instance->added = pg_schema_ref(batch->schema);
  }
  return batch;
}

static enum pg_status add_to_input(struct pg_instance *instance,
                                   const struct pg_batch *in,
                                   struct pg_batch **batch,
                                   struct pg_error *err)
{
  struct pg_batch *made = *batch;
  *batch = NULL;
  if (!in || made->rows != in->rows) {
    long long rows = made->rows;
    pg_batch_unref(made);
    return pg_instance_break(instance, err,
                             "it adds columns of %lld rows to a "
                             "batch of %lld",
                             rows, in ? (long long)in->rows : 0);
  }
  *batch = add_columns(instance, in, made);
  pg_batch_unref(made);
  return *batch ? PG_OK : pg_instance_no_memory(instance, err);
}

/* The batch of columns, then what was picked: out->batches and *batch. */
static enum pg_status take_all(struct pg_instance *instance,
                               const struct pg_batch *in,
                               struct pg_batch **batch, struct pg_error *err)
{
  struct peri_out *out = &instance->out;
  *batch = NULL;
  bool columns = out->made || out->build.rows >= 0;
  if (out->may & PG_OUT_COLUMNS && columns) {
    check_outputs(instance);
    enum pg_status status = pg_instance_take(instance, batch, err);
    if (status == PG_OK && *batch && instance->item->flags & PERI_ADDS) {
      status = add_to_input(instance, in, batch, err);
    }
    if (status != PG_OK) {
      return status;
    }
  }
  enum pg_status status = pg_out_check(out, instance->what, err);
  instance->dead = instance->dead || out->broken[0] != '\0';
  return status != PG_OK || pg_out_end_picks(out)
           ? status
           : pg_instance_no_memory(instance, err);
}

static enum pg_status emit_all(struct pg_instance *instance,
                               struct pg_batch *batch, pg_emit_fn *emit,
                               void *to, struct pg_error *err)
{
  struct peri_out *out = &instance->out;
  enum pg_status status = batch ? emit(to, batch, err) : PG_OK;
  for (size_t i = 0; i < out->batch_count && status == PG_OK; i++) {
    struct pg_batch *next = out->batches[i];
    out->batches[i] = NULL;
    status = emit(to, next, err);
  }
  return status;
}

static enum pg_status end_call(struct pg_instance *instance, peri_status answer,
                               const struct pg_batch *in, pg_emit_fn *emit,
                               void *to, struct pg_error *err)
{
  struct pg_batch *batch = NULL;
  enum pg_status status = pg_instance_check(instance, answer, err);
  if (status == PG_OK && answer == PERI_AGAIN) {
    status = pg_instance_break(instance, err, "a kernel answered 'again'");
  }
  if (status == PG_OK) {
    status = take_all(instance, in, &batch, err);
  }
  if (status == PG_OK) {
    status = emit_all(instance, batch, emit, to, err);
  } else {
    pg_batch_unref(batch);
  }
  pg_out_drop(&instance->out);
  if (status == PG_OK && answer == PERI_END) {
    return pg_fail(err, PG_DONE, "%s wants no more", instance->what);
  }
  return status;
}

enum pg_status pg_instance_process(struct pg_instance *instance,
                                   struct pg_batch *batch, const int *columns,
                                   pg_emit_fn *emit, void *to,
                                   struct pg_error *err)
{
  peri_batch view;
  enum pg_status status = pg_instance_begin(instance, PERI_H_PROCESS, err);
  if (status == PG_OK) {
    status = view_inputs(instance, batch, columns, &view, err);
  }
  if (status == PG_OK && !begin_out(instance, batch)) {
    status = pg_instance_no_memory(instance, err);
  }
  if (status != PG_OK) {
    return status;
  }
  pg_process_fn *process =
    (pg_process_fn *)instance->item->hooks[PERI_H_PROCESS];
  peri_status answer = process(&instance->context.cx, instance->params,
                               instance->state, &view, &instance->out);
  return end_call(instance, answer, batch, emit, to, err);
}

enum pg_status pg_instance_flush(struct pg_instance *instance, pg_emit_fn *emit,
                                 void *to, struct pg_error *err)
{
  pg_flush_fn *flush = (pg_flush_fn *)instance->item->hooks[PERI_H_FLUSH];
  if (!flush || instance->ended) {
    return PG_OK;
  }
  enum pg_status status = pg_instance_begin(instance, PERI_H_FLUSH, err);
  if (status == PG_OK && !begin_out(instance, NULL)) {
    status = pg_instance_no_memory(instance, err);
  }
  if (status != PG_OK) {
    return status;
  }
  instance->ended = true;
  peri_status answer = flush(&instance->context.cx, instance->params,
                             instance->state, &instance->out);
  return end_call(instance, answer, NULL, emit, to, err);
}
