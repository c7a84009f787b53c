/* process.h - each and batches: functions of a config between two stages. */
#ifndef PG_BIND_PROCESS_H
#define PG_BIND_PROCESS_H
#include "bind/script.h"

/* pg_script.process */
enum pg_status pg_bind_process(void *self, int node, struct pg_batch *in,
                               struct pg_batch **out,
                               void (*reject)(void *to, int64_t row,
                                              const char *why),
                               void *to, struct pg_error *err);

/* pg_script.learnt, pg_script.learn */
enum pg_status pg_bind_learnt(void *self, int node, struct pg_schema **schema,
                              struct pg_error *err);
enum pg_status pg_bind_learn(void *self, int node,
                             const struct pg_schema *schema,
                             struct pg_error *err);

/* What a function gave as rows: a batch, which is taken from Lua, or a list of
 * row tables.  Raises for anything else.
 * reader  stack index of the reader of rows
 * [out]   batch  of no rows: NULL */
void pg_bind_process_take(lua_State *L, int index, int reader,
                          struct pg_batch **batch);

#endif
