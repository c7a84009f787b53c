/* describe.c - what a plugin holds, as tables that lua/perigee reads.
 *
 * Each helper leaves one value, or one field of the table on top. */
#include "bind/call.h"
#include "bind/native.h"
#include "plugin/hooks.h"

#include <lauxlib.h>
#include <string.h>

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool flag)
{
  lua_pushboolean(L, flag);
  lua_setfield(L, -2, name);
}

/* Defaults and bounds: what a declaration can spell, so no lists but {}. */
static void push_value(lua_State *L, const struct pg_value *value)
{
  switch (value->kind) {
  case PG_VALUE_BOOL:
    lua_pushboolean(L, value->u.flag);
    break;
  case PG_VALUE_INT:
    lua_pushinteger(L, value->u.integer);
    break;
  case PG_VALUE_NUM:
    lua_pushnumber(L, value->u.number);
    break;
  case PG_VALUE_STR:
    lua_pushlstring(L, value->u.text.ptr, value->u.text.len);
    break;
  case PG_VALUE_LIST:
  case PG_VALUE_MAP:
    lua_newtable(L);
    break;
  case PG_VALUE_NIL:
    lua_pushnil(L);
    break;
  }
}

static void set_value(lua_State *L, const char *name,
                      const struct pg_value *value)
{
  push_value(L, value);
  lua_setfield(L, -2, name);
}

static void push_param(lua_State *L, const struct pg_decl_field *field)
{
  lua_createtable(L, 0, 8);
  set_text(L, "name", field->name);
  set_text(L, "type", field->type.name);
  set_text(L, "doc", field->doc);
  if (field->required) {
    set_flag(L, "required", true);
  }
  set_value(L, "default", &field->standard);
  set_value(L, "low", &field->low);
  set_value(L, "high", &field->high);
  if (field->choice_count > 0) {
    lua_createtable(L, (int)field->choice_count, 0);
    for (size_t i = 0; i < field->choice_count; i++) {
      lua_pushstring(L, field->choices[i]);
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "choices");
  }
}

static void set_params(lua_State *L, const struct pg_decl *params)
{
  size_t count = params ? params->field_count : 0;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_param(L, &params->fields[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "params");
}

/* Arguments, columns: {{name=, type=, low=, high=}, ...} */
static void set_fields(lua_State *L, const char *name,
                       const struct pg_decl_field *fields, size_t count)
{
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 5);
    set_text(L, "name", fields[i].name);
    set_text(L, "type", fields[i].type.name);
    set_value(L, "low", &fields[i].low);
    set_value(L, "high", &fields[i].high);
    if (fields[i].doc && *fields[i].doc) {
      set_text(L, "doc", fields[i].doc);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, name);
}

/* Which hooks it has: {"open", "process"} */
static void set_hooks(lua_State *L, const struct pg_plugin_item *item)
{
  lua_Integer n = 0;
  lua_newtable(L);
  for (uint32_t hook = 1; hook < PG_HOOK_COUNT; hook++) {
    if (item->hook_set & 1u << hook) {
      lua_pushstring(L, pg_hook_name(hook));
      lua_rawseti(L, -2, ++n);
    }
  }
  lua_setfield(L, -2, "hooks");
}

static void set_native(lua_State *L, const struct pg_plugin *plugin,
                       const struct pg_plugin_item *item)
{
  if (item->item) {
    lua_pushlightuserdata(L, (void *)pg_native_of(L, plugin, item));
    lua_setfield(L, -2, "native");
  }
}

static void add_function(lua_State *L, const struct pg_plugin *plugin,
                         const struct pg_plugin_item *item)
{
  const struct pg_decl *decl = item->decl;
  set_fields(L, "args", decl->fields, decl->field_count);
  set_text(L, "returns", decl->returns.name);
  set_flag(L, "pure", item->flags & PERI_PURE);
  set_flag(L, "plain", item->flags & PERI_PLAIN);
  set_text(L, "plugin", plugin->name);
  set_native(L, plugin, item);
}

static void add_kernel(lua_State *L, const struct pg_plugin *plugin,
                       const struct pg_plugin_item *item)
{
  (void)plugin;
  const struct pg_decl *decl = item->decl;
  set_params(L, item->params);
  set_fields(L, "inputs", decl->fields, decl->field_count);
  set_fields(L, "outputs", decl->outputs, decl->output_count);
  set_flag(L, "adds", item->flags & PERI_ADDS);
  set_flag(L, "whole", item->flags & PERI_WHOLE);
  set_flag(L, "stateless", item->flags & PERI_STATELESS);
  set_hooks(L, item);
}

