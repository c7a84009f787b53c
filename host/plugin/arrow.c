/* arrow.c - batches for those who speak Arrow.
 *
 * Parents and children are blocks of their own, as the specification lets a
 * child be moved out of its parent and released later. */
#include "plugin/arrow.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- schema */

static void release_schema(struct ArrowSchema *schema)
{
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowSchema *child = schema->children[i];
    if (child->release) {
      child->release(child);
    }
    free(child);
  }
  free(schema->children);
  free((char *)schema->name);
  schema->release = NULL;
}

/* One pair: counts and lengths are native int32, then the bytes. */
static const char *json_metadata(void)
{
  static const struct {
    int32_t pairs, key_len;
    char key[20];
    int32_t value_len;
    char value[10];
  } __attribute__((packed))
  metadata = {1, 20, "ARROW:extension:name", 10, "arrow.json"};
  return (const char *)&metadata;
}

static bool init_schema(struct ArrowSchema *schema, const char *format,
                        const char *name, size_t len, int count)
{
  char *copy = malloc(len + 1);
  struct ArrowSchema **children = calloc((size_t)count + 1, sizeof *children);
  if (!copy || !children) {
    free(copy);
    free(children);
    return false;
  }
  memcpy(copy, name, len);
  copy[len] = '\0';
  *schema = (struct ArrowSchema){.format = format,
                                 .name = copy,
                                 .flags = ARROW_FLAG_NULLABLE,
                                 .children = children,
                                 .release = release_schema};
  return true;
}

static bool export_schema(const struct pg_schema *from,
                          struct ArrowSchema *schema)
{
  if (!init_schema(schema, "+s", "", 0, from->count)) {
    return false;
  }
  schema->flags = 0;
  for (int i = 0; i < from->count; i++) {
    const struct pg_field *field = &from->fields[i];
    struct ArrowSchema *child = malloc(sizeof *child);
    if (!child || !init_schema(child, pg_type_arrow_format(field->type),
                               field->name.ptr, field->name.len, 0)) {
      free(child);
      release_schema(schema);
      return false;
    }
    child->metadata = field->type == PERI_T_JSON ? json_metadata() : NULL;
    schema->children[schema->n_children++] = child;
  }
  return true;
}

/* -------------------------------------------------------------------- array */

struct shared {
  struct pg_column *column; /* owned; NULL: the struct itself */
  int64_t *sizes;           /* owned: of the buffers behind views */
  const void *buffers[];
};

static void release_array(struct ArrowArray *array)
{
  struct shared *shared = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child->release) {
      child->release(child);
    }
    free(child);
  }
  free(array->children);
  pg_column_unref(shared->column);
  free(shared->sizes);
  free(shared);
  array->release = NULL;
}

static bool init_array(struct ArrowArray *array, int64_t length, int buffers,
                       int children)
{
  struct shared *shared =
    calloc(1, sizeof *shared + (size_t)buffers * sizeof *shared->buffers);
  struct ArrowArray **list = calloc((size_t)children + 1, sizeof *list);
  if (!shared || !list) {
    free(shared);
    free(list);
    return false;
  }
  *array = (struct ArrowArray){.length = length,
                               .n_buffers = buffers,
                               .buffers = shared->buffers,
                               .children = list,
                               .release = release_array,
                               .private_data = shared};
  return true;
}

/* After validity and views: every buffer, then a list of their sizes. */
static bool add_heap(struct shared *shared, const struct pg_heap *heap)
{
  int count = heap ? heap->count : 0;
  shared->sizes = calloc((size_t)count + 1, sizeof *shared->sizes);
  if (!shared->sizes) {
    return false;
  }
  for (int i = 0; i < count; i++) {
    const struct pg_block *block = heap->blocks[i];
    shared->buffers[2 + i] = heap->bases[i];
    shared->sizes[i] =
      (int64_t)(block->bytes + block->size_max - heap->bases[i]);
  }
  shared->buffers[2 + count] = shared->sizes;
  return true;
}

static bool export_column(struct pg_column *column, struct ArrowArray *array)
{
  bool text = pg_type_is_text(column->type);
  int buffers = column->type == PERI_T_NULL ? 0 : 2;
  buffers += text ? 1 + (column->heap ? column->heap->count : 0) : 0;
  if (!init_array(array, column->length, buffers, 0)) {
    return false;
  }
  struct shared *shared = array->private_data;
  array->offset = column->offset;
  array->null_count = column->nulls;
  if (buffers > 0) {
    shared->buffers[0] = column->valid ? column->valid->bytes : NULL;
    shared->buffers[1] = column->data ? column->data->bytes : NULL;
  }
  if (text && !add_heap(shared, column->heap)) {
    release_array(array);
    return false;
  }
  shared->column = pg_column_ref(column);
  return true;
}

static bool export_array(const struct pg_batch *batch, struct ArrowArray *array)
{
  if (!init_array(array, batch->rows, 1, batch->schema->count)) {
    return false;
  }
  for (int i = 0; i < batch->schema->count; i++) {
    struct ArrowArray *child = malloc(sizeof *child);
    if (!child || !export_column(batch->columns[i], child)) {
      free(child);
      release_array(array);
      return false;
    }
    array->children[array->n_children++] = child;
  }
  return true;
}

bool pg_arrow_export(const struct pg_batch *batch, struct ArrowSchema *schema,
                     struct ArrowArray *array)
{
  struct ArrowSchema names;
  struct ArrowArray values;
  if (!export_schema(batch->schema, &names)) {
    return false;
  }
  if (!export_array(batch, &values)) {
    release_schema(&names);
    return false;
  }
  *schema = names;
  *array = values;
  return true;
}
