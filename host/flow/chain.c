/* chain.c - which stages can run beside each other. */
#include "flow/apart.h"
#include "flow/encode.h"
#include "flow/parallel_own.h"

#include <stdlib.h>

/* Does the stage look at each batch by itself? */
static bool is_apart(const struct pg_stage *stage)
{
  const struct pg_plugin_item *item = stage->node->item;
  switch (stage->node->kind) {
  case PG_NODE_WHERE:
  case PG_NODE_DERIVE:
  case PG_NODE_SELECT:
  case PG_NODE_DROP:
  case PG_NODE_RENAME:
    return true;
  case PG_NODE_KERNEL:
    return item->flags & PERI_STATELESS && !(item->flags & PERI_WHOLE) &&
           !(item->hook_set & 1u << PERI_H_FLUSH);
  default:
    return pg_apart_is(stage);
  }
}

/* The stage behind, when nothing else feeds it. */
static struct pg_stage *next_of(const struct pg_stage *stage)
{
  struct pg_stage *next = stage->out_count == 1 ? stage->outs[0] : NULL;
  return next && next->inputs == 1 ? next : NULL;
}

/* Makes the chain from a decoder on; it may be empty.  False: no memory. */
static bool find_chain(struct chain *chain, struct pg_stage *decode)
{
  *chain =
    (struct chain){.decode = decode, .decodes = pg_decode_is_stateless(decode)};
  chain->stages =
    calloc((size_t)decode->flow->graph->count, sizeof *chain->stages);
  if (!chain->stages) {
    return false;
  }
  struct pg_stage *next = next_of(decode);
  for (; next && is_apart(next); next = next_of(next)) {
    chain->stages[chain->count++] = next;
  }
  if (next && next->node->kind == PG_NODE_GROUP) {
    chain->end = CHAIN_GROUP;
    chain->stages[chain->count++] = next;
  } else if (next && pg_encode_is_stateless(next)) {
    chain->end = CHAIN_TEXT;
    chain->stages[chain->count++] = next;
  }
  return true;
}

bool pg_chains_find(struct pg_parallel *parallel)
{
  struct pg_flow *flow = parallel->flow;
  parallel->chains =
    calloc((size_t)flow->graph->count + 1, sizeof *parallel->chains);
  if (!parallel->chains) {
    return false;
  }
  for (int i = 0; i < flow->graph->count; i++) {
    struct chain *chain = &parallel->chains[parallel->chain_count];
    if (flow->stages[i]->ops != &pg_decode_ops) {
      continue;
    }
    if (!find_chain(chain, flow->stages[i])) {
      return false;
    }
    if (chain->decodes || chain->count > 0) {
      parallel->chain_count++;
    } else {
      free(chain->stages);
      chain->stages = NULL;
    }
  }
  return true;
}

void pg_chains_free(struct pg_parallel *parallel)
{
  for (int i = 0; i < parallel->chain_count; i++) {
    free(parallel->chains[i].stages);
  }
  free(parallel->chains);
}
