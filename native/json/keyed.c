/* keyed.c - reads groups of records by their keys, in whatever order.
 *
 * Step by step, in the order in which keys mostly come, it is looked which of
 * the records go on with the step's key, and their values are read: a key may
 * be missing in any of them.  What is left of a record then has its keys in
 * another order.  That is looked over, all records side by side: which keys are
 * there, and where their values begin; and then read column by column.  So
 * there is hardly anything that the processor would have to guess: not which
 * key comes next, and not of what type its value is.
 */
#include "keys.h"

#define SPARSE 5        /* of so many keys at least one has to be there */
#define TRIED_MIN 4096  /* keys to look for before that is judged */
#define UNORDERED 20000 /* records without order, when there are fewer */

/* -------------------------------------------------------------------- the plan
 */

/* May other keys of the record lead to the same column?  Those of "a" and of
 * "a.b" may. */
static bool is_shared(const struct json_node *root, peri_str name)
{
  for (size_t i = 0; i < name.len; i++) {
    peri_str head = {name.ptr, i};
    const struct json_slot *slot =
      name.ptr[i] == '.' ? json_slot_find(root, head, json_name_hash(head))
                         : NULL;
    if (slot && slot->child) {
      return true;
    }
  }
  return false;
}

/* Records with other keys are read one by one. */
static bool is_fit(const struct json_reader *r, const struct json_slot *slot)
{
  bool read = slot->column || slot->child;
  return slot->name.len > 0 && slot->mask <= 0xFFFF &&
         !memchr(slot->text, '\\', slot->len) && !(r->all && slot->child) &&
         !(read && is_shared(r->shape.root, slot->name));
}

/* Puts the step where its rank is. */
static void add_to_order(struct json_keyed *keyed, int step)
{
  const struct json_step *steps = keyed->plan.steps;
  uint32_t rank = steps[step].place.slot->rank;
  int at = step;
  for (; at > 0 && steps[keyed->order[at - 1]].place.slot->rank > rank; at--) {
    keyed->order[at] = keyed->order[at - 1];
  }
  keyed->order[at] = (uint16_t)step;
}

static void add_step(struct json_keyed *keyed, struct json_slot *slot)
{
  int step = keyed->plan.count++;
  keyed->plan.steps[step] = (struct json_step){.depth = 1, .place.slot = slot};
  add_to_order(keyed, step);
  struct json_key *key = &keyed->keys[step + 1];
  size_t some = slot->len < JSON_STEP_HEAD ? slot->len : JSON_STEP_HEAD;
  *key = (struct json_key){.mask = (uint32_t)(((uint64_t)1 << some) - 1),
                           .len = slot->len,
                           .text = slot->text};
  memcpy(key->head, slot->text, some);
  const char *text = slot->len < JSON_STEP_HEAD ? key->head : slot->text;
  uint32_t at = hash_of(text, slot->len - 3);
  while (keyed->index[at]) {
    at = (at + 1) % JSON_INDEX;
  }
  keyed->index[at] = (uint16_t)(step + 1);
}

static void set_bytes(struct json_bytes *bytes)
{
  memset(bytes->flip, 0x82, sizeof bytes->flip);
  memset(bytes->low, 0x21 - 0x80, sizeof bytes->low);
  memset(bytes->slash, '\\', sizeof bytes->slash);
  memset(bytes->comma, ',', sizeof bytes->comma);
  memset(bytes->brace, '}', sizeof bytes->brace);
}

void json_keyed_make(struct json_reader *r)
{
  struct json_keyed *keyed = &r->keyed;
  const struct json_node *root = r->shape.root;
  memset(keyed->index, 0, sizeof keyed->index);
  keyed->plan.count = 0;
  if (root->count > JSON_STEPS_MAX) {
    return;
  }
  for (uint32_t i = 0; i < root->table_size; i++) {
    if (root->table[i] && is_fit(r, root->table[i])) {
      add_step(keyed, root->table[i]);
    }
  }
  keyed->plan.most = JSON_GROUP;
  /* What is in no text, so that an empty place of the index is no key. */
  memset(&keyed->keys[0], 0xFF, sizeof keyed->keys[0]);
  set_bytes(&keyed->bytes);
}

/* ------------------------------------------------------------------- the order
 */

static int place_of_step(const struct json_keyed *keyed, int step)
{
  int at = 0;
  while (keyed->order[at] != step) {
    at++;
  }
  return at;
}

/* A record has the first step right before the second, whose key came too late
 * for it: from now on the first is looked for before it.  Keys that have one
 * order are in it soon, whatever is missing. */
