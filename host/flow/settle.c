/* settle.c - one order of columns for every chunk of a stream. */
#include "flow/settle.h"

#include "flow/kept.h"

#include <stdlib.h>
#include <string.h>

void pg_settle_init(struct pg_settle *settle, const struct pg_node *node)
{
  *settle = (struct pg_settle){.fields = node->fields,
                               .field_count = node->field_count,
                               .added = node->to,
                               .added_count = node->to_count,
                               .chosen = node->keep == PERI_KEEP_ONLY};
  pthread_mutex_init(&settle->lock, NULL);
  pthread_cond_init(&settle->moved, NULL);
}

void pg_settle_fini(struct pg_settle *settle)
{
  for (int i = 0; i < settle->count; i++) {
    free((char *)settle->columns[i].name.ptr);
  }
  free(settle->columns);
  pthread_mutex_destroy(&settle->lock);
  pthread_cond_destroy(&settle->moved);
}

void pg_settled_fini(struct pg_settled *settled)
{
  pg_schema_unref(settled->from);
  pg_schema_unref(settled->to);
  free(settled->indices);
  *settled = (struct pg_settled){0};
}

/* -------------------------------------------------------------- the columns
 */

static bool same_name(peri_str a, peri_str b)
{
  return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool pg_settle_has(const struct pg_settle *settle, peri_str name)
{
  for (int i = 0; i < settle->count; i++) {
    if (same_name(settle->columns[i].name, name)) {
      return true;
    }
  }
  return false;
}

static uint32_t asked_type(const struct pg_settle *settle, peri_str name)
{
  for (int i = 0; i < settle->field_count; i++) {
    if (same_name(settle->fields[i].name, name)) {
      return settle->fields[i].type;
    }
  }
  return PERI_T_NULL;
}

static bool add(struct pg_settle *settle, peri_str name)
{
  if (settle->count == settle->count_max) {
    int max = settle->count_max ? settle->count_max * 2 : 16;
    struct pg_field *columns =
      realloc(settle->columns, (size_t)max * sizeof *columns);
    if (!columns) {
      return false;
    }
    settle->columns = columns;
    settle->count_max = max;
  }
  char *copy = malloc(name.len + 1);
  if (!copy) {
    return false;
  }
  memcpy(copy, name.ptr, name.len);
  copy[name.len] = '\0';
  settle->columns[settle->count++] = (struct pg_field){
    .name = {copy, name.len}, .type = asked_type(settle, name)};
  return true;
}

/* May rows of this schema, whose columns went to `indices`, be kept? */
static bool keeps(const struct pg_settle *settle,
                  const struct pg_schema *schema, const int *indices)
{
  int text = pg_kept_find(schema), last = -1;
  for (int i = 0; i < settle->count; i++) {
    peri_str name = settle->columns[i].name;
    bool other = indices[i] >= 0 && indices[i] != text;
    if ((other && indices[i] < last && !settle->chosen) ||
        pg_kept_is_added(settle->added, settle->added_count, name)) {
      return false;
    }
    last = other ? indices[i] : last;
  }
  return true;
}

static bool learn(struct pg_settled *settled, const struct pg_settle *settle,
                  struct pg_schema *schema)
{
  int count = settle->count;
  bool same = count == schema->count;
  struct pg_field *fields = malloc(((size_t)count + 1) * sizeof *fields);
  int *indices = malloc(((size_t)count + 1) * sizeof *indices);
  struct pg_schema *to = NULL;
  if (fields && indices) {
    for (int i = 0; i < count; i++) {
      fields[i] = settle->columns[i];
      indices[i] = pg_schema_find(schema, fields[i].name);
      if (indices[i] >= 0) {
        fields[i].type = schema->fields[indices[i]].type;
      }
      same = same && indices[i] == i;
    }
    to = same ? NULL : pg_schema_new(fields, count);
  }
  free(fields);
  pg_settled_fini(settled);
  if (!indices || (!same && !to)) {
    free(indices);
    return false;
  }
  *settled = (struct pg_settled){.from = pg_schema_ref(schema),
                                 .to = to,
                                 .indices = indices,
                                 .count = count,
                                 .keeps = keeps(settle, schema, indices)};
  return true;
}

bool pg_settle_see(struct pg_settle *settle, struct pg_settled *settled,
                   const struct pg_batch *batch, bool reorder)
{
  struct pg_schema *schema = batch->schema;
  settle->any |= batch->rows > 0;
  if (settled->from == schema &&
      (!reorder || settled->count == settle->count)) {
    return true;
  }
  for (int i = 0; i < schema->count; i++) {
    peri_str name = schema->fields[i].name;
    if (!pg_settle_has(settle, name) && !add(settle, name)) {
      return false;
    }
  }
  if (reorder) {
    return learn(settled, settle, schema);
  }
  pg_settled_fini(settled);
  settled->from = pg_schema_ref(schema);
  return true;
}

struct pg_batch *pg_settled_apply(const struct pg_settled *settled,
                                  struct pg_batch *batch)
{
  if (!settled->to) {
    return batch;
  }
  struct pg_column **columns =
    malloc(((size_t)settled->count + 1) * sizeof *columns);
  struct pg_batch *made = NULL;
  for (int i = 0; columns && i < settled->count; i++) {
    int index = settled->indices[i];
    columns[i] = index >= 0
                   ? pg_column_ref(batch->columns[index])
                   : pg_column_nulls(settled->to->fields[i].type, batch->rows);
  }
  if (columns) {
    made = pg_batch_new(settled->to, columns, batch->rows);
  }
  free(columns);
  pg_batch_unref(batch);
  return made;
}

/* --------------------------------------------------------------------- turns
 */

void pg_settle_enter(struct pg_settle *settle, uint64_t turn,
                     const int32_t *stop)
{
  pthread_mutex_lock(&settle->lock);
  while (settle->turn != turn && !__atomic_load_n(stop, __ATOMIC_RELAXED)) {
    pthread_cond_wait(&settle->moved, &settle->lock);
  }
}

void pg_settle_leave(struct pg_settle *settle)
{
  settle->turn++;
  pthread_cond_broadcast(&settle->moved);
  pthread_mutex_unlock(&settle->lock);
}

void pg_settle_wake(struct pg_settle *settle)
{
  pthread_mutex_lock(&settle->lock);
  pthread_cond_broadcast(&settle->moved);
  pthread_mutex_unlock(&settle->lock);
}
