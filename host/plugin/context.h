/* context.h - the call context that a plugin gets: peri_cx with what the host
 * keeps behind it. */
#ifndef PG_PLUGIN_CONTEXT_H
#define PG_PLUGIN_CONTEXT_H
#include "base/arena.h"
#include "plugin/counts.h"
#include "plugin/plugin.h"

#include <stdatomic.h>

/* One for each instance, and one for each plugin whose functions a thread
 * calls. The address must not change while plugins know it. */
struct pg_context {
  peri_cx cx; /* first */
  const struct pg_plugin *plugin;
  struct pg_arena arena;    /* behind cx.arena; empty between calls */
  atomic_size_t live_bytes; /* of realloc() */
  char message[500];        /* of the last fail() */
  struct pg_counts counts;
};

/* `stop`: the flag that cancels; NULL: never.  [borrow] until fini */
void pg_context_init(struct pg_context *context, const struct pg_plugin *plugin,
                     const int32_t *stop);
void pg_context_fini(struct pg_context *context);

/* Before a call of the plugin: forgets the last failure and empties the arena,
 * so what the call before returned is gone. */
void pg_context_begin(struct pg_context *context);

/* After a call: what its status (or cx.failed, when the call has none) means,
 * with the text that the plugin gave.  `what` names it: "decoder 'json'".
 *
 * Answers: PG_OK for PERI_OK, PERI_END and PERI_AGAIN; PG_DONE (EPIPE),
 *          PG_CANCELED, PG_NO_MEMORY, PG_IO (EIO, ERETRY), PG_BAD_INPUT (the
 * rest)
 */
enum pg_status pg_context_status(struct pg_context *context, peri_status status,
                                 const char *what, struct pg_error *err);

/* The services of this host. */
const peri_services *pg_services(void);

#endif
