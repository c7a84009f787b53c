/* keep.c - what a record looks like when the encoder has printed it. */
#include "keep.h"

#include "escape.h"
#include "print.h"
#include "reader.h"

/* When more records than one in so many are written anew as a whole, it is
 * cheaper to decode the chunk. */
#define ANEW_SHARE 8
#define ANEW_MIN 64

/* ------------------------------------------------------------------ the values
 */

/* The end of the escape at p, when escape.c writes it so. */
static const char *keep_escape(const char *p)
{
  static const bool plain[256] = {
    ['"'] = true, ['\\'] = true, ['b'] = true, ['f'] = true,
    ['n'] = true, ['r'] = true,  ['t'] = true};
  if (p[1] != 'u') {
    return plain[(unsigned char)p[1]] ? p + 2 : NULL;
  }
  bool digit = (unsigned char)(p[5] - '0') < 10;
  if (p[2] != '0' || p[3] != '0' || (p[4] != '0' && p[4] != '1') ||
      !(digit || (p[5] >= 'a' && p[5] <= 'f'))) {
    return NULL;
  }
  int code = (p[4] - '0') * 16 + (digit ? p[5] - '0' : p[5] - 'a' + 10);
  bool has_name = code >= '\b' && code <= '\r' && code != '\v';
  return has_name ? NULL : p + 6;
}

const char *json_keep_string(const char *p)
{
  return json_keep_escapes(json_text_end(p + 1));
}

const char *json_keep_escapes(const char *p)
{
  while (*p == '\\') {
    p = keep_escape(p);
    if (!p) {
      return NULL;
    }
    p = json_text_end(p);
  }
  return *p == '"' ? p + 1 : NULL;
}

/* The encoder's text of a number; its end. */
static char *put_number(char *to, const struct json_number *number)
{
  return number->kind == JSON_INTEGER ? number_put_i64(to, number->integer)
                                      : number_put_f64(to, number->f64);
}

static const char *keep_odd_number(const char *p)
{
  struct json_number number;
  char text[NUMBER_ROOM];
  const char *end = json_number_any(p, &number);
  if (!end || number.kind == JSON_HUGE) {
    return end;
  }
  size_t len = (size_t)(put_number(text, &number) - text);
  return len == (size_t)(end - p) && memcmp(text, p, len) == 0 ? end : NULL;
}

/* Up to 7 digits before and after the point: 15 digits are always the shortest
 * for their double. */
const char *json_keep_number(const char *p)
{
  const char *at = p + (*p == '-');
  unsigned n = json_digit_count(load64(at));
  if (n - 1 >= 7 || (*at == '0' && (n > 1 || at[1] != '.'))) {
    return n == 1 && at == p && (at[1] | 0x20) != 'e' ? at + 1
                                                      : keep_odd_number(p);
  }
  const char *end = at + n;
  if (*end == '.') {
    const char *decimals = end + 1;
    n = json_digit_count(load64(decimals));
    end = decimals + n;
    bool zeros = *at == '0' && load32(decimals) == load32("0000");
    if (n - 1 >= 7 || zeros || (end[-1] == '0' && n == 1 && *p == '-')) {
      return keep_odd_number(p);
    }
    if (end[-1] == '0') {
      return NULL;
    }
  }
  return (*end | 0x20) == 'e' ? keep_odd_number(p) : end;
}

const char *json_keep_other(const char *p)
{
  struct json_fault fault;
  if (load32(p) == load32("true")) {
    return p + 4;
  }
  if (memcmp(p, "false", 5) == 0) {
    return p + 5;
  }
  if (*p != '{' && *p != '[') {
    return NULL;
  }
  const char *end = json_skip_flat(p);
  return end ? end : json_skip(p, 2, &fault);
}

/* ------------------------------------------------------------------ the record
 */

