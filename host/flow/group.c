/* group.c - the stage that gathers rows into groups. */
#include "flow/group.h"

#include "flow/flow.h"
#include "flow/group_own.h"
#include "flow/parallel.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- what is asked
 */

static void drop_uses(struct pg_aggregate_use *uses, int count)
{
  for (int i = 0; uses && i < count; i++) {
    for (int k = 0; k < uses[i].arg_count; k++) {
      pg_program_unref(uses[i].args[k]);
    }
  }
  free(uses);
}

static void forget(struct group *group, int at)
{
  pg_schema_unref(group->kept[at].schema);
  drop_uses(group->kept[at].uses, group->aggregate_count);
  group->kept[at].schema = NULL;
  group->kept[at].uses = NULL;
}

static enum pg_status ask(struct pg_stage *stage,
                          const struct pg_schema *schema,
                          struct pg_aggregate_use *uses, struct pg_error *err)
{
  struct group *group = stage->state;
  const struct pg_script *script = stage->flow->graph->script;
  enum pg_status status = PG_OK;
  for (int i = 0; i < group->aggregate_count && status == PG_OK; i++) {
    pg_flow_lock_script(stage->flow);
    status =
      script->aggregate(script->self, stage->index, i, schema, &uses[i], err);
    pg_flow_unlock_script(stage->flow);
    if (status == PG_OK) {
      status = pg_states_use(&group->states[i], stage, &uses[i], err);
    }
  }
  return status;
}

static int find(struct group *group, struct pg_schema *schema)
{
  for (int i = 0; i < KEPT; i++) {
    struct pg_schema *kept = group->kept[i].schema;
    if (kept == schema) {
      return i;
    }
    if (kept && pg_schema_equal(kept, schema->fields, schema->count)) {
      group->kept[i].schema = pg_schema_ref(schema);
      pg_schema_unref(kept);
      return i;
    }
  }
  return -1;
}

enum pg_status pg_group_bind(struct pg_stage *stage, struct pg_schema *schema,
                             struct pg_aggregate_use **uses,
                             struct pg_error *err)
{
  struct group *group = stage->state;
  int at = find(group, schema);
  if (at < 0) {
    at = group->next;
    forget(group, at);
    group->kept[at].uses =
      calloc((size_t)group->aggregate_count + 1, sizeof **uses);
    if (!group->kept[at].uses) {
      return pg_stage_no_memory(stage, err);
    }
    enum pg_status status = ask(stage, schema, group->kept[at].uses, err);
    if (status != PG_OK) {
      return status;
    }
    group->kept[at].schema = pg_schema_ref(schema);
    group->next = (at + 1) % KEPT;
    pg_schema_unref(group->last);
    group->last = pg_schema_ref(schema);
    group->last_place = group->place;
  }
  *uses = group->kept[at].uses;
  return PG_OK;
}

/* ------------------------------------------------------------------- stepping
 */

/* An argument as the overload takes it. */
static enum pg_status eval_arg(struct pg_stage *stage,
                               const struct pg_aggregate_use *use, int index,
                               struct pg_batch *batch,
                               struct pg_column **column, struct pg_error *err)
{
  const struct pg_decl_field *field = &use->item->decl->fields[index];
  enum pg_status status =
    pg_program_eval(use->args[index], stage->scratch, batch, column, err);
  if (status != PG_OK) {
    return pg_stage_place(stage, status, err);
  }
  uint32_t type = (*column)->type;
  if (field->type.set & 1u << type && type != PERI_T_NULL) {
    return PG_OK;
  }
  pg_column_unref(*column);
  *column = NULL;
  if (type != PERI_T_NULL) {
    return pg_stage_fail(
      stage, PG_BAD_INPUT, err, "aggregate '%s' takes '%s' as %s, found %s",
      use->item->decl->name, field->name, field->type.name, pg_type_name(type));
  }
  *column = pg_column_nulls(field->type.base, batch->rows);
  return *column ? PG_OK : pg_stage_no_memory(stage, err);
}

/* How the column looks to the plugin; bools are spread into a block of their
 * own.  False: no memory. */
static bool view_arg(const struct pg_column *column, struct pg_block **bytes,
                     peri_col *view)
{
  if (column->type == PERI_T_BOOL) {
    *bytes = pg_block_new((size_t)column->length);
    if (!*bytes) {
      return false;
    }
  }
  *view = pg_column_view(column, *bytes ? (uint8_t *)(*bytes)->bytes : NULL);
  return true;
}

static enum pg_status step(struct pg_stage *stage, int index,
                           const struct pg_aggregate_use *use,
                           struct pg_batch *batch, const uint32_t *numbers,
                           struct pg_error *err)
{
  struct group *group = stage->state;
  struct pg_states *states = &group->states[index];
  struct pg_column *columns[PG_PROGRAM_ARGS_MAX] = {0};
  struct pg_block *bytes[PG_PROGRAM_ARGS_MAX] = {0};
  peri_col views[PG_PROGRAM_ARGS_MAX];
  enum pg_status status = PG_OK;
  for (int i = 0; i < use->arg_count && status == PG_OK; i++) {
    status = eval_arg(stage, use, i, batch, &columns[i], err);
    if (status == PG_OK && !view_arg(columns[i], &bytes[i], &views[i])) {
      status = pg_stage_no_memory(stage, err);
    }
  }
  if (status == PG_OK) {
    status = pg_aggregate_step(states->context, use->item, states->bytes,
                               numbers, batch->rows, views, err);
    status = pg_stage_place(stage, status, err);
  }
  for (int i = 0; i < use->arg_count; i++) {
    pg_column_unref(columns[i]);
    pg_block_unref(bytes[i]);
  }
  return status;
}

