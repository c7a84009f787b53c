/* process.c - rows and batches through functions of a config. */
#include "bind/process.h"

#include "bind/batch.h"
#include "bind/protect.h"
#include "bind/row.h"
#include "bind/rows.h"

#include <lauxlib.h>

/* --------------------------------------------------------------------- each */

struct each {
  struct pg_protected call; /* first */
  struct pg_batch *in;
  uint32_t *keep;
  int64_t count; /* of keep */
  int64_t at;    /* the row that the function sees */
  bool in_rows;  /* an error is the row's */
  bool plain;    /* other batches never come here, so it learns from none */
};

/* Does the row go on, by what the function returned? */
static bool goes_on(lua_State *L)
{
  int type = lua_type(L, -1);
  if (type == LUA_TNIL || type == LUA_TBOOLEAN) {
    return type == LUA_TNIL || lua_toboolean(L, -1);
  }
  if (!lua_rawequal(L, -1, PG_BODY_STATE)) {
    luaL_error(L,
               "expected the function to return nothing, or false to drop "
               "the row, got a %s (batches() can return rows)",
               luaL_typename(L, -1));
  }
  return true;
}

/* All rows from each->at on in one protected call: an error ends it, and the
 * next call goes on after the row.  Entering for each row costs 10 ns more. */
static int each_rows(lua_State *L)
{
  struct each *each = lua_touserdata(L, PG_BODY_CALL);
  struct pg_row *row = lua_touserdata(L, PG_BODY_STATE);
  if (!row->batch) {
    if (each->plain) {
      pg_row_learn(L, PG_BODY_STATE, NULL);
    }
    pg_row_begin(L, PG_BODY_STATE, each->in);
  }
  lua_getfield(L, PG_BODY_NODE, "fn");
  int fn = lua_gettop(L);
  each->in_rows = true;
  for (; each->at < each->in->rows; each->at++) {
    row->at = each->at;
    lua_pushvalue(L, fn);
    lua_pushvalue(L, PG_BODY_STATE);
    lua_call(L, 1, 1);
    if (goes_on(L)) {
      each->keep[each->count++] = (uint32_t)each->at;
    }
    lua_settop(L, fn);
  }
  return 0;
}

static enum pg_status run_each(struct pg_bind_script *script, int node,
                               struct each *each,
                               const struct pg_row_rejects *rejects)
{
  lua_State *L = script->L;
  while (each->at < each->in->rows) {
    each->in_rows = false;
    enum pg_status status =
      pg_protect_raw(script, node, each_rows, &each->call);
    if (status == PG_OK) {
      continue;
    }
    /* Without memory the rows that follow would fail too, each after a full
     * collection: minutes of them. */
    const char *text =
      status == PG_NO_MEMORY ? "no memory for Lua" : lua_tostring(L, -1);
    if (status != PG_NO_MEMORY && each->in_rows && text) {
      rejects->reject(rejects->to, each->at++, text);
      status = PG_OK;
    } else {
      status =
        pg_fail(each->call.err, PG_NO_MEMORY, "%s: %s: %s",
                script->graph->nodes[node].at, script->graph->nodes[node].label,
                text ? text : "no memory for Lua");
    }
    lua_pop(L, 1);
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

static enum pg_status process_rows(struct pg_bind_script *script, int node,
                                   struct pg_batch *in, struct pg_batch **out,
                                   const struct pg_row_rejects *rejects,
                                   struct pg_error *err)
{
  lua_State *L = script->L;
  struct pg_block *keep = pg_block_new((size_t)in->rows * sizeof(uint32_t));
  if (!keep) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for %lld rows",
                   (long long)in->rows);
  }
  struct each each = {.call = {.err = err},
                      .in = in,
                      .keep = (uint32_t *)keep->bytes,
                      .plain = script->graph->nodes[node].plain};
  lua_rawgeti(L, script->states, node + 1);
  struct pg_row *row = lua_touserdata(L, -1);
  lua_pop(L, 1);
  enum pg_status status = run_each(script, node, &each, rejects);
  if (status == PG_OK) {
    status = pg_row_finish(row, each.keep, each.count, rejects, out, err);
  }
  pg_row_end(row);
  pg_block_unref(keep);
  return status;
}

