/* call_overload.c - which of several functions of one name is meant.
 *
 *   closure --upvalues 1, 2--> pg_bound, of the first of them
 *           --upvalue 3--> struct choice
 *
 * How near a function is to its arguments depends on what kinds of values these
 * are, and whether it takes them on the values too (300 is no u8).  The nearest
 * by kinds is remembered, because most calls are like the one before; when it
 * takes the values, no other can be nearer. */
#include "bind/call_overload.h"

#include "bind/call_direct.h"
#include "bind/call_parts.h"
#include "bind/call_quick.h"

#include <lauxlib.h>

struct choice {
  int count;
  uint64_t kinds;                  /* of the arguments that `nearest` is for */
  const struct pg_native *nearest; /* NULL: none, or not for pg_call_quick() */
};

/* ------------------------------------------------------------------- by kinds
 */

/* Four bits for each argument, and a mark above the last. */
static uint64_t kinds_of(lua_State *L, int given)
{
  uint64_t kinds = 1;
  for (int i = 1; i <= given; i++) {
    kinds = kinds << 4 | (uint64_t)pg_convert_kind(L, i);
  }
  return kinds;
}

/* The sum over the arguments; below 0: they are of the wrong kind. */
static int cost_of_kinds(const struct pg_plugin_item *item, uint64_t kinds,
                         int given)
{
  int sum = 0;
  if (given > (int)item->decl->field_count) {
    return -1;
  }
  for (int i = 0; i < (int)item->decl->field_count; i++) {
    int shift = 4 * (given - 1 - i);
    enum pg_kind kind =
      i < given ? (enum pg_kind)(kinds >> shift & 15) : PG_KIND_NIL;
    int cost = pg_convert_kind_cost(item->shapes[i], kind);
    if (cost < 0) {
      return -1;
    }
    sum += cost;
  }
  return sum;
}

static void remember(struct choice *choice, const struct pg_native *natives,
                     uint64_t kinds, int given)
{
  int best = -1;
  choice->kinds = kinds;
  choice->nearest = NULL;
  for (int i = 0; i < choice->count; i++) {
    int cost = cost_of_kinds(natives[i].item, kinds, given);
    if (cost >= 0 && (best < 0 || cost < best)) {
      best = cost;
      choice->nearest = natives[i].quick_count >= 0 ? &natives[i] : NULL;
    }
  }
}

/* False: nothing has happened. */
static bool call_nearest(lua_State *L, const struct pg_bound *bound,
                         struct choice *choice)
{
  int given = lua_gettop(L);
  if (given > PG_CALL_SLOTS_MAX) {
    return false;
  }
  uint64_t kinds = kinds_of(L, given);
  if (kinds != choice->kinds) {
    remember(choice, bound->native, kinds, given);
  }
  return choice->nearest &&
         pg_call_quick(L, choice->nearest, bound->caller, 1, NULL);
}

/* ------------------------------------------------------------------ by values
 */

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

static int fail(lua_State *L, const struct pg_native *natives, int count)
{
  int given = lua_gettop(L);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, natives->plugin->name);
  luaL_addstring(&text, ": no ");
  luaL_addstring(&text, natives->item->decl->name);
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
    add_signature(&text, natives[i].item->decl);
  }
  luaL_pushresult(&text);
  return luaL_error(L, "%s", lua_tostring(L, -1));
}

static int call_overloaded(lua_State *L)
{
  const struct pg_bound *bound = pg_bound_of(L);
  const struct pg_native *natives = bound->native, *best = NULL;
  struct choice *choice = lua_touserdata(L, lua_upvalueindex(3));
  int best_cost = 0;
  if (call_nearest(L, bound, choice)) {
    return 1;
  }
  for (int i = 0; i < choice->count; i++) {
    int cost = total_cost(L, natives[i].item);
    if (cost >= 0 && (!best || cost < best_cost)) {
      best = &natives[i];
      best_cost = cost;
    }
  }
  return best ? pg_call_long(L, best, bound->caller)
              : fail(L, natives, choice->count);
}

void pg_call_push_overloaded(lua_State *L, const struct pg_native *natives,
                             size_t count)
{
  pg_bound_push(L, natives);
  struct choice *choice = lua_newuserdatauv(L, sizeof *choice, 0);
  *choice = (struct choice){.count = (int)count};
  lua_pushcclosure(L, call_overloaded, 3);
}
