/* parallel.c - one thread does it all, so far. */
#include "flow/parallel.h"
#include "flow/flow.h"
enum pg_status pg_parallel_new(struct pg_flow *flow,
                               struct pg_parallel **parallel,
                               struct pg_error *err)
{
  (void)flow;
  (void)err;
  *parallel = NULL;
  return PG_OK;
}
void pg_parallel_free(struct pg_parallel *parallel)
{
  (void)parallel;
}
bool pg_parallel_decodes(const struct pg_stage *stage)
{
  (void)stage;
  return false;
}
enum pg_status pg_parallel_submit(struct pg_stage *stage,
                                  struct pg_piece *piece, struct pg_error *err)
{
  (void)stage;
  (void)err;
  pg_piece_fini(piece);
  return PG_OK;
}
enum pg_status pg_parallel_deliver(struct pg_flow *flow, struct pg_error *err)
{
  (void)flow;
  (void)err;
  return PG_OK;
}
enum pg_status pg_parallel_wait(struct pg_flow *flow, uint64_t ns,
                                struct pg_error *err)
{
  (void)flow;
  (void)ns;
  (void)err;
  return PG_OK;
}
enum pg_status pg_parallel_drain(struct pg_flow *flow, struct pg_error *err)
{
  (void)flow;
  (void)err;
  return PG_OK;
}
enum pg_status pg_parallel_join(struct pg_stage *group, struct pg_error *err)
{
  (void)group;
  (void)err;
  return PG_OK;
}
