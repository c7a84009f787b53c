/* script.c - the calls that a run makes to sources, sinks and codecs of a
 * config. */
#define _GNU_SOURCE /* memrchr() */
#include "bind/script.h"

#include "bind/batch.h"
#include "bind/columns.h"
#include "bind/compile.h"
#include "bind/process.h"
#include "bind/protect.h"
#include "bind/row.h"
#include "bind/rows.h"
#include "bind/worker.h"

#include <lauxlib.h>
#include <string.h>

/* ------------------------------------------------------- sources and decoders
 */

struct read {
  struct pg_protected call; /* first */
  const peri_chunk *chunk;
  struct pg_batch *batch;
  lua_Integer whole; /* below 0: no function `split` */
};

static int poll_source(lua_State *L)
{
  struct read *read = lua_touserdata(L, PG_BODY_CALL);
  pg_protect_call(L, "poll", 0, 1);
  if (lua_isnil(L, 4)) {
    return 0;
  }
  pg_bind_process_take(L, 4, PG_BODY_STATE, &read->batch);
  if (!read->batch) { /* no rows yet: not the end */
    lua_newtable(L);
    pg_rows_read(L, PG_BODY_STATE, 5, &read->batch);
  }
  return 0;
}

static enum pg_status end_read(struct read *read, enum pg_status status,
                               struct pg_batch **batch)
{
  if (status == PG_OK) {
    *batch = read->batch;
  } else {
    pg_batch_unref(read->batch);
  }
  return status;
}

static enum pg_status poll(void *self, int node, struct pg_batch **batch,
                           struct pg_error *err)
{
  struct read read = {.call = {.err = err}};
  return end_read(&read, pg_protect(self, node, poll_source, &read.call),
                  batch);
}

/* Pushes the bytes of a chunk, and what is known of it. */
static void push_chunk(lua_State *L, const peri_chunk *chunk)
{
  lua_pushlstring(L, chunk->bytes, chunk->len);
  lua_createtable(L, 0, 4);
  lua_pushboolean(L, (chunk->flags & PERI_CHUNK_FIRST) != 0);
  lua_setfield(L, -2, "first");
  lua_pushboolean(L, (chunk->flags & PERI_CHUNK_LAST) != 0);
  lua_setfield(L, -2, "last");
  lua_pushinteger(L, (lua_Integer)chunk->offset);
  lua_setfield(L, -2, "offset");
  lua_pushinteger(L, (lua_Integer)chunk->stream);
  lua_setfield(L, -2, "stream");
}

static int split_chunk(lua_State *L)
{
  struct read *read = lua_touserdata(L, PG_BODY_CALL);
  push_chunk(L, read->chunk);
  pg_protect_call(L, "split", 2, 1);
  if (lua_isnil(L, 4)) {
    read->whole = -1;
    return 0;
  }
  int is_integer;
  read->whole = lua_tointegerx(L, 4, &is_integer);
  if (!is_integer || read->whole < 0 ||
      (size_t)read->whole > read->chunk->len) {
    return luaL_error(L,
                      "expected split() to return how many of the %I bytes "
                      "are whole records, got %s",
                      (LUAI_UACINT)read->chunk->len,
                      luaL_tolstring(L, 4, NULL));
  }
  return 0;
}

static size_t cut_at_newline(const peri_chunk *chunk)
{
  if (chunk->flags & PERI_CHUNK_LAST) {
    return chunk->len;
  }
  const char *end = memrchr(chunk->bytes, '\n', chunk->len);
  return end ? (size_t)(end - chunk->bytes) + 1 : 0;
}

static enum pg_status split(void *self, int node, const peri_chunk *chunk,
                            size_t *whole, struct pg_error *err)
{
  struct pg_bind_script *script = self;
  struct read read = {.call = {.err = err}, .chunk = chunk, .whole = -1};
  if (!script->no_split[node]) {
    enum pg_status status = pg_protect(script, node, split_chunk, &read.call);
    if (status != PG_OK) {
      return status;
    }
    /* Said once, so that a decoder without it does not cost a copy of every
     * chunk. */
    script->no_split[node] = read.whole < 0;
  }
  *whole = read.whole < 0 ? cut_at_newline(chunk) : (size_t)read.whole;
  return PG_OK;
}

static int decode_chunk(lua_State *L)
{
  struct read *read = lua_touserdata(L, PG_BODY_CALL);
  push_chunk(L, read->chunk);
  pg_protect_call(L, "decode", 2, 1);
  if (!lua_isnil(L, 4)) {
    pg_bind_process_take(L, 4, PG_BODY_STATE, &read->batch);
  }
  return 0;
}

static enum pg_status decode(void *self, int node, const peri_chunk *chunk,
                             struct pg_batch **batch, struct pg_error *err)
{
  struct read read = {.call = {.err = err}, .chunk = chunk};
  return end_read(&read, pg_protect(self, node, decode_chunk, &read.call),
                  batch);
}

