/* plan.h - the shortest way through records that look like the last one.
 *
 * Records of one program mostly have the same keys in the same order, and
 * values of the same types.  The plan says so: for each key the bytes to
 * expect, from the comma before it to the colon behind it, and where its value
 * goes.  A record that keeps to it is read without looking at slots and
 * columns; where it leaves the plan, json_read_rest() goes on (record.c).
 *
 *   step        {"ts":   ,"level":   ,"status":   ,"geo":     }
 *   its kind    STR      STR         I64          OTHER
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

#define JSON_STEPS_MAX 64
#define JSON_STEP_HEAD 32
#define JSON_GROUP 8

enum json_step_kind {
  JSON_STEP_OTHER, /* json_read_value() */
  JSON_STEP_SKIP,  /* nobody wants it */
  JSON_STEP_STR, /* the rest: columns that have this type, and that no other */
  JSON_STEP_I64, /* slot writes */
  JSON_STEP_F64,
  JSON_STEP_BOOL,
  JSON_STEP_TIME,   /* from a string */
  JSON_STEP_NESTED, /* a column of JSON text, with objects and arrays */
};

struct json_step {
  char head[JSON_STEP_HEAD];
  uint32_t mask; /* of the bytes of `head` that count */
  uint32_t len;  /* how many do */
  enum json_step_kind kind;
  struct json_slot *slot;
  void *values; /* of the column */
  uint8_t *valid;
};

/* Does the plan know where the values go? */
static inline bool json_step_is_managed(const struct json_step *step)
{
  return step->kind > JSON_STEP_SKIP;
}

struct json_plan {
  struct json_step steps[JSON_STEPS_MAX];
  int count;    /* 0: there is none */
  bool taken;   /* records keep to it, and its columns lag behind */
  bool grouped; /* its steps can be read of several records at once */
  int group;    /* of how many */
  int pause;    /* records to read before the next try of a group */
  int misses;   /* records that left it, less those that did not */
  int64_t wait; /* records to read without it */
};

/* Is there a plan for the record at hand?  Makes one when it seems worth it. */
bool json_plan_take(struct json_reader *r);

/* Reads the record at p, a '{', by the plan; the next line, or NULL: it is
 * rejected, or r->status. */
const char *json_plan_read(struct json_reader *r, const char *p);

/* How many records to read at once; 0: none.  Asked for before each record. */
int json_plan_group(struct json_plan *plan);
/* So many of the last group kept to the plan. */
void json_plan_judge(struct json_plan *plan, int good, int count);

/* Reads up to `count` records, at most JSON_GROUP, at these lines, each with a
 * newline, by a plan that is taken and grouped; how many of them, from the
 * first one on, kept to it.  The others are as if they had not been read. */
int json_plan_read_group(struct json_reader *r, const char *const *lines,
                         int count);

/* Brings the columns up to date, of which the first `done` steps have a value
 * in the current row.  Nothing when the plan is not taken. */
void json_plan_leave(struct json_reader *r, int done);
#endif
