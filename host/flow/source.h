/* source.h - sources, native and in Lua. */
#ifndef PG_FLOW_SOURCE_H
#define PG_FLOW_SOURCE_H
#include "flow/stage.h"

/* Asks a source once and passes on what it gives.
 *
 * [out]    wait_ns  not 0: nothing came, ask again after at most so long
 * Answers: PG_DONE when it has ended or nobody wants more
 */
enum pg_status pg_source_poll(struct pg_stage *stage, uint64_t *wait_ns,
                              struct pg_error *err);

#endif
