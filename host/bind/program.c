/* program.c - instructions from Lua. */
#include "bind/program.h"

#include "bind/native.h"

#include <lauxlib.h>
#include <string.h>

#define PROGRAM "perigee.program"

#define INSTRUCTIONS_MAX 100000

struct program {
  struct pg_program *program; /* owned */
};

static int program_gc(lua_State *L)
{
  struct program *self = lua_touserdata(L, 1);
  pg_program_unref(self->program);
  self->program = NULL;
  return 0;
}

static struct program *new_program(lua_State *L)
{
  struct program *self = lua_newuserdatauv(L, sizeof *self, 0);
  self->program = NULL;
  if (luaL_newmetatable(L, PROGRAM)) {
    lua_pushcfunction(L, program_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, PROGRAM);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  return self;
}

struct pg_program *pg_bind_program_to(lua_State *L, int index)
{
  struct program *self = luaL_testudata(L, index, PROGRAM);
  return self ? self->program : NULL;
}

/* ------------------------------------------------------------- instructions */

static const struct {
  const char *name;
  enum pg_op op;
  int args; /* registers that follow */
} ops[] = {
  {"column", PG_OP_COLUMN, 0}, {"const", PG_OP_CONST, 0},
  {"call", PG_OP_CALL, 0},     {"equal", PG_OP_EQUAL, 2},
  {"not", PG_OP_NOT, 1},       {"truth", PG_OP_TRUTH, 1},
  {"and", PG_OP_AND, 2},       {"or", PG_OP_OR, 2},
  {"if", PG_OP_IF, 2},
};

static int op_named(lua_State *L, const char *name)
{
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
    if (strcmp(ops[i].name, name) == 0) {
      return (int)i;
    }
  }
  return luaL_error(L, "unknown instruction '%s'", name);
}

static void add_arg(lua_State *L, struct pg_instruction *to)
{
  int is_integer;
  lua_Integer reg = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer || reg < 1 || reg > INSTRUCTIONS_MAX) {
    luaL_error(L, "expected a register, got %s", luaL_tolstring(L, -1, NULL));
  }
  if (to->arg_count == PG_PROGRAM_ARGS_MAX) {
    luaL_error(L, "a function of more than %d arguments", PG_PROGRAM_ARGS_MAX);
  }
  to->args[to->arg_count++] = (int)reg - 1;
  lua_pop(L, 1);
}

/* Registers of the table at `index`, from `first` on. */
static void read_args(lua_State *L, int index, int first, int count,
                      struct pg_instruction *to)
{
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, index, first + i);
    add_arg(L, to);
  }
}

static void read_native(lua_State *L, int at, struct pg_instruction *to)
{
  lua_rawgeti(L, at, 2);
  const struct pg_native *native = pg_bind_to_native(L, -1);
  if (!native) {
    luaL_error(L, "expected a native function, got %s",
               luaL_tolstring(L, -1, NULL));
  }
  to->plugin = native->plugin;
  to->native = native->item;
  lua_pop(L, 1);
}

static void read_const(lua_State *L, int at, struct pg_instruction *to)
{
  lua_rawgeti(L, at, 2);
  const char *name = luaL_checkstring(L, -1);
  int type = pg_type_find(name, strlen(name));
  if (type < 0) {
    luaL_error(L, "unknown type '%s'", name);
  }
  to->type = (uint32_t)type;
  lua_rawgeti(L, at, 3);
  if (lua_isnil(L, -1)) {
    to->is_null = true;
  } else if (to->type == PERI_T_BOOL) {
    to->value.b = (uint8_t)lua_toboolean(L, -1);
  } else if (pg_type_is_text(to->type)) {
    to->value.str.ptr = luaL_checklstring(L, -1, &to->value.str.len);
  } else if (to->type == PERI_T_F64) {
    to->value.f64 = luaL_checknumber(L, -1);
  } else if (to->type == PERI_T_I64 || to->type == PERI_T_TIME) {
    to->value.i64 = luaL_checkinteger(L, -1);
  } else {
    luaL_error(L, "no constants of type %s", name);
  }
  lua_pop(L, 2);
}

/* Reads the instruction at `at`; its strings stay in its table. */
static void read_instruction(lua_State *L, int at, struct pg_instruction *to)
{
  luaL_checktype(L, at, LUA_TTABLE);
  lua_rawgeti(L, at, 1);
  int i = op_named(L, luaL_checkstring(L, -1));
  lua_pop(L, 1);
  *to = (struct pg_instruction){.op = ops[i].op};
  switch (to->op) {
  case PG_OP_COLUMN:
    lua_rawgeti(L, at, 2);
    to->text.ptr = luaL_checklstring(L, -1, &to->text.len);
    lua_pop(L, 1);
    break;
  case PG_OP_CONST:
    read_const(L, at, to);
    break;
  case PG_OP_CALL:
    read_native(L, at, to);
    lua_rawgeti(L, at, 3);
    luaL_checktype(L, -1, LUA_TTABLE);
    read_args(L, lua_gettop(L), 1, (int)lua_rawlen(L, -1), to);
    lua_pop(L, 1);
    break;
  case PG_OP_EQUAL:
    read_native(L, at, to);
    read_args(L, at, 3, ops[i].args, to);
    break;
  default:
    read_args(L, at, 2, ops[i].args, to);
  }
}

int pg_bind_program(lua_State *L)
{
  struct pg_error err;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "code");
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_rawlen(L, 2);
  luaL_argcheck(L, 1 <= count && count <= INSTRUCTIONS_MAX, 1,
                "too many instructions, or none");
  struct pg_instruction *code = lua_newuserdatauv(L, count * sizeof *code, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    read_instruction(L, 4, &code[i]);
    lua_pop(L, 1);
  }
  struct program *self = new_program(L);
  if (pg_program_new(code, (int)count, &self->program, &err) != PG_OK) {
    luaL_pushfail(L);
    lua_pushstring(L, err.text);
    return 2;
  }
  return 1;
}
