/* items.c - from the exported object to sorted tables. */
#include "plugin/items.h"

#include "plugin/hooks.h"
#include "plugin/params.h"
#include "plugin/shape.h"

#include <perigee/abi.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 65536
#define STRUCT_BYTES_MAX (1u << 20)
#define STRUCT_ALIGN_MAX 64u

/* An item while its plugin is read. */
struct draft {
  struct pg_plugin_item item;
  uint64_t text; /* where its declaration lies: hooks find their owner by it */
  size_t order;
};

struct reader {
  const struct pg_span *span;
  bool loaded;
  struct pg_arena *arena;
  struct pg_plugin *plugin;
  struct pg_error *err;
  const peri_item *items;
  size_t count;
  struct draft *drafts; /* owned */
  size_t draft_count;
};

static uint64_t address_of(const void *pointer)
{
  return (uint64_t)(uintptr_t)pointer;
}

static enum pg_status no_memory(struct reader *r)
{
  return pg_fail(r->err, PG_NO_MEMORY, "no memory for the items of a plugin");
}

/* ------------------------------------------------------ the exported object */

static bool is_printable(const char *text)
{
  for (; *text; text++) {
    if ((unsigned char)*text < 32 || *text == 127) {
      return false;
    }
  }
  return true;
}

static enum pg_status read_text(struct reader *r, const char *what,
                                const char *pointer, const char **out)
{
  const char *text = pg_span_text(r->span, address_of(pointer));
  if (!text || !is_printable(text)) {
    return pg_fail(r->err, PG_REFUSED, "its %s is not a text within the plugin",
                   what);
  }
  *out = pg_arena_copy(r->arena, text, strlen(text));
  return *out ? PG_OK : no_memory(r);
}

static enum pg_status read_identity(struct reader *r,
                                    const peri_plugin *exported)
{
  struct pg_plugin *plugin = r->plugin;
  const struct {
    const char *what, *pointer, **out;
  } texts[] = {
    {"name", exported->name, &plugin->name},
    {"version", exported->version, &plugin->version},
    {"author", exported->author, &plugin->author},
    {"license", exported->license, &plugin->license},
    {"description", exported->about, &plugin->about},
  };
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < 5 && status == PG_OK; i++) {
    status = read_text(r, texts[i].what, texts[i].pointer, texts[i].out);
  }
  if (status == PG_OK && !*plugin->name) {
    return pg_fail(r->err, PG_REFUSED, "its name is empty");
  }
  return status;
}

static enum pg_status read_exported(struct reader *r, uint64_t address)
{
  const peri_plugin *exported =
    pg_span_at(r->span, r->span->base + address, 1, sizeof *exported, 8);
  if (!exported) {
    return pg_fail(r->err, PG_REFUSED, "'%s' lies outside of the plugin",
                   PERI_SYMBOL);
  }
  if (exported->abi_major != PERI_ABI_MAJOR ||
      exported->target_minor > PERI_ABI_MINOR) {
    return pg_fail(r->err, PG_REFUSED,
                   "made for version %u.%u of the plugin interface, this host "
                   "has %d.%d",
                   exported->abi_major, exported->target_minor, PERI_ABI_MAJOR,
                   PERI_ABI_MINOR);
  }
  r->plugin->abi_major = exported->abi_major;
  r->plugin->target_minor = exported->target_minor;
  uint64_t first = address_of(exported->items);
  uint64_t bytes = address_of(exported->items_end) - first;
  r->count = bytes / sizeof(peri_item);
  r->items = pg_span_at(r->span, first, bytes, 1, 8);
  if (!r->items || bytes % sizeof(peri_item) != 0 || r->count > ITEMS_MAX) {
    return pg_fail(r->err, PG_REFUSED,
                   "its list of items lies outside of the plugin, or is no "
                   "whole number of items (%llu bytes)",
                   (unsigned long long)bytes);
  }
  return read_identity(r, exported);
}

/* ------------------------------------------------------------------ layouts */

