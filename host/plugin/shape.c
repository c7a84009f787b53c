/* shape.c - from type names to sizes, offsets and element types. */
#include "plugin/shape.h"

#include "data/type.h"

#include <string.h>

#define NAME_LEN_MAX 120

struct resolver {
  struct pg_plugin_item *items;
  size_t count;
  struct pg_arena *arena;
  struct pg_error *err;
};

static enum pg_status no_memory(struct resolver *r)
{
  return pg_fail(r->err, PG_NO_MEMORY, "no memory for the types of a plugin");
}

static size_t round_up(size_t n, size_t align)
{
  return (n + align - 1) & ~(align - 1);
}

static bool is_word(const char *text, const char *word)
{
  return strcmp(text, word) == 0;
}

/* A type that needs no other one. */
static bool find_simple(const char *name, struct pg_shape *shape)
{
  int base =
    is_word(name, "_Bool") ? PERI_T_BOOL : pg_type_find(name, strlen(name));
  if (is_word(name, "char")) {
    *shape = (struct pg_shape){
      .form = PG_SHAPE_CHAR, .name = "char", .size = 4, .align = 4};
  } else if (is_word(name, "pair")) {
    *shape = (struct pg_shape){.form = PG_SHAPE_PAIR,
                               .name = "pair",
                               .size = 2 * sizeof(peri_str),
                               .align = _Alignof(peri_str)};
  } else if (is_word(name, "none")) {
    *shape = (struct pg_shape){
      .form = PG_SHAPE_NONE, .name = "none", .size = 1, .align = 1};
  } else if (base > PERI_T_NULL) {
    size_t size = pg_type_width((uint32_t)base);
    *shape = (struct pg_shape){.form = PG_SHAPE_ONE,
                               .base = (uint32_t)base,
                               .name = pg_type_name((uint32_t)base),
                               .size = size,
                               .align = size > 8 ? 8 : size};
  } else {
    return false;
  }
  return true;
}

static const struct pg_plugin_item *find_type(const struct resolver *r,
                                              const char *name)
{
  for (size_t i = 0; i < r->count; i++) {
    const struct pg_decl *decl = r->items[i].decl;
    if (decl->kind == PERI_K_TYPE && is_word(decl->name, name)) {
      return &r->items[i];
    }
  }
  return NULL;
}

static const struct pg_plugin_item *find_class(const struct resolver *r,
                                               const char *name)
{
  for (size_t i = 0; i < r->count; i++) {
    const struct pg_decl *decl = r->items[i].decl;
    if (decl->kind == PERI_K_CLASS && is_word(decl->name, name)) {
      return &r->items[i];
    }
  }
  return NULL;
}

/* "obj_T", "new_T" */
static bool find_object(const struct resolver *r, struct pg_shape *shape)
{
  bool is_object = strncmp(shape->name, "obj_", 4) == 0;
  if (is_object || strncmp(shape->name, "new_", 4) == 0) {
    shape->form = is_object ? PG_SHAPE_OBJECT : PG_SHAPE_NEW;
    shape->class = find_class(r, shape->name + 4);
  }
  return shape->class;
}

static enum pg_status find(struct resolver *r, const char *name,
                           const struct pg_shape **shape);

/* "opt_T", "list_T", "buf_T" */
static enum pg_status find_around(struct resolver *r, struct pg_shape *shape)
{
  static const struct {
    const char *prefix;
    enum pg_shape_form form;
  } words[] = {
    {"opt_", PG_SHAPE_OPT}, {"list_", PG_SHAPE_LIST}, {"buf_", PG_SHAPE_BUF}};
  enum pg_status status = PG_BAD_INPUT;
  for (size_t i = 0; i < 3 && status == PG_BAD_INPUT; i++) {
    size_t len = strlen(words[i].prefix);
    if (strncmp(shape->name, words[i].prefix, len) == 0) {
      shape->form = words[i].form;
      status = find(r, shape->name + len, &shape->item);
    }
  }
  if (status != PG_OK) {
    return status;
  }
  const struct pg_shape *item = shape->item;
  bool number = item->form == PG_SHAPE_ONE && item->base >= PERI_T_I8 &&
                item->base <= PERI_T_F64;
  bool pair = item->form == PG_SHAPE_PAIR && shape->form != PG_SHAPE_LIST;
  /* A list in Lua ends at a nil, and a buffer must be seen by the call. */
  if (item->form == PG_SHAPE_NONE || item->form == PG_SHAPE_OPT ||
      item->form == PG_SHAPE_BUF || item->class || pair ||
      (shape->form == PG_SHAPE_BUF && !number)) {
    return PG_BAD_INPUT;
  }
  shape->size = 2 * sizeof(size_t);
  shape->align = sizeof(size_t);
  if (shape->form == PG_SHAPE_OPT) {
    shape->align = item->align < 4 ? 4 : item->align;
    shape->has_at = round_up(item->size, 4);
    shape->size = round_up(shape->has_at + 8, shape->align);
  }
  return PG_OK;
}

