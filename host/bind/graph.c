/* graph.c - nodes from Lua.  The Lua side has checked the plan; what does not
 * fit here is a fault of the program, and raises. */
#include "bind/graph.h"

#include "bind/call.h"
#include "bind/plugin.h"

#include <lauxlib.h>
#include <string.h>

static const struct {
  const char *name;
  enum pg_node_kind kind;
  uint32_t item; /* PERI_K_*; 0: none */
} kinds[] = {
  {"source", PG_NODE_SOURCE, PERI_K_SOURCE},
  {"decode", PG_NODE_DECODE, PERI_K_DECODER},
  {"kernel", PG_NODE_KERNEL, PERI_K_KERNEL},
  {"encode", PG_NODE_ENCODE, PERI_K_ENCODER},
  {"sink", PG_NODE_SINK, PERI_K_SINK},
  {"where", PG_NODE_WHERE, 0},
  {"derive", PG_NODE_DERIVE, 0},
  {"select", PG_NODE_SELECT, 0},
  {"drop", PG_NODE_DROP, 0},
  {"rename", PG_NODE_RENAME, 0},
  {"group", PG_NODE_GROUP, 0},
  {"tee", PG_NODE_TEE, 0},
  {"route", PG_NODE_ROUTE, 0},
  {"each", PG_NODE_EACH, 0},
  {"batches", PG_NODE_BATCHES, 0},
  {"lua_source", PG_NODE_LUA_SOURCE, 0},
  {"lua_decode", PG_NODE_LUA_DECODE, 0},
  {"lua_encode", PG_NODE_LUA_ENCODE, 0},
  {"lua_sink", PG_NODE_LUA_SINK, 0},
};

/* What one node is read into. */
struct reader {
  lua_State *L;
  struct pg_arena *arena;
  struct pg_node *node;
  int at; /* the table of the node */
};

static void *alloc(const struct reader *r, size_t count, size_t size)
{
  void *room = pg_arena_alloc(r->arena, (count + 1) * size);
  if (!room) {
    luaL_error(r->L, "no memory for the pipeline");
  }
  return memset(room, 0, (count + 1) * size);
}

/* The string at the top, copied. */
static peri_str copy_top(const struct reader *r)
{
  peri_str text;
  const char *from = luaL_checklstring(r->L, -1, &text.len);
  text.ptr = pg_arena_copy(r->arena, from, text.len);
  if (!text.ptr) {
    luaL_error(r->L, "no memory for the pipeline");
  }
  return text;
}

/* A text of the node, or NULL when it has none. */
static const char *read_text(const struct reader *r, const char *name)
{
  bool given = lua_getfield(r->L, r->at, name) != LUA_TNIL;
  const char *text = given ? copy_top(r).ptr : NULL;
  lua_pop(r->L, 1);
  return text;
}

/* The list of strings at the top, popped; with `field`, the list of tables
 * that have a string there. */
static const peri_str *pop_names(const struct reader *r, const char *field,
                                 int *count)
{
  *count = lua_istable(r->L, -1) ? (int)lua_rawlen(r->L, -1) : 0;
  peri_str *names = alloc(r, (size_t)*count, sizeof *names);
  for (int i = 0; i < *count; i++) {
    lua_rawgeti(r->L, -1, i + 1);
    if (field) {
      lua_getfield(r->L, -1, field);
      lua_remove(r->L, -2);
    }
    names[i] = copy_top(r);
    lua_pop(r->L, 1);
  }
  lua_pop(r->L, 1);
  return names;
}

static const peri_str *read_names(const struct reader *r, const char *list,
                                  const char *field, int *count)
{
  lua_getfield(r->L, r->at, list);
  return pop_names(r, field, count);
}

static void read_item(const struct reader *r, uint32_t kind)
{
  lua_State *L = r->L;
  struct pg_error err;
  lua_getfield(L, r->at, "plugin");
  lua_getfield(L, r->at, "item");
  lua_getfield(L, r->at, "params");
  r->node->plugin = pg_bind_plugin_check(L, -3);
  r->node->item =
    pg_bind_plugin_item(L, r->node->plugin, kind, luaL_checkstring(L, -2));
  if (!pg_bind_value(L, -1, r->arena, &r->node->params, &err)) {
    luaL_error(L, "%s: %s: %s", r->node->at, r->node->label, err.text);
  }
  lua_pop(L, 3);
}

