/* plan.c - makes plans, and reads records by them. */
#include "reader.h"

#define MISSES_MAX 64 /* then records are read without a plan for a while */
#define WAIT_RECORDS 1000
#define EXACT_MAX ((int64_t)1 << 53)

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

static bool is_managed(const struct json_step *step)
{
  return step->kind > JSON_STEP_SKIP;
}

/* Finds the places of the columns again; false: the plan is out of date. */
static bool refresh(struct json_reader *r)
{
  for (int i = 0; i < r->plan.count; i++) {
    struct json_step *step = &r->plan.steps[i];
    struct json_column *column = step->slot->column;
    if (!is_managed(step)) {
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
  if (plan->count == 0 || plan->misses % 8 == 7 || !refresh(r)) {
    make(r);
    plan->taken = r->status == PERI_OK && plan->count > 0 && refresh(r);
  } else {
    plan->taken = true;
  }
  return plan->taken;
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
    if (is_managed(step)) {
      step->slot->column->next = r->row + (i < done);
      step->slot->column->from = step->slot;
    }
  }
  plan->misses++;
  if (plan->misses > MISSES_MAX) {
    plan->misses = 0;
    plan->wait = WAIT_RECORDS;
  }
}

/* ------------------------------------------------------------------ the values
 * Each returns the end of the value at p, or NULL: the plan does not fit. */

/* The value is null, which only a column that tracks nulls takes. */
static inline const char *read_null(const struct json_step *step, const char *p)
{
  return load32(p) == load32("null") && step->valid ? p + 4 : NULL;
}

static const char *read_escaped(struct json_reader *r,
                                const struct json_step *step, const char *p,
                                const char *stop)
{
  struct json_fault fault;
  struct json_value value = {.kind = JSON_K_STRING, .escaped = true};
  const char *end = *stop == '\\' ? json_skip_string(stop, &fault) : NULL;
  if (!end) {
    return NULL;
  }
  value.raw = (peri_str){p, (size_t)(end - p)};
  return json_store_string(r, (peri_view *)step->values + r->row, &value)
           ? end
           : NULL;
}

static inline const char *read_str(struct json_reader *r,
                                   const struct json_step *step, const char *p)
{
  const char *stop = json_text_end(p + 1);
  if (*p != '"') {
    return NULL;
  }
  if (JSON_NEVER(*stop != '"')) {
    return read_escaped(r, step, p, stop);
  }
  json_input_view(r, (peri_view *)step->values + r->row, p + 1,
                  (size_t)(stop - p) - 1);
  return stop + 1;
}

static inline const char *read_i64(const struct json_step *step, const char *p,
                                   int64_t row)
{
  struct json_number number;
  if ((unsigned char)(*p - '0') > 9 && *p != '-') {
    return NULL;
  }
  const char *end = json_number(p, &number);
  if (!end || number.kind != JSON_INTEGER) {
    return NULL;
  }
  ((int64_t *)step->values)[row] = number.integer;
  return end;
}

static inline const char *read_f64(const struct json_step *step, const char *p,
                                   int64_t row)
{
  struct json_number number;
  if ((unsigned char)(*p - '0') > 9 && *p != '-') {
    return NULL;
  }
  const char *end = json_number(p, &number);
  if (!end || number.kind == JSON_HUGE) {
    return NULL;
  }
  if (number.kind == JSON_INTEGER) {
    number.f64 = (double)number.integer;
    if (number.integer > EXACT_MAX || number.integer < -EXACT_MAX) {
      return NULL;
    }
  }
  ((double *)step->values)[row] = number.f64;
  return end;
}

static inline const char *read_bool(const struct json_step *step, const char *p,
                                    int64_t row)
{
  bool truth = load32(p) == load32("true");
  if (!truth && memcmp(p, "false", 5) != 0) {
    return NULL;
  }
  ((uint8_t *)step->values)[row] = truth;
  return p + (truth ? 4 : 5);
}

static inline const char *
read_nested(struct json_reader *r, const struct json_step *step, const char *p)
{
  struct json_fault fault;
  if (*p != '{' && *p != '[') {
    return NULL;
  }
  const char *end = json_skip_flat(p);
  end = end ? end : json_skip(p, 2, &fault);
  if (end) {
    json_input_view(r, (peri_view *)step->values + r->row, p,
                    (size_t)(end - p));
  }
  return end;
}

static inline const char *
skip_value(struct json_reader *r, const struct json_step *step, const char *p)
{
  if (*p == '"') {
    const char *stop = json_text_end(p + 1);
    if (*stop == '"') {
      return stop + 1;
    }
  }
  return json_read_value(r, step->slot, p);
}

/* ------------------------------------------------------------------ the record
 */

static inline bool is_head(const struct json_step *step, const char *p)
{
#ifdef __SSE2__
  const char *head = step->head;
  __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p),
                               _mm_loadu_si128((const __m128i *)head));
  uint32_t same = (uint32_t)_mm_movemask_epi8(low);
  if (step->len > 16) {
    __m128i high =
      _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 16)),
                     _mm_loadu_si128((const __m128i *)(head + 16)));
    same |= (uint32_t)_mm_movemask_epi8(high) << 16;
  }
  return (same & step->mask) == step->mask;
#else
  return memcmp(p, step->head, step->len) == 0;
#endif
}

static inline const char *read_step(struct json_reader *r,
                                    const struct json_step *step, const char *p)
{
  int64_t row = r->row;
  const char *end;
  switch (step->kind) {
  case JSON_STEP_STR:
    end = read_str(r, step, p);
    break;
  case JSON_STEP_I64:
    end = read_i64(step, p, row);
    break;
  case JSON_STEP_F64:
    end = read_f64(step, p, row);
    break;
  case JSON_STEP_BOOL:
    end = read_bool(step, p, row);
    break;
  case JSON_STEP_NESTED:
    end = read_nested(r, step, p);
    break;
  case JSON_STEP_SKIP:
    return skip_value(r, step, p);
  default:
    return json_read_value(r, step->slot, p);
  }
  if (JSON_NEVER(!end)) {
    return read_null(step, p);
  }
  if (step->valid) {
    step->valid[row] = 1;
  }
  return end;
}

const char *json_plan_read(struct json_reader *r, const char *p)
{
  struct json_plan *plan = &r->plan;
  const char *at = p;
  bool mixed = false;
  int i = 0;
  for (; i < plan->count; i++) {
    const struct json_step *step = &plan->steps[i];
    const char *value = at + step->len;
    if (!is_head(step, at) || JSON_NEVER((unsigned char)*value <= ' ')) {
      break;
    }
    const char *end = read_step(r, step, value);
    if (JSON_NEVER(!end)) {
      if (!is_managed(step) || r->status != PERI_OK) {
        json_plan_leave(r, i);
        return NULL;
      }
      mixed = step->kind == JSON_STEP_NESTED;
      break;
    }
    at = end;
  }
  if (i == plan->count && at[0] == '}' && at[1] == '\n') {
    plan->misses -= plan->misses > 0;
    return at + 2;
  }
  json_plan_leave(r, i);
  if (mixed) { /* a column that holds other values too stays out of the plan */
    plan->steps[i].kind = JSON_STEP_OTHER;
  }
  return i == 0 ? json_read_whole(r, p)
                : json_read_rest(r, at, &plan->steps[i - 1].slot->next);
}