static void move_before(struct json_keyed *keyed, int step, int second)
{
  int to = place_of_step(keyed, second), from = place_of_step(keyed, step);
  for (; from > to; from--) {
    keyed->order[from] = keyed->order[from - 1];
  }
  keyed->order[from] = (uint16_t)step;
  for (int i = 0; i < keyed->plan.count; i++) {
    keyed->plan.steps[keyed->order[i]].place.slot->rank = (uint32_t)i;
  }
}

/* ------------------------------------------------------------------ the
 * records
 */

/* The records at hand. */
struct group {
  const char *const *lines; /* lines[count] is where the last one ends */
  const char *at[JSON_GROUP];
  int count;
};

/* An object or array of record i becomes the value of the step at once, when
 * that takes any; its end, or NULL. */
static __attribute__((noinline)) const char *
read_any_nested(struct json_reader *r, int number, int i, const char *p)
{
  struct json_fault fault;
  const struct json_step *step = &r->keyed.plan.steps[number];
  const char *end = json_skip_flat(p);
  end = end ? end : json_skip(p, step->depth + 1, &fault);
  if (!end ||
      (step->kind != JSON_STEP_NESTED && step->kind != JSON_STEP_SKIP)) {
    return end;
  }
  r->keyed.done[number] |= (uint16_t)(1u << i);
  if (step->kind == JSON_STEP_NESTED) {
    const struct json_place *place = &step->place;
    json_input_view(r, (peri_view *)place->values + r->row + i, p,
                    (size_t)(end - p));
    if (place->valid) {
      place->valid[r->row + i] = 1;
    }
  }
  return end;
}

/* Notes that record i has the key at p; what comes behind the value, or NULL:
 * the record does not keep to the plan. */
BLOCKS_INLINE const char *note_value(struct json_reader *r, uint32_t key, int i,
                                     const char *p, bool wide)
{
  struct json_keyed *keyed = &r->keyed;
  const char *end, *value = p + keyed->keys[key].len;
  unsigned bit = 1u << i, number = key - 1;
  if (JSON_NEVER(keyed->there[number] & bit)) {
    return NULL; /* twice */
  }
  value += *value == ' ';
  keyed->there[number] |= (uint16_t)bit;
  keyed->values[number][i] = value;
  if (JSON_NEVER((*value | 0x20) == '{')) {
    end = read_any_nested(r, (int)number, i, value);
  } else {
    end = value_end(&keyed->bytes, value, wide);
  }
  return JSON_NEVER(!end) ? NULL : next_member(end);
}

/* ------------------------------------------------------------- keys in an
 * order
 */

/* The records that go on with the key. */
BLOCKS_INLINE unsigned with_key(const struct json_reader *r,
                                const struct json_key *key,
                                const struct group *group, bool wide)
{
  unsigned bits = 0;
  const struct head head = key_head(key);
  for (int i = 0; i < group->count; i++) {
    bits |= (unsigned)begins_head(&head, group->at[i], wide) << i;
  }
  for (unsigned left = head.rest ? bits : 0; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    bits ^= (unsigned)!ends_head(&head, group->at[i], r->limit) << i;
  }
  return bits;
}

/* These records do not keep to the plan; how many do, from the first one on. */
static int drop(struct group *group, unsigned bits, int good)
{
  int first = __builtin_ctz(bits);
  for (; bits; bits &= bits - 1) {
    int i = __builtin_ctz(bits);
    group->at[i] = group->lines[i + 1] - 1;
  }
  return first < good ? first : good;
}

/* Reads the values of the step in the records that go on with its key; how many
 * records, from the first one on, may still keep to the plan. */
BLOCKS_INLINE int read_met(struct json_reader *r, int number,
                           enum json_step_kind kind, unsigned here,
                           struct group *group, int good, bool wide)
{
  const int64_t row = r->row;
  const struct json_step *step = &r->keyed.plan.steps[number];
  const struct place place = place_of(r, step);
  const uint32_t len = r->keyed.keys[number + 1].len;
  unsigned twice = here & r->keyed.there[number];
  r->keyed.there[number] |= (uint16_t)here;
  r->keyed.done[number] |= (uint16_t)here;
  if (JSON_NEVER(twice)) {
    good = drop(group, twice, good);
    here &= ~twice;
  }
  for (; here; here &= here - 1) {
    int i = __builtin_ctz(here);
    const char *value = group->at[i] + len;
    value += *value == ' ';
    const char *end = read_kind(r, step, &place, kind, value, row + i, wide);
    end = JSON_NEVER(!end) ? NULL : next_member(end);
    if (JSON_NEVER(!end)) {
      good = drop(group, 1u << i, good);
      continue;
    }
    group->at[i] = end;
  }
  return good;
}

