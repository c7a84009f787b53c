/* field.c - from neutral values to C values, one field at a time. */
#include "plugin/field.h"

#include "data/type.h"
#include "plugin/suggest.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
  const void *ptr;
  size_t len;
};

struct pair {
  peri_str key, value;
};

/* ------------------------------------------------------------------- types */

static size_t base_size(uint32_t base)
{
  return base == PG_BASE_PAIR ? sizeof(struct pair) : pg_type_width(base);
}

static size_t base_align(uint32_t base)
{
  size_t size = base_size(base);
  return size > 8 ? 8 : size;
}

/* The names of types may come through <stdbool.h>: "_Bool", "opt__Bool". */
static int find_base(const char *text, size_t len)
{
  if (len == 5 && memcmp(text, "_Bool", 5) == 0) {
    return PERI_T_BOOL;
  }
  if (len == 4 && memcmp(text, "pair", 4) == 0) {
    return PG_BASE_PAIR;
  }
  int base = pg_type_find(text, len);
  return base == PERI_T_NULL ? -1 : base;
}

static const char *type_text(struct pg_arena *arena, const char *prefix,
                             uint32_t base)
{
  const char *name = base == PG_BASE_PAIR ? "pair" : pg_type_name(base);
  size_t size = strlen(prefix) + strlen(name) + 1;
  char *text = pg_arena_alloc(arena, size);
  if (text) {
    snprintf(text, size, "%s%s", prefix, name);
  }
  return text;
}

bool pg_decl_type_parse(const char *text, size_t len, struct pg_arena *arena,
                        struct pg_decl_type *type)
{
  const char *prefix = "";
  *type = (struct pg_decl_type){.form = PG_FORM_ONE};
  if (len > 4 && memcmp(text, "opt_", 4) == 0) {
    prefix = "opt_";
    type->form = PG_FORM_OPT;
  } else if (len > 5 && memcmp(text, "list_", 5) == 0) {
    prefix = "list_";
    type->form = PG_FORM_LIST;
  }
  int base = find_base(text + strlen(prefix), len - strlen(prefix));
  if (base < 0 || (base == PG_BASE_PAIR && type->form != PG_FORM_LIST)) {
    *type = (struct pg_decl_type){.form = PG_FORM_RECORD,
                                  .name = pg_arena_copy(arena, text, len)};
    return len > 0 && type->name;
  }
  type->base = (uint32_t)base;
  type->set = base == PG_BASE_PAIR ? 0 : 1u << base;
  type->name = type_text(arena, prefix, type->base);
  return type->name;
}

static size_t round_up(size_t n, size_t align)
{
  return (n + align - 1) & ~(align - 1);
}

size_t pg_decl_type_align(const struct pg_decl_type *type)
{
  switch (type->form) {
  case PG_FORM_ONE:
    return base_align(type->base);
  case PG_FORM_OPT: /* {value; int32_t has, reserved;} */
    return base_align(type->base) < 4 ? 4 : base_align(type->base);
  case PG_FORM_LIST:
    return _Alignof(struct list);
  case PG_FORM_RECORD:
    break;
  }
  return 1;
}

size_t pg_decl_type_size(const struct pg_decl_type *type)
{
  switch (type->form) {
  case PG_FORM_ONE:
    return base_size(type->base);
  case PG_FORM_OPT:
    return round_up(round_up(base_size(type->base), 4) + 8,
                    pg_decl_type_align(type));
  case PG_FORM_LIST:
    return sizeof(struct list);
  case PG_FORM_RECORD:
    break;
  }
  return 0;
}

/* ---------------------------------------------------------- ranges, choices */