/* The type that the table at `types` gives to the string at the top. */
static uint32_t declared_type(lua_State *L, int types)
{
  uint32_t type = PERI_T_NULL;
  lua_pushvalue(L, -1);
  if (lua_istable(L, types) && lua_rawget(L, types) == LUA_TSTRING) {
    const char *name = lua_tostring(L, -1);
    int known = pg_type_find(name, strlen(name));
    if (known < 0) {
      luaL_error(L, "unknown type '%s'", name);
    }
    type = (uint32_t)known;
  }
  lua_pop(L, 1);
  return type;
}

/* The list of names at the top, popped, with the types that the table at
 * `types` gives them. */
static const peri_field *pop_fields(const struct reader *r, int types,
                                    int *count)
{
  lua_State *L = r->L;
  *count = lua_istable(L, -1) ? (int)lua_rawlen(L, -1) : 0;
  peri_field *fields = alloc(r, (size_t)*count, sizeof *fields);
  for (int i = 0; i < *count; i++) {
    lua_rawgeti(L, -1, i + 1);
    fields[i].name = copy_top(r);
    fields[i].type = declared_type(L, types);
    fields[i].index = (uint32_t)i;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return fields;
}

/* The needed columns, or all and the declared ones; those that come first. */
static void read_fields(const struct reader *r)
{
  lua_State *L = r->L;
  struct pg_node *node = r->node;
  lua_getfield(L, r->at, "types");
  int types = lua_gettop(L);
  if (lua_getfield(L, r->at, "need") == LUA_TNIL) {
    node->all = true;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_istable(L, types) && lua_next(L, types)) {
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      lua_rawseti(L, types + 1, (lua_Integer)lua_rawlen(L, types + 1) + 1);
    }
    lua_settop(L, types + 1);
  }
  node->fields = pop_fields(r, types, &node->field_count);
  lua_getfield(L, r->at, "first");
  node->first = pop_fields(r, types, &node->first_count);
  lua_settop(L, types - 1);
}

/* The list of tables { name, as } in the field `list`; without `as`: left out.
 */
static const peri_member *read_members(const struct reader *r, const char *list,
                                       int *count)
{
  lua_State *L = r->L;
  lua_getfield(L, r->at, list);
  *count = lua_istable(L, -1) ? (int)lua_rawlen(L, -1) : 0;
  peri_member *members = alloc(r, (size_t)*count, sizeof *members);
  for (int i = 0; i < *count; i++) {
    lua_rawgeti(L, -1, i + 1);
    lua_getfield(L, -1, "name");
    members[i].name = copy_top(r);
    if (lua_getfield(L, -2, "as") != LUA_TNIL) {
      members[i].as = copy_top(r);
    }
    lua_pop(L, 3);
  }
  lua_pop(L, 1);
  return members;
}

static void read_kept(const struct reader *r)
{
  struct pg_node *node = r->node;
  if (lua_getfield(r->L, r->at, "keep") != LUA_TTABLE) {
    lua_pop(r->L, 1);
    return;
  }
  const peri_str *names = pop_names(r, NULL, &node->kept_count);
  bool only = lua_getfield(r->L, r->at, "only") == LUA_TTABLE;
  lua_pop(r->L, 1);
  node->keep = only ? PERI_KEEP_ONLY : PERI_KEEP_ALL;
  node->members =
    read_members(r, only ? "only" : "members", &node->member_count);
  peri_field *fields = alloc(r, (size_t)node->kept_count, sizeof *fields);
  for (int i = 0; i < node->kept_count; i++) {
    fields[i] = (peri_field){.name = names[i], .index = (uint32_t)i};
  }
  node->kept = fields;
}

static void read_decode(const struct reader *r)
{
  struct pg_node *node = r->node;
  read_fields(r);
  read_kept(r);
  node->names = read_names(r, "named", NULL, &node->name_count);
  node->exact = lua_getfield(r->L, r->at, "exact") == LUA_TBOOLEAN &&
                lua_toboolean(r->L, -1);
  lua_pop(r->L, 1);
  lua_getfield(r->L, r->at, "on_error");
  const char *on_error = lua_tostring(r->L, -1);
  node->stop_on_reject = on_error && strcmp(on_error, "stop") == 0;
  lua_pop(r->L, 1);
  node->rejects_path = read_text(r, "rejects");
}

