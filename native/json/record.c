/* record.c - reads one record into the columns: the inner loop of the decoder.
 *
 * One pass, no tokens kept: the next key is guessed and compared, the kind of a
 * value is told by its first byte, a value of the type that its column already
 * has is written where it belongs.  Everything else goes to json_put().
 */
#include "escape.h"
#include "reader.h"

static const char *read_object(struct json_reader *r, struct json_node *node,
                               const char *p);

/* ------------------------------------------------------------------------ keys
 */

/* Makes the slot of a key that was not met before. */
static struct json_slot *learn(struct json_reader *r, struct json_node *node,
                               peri_str name, peri_str raw)
{
  bool wanted = r->all && node == r->shape.root;
  uint32_t depth = node->none.depth;
  if (!wanted &&
      (name.len > JSON_LEARN_MAX || r->shape.slots > JSON_SLOTS_MAX)) {
    return &node->none;
  }
  struct json_column *column = NULL;
  if (wanted) {
    if (!json_is_sound(r)) {
      return NULL;
    }
    column = json_column_new(r, name, PERI_T_NULL);
    if (!column) {
      return NULL;
    }
    column->named = r->keep.on && !json_is_field(r, name);
    json_keep_column(r, column);
  }
  struct json_slot *slot =
    json_slot_add(r->cx, &r->shape, node, name, raw, depth);
  if (!slot) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for keys");
    return NULL;
  }
  slot->column = column;
  return slot;
}

/* Looks up the key at p, which is not the expected one.  The place of the
 * value, or NULL. */
static const char *find_key(struct json_reader *r, struct json_node *node,
                            const char *p, struct json_slot **slot)
{
  struct json_fault fault;
  if (*p != '"') {
    return NULL;
  }
  const char *stop = json_text_end(p + 1);
  const char *end = *stop == '"' ? stop + 1 : json_skip_string(stop, &fault);
  if (!end) {
    return NULL;
  }
  peri_str raw = {p + 1, (size_t)(end - p) - 2}, name = raw;
  if (JSON_NEVER(*stop != '"')) {
    char *to = json_heap_room(r, raw.len);
    if (!to) {
      return NULL;
    }
    name = (peri_str){to, (size_t)(json_unescape(to, p + 1, end - 1) - to)};
  }
  p = json_space(end);
  if (*p != ':') {
    return NULL;
  }
  *slot = json_slot_find(node, name, json_name_hash(name));
  if (!*slot) {
    *slot = learn(r, node, name, raw);
  }
  return *slot ? p + 1 : NULL;
}

/* ---------------------------------------------------------------------- values
 */

static inline bool is_quick(const struct json_reader *r,
                            const struct json_column *column, uint32_t type)
{
  return column->quick == type && column->next == r->row;
}

static inline void settle(const struct json_reader *r,
                          const struct json_slot *slot)
{
  struct json_column *column = slot->column;
  if (column->valid) {
    column->valid[r->row] = 1;
  }
  column->next = r->row + 1;
  column->from = slot;
}

/* Puts a value that ends at `end`; `end`, or NULL. */
static const char *put(struct json_reader *r, const struct json_slot *slot,
                       const char *p, const char *end, struct json_value *value)
{
  if (!end || !slot->column) {
    return end;
  }
  value->raw = (peri_str){p, (size_t)(end - p)};
  return json_put(r, slot, value) ? end : NULL;
}

static const char *put_number(struct json_reader *r,
                              const struct json_slot *slot, const char *p,
                              const char *end, const struct json_number *number)
{
  static const enum json_kind kinds[] = {[JSON_INTEGER] = JSON_K_INTEGER,
                                         [JSON_DOUBLE] = JSON_K_DOUBLE,
                                         [JSON_HUGE] = JSON_K_HUGE};
  struct json_value value = {.kind = kinds[number->kind], .number = *number};
  return put(r, slot, p, end, &value);
}

static inline const char *
read_number(struct json_reader *r, const struct json_slot *slot, const char *p)
{
  struct json_number number;
  struct json_column *column = slot->column;
  const char *end = json_number(p, &number);
  if (JSON_NEVER(!end) || !column) {
    return end;
  }
  if (number.kind == JSON_INTEGER && is_quick(r, column, PERI_T_I64)) {
    ((int64_t *)column->values)[r->row] = number.integer;
  } else if (number.kind == JSON_DOUBLE && is_quick(r, column, PERI_T_F64)) {
    ((double *)column->values)[r->row] = number.f64;
  } else {
    return put_number(r, slot, p, end, &number);
  }
  settle(r, slot);
  return end;
}

/* A string that is not plain, or goes into a column that is not. */
static const char *put_string(struct json_reader *r,
                              const struct json_slot *slot, const char *p,
                              const char *stop)
{
  struct json_fault fault;
  struct json_value value = {.kind = JSON_K_STRING, .escaped = *stop != '"'};
  const char *end = value.escaped ? json_skip_string(stop, &fault) : stop + 1;
  return put(r, slot, p, end, &value);
}

static inline const char *
read_string(struct json_reader *r, const struct json_slot *slot, const char *p)
{
  struct json_column *column = slot->column;
  const char *stop = json_text_end(p + 1);
  if (JSON_NEVER(*stop != '"')) {
    return put_string(r, slot, p, stop);
  }
  if (!column) {
    return stop + 1;
  }
  if (JSON_NEVER(!is_quick(r, column, PERI_T_STR))) {
    return put_string(r, slot, p, stop);
  }
  json_input_view(r, (peri_view *)column->values + r->row, p + 1,
                  (size_t)(stop - p) - 1);
  settle(r, slot);
  return stop + 1;
}