static enum pg_status read_layout(struct reader *r, const peri_layout *pointer,
                                  const char *what, const peri_layout **out)
{
  const peri_layout *at =
    pg_span_at(r->span, address_of(pointer), 1, sizeof *at, 8);
  if (!at || at->bytes > STRUCT_BYTES_MAX || at->align == 0 ||
      at->align > STRUCT_ALIGN_MAX || (at->align & (at->align - 1)) != 0 ||
      !pg_span_text(r->span, address_of(at->decl))) {
    return pg_fail(r->err, PG_REFUSED,
                   "the layout of its %s is broken, or larger than %u bytes",
                   what, STRUCT_BYTES_MAX);
  }
  const uint32_t *offsets =
    pg_span_at(r->span, address_of(at->offsets), at->n, 4, 4);
  if (!offsets && at->n > 0) {
    return pg_fail(r->err, PG_REFUSED,
                   "the offsets of its %s lie outside of the plugin", what);
  }
  size_t size = (size_t)at->n * 4;
  peri_layout *copy = pg_arena_alloc(r->arena, sizeof *copy);
  uint32_t *kept = pg_arena_alloc(r->arena, size > 0 ? size : 1);
  if (!copy || !kept) {
    return no_memory(r);
  }
  *copy = *at;
  if (size > 0) {
    memcpy(kept, offsets, size);
  }
  copy->offsets = kept;
  *out = copy;
  return PG_OK;
}

static enum pg_status read_params(struct reader *r, const peri_item *raw,
                                  struct pg_plugin_item *item)
{
  static const uint32_t no_offsets[1];
  static const peri_layout none = {"record none\n", 1, 1, 0, 0, no_offsets};
  const char *text = none.decl;
  item->params_layout = &none;
  if (raw->params) {
    enum pg_status status =
      read_layout(r, raw->params, "parameters", &item->params_layout);
    if (status != PG_OK) {
      return status;
    }
    text = pg_span_text(r->span, address_of(item->params_layout->decl));
  }
  struct pg_decl *decl = pg_arena_alloc(r->arena, sizeof *decl);
  if (!decl) {
    return no_memory(r);
  }
  enum pg_status status = pg_decl_parse(text, r->arena, decl, r->err);
  item->params = decl;
  if (status == PG_OK && decl->kind != PERI_K_TYPE) {
    return pg_fail(r->err, PG_REFUSED, "its parameters are no struct");
  }
  return status == PG_OK
           ? pg_params_check_layout(decl, item->params_layout, r->err)
           : status;
}

static enum pg_status read_state(struct reader *r, const peri_item *raw,
                                 struct pg_plugin_item *item)
{
  const peri_layout *layout;
  item->state_align = 1;
  if (!raw->state) {
    return PG_OK;
  }
  enum pg_status status = read_layout(r, raw->state, "state", &layout);
  if (status == PG_OK) {
    item->state_bytes = layout->bytes;
    item->state_align = layout->align;
  }
  return status;
}

/* -------------------------------------------------------------------- items */

static enum pg_status check_code(struct reader *r, peri_anyfn function,
                                 const char *what)
{
  if (pg_span_is_code(r->span, (uint64_t)(uintptr_t)function)) {
    return PG_OK;
  }
  return pg_fail(r->err, PG_REFUSED, "its %s is not code of the plugin", what);
}

static enum pg_status check_function(struct reader *r, const peri_item *raw)
{
  enum pg_status status = check_code(r, raw->fn, "function");
  if (status == PG_OK) {
    status = check_code(r, raw->call, "caller");
  }
  if (status == PG_OK && raw->map) {
    status = check_code(r, raw->map, "column loop");
  }
  if (status == PG_OK && raw->map && !(raw->flags & PERI_PURE)) {
    return pg_fail(r->err, PG_REFUSED,
                   "it runs over columns but is not PERI_PURE");
  }
  return status;
}