static enum pg_status check_range(const struct pg_decl_field *field,
                                  const struct pg_value *value,
                                  struct pg_error *err)
{
  bool low = field->low.kind != PG_VALUE_NIL;
  bool high = field->high.kind != PG_VALUE_NIL;
  int below = low ? pg_value_compare(value, &field->low) : 0;
  int above = high ? pg_value_compare(value, &field->high) : 0;
  if ((below == 0 || below == 1) && (above == 0 || above == -1)) {
    return PG_OK;
  }
  char low_text[40], high_text[40], text[40];
  pg_value_show(&field->low, low_text, sizeof low_text);
  pg_value_show(&field->high, high_text, sizeof high_text);
  pg_value_show(value, text, sizeof text);
  if (low && high) {
    return pg_fail(err, PG_BAD_INPUT, "expected %s to %s, got %s", low_text,
                   high_text, text);
  }
  return pg_fail(err, PG_BAD_INPUT, "expected at %s %s, got %s",
                 low ? "least" : "most", low ? low_text : high_text, text);
}

static enum pg_status check_choice(const struct pg_decl_field *field,
                                   peri_str text, struct pg_error *err)
{
  char list[400] = "";
  size_t used = 0;
  struct pg_suggest best = {0};
  if (field->choice_count == 0) {
    return PG_OK;
  }
  for (size_t i = 0; i < field->choice_count; i++) {
    const char *choice = field->choices[i];
    if (strlen(choice) == text.len && memcmp(choice, text.ptr, text.len) == 0) {
      return PG_OK;
    }
    pg_suggest_offer(&best, text.ptr, text.len, choice);
    int n =
      snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", choice);
    used += n > 0 && (size_t)n < sizeof list - used ? (size_t)n : 0;
  }
  struct pg_value value = {.kind = PG_VALUE_STR, .u.text = text};
  char shown[60];
  pg_value_show(&value, shown, sizeof shown);
  return pg_fail(err, PG_BAD_INPUT, "expected one of %s; got %s%s%s%s", list,
                 shown, best.nearest ? "; did you mean '" : "",
                 best.nearest ? best.nearest : "", best.nearest ? "'?" : "");
}

/* -------------------------------------------------------------- one element */

static enum pg_status mismatch(const char *expected,
                               const struct pg_value *value,
                               struct pg_error *err)
{
  char shown[60];
  pg_value_show(value, shown, sizeof shown);
  return pg_fail(err, PG_BAD_INPUT, "expected %s, got %s", expected, shown);
}

static const struct {
  int64_t low, high;
} bounds[PERI_T_TIME + 1] = {
  [PERI_T_I8] = {INT8_MIN, INT8_MAX},     [PERI_T_U8] = {0, UINT8_MAX},
  [PERI_T_I16] = {INT16_MIN, INT16_MAX},  [PERI_T_U16] = {0, UINT16_MAX},
  [PERI_T_I32] = {INT32_MIN, INT32_MAX},  [PERI_T_U32] = {0, UINT32_MAX},
  [PERI_T_I64] = {INT64_MIN, INT64_MAX},  [PERI_T_U64] = {0, INT64_MAX},
  [PERI_T_TIME] = {INT64_MIN, INT64_MAX},
};

static bool to_integer(const struct pg_value *value, int64_t *out)
{
  if (value->kind == PG_VALUE_INT) {
    *out = value->u.integer;
    return true;
  }
  double number = value->u.number;
  if (value->kind != PG_VALUE_NUM || !(number >= -9223372036854775808.0) ||
      !(number < 9223372036854775808.0) || number != floor(number)) {
    return false;
  }
  *out = (int64_t)number;
  return true;
}

static enum pg_status store_integer(const struct pg_decl_field *field,
                                    const struct pg_value *value, void *out,
                                    struct pg_error *err)
{
  uint32_t base = field->type.base;
  struct pg_value whole = {.kind = PG_VALUE_INT};
  if (!to_integer(value, &whole.u.integer)) {
    return mismatch(base == PERI_T_TIME ? "a number of nanoseconds"
                                        : "an integer",
                    value, err);
  }
  int64_t low = bounds[base].low, high = bounds[base].high;
  if (whole.u.integer < low || whole.u.integer > high) {
    return pg_fail(err, PG_BAD_INPUT, "expected %lld to %lld, got %lld",
                   (long long)low, (long long)high, (long long)whole.u.integer);
  }
  enum pg_status status = check_range(field, &whole, err);
  if (status == PG_OK) { /* little and big ends alike: through the right type */
    peri_slot slot = {.i64 = whole.u.integer};
    size_t size = pg_type_width(base);
    slot.i8 = size == 1 ? (int8_t)whole.u.integer : slot.i8;
    slot.i16 = size == 2 ? (int16_t)whole.u.integer : slot.i16;
    slot.i32 = size == 4 ? (int32_t)whole.u.integer : slot.i32;
    memcpy(out, &slot, size);
  }
  return status;
}

