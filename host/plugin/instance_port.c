/* instance_port.c - sources and sinks. */
#include "plugin/instance_own.h"

static enum pg_status check_poll(struct pg_instance *instance,
                                 const peri_poll *poll, struct pg_error *err)
{
  if (poll->len > poll->room_len) {
    return pg_instance_break(instance, err,
                             "it filled %zu bytes of a room of %zu", poll->len,
                             poll->room_len);
  }
  if (poll->name.len > 0 && !poll->name.ptr) {
    return pg_instance_break(instance, err, "its stream has no name");
  }
  return PG_OK;
}

enum pg_status pg_instance_poll(struct pg_instance *instance, peri_poll *poll,
                                struct pg_batch **batch, peri_status *status,
                                struct pg_error *err)
{
  *batch = NULL;
  enum pg_status result = pg_instance_begin(instance, PERI_H_POLL, err);
  if (result != PG_OK) {
    return result;
  }
  bool bytes = instance->item->flags & PERI_BYTES;
  if (!pg_out_begin(&instance->out, bytes ? 0 : PG_OUT_COLUMNS, NULL, NULL,
                    NULL, 0)) {
    return pg_instance_no_memory(instance, err);
  }
  poll->size = sizeof *poll;
  poll->flags = 0;
  poll->len = 0;
  poll->name = (peri_str){NULL, 0};
  poll->wait_ns = 0;
  poll->in_file = 0;
  pg_poll_fn *hook = (pg_poll_fn *)instance->item->hooks[PERI_H_POLL];
  *status = hook(&instance->context.cx, instance->params, instance->state,
                 &instance->out, poll);
  result = pg_instance_check(instance, *status, err);
  if (result == PG_OK) {
    result = bytes ? pg_out_check(&instance->out, instance->what, err)
                   : pg_instance_take(instance, batch, err);
  }
  if (result == PG_OK) {
    result = check_poll(instance, poll, err);
  }
  if (result != PG_OK) {
    pg_batch_unref(*batch);
    *batch = NULL;
  }
  pg_out_drop(&instance->out);
  return result;
}

/* A sink says that it took something, or why not. */
static enum pg_status check_sink(struct pg_instance *instance,
                                 peri_status answer, struct pg_error *err)
{
  enum pg_status status = pg_instance_check(instance, answer, err);
  return status == PG_OK && answer != PERI_OK
           ? pg_instance_break(instance, err, "it answered %d", answer)
           : status;
}

enum pg_status pg_instance_write(struct pg_instance *instance,
                                 const struct pg_batch *batch,
                                 struct pg_error *err)
{
  peri_batch view;
  enum pg_status status = pg_instance_begin(instance, PERI_H_WRITE, err);
  if (status == PG_OK) {
    status = pg_instance_view(instance, batch, &view, err);
  }
  if (status != PG_OK) {
    return status;
  }
  pg_write_fn *write = (pg_write_fn *)instance->item->hooks[PERI_H_WRITE];
  return check_sink(
    instance,
    write(&instance->context.cx, instance->params, instance->state, &view),
    err);
}

enum pg_status pg_instance_put(struct pg_instance *instance, const char *bytes,
                               size_t n, struct pg_error *err)
{
  enum pg_status status = pg_instance_begin(instance, PERI_H_PUT, err);
  if (status != PG_OK) {
    return status;
  }
  pg_put_fn *put = (pg_put_fn *)instance->item->hooks[PERI_H_PUT];
  return check_sink(
    instance,
    put(&instance->context.cx, instance->params, instance->state, bytes, n),
    err);
}

enum pg_status pg_instance_end(struct pg_instance *instance,
                               struct pg_error *err)
{
  pg_flush_fn *flush = (pg_flush_fn *)instance->item->hooks[PERI_H_FLUSH];
  if (!flush || instance->ended) {
    return PG_OK;
  }
  enum pg_status status = pg_instance_begin(instance, PERI_H_FLUSH, err);
  if (status != PG_OK) {
    return status;
  }
  instance->ended = true;
  if (!pg_out_begin(&instance->out, 0, NULL, NULL, NULL, 0)) {
    return pg_instance_no_memory(instance, err);
  }
  status = check_sink(instance,
                      flush(&instance->context.cx, instance->params,
                            instance->state, &instance->out),
                      err);
  return status == PG_OK ? pg_out_check(&instance->out, instance->what, err)
                         : status;
}
