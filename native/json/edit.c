/* edit.c - texts of records that differ in a few places from what was read.
 *
 * A plan knows where members begin, and with that what becomes of all records
 * that keep to it: members are left out, keys are called otherwise, spaces go.
 * Values that the encoder spells otherwise, or leaves out, are found as they
 * are read.  An edit says which bytes of a record become which; a text is made
 * of them and of the bytes between.  Each member has its comma before it, and
 * the first byte of a text becomes '{'.
 */
#include "escape.h"
#include "print.h"
#include "reader.h"

#define SLACK 16 /* bytes are copied so many at a time */

/* -------------------------------------------------------------------- the plan
 */

/* A member of the sample. */
struct member {
  const char *at; /* the end of the value before, or the begin of the line */
  const char *key, *key_end, *value, *end;
};

/* The key as it is to be, with the comma and the colon.  False: no memory. */
static bool make_key(struct json_reader *r, struct json_step *step,
                     const struct member *member, const peri_member *named)
{
  peri_str name = {member->key, (size_t)(member->key_end - member->key)};
  size_t room =
    named ? json_escape_room(named->as.ptr, named->as.len) : name.len;
  char *text = peri_alloc(r->cx, room + 2 + SLACK);
  if (!text) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for keys");
    return false;
  }
  char *to = text;
  *to++ = ',';
  if (named) {
    to = json_escape(to, named->as.ptr, named->as.len);
  } else {
    memcpy(to, name.ptr, name.len);
    to += name.len;
  }
  *to++ = ':';
  step->edit = JSON_EDIT_REPLACE;
  step->edit_text = text;
  step->edit_len = (uint32_t)(to - text);
  return true;
}

/* *open: does a member that is left out come before, perhaps with nothing in
 * between? */
static bool plan_member(struct json_reader *r, struct json_step *step,
                        const struct member *member, bool *open)
{
  peri_str name = {member->key + 1,
                   (size_t)(member->key_end - member->key) - 2};
  const struct json_slot *slot =
    json_slot_find(r->shape.root, name, json_name_hash(name));
  const struct json_column *column = slot ? slot->column : NULL;
  step->member_at = (uint16_t)(member->at - step->text);
  step->member_value = (uint16_t)(member->value - step->text);
  if (json_keep_leaves_out(r, slot)) {
    step->edit = JSON_EDIT_OMIT;
    *open = true;
    return true;
  }
  step->edit = *open ? JSON_EDIT_CLOSE : JSON_EDIT_NONE;
  *open = *open && step->may_miss;
  const peri_member *named = column ? column->member : NULL;
  bool spaced = member->value - member->at !=
                member->key_end - member->key + 2; /* `,` and `:` */
  return (!named && !spaced) || make_key(r, step, member, named);
}

static bool make_room(struct json_reader *r)
{
  struct json_keep *keep = &r->keep;
  size_t need = (size_t)JSON_GROUP * keep->most;
  if (need <= keep->room) {
    return true;
  }
  keep->edits = peri_alloc(r->cx, need * sizeof *keep->edits);
  keep->room = keep->edits ? need : 0;
  if (!keep->edits) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for edits");
  }
  return keep->edits != NULL;
}

bool json_edit_plan(struct json_reader *r, const char *text)
{
  struct json_step *step = r->plan.steps;
  struct json_fault fault;
  struct member member = {.at = text};
  const char *p = json_space(text);
  bool open = false;
  r->keep.most = 0;
  do {
    member.key = json_space(p + 1);
    member.key_end = json_skip_string(member.key + 1, &fault);
    member.value = json_space(json_space(member.key_end) + 1);
    member.end = json_skip(member.value, 2, &fault);
    while (step->text + step->len <= member.at) {
      step++;
    }
    if (!plan_member(r, step, &member, &open)) {
      return false;
    }
    r->keep.most += 2; /* its key and its value */
    member.at = member.end;
    p = json_space(member.end);
  } while (*p == ',');
  const struct json_step *last = &r->plan.steps[r->plan.count - 1];
  r->keep.tail = (uint32_t)(member.at - last->text);
  r->keep.loose = *member.at != '}';
  return make_room(r);
}

/* ------------------------------------------------------------------- the edits
 */

static struct json_edit *edits_of(const struct json_reader *r, int i)
{
  return r->keep.edits + (size_t)i * r->keep.most;
}

