/* call.c - functions of plugins as Lua functions.
 *
 *   closure --upvalue 1--> pg_bound --> pg_native, pg_caller
 *           --upvalue 2--> the pg_native itself (light): plain functions
 *                          how many overloads there are: several of one name
 *
 * The common signatures have wrappers of their own: see call_direct.h. */
#include "bind/call.h"

#include "bind/call_direct.h"
#include "bind/call_parts.h"
#include "bind/native.h"

#include <lauxlib.h>
#include <string.h>

#define COUNT lua_upvalueindex(2)

/* ------------------------------------------------------------------- arguments */

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

static bool read_arg(struct pg_call *call, const struct pg_plugin_item *item,
                     int i, peri_slot *slot)
{
  const struct pg_shape *shape = item->shapes[i];
  struct pg_convert *c = &call->convert;
  bool missing = i >= call->given && shape->form != PG_SHAPE_OPT;
  if (missing || !pg_convert_read_slot(c, shape, call->first + i, slot)) {
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
  for (int i = 0; i < count; i++) {
    if (!read_arg(call, item, i, &slots[i])) {
      return false;
    }
  }
  return true;
}

/* ------------------------------------------------------------------------ calls */

void pg_call_begin(struct pg_call *call, lua_State *L, struct pg_caller *caller,
                   int first, struct pg_error *err)
{
  call->first = first;
  call->given = lua_gettop(L) - first + 1;
  call->caller = pg_caller_enter(L, caller);
  call->convert = (struct pg_convert){.L = L,
                                      .cx = &call->caller->context.cx,
                                      .err = err,
                                      .held = &call->caller->held};
}

void pg_call_end(struct pg_call *call)
{
  pg_caller_leave(call->caller);
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
  if (!pg_convert_in_slot(returns)) {
    if (!(result.ptr = pg_convert_room(c, returns->size))) {
      return false;
    }
    memset(result.ptr, 0, returns->size);
  }
  slots->ptr = self;
  return pg_call_read_args(call, item, slots + (self ? 1 : 0)) &&
         invoke(call->caller, item, slots, &result, c->err) == PG_OK &&
         pg_convert_push(c, returns, pg_convert_in_slot(returns) ? &result
                                                                 : result.ptr);
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

static int call_to_end(lua_State *L, struct pg_caller *caller,
                       const struct pg_plugin_item *item)
{
  struct pg_error err;
  return pg_call_item(L, caller, item, 1, NULL, &err)
           ? 1
           : pg_call_raise(L, caller->plugin, item, &err);
}

int pg_call_function(lua_State *L)
{
  const struct pg_bound *bound = pg_bound_of(L);
  return call_to_end(L, bound->caller, bound->native->item);
}

int pg_call_failed(lua_State *L, const struct pg_bound *bound)
{
  const struct pg_native *native = bound->native;
  struct pg_context *context = &bound->caller->context;
  struct pg_error err;
  pg_call_status(context, context->cx.failed, &err);
  return pg_call_raise(L, native->plugin, native->item, &err);
}

/* -------------------------------------------------------------------- overloads */

/* The sum over the arguments; below 0: it does not fit. */
static int total_cost(lua_State *L, const struct pg_plugin_item *item)
{
  int given = lua_gettop(L), sum = 0;
  if (given > (int)item->decl->field_count) {
    return -1;
  }
  for (int i = 0; i < (int)item->decl->field_count; i++) {
    int cost = pg_convert_cost(L, item->shapes[i], i + 1);
    if (cost < 0) {
      return -1;
    }
    sum += cost;
  }
  return sum;
}

static void add_signature(luaL_Buffer *text, const struct pg_decl *decl)
{
  luaL_addstring(text, decl->name);
  luaL_addchar(text, '(');
  for (size_t i = 0; i < decl->field_count; i++) {
    luaL_addstring(text, i > 0 ? ", " : "");
    luaL_addstring(text, decl->fields[i].type.name);
  }
  luaL_addchar(text, ')');
}

static int fail_overloaded(lua_State *L, const struct pg_plugin *plugin,
                           const struct pg_plugin_item *items, int count)
{
  int given = lua_gettop(L);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, plugin->name);
  luaL_addstring(&text, ": no ");
  luaL_addstring(&text, items->decl->name);
  luaL_addchar(&text, '(');
  for (int i = 1; i <= given; i++) {
    char shown[80];
    pg_convert_show(L, i, shown, sizeof shown);
    luaL_addstring(&text, i > 1 ? ", " : "");
    luaL_addstring(&text, shown);
  }
  luaL_addstring(&text, "); there is ");
  for (int i = 0; i < count; i++) {
    luaL_addstring(&text, i > 0 ? ", " : "");
    add_signature(&text, items[i].decl);
  }
  luaL_pushresult(&text);
  return luaL_error(L, "%s", lua_tostring(L, -1));
}

static int call_overloaded(lua_State *L)
{
  const struct pg_bound *bound = pg_bound_of(L);
  const struct pg_plugin_item *items = bound->native->item, *best = NULL;
  int count = (int)lua_tointeger(L, COUNT), best_cost = 0;
  for (int i = 0; i < count; i++) {
    int cost = total_cost(L, &items[i]);
    if (cost >= 0 && (!best || cost < best_cost)) {
      best = &items[i];
      best_cost = cost;
    }
  }
  return best ? call_to_end(L, bound->caller, best)
              : fail_overloaded(L, bound->native->plugin, items, count);
}

void pg_bind_push_function(lua_State *L, const struct pg_plugin *plugin,
                           const struct pg_plugin_item *items, size_t count)
{
  const struct pg_native *native = pg_native_of(L, plugin, items);
  luaL_checkstack(L, 8, "a function of a plugin");
  pg_bound_push(L, native, NULL);
  if (count > 1) {
    lua_pushinteger(L, (lua_Integer)count);
    lua_pushcclosure(L, call_overloaded, 2);
  } else {
    lua_CFunction direct = pg_call_direct(items);
    lua_pushlightuserdata(L, (void *)native);
    lua_pushcclosure(L, direct ? direct : pg_call_function, 2);
  }
}
