/* call.c - functions of plugins as Lua functions.
 *
 *   trampoline    --> pg_native: plain functions of the common signatures
 *   closure --upvalues 1, 2--> pg_bound --> pg_native, pg_caller
 *
 * The common signatures have wrappers of their own (call_direct.h), most others
 * are called in one go (call_quick.h), the rest, and whatever does not fit,
 * here. Several of one name: call_overload.h. */
#include "bind/call.h"

#include "bind/call_direct.h"
#include "bind/call_overload.h"
#include "bind/call_parts.h"
#include "bind/class.h"
#include "bind/native.h"
#include "bind/trampoline.h"

#include <lauxlib.h>
#include <string.h>

/* ------------------------------------------------------------------- arguments
 */

static bool fail_count(struct pg_convert *c, const struct pg_decl *decl,
                       int given)
{
  size_t count = decl->field_count;
  if (count == 0) {
    pg_fail(c->err, PG_BAD_INPUT, "expected no parameters, got %d", given);
  } else {
    pg_fail(c->err, PG_BAD_INPUT, "expected %zu parameter%s, got %d", count,
            count == 1 ? "" : "s", given);
  }
  return false;
}

static bool fail_parameter(struct pg_convert *c, const char *name, bool missing,
                           const struct pg_shape *shape)
{
  if (missing) {
    char text[200];
    pg_convert_describe(shape, text, sizeof text);
    pg_fail(c->err, PG_BAD_INPUT, "parameter '%s' is missing: expected %s",
            name, text);
  } else {
    struct pg_error why = *c->err;
    pg_fail(c->err, why.status, "parameter '%s': %.800s", name, why.text);
  }
  return false;
}

/* Pinned, for the rest of the arguments may run a finalizer that releases it.
 */
static bool read_object(struct pg_call *call, const struct pg_shape *shape,
                        int index, peri_slot *slot)
{
  struct pg_convert *c = &call->convert;
  struct pg_object *object = pg_object_to(c->L, index, shape->class);
  if (!object) {
    return pg_convert_mismatch(c, shape, index);
  }
  if (!object->self) {
    pg_fail(c->err, PG_BAD_INPUT,
            "expected %s (an object), got a released %s.%s", shape->name,
            call->caller->plugin->name, shape->class->decl->name);
    return false;
  }
  object->pins++;
  slot->ptr = object->self;
  return true;
}

static void unpin_objects(struct pg_call *call)
{
  for (int i = 0; i < call->pinned; i++) {
    if (call->shapes[i]->form == PG_SHAPE_OBJECT) {
      pg_object_unpin(
        call->convert.L,
        pg_object_to(call->convert.L, call->first + i, call->shapes[i]->class));
    }
  }
}

static bool read_arg(struct pg_call *call, const struct pg_plugin_item *item,
                     int i, peri_slot *slot)
{
  const struct pg_shape *shape = item->shapes[i];
  struct pg_convert *c = &call->convert;
  bool missing = i >= call->given && shape->form != PG_SHAPE_OPT;
  if (missing || !(shape->form == PG_SHAPE_OBJECT
                     ? read_object(call, shape, call->first + i, slot)
                     : pg_convert_read_slot(c, shape, call->first + i, slot))) {
    return fail_parameter(c, item->decl->fields[i].name, missing, shape);
  }
  return true;
}

bool pg_call_read_args(struct pg_call *call, const struct pg_plugin_item *item,
                       peri_slot *slots)
{
  const struct pg_decl *decl = item->decl;
  int count = (int)decl->field_count;
  if (call->given > count) {
    return fail_count(&call->convert, decl, call->given);
  }
  call->shapes = item->shapes;
  for (int i = 0; i < count; i++) {
    if (!read_arg(call, item, i, &slots[i])) {
      return false;
    }
    call->pinned = i + 1;
  }
  return true;
}

/* ------------------------------------------------------------------------
 * calls */

void pg_call_begin(struct pg_call *call, lua_State *L, struct pg_caller *caller,
                   int first, struct pg_error *err)
{
  call->first = first;
  call->given = lua_gettop(L) - first + 1;
  call->pinned = 0;
  call->caller = pg_caller_enter(L, caller);
  call->convert = (struct pg_convert){.L = L,
                                      .cx = &call->caller->context.cx,
                                      .err = err,
                                      .held = &call->caller->held};
}

void pg_call_end(struct pg_call *call)
{
  pg_caller_leave(call->caller);
  unpin_objects(call);
}

/* The caller says which function it was, the context why it failed. */
enum pg_status pg_call_status(struct pg_context *context, peri_status status,
                              struct pg_error *err)
{
  struct pg_error why;
  if (status == PERI_OK) {
    return PG_OK;
  }
  enum pg_status result = pg_context_status(context, status, "", &why);
  if (result == PG_OK) { /* END or AGAIN, which mean nothing here */
    return pg_fail(err, PG_BAD_INPUT, "it answered status %d", (int)status);
  }
  const char *text = why.text + strlen(": "); /* after the name, which is "" */
  return pg_fail(err, result, "%s", text);
}

