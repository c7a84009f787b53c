/* worker.h - the functions of a config in the state of a worker.
 *
 * Lua states share nothing, so the config script runs again in each; what it
 * makes must be the same plan. */
#ifndef PG_BIND_WORKER_H
#define PG_BIND_WORKER_H
#include "bind/script.h"

struct pg_bind_worker {
  struct pg_bind_worker *next;
  lua_State *L; /* owned */
  struct pg_bind_script script;
};

/* pg_script.worker, for a script that can run again */
enum pg_status pg_bind_worker(void *self, const struct pg_script **worker,
                              struct pg_error *err);

/* Closes their states; no thread uses them any longer. */
void pg_bind_workers_free(struct pg_bind_worker *workers);

#endif
