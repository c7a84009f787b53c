/* run.c - core.run(): a graph from Lua, run, and what came of it. */
#include "bind/run.h"

#include "bind/box.h"
#include "bind/script.h"
#include "bind/worker.h"
#include "flow/run.h"

#include <lauxlib.h>
#include <stdatomic.h>
#include <string.h>

/* All that a run owns, in one box. */
struct job {
  struct pg_bind_graph graph;
  struct pg_bind_script script;
  struct pg_run_result result;
};

static void fini_job(void *box)
{
  struct job *job = box;
  pg_bind_workers_free(job->script.workers);
  pg_run_result_fini(&job->result);
  pg_bind_graph_fini(&job->graph);
}

/* ------------------------------------------------------------------ options */

static int read_number(lua_State *L, const char *name, int standard, int low)
{
  int is_integer;
  if (lua_getfield(L, 2, name) == LUA_TNIL) {
    lua_pop(L, 1);
    return standard;
  }
  lua_Integer number = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer || number < low || number > INT32_MAX) {
    luaL_error(L, "option '%s': expected an integer from %d, got %s", name, low,
               luaL_tolstring(L, -1, NULL));
  }
  lua_pop(L, 1);
  return (int)number;
}

static struct pg_run_options read_options(lua_State *L)
{
  struct pg_run_options options = {
    .shown_max = read_number(L, "max_shown", 5, 0),
    .workers = read_number(L, "workers", 0, 0),
    .batch_rows = read_number(L, "batch_rows", 0, 0),
  };
  lua_getfield(L, 2, "progress");
  options.progress = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return options;
}

/* ------------------------------------------------------------------- result */

static void set_integer(lua_State *L, const char *name, uint64_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static void push_sample(lua_State *L, const struct pg_reject_sample *sample)
{
  lua_createtable(L, 0, 5);
  lua_pushstring(L, sample->stream);
  lua_setfield(L, -2, "stream");
  set_integer(L, "line", (uint64_t)sample->line);
  set_integer(L, "byte", sample->byte);
  lua_pushstring(L, sample->why);
  lua_setfield(L, -2, "why");
  if (sample->text) {
    lua_pushlstring(L, sample->text, sample->text_len);
    lua_setfield(L, -2, "text");
  }
}

static void set_names(lua_State *L, const char *key,
                      const struct pg_names *names)
{
  lua_createtable(L, names->count, 0);
  for (int i = 0; i < names->count; i++) {
    lua_pushstring(L, names->list[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, key);
}

/* A list for each node: {"records by plan", 1950000, ...} */
static void set_counts(lua_State *L, const struct pg_run_result *result)
{
  lua_createtable(L, result->node_count, 0);
  for (int i = 0; i < result->node_count; i++) {
    const struct pg_counts *counts = &result->counts[i];
    lua_createtable(L, 2 * counts->count, 0);
    for (int k = 0; k < counts->count; k++) {
      lua_pushstring(L, counts->list[k].name);
      lua_rawseti(L, -2, 2 * k + 1);
      lua_pushinteger(L, (lua_Integer)counts->list[k].n);
      lua_rawseti(L, -2, 2 * k + 2);
    }
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "counts");
}

/* The table that lua/perigee/cli/report.lua reads. */
static void push_result(struct pg_bind_script *script,
                        const struct pg_run_result *result)
{
  lua_State *L = script->L;
  lua_createtable(L, 0, 12);
  set_integer(L, "rows_in", result->rows_in);
  set_integer(L, "rows_out", result->rows_out);
  set_integer(L, "bytes_in", result->bytes_in);
  set_integer(L, "rejects", result->rejects);
  lua_pushnumber(L, result->seconds);
  lua_setfield(L, -2, "seconds");
  lua_pushboolean(L, result->interrupted);
  lua_setfield(L, -2, "interrupted");
  lua_createtable(L, result->sample_count, 0);
  for (int i = 0; i < result->sample_count; i++) {
    push_sample(L, &result->samples[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "reject_samples");
  set_names(L, "absent", &result->absent);
  set_names(L, "present", &result->present);
  set_counts(L, result);
  pg_bind_script_push_missed(script);
  lua_setfield(L, -2, "missed");
}

static const char *kind_of(const struct job *job, enum pg_status status)
{
  return job->script.differed    ? "config"
         : status == PG_REFUSED  ? "refused"
         : status == PG_CANCELED ? "interrupted"
                                 : "failed";
}

/* ---------------------------------------------------------------------- run */

/* Signals and the handlers of a run belong to the process. */
static atomic_bool running;

int pg_bind_run(lua_State *L)
{
  struct pg_error err = {.text = "failed"};
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  struct pg_run_options options = read_options(L);
  lua_getfield(L, 2, "again"); /* the table keeps it */
  const char *again = lua_tostring(L, -1);
  lua_pop(L, 1);
  struct job *job = pg_box_new(L, sizeof *job, fini_job);
  pg_bind_graph_read(L, 1, &job->graph);
  lua_getfield(L, 1, "nodes");
  int nodes = lua_gettop(L);
  pg_bind_script_push(L, &job->graph, nodes);
  pg_bind_script_init(&job->script, L, &job->graph, nodes);
  job->script.again = again;
  job->script.table.worker = again ? pg_bind_worker : NULL;
  struct pg_graph graph = {.nodes = job->graph.nodes,
                           .count = job->graph.count,
                           .script = &job->script.table};
  if (atomic_exchange(&running, true)) {
    return luaL_error(L, "a pipeline cannot run within another");
  }
  enum pg_status status = pg_run(&graph, &options, &job->result, &err);
  atomic_store(&running, false);
  if (status != PG_OK) {
    luaL_pushfail(L);
    lua_pushstring(L, err.text);
    lua_pushstring(L, kind_of(job, status));
  }
  push_result(&job->script, &job->result);
  pg_box_close(L, 3);
  return status == PG_OK ? 1 : 4;
}
