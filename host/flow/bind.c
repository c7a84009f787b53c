/* bind.c - a kernel that passes rows on must pass on the columns as they came,
 * so casts are columns of their own, under a name that no config can write. */
#include "flow/bind.h"

#include "flow/cast.h"

#include <stdlib.h>
#include <string.h>

static const peri_str hidden = {"\0cast", 5};

static bool is_hidden(peri_str name)
{
  return name.len == hidden.len && memcmp(name.ptr, hidden.ptr, name.len) == 0;
}

static void forget(struct pg_bind *bind)
{
  pg_schema_unref(bind->in);
  pg_schema_unref(bind->cast);
  bind->in = bind->cast = NULL;
  bind->cast_count = 0;
}

void pg_bind_fini(struct pg_bind *bind)
{
  forget(bind);
  pg_schema_unref(bind->out);
  pg_schema_unref(bind->stripped);
  free(bind->columns);
  free(bind->casts);
  free(bind->kept);
  *bind = (struct pg_bind){0};
}

/* --------------------------------------------------------------------- inputs
 */

/* What a number becomes for an input that does not take its type; PERI_T_NULL:
 * the input takes no numbers. */
static uint32_t cast_type(uint32_t from, uint32_t set)
{
  static const uint32_t order[] = {
    PERI_T_I64, PERI_T_F64, PERI_T_U64, PERI_T_I32, PERI_T_U32,
    PERI_T_I16, PERI_T_U16, PERI_T_I8,  PERI_T_U8,  PERI_T_F32};
  bool real = from == PERI_T_F32 || from == PERI_T_F64;
  if (!pg_cast_is_number(from)) {
    return PERI_T_NULL;
  }
  if (real && set & 1u << PERI_T_F64) {
    return PERI_T_F64;
  }
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    if (set & 1u << order[i]) {
      return order[i];
    }
  }
  return PERI_T_NULL;
}

static enum pg_status find_input(struct pg_bind *bind,
                                 const struct pg_stage *stage, size_t i,
                                 struct pg_error *err)
{
  const struct pg_decl_field *field = &stage->node->item->decl->fields[i];
  peri_str name = {field->name, strlen(field->name)};
  int index = pg_schema_find(bind->in, name);
  uint32_t type = index < 0 ? PERI_T_NULL : bind->in->fields[index].type;
  bind->columns[i] = index;
  bind->casts[i] = PERI_T_NULL;
  if (index >= 0 && field->type.set & 1u << type) {
    return PG_OK;
  }
  if (type == PERI_T_NULL) {
    bind->columns[i] = -1;
    return PG_OK;
  }
  bind->casts[i] = cast_type(type, field->type.set);
  bind->cast_count++;
  return bind->casts[i] != PERI_T_NULL
           ? PG_OK
           : pg_stage_fail(stage, PG_BAD_INPUT, err,
                           "expects column '%s' as %s, found %s", field->name,
                           field->type.name, pg_type_name(type));
}

static bool make_cast_schema(struct pg_bind *bind, size_t input_count)
{
  int count = bind->in->count;
  struct pg_field *fields =
    malloc((size_t)(count + bind->cast_count) * sizeof *fields);
  if (!fields) {
    return false;
  }
  memcpy(fields, bind->in->fields, (size_t)count * sizeof *fields);
  for (size_t i = 0; i < input_count; i++) {
    if (bind->casts[i] != PERI_T_NULL) {
      fields[count++] =
        (struct pg_field){.name = hidden, .type = bind->casts[i]};
    }
  }
  bind->cast = pg_schema_new(fields, count);
  free(fields);
  return bind->cast != NULL;
}

static enum pg_status learn(struct pg_bind *bind, const struct pg_stage *stage,
                            struct pg_schema *schema, struct pg_error *err)
{
  size_t count = stage->node->item->decl->field_count;
  forget(bind);
  free(bind->columns);
  free(bind->casts);
  bind->columns = malloc((count + 1) * sizeof *bind->columns);
  bind->casts = malloc((count + 1) * sizeof *bind->casts);
  if (!bind->columns || !bind->casts) {
    return pg_stage_no_memory(stage, err);
  }
  bind->in = pg_schema_ref(schema);
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < count && status == PG_OK; i++) {
    status = find_input(bind, stage, i, err);
  }
  if (status == PG_OK && bind->cast_count > 0 &&
      !make_cast_schema(bind, count)) {
    status = pg_stage_no_memory(stage, err);
  }
  if (status != PG_OK) {
    forget(bind);
  }
  return status;
}

/* ---------------------------------------------------------------------- casts
 */

