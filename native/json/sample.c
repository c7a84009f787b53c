/* sample.c - makes a plan of a record that was read. */
#include "reader.h"

#define DEPTH_MAX 8 /* objects further within are values like any other */

struct maker {
  struct json_plan *plan;
  uint64_t number;   /* marks the keys that were met */
  const char *from;  /* the end of the last value, or the record's begin */
  int depth;         /* of the last value */
  int closed;        /* objects since `from` */
  int open;          /* the span that has begun and not ended, or -1 */
  int opens, closes; /* since `from`, or -1 */
  const char *opens_at, *closes_at;
};

enum json_step_kind json_plan_kind(const struct json_slot *slot)
{
  const struct json_column *column = slot->column;
  if (slot->child) {
    return JSON_STEP_OTHER;
  }
  if (!column) {
    return JSON_STEP_SKIP;
  }
  if (column->named) {
    return column->left_out ? JSON_STEP_SKIP : JSON_STEP_KEEP;
  }
  if (!column->values) {
    return column->index >= 0 ? JSON_STEP_NULL : JSON_STEP_OTHER;
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

/* May the key before a value be missing?  When objects end before it, all '}'
 * come first.  The first key of an object that is not the record is there. */
static bool may_miss(const struct maker *maker, int lead, int depth)
{
  char next = maker->from[lead];
  return lead == maker->closed &&
         (next == ',' || (next == '{' && maker->depth == 0 && depth == 1));
}

/* Adds the step of a value at p, `depth` levels deep, without its kind; NULL:
 * there are too many. */
static struct json_step *add_step(struct maker *maker, const char *p, int depth)
{
  struct json_plan *plan = maker->plan;
  size_t len = (size_t)(p - maker->from);
  if (plan->count == JSON_STEPS_MAX || len > UINT16_MAX) {
    return NULL;
  }
  struct json_step *step = &plan->steps[plan->count++];
  int lead = (int)strspn(maker->from, "}");
  size_t some = len < JSON_STEP_HEAD ? len : JSON_STEP_HEAD;
  *step = (struct json_step){
    .mask = (uint32_t)(((uint64_t)1 << some) - 1),
    .len = (uint32_t)len,
    .text = maker->from,
    .may_miss = may_miss(maker, lead, depth),
    .depth = (uint8_t)depth,
    .before = (uint8_t)maker->depth,
    .lead = (uint8_t)lead,
    .opens = (int16_t)maker->opens,
    .closes = (int16_t)maker->closes,
  };
  memcpy(step->head, maker->from, some);
  if (maker->opens >= 0) {
    step->opens_at = (uint16_t)(maker->opens_at - maker->from);
  }
  if (maker->closes >= 0) {
    step->closes_at = (uint16_t)(maker->closes_at - maker->from);
  }
  maker->opens = maker->closes = -1;
  maker->depth = depth;
  maker->closed = 0;
  return step;
}

/* May the object at p be walked through?  One with a column of its own must be
 * the only one around its values: a span. */
static bool is_open(const struct maker *maker, const struct json_slot *slot,
                    const char *p, int depth)
{
  if (*p != '{' || *json_space(p + 1) == '}' || depth == DEPTH_MAX) {
    return false;
  }
  const struct json_column *column = slot ? slot->column : NULL;
  return !column || column->named ||
         (column->values && column->quick == PERI_T_JSON && maker->open < 0 &&
          maker->opens < 0 && maker->plan->span_count < JSON_SPANS_MAX);
}

static const char *walk_object(struct maker *maker,
                               const struct json_node *node, const char *p,
                               int depth);

static const char *walk_span(struct maker *maker, struct json_slot *slot,
                             const char *p, int depth)
{
  struct json_plan *plan = maker->plan;
  int span = plan->span_count++;
  plan->spans[span] = (struct json_place){.slot = slot};
  maker->open = maker->opens = span;
  maker->opens_at = p;
  const char *end = walk_object(maker, slot->child, p, depth + 1);
  maker->open = -1;
  maker->closes = span;
  maker->closes_at = end;
  return end;
}

/* The value at p, which lies in an object `depth` levels deep; its end, or
 * NULL: no plan can be made.  slot: may be NULL */
static const char *walk_value(struct maker *maker, struct json_slot *slot,
                              const char *p, int depth)
{
  if (is_open(maker, slot, p, depth)) {
    return slot && slot->column && !slot->column->named
             ? walk_span(maker, slot, p, depth)
             : walk_object(maker, slot ? slot->child : NULL, p, depth + 1);
  }
  struct json_fault fault;
  struct json_step *step = add_step(maker, p, depth);
  if (!step) {
    return NULL;
  }
  step->kind = slot ? json_plan_kind(slot) : JSON_STEP_SKIP;
  step->place.slot = slot;
  maker->from = json_skip(p, depth + 1, &fault);
  return maker->from;
}

/* The object at p, which is not empty; its end, or NULL. */
static const char *walk_object(struct maker *maker,
                               const struct json_node *node, const char *p,
                               int depth)
{
  struct json_fault fault;
  for (;;) {
    const char *key = json_space(p + 1);
    const char *end = json_skip_string(key + 1, &fault);
    peri_str name = {key + 1, (size_t)(end - key) - 2};
    if (memchr(name.ptr, '\\', name.len)) {
      return NULL;
    }
    struct json_slot *slot =
      node ? json_slot_find(node, name, json_name_hash(name)) : NULL;
    if (slot && slot->seen == maker->number) {
      return NULL; /* twice */
    }
    if (slot) {
      slot->seen = maker->number;
    }
    p = json_space(json_space(end) + 1);
    p = walk_value(maker, slot, p, depth);
    if (!p) {
      return NULL;
    }
    p = json_space(p);
    if (*p == '}') {
      maker->closed++;
      return p + 1;
    }
  }
}

/* Do several values of the plan lead to this column, which has a dot in its
 * name?  Those that lie in a value that is not walked through count as well. */
static bool is_shared(const struct json_plan *plan,
                      const struct json_column *column)
{
  int count = 0;
  for (int i = 0; i < plan->count; i++) {
    const struct json_slot *slot = plan->steps[i].place.slot;
    count += slot && slot->column == column;
    count += slot && slot->child ? 2 : 0;
  }
  for (int i = 0; i < plan->span_count; i++) {
    count += plan->spans[i].slot->column == column;
  }
  return count > 1;
}

/* A column that is shared is no step's own, and its rows have to be read one
 * after the other; false: no span's. */
static bool part_columns(struct json_plan *plan)
{
  for (int i = 0; i < plan->count; i++) {
    struct json_slot *slot = plan->steps[i].place.slot;
    if (slot && slot->column && slot->column->paths &&
        is_shared(plan, slot->column)) {
      plan->steps[i].kind = JSON_STEP_OTHER;
      plan->most = 1;
    }
  }
  for (int i = 0; i < plan->span_count; i++) {
    const struct json_column *column = plan->spans[i].slot->column;
    if (column->paths && is_shared(plan, column)) {
      return false;
    }
  }
  return true;
}

void json_plan_make(struct json_reader *r, const char *text)
{
  struct json_plan *plan = &r->plan;
  const char *start = json_space(text);
  struct maker maker = {.plan = plan,
                        .number = ++r->line_count,
                        .from = text,
                        .open = -1,
                        .opens = -1,
                        .closes = -1};
  plan->number = maker.number;
  plan->count = plan->span_count = 0;
  plan->most = JSON_GROUP;
  const char *end = *json_space(start + 1) == '}'
                      ? NULL
                      : walk_object(&maker, r->shape.root, start, 1);
  /* All that is left of the line is the head of a step without a value. */
  if (!end || plan->count == JSON_STEPS_MAX ||
      !add_step(&maker, json_space(end) + 1, 0) || !part_columns(plan) ||
      (r->keep.on && !json_edit_plan(r, text))) {
    plan->count = 0;
    return;
  }
  plan->count--;
  plan->group = plan->group < plan->most ? plan->group : plan->most;
}
