/* columns.c - select, drop and rename: the same columns under another schema,
 * which is made once for each schema that comes. */
#include "flow/kept.h"
#include "flow/stage.h"

#include <stdlib.h>
#include <string.h>

struct columns {
  struct pg_schema *in, *out; /* owned; NULL: no batch came */
  int *indices;               /* owned: column i of `out` in `in`; -1: absent */
  struct pg_column **columns; /* owned; room for the columns of a batch */
};

/* Fills fields and indices for batches of `in`; the count, or -1: it failed. */
typedef int layout_fn(const struct pg_stage *stage, const struct pg_schema *in,
                      struct pg_field *fields, int *indices,
                      struct pg_error *err);

static bool same_name(peri_str a, peri_str b)
{
  return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The place of a name in node->names, or -1. */
static int place_of(const struct pg_node *node, peri_str name)
{
  for (int i = 0; i < node->name_count; i++) {
    if (same_name(node->names[i], name)) {
      return i;
    }
  }
  return -1;
}

static int layout_select(const struct pg_stage *stage,
                         const struct pg_schema *in, struct pg_field *fields,
                         int *indices, struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  (void)err;
  for (int i = 0; i < node->name_count; i++) {
    int index = pg_schema_find(in, node->names[i]);
    uint32_t type = index < 0 ? PERI_T_NULL : in->fields[index].type;
    fields[i] = (struct pg_field){.name = node->names[i], .type = type};
    indices[i] = index;
  }
  int text = pg_kept_find(in), count = node->name_count;
  if (text >= 0) {
    fields[count] = in->fields[text];
    indices[count++] = text;
  }
  return count;
}

static int layout_drop(const struct pg_stage *stage, const struct pg_schema *in,
                       struct pg_field *fields, int *indices,
                       struct pg_error *err)
{
  int count = 0;
  (void)err;
  for (int i = 0; i < in->count; i++) {
    if (place_of(stage->node, in->fields[i].name) < 0) {
      fields[count] = in->fields[i];
      indices[count++] = i;
    }
  }
  return count;
}

static int layout_rename(const struct pg_stage *stage,
                         const struct pg_schema *in, struct pg_field *fields,
                         int *indices, struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  for (int i = 0; i < in->count; i++) {
    int place = place_of(node, in->fields[i].name);
    fields[i] = in->fields[i];
    fields[i].name = place < 0 ? in->fields[i].name : node->to[place];
    indices[i] = i;
    for (int k = 0; k < i; k++) {
      if (same_name(fields[k].name, fields[i].name)) {
        pg_stage_fail(stage, PG_BAD_INPUT, err, "column '%.*s' exists already",
                      (int)fields[i].name.len, fields[i].name.ptr);
        return -1;
      }
    }
  }
  return in->count;
}

static enum pg_status lay_out(struct pg_stage *stage, struct pg_schema *in,
                              layout_fn *layout, struct pg_error *err)
{
  struct columns *state = stage->state;
  size_t room = (size_t)(in->count + stage->node->name_count) + 1;
  struct pg_field *fields = malloc(room * sizeof *fields);
  int *indices = malloc(room * sizeof *indices);
  struct pg_column **columns = malloc(room * sizeof *columns);
  struct pg_schema *out = NULL;
  enum pg_status status = PG_OK;
  if (fields && indices && columns) {
    int count = layout(stage, in, fields, indices, err);
    out = count < 0 ? NULL : pg_schema_new(fields, count);
    status = count < 0 ? PG_BAD_INPUT : PG_OK;
  }
  free(fields);
  if (!out) {
    free(indices);
    free(columns);
    return status == PG_OK ? pg_stage_no_memory(stage, err) : status;
  }
  stage->ops->close(stage);
  *state = (struct columns){pg_schema_ref(in), out, indices, columns};
  return PG_OK;
}

static enum pg_status take(struct pg_stage *stage, struct pg_batch *batch,
                           layout_fn *layout, struct pg_error *err)
{
  struct columns *state = stage->state;
  if (state->in != batch->schema) {
    enum pg_status status = lay_out(stage, batch->schema, layout, err);
    if (status != PG_OK) {
      pg_batch_unref(batch);
      return status;
    }
  }
  for (int i = 0; i < state->out->count; i++) {
    int index = state->indices[i];
    state->columns[i] = index < 0 ? pg_column_nulls(PERI_T_NULL, batch->rows)
                                  : pg_column_ref(batch->columns[index]);
  }
  struct pg_batch *made = pg_batch_new(state->out, state->columns, batch->rows);
  pg_batch_unref(batch);
  if (!made) {
    return pg_stage_no_memory(stage, err);
  }
  return made->rows > 0 ? pg_stage_emit(stage, made, err)
                        : pg_stage_tell(stage, made, err);
}

static enum pg_status take_select(struct pg_stage *stage,
                                  struct pg_batch *batch, struct pg_error *err)
{
  return take(stage, batch, layout_select, err);
}

static enum pg_status take_drop(struct pg_stage *stage, struct pg_batch *batch,
                                struct pg_error *err)
{
  return take(stage, batch, layout_drop, err);
}

static enum pg_status take_rename(struct pg_stage *stage,
                                  struct pg_batch *batch, struct pg_error *err)
{
  return take(stage, batch, layout_rename, err);
}

static void close_columns(struct pg_stage *stage)
{
  struct columns *state = stage->state;
  pg_schema_unref(state->in);
  pg_schema_unref(state->out);
  free(state->indices);
  free(state->columns);
  *state = (struct columns){0};
}

const struct pg_stage_ops pg_select_ops = {.state_bytes =
                                             sizeof(struct columns),
                                           .batch = take_select,
                                           .columns = take_select,
                                           .close = close_columns};
const struct pg_stage_ops pg_drop_ops = {.state_bytes = sizeof(struct columns),
                                         .batch = take_drop,
                                         .columns = take_drop,
                                         .close = close_columns};
const struct pg_stage_ops pg_rename_ops = {.state_bytes =
                                             sizeof(struct columns),
                                           .batch = take_rename,
                                           .columns = take_rename,
                                           .close = close_columns};
