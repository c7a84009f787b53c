/* keep.h - records that are handed on as they stand (PERI_KEEPS).
 *
 * Where the rows of a chunk go to an encoder that would print what was read,
 * their text is a column, and only the columns that something else reads get
 * values; the others are `named`, so that their order is known.  A text has to
 * be what the encoder prints: no spaces, no nulls, numbers and escapes in its
 * spelling, keys in the order of the columns, without what is left out of it.
 * Groups of records are looked at as they are read, and where something is to
 * be otherwise it is an edit: edit.c.  The other records are looked at
 * afterwards, and written anew.  Keys in another order end it for this chunk,
 * and so do many records that are written anew.
 */
#ifndef JSON_KEEP_H
#define JSON_KEEP_H
#include "plan.h"
#include "scan.h"

#include <perigee/plugin.h>

#define JSON_EDIT_ODD UINT32_MAX

struct json_column;
struct json_reader;

/* Bytes of a record that its text has otherwise. */
struct json_edit {
  const char *at, *end; /* `end` NULL: it is not known yet */
  const char *text;     /* what is there instead */
  uint32_t len;         /* JSON_EDIT_ODD: a value that is spelled otherwise */
};

struct json_keep {
  uint32_t on; /* PERI_KEEP_ALL or _ONLY; 0: records are decoded */
  const peri_member *members; /* borrowed from the host */
  uint32_t n_members;
  size_t more;     /* bytes that new names may add to a record */
  peri_view *rows; /* of this batch: the texts */
  int32_t last;    /* the place of the key before, in the record at hand */
  int64_t anew;    /* records that were written anew as a whole */
  /* of the plan at hand: see edit.c */
  bool loose;    /* there are spaces before the last brace */
  uint32_t tail; /* of the last head: what belongs to the last value */
  uint32_t most; /* edits of a record */
  size_t room;   /* edits that `edits` has room for */
  /* of the records of a group */
  uint32_t counts[JSON_GROUP];
  struct json_edit *edits; /* `most` of each; lie in the arena */
};

/* 0, PERI_KEEP_ALL or PERI_KEEP_ONLY. */
uint32_t json_keep_asked(const peri_chunk *chunk);
/* Is what is kept as it was in the chunk before? */
bool json_keep_is_same(const struct json_reader *r, const peri_chunk *chunk);
void json_keep_learn(struct json_reader *r, const peri_chunk *chunk);
/* Makes the columns of what is chosen and no field.  False: no memory. */
bool json_keep_name_chosen(struct json_reader *r);
/* Notes what becomes of a new column. */
void json_keep_column(struct json_reader *r, struct json_column *column);
/* Is the value of the slot, which may be NULL, left out of the text? */
bool json_keep_leaves_out(const struct json_reader *r,
                          const struct json_slot *slot);
/* Is it one of the fields that get values? */
bool json_is_field(const struct json_reader *r, peri_str name);

/* Begins a batch.  False: r->status. */
bool json_keep_begin(struct json_reader *r);
/* This chunk has to be decoded otherwise: false, and r->status. */
bool json_keep_give_up(struct json_reader *r);

/* A key of the record at hand was read.  False: it is out of order. */
bool json_keep_key(struct json_reader *r, const struct json_slot *slot);
/* The record from p, a '{', to the line at `next` was read into the current
 * row: sets its text.  False: r->status. */
bool json_keep_record(struct json_reader *r, const char *p, const char *next);

/* edit.c */

/* Finds the edits that every record of the plan has, which was made of the
 * record at `text`.  False: r->status. */
bool json_edit_plan(struct json_reader *r, const char *text);
/* Passes the head at `at` of record i of a group, when step->edit says so. */
void json_edit_head(struct json_reader *r, const struct json_step *step, int i,
                    const char *at);
/* Notes that a value of record i of a group, whose member begins at `at`, is
 * spelled otherwise; its end, or NULL: it is malformed. */
const char *json_edit_value(struct json_reader *r, int i, const char *at,
                            const char *value);
/* json_keep_record() for the first `count` records of a group, from the current
 * row on, that begin at lines[i] and whose last head is at[i].  `count`, or
 * less. */
int json_edit_lines(struct json_reader *r, const char *const *lines,
                    const char *const *at, int count);
/* Writes a string or a number that the encoder spells otherwise; `scratch` has
 * room for the string.  The end. */
char *json_edit_put(char *to, char *scratch, const char *p, const char *end);

/* The end of the string, number, or any value at p; NULL: it is not what the
 * encoder prints, or malformed. */
const char *json_keep_string(const char *p);
/* The same from the backslash at p on. */
const char *json_keep_escapes(const char *p);
const char *json_keep_number(const char *p);
const char *json_keep_other(const char *p);

static inline const char *json_keep_value(const char *p)
{
  if (*p == '"') {
    const char *stop = json_text_end(p + 1);
    return *stop == '"' ? stop + 1 : json_keep_escapes(stop);
  }
  return (unsigned char)(*p - '0') < 10 || *p == '-' ? json_keep_number(p)
                                                     : json_keep_other(p);
}
#endif
