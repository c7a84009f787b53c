/* states.c - states of aggregates in one array. */
#include "flow/states.h"

#include "flow/flow.h"

#include <stdlib.h>
#include <string.h>

static size_t align_of(const struct pg_plugin_item *item)
{
  return item->state_align > 64 ? item->state_align : 64;
}

static enum pg_status begin(struct pg_states *states,
                            const struct pg_stage *stage,
                            const struct pg_aggregate_use *use,
                            struct pg_error *err)
{
  states->context = malloc(sizeof *states->context);
  if (!states->context) {
    return pg_stage_no_memory(stage, err);
  }
  pg_context_init(states->context, use->plugin, &stage->flow->stop);
  states->item = use->item;
  return PG_OK;
}

enum pg_status pg_states_use(struct pg_states *states,
                             const struct pg_stage *stage,
                             const struct pg_aggregate_use *use,
                             struct pg_error *err)
{
  const struct pg_plugin_item *had = states->item, *item = use->item;
  if (!had) {
    return begin(states, stage, use, err);
  }
  if (states->context->plugin != use->plugin ||
      had->state_bytes != item->state_bytes ||
      had->state_align != item->state_align) {
    return pg_stage_fail(stage, PG_BAD_INPUT, err,
                         "aggregate '%s': two overloads do not share a state",
                         item->decl->name);
  }
  states->item = item;
  return PG_OK;
}

bool pg_states_grow(struct pg_states *states, size_t count)
{
  size_t size = states->item->state_bytes;
  if (count <= states->count) {
    return true;
  }
  if (count > states->count_max) {
    size_t max = states->count_max * 2;
    max = count > max ? count : max;
    size_t align = align_of(states->item);
    size_t room = (max * size + align) / align * align;
    char *bytes = aligned_alloc(align, room);
    if (!bytes) {
      return false;
    }
    if (states->count > 0) {
      memcpy(bytes, states->bytes, states->count * size);
    }
    free(states->bytes);
    states->bytes = bytes;
    states->count_max = max;
  }
  memset(states->bytes + states->count * size, 0,
         (count - states->count) * size);
  states->count = count;
  return true;
}

void *pg_states_at(const struct pg_states *states, size_t index)
{
  return states->bytes + index * states->item->state_bytes;
}

void pg_states_fini(struct pg_states *states)
{
  if (!states->item) {
    return;
  }
  for (size_t i = 0; states->item->hooks[PERI_H_DROP] && i < states->count;
       i++) {
    pg_aggregate_drop(states->context, states->item, pg_states_at(states, i));
  }
  pg_context_fini(states->context);
  free(states->context);
  free(states->bytes);
  *states = (struct pg_states){0};
}