static enum pg_status store_number(const struct pg_decl_field *field,
                                   const struct pg_value *value, void *out,
                                   struct pg_error *err)
{
  if (value->kind != PG_VALUE_INT && value->kind != PG_VALUE_NUM) {
    return mismatch("a number", value, err);
  }
  enum pg_status status = check_range(field, value, err);
  if (status != PG_OK) {
    return status;
  }
  double number =
    value->kind == PG_VALUE_INT ? (double)value->u.integer : value->u.number;
  if (field->type.base == PERI_T_F32) {
    float narrow = (float)number;
    memcpy(out, &narrow, sizeof narrow);
  } else {
    memcpy(out, &number, sizeof number);
  }
  return PG_OK;
}

static enum pg_status copy_text(peri_str text, struct pg_arena *arena,
                                peri_str *out, struct pg_error *err)
{
  const char *copy = pg_arena_copy(arena, text.ptr ? text.ptr : "", text.len);
  if (!copy) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a text of %zu bytes",
                   text.len);
  }
  *out = (peri_str){copy, text.len};
  return PG_OK;
}

static enum pg_status store_text(const struct pg_decl_field *field,
                                 const struct pg_value *value,
                                 struct pg_arena *arena, void *out,
                                 struct pg_error *err)
{
  if (value->kind != PG_VALUE_STR) {
    return mismatch("a string", value, err);
  }
  enum pg_status status = check_choice(field, value->u.text, err);
  peri_str copy = {0};
  if (status == PG_OK) {
    status = copy_text(value->u.text, arena, &copy, err);
  }
  if (status == PG_OK) {
    memcpy(out, &copy, sizeof copy);
  }
  return status;
}

static enum pg_status store_one(const struct pg_decl_field *field,
                                const struct pg_value *value,
                                struct pg_arena *arena, void *out,
                                struct pg_error *err)
{
  switch (field->type.base) {
  case PERI_T_BOOL:
    if (value->kind != PG_VALUE_BOOL) {
      return mismatch("true or false", value, err);
    }
    *(uint8_t *)out = value->u.flag;
    return PG_OK;
  case PERI_T_F32:
  case PERI_T_F64:
    return store_number(field, value, out, err);
  case PERI_T_STR:
  case PERI_T_BIN:
  case PERI_T_JSON:
    return store_text(field, value, arena, out, err);
  default:
    return store_integer(field, value, out, err);
  }
}

/* -------------------------------------------------------------------- lists */

