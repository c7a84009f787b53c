/* instance.h - one instance of a stage or codec of a plugin: its parameters,
 * its state, and its hooks, called through their true types.
 *
 * Calls of one instance never overlap.  A status that a hook gives comes back
 * as pg_context_status() says, the message beginning with the item: "decoder
 * 'json': ...".
 *
 * What a hook makes is checked after every call: rows, columns, views, picks,
 * places and statuses.  A broken promise is PG_BAD_INPUT ("decoder 'json' broke
 * a promise: ..."), nothing of that call is used, and the instance answers the
 * same to every further call.  FLUSH and FINISH are called at most once. */
#ifndef PG_PLUGIN_INSTANCE_H
#define PG_PLUGIN_INSTANCE_H
#include "data/batch.h"
#include "plugin/context.h"
#include "plugin/value.h"

struct pg_instance;

/* Makes an instance and calls OPEN.
 *
 * params  a map, or NULL: all defaults
 * stop    see pg_context_init()
 * Fails: PG_BAD_INPUT (parameters), what OPEN says, PG_NO_MEMORY
 */
enum pg_status pg_instance_new(const struct pg_plugin *plugin,
                               const struct pg_plugin_item *item,
                               const struct pg_value *params,
                               const int32_t *stop,
                               struct pg_instance **instance,
                               struct pg_error *err);

/* Calls CLOSE; NULL is fine. */
void pg_instance_free(struct pg_instance *instance);
/* The same; what the instance counted is added to `counts`. */
void pg_instance_free_into(struct pg_instance *instance,
                           struct pg_counts *counts);

const struct pg_plugin_item *pg_instance_item(const struct pg_instance *);

/* The columns that SCHEMA names for these parameters, without an instance.
 * [out] schema  NULL: the item has no SCHEMA, or says nothing */
enum pg_status pg_instance_schema(const struct pg_plugin *plugin,
                                  const struct pg_plugin_item *item,
                                  const struct pg_value *params,
                                  struct pg_schema **schema,
                                  struct pg_error *err);

/* ---------------------------------------------------------------- decoders */

/* A malformed record; `why` is borrowed until the next call of the instance. */
struct pg_reject {
  size_t offset, len; /* in the chunk */
  peri_str why;
};

/* [out] whole  bytes of whole records, 0 to chunk->len.  A decoder without
 * SPLIT cuts after the last newline.  With PERI_CHUNK_LAST: all of them. */
enum pg_status pg_instance_split(struct pg_instance *instance,
                                 const peri_chunk *chunk, size_t *whole,
                                 struct pg_error *err);

/* Decodes whole records.  `block` holds chunk->bytes; the batch takes a
 * reference when it needs one.  PG_UNSUPPORTED, without a text: chunk->keep
 * cannot be met.
 * [out] batch  without rows: only columns are known; NULL: not even those
 * [out] rejects, reject_count  borrowed until the next call; PICK is none */
enum pg_status pg_instance_decode(struct pg_instance *instance,
                                  const peri_chunk *chunk,
                                  struct pg_block *block,
                                  struct pg_batch **batch,
                                  const struct pg_reject **rejects,
                                  size_t *reject_count, struct pg_error *err);

/* Has the decoder PICK, and may any instance of it decode any chunk? */
bool pg_instance_picks(const struct pg_plugin_item *item);

/* Of the rows of the batch that pg_instance_decode() just made of the same
 * bytes, these `n`, ascending, with the columns that `chunk` now asks for.
 * Else as above. */
enum pg_status pg_instance_pick(struct pg_instance *instance,
                                const peri_chunk *chunk, struct pg_block *block,
                                const uint32_t *rows, int64_t n,
                                struct pg_batch **batch,
                                const struct pg_reject **rejects,
                                size_t *reject_count, struct pg_error *err);

/* ---------------------------------------------------------------- encoders */

/* Bytes that grow; the zeroed struct is empty.  `block`, at least
 * PG_BLOCK_PADDING more readable; borrowed by no one else. */
struct pg_text {
  struct pg_block *block; /* owned */
  size_t len;
};
void pg_text_fini(struct pg_text *text);
/* False: no memory. */
bool pg_text_append(struct pg_text *text, const char *bytes, size_t n);

/* Appends to `text`. */
enum pg_status pg_instance_encode(struct pg_instance *instance,
                                  const struct pg_batch *batch,
                                  struct pg_text *text, struct pg_error *err);
/* What comes after the last batch; nothing for an encoder without FINISH. */
enum pg_status pg_instance_finish(struct pg_instance *instance,
                                  struct pg_text *text, struct pg_error *err);

/* ----------------------------------------------------------------- kernels */

/* Takes a batch that a stage made. [take] batch.  Not PG_OK: stops the call,
 * which answers the same. */
typedef enum pg_status pg_emit_fn(void *to, struct pg_batch *batch,
                                  struct pg_error *err);

/* `columns`: for each declared input the index of the column, whose type is one
 * that the input takes; -1: absent, the kernel sees nulls of the first type.
 * Ignored when the kernel declares no inputs.
 * Answers PG_DONE when the kernel wants no more (PERI_END). */
enum pg_status pg_instance_process(struct pg_instance *instance,
                                   struct pg_batch *batch, const int *columns,
                                   pg_emit_fn *emit, void *to,
                                   struct pg_error *err);
enum pg_status pg_instance_flush(struct pg_instance *instance, pg_emit_fn *emit,
                                 void *to, struct pg_error *err);

/* ----------------------------------------------------------- sources, sinks */

/* `poll->room`, `room_len` are the caller's for a source of bytes; `poll->name`
 * is borrowed until the next call.
 * [out] status  PERI_OK, PERI_END, PERI_AGAIN
 * [out] batch   sources of batches: NULL when there are no rows */
enum pg_status pg_instance_poll(struct pg_instance *instance, peri_poll *poll,
                                struct pg_batch **batch, peri_status *status,
                                struct pg_error *err);
/* A batch to a sink of batches; bytes to a sink of bytes.  PG_DONE: the reader
 * has gone. */
enum pg_status pg_instance_write(struct pg_instance *instance,
                                 const struct pg_batch *batch,
                                 struct pg_error *err);
enum pg_status pg_instance_put(struct pg_instance *instance, const char *bytes,
                               size_t n, struct pg_error *err);
/* Sinks: FLUSH, once, before free; without one: PG_OK. */
enum pg_status pg_instance_end(struct pg_instance *instance,
                               struct pg_error *err);

/* -------------------------------------------------------------- aggregates
 * States lie in an array of the caller: item->state_bytes each, aligned to
 * item->state_align, zeroed at first.  They may be moved as bytes. */

/* Any overload of the aggregate that shares the state. `groups` NULL: all rows
 * go to the first state. */
enum pg_status pg_aggregate_step(struct pg_context *context,
                                 const struct pg_plugin_item *item,
                                 void *states, const uint32_t *groups,
                                 int64_t n, const peri_col *args,
                                 struct pg_error *err);
/* `from` may be emptied, and is only good for a drop then. */
enum pg_status pg_aggregate_join(struct pg_context *context,
                                 const struct pg_plugin_item *item, void *into,
                                 void *from, struct pg_error *err);
/* [out] slot, valid  the result, of the item's type without opt_; texts are
 *                    borrowed until the next pg_context_begin() */
enum pg_status pg_aggregate_final(struct pg_context *context,
                                  const struct pg_plugin_item *item,
                                  const void *state, peri_slot *slot,
                                  bool *valid, struct pg_error *err);
void pg_aggregate_drop(struct pg_context *context,
                       const struct pg_plugin_item *item, void *state);

#endif
