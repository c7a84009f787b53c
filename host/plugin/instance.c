/* instance.c - making and ending instances, and what surrounds every call. */
#include "plugin/instance_own.h"

#include "plugin/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pg_status pg_instance_no_memory(const struct pg_instance *instance,
                                     struct pg_error *err)
{
  return pg_fail(err, PG_NO_MEMORY, "%s: no memory", instance->what);
}

/* -------------------------------------------------------- around every call */

enum pg_status pg_instance_begin(struct pg_instance *instance, uint32_t hook,
                                 struct pg_error *err)
{
  if (instance->dead) {
    return pg_fail(err, PG_BAD_INPUT,
                   "%s: it broke a promise before and is not called again",
                   instance->what);
  }
  if (!instance->item->hooks[hook]) {
    return pg_fail(err, PG_BAD_INPUT,
                   "%s is of another kind: it has no such "
                   "hook (%u)",
                   instance->what, hook);
  }
  pg_context_begin(&instance->context);
  pg_arena_reset(&instance->views);
  return PG_OK;
}

enum pg_status pg_instance_check(struct pg_instance *instance,
                                 peri_status status, struct pg_error *err)
{
  if (instance->out.broken[0] != '\0') { /* says more than any status */
    instance->dead = true;
    return pg_out_check(&instance->out, instance->what, err);
  }
  instance->dead = instance->dead || status == PERI_EBUG;
  return pg_context_status(&instance->context, status, instance->what, err);
}

enum pg_status pg_instance_break(struct pg_instance *instance,
                                 struct pg_error *err, const char *format, ...)
{
  char why[300];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  instance->dead = true;
  return pg_fail(err, PG_BAD_INPUT, "%s broke a promise: %s", instance->what,
                 why);
}

enum pg_status pg_instance_take(struct pg_instance *instance,
                                struct pg_batch **batch, struct pg_error *err)
{
  enum pg_status status =
    pg_out_take(&instance->out, instance->what, batch, err);
  instance->dead = instance->dead || instance->out.broken[0] != '\0';
  return status;
}

enum pg_status pg_instance_view(struct pg_instance *instance,
                                const struct pg_batch *batch, peri_batch *view,
                                struct pg_error *err)
{
  return pg_batch_view(batch, &instance->views, NULL, 0, view)
           ? PG_OK
           : pg_instance_no_memory(instance, err);
}

/* ------------------------------------------------------------------ life */

static void *new_zeroed(size_t bytes, size_t align)
{
  align = align < 16 ? 16 : align;
  bytes = (bytes + align) & ~(align - 1); /* at least one */
  void *room = aligned_alloc(align, bytes);
  if (room) {
    memset(room, 0, bytes);
  }
  return room;
}

static enum pg_status fill_params(struct pg_instance *instance,
                                  const struct pg_value *params,
                                  struct pg_error *err)
{
  static const struct pg_value none = {.kind = PG_VALUE_NIL};
  const struct pg_plugin_item *item = instance->item;
  struct pg_error why = {0};
  enum pg_status status =
    pg_params_fill(item->params, item->params_layout, params ? params : &none,
                   &instance->texts, instance->params, &why);
  if (status != PG_OK) {
    pg_fail(err, status, "%s: %s", instance->what, why.text);
  }
  return status;
}

/* All but OPEN; also for SCHEMA, which needs no state. */
static enum pg_status prepare(struct pg_instance *instance,
                              const struct pg_plugin *plugin,
                              const struct pg_plugin_item *item,
                              const struct pg_value *params,
                              const int32_t *stop, struct pg_error *err)
{
  instance->item = item;
  snprintf(instance->what, sizeof instance->what, "%s '%.80s'",
           pg_kind_word(item->decl->kind), item->decl->name);
  pg_context_init(&instance->context, plugin, stop);
  pg_out_init(&instance->out, &instance->context);
  pg_out_init(&instance->picked, &instance->context);
  if (!item->item || !item->params) {
    return pg_fail(err, PG_BAD_INPUT, "%s cannot have instances: it is %s",
                   instance->what,
                   item->item ? "no stage" : "described, not loaded");
  }
  instance->params =
    new_zeroed(item->params_layout->bytes, item->params_layout->align);
  instance->state = new_zeroed(item->state_bytes, item->state_align);
  return instance->params && instance->state
           ? fill_params(instance, params, err)
           : pg_instance_no_memory(instance, err);
}

