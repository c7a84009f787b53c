/* follow.c - reads groups of records by a plan. */
#include "values.h"

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

/* ------------------------------------------------------------------ the steps
 */

/* The records at hand. */
struct group {
  const char *const *lines;
  const char *at[JSON_GROUP];    /* how far each was read */
  const char *begun[JSON_GROUP]; /* where the open span of each begins */
  uint8_t lacks[JSON_GROUP];     /* the depth of the values in an object that
                                    the record does not have, or 0 */
  bool some_lack;
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
  return JSON_NEVER(!end) ? json_edit_value(r, i, member, value) : end;
}

/* ------------------------------------------------------------- what is missing
 * A record may lack keys of the plan, and with the key of an object all that is
 * in it.  It may also have a key that the plan does not have and nobody wants.
 */

enum presence { THERE, MISSING, OTHERWISE };

/* Passes over a member of the record that the plan does not have. */
static bool pass_extra(struct json_reader *r, const struct json_step *step,
                       struct group *group, int i)
{
  struct json_fault fault;
  const char *at = group->at[i];
  if (step->before != 1 || *at != ',' || at[1] != '"' || r->keep.on) {
    return false;
  }
  const char *stop = json_text_end(at + 2);
  if (*stop != '"' || stop[1] != ':') {
    return false;
  }
  peri_str name = {at + 2, (size_t)(stop - at) - 2};
  const struct json_slot *slot =
    json_slot_find(r->shape.root, name, json_name_hash(name));
  if (!slot || slot->column || slot->child || slot->seen == r->plan.number) {
    return false;
  }
  const char *end = json_skip(json_space(stop + 2), 2, &fault);
  group->at[i] = end ? end : at;
  return end != NULL;
}

/* The head without its first `drop` bytes, at `at`?  Where the keys before it
 * are missing, '{' is there for ','. */
static bool is_there(const struct json_step *step, size_t drop, const char *at,
                     const char *line, const char *limit)
{
  const char *text = step->text + drop;
  size_t len = step->len - drop;
  bool first = at == line && *at == '{' && *text == ',';
  return (size_t)(limit - at) >= len && (*at == *text || first) &&
         memcmp(at + 1, text + 1, len - 1) == 0;
}

/* The key of the step is not there: ends what ends before it. */
static enum presence pass_missing(const struct json_step *step, size_t drop,
                                  struct group *group, int i)
{
  const char *at = group->at[i];
  int depth = step->before - step->lead;
  if (!step->may_miss || step->opens >= 0 || step->closes >= 0 ||
      (step->before == 0 && *at != '{')) {
    return OTHERWISE;
  }
  for (size_t n = step->lead - drop; n > 0; n--) {
    if (*at++ != '}') {
      return OTHERWISE;
    }
  }
  group->at[i] = at;
  group->lacks[i] = step->depth > depth ? (uint8_t)(depth + 1) : 0;
  group->some_lack |= step->depth > depth;
  return MISSING;
}

/* The head of the step is not what follows in record i, or that lacks an
 * object.  The value, when it is there.  may_miss: the step's column tells
 * which rows are null */
static enum presence find_value(struct json_reader *r,
                                const struct json_step *step,
                                struct group *group, int i, bool may_miss,
                                const char **value)
{
  int lacks = group->lacks[i];
  if (lacks && (step->opens >= 0 || step->closes >= 0)) {
    return OTHERWISE;
  }
  if (lacks && step->before - step->lead >= lacks) {
    return may_miss ? MISSING : OTHERWISE;
  }
  size_t drop = lacks ? (size_t)(step->before - lacks + 1) : 0;
  do {
    const char *at = group->at[i];
    if (is_there(step, drop, at, group->lines[i], r->limit)) {
      group->lacks[i] = 0;
      *value = at + step->len - drop;
      return THERE;
    }
  } while (step->lead == drop && pass_extra(r, step, group, i));
  return may_miss ? pass_missing(step, drop, group, i) : OTHERWISE;
}

/* ---------------------------------------------------------------------- a step
 */

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
  const bool keep =
    !bare && r->keep.on && step->depth == 1 && step->edit != JSON_EDIT_OMIT;
  const uint32_t from_member = step->len - step->member_at;
  const bool edit = !bare && step->edit != JSON_EDIT_NONE;
  const bool edges = !bare && (step->opens >= 0 || step->closes >= 0);
  const bool may_miss = place.valid || !json_step_is_managed(step);
  head.rest = bare ? NULL : head.rest;
  for (int i = 0; i < count; i++) {
    const char *at = group->at[i], *value = at + head.len, *end;
    if (JSON_NEVER((!bare && group->lacks[i]) ||
                   !is_head(&head, at, limit, wide))) {
      enum presence is = find_value(r, step, group, i, may_miss, &value);
      if (is == MISSING) {
        continue;
      }
      if (is == OTHERWISE) {
        return i;
      }
      at = group->at[i];
    }
    if (JSON_NEVER(edges)) {
      pass_edges(r, step, group, i);
    }
    if (JSON_NEVER(edit)) {
      json_edit_head(r, step, i, value - step->len);
    }
    end = kind == JSON_STEP_KEEP ? value
          : kind == JSON_STEP_OTHER
            ? read_other(r, step, value, group->lines[i], row + i)
            : read_kind(r, step, &place, kind, value, row + i, wide);
    if (end && keep) {
      end = keep_value(r, i, value - from_member, value);
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
              step->len <= JSON_STEP_HEAD && !group->some_lack;
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
    if (JSON_NEVER(group->lacks[i] ||
                   !is_head(&head, group->at[i], r->limit, wide))) {
      const char *end;
      if (find_value(r, step, group, i, false, &end) != THERE) {
        return i;
      }
      group->at[i] = end - step->len; /* as if all of it were there */
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
  struct group group; /* the rest is written before it is read */
  group.lines = lines;
  group.some_lack = false;
  memset(group.lacks, 0, sizeof group.lacks);
  memset(r->keep.counts, 0, sizeof r->keep.counts);
  memcpy(group.at, lines, (size_t)count * sizeof *lines);
  int good =
    r->wide ? read_avx2(r, &group, count) : read_plain(r, &group, count);
  if (r->keep.on) {
    good = json_edit_lines(r, lines, group.at, good);
  }
  if (good < count) {
    forget(r, r->row + good, r->row + count);
  }
  r->line_count += (uint64_t)count; /* of those forgotten as well */
  return good;
}