/* The fields that Lua may read are those of the state's layout. */
static enum pg_status read_class(struct reader *r, const peri_item *raw,
                                 struct pg_plugin_item *item)
{
  struct pg_decl *fields = pg_arena_alloc(r->arena, sizeof *fields);
  if (!fields) {
    return no_memory(r);
  }
  enum pg_status status =
    read_layout(r, raw->state, "state", &item->params_layout);
  if (status != PG_OK) {
    return status;
  }
  const peri_layout *layout = item->params_layout;
  item->params = fields;
  item->state_bytes = layout->bytes;
  item->state_align = layout->align;
  status = pg_decl_parse(pg_span_text(r->span, address_of(layout->decl)),
                         r->arena, fields, r->err);
  if (status == PG_OK && (fields->kind != PERI_K_TYPE || fields->variant)) {
    return pg_fail(r->err, PG_REFUSED, "its state is no record");
  }
  return status;
}

static enum pg_status read_parts(struct reader *r, const peri_item *raw,
                                 struct pg_plugin_item *item)
{
  switch (item->decl->kind) {
  case PERI_K_FUNCTION:
    return check_function(r, raw);
  case PERI_K_METHOD:
    return check_code(r, raw->call, "caller");
  case PERI_K_CLASS:
    return read_class(r, raw, item);
  case PERI_K_TYPE: {
    const peri_layout *layout;
    enum pg_status status =
      read_layout(r, raw->state ? raw->state : raw->params, "struct", &layout);
    item->params_layout = layout;
    return status;
  }
  case 0:
    return PG_OK;
  default: {
    enum pg_status status = read_params(r, raw, item);
    return status == PG_OK ? read_state(r, raw, item) : status;
  }
  }
}

/* Puts what the failure was about before its text. */
static enum pg_status in_item(struct reader *r, const struct pg_decl *decl,
                              enum pg_status status)
{
  if (status != PG_OK && r->err) {
    struct pg_error why = *r->err;
    const char *word = pg_kind_word(decl->kind);
    pg_fail(r->err, status, "%s '%s': %.900s", word ? word : "item", decl->name,
            why.text);
  }
  return status;
}

static enum pg_status fail_must(struct reader *r, const char *what,
                                unsigned number)
{
  return pg_fail(r->err, PG_UNSUPPORTED,
                 "it cannot do without %s %u, which this host does not know",
                 what, number);
}

static enum pg_status read_item(struct reader *r, const peri_item *raw)
{
  struct draft *draft = &r->drafts[r->draft_count];
  const char *text = pg_span_text(r->span, address_of(raw->decl));
  if (!text) {
    return pg_fail(r->err, PG_REFUSED,
                   "the declaration of item %zu is not a text within the "
                   "plugin",
                   (size_t)(raw - r->items));
  }
  struct pg_decl *decl = pg_arena_alloc(r->arena, sizeof *decl);
  if (!decl) {
    return no_memory(r);
  }
  enum pg_status status = pg_decl_parse(text, r->arena, decl, r->err);
  if (status == PG_UNSUPPORTED && raw->kind == PERI_K_TYPE) {
    r->plugin->ignored++; /* refused later, if something uses it */
    return PG_OK;
  }
  if (status != PG_OK) {
    return status == PG_NO_MEMORY ? status : PG_REFUSED;
  }
  if (decl->kind != raw->kind) {
    return pg_fail(r->err, PG_REFUSED,
                   "item %zu is of kind %u, but its declaration says '%s %s'",
                   (size_t)(raw - r->items), raw->kind,
                   pg_kind_word(decl->kind), decl->name);
  }
  *draft = (struct draft){
    .item = {.decl = decl, .flags = raw->flags, .item = r->loaded ? raw : NULL},
    .text = address_of(raw->decl),
    .order = (size_t)(raw - r->items)};
  r->draft_count++;
  return in_item(r, decl, read_parts(r, raw, &draft->item));
}

