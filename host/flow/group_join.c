/* group_join.c - groups of several threads become one.
 *
 * The largest goes on, and takes in the others.  Rows of theirs are looked up
 * as they are, and the states of each pair are joined, by all workers; only
 * what is not there yet is added by one. */
#include "flow/flow.h"
#include "flow/group.h"
#include "flow/group_own.h"
#include "flow/parallel.h"

#include <stdlib.h>
#include <string.h>

#define JOB_ROWS 512
#define AHEAD 8 /* rows; a state is most often in no cache */

struct joining {
  struct pg_stage *stage; /* of into */
  struct group *into, *from;
  uint32_t *numbers; /* owned; in into, of the rows of from */
  uint32_t had;      /* rows of into, before */
  pthread_mutex_t lock;
  enum pg_status status; /* of the jobs, and err, under the lock */
  struct pg_error err;
};

/* ------------------------------------------------------------ keys to numbers
 */

/* The numbers in `into` of rows [at, at + n) of `from`. */
static enum pg_status number_keys(struct pg_stage *stage,
                                  const struct group *from, uint32_t at,
                                  int64_t n, uint32_t *numbers,
                                  struct pg_error *err)
{
  struct group *into = stage->state;
  const struct pg_node *node = stage->node;
  struct pg_build build = {0};
  uint32_t rows[JOB_ROWS];
  for (int64_t i = 0; i < n; i++) {
    rows[i] = at + (uint32_t)i;
  }
  bool good = pg_build_begin(&build, NULL, NULL);
  for (int i = 0; i < node->name_count && good; i++) {
    good = pg_keys_build(&from->keys, i, node->names[i], rows, n, &build);
  }
  build.rows = n;
  struct pg_batch *batch = good ? pg_build_finish(&build) : NULL;
  pg_build_fini(&build);
  if (!batch) {
    return pg_stage_no_memory(stage, err);
  }
  enum pg_status status =
    pg_keys_number(&into->keys, batch->columns, n, numbers, err);
  pg_batch_unref(batch);
  return pg_stage_place(stage, status, err);
}

/* The same for all rows, when types differ. */
static enum pg_status number_all(struct joining *joining, struct pg_error *err)
{
  uint32_t count = joining->from->keys.count;
  enum pg_status status = PG_OK;
  for (uint32_t at = 0; at < count && status == PG_OK; at += JOB_ROWS) {
    uint32_t left = count - at;
    status = number_keys(joining->stage, joining->from, at,
                         left < JOB_ROWS ? left : JOB_ROWS,
                         joining->numbers + at, err);
  }
  return status;
}

static void find_job(void *to, int i)
{
  struct joining *joining = to;
  const struct pg_keys *from = &joining->from->keys;
  uint32_t at = (uint32_t)i * JOB_ROWS, left = from->count - at;
  pg_keys_find(&joining->into->keys, from, at,
               left < JOB_ROWS ? left : JOB_ROWS, joining->numbers + at);
}

static int count_jobs(const struct joining *joining)
{
  return (int)((joining->from->keys.count + (uint64_t)JOB_ROWS - 1) / JOB_ROWS);
}

static enum pg_status number_rows(struct joining *joining, struct pg_error *err)
{
  struct pg_keys *keys = &joining->into->keys;
  const struct pg_keys *from = &joining->from->keys;
  if (!pg_keys_match(keys, from)) {
    return number_all(joining, err);
  }
  pg_parallel_each(joining->stage->flow, find_job, joining,
                   count_jobs(joining));
  enum pg_status status = pg_keys_add(keys, from, joining->numbers, err);
  return pg_stage_place(joining->stage, status, err);
}

/* --------------------------------------------------------- states and places
 */

/* A new group takes the state over as it is: states may be moved.  Nothing is
 * left of the other. */
static enum pg_status join_state(struct pg_context *context,
                                 const struct pg_states *into, uint32_t number,
                                 const struct pg_states *from, uint32_t row,
                                 bool is_new, struct pg_error *err)
{
  void *to = pg_states_at(into, number), *of = pg_states_at(from, row);
  enum pg_status status = PG_OK;
  if (is_new) {
    memcpy(to, of, into->item->state_bytes);
  } else {
    status = pg_aggregate_join(context, into->item, to, of, err);
    pg_aggregate_drop(context, into->item, of);
  }
  memset(of, 0, into->item->state_bytes);
  return status;
}

/* Joins the states of aggregate `index` of rows [at, end). */
static enum pg_status join_states(const struct joining *joining, int index,
                                  uint32_t at, uint32_t end,
                                  struct pg_error *err)
{
  const struct pg_states *into = &joining->into->states[index];
  const struct pg_states *from = &joining->from->states[index];
  struct pg_context context; /* the one of the states is for one thread */
  enum pg_status status = PG_OK;
  pg_context_init(&context, into->context->plugin, into->context->cx.stop);
  for (uint32_t i = at; i < end && status == PG_OK; i++) {
    uint32_t number = joining->numbers ? joining->numbers[i] : 0;
    if (i + AHEAD < end) {
      __builtin_prefetch(pg_states_at(into, joining->numbers[i + AHEAD]));
    }
    status =
      join_state(&context, into, number, from, i, number >= joining->had, err);
  }
  pg_context_fini(&context);
  return pg_stage_place(joining->stage, status, err);
}

