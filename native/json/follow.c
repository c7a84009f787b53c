/* follow.c - reads groups of records by a plan. */
#include "blocks.h"
#include "reader.h"
#include "time_text.h"

#define EXACT_MAX ((int64_t)1 << 53)

/* Everything is compiled twice, for any machine and for one with AVX2: `wide`,
 * always a constant. */
BLOCKS_INLINE const char *text_end(bool wide, const char *p)
{
  return wide ? json_text_end_avx2(p) : json_text_end(p);
}

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

#ifdef __x86_64__
/* As view_set_chunk(); a record's first 5 bytes come before the text. */
BLOCKS_AVX2 static inline void set_view_avx2(peri_view *view, const char *text,
                                             size_t len,
                                             const struct place *place)
{
  static const uint8_t ones[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                   255, 255, 255, 255, 255, 255, 255, 255};
  const uint8_t *mask = ones + 12 - (len < 12 ? len : 12);
  __m128i near =
    _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)(text - 4)),
                  _mm_loadu_si128((const __m128i *)(const void *)mask));
  near = _mm_insert_epi32(near, (int)len, 0);
  _mm_storeu_si128((__m128i *)(void *)view, near);
  if (len > 12) {
    uint64_t far = (uint32_t)place->buffer | (uint64_t)(text - place->base)
                                               << 32;
    memcpy((char *)view + 8, &far, sizeof far);
  }
}
#else
static inline void set_view_avx2(peri_view *view, const char *text, size_t len,
                                 const struct place *place)
{
  view_set_chunk(view, text, len, place->buffer, place->base);
}
#endif

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
                                   int64_t row, bool wide)
{
  const char *stop = text_end(wide, p + 1);
  if (*p != '"') {
    return NULL;
  }
  if (JSON_NEVER(*stop != '"')) {
    return read_escaped(r, step, p, row, stop);
  }
  peri_view *view = (peri_view *)place->values + row;
  size_t len = (size_t)(stop - p) - 1;
  if (wide) {
    set_view_avx2(view, p + 1, len, place);
  } else {
    view_set_chunk(view, p + 1, len, place->buffer, place->base);
  }
  return stop + 1;
}

static inline bool may_be_number(char c)
{
  return (unsigned char)(c - '0') <= 9 || c == '-';
}

static inline bool ends_value(char c)
{
  return c == ',' || c == '}';
}

/* What most numbers are: one to seven digits and, with `point`, as many behind
 * a point.  NULL: another one, or none. */
BLOCKS_INLINE const char *read_usual(const char *p, bool point,
                                     struct json_number *number)
{
  uint64_t word = load64(p), decimals;
  unsigned n = json_digit_count(word), k = 0;
  const char *end = p + n;
  if (n - 1 >= 7 || (*p == '0' && n > 1)) {
    return NULL;
  }
  if (point) {
    decimals = load64(end + 1);
    k = json_digit_count(decimals);
    if (*end != '.' || k - 1 >= 7) {
      return NULL;
    }
    end += k + 1;
  }
  if (!ends_value(*end)) {
    return NULL;
  }
  number->integer = (int64_t)json_digits(word, n);
  if (point) {
    json_number_join(number, decimals, k);
  }
  return end;
}

/* A number that is not a usual one, as an integer, or a double. */
static const char *read_odd_i64(const char *p, int64_t *integer)
{
  struct json_number number;
  const char *end = may_be_number(*p) ? json_number(p, &number) : NULL;
  if (!end || number.kind != JSON_INTEGER) {
    return NULL;
  }
  *integer = number.integer;
  return end;
}

BLOCKS_INLINE const char *read_i64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  int64_t *to = (int64_t *)place->values + row;
  const char *end = read_usual(p, false, &number);
  if (JSON_NEVER(!end)) {
    return read_odd_i64(p, to);
  }
  *to = number.integer;
  return end;
}

static const char *read_odd_f64(const char *p, double *f64)
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
  *f64 = number.f64;
  return end;
}