/* The call itself: no Lua in here. */
static enum pg_status invoke(struct pg_caller *caller,
                             const struct pg_plugin_item *item,
                             const peri_slot *slots, peri_slot *result,
                             struct pg_error *err)
{
  struct pg_context *context = &caller->context;
  ((peri_call_fn *)item->item->call)(&context->cx, slots, result);
  return pg_call_status(context, context->cx.failed, err);
}

/* A function that makes an object: fills the state of one that is there before.
 */
static bool call_maker(struct pg_call *call, const struct pg_plugin_item *item,
                       const peri_slot *slots)
{
  struct pg_convert *c = &call->convert;
  const struct pg_shape *returns = item->shapes[item->decl->field_count];
  struct pg_object *object =
    pg_object_push(c->L, call->caller->plugin, returns->class);
  peri_slot result = {.ptr = object->state};
  if (!object->state) {
    pg_fail(c->err, PG_NO_MEMORY, "no memory for an object of %u bytes",
            returns->class->state_bytes);
    return false;
  }
  bool good = invoke(call->caller, item, slots, &result, c->err) == PG_OK;
  pg_object_made(c->L, object, good);
  return good;
}

/* False: see err, which does not say yet which call it was about. */
static bool call_item(struct pg_call *call, const struct pg_plugin_item *item,
                      void *self)
{
  struct pg_convert *c = &call->convert;
  peri_slot few[PG_CALL_SLOTS_MAX + 1], *slots = few, result = {.u64 = 0};
  size_t count = item->decl->field_count;
  const struct pg_shape *returns = item->shapes[count];
  if (count > PG_CALL_SLOTS_MAX &&
      !(slots = pg_convert_room(c, (count + 1) * sizeof *slots))) {
    return false;
  }
  if (!pg_convert_in_slot(returns) && returns->form != PG_SHAPE_NEW) {
    if (!(result.ptr = pg_convert_room(c, returns->size))) {
      return false;
    }
    memset(result.ptr, 0, returns->size);
  }
  slots->ptr = self;
  if (!pg_call_read_args(call, item, slots + (self ? 1 : 0))) {
    return false;
  }
  if (returns->form == PG_SHAPE_NEW) {
    return call_maker(call, item, slots);
  }
  return invoke(call->caller, item, slots, &result, c->err) == PG_OK &&
         pg_convert_push(c, returns,
                         pg_convert_in_slot(returns) ? &result : result.ptr);
}

bool pg_call_item(lua_State *L, struct pg_caller *caller,
                  const struct pg_plugin_item *item, int first, void *self,
                  struct pg_error *err)
{
  struct pg_call call;
  pg_call_begin(&call, L, caller, first, err);
  bool good = call_item(&call, item, self);
  pg_call_end(&call);
  return good;
}

int pg_call_raise(lua_State *L, const struct pg_plugin *plugin,
                  const struct pg_plugin_item *item, const struct pg_error *err)
{
  const struct pg_decl *decl = item->decl;
  return luaL_error(L, "%s.%s%s%s: %s", plugin->name,
                    decl->owner ? decl->owner : "", decl->owner ? ":" : "",
                    decl->name, err->text);
}

int pg_call_long(lua_State *L, const struct pg_native *native,
                 struct pg_caller *caller)
{
  struct pg_error err;
  return pg_call_item(L, caller, native->item, 1, NULL, &err)
           ? 1
           : pg_call_raise(L, native->plugin, native->item, &err);
}

int pg_call_native(lua_State *L, const struct pg_native *native)
{
  return pg_call_long(L, native, pg_caller_of(L, native->plugin));
}

int pg_call_failed(lua_State *L, const struct pg_native *native,
                   struct pg_caller *caller)
{
  struct pg_error err;
  pg_call_status(&caller->context, caller->context.cx.failed, &err);
  pg_caller_soil(caller);
  return pg_call_raise(L, native->plugin, native->item, &err);
}

void pg_bind_push_function(lua_State *L, const struct pg_plugin *plugin,
                           const struct pg_plugin_item *items, size_t count)
{
  const struct pg_native *native = pg_native_of(L, plugin, items);
  luaL_checkstack(L, 8, "a function of a plugin");
  if (count > 1) {
    pg_call_push_overloaded(L, native, count);
  } else if (native->wrapper) {
    pg_trampoline_push(L, native);
  } else {
    lua_CFunction direct = pg_call_cx(items);
    pg_bound_push(L, native);
    lua_pushcclosure(L, direct ? direct : pg_call_function, 2);
  }
}