/* The end of the record at p, when it stands as the encoder prints it. */
static const char *keep_text(const char *p)
{
  if (p[1] == '}') {
    return p + 2;
  }
  do {
    p = p[1] == '"' ? json_keep_string(p + 1) : NULL;
    p = p && *p == ':' ? json_keep_value(p + 1) : NULL;
  } while (p && *p == ',');
  return p && *p == '}' ? p + 1 : NULL;
}

/* Where a record is written anew, and room for the texts of its strings. */
struct copy {
  char *to, *scratch;
};

static void copy_bytes(struct copy *copy, const char *p, const char *end)
{
  memcpy(copy->to, p, (size_t)(end - p));
  copy->to += end - p;
}

static void copy_value(struct copy *copy, const char *p, const char *end)
{
  if (json_keep_value(p) == end) {
    copy_bytes(copy, p, end);
  } else {
    copy->to = json_edit_put(copy->to, copy->scratch, p, end);
  }
}

/* The column of the key from p to `end`, quotes and all, or NULL. */
static const struct json_column *column_of(const struct json_reader *r,
                                           const struct copy *copy,
                                           const char *p, const char *end)
{
  const char *stop = json_unescape(copy->scratch, p + 1, end - 1);
  peri_str name = {copy->scratch, (size_t)(stop - copy->scratch)};
  const struct json_slot *slot =
    json_slot_find(r->shape.root, name, json_name_hash(name));
  return slot ? slot->column : NULL;
}

static void copy_key(struct copy *copy, const struct json_column *column,
                     const char *p, const char *end)
{
  if (column && column->member) {
    const peri_str *as = &column->member->as;
    copy->to = json_escape(copy->to, as->ptr, as->len);
  } else {
    copy_value(copy, p, end);
  }
}

/* Copies the members of a sound record at p, but for nulls. */
static bool copy_members(const struct json_reader *r, struct copy *copy,
                         const char *p)
{
  bool trivial = r->keep.n_members == 0 && r->keep.on == PERI_KEEP_ALL;
  struct json_fault fault;
  char before = '{';
  p = json_space(p + 1);
  while (*p != '}') {
    const char *name_end = json_skip_string(p + 1, &fault);
    const char *value = name_end ? json_space(json_space(name_end) + 1) : NULL;
    const char *end = value ? json_skip(value, 2, &fault) : NULL;
    if (!end) {
      return false;
    }
    const struct json_column *column =
      trivial ? NULL : column_of(r, copy, p, name_end);
    bool out =
      !trivial && (column ? column->left_out : r->keep.on == PERI_KEEP_ONLY);
    if (*value != 'n' && !out) {
      *copy->to++ = before;
      before = ',';
      copy_key(copy, column, p, name_end);
      *copy->to++ = ':';
      copy_value(copy, value, end);
    }
    p = json_space(end);
    p = *p == ',' ? json_space(p + 1) : p;
  }
  *copy->to = before; /* unless there was a member */
  copy->to += before == '{';
  *copy->to++ = '}';
  return true;
}

/* Strings do not grow; a number of k bytes may become 19 (9e18), and has a key
 * of at least 3, a comma and two more before it. */
static bool write_anew(struct json_reader *r, const char *p, size_t len,
                       peri_view *view)
{
  size_t most = len * 4 + 64 + r->keep.more;
  char *room = json_heap_room(r, most + len + 64);
  if (!room) {
    return false;
  }
  struct copy copy = {room, room + most};
  if (!copy_members(r, &copy, p)) {
    return json_keep_give_up(r);
  }
  json_heap_view(r, view, (size_t)(copy.to - room));
  return true;
}

bool json_keep_record(struct json_reader *r, const char *p, const char *next)
{
  peri_view *view = &r->keep.rows[r->row];
  bool whole = r->keep.n_members == 0 && r->keep.on == PERI_KEEP_ALL;
  const char *end = whole ? keep_text(p) : NULL;
  if (!end && ++r->keep.anew > ANEW_MIN + r->row / ANEW_SHARE) {
    return json_keep_give_up(r);
  }
  if (!end) {
    return write_anew(r, p, (size_t)(next - p), view);
  }
  json_input_view(r, view, p, (size_t)(end - p));
  return true;
}