enum pg_status pg_bind_learnt(void *self, int node, struct pg_schema **schema,
                              struct pg_error *err)
{
  const struct pg_bind_script *script = self;
  lua_rawgeti(script->L, script->states, node + 1);
  const struct pg_row *row = lua_touserdata(script->L, -1);
  lua_pop(script->L, 1);
  return pg_row_learnt(row, schema, err);
}

struct learn {
  struct pg_protected call; /* first */
  const struct pg_schema *schema;
};

static int learn_schema(lua_State *L)
{
  const struct learn *learn = lua_touserdata(L, PG_BODY_CALL);
  pg_row_learn(L, PG_BODY_STATE, learn->schema);
  return 0;
}

enum pg_status pg_bind_learn(void *self, int node,
                             const struct pg_schema *schema,
                             struct pg_error *err)
{
  struct learn learn = {.call = {.err = err}, .schema = schema};
  return pg_protect(self, node, learn_schema, &learn.call);
}

/* ------------------------------------------------------------------ batches */

struct batches {
  struct pg_protected call; /* first */
  struct pg_batch *in;
  struct pg_batch **out;
};

void pg_bind_process_take(lua_State *L, int index, int reader,
                          struct pg_batch **batch)
{
  if (pg_bind_is_batch(L, index)) {
    *batch = pg_batch_ref(pg_bind_batch_check(L, index));
    pg_bind_batch_release(L, index);
  } else if (lua_istable(L, index)) {
    pg_rows_read(L, reader, index, batch);
  } else {
    luaL_error(L, "expected a batch or a list of rows, got a %s",
               luaL_typename(L, index));
  }
  if ((*batch)->rows == 0) {
    pg_batch_unref(*batch);
    *batch = NULL;
  }
}

static void note_columns(lua_State *L, const struct pg_batch *batch, int names)
{
  for (int i = 0; batch && i < batch->schema->count; i++) {
    peri_str name = batch->schema->fields[i].name;
    lua_pushlstring(L, name.ptr, name.len);
    lua_pushboolean(L, true);
    lua_rawset(L, names);
  }
}

static int whole_batch(lua_State *L)
{
  struct batches *call = lua_touserdata(L, PG_BODY_CALL);
  pg_bind_batch_push(L, call->in);
  lua_pushvalue(L, -1);
  pg_protect_call(L, "fn", 1, 1); /* ..., batch, what it returned */
  if (lua_isnil(L, 5) || (lua_isboolean(L, 5) && lua_toboolean(L, 5))) {
    *call->out = pg_batch_ref(call->in);
  } else if (!lua_isboolean(L, 5)) {
    pg_bind_process_take(L, 5, PG_BODY_STATE, call->out);
  }
  pg_rows_push_names(L, PG_BODY_STATE);
  note_columns(L, call->in, lua_gettop(L));
  note_columns(L, *call->out, lua_gettop(L));
  pg_bind_batch_note_missed(L, 4, lua_gettop(L));
  pg_bind_batch_release(L, 4);
  return 0;
}

enum pg_status pg_bind_process(void *self, int node, struct pg_batch *in,
                               struct pg_batch **out,
                               void (*reject)(void *to, int64_t row,
                                              const char *why),
                               void *to, struct pg_error *err)
{
  struct pg_bind_script *script = self;
  struct pg_row_rejects rejects = {reject, to};
  *out = NULL;
  if (script->graph->nodes[node].kind != PG_NODE_BATCHES) {
    return process_rows(script, node, in, out, &rejects, err);
  }
  struct batches call = {.call = {.err = err}, .in = in, .out = out};
  enum pg_status status = pg_protect(script, node, whole_batch, &call.call);
  if (status != PG_OK) {
    pg_batch_unref(*out);
    *out = NULL;
  }
  return status;
}
