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
  free(settle->hidden);
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

/* The column called so, or -1. */
static int find(const struct pg_settle *settle, peri_str name)
{
  for (int i = 0; i < settle->count; i++) {
    if (same_name(settle->columns[i].name, name)) {
      return i;
    }
  }
  return -1;
}

bool pg_settle_has(const struct pg_settle *settle, peri_str name)
{
  return find(settle, name) >= 0;
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

/* False: no memory. */
static bool make_room(struct pg_settle *settle)
{
  if (settle->count < settle->count_max) {
    return true;
  }
  int max = settle->count_max ? settle->count_max * 2 : 16;
  struct pg_field *columns =
    realloc(settle->columns, (size_t)max * sizeof *columns);
  settle->columns = columns ? columns : settle->columns;
  bool *hidden = realloc(settle->hidden, (size_t)max * sizeof *hidden);
  settle->hidden = hidden ? hidden : settle->hidden;
  settle->count_max = columns && hidden ? max : settle->count_max;
  return columns && hidden;
}

static bool add(struct pg_settle *settle, peri_str name, bool hide)
{
  char *copy = make_room(settle) ? malloc(name.len + 1) : NULL;
  if (!copy) {
    return false;
  }
  memcpy(copy, name.ptr, name.len);
  copy[name.len] = '\0';
  settle->hidden[settle->count] = hide;
  settle->hidden_count += hide;
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

static int shown_count(const struct pg_settle *settle)
{
  return settle->count - settle->hidden_count;
}

/* Fills fields and indices with the settled columns; how many of them the
 * schema has. */
static int lay_out(const struct pg_settle *settle, struct pg_schema *schema,
                   struct pg_field *fields, int *indices)
{
  int n = 0, found = 0;
  for (int i = 0; i < settle->count; i++) {
    if (settle->hidden[i]) {
      continue;
    }
    fields[n] = settle->columns[i];
    indices[n] = pg_schema_find(schema, fields[n].name);
    if (indices[n] >= 0) {
      fields[n].type = schema->fields[indices[n]].type;
      found++;
    }
    n++;
  }
  return found;
}

static bool is_same(const int *indices, int count,
                    const struct pg_schema *schema)
{
  int i = 0;
  while (i < count && indices[i] == i) {
    i++;
  }
  return i == count && count == schema->count;
}

bool pg_settled_learn(struct pg_settled *settled,
                      const struct pg_settle *settle, struct pg_schema *schema)
{
  int count = shown_count(settle), found = 0;
  bool same = false;
  struct pg_field *fields = malloc(((size_t)count + 1) * sizeof *fields);
  int *indices = malloc(((size_t)count + 1) * sizeof *indices);
  struct pg_schema *to = NULL;
  if (fields && indices) {
    found = lay_out(settle, schema, fields, indices);
    same = is_same(indices, count, schema);
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
                                 .lacks = found < schema->count,
                                 .keeps = settle->hidden_count == 0 &&
                                          keeps(settle, schema, indices)};
  return true;
}

bool pg_settled_fits(const struct pg_settled *settled,
                     const struct pg_settle *settle,
                     const struct pg_batch *batch)
{
  return settled->from == batch->schema &&
         settled->count == shown_count(settle) && !settled->lacks;
}

bool pg_settle_see(struct pg_settle *settle, const struct pg_batch *batch,
                   bool hide)
{
  const struct pg_schema *schema = batch->schema;
  settle->any |= batch->rows > 0;
  for (int i = 0; i < schema->count; i++) {
    peri_str name = schema->fields[i].name;
    int at = find(settle, name);
    if (at < 0 && !add(settle, name, hide)) {
      return false;
    }
    if (at >= 0 && settle->hidden[at] && !hide) {
      settle->hidden[at] = false;
      settle->hidden_count--;
    }
  }
  return true;
}

/* The first row with a value, before row `end`; or that. */
static int64_t first_value(const struct pg_column *column, int64_t end)
{
  int64_t row = 0;
  if (column->nulls == column->length) {
    return end;
  }
  while (row < end && !pg_column_is_valid(column, row)) {
    row++;
  }
  return row;
}

static bool is_hidden(const struct pg_settle *settle, peri_str name)
{
  int at = find(settle, name);
  return at >= 0 && settle->hidden[at];
}

int64_t pg_settle_news(const struct pg_settle *settle,
                       const struct pg_batch *batch)
{
  int64_t row = batch->rows;
  for (int i = 0; settle->hidden_count > 0 && i < batch->schema->count; i++) {
    if (is_hidden(settle, batch->schema->fields[i].name)) {
      row = first_value(batch->columns[i], row);
    }
  }
  return row;
}

void pg_settle_show(struct pg_settle *settle, const struct pg_batch *batch)
{
  for (int i = 0; i < batch->schema->count; i++) {
    int at = find(settle, batch->schema->fields[i].name);
    if (settle->hidden[at] && pg_column_is_valid(batch->columns[i], 0)) {
      settle->hidden[at] = false;
      settle->hidden_count--;
    }
  }
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
