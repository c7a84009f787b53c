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

/* A string or a number that the encoder spells otherwise. */
static void copy_odd(struct copy *copy, const char *p, const char *end)
{
  struct json_number number;
  if (*p == '"') {
    char *stop = json_unescape(copy->scratch, p + 1, end - 1);
    copy->to =
      json_escape(copy->to, copy->scratch, (size_t)(stop - copy->scratch));
  } else {
    json_number(p, &number);
    copy->to = put_number(copy->to, &number);
  }
}

static void copy_value(struct copy *copy, const char *p, const char *end)
{
  if (json_keep_value(p) == end) {
    copy_bytes(copy, p, end);
  } else {
    copy_odd(copy, p, end);
  }
}

/* Copies the members of a sound record at p, but for nulls. */
static bool copy_members(struct copy *copy, const char *p)
{
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
    if (*value != 'n') {
      *copy->to++ = before;
      before = ',';
      copy_value(copy, p, name_end);
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
  size_t most = len * 4 + 64;
  char *room = json_heap_room(r, most + len + 64);
  if (!room) {
    return false;
  }
  struct copy copy = {room, room + most};
  if (!copy_members(&copy, p)) {
    return json_keep_give_up(r);
  }
  json_heap_view(r, view, (size_t)(copy.to - room));
  return true;
}

bool json_keep_record(struct json_reader *r, const char *p, const char *next)
{
  peri_view *view = &r->keep.rows[r->row];
  const char *end = keep_text(p);
  if (!end && ++r->keep.anew > ANEW_MIN + r->row / ANEW_SHARE) {
    return json_keep_give_up(r);
  }
  if (!end) {
    return write_anew(r, p, (size_t)(next - p), view);
  }
  json_input_view(r, view, p, (size_t)(end - p));
  return true;
}

const char *json_keep_edit(struct json_reader *r, int i, const char *at,
                           const char *value)
{
  struct json_fault fault;
  struct json_number number;
  bool is_null = load32(value) == load32("null");
  while (*at == '}') { /* of the value before */
    at = json_space(at + 1);
  }
  const char *end = NULL;
  if (*value == '"') {
    end = json_skip_string(value + 1, &fault);
  } else if (is_null) {
    end = value + 4;
  } else if ((unsigned char)(*value - '0') < 10 || *value == '-') {
    end = json_number(value, &number);
  }
  if (!end || r->keep.edit_counts[i] == JSON_EDITS_MAX) {
    return NULL;
  }
  uint8_t n = r->keep.edit_counts[i]++;
  r->keep.edits[i][n] = (struct json_edit){at, value, end};
  return end;
}

/* Goes on behind a member that is left out; p: how far the record is copied. */
static const char *leave_out(struct copy *copy, const struct json_edit *edit,
                             const char *p)
{
  const char *end = edit->end;
  if (*edit->at == ',' && edit->at >= p) {
    copy_bytes(copy, p, edit->at);
    return end;
  }
  /* The first one that is left: the comma behind it goes. */
  copy_bytes(copy, p, edit->at + 1);
  return end + (*end == ',');
}

/* The record with its edits. */
static bool edit_line(struct json_reader *r, const struct json_edit *edits,
                      int count, const char *p, const char *end,
                      peri_view *view)
{
  size_t len = (size_t)(end - p);
  size_t most = len + (size_t)count * NUMBER_ROOM + 64;
  char *room = json_heap_room(r, most + len + 64);
  if (!room) {
    return false;
  }
  struct copy copy = {room, room + most};
  for (int i = 0; i < count; i++) {
    if (*edits[i].value == 'n') {
      p = leave_out(&copy, &edits[i], p);
    } else {
      copy_bytes(&copy, p, edits[i].value);
      copy_odd(&copy, edits[i].value, edits[i].end);
      p = edits[i].end;
    }
  }
  copy_bytes(&copy, p, end);
  json_heap_view(r, view, (size_t)(copy.to - room));
  return true;
}

int json_keep_lines(struct json_reader *r, const char *const *lines,
                    const char *const *at, size_t more, int count)
{
  peri_view *view = &r->keep.rows[r->row];
  for (int i = 0; i < count; i++) {
    const char *end = at[i] + more;
    int edits = r->keep.edit_counts[i];
    if (edits == 0) {
      json_input_view(r, &view[i], lines[i], (size_t)(end - lines[i]));
    } else if (!edit_line(r, r->keep.edits[i], edits, lines[i], end,
                          &view[i])) {
      return i;
    }
  }
  return count;
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
  int32_t index = slot->column ? slot->column->index : -1;
  if (index <= r->keep.last) {
    return json_keep_give_up(r);
  }
  r->keep.last = index;
  return true;
}

bool json_keep_fits(const char *p)
{
  struct json_fault fault;
  if (*p != '{') {
    return false;
  }
  do {
    p = p[1] == '"' ? json_keep_string(p + 1) : NULL;
    p = p && *p == ':' && (unsigned char)p[1] > ' '
          ? json_skip(p + 1, 2, &fault)
          : NULL;
  } while (p && *p == ',');
  return p && p[0] == '}' && p[1] == '\n';
}

/* ------------------------------------------------------------------- the batch
 */

bool json_keep_is_asked(const peri_chunk *chunk)
{
  return chunk->size > offsetof(peri_chunk, keep) && chunk->keep;
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
  if (!r->keep.rows) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for rows");
  }
  return r->keep.rows != NULL;
}