/* The same where values have to be read later, in the order of the records. */
BLOCKS_INLINE int note_met(struct json_reader *r, int number, unsigned here,
                           struct group *group, int good, bool wide)
{
  for (; here; here &= here - 1) {
    int i = __builtin_ctz(here);
    uint32_t key = (uint32_t)number + 1;
    const char *end = note_value(r, key, i, group->at[i], wide);
    if (JSON_NEVER(!end)) {
      good = drop(group, 1u << i, good);
      continue;
    }
    group->at[i] = end;
  }
  return good;
}

/* A loop of its own for each kind. */
BLOCKS_INLINE int read_step(struct json_reader *r, int number,
                            struct group *group, int good, bool wide)
{
  struct json_keyed *keyed = &r->keyed;
  unsigned here = with_key(r, &keyed->keys[number + 1], group, wide);
  keyed->met += __builtin_popcount(here);
#define READ(kind) read_met(r, number, kind, here, group, good, wide)
  switch (keyed->plan.steps[number].kind) {
  case JSON_STEP_STR:
    return READ(JSON_STEP_STR);
  case JSON_STEP_I64:
    return READ(JSON_STEP_I64);
  case JSON_STEP_F64:
    return READ(JSON_STEP_F64);
  case JSON_STEP_BOOL:
    return READ(JSON_STEP_BOOL);
  case JSON_STEP_TIME:
    return READ(JSON_STEP_TIME);
  case JSON_STEP_NESTED:
    return READ(JSON_STEP_NESTED);
  case JSON_STEP_SKIP:
    return READ(JSON_STEP_SKIP);
  default:
    return note_met(r, number, here, group, good, wide);
  }
#undef READ
}

/* All keys that come in the order of the plan. */
BLOCKS_INLINE int read_in_order(struct json_reader *r, struct group *group,
                                int good, bool wide)
{
  struct json_keyed *keyed = &r->keyed;
  for (int i = 0; i < keyed->plan.count; i++) {
    good = read_step(r, keyed->order[i], group, good, wide);
  }
  return good;
}

/* ------------------------------------------------------------ keys in any
 * order
 */

/* The key at the next place of record i was looked for too early. */
static void learn_order(struct json_reader *r, const struct group *group, int i)
{
  struct json_keyed *keyed = &r->keyed;
  const char *p = group->at[i];
  uint32_t key = *p == '"' ? find_key(r, p, false) : 0;
  int before = keyed->plan.count - 1;
  while (before >= 0 && !(keyed->there[keyed->order[before]] >> i & 1)) {
    before--;
  }
  if (key && before >= 0) {
    move_before(keyed, keyed->order[before], (int)key - 1);
  }
}

/* The records that have more; how many. */
static int find_live(const struct group *group, int good,
                     uint8_t live[JSON_GROUP])
{
  int count = 0;
  for (int i = 0; i < good; i++) {
    live[count] = (uint8_t)i;
    count += group->at[i] + 1 != group->lines[i + 1];
  }
  return count;
}

/* Notes the next value of the records, or all that they have; how many of those
 * of the group, from the first one on, keep to the plan. */
BLOCKS_INLINE int look_over(struct json_reader *r, struct group *group,
                            int good, bool all, bool wide)
{
  uint8_t live[JSON_GROUP];
  int left = find_live(group, good, live);
  while (left > 0) {
    int still = 0;
    uint16_t keys[JSON_GROUP];
    for (int k = 0; k < left; k++) {
      keys[k] = (uint16_t)find_key(r, group->at[live[k]], wide);
    }
    for (int k = 0; k < left; k++) {
      int i = live[k];
      const char *p = group->at[i], *next = NULL;
      if (keys[k]) {
        next = note_value(r, keys[k], i, p, wide);
      }
      if (JSON_NEVER(!next)) {
        good = drop(group, 1u << i, good);
        continue;
      }
      group->at[i] = next;
      live[still] = (uint8_t)i;
      still += next + 1 != group->lines[i + 1];
    }
    left = all ? still : 0;
  }
  return good;
}

/* All keys in the order of the plan, and after one that is not, once more. */
BLOCKS_INLINE int read_ordered(struct json_reader *r, struct group *group,
                               bool wide)
{
  uint8_t live[JSON_GROUP];
  struct json_keyed *keyed = &r->keyed;
  int good = read_in_order(r, group, group->count, wide);
  int left = find_live(group, good, live);
  keyed->tried += keyed->plan.count * group->count;
  if (keyed->tried >= TRIED_MIN) {
    keyed->unordered = keyed->met * SPARSE < keyed->tried ? UNORDERED : 0;
    keyed->tried = keyed->met = 0;
  }
  if (left > 0) {
    learn_order(r, group, live[0]);
    good = look_over(r, group, good, false, wide);
    good = read_in_order(r, group, good, wide);
  }
  return good;
}

