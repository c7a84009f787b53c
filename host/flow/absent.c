/* absent.c - columns that never came, and the names that were there.
 *
 * A decoder fills what it is asked for and passes over the rest, so its batches
 * do not tell how a column that was not found is called in truth.  Only then is
 * the head of the first stream decoded again, whole. */
#include "flow/absent.h"

#include "flow/decode.h"
#include "flow/kept.h"

#include <stdlib.h>
#include <string.h>

static bool add(struct pg_names *names, peri_str name)
{
  char **list = realloc(names->list, ((size_t)names->count + 1) * sizeof *list);
  char *copy = malloc(name.len + 1);
  if (list) {
    names->list = list;
  }
  if (!list || !copy) {
    free(copy);
    return false;
  }
  memcpy(copy, name.ptr, name.len);
  copy[name.len] = '\0';
  list[names->count++] = copy;
  return true;
}

static bool add_all(struct pg_names *names, const struct pg_field *fields,
                    int count)
{
  bool ok = true;
  for (int i = 0; ok && i < count; i++) {
    ok = pg_kept_is(fields[i].name) || add(names, fields[i].name);
  }
  return ok;
}

/* All columns of the head; NULL: none.  A decoder that fails here told why when
 * it did its work, or was stopped. */
static struct pg_batch *decode_head(struct pg_stage *stage,
                                    const struct pg_stream *stream)
{
  struct pg_decoder decoder;
  struct pg_batch *batch = NULL;
  const struct pg_reject *rejects;
  size_t reject_count;
  peri_chunk chunk = {.size = sizeof chunk,
                      .bytes = stream->head,
                      .len = stream->head_len,
                      .all = 1,
                      .head = stream->head,
                      .head_len = stream->head_len};
  if (pg_decoder_open(&decoder, stage, NULL) == PG_OK && decoder.instance) {
    pg_instance_decode(decoder.instance, &chunk, stream->head_block, &batch,
                       &rejects, &reject_count, NULL);
  }
  decoder.stage = NULL; /* what it counted is not of the run */
  pg_decoder_close(&decoder);
  return batch;
}

static bool add_present(struct pg_stage *stage, const struct pg_stream *stream)
{
  struct pg_batch *batch = decode_head(stage, stream);
  bool ok = !batch || add_all(&stage->flow->result->present,
                              batch->schema->fields, batch->schema->count);
  pg_batch_unref(batch);
  return ok;
}

bool pg_absent_see_head(struct pg_stage *stage, struct pg_settle *settle,
                        const struct pg_stream *stream)
{
  struct pg_batch *batch = decode_head(stage, stream);
  bool ok = !batch || pg_settle_see(settle, batch, false);
  pg_batch_unref(batch);
  return ok;
}

/* A path into a column that came whole cannot be told from one that is there.
 */
static bool came(const struct pg_settle *settle, const struct pg_settle *first,
                 peri_str name)
{
  bool found = pg_settle_has(settle, name) || pg_settle_has(first, name);
  for (size_t n = 0; !found && n < name.len; n++) {
    found = name.ptr[n] == '.' &&
            pg_settle_has(settle, (peri_str){.ptr = name.ptr, .len = n});
  }
  return found;
}

/* Is the name in the list, from `first` on? */
static bool has(const struct pg_names *names, int first, peri_str name)
{
  for (int i = first; i < names->count; i++) {
    if (strlen(names->list[i]) == name.len &&
        memcmp(names->list[i], name.ptr, name.len) == 0) {
      return true;
    }
  }
  return false;
}

enum pg_status pg_absent_report(struct pg_stage *stage,
                                struct pg_settle *settle,
                                const struct pg_settle *first,
                                const struct pg_stream *stream,
                                struct pg_error *err)
{
  const struct pg_node *node = stage->node;
  struct pg_names *absent = &stage->flow->result->absent;
  int before = absent->count;
  bool ok = true;
  if (!settle->any && !first->any) {
    return PG_OK; /* without rows nothing could appear */
  }
  if (!settle->any && stream && stream->head) {
    ok = pg_absent_see_head(stage, settle, stream);
  }
  for (int i = 0; ok && i < node->field_count; i++) {
    peri_str name = node->fields[i].name;
    ok = came(settle, first, name) || add(absent, name);
  }
  /* Where every column is decoded, the fields are not those that are read. */
  for (int i = 0; ok && node->all && i < node->name_count; i++) {
    ok = came(settle, first, node->names[i]) ||
         has(absent, before, node->names[i]) || add(absent, node->names[i]);
  }
  if (ok && node->all) { /* a script may have missed others */
    ok = add_all(&stage->flow->result->present, settle->columns, settle->count);
  } else if (ok && absent->count > before && stream && stream->head) {
    ok = add_present(stage, stream);
  }
  return ok ? PG_OK : pg_stage_no_memory(stage, err);
}