static const char *read_literal(struct json_reader *r,
                                const struct json_slot *slot, const char *p)
{
  struct json_value value = {.kind = JSON_K_BOOL, .truth = *p == 't'};
  const char *end = memcmp(p, "true", 4) == 0    ? p + 4
                    : memcmp(p, "false", 5) == 0 ? p + 5
                                                 : NULL;
  if (memcmp(p, "null", 4) == 0) {
    value.kind = JSON_K_NULL;
    end = p + 4;
  }
  struct json_column *column = slot->column;
  if (end && column && value.kind == JSON_K_BOOL &&
      is_quick(r, column, PERI_T_BOOL)) {
    ((uint8_t *)column->values)[r->row] = value.truth;
    settle(r, slot);
    return end;
  }
  return put(r, slot, p, end, &value);
}

static const char *read_nested(struct json_reader *r,
                               const struct json_slot *slot, const char *p)
{
  struct json_fault fault;
  struct json_column *column = slot->column;
  const char *end = slot->depth < JSON_DEPTH_MAX ? json_skip_flat(p) : NULL;
  end = end ? end : json_skip(p, (int)slot->depth + 1, &fault);
  if (end && column && is_quick(r, column, PERI_T_JSON)) {
    json_input_view(r, (peri_view *)column->values + r->row, p,
                    (size_t)(end - p));
    settle(r, slot);
    return end;
  }
  struct json_value value = {.kind = JSON_K_NESTED};
  return put(r, slot, p, end, &value);
}

static inline const char *
read_simple(struct json_reader *r, const struct json_slot *slot, const char *p)
{
  switch (*p) {
  case '"':
    return read_string(r, slot, p);
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9':
    return read_number(r, slot, p);
  case '{':
  case '[':
    return read_nested(r, slot, p);
  default:
    return read_literal(r, slot, p);
  }
}

/* The keys below are, in this record, as if they had not come. */
static void forget_below(struct json_node *node)
{
  for (uint32_t i = 0; i < node->table_size; i++) {
    struct json_slot *slot = node->table[i];
    if (slot && slot->child) {
      slot->seen = 0;
      forget_below(slot->child);
    }
  }
}

/* Is this not the last time that the slot's key comes in its object?  That
 * shows when the record is read again. */
static bool is_repeated(struct json_reader *r, struct json_slot *slot)
{
  if (r->again) {
    return slot->times > 1 && slot->times-- > 0;
  }
  if (slot->seen == r->line_count) {
    r->repeats = true;
    slot->times++;
    forget_below(slot->child);
  } else {
    slot->seen = r->line_count;
    slot->times = 1;
  }
  return false;
}

/* A value whose inner keys are wanted, if it has any. */
static const char *read_parent(struct json_reader *r, struct json_slot *slot,
                               const char *p)
{
  struct json_fault fault;
  if (JSON_NEVER(is_repeated(r, slot))) {
    return json_skip(p, (int)slot->depth + 1, &fault);
  }
  if (*p != '{') {
    return read_simple(r, slot, p);
  }
  if (slot->depth + 1 > JSON_DEPTH_MAX) {
    return NULL;
  }
  struct json_value value = {.kind = JSON_K_NESTED};
  return put(r, slot, p, read_object(r, slot->child, p), &value);
}

/* --------------------------------------------------------------------- objects
 */

/* Members from the key at p on, the first of which is guessed; behind the
 * object's end, or NULL. */
static const char *read_members(struct json_reader *r, struct json_node *node,
                                const char *p, struct json_slot **guess)
{
  for (;;) {
    struct json_slot *slot = *guess;
    if (json_is_key(slot, p, r->limit)) {
      p += slot->len;
    } else {
      p = find_key(r, node, p, &slot);
      if (!p) {
        return NULL;
      }
      *guess = slot;
    }
    guess = &slot->next;
    r->keys++;
    p = json_rare_space(p);
    p = slot->child ? read_parent(r, slot, p) : read_simple(r, slot, p);
    if (JSON_NEVER(!p) || (r->keep.on && !json_keep_key(r, slot))) {
      return NULL;
    }
    p = json_rare_space(p);
    if (*p != ',') {
      return *p == '}' ? p + 1 : NULL;
    }
    p = json_rare_space(p + 1);
  }
}

/* The object at p; its end, or NULL. */
static const char *read_object(struct json_reader *r, struct json_node *node,
                               const char *p)
{
  p = json_rare_space(p + 1);
  return JSON_NEVER(*p == '}') ? p + 1 : read_members(r, node, p, &node->first);
}

static const char *end_record(const char *p)
{
  if (p) {
    p = json_rare_space(p);
  }
  return p && *p == '\n' ? p + 1 : NULL;
}

const char *json_read_value(struct json_reader *r, struct json_slot *slot,
                            const char *p)
{
  if (!slot->child) {
    return read_simple(r, slot, p);
  }
  r->repeats = false;
  p = read_parent(r, slot, p);
  return r->repeats ? NULL : p;
}

static const char *read_record(struct json_reader *r, const char *p)
{
  r->keys = 0;
  r->keep.last = -1;
  return end_record(read_object(r, r->shape.root, p));
}

/* Of a key with wanted keys below that comes twice only the last value counts;
 * what the others overruled has to be read anew. */
static const char *read_again(struct json_reader *r, const char *p)
{
  json_take_back(r);
  r->line_count++;
  r->again = true;
  p = read_record(r, p);
  r->again = false;
  return p;
}

const char *json_read_record(struct json_reader *r, const char *p)
{
  r->repeats = false;
  const char *end = read_record(r, p);
  if (JSON_NEVER(end && r->repeats)) {
    end = read_again(r, p);
  }
  return end && r->keep.on && !json_keep_record(r, p, end) ? NULL : end;
}