BLOCKS_INLINE const char *read_f64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  double *to = (double *)place->values + row;
  const char *end = read_usual(p, true, &number);
  if (JSON_NEVER(!end)) {
    return read_odd_f64(p, to);
  }
  *to = number.f64;
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
                                    int64_t row, bool wide)
{
  const char *stop = text_end(wide, p + 1);
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
                                     const char *p, bool wide)
{
  struct json_fault fault;
  struct json_number number;
  const char *end = NULL;
  if (*p == '"') {
    end = text_end(wide, p + 1);
    return *end == '"' ? end + 1 : json_skip_string(end, &fault);
  }
  if (may_be_number(*p)) {
    unsigned n = json_digit_count(load64(p));
    if (n - 1 < 7 && ends_value(p[n]) && (*p != '0' || n == 1)) {
      return p + n;
    }
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
                                    int64_t row, bool wide)
{
  const char *end;
  switch (kind) {
  case JSON_STEP_STR:
    end = read_str(r, step, place, p, row, wide);
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
    end = read_time(place, p, row, wide);
    break;
  case JSON_STEP_NESTED:
    end = read_nested(place, p, row);
    break;
  case JSON_STEP_NULL:
    return load32(p) == load32("null") ? p + 4 : NULL;
  default:
    return skip_value(step, p, wide);
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
  const char *text; /* JSON_STEP_HEAD bytes */
  uint32_t mask, len;
  const char *rest; /* what does not fit, or NULL */
};

static inline struct head head_of(const struct json_step *step)
{
  return (struct head){step->head, step->mask, step->len,
                       step->len > JSON_STEP_HEAD ? step->text + JSON_STEP_HEAD
                                                  : NULL};
}

#ifdef __SSE2__
/* Bit i: byte i of the 16 is the same. */
static inline uint32_t same16(const char *a, const char *b)
{
  return (uint32_t)_mm_movemask_epi8(
    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
                   _mm_loadu_si128((const __m128i *)(const void *)b)));
}

BLOCKS_INLINE bool begins_plain(const struct head *head, const char *p)
{
  uint32_t same = same16(p, head->text);
  if (head->len > 16) {
    same |= same16(p + 16, head->text + 16) << 16;
  }
  return (~same & head->mask) == 0;
}
#else
static inline bool begins_plain(const struct head *head, const char *p)
{
  size_t some = head->len < JSON_STEP_HEAD ? head->len : JSON_STEP_HEAD;
  return memcmp(p, head->text, some) == 0;
}
#endif

#ifdef __x86_64__
BLOCKS_AVX2 static inline bool begins_avx2(const struct head *head,
                                           const char *p)
{
  __m256i same = _mm256_cmpeq_epi8(
    _mm256_loadu_si256((const __m256i *)(const void *)p),
    _mm256_loadu_si256((const __m256i *)(const void *)head->text));
  return (~(uint32_t)_mm256_movemask_epi8(same) & head->mask) == 0;
}
#else
#define begins_avx2 begins_plain
#endif

/* Do the bytes at p begin with the head?  `limit`: how far may be read. */
BLOCKS_INLINE bool is_head(const struct head *head, const char *p,
                           const char *limit, bool wide)
{
  if (JSON_NEVER(!(wide ? begins_avx2(head, p) : begins_plain(head, p)))) {
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
 * on, have it.  bare: nothing but values is of interest, and heads are short */
BLOCKS_INLINE int read_column(struct json_reader *r,
                              const struct json_step *step,
                              enum json_step_kind kind, struct group *group,
                              int count, bool bare, bool wide)
{
  const int64_t row = r->row;
  const char *const limit = r->limit;
  const struct place place = place_of(r, step);
  struct head head = head_of(step);
  const bool keep = !bare && r->keep.on && step->depth == 1;
  const bool edges = !bare && (step->opens >= 0 || step->closes >= 0);
  const bool may_miss =
    step->may_miss && (place.valid || !json_step_is_managed(step));
  head.rest = bare ? NULL : head.rest;
  for (int i = 0; i < count; i++) {
    const char *at = group->at[i], *value = at + head.len, *end;
    if (JSON_NEVER(!is_head(&head, at, limit, wide)) &&
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
            : read_kind(r, step, &place, kind, value, row + i, wide);
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
BLOCKS_INLINE int read_step(struct json_reader *r, const struct json_step *step,
                            struct group *group, int count, bool wide)
{
#define READ(kind, bare) read_column(r, step, kind, group, count, bare, wide)
  bool bare = !r->keep.on && step->opens < 0 && step->closes < 0 &&
              step->len <= JSON_STEP_HEAD;
  switch (step->kind) {
  case JSON_STEP_OTHER:
    return READ(JSON_STEP_OTHER, false);
  case JSON_STEP_NULL:
    return READ(JSON_STEP_NULL, false);
  case JSON_STEP_STR:
    return bare ? READ(JSON_STEP_STR, true) : READ(JSON_STEP_STR, false);
  case JSON_STEP_I64:
    return bare ? READ(JSON_STEP_I64, true) : READ(JSON_STEP_I64, false);
  case JSON_STEP_F64:
    return bare ? READ(JSON_STEP_F64, true) : READ(JSON_STEP_F64, false);
  case JSON_STEP_BOOL:
    return READ(JSON_STEP_BOOL, false);
  case JSON_STEP_TIME:
    return READ(JSON_STEP_TIME, false);
  case JSON_STEP_NESTED:
    return READ(JSON_STEP_NESTED, false);
  case JSON_STEP_KEEP:
    return READ(JSON_STEP_KEEP, false);
  default:
    return bare ? READ(JSON_STEP_SKIP, true) : READ(JSON_STEP_SKIP, false);
  }
#undef READ
}

/* The end of the records; how many of them, from the first one on, have it. */
BLOCKS_INLINE int read_ends(struct json_reader *r, const struct json_step *step,
                            struct group *group, int count, bool wide)
{
  const struct head head = head_of(step);
  for (int i = 0; i < count; i++) {
    if (!is_head(&head, group->at[i], r->limit, wide)) {
      return i;
    }
    if (JSON_NEVER(step->closes >= 0)) {
      pass_edges(r, step, group, i);
    }
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

/* All steps; how many records, from the first one on, have them. */
BLOCKS_INLINE int read_steps(struct json_reader *r, struct group *group,
                             int count, bool wide)
{
  const struct json_plan *plan = &r->plan;
  int good = count;
  for (int i = 0; i < plan->count && good > 0; i++) {
    good = read_step(r, &plan->steps[i], group, good, wide);
  }
  return read_ends(r, &plan->steps[plan->count], group, good, wide);
}

static int read_plain(struct json_reader *r, struct group *group, int count)
{
  return read_steps(r, group, count, false);
}

BLOCKS_AVX2 static int read_avx2(struct json_reader *r, struct group *group,
                                 int count)
{
  return read_steps(r, group, count, true);
}

int json_plan_read(struct json_reader *r, const char *const *lines, int count)
{
  const struct json_plan *plan = &r->plan;
  struct group group; /* the rest is written before it is read */
  group.lines = lines;
  memset(r->keep.edit_counts, 0, sizeof r->keep.edit_counts);
  memcpy(group.at, lines, (size_t)count * sizeof *lines);
  int good =
    r->wide ? read_avx2(r, &group, count) : read_plain(r, &group, count);
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