static int by_key(const void *a, const void *b)
{
  const struct pair *x = a, *y = b;
  size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
  int order = memcmp(x->key.ptr, y->key.ptr, n);
  return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

static bool is_table(const struct pg_value *value)
{
  return value->kind == PG_VALUE_LIST || value->kind == PG_VALUE_MAP;
}

static size_t table_count(const struct pg_value *value)
{
  return value->kind == PG_VALUE_LIST ? value->u.list.count
                                      : value->u.map.count;
}

static void *list_room(size_t count, size_t size, struct pg_arena *arena,
                       struct pg_error *err)
{
  size_t bytes;
  void *room = NULL;
  if (!__builtin_mul_overflow(count, size, &bytes)) {
    room = pg_arena_alloc(arena, bytes > 0 ? bytes : 1);
  }
  if (!room) {
    pg_fail(err, PG_NO_MEMORY, "no memory for a list of %zu items", count);
  }
  return room;
}

static enum pg_status store_pairs(const struct pg_value *value,
                                  struct pg_arena *arena, struct list *out,
                                  struct pg_error *err)
{
  if (!is_table(value) ||
      (value->kind == PG_VALUE_LIST && value->u.list.count > 0)) {
    return mismatch("a table such as { name = \"text\" }", value, err);
  }
  size_t count = table_count(value);
  struct pair *pairs = list_room(count, sizeof *pairs, arena, err);
  if (!pairs) {
    return PG_NO_MEMORY;
  }
  for (size_t i = 0; i < count; i++) {
    const struct pg_value_entry *entry = &value->u.map.at[i];
    if (entry->value.kind != PG_VALUE_STR) {
      char shown[60];
      pg_value_show(&entry->value, shown, sizeof shown);
      return pg_fail(err, PG_BAD_INPUT,
                     "expected strings by name, got [%.*s] = %s",
                     (int)(entry->key.len < 60 ? entry->key.len : 60),
                     entry->key.ptr, shown);
    }
    enum pg_status status = copy_text(entry->key, arena, &pairs[i].key, err);
    if (status == PG_OK) {
      status = copy_text(entry->value.u.text, arena, &pairs[i].value, err);
    }
    if (status != PG_OK) {
      return status;
    }
  }
  qsort(pairs, count, sizeof *pairs, by_key);
  *out = (struct list){pairs, count};
  return PG_OK;
}

static enum pg_status store_items(const struct pg_decl_field *field,
                                  const struct pg_value *value,
                                  struct pg_arena *arena, struct list *out,
                                  struct pg_error *err)
{
  const struct pg_value *items = value; /* one is a list of one */
  size_t count = 1, size = base_size(field->type.base);
  if (value->kind == PG_VALUE_MAP && value->u.map.count > 0) {
    return pg_fail(
      err, PG_BAD_INPUT, "expected a list, got a field '%.*s' in it",
      (int)(value->u.map.at[0].key.len < 60 ? value->u.map.at[0].key.len : 60),
      value->u.map.at[0].key.ptr);
  }
  if (is_table(value)) {
    items = value->kind == PG_VALUE_LIST ? value->u.list.at : NULL;
    count = table_count(value);
  }
  char *room = list_room(count, size, arena, err);
  if (!room) {
    return PG_NO_MEMORY;
  }
  for (size_t i = 0; i < count; i++) {
    struct pg_error why = {0};
    enum pg_status status =
      store_one(field, &items[i], arena, room + i * size, &why);
    if (status != PG_OK) {
      return is_table(value)
               ? pg_fail(err, status, "item %zu: %s", i + 1, why.text)
               : pg_fail(err, status, "%s", why.text);
    }
  }
  *out = (struct list){room, count};
  return PG_OK;
}

static enum pg_status store_list(const struct pg_decl_field *field,
                                 const struct pg_value *value,
                                 struct pg_arena *arena, void *out,
                                 struct pg_error *err)
{
  struct list list = {0};
  enum pg_status status = field->type.base == PG_BASE_PAIR
                            ? store_pairs(value, arena, &list, err)
                            : store_items(field, value, arena, &list, err);
  if (status == PG_OK) {
    memcpy(out, &list, sizeof list);
  }
  return status;
}

/* An option: the value, then whether there is one. */
static enum pg_status store_option(const struct pg_decl_field *field,
                                   const struct pg_value *value,
                                   struct pg_arena *arena, void *out,
                                   struct pg_error *err)
{
  int32_t has = value->kind != PG_VALUE_NIL;
  memset(out, 0, pg_decl_type_size(&field->type));
  if (!has) {
    return PG_OK;
  }
  enum pg_status status = store_one(field, value, arena, out, err);
  if (status == PG_OK) {
    memcpy((char *)out + round_up(base_size(field->type.base), 4), &has,
           sizeof has);
  }
  return status;
}

enum pg_status pg_field_store(const struct pg_decl_field *field,
                              const struct pg_value *value,
                              struct pg_arena *arena, void *out,
                              struct pg_error *err)
{
  switch (field->type.form) {
  case PG_FORM_ONE:
    return store_one(field, value, arena, out, err);
  case PG_FORM_OPT:
    return store_option(field, value, arena, out, err);
  case PG_FORM_LIST:
    return store_list(field, value, arena, out, err);
  case PG_FORM_RECORD:
    break;
  }
  return pg_fail(err, PG_BAD_INPUT, "type '%s' cannot be a parameter",
                 field->type.name);
}
