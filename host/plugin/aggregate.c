/* aggregate.c - the hooks of aggregates. */
#include "plugin/hook_types.h"
#include "plugin/instance.h"

#include <stdio.h>
#include <string.h>

static enum pg_status check(struct pg_context *context,
                            const struct pg_plugin_item *item,
                            peri_status answer, struct pg_error *err)
{
  if (answer == PERI_OK) {
    return PG_OK; /* no name is made for nothing: this is called a lot */
  }
  char what[120];
  snprintf(what, sizeof what, "aggregate '%.80s'", item->decl->name);
  enum pg_status status = pg_context_status(context, answer, what, err);
  return status != PG_OK
           ? status
           : pg_fail(err, PG_BAD_INPUT, "%s broke a promise: it answered %d",
                     what, answer);
}

enum pg_status pg_aggregate_step(struct pg_context *context,
                                 const struct pg_plugin_item *item,
                                 void *states, const uint32_t *groups,
                                 int64_t n, const peri_col *args,
                                 struct pg_error *err)
{
  pg_step_fn *step = (pg_step_fn *)item->hooks[PERI_H_STEP];
  pg_context_begin(context);
  return check(context, item, step(&context->cx, states, groups, n, args), err);
}

enum pg_status pg_aggregate_join(struct pg_context *context,
                                 const struct pg_plugin_item *item, void *into,
                                 void *from, struct pg_error *err)
{
  pg_join_fn *join = (pg_join_fn *)item->hooks[PERI_H_JOIN];
  pg_context_begin(context);
  return check(context, item, join(&context->cx, into, from), err);
}

/* opt_T: the plugin writes {T value; int32_t has, reserved;} to slot.ptr. */
static enum pg_status read_option(const struct pg_decl_type *type,
                                  const void *room, peri_slot *slot,
                                  bool *valid)
{
  size_t size = pg_type_width(type->base);
  int32_t has;
  memcpy(slot, room, size);
  memcpy(&has, (const char *)room + ((size + 3) & ~(size_t)3), sizeof has);
  *valid = *valid && has;
  return PG_OK;
}

enum pg_status pg_aggregate_final(struct pg_context *context,
                                  const struct pg_plugin_item *item,
                                  const void *state, peri_slot *slot,
                                  bool *valid, struct pg_error *err)
{
  const struct pg_decl_type *type = &item->decl->returns;
  _Alignas(16) char room[64] = {0};
  peri_slot result = {.i64 = 0};
  uint8_t has = 1;
  bool option = type->form == PG_FORM_OPT;
  if (type->form != PG_FORM_ONE && !option) {
    return pg_fail(err, PG_UNSUPPORTED,
                   "aggregate '%s': expected a result that a column can hold, "
                   "found '%s'",
                   item->decl->name, type->name);
  }
  result.ptr = option ? room : NULL;
  pg_final_fn *final = (pg_final_fn *)item->hooks[PERI_H_FINAL];
  pg_context_begin(context);
  enum pg_status status =
    check(context, item, final(&context->cx, state, &result, &has), err);
  if (status != PG_OK) {
    return status;
  }
  *valid = has;
  if (option) {
    return read_option(type, room, slot, valid);
  }
  *slot = result;
  return PG_OK;
}

void pg_aggregate_drop(struct pg_context *context,
                       const struct pg_plugin_item *item, void *state)
{
  pg_drop_fn *drop = (pg_drop_fn *)item->hooks[PERI_H_DROP];
  if (drop) {
    pg_context_begin(context);
    drop(&context->cx, state);
  }
}
