/* kernel.c - kernels of plugins, batch by batch, or once with all rows. */
#include "flow/bind.h"
#include "flow/concat.h"
#include "flow/flow.h"
#include "flow/no_column.h"

#include <stdlib.h>

/* A kernel of all rows keeps them in batches of about so many, without the
 * chunks that they came in, and gives what it made in such batches. */
#define PACK_ROWS 65536
#define FOLD_ROWS 16384 /* of one that folds: what it made of about so many */
#define LOOSE_MAX 256
#define LOOSE_BYTES ((size_t)16 << 20) /* where few rows of each chunk come */
#define GIVEN_ROWS 16384

struct kernel {
  struct pg_instance *instance; /* owned */
  struct pg_bind bind;
  bool passed_on; /* a stage behind this one answered, and told why */
  /* of kernels of all rows */
  struct pg_batch **batches; /* owned; the first `packed` of them are packs */
  int count, count_max, packed;
  int64_t loose_rows; /* in the others */
  size_t loose_bytes; /* that those hold */
  /* of those that fold */
  bool named;   /* a batch came with all columns that are read by name */
  int64_t made; /* rows that the last call gave */
};

/* ------------------------------------------------------------------ emitting
 */

static enum pg_status emit(void *to, struct pg_batch *batch,
                           struct pg_error *err)
{
  struct pg_stage *stage = to;
  struct kernel *kernel = stage->state;
  batch = pg_bind_strip(&kernel->bind, batch);
  enum pg_status status =
    batch ? pg_stage_emit(stage, batch, err) : pg_stage_no_memory(stage, err);
  kernel->passed_on |= status != PG_OK;
  return status;
}

static enum pg_status place(struct pg_stage *stage, enum pg_status status,
                            struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  return kernel->passed_on ? status : pg_stage_place(stage, status, err);
}

/* The first of the columns that the plan says it reads by name which the batch
 * lacks; -1: it has them all. */
static int find_lacking(const struct pg_stage *stage,
                        const struct pg_batch *batch)
{
  const struct pg_node *node = stage->node;
  for (int i = 0; i < node->name_count; i++) {
    if (pg_schema_find(batch->schema, node->names[i]) < 0) {
      return i;
    }
  }
  return -1;
}

static enum pg_status process(struct pg_stage *stage, struct pg_batch *batch,
                              pg_emit_fn *give, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  int lacking = find_lacking(stage, batch);
  if (lacking >= 0) {
    enum pg_status status =
      pg_no_column(stage, batch->schema, stage->node->names[lacking], err);
    pg_batch_unref(batch);
    return status;
  }
  enum pg_status status = pg_bind_batch(&kernel->bind, stage, &batch, err);
  if (status != PG_OK) {
    return status;
  }
  kernel->passed_on = false;
  status = pg_instance_process(kernel->instance, batch, kernel->bind.columns,
                               give, stage, err);
  pg_batch_unref(batch);
  return place(stage, status, err);
}

/* -------------------------------------------------------------- batch by batch
 */

static enum pg_status take_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  return process(stage, batch, emit, err);
}

/* Without outputs of its own it gives rows of its input. */
static enum pg_status take_columns(struct pg_stage *stage,
                                   struct pg_batch *batch, struct pg_error *err)
{
  if (stage->node->item->decl->output_count == 0) {
    return pg_stage_tell(stage, batch, err);
  }
  pg_batch_unref(batch);
  return PG_OK;
}

static enum pg_status end_kernel(struct pg_stage *stage, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  kernel->passed_on = false;
  return place(stage, pg_instance_flush(kernel->instance, emit, stage, err),
               err);
}

/* --------------------------------------------------------------------- at once
 */

/* Makes one batch of those from number `from` on, which are given up. */
static enum pg_status join(struct pg_stage *stage, int from,
                           struct pg_batch **all, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  enum pg_status status =
    pg_concat(kernel->batches + from, kernel->count - from, all, err);
  for (int i = from; i < kernel->count; i++) {
    pg_batch_unref(kernel->batches[i]);
  }
  kernel->count = from;
  kernel->loose_rows = 0;
  kernel->loose_bytes = 0;
  return pg_stage_place(stage, status, err);
}

/* [take] batch */
static enum pg_status add(struct pg_stage *stage, struct pg_batch *batch,
                          struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  if (kernel->count == kernel->count_max) {
    int max = kernel->count_max ? kernel->count_max * 2 : LOOSE_MAX;
    struct pg_batch **batches =
      realloc(kernel->batches, (size_t)max * sizeof *batches);
    if (!batches) {
      pg_batch_unref(batch);
      return pg_stage_no_memory(stage, err);
    }
    kernel->batches = batches;
    kernel->count_max = max;
  }
  kernel->batches[kernel->count++] = batch;
  kernel->loose_rows += batch->rows;
  kernel->loose_bytes += pg_batch_held_bytes(batch);
  return PG_OK;
}

