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

/* Grows the block by realloc(), which moves the pages of a large one instead of
 * its bytes: new pages cost more than all else here.  The first state lies
 * where the alignment says, which the block may come to have elsewhere. */
static bool grow_block(struct pg_states *states, size_t max)
{
  size_t size = states->item->state_bytes, align = align_of(states->item);
  size_t had = states->block ? (size_t)(states->bytes - states->block) : 0;
  if (max > (SIZE_MAX - align) / (size + (size == 0))) {
    return false;
  }
  char *block = realloc(states->block, max * size + align);
  if (!block) {
    return false;
  }
  size_t at = -(uintptr_t)block & (align - 1);
  if (states->count > 0 && at != had) {
    memmove(block + at, block + had, states->count * size);
  }
  states->block = block;
  states->bytes = block + at;
  states->count_max = max;
  return true;
}

bool pg_states_grow(struct pg_states *states, size_t count)
{
  size_t size = states->item->state_bytes;
  if (count <= states->count) {
    return true;
  }
  if (count > states->count_max) {
    size_t max = states->count_max * 2;
    if (!grow_block(states, count > max ? count : max)) {
      return false;
    }
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
  free(states->block);
  *states = (struct pg_states){0};
}
