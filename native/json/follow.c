/* follow.c - reads groups of records by a plan. */
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
  return (struct place){step->place.values, step->place.valid, r->base,
                        r->buffer};
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
  return json_store_string(r, (peri_view *)step->place.values + row, &value)
           ? end
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

BLOCKS_INLINE const char *skip_value(const struct json_step *step,
                                     const char *p)
{
  struct json_fault fault;
  struct json_number number;
  const char *end = NULL;
  if (*p == '"') {
    end = json_text_end(p + 1);
    return *end == '"' ? end + 1 : json_skip_string(end, &fault);
  }
  if (may_be_number(*p)) {
    end = json_number(p, &number);
  } else if (*p == '{' || *p == '[') {
    end = json_skip_flat(p);
  }
  return end ? end : json_skip(p, step->depth + 1, &fault);
}

/* Row `row` of a column that other records write as well, through json_put().
 */
static const char *read_other(struct json_reader *r,
                              const struct json_step *step, const char *p,
                              const char *line, int64_t row)
{
  int64_t first = r->row;
  uint64_t number = r->line_count;
  r->row = row;
  r->line = line;
  r->line_count += (uint64_t)(row - first) + 1;
  r->sound = false;
  const char *end = json_read_value(r, step->place.slot, p);
  r->line_count = number;
  r->row = first;
  return end;
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
  case JSON_STEP_NULL:
    return load32(p) == load32("null") ? p + 4 : NULL;
  default:
    return skip_value(step, p);
  }
  if (JSON_NEVER(!end)) {
    return load32(p) == load32("null") && place->valid ? p + 4 : NULL;
  }
  if (place->valid) {
    place->valid[row] = 1;
  }
  return end;
}

/* ------------------------------------------------------------------ the heads
 */

/* The bytes before a value, at hand. */
struct head {
#ifdef __SSE2__
  __m128i low, high;
#else
  const char *text;
#endif
  uint32_t mask, len;
  const char *rest; /* what does not fit, or NULL */
};

static inline const char *rest_of(const struct json_step *step)
{
  return step->len > JSON_STEP_HEAD ? step->text + JSON_STEP_HEAD : NULL;
}

#ifdef __SSE2__
static inline struct head head_of(const struct json_step *step)
{
  return (struct head){_mm_loadu_si128((const __m128i *)step->head),
                       _mm_loadu_si128((const __m128i *)(step->head + 16)),
                       step->mask, step->len, rest_of(step)};
}

BLOCKS_INLINE bool begins(const struct head *head, const char *p)
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
  return (struct head){step->head, step->mask, step->len, rest_of(step)};
}

static inline bool begins(const struct head *head, const char *p)
{
  size_t some = head->len < JSON_STEP_HEAD ? head->len : JSON_STEP_HEAD;
  return memcmp(p, head->text, some) == 0;
}
#endif

/* Do the bytes at p begin with the head?  `limit`: how far may be read. */
BLOCKS_INLINE bool is_head(const struct head *head, const char *p,
                           const char *limit)
{
  if (!begins(head, p)) {
    return false;
  }
  return !head->rest || ((size_t)(limit - p) >= head->len &&
                         memcmp(p + JSON_STEP_HEAD, head->rest,
                                head->len - JSON_STEP_HEAD) == 0);
}

/* The same where the keys before it are missing: then '{' is there for ','. */
static bool is_first_head(const struct json_step *step, const char *p,
                          const char *limit)
{
  return *p == '{' && step->text[0] == ',' &&
         (size_t)(limit - p) >= step->len &&
         memcmp(p + 1, step->text + 1, step->len - 1) == 0;
}

/* ------------------------------------------------------------------ the steps
 */

/* The records at hand. */
struct group {
  const char *const *lines;
  const char *at[JSON_GROUP];    /* how far each was read */
  const char *begun[JSON_GROUP]; /* where the open span of each begins */
};

/* Ends and begins spans in the head at hand of record i. */
static void pass_edges(struct json_reader *r, const struct json_step *step,
                       struct group *group, int i)
{
  const char *at = group->at[i];
  if (step->closes >= 0) {
    const struct json_place *span = &r->plan.spans[step->closes];
    const char *begin = group->begun[i];
    json_input_view(r, (peri_view *)span->values + r->row + i, begin,
                    (size_t)(at + step->closes_at - begin));
    if (span->valid) {
      span->valid[r->row + i] = 1;
    }
  }
  if (step->opens >= 0) {
    group->begun[i] = at + step->opens_at;
  }
}

