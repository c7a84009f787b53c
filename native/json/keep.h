/* keep.h - records that are handed on as they stand (PERI_KEEPS).
 *
 * Where the rows of a chunk go to an encoder that would print what was read,
 * their text is a column, and only the columns that something else reads get
 * values; the others are `named`, so that their order is known.  A text has to
 * be what the encoder prints: no spaces, no nulls, numbers and escapes in its
 * spelling, keys in the order of the columns.  Groups of records are looked at
 * as they are read.  The others are looked at afterwards, and written anew when
 * they are spelled otherwise.  Keys in another order end it for this chunk, and
 * so do many records that are written anew.
 */
#ifndef JSON_KEEP_H
#define JSON_KEEP_H
#include "plan.h"
#include "scan.h"

#include <perigee/plugin.h>

#define JSON_EDITS_MAX 12

struct json_reader;

/* A member of a record that the encoder would spell otherwise. */
struct json_edit {
  const char *at;          /* the comma before its key, or '{' */
  const char *value, *end; /* its value */
};

struct json_keep {
  bool on;
  peri_view *rows; /* of this batch: the texts */
  int32_t last;    /* the column of the key before, in the record at hand */
  int64_t anew;    /* records that were written anew as a whole */
  /* of the records of a group */
  uint8_t edit_counts[JSON_GROUP];
  struct json_edit edits[JSON_GROUP][JSON_EDITS_MAX];
};

bool json_keep_is_asked(const peri_chunk *chunk);
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
/* The same for the first `count` records of a group, from the current row on:
 * from lines[i] to `more` bytes behind at[i].  `count`, or less. */
int json_keep_lines(struct json_reader *r, const char *const *lines,
                    const char *const *at, size_t more, int count);
/* Notes that a value of record i of a group, whose head begins at `at`, is
 * spelled otherwise; its end, or NULL: it is malformed, or this cannot be
 * noted. */
const char *json_keep_edit(struct json_reader *r, int i, const char *at,
                           const char *value);

/* Is all but the values of the record at p spelled as the encoder does? */
bool json_keep_fits(const char *p);

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
