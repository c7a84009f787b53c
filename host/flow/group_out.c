/* group_out.c - groups become batches. */
#include "flow/flow.h"
#include "flow/group.h"
#include "flow/group_own.h"
#include "flow/parallel.h"

#include <stdlib.h>
#include <string.h>

#define OUT_ROWS 512 /* of a batch, which is a job for one worker */
#define JOBS 32      /* batches made before they are given on */
#define AHEAD 8      /* rows; after a join states lie in another order */

/* Groups on their way out. */
struct emitting {
  struct pg_stage *stage;
  const uint32_t *rows; /* of all groups, in order */
  uint32_t count;
  uint32_t from; /* the first of the jobs at hand */
  struct out {
    struct pg_build build;
    struct pg_batch *batch; /* owned */
    enum pg_status status;  /* NULL batch: why */
    struct pg_error err;
  } outs[JOBS];
};

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

/* The results of the states, which are dropped while they are at hand. */
static enum pg_status take_results(struct pg_states *states,
                                   struct pg_context *context,
                                   const uint32_t *rows, int64_t n,
                                   struct pg_build *build, void *values,
                                   uint8_t *valid, struct pg_error *err)
{
  const struct pg_plugin_item *item = states->item;
  uint32_t type = item->decl->returns.base;
  for (int64_t i = 0; i < n; i++) {
    peri_slot slot = {.u64 = 0};
    bool is_valid = false;
    void *state = pg_states_at(states, rows[i]);
    if (i + AHEAD < n) {
      __builtin_prefetch(pg_states_at(states, rows[i + AHEAD]), 1);
    }
    enum pg_status status =
      pg_aggregate_final(context, item, state, &slot, &is_valid, err);
    if (status != PG_OK) {
      return status;
    }
    valid[i] = is_valid;
    if (!pg_type_is_text(type)) {
      store(type, &slot, values, i);
    } else if (is_valid && !pg_build_text(build, values, i, slot.str)) {
      return pg_fail(err, PG_NO_MEMORY, "no memory");
    }
    if (item->hooks[PERI_H_DROP]) {
      pg_aggregate_drop(context, item, state);
      memset(state, 0, item->state_bytes);
    }
  }
  return PG_OK;
}

static enum pg_status build_results(struct pg_stage *stage, int index,
                                    const uint32_t *rows, int64_t n,
                                    struct pg_build *build,
                                    struct pg_error *err)
{
  struct group *group = stage->state;
  struct pg_states *states = &group->states[index];
  uint8_t *valid;
  int column = pg_build_column(build, stage->node->to[index],
                               states->item->decl->returns.base);
  void *values = pg_build_values(build, column, n, &valid);
  if (!values) {
    return pg_stage_no_memory(stage, err);
  }
  struct pg_context context; /* the one of the states is for one thread */
  pg_context_init(&context, states->context->plugin, states->context->cx.stop);
  enum pg_status status =
    take_results(states, &context, rows, n, build, values, valid, err);
  pg_context_fini(&context);
  return pg_stage_place(stage, status, err);
}

/* Builds a batch of the groups that are listed. */
static enum pg_status build_rows(struct pg_stage *stage, const uint32_t *rows,
                                 int64_t n, struct pg_build *build,
                                 struct pg_batch **batch, struct pg_error *err)
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
  *batch = pg_build_finish(build);
  return *batch ? PG_OK : pg_stage_no_memory(stage, err);
}

static void build_job(void *to, int i)
{
  struct emitting *emitting = to;
  struct out *out = &emitting->outs[i];
  uint32_t at = emitting->from + (uint32_t)i * OUT_ROWS;
  uint32_t left = emitting->count - at;
  out->status = build_rows(emitting->stage, emitting->rows + at,
                           left < OUT_ROWS ? left : OUT_ROWS, &out->build,
                           &out->batch, &out->err);
}

/* As one thread would that makes one batch after the other. */
static enum pg_status give_batches(struct emitting *emitting, int count,
                                   struct pg_error *err)
{
  for (int i = 0; i < count; i++) {
    struct out *out = &emitting->outs[i];
    if (!out->batch) {
      *err = out->err;
      return out->status;
    }
    struct pg_batch *batch = out->batch;
    out->batch = NULL;
    enum pg_status status = pg_stage_emit_cut(emitting->stage, batch, err);
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

static enum pg_status emit_rows(struct pg_stage *stage, const uint32_t *rows,
                                uint32_t count, struct pg_error *err)
{
  struct emitting *emitting = calloc(1, sizeof *emitting);
  enum pg_status status = emitting ? PG_OK : pg_stage_no_memory(stage, err);
  for (uint32_t at = 0; at < count && status == PG_OK; at += JOBS * OUT_ROWS) {
    uint32_t left = (count - at + OUT_ROWS - 1) / OUT_ROWS;
    int jobs = left < JOBS ? (int)left : JOBS;
    emitting->stage = stage;
    emitting->rows = rows;
    emitting->count = count;
    emitting->from = at;
    pg_parallel_each(stage->flow, build_job, emitting, jobs);
    status = give_batches(emitting, jobs, err);
  }
  for (int i = 0; emitting && i < JOBS; i++) {
    pg_batch_unref(emitting->outs[i].batch);
    pg_build_fini(&emitting->outs[i].build);
  }
  free(emitting);
  return status;
}

/* --------------------------------------------------------------------- order
 */

struct placed {
  uint64_t place;
  uint32_t row;
};

/* By the byte of the place at `shift`; equal ones stay in order. */
static void sort_by_byte(const struct placed *from, struct placed *to,
                         uint32_t count, int shift, const uint32_t *counts)
{
  uint32_t at[256], next = 0;
  for (int i = 0; i < 256; i++) {
    at[i] = next;
    next += counts[i];
  }
  for (uint32_t i = 0; i < count; i++) {
    to[at[from[i].place >> shift & 255]++] = from[i];
  }
}

/* Byte by byte, the least first: most are the same in all places.
 * [return]  `placed` or `room`, which both hold `count` */
static struct placed *sort_places(struct placed *placed, struct placed *room,
                                  uint32_t count)
{
  uint32_t counts[8][256] = {{0}};
  for (uint32_t i = 0; i < count; i++) {
    for (int byte = 0; byte < 8; byte++) {
      counts[byte][placed[i].place >> byte * 8 & 255]++;
    }
  }
  for (int byte = 0; count > 0 && byte < 8; byte++) {
    if (counts[byte][placed[0].place >> byte * 8 & 255] < count) {
      sort_by_byte(placed, room, count, byte * 8, counts[byte]);
      struct placed *sorted = room;
      room = placed;
      placed = sorted;
    }
  }
  return placed;
}

/* The groups in the order in which they first came; NULL: no memory. */
static uint32_t *order_rows(const struct group *group, uint32_t count)
{
  uint32_t *rows = malloc(((size_t)count + 1) * sizeof *rows);
  struct placed *both = NULL, *placed = NULL;
  if (rows && group->placed && group->places) {
    both = malloc(((size_t)count + 1) * 2 * sizeof *both);
    if (!both) {
      free(rows);
      return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
      both[i] = (struct placed){group->places[i], i};
    }
    placed = sort_places(both, both + count, count);
  }
  for (uint32_t i = 0; rows && i < count; i++) {
    rows[i] = placed ? placed[i].row : i;
  }
  free(both);
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
  if (status == PG_OK) {
    status = emit_rows(stage, rows, count, err);
  }
  for (int i = 0; i < group->aggregate_count && status == PG_OK; i++) {
    group->states[i].count = 0; /* all are dropped */
  }
  free(rows);
  return status;
}