/* PG_BAD_INPUT, without a text: there is no such type. */
static enum pg_status find(struct resolver *r, const char *name,
                           const struct pg_shape **out)
{
  const struct pg_plugin_item *type = find_type(r, name);
  if (type) {
    *out = type->shapes[0];
    return PG_OK;
  }
  if (strlen(name) > NAME_LEN_MAX) {
    return PG_BAD_INPUT;
  }
  struct pg_shape *shape = pg_arena_alloc(r->arena, sizeof *shape);
  if (!shape) {
    return no_memory(r);
  }
  *shape = (struct pg_shape){.name = name};
  *out = shape;
  return find_simple(name, shape) || find_object(r, shape)
           ? PG_OK
           : find_around(r, shape);
}

enum place { FIELD, PARAMETER, RESULT };

static enum pg_status find_for(struct resolver *r, const struct pg_decl *owner,
                               const struct pg_decl_type *type,
                               enum place place, const struct pg_shape **shape)
{
  enum pg_status status = find(r, type->name, shape);
  enum pg_shape_form form = status == PG_OK ? (*shape)->form : PG_SHAPE_ONE;
  bool is_given = form == PG_SHAPE_BUF || form == PG_SHAPE_OBJECT;
  if ((is_given && place != PARAMETER) ||
      (form == PG_SHAPE_NEW && place != RESULT)) {
    return pg_fail(r->err, PG_REFUSED,
                   "%s '%s': '%s' can only be %s of a function",
                   pg_kind_word(owner->kind), owner->name, type->name,
                   is_given ? "a parameter" : "the result");
  }
  if (status == PG_BAD_INPUT) {
    return pg_fail(r->err, PG_REFUSED, "%s '%s': unknown type '%s'",
                   pg_kind_word(owner->kind), owner->name, type->name);
  }
  return status;
}

/* ------------------------------------------------------- records and variants
 */

static struct pg_shape *new_struct(struct resolver *r,
                                   const struct pg_plugin_item *item,
                                   const struct pg_decl *fields)
{
  struct pg_shape *shape = pg_arena_alloc(r->arena, sizeof *shape);
  if (shape) {
    *shape = (struct pg_shape){
      .form = fields->variant ? PG_SHAPE_VARIANT : PG_SHAPE_RECORD,
      .name = item->decl->name,
      .size = item->params_layout->bytes,
      .align = item->params_layout->align,
    };
  }
  return shape;
}

/* First every struct, with the size that its layout says, then the fields:
 * these may name any of them. */
static enum pg_status begin_struct(struct resolver *r,
                                   struct pg_plugin_item *item)
{
  const struct pg_shape **list = pg_arena_alloc(r->arena, sizeof *list);
  struct pg_shape *shape = new_struct(r, item, item->decl);
  if (!shape || !list) {
    return no_memory(r);
  }
  list[0] = shape;
  item->shapes = list;
  return PG_OK;
}

static enum pg_status check_place(struct resolver *r,
                                  const struct pg_shape *whole,
                                  const struct pg_shape_field *field)
{
  size_t size = field->shape->size, at = field->offset;
  bool tag = whole->form == PG_SHAPE_VARIANT && at < 4;
  if (tag || at > whole->size || whole->size - at < size ||
      at % field->shape->align != 0) {
    return pg_fail(r->err, PG_REFUSED,
                   "'%s.%s' of %zu bytes lies at offset %zu of a struct of "
                   "%zu bytes",
                   whole->name, field->name, size, at, whole->size);
  }
  return PG_OK;
}