static enum pg_status pack(struct pg_stage *stage, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  struct pg_batch *all;
  enum pg_status status = join(stage, kernel->packed, &all, err);
  if (status == PG_OK) {
    kernel->batches[kernel->count++] = all;
    kernel->packed = kernel->count;
  }
  return status;
}

/* Adds a copy, so that the chunk behind the batch can go.  [take] batch */
static enum pg_status add_copy(struct pg_stage *stage, struct pg_batch *batch,
                               struct pg_error *err)
{
  struct pg_batch *copy;
  enum pg_status status = pg_concat(&batch, 1, &copy, err);
  pg_batch_unref(batch);
  return status == PG_OK ? add(stage, copy, err)
                         : pg_stage_place(stage, status, err);
}

static enum pg_status add_made(void *to, struct pg_batch *batch,
                               struct pg_error *err)
{
  struct pg_stage *stage = to;
  struct kernel *kernel = stage->state;
  kernel->made += batch->rows;
  batch = pg_bind_strip(&kernel->bind, batch);
  return batch ? add_copy(stage, batch, err) : pg_stage_no_memory(stage, err);
}

/* Adds what the kernel makes of the batch: all columns, with the types that
 * they have by now.  [take] batch */
static enum pg_status add_less(struct pg_stage *stage, struct pg_batch *batch,
                               struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  kernel->made = 0;
  return process(stage, batch, add_made, err);
}

/* Replaces all rows by what the kernel makes of them. */
static enum pg_status fold(struct pg_stage *stage, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  struct pg_batch *all;
  enum pg_status status = join(stage, 0, &all, err);
  kernel->packed = 0;
  return status == PG_OK ? add_less(stage, all, err) : status;
}

/* Folds a batch that is large beside what the kernel makes of it by itself:
 * then no rows are joined that go at once. */
static enum pg_status add_some(struct pg_stage *stage, struct pg_batch *batch,
                               struct pg_error *err)
{
  const struct kernel *kernel = stage->state;
  return batch->rows > 2 * kernel->made && find_lacking(stage, batch) < 0
           ? add_less(stage, batch, err)
           : add(stage, batch, err);
}

static enum pg_status keep_batch(struct pg_stage *stage, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  kernel->named |= stage->node->folds && find_lacking(stage, batch) < 0;
  bool folds = kernel->named;
  enum pg_status status =
    folds ? add_some(stage, batch, err) : add(stage, batch, err);
  bool enough = kernel->loose_rows >= (folds ? FOLD_ROWS : PACK_ROWS) ||
                kernel->loose_bytes >= LOOSE_BYTES ||
                kernel->count - kernel->packed >= LOOSE_MAX;
  if (status != PG_OK || !enough) {
    return status;
  }
  return folds ? fold(stage, err) : pack(stage, err);
}

static enum pg_status emit_parts(void *to, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct pg_stage *stage = to;
  int64_t given = stage->flow->options->batch_rows;
  given = given > 0 && given < GIVEN_ROWS ? given : GIVEN_ROWS;
  enum pg_status status = PG_OK;
  for (int64_t at = 0; at < batch->rows && status == PG_OK; at += given) {
    int64_t left = batch->rows - at;
    struct pg_batch *part =
      pg_batch_slice(batch, at, left < given ? left : given);
    status = part ? emit(stage, part, err) : pg_stage_no_memory(stage, err);
  }
  pg_batch_unref(batch);
  return status;
}

static enum pg_status end_whole(struct pg_stage *stage, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  enum pg_status status = PG_OK;
  if (kernel->count > 0) {
    struct pg_batch *all;
    status = join(stage, 0, &all, err);
    if (status == PG_OK) {
      status = process(stage, all, emit_parts, err);
    }
  }
  return status == PG_OK ? end_kernel(stage, err) : status;
}

/* ------------------------------------------------------------- open and close
 */

static enum pg_status open_kernel(struct pg_stage *stage, struct pg_error *err)
{
  struct kernel *kernel = stage->state;
  const struct pg_node *node = stage->node;
  enum pg_status status =
    pg_instance_new(node->plugin, node->item, &node->params, &stage->flow->stop,
                    &kernel->instance, err);
  return pg_stage_place(stage, status, err);
}

static void drop_batches(struct kernel *kernel)
{
  for (int i = 0; i < kernel->count; i++) {
    pg_batch_unref(kernel->batches[i]);
  }
  free(kernel->batches);
}

static void close_kernel(struct pg_stage *stage)
{
  struct kernel *kernel = stage->state;
  drop_batches(kernel);
  pg_bind_fini(&kernel->bind);
  pg_instance_free_into(kernel->instance, &stage->counts);
}

const struct pg_stage_ops pg_kernel_ops = {.state_bytes = sizeof(struct kernel),
                                           .open = open_kernel,
                                           .batch = take_batch,
                                           .columns = take_columns,
                                           .end = end_kernel,
                                           .close = close_kernel};
const struct pg_stage_ops pg_whole_ops = {.state_bytes = sizeof(struct kernel),
                                          .open = open_kernel,
                                          .batch = keep_batch,
                                          .columns = take_columns,
                                          .end = end_whole,
                                          .close = close_kernel};