/* So many records, from the first one on, have their bit. */
static inline int count_first(unsigned bits, int count)
{
  int n = __builtin_ctz(~bits);
  return n < count ? n : count;
}

/* Reads the values of the step that were noted; how many records, from the
 * first one on, have what the column can hold. */
BLOCKS_INLINE int fill(struct json_reader *r, int number,
                       enum json_step_kind kind, unsigned left,
                       const struct group *group, int good, bool wide)
{
  const int64_t row = r->row;
  const struct json_step *step = &r->keyed.plan.steps[number];
  const struct place place = place_of(r, step);
  const char *const *values = r->keyed.values[number];
  for (; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    const char *end =
      kind == JSON_STEP_OTHER
        ? read_other(r, step, values[i], group->lines[i], row + i)
        : read_kind(r, step, &place, kind, values[i], row + i, wide);
    if (JSON_NEVER(!end || !ends_value(*end))) {
      return i;
    }
  }
  return good;
}

/* Is the value that comes first of its column in this batch?  That has to come
 * in the order of the records. */
static bool is_first(const struct json_slot *slot)
{
  return !slot->child && slot->column && !slot->column->values;
}

/* A loop of its own for each kind. */
BLOCKS_INLINE int fill_step(struct json_reader *r, int number, unsigned left,
                            const struct group *group, int good, bool wide)
{
  const struct json_step *step = &r->keyed.plan.steps[number];
#define FILL(kind) fill(r, number, kind, left, group, good, wide)
  switch (step->kind) {
  case JSON_STEP_STR:
    return FILL(JSON_STEP_STR);
  case JSON_STEP_I64:
    return FILL(JSON_STEP_I64);
  case JSON_STEP_F64:
    return FILL(JSON_STEP_F64);
  case JSON_STEP_BOOL:
    return FILL(JSON_STEP_BOOL);
  case JSON_STEP_TIME:
    return FILL(JSON_STEP_TIME);
  case JSON_STEP_NESTED:
    return FILL(JSON_STEP_NESTED);
  case JSON_STEP_NULL:
    return FILL(JSON_STEP_NULL);
  case JSON_STEP_OTHER:
    return is_first(step->place.slot) ? count_first(~left, good)
                                      : FILL(JSON_STEP_OTHER);
  default:
    return FILL(JSON_STEP_SKIP);
  }
#undef FILL
}

/* Reads all values that were noted. */
BLOCKS_INLINE int fill_all(struct json_reader *r, const struct group *group,
                           int good, bool wide)
{
  const struct json_keyed *keyed = &r->keyed;
  for (int i = 0; i < keyed->plan.count && good > 0; i++) {
    const struct json_step *step = &keyed->plan.steps[i];
    unsigned there = keyed->there[i];
    if (!step->place.valid && json_step_is_managed(step)) {
      good = count_first(there, good);
    }
    unsigned left = there & ~(unsigned)keyed->done[i] & ((1u << good) - 1);
    if (left) {
      good = fill_step(r, i, left, group, good, wide);
    }
  }
  return good;
}

/* ------------------------------------------------------------------- the group
 */

BLOCKS_INLINE int read_group(struct json_reader *r, struct group *group,
                             bool wide)
{
  struct json_keyed *keyed = &r->keyed;
  int good = group->count;
  if (keyed->unordered > 0) {
    keyed->unordered -= good;
  } else {
    good = read_ordered(r, group, wide);
  }
  good = look_over(r, group, good, true, wide);
  return fill_all(r, group, good, wide);
}

static int read_plain(struct json_reader *r, struct group *group)
{
  return read_group(r, group, false);
}

BLOCKS_AVX2 static int read_avx2(struct json_reader *r, struct group *group)
{
  return read_group(r, group, true);
}

/* So many lines, from the first one on, begin a record; it is read from there
 * on. */
static int begin_records(struct group *group, int count)
{
  int i = 0;
  for (; i < count && *group->lines[i] == '{'; i++) {
    group->at[i] = json_rare_space(group->lines[i] + 1);
  }
  return i;
}

int json_keyed_read(struct json_reader *r, const char *const *lines, int count)
{
  struct json_keyed *keyed = &r->keyed;
  struct group group; /* the rest is written before it is read */
  size_t bytes = (size_t)keyed->plan.count * sizeof *keyed->there;
  memset(keyed->there, 0, bytes);
  memset(keyed->done, 0, bytes);
  group.lines = lines;
  group.count = begin_records(&group, count);
  int good = r->wide ? read_avx2(r, &group) : read_plain(r, &group);
  if (good < count) {
    json_plan_forget(r, &keyed->plan, r->row + good, r->row + count);
  }
  r->line_count += (uint64_t)count; /* of those forgotten as well */
  return good;
}
