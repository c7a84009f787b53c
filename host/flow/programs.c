/* programs.c - a small cache of compiled programs. */
#include "flow/programs.h"

#include "flow/flow.h"

#include <stdlib.h>

static void drop(struct pg_programs *cache, int at, int count)
{
  pg_schema_unref(cache->kept[at].schema);
  for (int i = 0; cache->kept[at].programs && i < count; i++) {
    pg_program_unref(cache->kept[at].programs[i]);
  }
  free(cache->kept[at].programs);
  cache->kept[at].schema = NULL;
  cache->kept[at].programs = NULL;
}

void pg_programs_fini(struct pg_programs *cache, int count)
{
  for (int i = 0; i < PG_PROGRAMS_KEPT; i++) {
    drop(cache, i, count);
  }
}

/* The place of the schema, or -1.  Schemas that are equal but not the same come
 * from decoders that work side by side. */
static int find(struct pg_programs *cache, struct pg_schema *schema)
{
  for (int i = 0; i < PG_PROGRAMS_KEPT; i++) {
    if (cache->kept[i].schema == schema) {
      return i;
    }
  }
  for (int i = 0; i < PG_PROGRAMS_KEPT; i++) {
    struct pg_schema *kept = cache->kept[i].schema;
    if (kept && pg_schema_equal(kept, schema->fields, schema->count)) {
      cache->kept[i].schema = pg_schema_ref(schema);
      pg_schema_unref(kept);
      return i;
    }
  }
  return -1;
}

enum pg_status pg_programs_get(struct pg_programs *cache,
                               struct pg_stage *stage, int count,
                               struct pg_schema *schema,
                               struct pg_program ***programs,
                               struct pg_error *err)
{
  int at = cache->kept[cache->last].schema == schema ? cache->last
                                                     : find(cache, schema);
  if (at < 0) {
    at = cache->next;
    drop(cache, at, count);
    struct pg_program **list = calloc((size_t)count + 1, sizeof *list);
    if (!list) {
      return pg_stage_no_memory(stage, err);
    }
    const struct pg_script *script = stage->flow->graph->script;
    pg_flow_lock_script(stage->flow);
    enum pg_status status =
      script->programs(script->self, stage->index, schema, list, err);
    pg_flow_unlock_script(stage->flow);
    if (status != PG_OK) {
      free(list);
      return status;
    }
    cache->kept[at].schema = pg_schema_ref(schema);
    cache->kept[at].programs = list;
    cache->next = (at + 1) % PG_PROGRAMS_KEPT;
  }
  cache->last = at;
  *programs = cache->kept[at].programs;
  return PG_OK;
}

bool pg_programs_leave_to_lua(struct pg_program *const *programs, int count,
                              const struct pg_batch *batch)
{
  for (int i = 0; i < count; i++) {
    if (!programs[i] || pg_program_meets_null(programs[i], batch)) {
      return true;
    }
  }
  return false;
}
