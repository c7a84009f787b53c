/* instance_own.h - the inside of an instance, for the files that call its
 * hooks: instance.c (life), instance_codec.c, instance_kernel.c and
 * instance_port.c (sources and sinks). */
#ifndef PG_PLUGIN_INSTANCE_OWN_H
#define PG_PLUGIN_INSTANCE_OWN_H
#include "plugin/hook_types.h"
#include "plugin/instance.h"
#include "plugin/out.h"

/*   instance --> context, whose address the plugin may keep
 *            --> params, state: blocks with the layout of the plugin
 *            --> out: what the last call made */
struct pg_instance {
  struct pg_context context;
  const struct pg_plugin_item *item; /* borrowed from the plugin */
  void *params, *state;              /* owned */
  struct pg_arena texts;             /* of params */
  struct pg_arena views; /* of the batch that is shown to the plugin */
  struct peri_out out;
  struct peri_out picked; /* in place of `out` while PICK is called */
  struct pg_schema *added; /* owned: input and outputs of a PERI_ADDS kernel */
  char what[120];          /* "decoder 'json'" */
  bool open;
  bool ended; /* FLUSH or FINISH has been called */
  bool dead;  /* it broke a promise */
};

/* Before a call of `hook`: forgets the call before.  Fails: PG_BAD_INPUT (the
 * instance is dead, or has no such hook) */
enum pg_status pg_instance_begin(struct pg_instance *instance, uint32_t hook,
                                 struct pg_error *err);

/* After it: what its status means; PERI_EBUG ends the instance. */
enum pg_status pg_instance_check(struct pg_instance *instance,
                                 peri_status status, struct pg_error *err);

/* Records that the plugin broke a promise; the instance is dead. */
enum pg_status pg_instance_break(struct pg_instance *instance,
                                 struct pg_error *err, const char *format, ...)
  PG_PRINTF(3, 4);

/* What the call made: checks, then out's batch; see pg_out_take(). */
enum pg_status pg_instance_take(struct pg_instance *instance,
                                struct pg_batch **batch, struct pg_error *err);

/* The whole batch, in instance->views, until the next call. */
enum pg_status pg_instance_view(struct pg_instance *instance,
                                const struct pg_batch *batch, peri_batch *view,
                                struct pg_error *err);

enum pg_status pg_instance_no_memory(const struct pg_instance *instance,
                                     struct pg_error *err);

#endif