/* The end of a value that has to stand as the encoder prints it. */
BLOCKS_INLINE const char *keep_value(struct json_reader *r, int i,
                                     const char *member, const char *value)
{
  const char *end = json_keep_value(value);
  return JSON_NEVER(!end) ? json_keep_edit(r, i, member, value) : end;
}

/* One step of the first `count` records; how many of them, from the first one
 * on, have it. */
BLOCKS_INLINE int read_column(struct json_reader *r,
                              const struct json_step *step,
                              enum json_step_kind kind, struct group *group,
                              int count)
{
  const int64_t row = r->row;
  const char *const limit = r->limit;
  const struct place place = place_of(r, step);
  const struct head head = head_of(step);
  const bool keep = r->keep.on && step->depth == 1;
  const bool edges = step->opens >= 0 || step->closes >= 0;
  const bool may_miss =
    step->may_miss && (place.valid || !json_step_is_managed(step));
  for (int i = 0; i < count; i++) {
    const char *at = group->at[i], *value = at + head.len, *end;
    if (JSON_NEVER(!is_head(&head, at, limit)) &&
        (at != group->lines[i] || !is_first_head(step, at, limit))) {
      if (may_miss) {
        continue;
      }
      return i;
    }
    if (JSON_NEVER(edges)) {
      pass_edges(r, step, group, i);
    }
    end = kind == JSON_STEP_KEEP ? value
          : kind == JSON_STEP_OTHER
            ? read_other(r, step, value, group->lines[i], row + i)
            : read_kind(r, step, &place, kind, value, row + i);
    if (end && keep) {
      end = keep_value(r, i, at, value);
    }
    if (JSON_NEVER(!end)) {
      return i;
    }
    group->at[i] = end;
  }
  return count;
}

/* A loop of its own for each kind. */
static int read_step(struct json_reader *r, const struct json_step *step,
                     struct group *group, int count)
{
  switch (step->kind) {
  case JSON_STEP_OTHER:
    return read_column(r, step, JSON_STEP_OTHER, group, count);
  case JSON_STEP_NULL:
    return read_column(r, step, JSON_STEP_NULL, group, count);
  case JSON_STEP_STR:
    return read_column(r, step, JSON_STEP_STR, group, count);
  case JSON_STEP_I64:
    return read_column(r, step, JSON_STEP_I64, group, count);
  case JSON_STEP_F64:
    return read_column(r, step, JSON_STEP_F64, group, count);
  case JSON_STEP_BOOL:
    return read_column(r, step, JSON_STEP_BOOL, group, count);
  case JSON_STEP_TIME:
    return read_column(r, step, JSON_STEP_TIME, group, count);
  case JSON_STEP_NESTED:
    return read_column(r, step, JSON_STEP_NESTED, group, count);
  case JSON_STEP_KEEP:
    return read_column(r, step, JSON_STEP_KEEP, group, count);
  default:
    return read_column(r, step, JSON_STEP_SKIP, group, count);
  }
}

/* The end of the records; how many of them, from the first one on, have it. */
static int read_ends(struct json_reader *r, const struct json_step *step,
                     struct group *group, int count)
{
  const struct head head = head_of(step);
  for (int i = 0; i < count; i++) {
    if (!is_head(&head, group->at[i], r->limit)) {
      return i;
    }
    pass_edges(r, step, group, i);
  }
  return count;
}

/* ------------------------------------------------------------------ the group
 */

static void forget_rows(const struct json_place *place, int64_t from,
                        int64_t to)
{
  if (place->valid) {
    memset(place->valid + from, 0, (size_t)(to - from));
  }
}

/* Takes back what rows [from, to) got. */
static void forget(struct json_reader *r, int64_t from, int64_t to)
{
  struct json_plan *plan = &r->plan;
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

int json_plan_read(struct json_reader *r, const char *const *lines, int count)
{
  const struct json_plan *plan = &r->plan;
  struct group group; /* the rest is written before it is read */
  int good = count;
  group.lines = lines;
  memset(r->keep.edit_counts, 0, sizeof r->keep.edit_counts);
  memcpy(group.at, lines, (size_t)count * sizeof *lines);
  for (int i = 0; i < plan->count && good > 0; i++) {
    good = read_step(r, &plan->steps[i], &group, good);
  }
  good = read_ends(r, &plan->steps[plan->count], &group, good);
  if (r->keep.on) {
    size_t more = plan->steps[plan->count].len - 1;
    good = json_keep_lines(r, lines, group.at, more, good);
  }
  if (good < count) {
    forget(r, r->row + good, r->row + count);
  }
  r->line_count += (uint64_t)count; /* of those forgotten as well */
  return good;
}
