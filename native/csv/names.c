/* names.c - the column names of a CSV stream. */
#include "names.h"
#include "number_text.h"
#include "utf8_text.h"

#include <stdio.h>

void csv_names_fini(peri_cx *cx, struct csv_names *names)
{
  for (size_t i = 0; i < names->count; i++) {
    cx->sv->realloc(cx, (char *)(uintptr_t)names->name[i].ptr, 0);
  }
  cx->sv->realloc(cx, names->name, 0);
  *names = (struct csv_names){0};
}

static bool names_begin(peri_cx *cx, struct csv_names *names, size_t count)
{
  csv_names_fini(cx, names);
  names->name = cx->sv->realloc(cx, NULL, count * sizeof *names->name);
  return names->name != NULL;
}

/* Adds `text`, repaired to UTF-8, and `number` behind it when it is not 0. */
static bool names_add(peri_cx *cx, struct csv_names *names, peri_str text,
                      const char *between, size_t number)
{
  char *name = cx->sv->realloc(cx, NULL, text.len * 3 + NUMBER_ROOM);
  if (!name) {
    return false;
  }
  size_t len = utf8_repair(name, text.ptr, text.len);
  if (number > 0) {
    size_t n = strlen(between);
    memcpy(name + len, between, n);
    len += n + number_print_u64(name + len + n, number);
  }
  names->name[names->count++] = (peri_str){name, len};
  return true;
}

static void names_drop_last(peri_cx *cx, struct csv_names *names)
{
  cx->sv->realloc(cx, (char *)(uintptr_t)names->name[--names->count].ptr, 0);
}

/* Does another name equal the last one? */
static bool last_is_double(const struct csv_names *names)
{
  for (size_t i = 0; i + 1 < names->count; i++) {
    if (peri_str_eq(names->name[i], names->name[names->count - 1])) {
      return true;
    }
  }
  return false;
}

static void warn(peri_cx *cx, size_t column, const char *why, peri_str name)
{
  char text[200];
  snprintf(text, sizeof text, "column %zu %s, it is called '%.*s'", column, why,
           (int)(name.len < 80 ? name.len : 80), name.ptr);
  peri_log(cx, PERI_WARN, text);
}

/* Adds the name of the next column. */
static bool names_add_unique(peri_cx *cx, struct csv_names *names,
                             peri_str text, bool warns)
{
  size_t column = names->count + 1;
  bool empty = text.len == 0;
  const char *why = empty ? "has no name" : "has the name of another";
  if (empty) {
    text = PERI_STR("c");
  }
  if (!names_add(cx, names, text, "", empty ? column : 0)) {
    return false;
  }
  bool renamed = empty;
  for (size_t number = 2; last_is_double(names); number++, renamed = true) {
    names_drop_last(cx, names);
    if (!names_add(cx, names, text, empty ? "" : "_",
                   empty ? column + number : number)) {
      return false;
    }
  }
  if (renamed && warns) {
    warn(cx, column, why, names->name[column - 1]);
  }
  return true;
}

/* A field of the header without its quotes; NULL `ptr`: no memory. */
static peri_str header_field(peri_cx *cx, const struct csv_syntax *syntax,
                             peri_str field)
{
  if (!syntax->quotes || field.len < 2 || *field.ptr != syntax->quote) {
    return field;
  }
  char *to = peri_alloc(cx, field.len);
  return to ? (peri_str){to, csv_unquote(to, field.ptr + 1, field.len - 2,
                                         syntax->quote)}
            : (peri_str){NULL, 0};
}

bool csv_names_of_header(peri_cx *cx, struct csv_names *names,
                         const struct csv_syntax *syntax,
                         const struct csv_cut *cut, size_t row,
                         const char *text, bool warns)
{
  uint32_t first = cut->row[row], end = cut->row[row + 1];
  if (!names_begin(cx, names, end - first)) {
    return false;
  }
  for (uint32_t i = first; i < end; i++) {
    uint32_t from = cut->mark[i - 1] + 1;
    peri_str field = {text + from, cut->mark[i] - from};
    if (i + 1 == end && field.len && field.ptr[field.len - 1] == '\r') {
      field.len--;
    }
    field = header_field(cx, syntax, field);
    if (!field.ptr || !names_add_unique(cx, names, field, warns)) {
      return false;
    }
  }
  return true;
}

bool csv_names_given(peri_cx *cx, struct csv_names *names,
                     const peri_list_str *given)
{
  if (!names_begin(cx, names, given->len)) {
    return false;
  }
  for (size_t i = 0; i < given->len; i++) {
    if (!names_add(cx, names, given->ptr[i], "", 0)) {
      return false;
    }
  }
  return true;
}

bool csv_names_numbered(peri_cx *cx, struct csv_names *names, size_t count)
{
  if (!names_begin(cx, names, count)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    if (!names_add(cx, names, PERI_STR("c"), "", i + 1)) {
      return false;
    }
  }
  return true;
}

size_t csv_names_fault(const peri_list_str *given)
{
  for (size_t i = 0; i < given->len; i++) {
    if (given->ptr[i].len == 0) {
      return i;
    }
    for (size_t k = 0; k < i; k++) {
      if (peri_str_eq(given->ptr[i], given->ptr[k])) {
        return i;
      }
    }
  }
  return given->len;
}
