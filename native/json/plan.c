/* plan.c - takes plans up and leaves them. */
#include "reader.h"

#define MISS 4         /* a record that leaves the plan counts so many others */
#define MISSES_MAX 256 /* then records are read without a plan for a while */
#define MISSES_SAME 32 /* then the plan is made anew */
#define WAIT_RECORDS 1000

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

bool json_plan_take(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
  if (plan->taken) {
    return true;
  }
  if (!r->last || plan->wait > 0) {
    plan->wait -= plan->wait > 0;
    return false;
  }
  bool worn = plan->misses % MISSES_SAME > MISSES_SAME - MISS - 1;
  /* Of records that lack keys at times, the one that has most is the sample. */
  bool small = r->keys > plan->keys;
  plan->taken = plan->count > 0 && !worn && !small && refresh(r);
  if (!plan->taken && r->status == PERI_OK) {
    json_plan_make(r, r->last);
    plan->keys = r->keys;
    plan->taken = plan->count > 0 && refresh(r);
    plan->wait = plan->count > 0 ? 0 : WAIT_RECORDS;
  }
  return plan->taken;
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
    plan->misses += MISS;
  }
  if (plan->misses > MISSES_MAX) {
    plan->misses = 0;
    plan->wait = WAIT_RECORDS;
  }
}

static void leave_place(const struct json_reader *r,
                        const struct json_place *place)
{
  place->slot->column->next = r->row;
  place->slot->column->from = place->slot;
}

void json_plan_leave(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
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
