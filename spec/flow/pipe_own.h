/* pipe_own.h - what the files of pipe.h share. */
#ifndef PG_SPEC_FLOW_PIPE_OWN_H
#define PG_SPEC_FLOW_PIPE_OWN_H
#include "check/check.h"
#include "pipe.h"

#define TEXTS_MAX 16

/* A node of the script, or one with expressions. */
struct pipe_node {
  const char *texts[TEXTS_MAX]; /* expressions, in order */
  int text_count;
  struct pg_batch *batches[TEXTS_MAX];
  int batch_count, next;
  pipe_rows_fn *rows;
  struct pg_text noted;
  int outs[PIPE_NODES_MAX];
  int fail_at, calls, opened, closed;
  uint32_t seen[TEXTS_MAX]; /* types that the argument of an aggregate had */
};

void *pipe_room(struct pipe *p, size_t n);
char *pipe_copy(struct pipe *p, const char *text);
int pipe_add(struct pipe *p, enum pg_node_kind kind, const char *label);

/* The script. */
extern const struct pg_script pipe_script;
/* Appends every row of the batch.  False: no memory. */
bool pipe_note(struct pg_text *text, const struct pg_batch *batch);

#endif
