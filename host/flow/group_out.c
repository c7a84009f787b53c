/* group_out.c - groups become batches. */
#include "flow/flow.h"
#include "flow/group.h"
#include "flow/group_own.h"

#include <stdlib.h>
#include <string.h>

#define OUT_ROWS 16384
#define AHEAD 8 /* rows; after a join states lie in another order */

void pg_group_set_place(struct pg_stage *stage, uint64_t place)
{
  struct group *group = stage->state;
  group->placed = true;
  group->place = place;
}

/* ------------------------------------------------------------------- emitting
 */

static void store(uint32_t type, const peri_slot *slot, void *values, int64_t i)
{
  switch (pg_type_width(type)) {
  case 1:
    ((uint8_t *)values)[i] = slot->u8;
    break;
  case 2:
    ((uint16_t *)values)[i] = slot->u16;
    break;
  case 4:
    ((uint32_t *)values)[i] = slot->u32;
    break;
  default:
    ((uint64_t *)values)[i] = slot->u64;
  }
}

static enum pg_status build_results(struct pg_stage *stage, int index,
                                    const uint32_t *rows, int64_t n,
                                    struct pg_build *build,
                                    struct pg_error *err)
{
  struct group *group = stage->state;
  struct pg_states *states = &group->states[index];
  uint32_t type = states->item->decl->returns.base;
  uint8_t *valid;
  int column = pg_build_column(build, stage->node->to[index], type);
  void *values = pg_build_values(build, column, n, &valid);
  if (!values) {
    return pg_stage_no_memory(stage, err);
  }
  for (int64_t i = 0; i < n; i++) {
    peri_slot slot = {.u64 = 0};
    bool is_valid = false;
    if (i + AHEAD < n) {
      __builtin_prefetch(pg_states_at(states, rows[i + AHEAD]));
    }
    enum pg_status status =
      pg_aggregate_final(states->context, states->item,
                         pg_states_at(states, rows[i]), &slot, &is_valid, err);
    if (status != PG_OK) {
      return pg_stage_place(stage, status, err);
    }
    valid[i] = is_valid;
    if (!pg_type_is_text(type)) {
      store(type, &slot, values, i);
    } else if (is_valid && !pg_build_text(build, values, i, slot.str)) {
      return pg_stage_no_memory(stage, err);
    }
  }
  return PG_OK;
}

/* Builds and emits the groups that are listed. */
static enum pg_status emit_rows(struct pg_stage *stage, const uint32_t *rows,
                                int64_t n, struct pg_build *build,
                                struct pg_error *err)
{
  struct group *group = stage->state;
  const struct pg_node *node = stage->node;
  bool good = pg_build_begin(build, NULL, NULL);
  for (int i = 0; i < node->name_count && good; i++) {
    good = pg_keys_build(&group->keys, i, node->names[i], rows, n, build);
  }
  enum pg_status status = good ? PG_OK : pg_stage_no_memory(stage, err);
  for (int i = 0; i < group->aggregate_count && status == PG_OK; i++) {
    status = build_results(stage, i, rows, n, build, err);
  }
  if (status != PG_OK) {
    return status;
  }
  build->rows = n;
  struct pg_batch *batch = pg_build_finish(build);
  return batch ? pg_stage_emit_cut(stage, batch, err)
               : pg_stage_no_memory(stage, err);
}

struct placed {
  uint64_t place;
  uint32_t row;
};

static int compare_places(const void *a, const void *b)
{
  uint64_t x = ((const struct placed *)a)->place;
  uint64_t y = ((const struct placed *)b)->place;
  return x < y ? -1 : x > y;
}

/* The groups in the order in which they first came; NULL: no memory. */
static uint32_t *order_rows(const struct group *group, uint32_t count)
{
  uint32_t *rows = malloc(((size_t)count + 1) * sizeof *rows);
  struct placed *placed = NULL;
  if (group->placed && group->places) {
    placed = malloc(((size_t)count + 1) * sizeof *placed);
    if (!placed) {
      free(rows);
      return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
      placed[i] = (struct placed){group->places[i], i};
    }
    qsort(placed, count, sizeof *placed, compare_places);
  }
  for (uint32_t i = 0; rows && i < count; i++) {
    rows[i] = placed ? placed[i].row : i;
  }
  free(placed);
  return rows;
}

/* Without columns to group by there is one group, also of no rows. */
static enum pg_status make_only_group(struct pg_stage *stage,
                                      struct pg_error *err)
{
  struct group *group = stage->state;
  struct pg_aggregate_use *uses;
  if (!group->last) {
    struct pg_schema *empty = pg_schema_new(NULL, 0);
    enum pg_status status = empty ? pg_group_bind(stage, empty, &uses, err)
                                  : pg_stage_no_memory(stage, err);
    pg_schema_unref(empty);
    if (status != PG_OK) {
      return status;
    }
  }
  for (int i = 0; i < group->aggregate_count; i++) {
    if (!pg_states_grow(&group->states[i], 1)) {
      return pg_stage_no_memory(stage, err);
    }
  }
  return PG_OK;
}

enum pg_status pg_group_emit(struct pg_stage *stage, struct pg_error *err)
{
  struct group *group = stage->state;
  uint32_t count = group->keys.count;
  enum pg_status status = PG_OK;
  if (stage->node->name_count == 0) {
    count = 1;
    status = make_only_group(stage, err);
  }
  uint32_t *rows = status == PG_OK ? order_rows(group, count) : NULL;
  if (status == PG_OK && !rows) {
    status = pg_stage_no_memory(stage, err);
  }
  struct pg_build build = {0};
  for (uint32_t at = 0; at < count && status == PG_OK; at += OUT_ROWS) {
    uint32_t left = count - at;
    status = emit_rows(stage, rows + at, left < OUT_ROWS ? left : OUT_ROWS,
                       &build, err);
  }
  pg_build_fini(&build);
  free(rows);
  return status;
}
