/* plan.c - makes plans, takes them up and leaves them. */
#include "reader.h"

#define MISS 4         /* a record that leaves the plan counts so many others */
#define MISSES_MAX 256 /* then records are read without a plan for a while */
#define MISSES_SAME 32 /* then the plan is made anew */
#define WAIT_RECORDS 1000
#define PAUSE_RECORDS 50

/* ------------------------------------------------------------------ the steps
 */

static enum json_step_kind kind_of(const struct json_reader *r,
                                   const struct json_slot *slot)
{
  const struct json_column *column = slot->column;
  if (slot->child) {
    return JSON_STEP_OTHER;
  }
  if (!column) {
    return JSON_STEP_SKIP;
  }
  /* Several slots may lead to a column with a dot. */
  if (column->paths || column->next < r->row || !column->values) {
    return JSON_STEP_OTHER;
  }
  switch (column->quick) {
  case PERI_T_STR:
    return JSON_STEP_STR;
  case PERI_T_I64:
    return JSON_STEP_I64;
  case PERI_T_F64:
    return JSON_STEP_F64;
  case PERI_T_BOOL:
    return JSON_STEP_BOOL;
  case PERI_T_TIME:
    return JSON_STEP_TIME;
  case PERI_T_JSON:
    return JSON_STEP_NESTED;
  default:
    return JSON_STEP_OTHER;
  }
}

/* The bytes from the end of one value to the next; false: too many. */
static bool set_head(struct json_step *step, const struct json_slot *slot,
                     bool first, bool spaced)
{
  size_t len = slot->len + 1 + (spaced && !first) + spaced;
  if (len > JSON_STEP_HEAD) {
    return false;
  }
  char *to = step->head;
  *to++ = first ? '{' : ',';
  if (spaced && !first) {
    *to++ = ' ';
  }
  memcpy(to, slot->text, slot->len);
  to += slot->len;
  if (spaced) {
    *to = ' ';
  }
  step->len = (uint32_t)len;
  step->mask = len == 32 ? ~0u : (1u << len) - 1;
  return true;
}

static bool add_step(struct json_reader *r, struct json_slot *slot, bool spaced)
{
  struct json_plan *plan = &r->plan;
  for (int i = 0; i < plan->count; i++) {
    if (plan->steps[i].slot == slot) {
      return false;
    }
  }
  struct json_step *step = &plan->steps[plan->count];
  *step = (struct json_step){.slot = slot, .kind = kind_of(r, slot)};
  if (!set_head(step, slot, plan->count == 0, spaced)) {
    return false;
  }
  plan->count++;
  return true;
}

/* Is a space behind the first colon, and so perhaps behind every comma? */
static bool is_spaced(const struct json_reader *r)
{
  const struct json_slot *first = r->shape.root->first;
  const char *p = json_space(r->last);
  return *p == '{' && first->text && json_is_key(first, p + 1, r->limit) &&
         p[1 + first->len] == ' ';
}

/* The keys of the last record, as they followed one another. */
static void make(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
  struct json_slot *slot = r->shape.root->first;
  bool spaced = is_spaced(r);
  plan->count = 0;
  while (slot->text && plan->count < JSON_STEPS_MAX &&
         add_step(r, slot, spaced)) {
    slot = slot->next;
  }
}

/* Finds the places of the columns again; false: the plan is out of date. */
static bool refresh(struct json_reader *r)
{
  for (int i = 0; i < r->plan.count; i++) {
    struct json_step *step = &r->plan.steps[i];
    struct json_column *column = step->slot->column;
    if (!json_step_is_managed(step)) {
      continue;
    }
    if (column->values && column->next < r->row && !json_close_gap(r, column)) {
      return false;
    }
    if (kind_of(r, step->slot) != step->kind) {
      return false;
    }
    step->values = column->values;
    step->valid = column->valid;
  }
  return true;
}

bool json_plan_take(struct json_reader *r)
{
  struct json_plan *plan = &r->plan;
  if (plan->taken) {
    return true;
  }
  if (r->row == 0 || plan->wait > 0) {
    plan->wait -= plan->wait > 0;
    return false;
  }
  if (plan->count == 0 || plan->misses % MISSES_SAME > MISSES_SAME - MISS - 1 ||
      !refresh(r)) {
    make(r);
    plan->taken = r->status == PERI_OK && plan->count > 0 && refresh(r);
  } else {
    plan->taken = true;
  }
  plan->grouped = plan->taken;
  for (int i = 0; i < plan->count; i++) {
    plan->grouped = plan->grouped && plan->steps[i].kind != JSON_STEP_OTHER;
  }
  return plan->taken;
}

/* A record that leaves the plan costs the rest of its group: where that happens
 * often, groups are small, and then there are none for a while. */
int json_plan_group(struct json_plan *plan)
{
  if (!plan->taken || !plan->grouped) {
    return 0;
  }
  if (plan->pause > 0) {
    plan->pause--;
    return 0;
  }
  return plan->group;
}

void json_plan_judge(struct json_plan *plan, int good, int count)
{
  plan->misses = plan->misses > good ? plan->misses - good : 0;
  if (good == count) {
    plan->group = plan->group * 2 < JSON_GROUP ? plan->group * 2 : JSON_GROUP;
  } else if (plan->group > 2) {
    plan->group /= 2;
  } else {
    plan->pause = PAUSE_RECORDS;
  }
}

void json_plan_leave(struct json_reader *r, int done)
{
  struct json_plan *plan = &r->plan;
  if (!plan->taken) {
    return;
  }
  plan->taken = false;
  for (int i = 0; i < plan->count; i++) {
    const struct json_step *step = &plan->steps[i];
    if (json_step_is_managed(step)) {
      step->slot->column->next = r->row + (i < done);
      step->slot->column->from = step->slot;
    }
  }
  plan->misses += MISS;
  if (plan->misses > MISSES_MAX) {
    plan->misses = 0;
    plan->wait = WAIT_RECORDS;
  }
}
