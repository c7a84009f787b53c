/* plan.h - the shortest ways through records that look like earlier ones.
 *
 * Records of one program mostly have the same keys in the same order, and
 * values of the same types.  The plan says so: one step for each value, with
 * the bytes to expect before it and where it goes.  Objects are walked through,
 * so that what they hold are steps as well:
 *
 *   {"ts":"2025-...","status":200,"geo":{"country":"PL","city":"Kiel"}}
 *
 *   head   {"ts":   ,"status":   ,"geo":{"country":   ,"city":   }}\n
 *   kind   STR      I64          SKIP                 SKIP       (the end)
 *
 * A record is a chain: where a value begins is known when the one before it has
 * been read, and the machine waits for that most of the time.  So records are
 * read in groups, one step of all of them after the other: their chains run
 * side by side.  A key may be missing, with all that is in its value, and one
 * that nobody wants may come in between.
 *
 * Where many records do not keep to the order, as keys are shuffled, missing,
 * or not always the same, a second plan has a step for each key of a record
 * that was met so far: keyed.c.  A record that keeps to neither is read by
 * json_read_record().
 *
 * The columns of a plan lag behind: their `next` is what it was when the plan
 * was taken up.  json_plan_leave() brings them up to date.
 */
#ifndef JSON_PLAN_H
#define JSON_PLAN_H
#include <stdbool.h>
#include <stdint.h>

struct json_reader;
struct json_slot;

#define JSON_STEPS_MAX 256
#define JSON_SPANS_MAX 32
#define JSON_STEP_HEAD 32
#define JSON_GROUP 16
#define JSON_INDEX 1024 /* entries, a power of two: JSON_INDEX_BITS */
#define JSON_INDEX_BITS 10

enum json_step_kind {
  JSON_STEP_OTHER, /* json_read_value() */
  JSON_STEP_SKIP,  /* nobody wants it */
  JSON_STEP_KEEP,  /* the same, in a record that is handed on: keep.h */
  JSON_STEP_NULL,  /* a column that has no value yet: null, and nothing else */
  JSON_STEP_STR,   /* the rest: columns that have this type */
  JSON_STEP_I64,
  JSON_STEP_F64,
  JSON_STEP_BOOL,
  JSON_STEP_TIME,   /* from a string */
  JSON_STEP_NESTED, /* a column of JSON text, with objects and arrays */
};

/* What is to be done at a head for the text of a record that is kept; the first
 * two where a member of the record begins: edit.c. */
enum json_step_edit {
  JSON_EDIT_NONE,
  JSON_EDIT_CLOSE,   /* what was left out ends, if something was */
  JSON_EDIT_REPLACE, /* and the key is spelled otherwise */
  JSON_EDIT_OMIT,    /* the member is left out */
};

/* Where the values of a column go that nothing else writes at this time. */
struct json_place {
  struct json_slot *slot; /* NULL: nowhere */
  void *values;
  uint8_t *valid;
};

struct json_step {
  char head[JSON_STEP_HEAD]; /* the first bytes before the value */
  uint32_t mask;             /* of those that count */
  uint32_t len;              /* of all of them */
  const char *text;          /* all of them, in the sample */
  enum json_step_kind kind;
  bool may_miss;           /* the key before the value, and with it the value */
  uint8_t depth;           /* of the object around the value; 1: the record */
  uint8_t before;          /* of that around the value before */
  uint8_t lead;            /* so many '}' begin the head */
  struct json_place place; /* its slot is there for OTHER too */
  int16_t opens, closes;   /* spans that begin and end within the head, or -1 */
  uint16_t opens_at, closes_at;     /* there */
  uint16_t member_at, member_value; /* where a member begins, and its value */
  enum json_step_edit edit;
  const char *edit_text; /* the key, as it is to be */
  uint32_t edit_len;
};

struct json_plan {
  struct json_step steps[JSON_STEPS_MAX + 1]; /* the last one has no value */
  /* Objects that are walked through, and a column of JSON text as well. */
  struct json_place spans[JSON_SPANS_MAX];
  int count, span_count; /* count 0: there is no plan */
  int keys;              /* what it was made of: so many of them */
  uint64_t number;       /* json_slot.seen of the keys in it */
  bool taken;            /* records keep to it, and its columns lag behind */
  int group, most;       /* so many records at once; and at most */
  int miss;              /* what a record that leaves it counts */
  int misses;            /* records that left it, less those that did not */
  int64_t wait;          /* records to read without it */
  int waits;             /* how often it was given up in a row */
};

/* A key as it stands in records, quotes and colon included. */
struct json_key {
  char head[JSON_STEP_HEAD]; /* its first bytes */
  uint32_t mask;             /* of those that count */
  uint32_t len;              /* of all of them */
  const char *text;          /* all of them */
  char room[16];             /* 64 bytes: its address is quickly reckoned */
};

/* What a block of 32 bytes is compared with: here, as a compiler makes
 * constants anew each time. */
struct json_bytes {
  char flip[32], low[32], slash[32], comma[32], brace[32];
};

/* The plan for keys in any order: a step for each, without a head.  Of the
 * records at hand bit i is record i. */
struct json_keyed {
  struct json_plan plan;
  uint16_t order[JSON_STEPS_MAX]; /* the steps, as their keys mostly come */
  int unordered;                  /* so many records without that order */
  int tried, met;                 /* where they were, and where they were met */
  uint16_t index[JSON_INDEX];     /* from a key's hash to its place in `keys` */
  struct json_key keys[JSON_STEPS_MAX + 1]; /* that of step i is i + 1 */
  uint16_t there[JSON_STEPS_MAX];           /* which have the key */
  uint16_t done[JSON_STEPS_MAX];            /* and need no reading any more */
  const char *values[JSON_STEPS_MAX][JSON_GROUP];
  struct json_bytes bytes;
};

/* Does the plan know where the values go? */
static inline bool json_step_is_managed(const struct json_step *step)
{
  return step->kind > JSON_STEP_NULL;
}

/* The plan for the records at hand, which is taken; NULL: there is none, or
 * r->status. */
struct json_plan *json_plan_take(struct json_reader *r);

/* Makes the plan that the record at `text`, which was read, keeps to.
 * (sample.c) */
void json_plan_make(struct json_reader *r, const char *text);

/* Makes the plan of the keys that were met.  (keyed.c) */
void json_keyed_make(struct json_reader *r);

/* What kind of step a value of the slot is; all columns of its record are up to
 * date.  (sample.c) */
enum json_step_kind json_plan_kind(const struct json_slot *slot);

/* Reads up to `count` records, at most plan->group, at these lines, each with a
 * newline, by the plan that is taken; lines[count] is where the last one ends.
 * How many of them, from the first one on, kept to it; the others are as if
 * they had not been read; r->status.  (follow.c, keyed.c) */
int json_plan_read(struct json_reader *r, const char *const *lines, int count);
int json_keyed_read(struct json_reader *r, const char *const *lines, int count);

/* So many of the last group kept to the plan. */
void json_plan_judge(struct json_plan *plan, int good, int count);

/* Takes back what rows [from, to) got. */
void json_plan_forget(struct json_reader *r, const struct json_plan *plan,
                      int64_t from, int64_t to);

/* Brings the columns up to date, when a plan is taken. */
void json_plan_leave(struct json_reader *r);
#endif