static enum pg_status inexact(const struct pg_stage *stage, size_t input,
                              const struct pg_column *column, uint32_t type,
                              int64_t row, struct pg_error *err)
{
  char value[40];
  if (row < 0) {
    return pg_stage_no_memory(stage, err);
  }
  pg_cast_show(column, row, value, sizeof value);
  return pg_stage_fail(
    stage, PG_BAD_INPUT, err, "column '%s': %s cannot be %s without loss",
    stage->node->item->decl->fields[input].name, value, pg_type_name(type));
}

static enum pg_status cast_all(struct pg_bind *bind,
                               const struct pg_stage *stage,
                               struct pg_batch *batch,
                               struct pg_column **columns, struct pg_error *err)
{
  int at = batch->schema->count;
  for (size_t i = 0; at < bind->cast->count; i++) {
    if (bind->casts[i] == PERI_T_NULL) {
      continue;
    }
    int index = pg_schema_find(
      batch->schema,
      (peri_str){stage->node->item->decl->fields[i].name,
                 strlen(stage->node->item->decl->fields[i].name)});
    int64_t row;
    columns[at] = pg_cast_column(batch->columns[index], bind->casts[i], &row);
    if (!columns[at]) {
      return inexact(stage, i, batch->columns[index], bind->casts[i], row, err);
    }
    bind->columns[i] = at++;
  }
  return PG_OK;
}

static enum pg_status add_casts(struct pg_bind *bind,
                                const struct pg_stage *stage,
                                struct pg_batch **batch, struct pg_error *err)
{
  int count = bind->cast->count, had = (*batch)->schema->count;
  struct pg_column **columns = calloc((size_t)count, sizeof *columns);
  struct pg_batch *made = NULL;
  enum pg_status status = columns ? cast_all(bind, stage, *batch, columns, err)
                                  : pg_stage_no_memory(stage, err);
  if (status == PG_OK) {
    for (int i = 0; i < had; i++) {
      columns[i] = pg_column_ref((*batch)->columns[i]);
    }
    made = pg_batch_new(bind->cast, columns, (*batch)->rows);
    status = made ? PG_OK : pg_stage_no_memory(stage, err);
  } else {
    for (int i = had; columns && i < count; i++) {
      pg_column_unref(columns[i]);
    }
  }
  free(columns);
  pg_batch_unref(*batch);
  *batch = made;
  return status;
}

enum pg_status pg_bind_batch(struct pg_bind *bind, const struct pg_stage *stage,
                             struct pg_batch **batch, struct pg_error *err)
{
  enum pg_status status = PG_OK;
  if (bind->in != (*batch)->schema) {
    status = learn(bind, stage, (*batch)->schema, err);
  }
  if (status != PG_OK) {
    pg_batch_unref(*batch);
    *batch = NULL;
    return status;
  }
  return bind->cast ? add_casts(bind, stage, batch, err) : PG_OK;
}

/* ------------------------------------------------------------------ stripping
 */

static bool learn_output(struct pg_bind *bind, struct pg_schema *out)
{
  size_t room = (size_t)out->count + 1;
  struct pg_field *fields = malloc(room * sizeof *fields);
  int *kept = malloc(room * sizeof *kept);
  struct pg_schema *stripped = NULL;
  if (fields && kept) {
    int count = 0;
    for (int i = 0; i < out->count; i++) {
      if (!is_hidden(out->fields[i].name)) {
        fields[count] = out->fields[i];
        kept[count++] = i;
      }
    }
    stripped = pg_schema_new(fields, count);
  }
  free(fields);
  if (!stripped) {
    free(kept);
    return false;
  }
  pg_schema_unref(bind->out);
  pg_schema_unref(bind->stripped);
  free(bind->kept);
  bind->out = pg_schema_ref(out);
  bind->stripped = stripped;
  bind->kept = kept;
  return true;
}

struct pg_batch *pg_bind_strip(struct pg_bind *bind, struct pg_batch *batch)
{
  if (bind->cast_count == 0) {
    return batch;
  }
  struct pg_batch *made = NULL;
  if (bind->out == batch->schema || learn_output(bind, batch->schema)) {
    int count = bind->stripped->count;
    struct pg_column **columns = malloc(((size_t)count + 1) * sizeof *columns);
    for (int i = 0; columns && i < count; i++) {
      columns[i] = pg_column_ref(batch->columns[bind->kept[i]]);
    }
    if (columns) {
      made = pg_batch_new(bind->stripped, columns, batch->rows);
    }
    free(columns);
  }
  pg_batch_unref(batch);
  return made;
}
