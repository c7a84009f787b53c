/* scratch.c - what a thread needs to run programs.
 *
 * Programs run one after another, so all share the work memory: it stays in the
 * cache, and does not grow with the number of programs. */
#include "flow/program_parts.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 256 /* programs and schemas that stay bound */

struct pg_scratch {
  const int32_t *stop; /* borrowed, or NULL */
  char *work;          /* owned; 64-byte aligned */
  size_t work_size;
  struct pg_context **contexts; /* owned; their addresses stay */
  int context_count;
  struct pg_frame *frames; /* owned; used most recently first */
  int frame_count;
};

struct pg_scratch *pg_scratch_new(const int32_t *stop)
{
  struct pg_scratch *scratch = calloc(1, sizeof *scratch);
  if (scratch) {
    scratch->stop = stop;
  }
  return scratch;
}

void pg_scratch_free(struct pg_scratch *scratch)
{
  if (!scratch) {
    return;
  }
  while (scratch->frames) {
    struct pg_frame *frame = scratch->frames;
    scratch->frames = frame->next;
    pg_frame_free(frame);
  }
  for (int i = 0; i < scratch->context_count; i++) {
    pg_context_fini(scratch->contexts[i]);
    free(scratch->contexts[i]);
  }
  free(scratch->contexts);
  free(scratch->work);
  free(scratch);
}

bool pg_scratch_stopped(const struct pg_scratch *scratch)
{
  return scratch->stop && __atomic_load_n(scratch->stop, __ATOMIC_RELAXED);
}

struct pg_context *pg_scratch_context(struct pg_scratch *scratch,
                                      const struct pg_plugin *plugin)
{
  for (int i = 0; i < scratch->context_count; i++) {
    if (scratch->contexts[i]->plugin == plugin) {
      return scratch->contexts[i];
    }
  }
  size_t count = (size_t)scratch->context_count + 1;
  struct pg_context **contexts =
    realloc(scratch->contexts, count * sizeof(struct pg_context *));
  if (!contexts) {
    return NULL;
  }
  scratch->contexts = contexts;
  struct pg_context *context = malloc(sizeof *context);
  if (context) {
    pg_context_init(context, plugin, scratch->stop);
    contexts[scratch->context_count++] = context;
  }
  return context;
}

/* The frame of the program, taken out of the list; NULL: none. */
static struct pg_frame *take(struct pg_scratch *scratch, uint64_t id)
{
  struct pg_frame **at = &scratch->frames;
  while (*at && (*at)->program_id != id) {
    at = &(*at)->next;
  }
  struct pg_frame *frame = *at;
  if (frame) {
    *at = frame->next;
    scratch->frame_count--;
  }
  return frame;
}

static void put(struct pg_scratch *scratch, struct pg_frame *frame)
{
  frame->next = scratch->frames;
  scratch->frames = frame;
  if (++scratch->frame_count <= FRAMES_MAX) {
    return;
  }
  while (frame->next->next) {
    frame = frame->next;
  }
  pg_frame_free(frame->next);
  frame->next = NULL;
  scratch->frame_count--;
}

static enum pg_status give_work(struct pg_scratch *scratch,
                                const struct pg_program *program,
                                struct pg_frame *frame, struct pg_error *err)
{
  if (!scratch->work || scratch->work_size < frame->work_size) {
    char *work = aligned_alloc(64, frame->work_size + 64);
    if (!work) {
      return pg_fail(err, PG_NO_MEMORY, "no memory to run an expression");
    }
    free(scratch->work);
    scratch->work = work;
    scratch->work_size = frame->work_size;
  }
  pg_frame_place(frame, program, scratch->work);
  return PG_OK;
}

enum pg_status pg_scratch_frame(struct pg_scratch *scratch,
                                const struct pg_program *program,
                                struct pg_schema *schema,
                                struct pg_frame **frame, struct pg_error *err)
{
  struct pg_frame *found = take(scratch, program->id);
  if (found && found->schema != schema &&
      !pg_schema_equal(found->schema, schema->fields, schema->count)) {
    pg_frame_free(found);
    found = NULL;
  }
  if (!found) {
    enum pg_status status = pg_frame_new(program, scratch, schema, &found, err);
    if (status != PG_OK) {
      return status;
    }
  }
  put(scratch, found);
  *frame = found;
  return give_work(scratch, program, found, err);
}
