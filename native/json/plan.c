/* plan.c - takes plans up and leaves them. */
#include "reader.h"

/* A record that leaves the plan counts so many others: where there is a second
 * plan, and where records are kept, for which there is none. */
#define MISS 8
#define MISS_KEPT 4
#define MISSES_MAX                                                             \
  256                  /* then records are read without the order for a while  \
                        */
#define MISSES_SAME 32 /* then the plan is made anew */
#define WAIT_RECORDS 1000
#define WAITS_MAX 6 /* each as long as all before it */

/* Closes the gap of a column that the plan is to write, and finds its place
 * again. */
static bool refresh_place(struct json_reader *r, struct json_place *place)
{
  struct json_column *column = place->slot->column;
  if (column->next < r->row && !json_close_gap(r, column)) {
    return false;
  }
  place->values = column->values;
  place->valid = column->valid;
  return true;
}

/* False: the plan is out of date, or r->status. */
static bool refresh(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
  for (int i = 0; i < plan->count; i++) {
    struct json_step *step = &plan->steps[i];
    if (step->kind == JSON_STEP_OTHER || step->kind == JSON_STEP_SKIP) {
      continue;
    }
    if (json_plan_kind(step->place.slot) != step->kind ||
        (json_step_is_managed(step) && !refresh_place(r, &step->place))) {
      return false;
    }
  }
  for (int i = 0; i < plan->span_count; i++) {
    struct json_place *span = &plan->spans[i];
    if (json_plan_kind(span->slot) != JSON_STEP_NESTED ||
        !refresh_place(r, span)) {
      return false;
    }
  }
  return true;
}

/* The same for the plan of keys, whose steps take any kind; false: r->status.
 */
static bool refresh_keyed(struct json_reader *r)
{
  struct json_plan *plan = &r->keyed.plan;
  for (int i = 0; i < plan->count; i++) {
    struct json_step *step = &plan->steps[i];
    step->kind = json_plan_kind(step->place.slot);
    if (json_step_is_managed(step) && !refresh_place(r, &step->place)) {
      return false;
    }
  }
  return true;
}

static void give_up(struct json_plan *plan)
{
  plan->misses = 0;
  plan->wait = (int64_t)WAIT_RECORDS << plan->waits;
  plan->waits += plan->waits < WAITS_MAX;
}

static bool take_ordered(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
  plan->miss = r->keep.on ? MISS_KEPT : MISS;
  bool worn = plan->misses % MISSES_SAME > MISSES_SAME - plan->miss - 1;
  /* Of records that lack keys at times, the one that has most is the sample. */
  bool small = r->keys > plan->keys;
  plan->taken = plan->count > 0 && !worn && !small && refresh(r);
  if (!plan->taken && r->status == PERI_OK) {
    json_plan_make(r, r->last);
    plan->keys = r->keys;
    plan->taken = plan->count > 0 && refresh(r);
    if (plan->count == 0) {
      give_up(plan);
    }
  }
  return plan->taken;
}

static bool take_keyed(struct json_reader *r)
{
  struct json_plan *plan = &r->keyed.plan;
  int keys = (int)r->shape.root->count;
  if (plan->count == 0 || plan->keys != keys) {
    json_keyed_make(r);
    plan->keys = keys;
  }
  if (plan->count == 0) {
    give_up(plan);
    return false;
  }
  plan->miss = MISS;
  plan->taken = refresh_keyed(r);
  return plan->taken;
}

struct json_plan *json_plan_take(struct json_reader *r)
{
  struct json_plan *plan = &r->plan, *keyed = &r->keyed.plan;
  if (!r->last) {
    return NULL;
  }
  if (plan->wait == 0 && take_ordered(r)) {
    return plan;
  }
  if (keyed->wait == 0 && !r->keep.on && r->status == PERI_OK &&
      take_keyed(r)) {
    return keyed;
  }
  plan->wait -= plan->wait > 0;
  keyed->wait -= keyed->wait > 0;
  return NULL;
}

/* A record that leaves the plan costs the rest of its group: where that happens
 * often, groups are small. */
void json_plan_judge(struct json_plan *plan, int good, int count)
{
  plan->misses = plan->misses > good ? plan->misses - good : 0;
  if (good == count) {
    plan->group = plan->group * 2 < plan->most ? plan->group * 2 : plan->most;
  } else {
    plan->group = plan->group > 1 ? plan->group / 2 : 1;
    plan->misses += plan->miss;
  }
  plan->waits = good == JSON_GROUP ? 0 : plan->waits;
  if (plan->misses > MISSES_MAX) {
    give_up(plan);
  }
}

static void forget_rows(const struct json_place *place, int64_t from,
                        int64_t to)
{
  if (place->valid) {
    memset(place->valid + from, 0, (size_t)(to - from));
  }
}

void json_plan_forget(struct json_reader *r, const struct json_plan *plan,
                      int64_t from, int64_t to)
{
  for (int i = 0; i < plan->count; i++) {
    if (json_step_is_managed(&plan->steps[i])) {
      forget_rows(&plan->steps[i].place, from, to);
    } else if (plan->steps[i].kind == JSON_STEP_OTHER) {
      json_take_back_rows(r, plan->steps[i].place.slot, from);
    }
  }
  for (int i = 0; i < plan->span_count; i++) {
    forget_rows(&plan->spans[i], from, to);
  }
}

static void leave_place(const struct json_reader *r,
                        const struct json_place *place)
{
  place->slot->column->next = r->row;
  place->slot->column->from = place->slot;
}

static void leave(const struct json_reader *r, struct json_plan *plan)
{
  if (!plan->taken) {
    return;
  }
  plan->taken = false;
  for (int i = 0; i < plan->count; i++) {
    if (json_step_is_managed(&plan->steps[i])) {
      leave_place(r, &plan->steps[i].place);
    }
  }
  for (int i = 0; i < plan->span_count; i++) {
    leave_place(r, &plan->spans[i]);
  }
}

void json_plan_leave(struct json_reader *r)
{
  leave(r, &r->plan);
  leave(r, &r->keyed.plan);
}