static enum pg_status open_it(struct pg_instance *instance,
                              struct pg_error *err)
{
  pg_open_fn *open = (pg_open_fn *)instance->item->hooks[PERI_H_OPEN];
  enum pg_status status = PG_OK;
  if (open) {
    pg_context_begin(&instance->context);
    status = pg_instance_check(
      instance, open(&instance->context.cx, instance->params, instance->state),
      err);
  }
  instance->open = status == PG_OK;
  return status;
}

enum pg_status pg_instance_new(const struct pg_plugin *plugin,
                               const struct pg_plugin_item *item,
                               const struct pg_value *params,
                               const int32_t *stop,
                               struct pg_instance **instance,
                               struct pg_error *err)
{
  struct pg_instance *made = calloc(1, sizeof *made);
  if (!made) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for an instance");
  }
  enum pg_status status = prepare(made, plugin, item, params, stop, err);
  if (status == PG_OK) {
    status = open_it(made, err);
  }
  if (status != PG_OK) {
    pg_instance_free(made);
    return status;
  }
  *instance = made;
  return PG_OK;
}

void pg_instance_free(struct pg_instance *instance)
{
  pg_instance_free_into(instance, NULL);
}

void pg_instance_free_into(struct pg_instance *instance,
                           struct pg_counts *counts)
{
  if (!instance) {
    return;
  }
  pg_close_fn *close = (pg_close_fn *)instance->item->hooks[PERI_H_CLOSE];
  if (close && instance->open) {
    pg_context_begin(&instance->context);
    close(&instance->context.cx, instance->params, instance->state);
  }
  if (counts) {
    pg_counts_join(counts, &instance->context.counts);
  }
  pg_out_fini(&instance->out);
  pg_out_fini(&instance->picked);
  pg_schema_unref(instance->added);
  free(instance->params);
  free(instance->state);
  pg_arena_fini(&instance->texts);
  pg_arena_fini(&instance->views);
  pg_context_fini(&instance->context);
  free(instance);
}

const struct pg_plugin_item *
pg_instance_item(const struct pg_instance *instance)
{
  return instance->item;
}

/* ----------------------------------------------------------------- schema */

static enum pg_status named_columns(struct pg_instance *instance,
                                    struct pg_schema **schema,
                                    struct pg_error *err)
{
  enum pg_status status = pg_out_check(&instance->out, instance->what, err);
  const struct pg_build *build = &instance->out.build;
  if (status != PG_OK || !instance->out.made) {
    return status;
  }
  struct pg_field *fields =
    pg_arena_alloc(&instance->texts, (size_t)build->count * sizeof *fields);
  for (int i = 0; fields && i < build->count; i++) {
    fields[i] =
      (struct pg_field){build->columns[i].name, build->columns[i].type};
  }
  struct pg_schema *made = fields ? pg_schema_new(fields, build->count) : NULL;
  if (!made) {
    return pg_instance_no_memory(instance, err);
  }
  *schema = made;
  return PG_OK;
}

static enum pg_status call_schema(struct pg_instance *instance,
                                  struct pg_schema **schema,
                                  struct pg_error *err)
{
  pg_schema_fn *hook = (pg_schema_fn *)instance->item->hooks[PERI_H_SCHEMA];
  if (!hook) {
    return PG_OK;
  }
  if (!pg_out_begin(&instance->out, PG_OUT_NAMES, NULL, NULL, NULL, 0)) {
    return pg_instance_no_memory(instance, err);
  }
  pg_context_begin(&instance->context);
  enum pg_status status = pg_instance_check(
    instance, hook(&instance->context.cx, instance->params, &instance->out),
    err);
  return status == PG_OK ? named_columns(instance, schema, err) : status;
}

enum pg_status pg_instance_schema(const struct pg_plugin *plugin,
                                  const struct pg_plugin_item *item,
                                  const struct pg_value *params,
                                  struct pg_schema **schema,
                                  struct pg_error *err)
{
  *schema = NULL;
  struct pg_instance *instance = calloc(1, sizeof *instance);
  if (!instance) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for a schema");
  }
  enum pg_status status = prepare(instance, plugin, item, params, NULL, err);
  if (status == PG_OK) {
    status = call_schema(instance, schema, err);
  }
  pg_instance_free(instance); /* not open: no CLOSE */
  return status;
}