/* Each group keeps the place where it came first in any thread. */
static void join_places(const struct joining *joining, uint32_t at,
                        uint32_t end)
{
  for (uint32_t i = at; i < end; i++) {
    uint64_t place = joining->from->places[i];
    uint64_t *best = &joining->into->places[joining->numbers[i]];
    bool is_new = joining->numbers[i] >= joining->had;
    *best = is_new || place < *best ? place : *best;
  }
}

/* No two rows of `from` have one number. */
static void join_job(void *to, int i)
{
  struct joining *joining = to;
  struct pg_error err;
  uint32_t at = (uint32_t)i * JOB_ROWS, left = joining->from->keys.count - at;
  uint32_t end = at + (left < JOB_ROWS ? left : JOB_ROWS);
  enum pg_status status = PG_OK;
  join_places(joining, at, end);
  for (int k = 0; k < joining->into->aggregate_count && status == PG_OK; k++) {
    status = join_states(joining, k, at, end, &err);
  }
  if (status != PG_OK) {
    pthread_mutex_lock(&joining->lock);
    joining->status = status;
    joining->err = err;
    pthread_mutex_unlock(&joining->lock);
  }
}

static bool make_room(struct group *into, size_t count)
{
  if (count > into->places_max) {
    uint64_t *places = realloc(into->places, count * sizeof *places);
    if (!places) {
      return false;
    }
    into->places = places;
    into->places_max = count;
  }
  bool good = true;
  for (int k = 0; k < into->aggregate_count && good; k++) {
    good = pg_states_grow(&into->states[k], count);
  }
  return good;
}

/* ------------------------------------------------------------------ the whole
 */

static enum pg_status join_rows(struct joining *joining, struct pg_error *err)
{
  joining->had = joining->into->keys.count;
  joining->numbers =
    malloc(((size_t)joining->from->keys.count + 1) * sizeof(uint32_t));
  enum pg_status status = joining->numbers
                            ? number_rows(joining, err)
                            : pg_stage_no_memory(joining->stage, err);
  if (status == PG_OK && !make_room(joining->into, joining->into->keys.count)) {
    status = pg_stage_no_memory(joining->stage, err);
  }
  if (status == PG_OK) {
    pg_parallel_each(joining->stage->flow, join_job, joining,
                     count_jobs(joining));
    status = joining->status;
  }
  if (joining->status != PG_OK) {
    *err = joining->err;
  }
  free(joining->numbers);
  return status;
}

static enum pg_status join_only_group(struct joining *joining,
                                      struct pg_error *err)
{
  enum pg_status status = PG_OK;
  joining->had = 1;
  for (int k = 0; k < joining->into->aggregate_count && status == PG_OK; k++) {
    status = join_states(joining, k, 0, 1, err);
  }
  return status;
}

/* [borrow] from; takes in what it holds */
static enum pg_status join(struct pg_stage *stage, struct group *from,
                           struct pg_error *err)
{
  struct joining joining = {.stage = stage, .into = stage->state, .from = from};
  pthread_mutex_init(&joining.lock, NULL);
  enum pg_status status = stage->node->name_count > 0
                            ? join_rows(&joining, err)
                            : join_only_group(&joining, err);
  for (int k = 0; k < from->aggregate_count && status == PG_OK; k++) {
    from->states[k].count = 0; /* nothing is left in them */
  }
  pthread_mutex_destroy(&joining.lock);
  return status;
}

/* The stage whose rows brought the last new schema of the stream; NULL: no rows
 * came. */
static struct pg_stage *find_last(struct pg_stage *const *from, int count)
{
  struct pg_stage *last = NULL;
  for (int i = 0; i < count; i++) {
    const struct group *group = from[i]->state;
    const struct group *best = last ? last->state : NULL;
    if (group->last && (!best || group->last_place > best->last_place)) {
      last = from[i];
    }
  }
  return last;
}

/* The one with the most groups, and then the first; of those with any rows. */
static int find_largest(struct pg_stage *const *from, int count)
{
  int largest = -1;
  for (int i = 0; i < count; i++) {
    const struct group *group = from[i]->state;
    const struct group *best = largest < 0 ? NULL : from[largest]->state;
    if (group->last && (!best || group->keys.count > best->keys.count)) {
      largest = i;
    }
  }
  return largest;
}

/* The stage of the flow, which has no rows, becomes one of them. */
static void take_over(struct group *into, struct group *from)
{
  struct group empty = *into;
  into->keys = from->keys;
  into->states = from->states;
  into->places = from->places;
  into->places_max = from->places_max;
  from->keys = empty.keys;
  from->states = empty.states;
  from->places = empty.places;
  from->places_max = empty.places_max;
}

static void close_share(struct pg_stage *stage)
{
  stage->ops->close(stage); /* its memory is not needed twice */
  memset(stage->state, 0, sizeof(struct group));
}

enum pg_status pg_group_join(struct pg_stage *into,
                             struct pg_stage *const *from, int count,
                             struct pg_error *err)
{
  struct pg_stage *last = find_last(from, count);
  if (!last) {
    return PG_OK;
  }
  int largest = find_largest(from, count);
  take_over(into->state, from[largest]->state);
  /* One thread would have asked last for this schema, and the overloads that it
   * was told make the results. */
  struct pg_aggregate_use *uses;
  enum pg_status status =
    pg_group_bind(into, ((struct group *)last->state)->last, &uses, err);
  ((struct group *)into->state)->placed = true;
  close_share(from[largest]);
  for (int i = 0; i < count && status == PG_OK; i++) {
    struct group *group = from[i]->state;
    if (group->last) {
      status = join(into, group, err);
      close_share(from[i]);
    }
  }
  return status;
}