/* Notes where the groups came first that this batch made. */
static bool note_places(struct group *group, uint32_t had,
                        const uint32_t *numbers, int64_t rows)
{
  uint32_t count = group->keys.count;
  if (count == had) {
    return true;
  }
  if (count > group->places_max) {
    size_t max = (size_t)count * 2;
    uint64_t *places = realloc(group->places, max * sizeof *places);
    if (!places) {
      return false;
    }
    group->places = places;
    group->places_max = max;
  }
  for (int64_t i = 0; had < count && i < rows; i++) {
    if (numbers[i] == had) {
      group->places[had++] = group->place + (uint64_t)i;
    }
  }
  return true;
}

static enum pg_status number_rows(struct pg_stage *stage,
                                  struct pg_batch *batch, struct pg_error *err)
{
  struct group *group = stage->state;
  const struct pg_node *node = stage->node;
  uint32_t had = group->keys.count;
  int have = 0;
  group->numbers =
    pg_block_grow(group->numbers, (size_t)batch->rows * sizeof(uint32_t), 0);
  enum pg_status status =
    group->numbers ? PG_OK : pg_stage_no_memory(stage, err);
  while (status == PG_OK && have < node->name_count) {
    int at = pg_schema_find(batch->schema, node->names[have]);
    group->columns[have] = at < 0 ? pg_column_nulls(PERI_T_NULL, batch->rows)
                                  : pg_column_ref(batch->columns[at]);
    status = group->columns[have] ? PG_OK : pg_stage_no_memory(stage, err);
    have += status == PG_OK;
  }
  if (status == PG_OK) {
    uint32_t *numbers = (uint32_t *)group->numbers->bytes;
    status =
      pg_keys_number(&group->keys, group->columns, batch->rows, numbers, err);
    status = pg_stage_place(stage, status, err);
    if (status == PG_OK && group->placed &&
        !note_places(group, had, numbers, batch->rows)) {
      status = pg_stage_no_memory(stage, err);
    }
  }
  for (int i = 0; i < have; i++) {
    pg_column_unref(group->columns[i]);
  }
  return status;
}

static enum pg_status gather(struct pg_stage *stage, struct pg_batch *batch,
                             struct pg_error *err)
{
  struct group *group = stage->state;
  struct pg_aggregate_use *uses;
  const uint32_t *numbers = NULL;
  size_t count = 1;
  enum pg_status status = pg_group_bind(stage, batch->schema, &uses, err);
  if (status == PG_OK && stage->node->name_count > 0) {
    status = number_rows(stage, batch, err);
    count = group->keys.count;
    numbers = group->numbers ? (uint32_t *)group->numbers->bytes : NULL;
  }
  for (int i = 0; i < group->aggregate_count && status == PG_OK; i++) {
    status = pg_states_grow(&group->states[i], count)
               ? step(stage, i, &uses[i], batch, numbers, err)
               : pg_stage_no_memory(stage, err);
  }
  group->place += (uint64_t)batch->rows;
  return status;
}

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  enum pg_status status = gather(stage, batch, err);
  pg_batch_unref(batch);
  return status;
}

/* ------------------------------------------------------------- open and close
 */

/* The columns that come out. */
static peri_str output_name(const struct pg_node *node, int i)
{
  return i < node->name_count ? node->names[i] : node->to[i - node->name_count];
}

static enum pg_status check_names(const struct pg_stage *stage,
                                  struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  for (int i = 0; i < node->name_count + node->to_count; i++) {
    peri_str name = output_name(node, i);
    for (int k = 0; k < i; k++) {
      peri_str other = output_name(node, k);
      if (other.len == name.len && memcmp(other.ptr, name.ptr, name.len) == 0) {
        return pg_stage_fail(stage, PG_BAD_INPUT, err,
                             "column '%.*s' comes twice", (int)name.len,
                             name.ptr);
      }
    }
  }
  return PG_OK;
}

static enum pg_status open_group(struct pg_stage *stage, struct pg_error *err)
{
  struct group *group = stage->state;
  const struct pg_node *node = stage->node;
  enum pg_status status = check_names(stage, err);
  if (status != PG_OK) {
    return status;
  }
  group->aggregate_count = node->to_count;
  group->states = calloc((size_t)node->to_count + 1, sizeof *group->states);
  group->columns = calloc((size_t)node->name_count + 1, sizeof(void *));
  if (!group->states || !group->columns ||
      !pg_keys_init(&group->keys, node->name_count)) {
    return pg_stage_no_memory(stage, err);
  }
  /* Copies have one seed, so that their rows can be looked up in one another.
   */
  const struct group *of_flow = stage->flow->stages[stage->index]->state;
  group->keys.seed = of_flow->keys.seed;
  return PG_OK;
}

static enum pg_status end_group(struct pg_stage *stage, struct pg_error *err)
{
  enum pg_status status = pg_parallel_join(stage, err);
  return status == PG_OK ? pg_group_emit(stage, err) : status;
}

static void close_group(struct pg_stage *stage)
{
  struct group *group = stage->state;
  for (int i = 0; group->states && i < group->aggregate_count; i++) {
    pg_states_fini(&group->states[i]);
  }
  free(group->states);
  for (int i = 0; i < KEPT; i++) {
    forget(group, i);
  }
  pg_keys_fini(&group->keys);
  pg_schema_unref(group->last);
  pg_block_unref(group->numbers);
  free(group->columns);
  free(group->places);
}

const struct pg_stage_ops pg_group_ops = {.state_bytes = sizeof(struct group),
                                          .open = open_group,
                                          .batch = take_batch,
                                          .end = end_group,
                                          .close = close_group};
