/* follow.c - reads groups of records by a plan. */
#include "heads.h"
#include "values.h"

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
    json_plan_forget(r, &r->plan, r->row + good, r->row + count);
  }
  r->line_count += (uint64_t)count; /* of those forgotten as well */
  return good;
}
