/* decl.c - a parser of declaration texts.  Texts come out of files that nobody
 * vouches for, so whatever they hold ends in a decl or in a message. */
#include "plugin/decl.h"

#include "plugin/decl_lex.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 256

static const struct {
  const char *word;
  uint32_t kind;
} words[] = {
  {"plugin", 0},
  {"function", PERI_K_FUNCTION},
  {"aggregate", PERI_K_AGGREGATE},
  {"kernel", PERI_K_KERNEL},
  {"source", PERI_K_SOURCE},
  {"sink", PERI_K_SINK},
  {"decoder", PERI_K_DECODER},
  {"encoder", PERI_K_ENCODER},
  {"record", PERI_K_TYPE},
  {"params", PERI_K_TYPE},
  {"variant", PERI_K_TYPE},
  {"class", PERI_K_CLASS},
  {"method", PERI_K_METHOD},
};

const char *pg_kind_word(uint32_t kind)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (words[i].kind == kind) {
      return words[i].word;
    }
  }
  return NULL;
}

static int compare_types(const struct pg_decl_type *a,
                         const struct pg_decl_type *b)
{
  if (a->base != b->base) {
    return a->base < b->base ? -1 : 1;
  }
  return strcmp(a->name, b->name);
}

int pg_decl_compare_args(const struct pg_decl *a, const struct pg_decl *b)
{
  int order =
    (a->field_count > b->field_count) - (a->field_count < b->field_count);
  for (size_t i = 0; i < a->field_count && order == 0; i++) {
    order = compare_types(&a->fields[i].type, &b->fields[i].type);
  }
  return order;
}

/* ------------------------------------------------------------- lists of fields
 * Grown in a fixed array while reading, then copied to the arena once. */

struct fields {
  struct pg_decl_field at[FIELDS_MAX];
  size_t count;
};

static bool add(struct pg_lex *lex, struct fields *list,
                struct pg_decl_field *field)
{
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->at[i].name, field->name) == 0) {
      return pg_lex_fail(lex, "'%s' is declared twice", field->name);
    }
  }
  if (list->count == FIELDS_MAX) {
    return pg_lex_fail(lex, "more than %d fields", FIELDS_MAX);
  }
  list->at[list->count++] = *field;
  return true;
}

static bool keep(struct pg_lex *lex, const struct fields *list,
                 const struct pg_decl_field **at, size_t *count)
{
  size_t size = list->count * sizeof *list->at;
  struct pg_decl_field *copy = pg_arena_alloc(lex->arena, size > 0 ? size : 1);
  if (!copy) {
    return pg_lex_no_memory(lex);
  }
  memcpy(copy, list->at, size);
  *at = copy;
  *count = list->count;
  return true;
}

/* ------------------------------------------------------------------ limits */

static bool read_bounds(struct pg_lex *lex, const char *at, const char *dots,
                        const char *end, struct pg_decl_field *field)
{
  struct pg_value *low = &field->low, *high = &field->high;
  const char *after = dots + 2;
  bool good =
    (at == dots || pg_value_parse(at, (size_t)(dots - at), lex->arena, low)) &&
    (after == end ||
     pg_value_parse(after, (size_t)(end - after), lex->arena, high)) &&
    (low->kind == PG_VALUE_NIL || low->kind == PG_VALUE_INT ||
     low->kind == PG_VALUE_NUM) &&
    (high->kind == PG_VALUE_NIL || high->kind == PG_VALUE_INT ||
     high->kind == PG_VALUE_NUM) &&
    (low->kind != PG_VALUE_NIL || high->kind != PG_VALUE_NIL);
  return good ||
         pg_lex_fail(lex, "'%.*s' is no range of numbers", (int)(end - at), at);
}

/* One of "a|b|c": bare, or in quotes when it is no word. */
static bool read_choice(struct pg_lex *lex, const char *at, const char *end,
                        const char **choice)
{
  struct pg_value value;
  if (*at != '"') {
    *choice = pg_arena_copy(lex->arena, at, (size_t)(end - at));
    return *choice || pg_lex_no_memory(lex);
  }
  if (!pg_value_parse(at, (size_t)(end - at), lex->arena, &value)) {
    return pg_lex_fail(lex, "%.*s is no string", (int)(end - at), at);
  }
  *choice = value.u.text.ptr;
  return true;
}