static enum pg_status set_fields(struct resolver *r, const struct pg_decl *decl,
                                 const peri_layout *layout,
                                 struct pg_shape *shape)
{
  if (layout->n != decl->field_count) {
    return pg_fail(r->err, PG_REFUSED,
                   "'%s' declares %zu fields, its layout has %u", decl->name,
                   decl->field_count, layout->n);
  }
  struct pg_shape_field *fields =
    pg_arena_alloc(r->arena, (decl->field_count + 1) * sizeof *fields);
  if (!fields) {
    return no_memory(r);
  }
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < decl->field_count && status == PG_OK; i++) {
    fields[i] = (struct pg_shape_field){.name = decl->fields[i].name,
                                        .offset = layout->offsets[i]};
    status = find_for(r, decl, &decl->fields[i].type, FIELD, &fields[i].shape);
    if (status == PG_OK) {
      status = check_place(r, shape, &fields[i]);
    }
  }
  shape->fields = fields;
  shape->field_count = decl->field_count;
  return status;
}

/* ------------------------------------------------------------------ functions
 */

/* Of the arguments, with room for one more. */
static enum pg_status resolve_args(struct resolver *r,
                                   const struct pg_decl *decl,
                                   const struct pg_shape ***shapes)
{
  const struct pg_shape **list =
    pg_arena_alloc(r->arena, (decl->field_count + 1) * sizeof *list);
  if (!list) {
    return no_memory(r);
  }
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < decl->field_count && status == PG_OK; i++) {
    status = find_for(r, decl, &decl->fields[i].type, PARAMETER, &list[i]);
  }
  *shapes = list;
  return status;
}

static enum pg_status resolve_function(struct resolver *r,
                                       struct pg_plugin_item *item)
{
  const struct pg_decl *decl = item->decl;
  const struct pg_shape **list = NULL;
  enum pg_status status = resolve_args(r, decl, &list);
  if (status == PG_OK) {
    status =
      find_for(r, decl, &decl->returns, RESULT, &list[decl->field_count]);
    item->shapes = list;
  }
  return status;
}

/* -------------------------------------------------------------------- classes
 */

static enum pg_status resolve_class(struct resolver *r,
                                    struct pg_plugin_item *item)
{
  const struct pg_shape **list = NULL;
  enum pg_status status = resolve_args(r, item->decl, &list);
  if (status != PG_OK) {
    return status;
  }
  struct pg_shape *own = new_struct(r, item, item->params);
  if (!own) {
    return no_memory(r);
  }
  list[item->decl->field_count] = own;
  item->shapes = list;
  return set_fields(r, item->params, item->params_layout, own);
}

static enum pg_status resolve_method(struct resolver *r,
                                     struct pg_plugin_item *item)
{
  const struct pg_decl *method = item->decl;
  const struct pg_plugin_item *class = find_class(r, method->owner);
  if (!class) {
    return pg_fail(r->err, PG_REFUSED, "method '%s:%s': there is no such class",
                   method->owner, method->name);
  }
  bool taken = is_word(method->name, "release"); /* of the host */
  for (size_t i = 0; i < class->params->field_count; i++) {
    taken |= is_word(method->name, class->params->fields[i].name);
  }
  if (taken) {
    return pg_fail(r->err, PG_REFUSED,
                   "method '%s:%s': every object has a '%s' already",
                   method->owner, method->name, method->name);
  }
  return resolve_function(r, item);
}

/* ------------------------------------------------------------------ all of
 * them */

static enum pg_status resolve(struct resolver *r, struct pg_plugin_item *item)
{
  switch (item->decl->kind) {
  case PERI_K_TYPE:
    return set_fields(r, item->decl, item->params_layout,
                      (struct pg_shape *)item->shapes[0]);
  case PERI_K_FUNCTION:
    return resolve_function(r, item);
  case PERI_K_CLASS:
    return resolve_class(r, item);
  case PERI_K_METHOD:
    return resolve_method(r, item);
  default:
    return PG_OK;
  }
}

enum pg_status pg_shapes_resolve(struct pg_plugin_item *items, size_t count,
                                 struct pg_arena *arena, struct pg_error *err)
{
  struct resolver r = {
    .items = items, .count = count, .arena = arena, .err = err};
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < count && status == PG_OK; i++) {
    if (items[i].decl->kind == PERI_K_TYPE) {
      status = begin_struct(&r, &items[i]);
    }
  }
  for (size_t i = 0; i < count && status == PG_OK; i++) {
    status = resolve(&r, &items[i]);
  }
  return status;
}
