/* follow.c - reads records by a plan.
 *
 * One record is a chain: where a value begins is known when the one before it
 * has been read, and the machine waits for that most of the time.  So records
 * are read in groups, one step of all of them after the other: their chains run
 * side by side.
 */
#include "blocks.h"
#include "reader.h"
#include "time_text.h"

#define EXACT_MAX ((int64_t)1 << 53)

/* ------------------------------------------------------------------ the values
 * Each returns the end of the value at p, or NULL: the plan does not fit. */

/* Where the values of a step go.  A copy of what is needed, because a compiler
 * has to load anything behind a pointer again after each value it stores. */
struct place {
  void *values;
  uint8_t *valid;
  const char *base; /* of views, and its buffer */
  int32_t buffer;
};

static inline struct place place_of(const struct json_reader *r,
                                    const struct json_step *step)
{
  return (struct place){step->values, step->valid, r->base, r->buffer};
}

static const char *read_escaped(struct json_reader *r,
                                const struct json_step *step, const char *p,
                                int64_t row, const char *stop)
{
  struct json_fault fault;
  struct json_value value = {.kind = JSON_K_STRING, .escaped = true};
  const char *end = *stop == '\\' ? json_skip_string(stop, &fault) : NULL;
  if (!end) {
    return NULL;
  }
  value.raw = (peri_str){p, (size_t)(end - p)};
  return json_store_string(r, (peri_view *)step->values + row, &value) ? end
                                                                       : NULL;
}

BLOCKS_INLINE const char *read_str(struct json_reader *r,
                                   const struct json_step *step,
                                   const struct place *place, const char *p,
                                   int64_t row)
{
  const char *stop = json_text_end(p + 1);
  if (*p != '"') {
    return NULL;
  }
  if (JSON_NEVER(*stop != '"')) {
    return read_escaped(r, step, p, row, stop);
  }
  view_set_chunk((peri_view *)place->values + row, p + 1,
                 (size_t)(stop - p) - 1, place->buffer, place->base);
  return stop + 1;
}

static inline bool may_be_number(char c)
{
  return (unsigned char)(c - '0') <= 9 || c == '-';
}

BLOCKS_INLINE const char *read_i64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  const char *end = may_be_number(*p) ? json_number(p, &number) : NULL;
  if (!end || number.kind != JSON_INTEGER) {
    return NULL;
  }
  ((int64_t *)place->values)[row] = number.integer;
  return end;
}

BLOCKS_INLINE const char *read_f64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  const char *end = may_be_number(*p) ? json_number(p, &number) : NULL;
  if (!end || number.kind == JSON_HUGE) {
    return NULL;
  }
  if (number.kind == JSON_INTEGER) {
    number.f64 = (double)number.integer;
    if (number.integer > EXACT_MAX || number.integer < -EXACT_MAX) {
      return NULL;
    }
  }
  ((double *)place->values)[row] = number.f64;
  return end;
}

BLOCKS_INLINE const char *read_bool(const struct place *place, const char *p,
                                    int64_t row)
{
  bool truth = load32(p) == load32("true");
  if (!truth && memcmp(p, "false", 5) != 0) {
    return NULL;
  }
  ((uint8_t *)place->values)[row] = truth;
  return p + (truth ? 4 : 5);
}

BLOCKS_INLINE const char *read_time(const struct place *place, const char *p,
                                    int64_t row)
{
  const char *stop = json_text_end(p + 1);
  bool good =
    *p == '"' && *stop == '"' &&
    time_text(p + 1, (size_t)(stop - p) - 1, (int64_t *)place->values + row);
  return good ? stop + 1 : NULL;
}

BLOCKS_INLINE const char *read_nested(const struct place *place, const char *p,
                                      int64_t row)
{
  struct json_fault fault;
  if (*p != '{' && *p != '[') {
    return NULL;
  }
  const char *end = json_skip_flat(p);
  end = end ? end : json_skip(p, 2, &fault);
  if (end) {
    view_set_chunk((peri_view *)place->values + row, p, (size_t)(end - p),
                   place->buffer, place->base);
  }
  return end;
}

BLOCKS_INLINE const char *
skip_value(struct json_reader *r, const struct json_step *step, const char *p)
{
  if (*p == '"') {
    const char *stop = json_text_end(p + 1);
    if (*stop == '"') {
      return stop + 1;
    }
  }
  struct json_number number;
  const char *end = may_be_number(*p)        ? json_number(p, &number)
                    : *p == '{' || *p == '[' ? json_skip_flat(p)
                                             : NULL;
  return end ? end : json_read_value(r, step->slot, p);
}

/* The value at p as this kind of step, which is not OTHER.  Null is a value of
 * any column that tracks nulls. */