static bool read_choices(struct pg_lex *lex, const char *at, const char *end,
                         struct pg_decl_field *field)
{
  const char **choices =
    pg_arena_alloc(lex->arena, ((size_t)(end - at) + 1) * sizeof *choices);
  size_t count = 0;
  if (!choices) {
    return pg_lex_no_memory(lex);
  }
  while (at <= end) {
    const char *bar = memchr(at, '|', (size_t)(end - at));
    const char *next = bar ? bar : end, *last = next;
    while (at < last && *at == ' ') {
      at++;
    }
    while (at < last && last[-1] == ' ') {
      last--;
    }
    if (at == last) {
      return pg_lex_fail(lex, "an empty choice");
    }
    if (!read_choice(lex, at, last, &choices[count])) {
      return false;
    }
    count++;
    at = next + 1;
  }
  field->choices = choices;
  field->choice_count = count;
  return true;
}

static bool is_number(const struct pg_decl_type *type)
{
  return type->base >= PERI_T_I8 && type->base <= PERI_T_TIME;
}

/* What follows the doc: a range of numbers, or the choices of a text. */
static bool read_limits(struct pg_lex *lex, const char *at, const char *end,
                        struct pg_decl_field *field)
{
  const char *dots = at;
  if (at == end) {
    return true;
  }
  if (is_number(&field->type)) {
    while (dots + 1 < end && !(dots[0] == '.' && dots[1] == '.')) {
      dots++;
    }
    return dots + 1 < end ? read_bounds(lex, at, dots, end, field)
                          : pg_lex_fail(lex, "'%.*s' is no range such as 0..1",
                                        (int)(end - at), at);
  }
  if (field->type.base == PERI_T_STR) {
    return read_choices(lex, at, end, field);
  }
  return pg_lex_fail(lex, "'%s' has neither a range nor choices",
                     field->type.name);
}

/* --------------------------------------------------------------- signatures */

static bool read_type(struct pg_lex *lex, struct pg_decl_type *type)
{
  const char *text;
  size_t len;
  if (!pg_lex_word(lex, "a type", &text, &len)) {
    return false;
  }
  return pg_decl_type_parse(text, len, lex->arena, type) ||
         pg_lex_no_memory(lex);
}

/* "any", or the types of a column with '|' between them. */
static bool read_column_type(struct pg_lex *lex, struct pg_decl_type *type)
{
  const char *start = lex->at, *text;
  size_t len;
  uint32_t set = 0, first = 0;
  do {
    struct pg_decl_type one;
    pg_lex_skip(lex);
    const char *at = lex->at;
    if (!pg_lex_word(lex, "a type", &text, &len)) {
      return false;
    }
    bool any = len == 3 && memcmp(text, "any", 3) == 0;
    if (!any && !pg_decl_type_parse(text, len, lex->arena, &one)) {
      return pg_lex_no_memory(lex);
    }
    if (!any && one.form != PG_FORM_ONE) {
      lex->at = at;
      return pg_lex_fail(lex, "'%s' is no type of a column", one.name);
    }
    first = set || any ? first : one.base;
    set |= any ? ~0u >> (32 - PERI_T_JSON - 1) : one.set;
  } while (pg_lex_skip_char(lex, '|'));
  *type = (struct pg_decl_type){.base = first, .set = set};
  while (*start == ' ') {
    start++;
  }
  type->name = strncmp(start, "_Bool", 5) == 0 && lex->at - start == 5
                 ? "bool"
                 : pg_arena_copy(lex->arena, start, (size_t)(lex->at - start));
  return type->name || pg_lex_no_memory(lex);
}

typedef bool read_type_fn(struct pg_lex *, struct pg_decl_type *);

static bool read_arg(struct pg_lex *lex, read_type_fn *type,
                     struct pg_decl_field *field)
{
  *field = (struct pg_decl_field){.doc = ""};
  return pg_lex_name(lex, "a name", &field->name) && pg_lex_expect(lex, ':') &&
         type(lex, &field->type);
}

/* What may follow the type of an aggregate's argument: " 0..1". */
static bool read_arg_range(struct pg_lex *lex, struct pg_decl_field *field)
{
  pg_lex_skip(lex);
  const char *at = lex->at, *end = at + strcspn(at, ",)");
  if (!is_number(&field->type)) {
    return true;
  }
  while (end > at && end[-1] == ' ') {
    end--;
  }
  if (!read_limits(lex, at, end, field)) {
    return false;
  }
  lex->at = end;
  return true;
}

