/* kept.c - rows whose text a decoder handed on. */
#include "flow/kept.h"

#include <stdlib.h>
#include <string.h>

static const peri_str kept_name = {PERI_KEPT_NAME, sizeof PERI_KEPT_NAME - 1};

bool pg_kept_is(peri_str name)
{
  return pg_kept_is_added(&kept_name, 1, name);
}

int pg_kept_find(const struct pg_schema *schema)
{
  return pg_schema_find(schema, kept_name);
}

bool pg_kept_is_added(const peri_str *added, int added_count, peri_str name)
{
  for (int i = 0; i < added_count; i++) {
    if (added[i].len == name.len &&
        memcmp(added[i].ptr, name.ptr, name.len) == 0) {
      return true;
    }
  }
  return false;
}

void pg_kept_fini(struct pg_kept *kept)
{
  pg_schema_unref(kept->from);
  pg_schema_unref(kept->to);
  free(kept->indices);
  *kept = (struct pg_kept){0};
}

static bool learn(struct pg_kept *kept, const peri_str *added, int added_count,
                  struct pg_schema *schema)
{
  int count = schema->count, at = 0, text = pg_kept_find(schema);
  struct pg_field *fields = malloc(((size_t)count + 1) * sizeof *fields);
  int *indices = malloc(((size_t)count + 1) * sizeof *indices);
  struct pg_schema *to = NULL;
  if (fields && indices) {
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < count; i++) {
        bool late =
          pg_kept_is_added(added, added_count, schema->fields[i].name);
        if (i != text && late == (pass == 1)) {
          indices[at++] = i;
        }
      }
      if (pass == 0) {
        indices[at++] = text;
      }
    }
    for (int i = 0; i < count; i++) {
      fields[i] = schema->fields[indices[i]];
    }
    to = pg_schema_new(fields, count);
  }
  free(fields);
  if (!to) {
    free(indices);
    return false;
  }
  pg_kept_fini(kept);
  *kept = (struct pg_kept){pg_schema_ref(schema), to, indices};
  return true;
}

/* One that was decoded whole has the column all the same, when one before it
 * was not. */
static bool has_texts(const struct pg_batch *batch)
{
  int text = pg_kept_find(batch->schema);
  return text >= 0 && batch->columns[text]->type != PERI_T_NULL;
}

struct pg_batch *pg_kept_arrange(struct pg_kept *kept, const peri_str *added,
                                 int added_count, struct pg_batch *batch)
{
  struct pg_schema *schema = batch->schema;
  if (kept->from != schema && !has_texts(batch)) {
    return batch;
  }
  struct pg_column **columns = NULL;
  struct pg_batch *made = NULL;
  if (kept->from == schema || learn(kept, added, added_count, schema)) {
    columns = malloc(((size_t)schema->count + 1) * sizeof *columns);
  }
  for (int i = 0; columns && i < schema->count; i++) {
    columns[i] = pg_column_ref(batch->columns[kept->indices[i]]);
  }
  if (columns) {
    made = pg_batch_new(kept->to, columns, batch->rows);
  }
  free(columns);
  pg_batch_unref(batch);
  return made;
}