void json_edit_head(struct json_reader *r, const struct json_step *step, int i,
                    const char *at)
{
  struct json_edit *edit = edits_of(r, i) + r->keep.counts[i];
  const char *begin = at + step->member_at;
  bool open = r->keep.counts[i] > 0 && !edit[-1].end;
  if (step->edit == JSON_EDIT_OMIT) {
    if (!open) {
      *edit = (struct json_edit){.at = begin};
      r->keep.counts[i]++;
    }
    return;
  }
  if (open) {
    edit[-1].end = begin;
  }
  if (step->edit == JSON_EDIT_REPLACE) {
    *edit = (struct json_edit){begin, at + step->member_value, step->edit_text,
                               step->edit_len};
    r->keep.counts[i]++;
  }
}

/* The end of a value that is a string, a number or null. */
static const char *odd_end(const char *value)
{
  struct json_fault fault;
  struct json_number number;
  if (*value == '"') {
    return json_skip_string(value + 1, &fault);
  }
  if ((unsigned char)(*value - '0') < 10 || *value == '-') {
    return json_number(value, &number);
  }
  return load32(value) == load32("null") ? value + 4 : NULL;
}

const char *json_edit_value(struct json_reader *r, int i, const char *at,
                            const char *value)
{
  struct json_edit *edit = edits_of(r, i) + r->keep.counts[i];
  const char *end = odd_end(value);
  if (!end) {
    return NULL;
  }
  if (*value != 'n') {
    *edit = (struct json_edit){.at = value, .end = end, .len = JSON_EDIT_ODD};
  } else if (r->keep.counts[i] > 0 && edit[-1].at == at) { /* its key */
    edit[-1] = (struct json_edit){.at = at, .end = end};
    return end;
  } else {
    *edit = (struct json_edit){.at = at, .end = end};
  }
  r->keep.counts[i]++;
  return end;
}

/* ------------------------------------------------------------------- the texts
 */

char *json_edit_put(char *to, char *scratch, const char *p, const char *end)
{
  struct json_number number;
  if (*p == '"') {
    char *stop = json_unescape(scratch, p + 1, end - 1);
    return json_escape(to, scratch, (size_t)(stop - scratch));
  }
  json_number(p, &number);
  return number.kind == JSON_INTEGER ? number_put_i64(to, number.integer)
                                     : number_put_f64(to, number.f64);
}

/* Copies bytes that have SLACK more behind them, as has `to`. */
static inline char *put(char *to, const char *from, size_t len)
{
  if (len > 8 * SLACK) {
    memcpy(to, from, len);
  } else {
    for (size_t i = 0; i < len; i += SLACK) {
      memcpy(to + i, from + i, SLACK);
    }
  }
  return to + len;
}

/* The text of the record from p to the end of its last value. */
static bool edit_line(struct json_reader *r, const struct json_edit *edit,
                      uint32_t count, const char *p, const char *end,
                      peri_view *view)
{
  size_t len = (size_t)(end - p);
  size_t most = len + (size_t)count * NUMBER_ROOM + r->keep.more + 64;
  char *room = json_heap_room(r, most + len + 64);
  if (!room) {
    return false;
  }
  char *to = room;
  for (const struct json_edit *stop = edit + count; edit < stop; edit++) {
    to = put(to, p, (size_t)(edit->at - p));
    to = edit->len == JSON_EDIT_ODD
           ? json_edit_put(to, room + most, edit->at, edit->end)
           : put(to, edit->text, edit->len);
    p = edit->end;
  }
  to = put(to, p, (size_t)(end - p));
  *room = '{';
  to += to == room;
  *to++ = '}';
  json_heap_view(r, view, (size_t)(to - room));
  return true;
}

int json_edit_lines(struct json_reader *r, const char *const *lines,
                    const char *const *at, int count)
{
  peri_view *view = &r->keep.rows[r->row];
  for (int i = 0; i < count; i++) {
    struct json_edit *edits = edits_of(r, i);
    const char *end = at[i] + r->keep.tail;
    uint32_t n = r->keep.counts[i];
    if (n == 0 && !r->keep.loose) {
      json_input_view(r, &view[i], lines[i], (size_t)(end + 1 - lines[i]));
      continue;
    }
    if (n > 0 && !edits[n - 1].end) {
      edits[n - 1].end = end;
    }
    if (!edit_line(r, edits, n, lines[i], end, &view[i])) {
      return i;
    }
  }
  return count;
}