/* "(a: T, b: T)" */
static bool read_args(struct pg_lex *lex, read_type_fn *type, bool ranges,
                      const struct pg_decl_field **at, size_t *count)
{
  struct fields list;
  list.count = 0; /* 35 KiB: the rest is not cleared for nothing */
  if (!pg_lex_expect(lex, '(')) {
    return false;
  }
  if (!pg_lex_skip_char(lex, ')')) {
    do {
      struct pg_decl_field field;
      if (!read_arg(lex, type, &field) ||
          (ranges && !read_arg_range(lex, &field)) ||
          !add(lex, &list, &field)) {
        return false;
      }
    } while (pg_lex_skip_char(lex, ','));
    if (!pg_lex_expect(lex, ')')) {
      return false;
    }
  }
  return keep(lex, &list, at, count);
}

static bool read_function(struct pg_lex *lex, struct pg_decl *decl)
{
  bool ranges = decl->kind == PERI_K_AGGREGATE;
  return read_args(lex, read_type, ranges, &decl->fields, &decl->field_count) &&
         pg_lex_expect_arrow(lex) && read_type(lex, &decl->returns);
}

/* A column holds nulls anyway: opt_T is as good as T. */
static bool read_output_type(struct pg_lex *lex, struct pg_decl_type *type)
{
  const char *at = lex->at + strspn(lex->at, " ");
  if (!read_type(lex, type)) {
    return false;
  }
  if (type->form != PG_FORM_ONE && type->form != PG_FORM_OPT) {
    lex->at = at;
    return pg_lex_fail(lex, "'%s' is no type of a column", type->name);
  }
  return true;
}

static bool read_kernel(struct pg_lex *lex, struct pg_decl *decl)
{
  if (!read_args(lex, read_column_type, false, &decl->fields,
                 &decl->field_count)) {
    return false;
  }
  return !pg_lex_skip_arrow(lex) ||
         read_args(lex, read_output_type, false, &decl->outputs,
                   &decl->output_count);
}

/* "params P state S", each of which may lack.  The names serve readers only:
 * the item itself points at its layouts. */
static bool read_structs(struct pg_lex *lex)
{
  const char *name;
  if (pg_lex_skip_word(lex, "params") && !pg_lex_name(lex, "a struct", &name)) {
    return false;
  }
  return !pg_lex_skip_word(lex, "state") || pg_lex_name(lex, "a struct", &name);
}

/* ------------------------------------------------------- records and params */

/* <stdbool.h> may have turned false and true into 0 and 1. */
static void fix_bool(struct pg_decl_field *field)
{
  struct pg_value *value = &field->standard;
  if (field->type.base == PERI_T_BOOL && value->kind == PG_VALUE_INT &&
      (value->u.integer & ~INT64_C(1)) == 0) {
    *value =
      (struct pg_value){.kind = PG_VALUE_BOOL, .u.flag = value->u.integer == 1};
  }
}

static bool read_default(struct pg_lex *lex, const char *at, const char *end,
                         struct pg_decl_field *field)
{
  char room[32];
  struct pg_error why = {0};
  size_t len = (size_t)(end - at);
  if (len == 8 && memcmp(at, "required", 8) == 0) {
    field->required = true;
    return true;
  }
  if (!pg_value_parse(at, len, lex->arena, &field->standard)) {
    return pg_lex_fail(lex, "the default of '%s' is no literal: %.*s",
                       field->name, (int)(len < 60 ? len : 60), at);
  }
  fix_bool(field);
  if (pg_field_store(field, &field->standard, lex->arena, room, &why) !=
      PG_OK) {
    return pg_lex_fail(lex, "the default of '%s': %s", field->name, why.text);
  }
  return true;
}

/* "name: T = default\tdoc\tlimits\n" */
static bool read_param(struct pg_lex *lex, struct pg_decl_field *field)
{
  if (!read_arg(lex, read_type, field) || !pg_lex_expect(lex, '=')) {
    return false;
  }
  pg_lex_skip(lex);
  if (field->type.form == PG_FORM_RECORD) {
    return pg_lex_fail(lex, "unknown type '%s'", field->type.name);
  }
  const char *at = lex->at, *line = at + strcspn(at, "\n");
  const char *tab = memchr(at, '\t', (size_t)(line - at)), *last = line;
  while (tab && *last != '\t') { /* ends at `tab`, when there is but one */
    last--;
  }
  if (!tab || tab == last) {
    return pg_lex_fail(lex, "expected a default, a doc and the limits with "
                            "tabs between them");
  }
  field->doc = pg_arena_copy(lex->arena, tab + 1, (size_t)(last - tab - 1));
  if (!field->doc) {
    return pg_lex_no_memory(lex);
  }
  if (!read_limits(lex, last + 1, line, field) ||
      !read_default(lex, at, tab, field)) {
    return false;
  }
  lex->at = line;
  return true;
}