/* -------------------------------------------------------------------- the keys
 */

bool json_keep_give_up(struct json_reader *r)
{
  r->status = PERI_AGAIN;
  return false;
}

bool json_keep_key(struct json_reader *r, const struct json_slot *slot)
{
  if (json_keep_leaves_out(r, slot)) {
    return true;
  }
  const struct json_column *column = slot->column;
  int32_t place = r->keep.on == PERI_KEEP_ONLY ? column->place
                  : column                     ? column->index
                                               : -1;
  if (place <= r->keep.last) {
    return json_keep_give_up(r);
  }
  r->keep.last = place;
  return true;
}

bool json_keep_leaves_out(const struct json_reader *r,
                          const struct json_slot *slot)
{
  return slot && slot->column ? slot->column->left_out
                              : r->keep.on == PERI_KEEP_ONLY;
}

void json_keep_column(struct json_reader *r, struct json_column *column)
{
  column->left_out = r->keep.on == PERI_KEEP_ONLY;
  for (uint32_t i = 0; i < r->keep.n_members; i++) {
    const peri_member *member = &r->keep.members[i];
    if (peri_str_eq(member->name, column->name)) {
      column->place = (int32_t)i;
      column->left_out = member->as.ptr == NULL;
      column->member = peri_str_eq(member->as, member->name) ? NULL : member;
    }
  }
}

/* ------------------------------------------------------------------- the batch
 */

uint32_t json_keep_asked(const peri_chunk *chunk)
{
  return chunk->size > offsetof(peri_chunk, members) ? chunk->keep : 0;
}

bool json_keep_is_same(const struct json_reader *r, const peri_chunk *chunk)
{
  uint32_t on = json_keep_asked(chunk);
  return r->keep.on == on && (!on || (r->keep.members == chunk->members &&
                                      r->keep.n_members == chunk->n_members));
}

void json_keep_learn(struct json_reader *r, const peri_chunk *chunk)
{
  r->keep.on = json_keep_asked(chunk);
  r->keep.members = r->keep.on ? chunk->members : NULL;
  r->keep.n_members = r->keep.on ? chunk->n_members : 0;
  r->keep.more = 0;
  for (uint32_t i = 0; i < r->keep.n_members; i++) {
    const peri_str *as = &r->keep.members[i].as;
    r->keep.more += json_escape_room(as->ptr, as->len);
  }
}

bool json_keep_name_chosen(struct json_reader *r)
{
  for (uint32_t i = 0; i < r->keep.n_members; i++) {
    peri_str name = r->keep.members[i].name;
    if (r->keep.on != PERI_KEEP_ONLY || json_is_field(r, name)) {
      continue;
    }
    struct json_column *column = json_column_new(r, name, PERI_T_NULL);
    if (!column || !json_shape_want(r->cx, &r->shape, name, column)) {
      return false;
    }
    column->named = true;
    json_keep_column(r, column);
  }
  return true;
}

bool json_is_field(const struct json_reader *r, peri_str name)
{
  for (uint32_t i = 0; i < r->n_fields; i++) {
    if (peri_str_eq(r->fields[i].name, name)) {
      return true;
    }
  }
  return false;
}

bool json_keep_begin(struct json_reader *r)
{
  const peri_services *sv = r->cx->sv;
  int32_t column = sv->out_column(r->out, PERI_KEPT_NAME,
                                  sizeof PERI_KEPT_NAME - 1, PERI_T_JSON);
  r->keep.rows =
    column < 0 ? NULL : sv->out_values(r->out, column, r->rows_max, NULL);
  r->keep.anew = 0;
  r->keep.room = 0; /* the arena is new */
  if (!r->keep.rows) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for rows");
  }
  return r->keep.rows != NULL;
}