static enum pg_status read_items(struct reader *r)
{
  for (size_t i = 0; i < r->count; i++) {
    const peri_item *raw = &r->items[i];
    enum pg_status status = PG_OK;
    if (raw->kind <= PERI_K_TYPE || raw->kind == PERI_K_CLASS ||
        raw->kind == PERI_K_METHOD) {
      status = read_item(r, raw);
    } else if (raw->kind != PERI_K_HOOK) {
      r->plugin->ignored++;
      if (raw->hook & PERI_MUST) {
        status = fail_must(r, "items of kind", raw->kind);
      }
    }
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

/* -------------------------------------------------------------------- hooks */

/* The owner has the hook's own declaration; or, when that is "hook name", it is
 * the one item of that name that the hook fits. */
static struct draft *find_owner(struct reader *r, const peri_item *raw)
{
  const char *text = pg_span_text(r->span, address_of(raw->decl));
  struct draft *owner = NULL;
  for (size_t i = 0; i < r->draft_count; i++) {
    struct draft *draft = &r->drafts[i];
    if (draft->text == address_of(raw->decl)) {
      return draft;
    }
    if (text && strncmp(text, "hook ", 5) == 0 &&
        strcmp(text + 5, draft->item.decl->name) == 0 &&
        pg_hook_fits(raw->hook & ~PERI_MUST, draft->item.decl->kind)) {
      owner = owner ? NULL : draft;
      if (!owner) {
        return NULL;
      }
    }
  }
  return owner;
}

static enum pg_status attach(struct reader *r, const peri_item *raw,
                             uint32_t hook, struct pg_plugin_item *owner)
{
  const char *name = pg_hook_name(hook);
  if (!pg_hook_fits(hook, owner->decl->kind)) {
    return pg_fail(r->err, PG_REFUSED, "it cannot have the hook '%s'", name);
  }
  if (owner->hook_set & 1u << hook) {
    return pg_fail(r->err, PG_REFUSED, "it has the hook '%s' twice", name);
  }
  enum pg_status status = check_code(r, raw->fn, name);
  owner->hook_set |= 1u << hook;
  owner->hooks[hook] = r->loaded ? raw->fn : NULL;
  return status;
}

static enum pg_status read_hook(struct reader *r, const peri_item *raw)
{
  uint32_t hook = raw->hook & ~PERI_MUST;
  if (!pg_hook_name(hook)) {
    r->plugin->ignored++;
    return raw->hook & PERI_MUST ? fail_must(r, "hook", hook) : PG_OK;
  }
  struct draft *owner = find_owner(r, raw);
  if (!owner) {
    return pg_fail(r->err, PG_REFUSED,
                   "the hook '%s' (item %zu) belongs to no item, or to more "
                   "than one",
                   pg_hook_name(hook), (size_t)(raw - r->items));
  }
  return in_item(r, owner->item.decl, attach(r, raw, hook, &owner->item));
}

static enum pg_status read_hooks(struct reader *r)
{
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < r->count && status == PG_OK; i++) {
    if (r->items[i].kind == PERI_K_HOOK) {
      status = read_hook(r, &r->items[i]);
    }
  }
  for (size_t i = 0; i < r->draft_count && status == PG_OK; i++) {
    status = pg_hook_check(&r->drafts[i].item, r->err);
  }
  return status;
}

/* ---------------------------------------------------------- names and order */

static int by_name(const void *a, const void *b)
{
  const struct draft *x = a, *y = b;
  const struct pg_decl *d = x->item.decl, *e = y->item.decl;
  if (d->kind != e->kind) {
    return d->kind < e->kind ? -1 : 1;
  }
  int order = strcmp(d->name, e->name);
  /* Where the linker put it depends on the compiler. */
  order = order ? order : pg_decl_compare_args(d, e);
  return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Functions and aggregates may share a name when their arguments differ; the
 * same struct may come in through several files of one plugin. */
static bool may_share(const struct pg_decl *a, const struct pg_decl *b)
{
  switch (a->kind) {
  case PERI_K_FUNCTION:
  case PERI_K_AGGREGATE:
    return pg_decl_compare_args(a, b) != 0;
  case PERI_K_TYPE:
    return strcmp(a->text, b->text) == 0;
  case PERI_K_METHOD:
    return strcmp(a->owner, b->owner) != 0;
  default:
    return false;
  }
}

static enum pg_status check_duplicates(struct reader *r)
{
  for (size_t i = 0; i < r->draft_count; i++) {
    const struct pg_decl *decl = r->drafts[i].item.decl;
    for (size_t j = i + 1; j < r->draft_count; j++) {
      const struct pg_decl *other = r->drafts[j].item.decl;
      if (other->kind != decl->kind || strcmp(other->name, decl->name) != 0) {
        break; /* sorted */
      }
      if (!may_share(decl, other)) {
        return pg_fail(r->err, PG_REFUSED, "%s '%s' is there twice",
                       pg_kind_word(decl->kind), decl->name);
      }
    }
  }
  return PG_OK;
}

static bool has_record(const struct reader *r, const char *name)
{
  for (size_t i = 0; i < r->draft_count; i++) {
    const struct pg_decl *decl = r->drafts[i].item.decl;
    if (decl->kind == PERI_K_TYPE && strcmp(decl->name, name) == 0) {
      return true;
    }
  }
  return false;
}

static enum pg_status check_type(struct reader *r, const struct pg_decl *decl,
                                 const struct pg_decl_type *type)
{
  if (type->form != PG_FORM_RECORD || has_record(r, type->name)) {
    return PG_OK;
  }
  return pg_fail(r->err, PG_REFUSED, "%s '%s': unknown type '%s'",
                 pg_kind_word(decl->kind), decl->name, type->name);
}

static enum pg_status check_types(struct reader *r)
{
  enum pg_status status = PG_OK;
  for (size_t i = 0; i < r->draft_count && status == PG_OK; i++) {
    const struct pg_decl *decl = r->drafts[i].item.decl;
    if (decl->kind != PERI_K_AGGREGATE && decl->kind != PERI_K_KERNEL) {
      continue; /* pg_shapes_resolve() */
    }
    for (size_t j = 0; j < decl->field_count && status == PG_OK; j++) {
      status = check_type(r, decl, &decl->fields[j].type);
    }
    for (size_t j = 0; j < decl->output_count && status == PG_OK; j++) {
      status = check_type(r, decl, &decl->outputs[j].type);
    }
    if (status == PG_OK && decl->returns.name) {
      status = check_type(r, decl, &decl->returns);
    }
  }
  return status;
}

/* The plugin's own item comes first (kind 0): it goes to `self`. */
static enum pg_status publish(struct reader *r)
{
  struct pg_plugin *plugin = r->plugin;
  struct pg_plugin_item *items =
    pg_arena_alloc(r->arena, (r->draft_count + 1) * sizeof *items);
  if (!items) {
    return no_memory(r);
  }
  size_t count = 0;
  for (size_t i = 0; i < r->draft_count; i++) {
    const struct pg_plugin_item *item = &r->drafts[i].item;
    if (item->decl->kind == 0) {
      plugin->self = *item;
    } else {
      items[count++] = *item;
    }
  }
  plugin->items = items;
  plugin->item_count = count;
  return pg_shapes_resolve(items, count, r->arena, r->err);
}

static enum pg_status read_all(struct reader *r, uint64_t address)
{
  enum pg_status status = read_exported(r, address);
  if (status != PG_OK) {
    return status;
  }
  r->drafts = calloc(r->count + 1, sizeof *r->drafts);
  if (!r->drafts) {
    return no_memory(r);
  }
  status = read_items(r);
  if (status == PG_OK) {
    status = read_hooks(r);
  }
  if (status == PG_OK) {
    qsort(r->drafts, r->draft_count, sizeof *r->drafts, by_name);
    status = check_duplicates(r);
  }
  if (status == PG_OK) {
    status = check_types(r);
  }
  return status == PG_OK ? publish(r) : status;
}

enum pg_status pg_items_read(const struct pg_span *span, uint64_t address,
                             bool loaded, struct pg_arena *arena,
                             struct pg_plugin *plugin, struct pg_error *err)
{
  struct reader reader = {.span = span,
                          .loaded = loaded,
                          .arena = arena,
                          .plugin = plugin,
                          .err = err};
  plugin->ignored = 0; /* a loaded plugin is read a second time */
  enum pg_status status = read_all(&reader, address);
  free(reader.drafts);
  return status;
}