static void add_connector(lua_State *L, const struct pg_plugin *plugin,
                          const struct pg_plugin_item *item)
{
  (void)plugin;
  set_params(L, item->params);
  set_flag(L, "bytes", item->flags & PERI_BYTES);
  set_hooks(L, item);
}

static void add_codec(lua_State *L, const struct pg_plugin *plugin,
                      const struct pg_plugin_item *item)
{
  (void)plugin;
  set_params(L, item->params);
  set_flag(L, "stateless", item->flags & PERI_STATELESS);
  set_flag(L, "keeps", item->flags & PERI_KEEPS);
  set_flag(L, "ragged", item->flags & PERI_RAGGED);
  set_hooks(L, item);
}

/* The methods of one class: {{name=, doc=, args=, returns=}, ...} */
static void set_methods(lua_State *L, const struct pg_plugin *plugin,
                        const char *class)
{
  size_t count;
  lua_Integer n = 0;
  const struct pg_plugin_item *items =
    pg_plugin_items(plugin, PERI_K_METHOD, &count);
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    const struct pg_decl *decl = items[i].decl;
    if (strcmp(decl->owner, class) == 0) {
      lua_createtable(L, 0, 4);
      set_text(L, "name", decl->name);
      set_text(L, "doc", decl->doc);
      set_fields(L, "args", decl->fields, decl->field_count);
      set_text(L, "returns", decl->returns.name);
      lua_rawseti(L, -2, ++n);
    }
  }
  lua_setfield(L, -2, "methods");
}

static void add_class(lua_State *L, const struct pg_plugin *plugin,
                      const struct pg_plugin_item *item)
{
  const struct pg_decl *decl = item->decl, *fields = item->params;
  set_fields(L, "args", decl->fields, decl->field_count);
  set_fields(L, "fields", fields->fields, fields->field_count);
  set_flag(L, "view", item->hook_set & 1u << PERI_H_VIEW);
  set_hooks(L, item);
  set_methods(L, plugin, decl->name);
}

/* Records, variants and parameters: `word` says which. */
static void add_type(lua_State *L, const struct pg_plugin *plugin,
                     const struct pg_plugin_item *item)
{
  (void)plugin;
  const struct pg_decl *decl = item->decl;
  lua_pushlstring(L, decl->text, strcspn(decl->text, " "));
  lua_setfield(L, -2, "word");
  set_fields(L, "fields", decl->fields, decl->field_count);
}

typedef void add_fn(lua_State *, const struct pg_plugin *,
                    const struct pg_plugin_item *);

static const struct {
  uint32_t kind;
  const char *name;
  add_fn *add;
} groups[] = {
  {PERI_K_FUNCTION, "functions", add_function},
  {PERI_K_AGGREGATE, "aggregates", add_function},
  {PERI_K_KERNEL, "kernels", add_kernel},
  {PERI_K_SOURCE, "sources", add_connector},
  {PERI_K_SINK, "sinks", add_connector},
  {PERI_K_DECODER, "decoders", add_codec},
  {PERI_K_ENCODER, "encoders", add_codec},
  {PERI_K_CLASS, "classes", add_class},
  {PERI_K_TYPE, "types", add_type},
};

static void set_group(lua_State *L, const struct pg_plugin *plugin, size_t g)
{
  size_t count;
  const struct pg_plugin_item *items =
    pg_plugin_items(plugin, groups[g].kind, &count);
  count = items ? count : 0;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 8);
    set_text(L, "name", items[i].decl->name);
    set_text(L, "doc", items[i].decl->doc);
    groups[g].add(L, plugin, &items[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, groups[g].name);
}

int pg_bind_describe(lua_State *L, const struct pg_plugin *plugin)
{
  luaL_checkstack(L, 10, "a description of a plugin");
  lua_createtable(L, 0, 16);
  set_text(L, "name", plugin->name);
  set_text(L, "version", plugin->version);
  set_text(L, "author", plugin->author);
  set_text(L, "license", plugin->license);
  set_text(L, "about", plugin->about);
  set_text(L, "path", plugin->path);
  set_text(L, "sha256", plugin->sha256);
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, plugin->abi_major);
  lua_setfield(L, -2, "major");
  lua_pushinteger(L, plugin->target_minor);
  lua_setfield(L, -2, "minor");
  lua_setfield(L, -2, "abi");
  for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
    set_group(L, plugin, g);
  }
  return 1;
}
