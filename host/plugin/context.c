/* context.c - the life of a call context, and what statuses mean. */
#include "plugin/context.h"

#include <stdio.h>
#include <string.h>

static const int32_t never_stop;

static void lend_arena(struct pg_context *context)
{
  context->cx.arena = context->arena.at;
  context->cx.arena_end = context->arena.end;
}

void pg_context_init(struct pg_context *context, const struct pg_plugin *plugin,
                     const int32_t *stop)
{
  *context = (struct pg_context){.cx = {.size = sizeof context->cx,
                                        .sv = pg_services(),
                                        .stop = stop ? stop : &never_stop},
                                 .plugin = plugin};
  atomic_init(&context->live_bytes, 0);
}

void pg_context_fini(struct pg_context *context)
{
  pg_arena_fini(&context->arena);
  pg_counts_fini(&context->counts);
  lend_arena(context);
}

void pg_context_begin(struct pg_context *context)
{
  pg_arena_reset(&context->arena);
  lend_arena(context);
  context->cx.failed = PERI_OK;
  context->message[0] = '\0';
}

static enum pg_status meaning(peri_status status, const char **words)
{
  switch (status) {
  case PERI_EINVAL:
    *words = "a parameter or a call is wrong";
    return PG_BAD_INPUT;
  case PERI_EDATA:
    *words = "the data is bad";
    return PG_BAD_INPUT;
  case PERI_ERETRY:
    *words = "it did not work now, but may later";
    return PG_IO;
  case PERI_EIO:
    *words = "the outside world failed";
    return PG_IO;
  case PERI_ENOMEM:
    *words = "no memory";
    return PG_NO_MEMORY;
  case PERI_ECANCEL:
    *words = "canceled";
    return PG_CANCELED;
  case PERI_EPIPE:
    *words = "the reader has gone";
    return PG_DONE;
  case PERI_EBUG:
    *words = "the plugin found a bug in itself";
    return PG_BAD_INPUT;
  default:
    *words = NULL;
    return PG_BAD_INPUT;
  }
}

enum pg_status pg_context_status(struct pg_context *context, peri_status status,
                                 const char *what, struct pg_error *err)
{
  if (status == PERI_OK || status == PERI_END || status == PERI_AGAIN) {
    return PG_OK;
  }
  const char *words;
  enum pg_status result = meaning(status, &words);
  if (context->message[0] != '\0') {
    return pg_fail(err, result, "%s: %s", what, context->message);
  }
  if (!words) {
    return pg_fail(err, result, "%s: it answered status %d, which nobody knows",
                   what, status);
  }
  return pg_fail(err, result, "%s: %s", what, words);
}