BLOCKS_INLINE const char *read_kind(struct json_reader *r,
                                    const struct json_step *step,
                                    const struct place *place,
                                    enum json_step_kind kind, const char *p,
                                    int64_t row)
{
  const char *end;
  switch (kind) {
  case JSON_STEP_STR:
    end = read_str(r, step, place, p, row);
    break;
  case JSON_STEP_I64:
    end = read_i64(place, p, row);
    break;
  case JSON_STEP_F64:
    end = read_f64(place, p, row);
    break;
  case JSON_STEP_BOOL:
    end = read_bool(place, p, row);
    break;
  case JSON_STEP_TIME:
    end = read_time(place, p, row);
    break;
  case JSON_STEP_NESTED:
    end = read_nested(place, p, row);
    break;
  default:
    return skip_value(r, step, p);
  }
  if (JSON_NEVER(!end)) {
    return load32(p) == load32("null") && place->valid ? p + 4 : NULL;
  }
  if (place->valid) {
    place->valid[row] = 1;
  }
  return end;
}

/* ------------------------------------------------------------------ the record
 */

/* The bytes before a value, at hand. */
struct head {
#ifdef __SSE2__
  __m128i low, high;
#else
  const char *text;
#endif
  uint32_t mask, len;
};

#ifdef __SSE2__
static inline struct head head_of(const struct json_step *step)
{
  return (struct head){_mm_loadu_si128((const __m128i *)step->head),
                       _mm_loadu_si128((const __m128i *)(step->head + 16)),
                       step->mask, step->len};
}

BLOCKS_INLINE bool is_head(const struct head *head, const char *p)
{
  __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), head->low);
  uint32_t same = (uint32_t)_mm_movemask_epi8(low);
  if (head->len > 16) {
    __m128i high =
      _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 16)), head->high);
    same |= (uint32_t)_mm_movemask_epi8(high) << 16;
  }
  return (same & head->mask) == head->mask;
}
#else
static inline struct head head_of(const struct json_step *step)
{
  return (struct head){step->head, step->mask, step->len};
}

static inline bool is_head(const struct head *head, const char *p)
{
  return memcmp(p, head->text, head->len) == 0;
}
#endif

static inline const char *read_step(struct json_reader *r,
                                    const struct json_step *step, const char *p)
{
  struct place place = place_of(r, step);
  return step->kind == JSON_STEP_OTHER
           ? json_read_value(r, step->slot, p)
           : read_kind(r, step, &place, step->kind, p, r->row);
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
    struct head head = head_of(step);
    if (!is_head(&head, at) || JSON_NEVER((unsigned char)*value <= ' ')) {
      break;
    }
    const char *end = read_step(r, step, value);
    if (JSON_NEVER(!end)) {
      if (!json_step_is_managed(step) || r->status != PERI_OK) {
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

/* ------------------------------------------------------------ several records
 */

/* One step of the records at at[0 .. count); how many of them, from the first
 * one on, have it. */
BLOCKS_INLINE int read_column(struct json_reader *r,
                              const struct json_step *step,
                              enum json_step_kind kind, const char **at,
                              int count)
{
  int64_t row = r->row;
  const struct place place = place_of(r, step);
  const struct head head = head_of(step);
  for (int i = 0; i < count; i++) {
    const char *value = at[i] + head.len;
    if (!is_head(&head, at[i]) || JSON_NEVER((unsigned char)*value <= ' ')) {
      return i;
    }
    const char *end = read_kind(r, step, &place, kind, value, row + i);
    if (JSON_NEVER(!end)) {
      return i;
    }
    at[i] = end;
  }
  return count;
}

/* A loop of its own for each kind. */
static int read_step_of_all(struct json_reader *r, const struct json_step *step,
                            const char **at, int count)
{
  switch (step->kind) {
  case JSON_STEP_STR:
    return read_column(r, step, JSON_STEP_STR, at, count);
  case JSON_STEP_I64:
    return read_column(r, step, JSON_STEP_I64, at, count);
  case JSON_STEP_F64:
    return read_column(r, step, JSON_STEP_F64, at, count);
  case JSON_STEP_BOOL:
    return read_column(r, step, JSON_STEP_BOOL, at, count);
  case JSON_STEP_TIME:
    return read_column(r, step, JSON_STEP_TIME, at, count);
  case JSON_STEP_NESTED:
    return read_column(r, step, JSON_STEP_NESTED, at, count);
  default:
    return read_column(r, step, JSON_STEP_SKIP, at, count);
  }
}

/* Takes back what rows [from, to) got. */
static void forget(struct json_reader *r, int64_t from, int64_t to)
{
  for (int i = 0; i < r->plan.count; i++) {
    const struct json_step *step = &r->plan.steps[i];
    if (step->valid) {
      memset(step->valid + from, 0, (size_t)(to - from));
    }
  }
}

int json_plan_read_group(struct json_reader *r, const char *const *lines,
                         int count)
{
  const struct json_plan *plan = &r->plan;
  const char *at[JSON_GROUP];
  int good = count;
  memcpy(at, lines, (size_t)count * sizeof *at);
  for (int i = 0; i < plan->count && good > 0; i++) {
    good = read_step_of_all(r, &plan->steps[i], at, good);
  }
  for (int i = 0; i < good; i++) {
    if (at[i][0] != '}' || at[i][1] != '\n') {
      good = i;
    }
  }
  if (good < count) {
    forget(r, r->row + good, r->row + count);
  }
  return good;
}
