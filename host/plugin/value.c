/* value.c - literals, comparison and display of neutral values. */
#include "plugin/value.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LEN_MAX 63

static bool is_word(const char *text, size_t len, const char *word)
{
  return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* One character after a backslash; how many bytes it took, or 0. */
static size_t unescape(const char *at, const char *end, char *out)
{
  static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
  const char *known = *at ? strchr(from, *at) : NULL;
  if (known) {
    *out = to[known - from];
    return 1;
  }
  if (*at == 'x' && end - at >= 3 && isxdigit((unsigned char)at[1]) &&
      isxdigit((unsigned char)at[2])) {
    char digits[3] = {at[1], at[2], '\0'};
    *out = (char)strtoul(digits, NULL, 16);
    return 3;
  }
  return 0;
}

static bool parse_string(const char *text, size_t len, struct pg_arena *arena,
                         struct pg_value *value)
{
  const char *at = text + 1, *end = text + len - 1;
  char *copy = pg_arena_alloc(arena, len), *out = copy;
  if (!copy) {
    return false;
  }
  while (at < end) {
    if (*at == text[0]) {
      return false;
    }
    if (*at != '\\') {
      *out++ = *at++;
      continue;
    }
    at++;
    size_t taken = at < end ? unescape(at, end, out) : 0;
    if (taken == 0) {
      return false;
    }
    out++;
    at += taken;
  }
  *out = '\0';
  *value = (struct pg_value){.kind = PG_VALUE_STR,
                             .u.text = {copy, (size_t)(out - copy)}};
  return true;
}

static bool parse_integer(const char *text, struct pg_value *value)
{
  const char *digits = text + (*text == '-');
  bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
  char *end;
  errno = 0;
  long long number = strtoll(text, &end, hex ? 16 : 10);
  if (errno != 0 || *end != '\0') {
    return false;
  }
  *value = (struct pg_value){.kind = PG_VALUE_INT, .u.integer = number};
  return true;
}

static bool parse_number(const char *text, size_t len, struct pg_value *value)
{
  char copy[NUMBER_LEN_MAX + 1];
  if (len == 0 || len > NUMBER_LEN_MAX) {
    return false;
  }
  /* strtod also reads "inf", "nan" and leading blanks; a literal is neither. */
  const char *first = text + (*text == '-');
  if (first == text + len ||
      !(isdigit((unsigned char)*first) || *first == '.')) {
    return false;
  }
  memcpy(copy, text, len);
  copy[len] = '\0';
  if (strlen(copy) != len) {
    return false;
  }
  if (parse_integer(copy, value)) {
    return true;
  }
  char *end;
  double number = strtod(copy, &end);
  if (*end != '\0' || end == copy || !isfinite(number)) {
    return false;
  }
  *value = (struct pg_value){.kind = PG_VALUE_NUM, .u.number = number};
  return true;
}

static bool parse_one(const char *text, size_t len, struct pg_arena *arena,
                      struct pg_value *value)
{
  bool yes = is_word(text, len, "true");
  if (yes || is_word(text, len, "false")) {
    *value = (struct pg_value){.kind = PG_VALUE_BOOL, .u.flag = yes};
    return true;
  }
  if (is_word(text, len, "nil")) {
    *value = (struct pg_value){.kind = PG_VALUE_NIL};
    return true;
  }
  if (len >= 2 && (text[0] == '"' || text[0] == '\'') &&
      text[len - 1] == text[0]) {
    return parse_string(text, len, arena, value);
  }
  return parse_number(text, len, value);
}

/* The first comma in [at, end) that is in no string, or `end`. */
static const char *find_comma(const char *at, const char *end)
{
  char quote = '\0';
  for (; at < end; at++) {
    if (quote && *at == '\\') {
      at++;
    } else if (quote) {
      quote = *at == quote ? '\0' : quote;
    } else if (*at == '"' || *at == '\'') {
      quote = *at;
    } else if (*at == ',') {
      return at;
    }
  }
  return end;
}

/* What is between braces: simple values with commas between them. */
static bool parse_list(const char *at, const char *end, struct pg_arena *arena,
                       struct pg_value *value)
{
  struct pg_value *items =
    pg_arena_alloc(arena, ((size_t)(end - at) / 2 + 1) * sizeof *items);
  size_t count = 0;
  if (!items) {
    return false;
  }
  for (; at < end; at++) {
    const char *comma = find_comma(at, end), *last = comma;
    while (at < last && *at == ' ') {
      at++;
    }
    while (at < last && last[-1] == ' ') {
      last--;
    }
    if (at == last && comma == end) {
      break; /* { }, or a last comma */
    }
    if (!parse_one(at, (size_t)(last - at), arena, &items[count++])) {
      return false;
    }
    at = comma;
  }
  *value = (struct pg_value){.kind = PG_VALUE_LIST, .u.list = {items, count}};
  return true;
}

bool pg_value_parse(const char *text, size_t len, struct pg_arena *arena,
                    struct pg_value *value)
{
  return len >= 2 && text[0] == '{' && text[len - 1] == '}'
           ? parse_list(text + 1, text + len - 1, arena, value)
           : parse_one(text, len, arena, value);
}

const struct pg_value *pg_value_find(const struct pg_value *map,
                                     const char *name)
{
  if (map->kind != PG_VALUE_MAP) {
    return NULL;
  }
  for (size_t i = 0; i < map->u.map.count; i++) {
    const struct pg_value_entry *entry = &map->u.map.at[i];
    if (is_word(entry->key.ptr, entry->key.len, name)) {
      return &entry->value;
    }
  }
  return NULL;
}

/* As few digits as give the number back. */
static void show_number(double number, char *out, size_t size)
{
  for (int digits = 14; digits <= 17; digits++) {
    snprintf(out, size, "%.*g", digits, number);
    if (strtod(out, NULL) == number) {
      return;
    }
  }
}

void pg_value_show(const struct pg_value *value, char *out, size_t size)
{
  switch (value->kind) {
  case PG_VALUE_NIL:
    snprintf(out, size, "nothing");
    break;
  case PG_VALUE_BOOL:
    snprintf(out, size, "%s", value->u.flag ? "true" : "false");
    break;
  case PG_VALUE_INT:
    snprintf(out, size, "%lld", (long long)value->u.integer);
    break;
  case PG_VALUE_NUM:
    show_number(value->u.number, out, size);
    break;
  case PG_VALUE_STR: {
    bool cut = value->u.text.len > 40;
    snprintf(out, size, "'%.*s%s'", cut ? 37 : (int)value->u.text.len,
             value->u.text.ptr, cut ? "..." : "");
    break;
  }
  case PG_VALUE_LIST:
  case PG_VALUE_MAP:
    snprintf(out, size, "a table");
    break;
  }
}

static int compare_doubles(double a, double b)
{
  if (isnan(a) || isnan(b)) {
    return 2;
  }
  return (a > b) - (a < b);
}

/* Exact: the double is cut to an integer first, then the rest decides. */
static int compare_mixed(int64_t a, double b)
{
  if (isnan(b)) {
    return 2;
  }
  if (b >= 9223372036854775808.0) {
    return -1;
  }
  if (b < -9223372036854775808.0) {
    return 1;
  }
  int64_t whole = (int64_t)b;
  if (a != whole) {
    return a < whole ? -1 : 1;
  }
  return compare_doubles(0, b - (double)whole);
}

int pg_value_compare(const struct pg_value *a, const struct pg_value *b)
{
  assert(a->kind == PG_VALUE_INT || a->kind == PG_VALUE_NUM);
  assert(b->kind == PG_VALUE_INT || b->kind == PG_VALUE_NUM);
  if (a->kind == PG_VALUE_INT && b->kind == PG_VALUE_INT) {
    return (a->u.integer > b->u.integer) - (a->u.integer < b->u.integer);
  }
  if (a->kind == PG_VALUE_INT) {
    return compare_mixed(a->u.integer, b->u.number);
  }
  if (b->kind == PG_VALUE_INT) {
    int order = compare_mixed(b->u.integer, a->u.number);
    return order == 2 ? 2 : -order;
  }
  return compare_doubles(a->u.number, b->u.number);
}