/* --------------------------------------------------------- encoders and sinks
 */

struct give {
  struct pg_protected call; /* first */
  struct pg_batch *batch;
  struct pg_text *text;
};

/* Takes the text at the top, or nothing. */
static void take_text(lua_State *L, struct give *give, const char *what)
{
  if (lua_isnil(L, -1)) {
    return;
  }
  if (lua_type(L, -1) != LUA_TSTRING) {
    luaL_error(L, "expected %s() to return a string, got a %s", what,
               luaL_typename(L, -1));
  }
  size_t len;
  const char *bytes = lua_tolstring(L, -1, &len);
  if (!pg_text_append(give->text, bytes, len)) {
    luaL_error(L, "no memory for %I bytes", (LUAI_UACINT)len);
  }
}

static int encode_batch(lua_State *L)
{
  struct give *give = lua_touserdata(L, PG_BODY_CALL);
  pg_bind_batch_push(L, give->batch);
  lua_pushvalue(L, -1);
  pg_protect_call(L, "encode", 1, 1);
  take_text(L, give, "encode");
  pg_bind_batch_release(L, 4);
  return 0;
}

static enum pg_status encode(void *self, int node, struct pg_batch *batch,
                             struct pg_text *text, struct pg_error *err)
{
  struct give give = {.call = {.err = err}, .batch = batch, .text = text};
  return pg_protect(self, node, encode_batch, &give.call);
}

static int finish_text(lua_State *L)
{
  pg_protect_call(L, "finish", 0, 1);
  take_text(L, lua_touserdata(L, PG_BODY_CALL), "finish");
  return 0;
}

static enum pg_status finish(void *self, int node, struct pg_text *text,
                             struct pg_error *err)
{
  struct give give = {.call = {.err = err}, .text = text};
  return pg_protect(self, node, finish_text, &give.call);
}

/* The last two values may be nil or false, and why: the way of Lua's own
 * functions to say that the world has failed. */
static void check_said(lua_State *L)
{
  if (!lua_toboolean(L, -2) && lua_type(L, -1) == LUA_TSTRING) {
    luaL_error(L, "%s", lua_tostring(L, -1));
  }
}

static int write_batch(lua_State *L)
{
  struct give *give = lua_touserdata(L, PG_BODY_CALL);
  pg_bind_batch_push(L, give->batch);
  lua_pushvalue(L, -1);
  pg_protect_call(L, "write", 1, 2);
  check_said(L);
  pg_bind_batch_release(L, 4);
  return 0;
}

/* ("write" is a function of the system.) */
static enum pg_status write_rows(void *self, int node, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct give give = {.call = {.err = err}, .batch = batch};
  return pg_protect(self, node, write_batch, &give.call);
}

static int open_stage(lua_State *L)
{
  pg_protect_call(L, "open", 0, 0);
  return 0;
}

static enum pg_status open_node(void *self, int node, struct pg_error *err)
{
  struct pg_protected call = {.err = err};
  return pg_protect(self, node, open_stage, &call);
}

static int close_stage(lua_State *L)
{
  pg_protect_call(L, "close", 0, 2);
  check_said(L);
  return 0;
}

static enum pg_status close_node(void *self, int node, struct pg_error *err)
{
  struct pg_protected call = {.err = err};
  return pg_protect(self, node, close_stage, &call);
}

/* -------------------------------------------------------------- the beginning
 */

/* Does a function of the script see rows of it? */
static bool has_row(const struct pg_node *node)
{
  return node->kind == PG_NODE_EACH || node->plain;
}

static void push_state(lua_State *L, const struct pg_node *node, int at)
{
  if (has_row(node)) {
    pg_row_new(L);
    return;
  }
  pg_rows_new(L);
  int reader = lua_gettop(L);
  if (lua_getfield(L, at, "columns") == LUA_TTABLE) {
    pg_rows_declare(L, reader, reader + 1);
  }
  lua_pop(L, 1);
}

static bool has_state(const struct pg_node *node)
{
  return has_row(node) || node->kind == PG_NODE_BATCHES ||
         node->kind == PG_NODE_LUA_SOURCE || node->kind == PG_NODE_LUA_DECODE;
}

void pg_bind_script_push(lua_State *L, const struct pg_bind_graph *graph,
                         int nodes)
{
  luaL_checkstack(L, 20, "a run");
  size_t flags = (size_t)graph->count * sizeof(bool);
  memset(lua_newuserdatauv(L, flags + 1, 0), 0, flags);
  lua_createtable(L, graph->count, 0);
  int states = lua_gettop(L);
  for (int i = 0; i < graph->count; i++) {
    if (has_state(&graph->nodes[i])) {
      lua_rawgeti(L, nodes, i + 1);
      push_state(L, &graph->nodes[i], states + 1);
      lua_rawseti(L, states, i + 1);
      lua_pop(L, 1);
    }
  }
}