/* The edges; route has one for each branch and one for all other rows, which
 * may be missing. */
static void read_outs(const struct reader *r, int index)
{
  lua_State *L = r->L;
  struct pg_node *node = r->node;
  lua_getfield(L, r->at, "out");
  lua_getfield(L, r->at, "branches");
  luaL_checktype(L, -2, LUA_TTABLE);
  int given = (int)lua_rawlen(L, -2);
  int count = lua_isnil(L, -1) ? given : (int)luaL_checkinteger(L, -1) + 1;
  lua_pop(L, 1);
  if (given > count || count > given + 1) {
    luaL_error(L, "node %d: %d edges, expected %d", index + 1, given, count);
  }
  int *outs = alloc(r, (size_t)count, sizeof *outs);
  for (int i = 0; i < count; i++) {
    if (i == given) {
      outs[i] = -1;
      break;
    }
    lua_rawgeti(L, -1, i + 1);
    outs[i] = (int)luaL_checkinteger(L, -1) - 1;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  node->outs = outs;
  node->out_count = count;
}

static size_t kind_named(lua_State *L, const char *name)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].name, name) == 0) {
      return i;
    }
  }
  return (size_t)luaL_error(L, "unknown kind of node '%s'", name);
}

static void read_names_of(const struct reader *r)
{
  struct pg_node *node = r->node;
  switch (node->kind) {
  case PG_NODE_DERIVE:
  case PG_NODE_SELECT:
  case PG_NODE_DROP:
    node->names = read_names(r, "names", NULL, &node->name_count);
    break;
  case PG_NODE_RENAME:
    node->names = read_names(r, "from", NULL, &node->name_count);
    node->to = read_names(r, "to", NULL, &node->to_count);
    break;
  case PG_NODE_KERNEL:
    node->names = read_names(r, "by_name", NULL, &node->name_count);
    break;
  case PG_NODE_ENCODE:
    node->names = read_names(r, "columns", "name", &node->name_count);
    node->to = read_names(r, "added", NULL, &node->to_count);
    break;
  case PG_NODE_DECODE:
    node->to = read_names(r, "added", NULL, &node->to_count);
    break;
  case PG_NODE_GROUP:
    node->names = read_names(r, "by", NULL, &node->name_count);
    node->to = read_names(r, "aggregates", "name", &node->to_count);
    break;
  default:
    break;
  }
}

static void read_node(const struct reader *r, int index)
{
  lua_State *L = r->L;
  luaL_checktype(L, r->at, LUA_TTABLE);
  lua_getfield(L, r->at, "kind");
  size_t k = kind_named(L, luaL_checkstring(L, -1));
  lua_pop(L, 1);
  r->node->kind = kinds[k].kind;
  r->node->label = read_text(r, "label");
  r->node->at = read_text(r, "at");
  if (!r->node->label || !r->node->at) {
    luaL_error(L, "node %d has no label, or no place", index + 1);
  }
  if (kinds[k].item) {
    read_item(r, kinds[k].item);
  }
  if (r->node->kind == PG_NODE_DECODE || r->node->kind == PG_NODE_LUA_DECODE) {
    read_decode(r);
  }
  lua_getfield(L, r->at, "plain");
  lua_getfield(L, r->at, "parallel");
  lua_getfield(L, r->at, "folds");
  r->node->plain = lua_toboolean(L, -3);
  r->node->parallel = lua_toboolean(L, -2);
  r->node->folds = lua_toboolean(L, -1);
  lua_pop(L, 3);
  read_names_of(r);
  read_outs(r, index);
}

void pg_bind_graph_read(lua_State *L, int index, struct pg_bind_graph *graph)
{
  int top = lua_gettop(L);
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "nodes");
  luaL_checktype(L, -1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, -1);
  struct reader r = {.L = L, .arena = &graph->arena};
  graph->nodes = alloc(&r, (size_t)count, sizeof *graph->nodes);
  graph->count = count;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, top + 1, i + 1);
    r.node = &graph->nodes[i];
    r.at = lua_gettop(L);
    read_node(&r, i);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
}

void pg_bind_graph_fini(struct pg_bind_graph *graph)
{
  pg_arena_fini(&graph->arena);
  *graph = (struct pg_bind_graph){0};
}