/* "name: T\tdoc\n" */
static bool read_member(struct pg_lex *lex, struct pg_decl_field *field)
{
  if (!read_arg(lex, read_type, field)) {
    return false;
  }
  if (*lex->at != '\t') {
    return pg_lex_fail(lex, "expected a tab before the doc");
  }
  const char *line = lex->at + strcspn(lex->at, "\n");
  field->doc =
    pg_arena_copy(lex->arena, lex->at + 1, (size_t)(line - lex->at - 1));
  lex->at = line;
  return field->doc || pg_lex_no_memory(lex);
}

static bool read_struct(struct pg_lex *lex, struct pg_decl *decl, bool params)
{
  struct fields list;
  list.count = 0; /* 35 KiB: the rest is not cleared for nothing */
  while (*lex->at != '\0') {
    struct pg_decl_field field;
    if (!(params ? read_param : read_member)(lex, &field) ||
        !add(lex, &list, &field) || !pg_lex_line(lex)) {
      return false;
    }
  }
  return keep(lex, &list, &decl->fields, &decl->field_count);
}

/* ---------------------------------------------------------------- all of it */

static bool read_head(struct pg_lex *lex, struct pg_decl *decl)
{
  switch (decl->kind) {
  case PERI_K_FUNCTION:
  case PERI_K_METHOD:
    return read_function(lex, decl);
  case PERI_K_CLASS:
    return read_args(lex, read_type, false, &decl->fields, &decl->field_count);
  case PERI_K_AGGREGATE:
    return read_function(lex, decl) && read_structs(lex);
  case PERI_K_KERNEL:
    return read_kernel(lex, decl) && read_structs(lex);
  default:
    return read_structs(lex);
  }
}

/* The rest after the first line, without the newlines at its end. */
static bool read_doc(struct pg_lex *lex, struct pg_decl *decl)
{
  if (*lex->at != '\0' && !pg_lex_line(lex)) {
    return false;
  }
  size_t len = strlen(lex->at);
  while (len > 0 && lex->at[len - 1] == '\n') {
    len--;
  }
  decl->doc = pg_arena_copy(lex->arena, lex->at, len);
  return decl->doc || pg_lex_no_memory(lex);
}

static bool read_kind(struct pg_lex *lex, struct pg_decl *decl, bool *params)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (pg_lex_skip_word(lex, words[i].word)) {
      decl->kind = words[i].kind;
      *params = strcmp(words[i].word, "params") == 0;
      decl->variant = strcmp(words[i].word, "variant") == 0;
      return true;
    }
  }
  pg_lex_fail(lex, "expected a kind such as 'function'");
  lex->status = lex->status == PG_REFUSED ? PG_UNSUPPORTED : lex->status;
  return false;
}

static bool read_decl(struct pg_lex *lex, struct pg_decl *decl)
{
  bool params = false;
  if (!pg_lex_check_bytes(lex) || !read_kind(lex, decl, &params)) {
    return false;
  }
  if (decl->kind == 0) { /* the struct that the file exports says the rest */
    decl->name = decl->doc = "";
    return true;
  }
  if (decl->kind == PERI_K_METHOD &&
      (!pg_lex_name(lex, "a class", &decl->owner) ||
       !pg_lex_expect(lex, ':'))) {
    return false;
  }
  if (!pg_lex_name(lex, "a name", &decl->name)) {
    return false;
  }
  if (decl->kind == PERI_K_TYPE) {
    decl->doc = "";
    return pg_lex_line(lex) && read_struct(lex, decl, params);
  }
  return read_head(lex, decl) && read_doc(lex, decl);
}

enum pg_status pg_decl_parse(const char *text, struct pg_arena *arena,
                             struct pg_decl *decl, struct pg_error *err)
{
  struct pg_decl result = {0};
  struct pg_lex lex = {.err = err, .arena = arena, .status = PG_OK};
  lex.text = lex.at = pg_arena_copy(arena, text, strlen(text));
  if (!lex.text) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a declaration");
  }
  result.text = lex.text;
  if (!read_decl(&lex, &result)) {
    return lex.status;
  }
  *decl = result;
  return PG_OK;
}