void pg_bind_script_init(struct pg_bind_script *script, lua_State *L,
                         const struct pg_bind_graph *graph, int nodes)
{
  int top = lua_gettop(L);
  *script = (struct pg_bind_script){.L = L,
                                    .graph = graph,
                                    .nodes = nodes,
                                    .states = top,
                                    .no_split = lua_touserdata(L, top - 1),
                                    .table = {.self = script,
                                              .programs = pg_compile_programs,
                                              .aggregate = pg_compile_aggregate,
                                              .poll = poll,
                                              .process = pg_bind_process,
                                              .learnt = pg_bind_learnt,
                                              .learn = pg_bind_learn,
                                              .split = split,
                                              .decode = decode,
                                              .encode = encode,
                                              .finish = finish,
                                              .write = write_rows,
                                              .open = open_node,
                                              .close = close_node}};
}

/* ---------------------------------------------------------------- the end */

static void note_names(const struct pg_bind_script *of, int node,
                       lua_State *into, int table)
{
  lua_rawgeti(of->L, of->states, node + 1);
  pg_row_note_names(of->L, lua_gettop(of->L), into, table);
  lua_pop(of->L, 1);
}

/* Pushes the names that functions of the node met: name -> was it a column? */
static void push_names(const struct pg_bind_script *script, int node)
{
  lua_State *L = script->L;
  if (!has_row(&script->graph->nodes[node])) {
    lua_rawgeti(L, script->states, node + 1);
    pg_rows_push_names(L, lua_gettop(L));
    lua_remove(L, -2);
    return;
  }
  lua_newtable(L);
  int names = lua_gettop(L);
  note_names(script, node, L, names);
  for (const struct pg_bind_worker *worker = script->workers; worker;
       worker = worker->next) {
    note_names(&worker->script, node, L, names);
  }
}

/* Is the name at the top, or the column that the path begins with, one that the
 * table at `names` says was a column? */
static bool was_column(lua_State *L, int names)
{
  size_t len;
  const char *name = lua_tolstring(L, -1, &len);
  bool found = false;
  for (size_t n = 1; n <= len && !found; n++) {
    if (n == len || name[n] == '.') {
      lua_pushlstring(L, name, n);
      lua_rawget(L, names);
      found = lua_toboolean(L, -1);
      lua_pop(L, 1);
    }
  }
  return found;
}

/* Adds to the table at the top the names that stages behind read, and that were
 * no columns, when any were. */
static void add_named(struct pg_bind_script *script, int node)
{
  lua_State *L = script->L;
  int names = lua_gettop(L);
  lua_pushnil(L);
  if (!lua_next(L, names)) {
    return; /* no rows came */
  }
  lua_settop(L, names);
  lua_rawgeti(L, script->nodes, node + 1);
  lua_getfield(L, -1, "named");
  lua_Integer count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, names + 2, i);
    if (!was_column(L, names)) {
      lua_pushboolean(L, false);
      lua_rawset(L, names);
    }
    lua_settop(L, names + 2);
  }
  lua_settop(L, names);
}

/* Pushes the list of the names that the table at `names` says were columns, of
 * those in the sorted list behind it. */
static void push_columns(lua_State *L, int names)
{
  lua_Integer count = (lua_Integer)lua_rawlen(L, names + 1), columns = 0;
  lua_newtable(L);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, names + 1, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, names);
    bool column = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (column) {
      lua_rawseti(L, -2, ++columns);
    } else {
      lua_pop(L, 1);
    }
  }
}

/* Adds { name =, at =, label =, columns = } to the list at `into` for each name
 * that the table at the top says was never a column. */
static void add_missed(lua_State *L, const struct pg_node *node, int into)
{
  int names = lua_gettop(L);
  pg_columns_push_names(L, names);
  push_columns(L, names);
  lua_Integer count = (lua_Integer)lua_rawlen(L, names + 1);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, names + 1, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, names);
    if (!lua_toboolean(L, -1)) {
      lua_createtable(L, 0, 4);
      lua_pushvalue(L, names + 2);
      lua_setfield(L, -2, "columns");
      lua_pushvalue(L, -3);
      lua_setfield(L, -2, "name");
      lua_pushstring(L, node->at);
      lua_setfield(L, -2, "at");
      lua_pushstring(L, node->label);
      lua_setfield(L, -2, "label");
      lua_rawseti(L, into, (lua_Integer)lua_rawlen(L, into) + 1);
    }
    lua_settop(L, names + 2);
  }
}

void pg_bind_script_push_missed(struct pg_bind_script *script)
{
  lua_State *L = script->L;
  lua_newtable(L);
  int into = lua_gettop(L);
  for (int i = 0; i < script->graph->count; i++) {
    const struct pg_node *node = &script->graph->nodes[i];
    if (has_row(node) || node->kind == PG_NODE_BATCHES) {
      push_names(script, i);
      add_named(script, i);
      add_missed(L, node, into);
      lua_settop(L, into);
    }
  }
}
