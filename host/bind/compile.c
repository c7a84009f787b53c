/* compile.c - programs from the functions `compile` of a graph. */
#include "bind/compile.h"

#include "bind/native.h"
#include "bind/program.h"
#include "bind/protect.h"
#include "bind/schema.h"

#include <lauxlib.h>

struct compile {
  struct pg_protected call; /* first */
  const struct pg_schema *schema;
  int aggregate; /* index, or -1 */
  /* where references go, and how many there are so far */
  struct pg_program **programs;
  bool plain; /* no programs is an answer */
  int count, wanted;
  struct pg_aggregate_use *use;
};

/* The function `compile` was called and said no: its message names the place.
 */
static int no_program(lua_State *L, struct compile *call, int message)
{
  const char *text = lua_tostring(L, message);
  call->call.status =
    pg_fail(call->call.err, PG_BAD_INPUT, "%s", text ? text : "no program");
  return 0;
}

static void take_program(lua_State *L, int index, struct compile *call)
{
  struct pg_program *program = pg_bind_program_to(L, index);
  if (!program) {
    luaL_error(L, "expected a program, got a %s", luaL_typename(L, index));
  }
  call->programs[call->count++] = pg_program_ref(program);
}

/* Takes the programs of the list at `index`. */
static void take_programs(lua_State *L, int index, struct compile *call,
                          int count)
{
  if (!lua_istable(L, index) || (int)lua_rawlen(L, index) != count) {
    luaL_error(L, "expected a list of %d programs", count);
  }
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    take_program(L, -1, call);
    lua_pop(L, 1);
  }
}

static int programs(lua_State *L)
{
  struct compile *call = lua_touserdata(L, PG_BODY_CALL);
  pg_schema_push(L, call->schema);
  pg_protect_call(L, "compile", 1, 2); /* ..., program or programs, message */
  if (lua_isnil(L, 4) && lua_isnil(L, 5) && call->plain) {
    return 0; /* the function itself runs */
  } else if (lua_isnil(L, 4)) {
    return no_program(L, call, 5);
  }
  if (call->wanted == 1 && lua_isuserdata(L, 4)) {
    take_program(L, 4, call);
  } else {
    take_programs(L, 4, call, call->wanted);
  }
  return 0;
}

static int aggregate(lua_State *L)
{
  struct compile *call = lua_touserdata(L, PG_BODY_CALL);
  lua_getfield(L, PG_BODY_NODE, "aggregates");
  lua_rawgeti(L, -1, call->aggregate + 1);
  lua_getfield(L, -1, "compile");
  pg_schema_push(L, call->schema);
  lua_call(L, 1, 2); /* ..., aggregates, aggregate, use, message */
  if (lua_isnil(L, 6)) {
    return no_program(L, call, 7);
  }
  lua_getfield(L, 6, "native");
  const struct pg_native *native = pg_bind_to_native(L, -1);
  if (!native) {
    return luaL_error(L, "expected a native aggregate");
  }
  call->use->plugin = native->plugin;
  call->use->item = native->item;
  lua_getfield(L, 6, "args");
  int count = (int)lua_rawlen(L, -1);
  if (count > PG_PROGRAM_ARGS_MAX) {
    return luaL_error(L, "an aggregate of more than %d arguments",
                      PG_PROGRAM_ARGS_MAX);
  }
  take_programs(L, lua_gettop(L), call, count);
  call->use->arg_count = count;
  return 0;
}

static enum pg_status end_compile(struct compile *call, enum pg_status status)
{
  if (status != PG_OK) {
    while (call->count > 0) {
      pg_program_unref(call->programs[--call->count]);
    }
  }
  return status;
}

enum pg_status pg_compile_programs(void *self, int node,
                                   const struct pg_schema *schema,
                                   struct pg_program **made,
                                   struct pg_error *err)
{
  struct pg_bind_script *script = self;
  const struct pg_node *of = &script->graph->nodes[node];
  struct compile call = {.call = {.err = err},
                         .schema = schema,
                         .programs = made,
                         .plain = of->plain,
                         .wanted = of->kind == PG_NODE_DERIVE ? of->name_count
                                   : of->kind == PG_NODE_ROUTE
                                     ? of->out_count - 1
                                     : 1};
  return end_compile(&call, pg_protect(script, node, programs, &call.call));
}

enum pg_status pg_compile_aggregate(void *self, int node, int index,
                                    const struct pg_schema *schema,
                                    struct pg_aggregate_use *use,
                                    struct pg_error *err)
{
  struct pg_aggregate_use made = {0};
  struct compile call = {.call = {.err = err},
                         .schema = schema,
                         .aggregate = index,
                         .programs = made.args,
                         .use = &made};
  enum pg_status status =
    end_compile(&call, pg_protect(self, node, aggregate, &call.call));
  if (status == PG_OK) {
    *use = made;
  }
  return status;
}
