/* arrow_test.c - batches in the form of the Arrow C Data Interface. */
#include "plugin/arrow.h"

#include "world.h"

#include "check/no_memory.h"
#include "data/build.h"

#include <string.h>

/* Columns of every layout, of 4 rows, the third null. */
static struct pg_batch *make(void)
{
  struct pg_build build = {0};
  uint8_t *valid;
  if (!pg_build_begin(&build, NULL, NULL)) {
    return NULL;
  }
  static const struct {
    const char *name;
    uint32_t type;
  } columns[] = {{"n", PERI_T_I64},    {"flag", PERI_T_BOOL},
                 {"text", PERI_T_STR}, {"doc", PERI_T_JSON},
                 {"at", PERI_T_TIME},  {"none", PERI_T_NULL}};
  for (int i = 0; i < 6; i++) {
    const char *name = columns[i].name;
    int column =
      pg_build_column(&build, (peri_str){name, strlen(name)}, columns[i].type);
    char *values =
      column < 0 ? NULL : pg_build_values(&build, column, 4, &valid);
    if (!values) {
      pg_build_fini(&build);
      return NULL;
    }
    memcpy(valid, "\1\1\0\1", 4);
    memset(values, 0, 4 * pg_type_width(columns[i].type));
    if (columns[i].type == PERI_T_I64) {
      ((int64_t *)(void *)values)[3] = 42;
    } else if (columns[i].type == PERI_T_BOOL) {
      values[1] = 1;
    } else if (columns[i].type == PERI_T_STR &&
               !pg_build_text(&build, (peri_view *)(void *)values, 3,
                              (peri_str){"a text of more than twelve", 26})) {
      pg_build_fini(&build);
      return NULL;
    }
  }
  build.rows = 4;
  struct pg_batch *batch = pg_build_finish(&build);
  pg_build_fini(&build);
  return batch;
}

static void says_what_the_columns_are(const struct ArrowSchema *schema)
{
  static const char *const formats[] = {"l", "b", "vu", "vu", "tsn:UTC", "n"};
  CHECK(strcmp(schema->format, "+s") == 0 && schema->n_children == 6 &&
          schema->flags == 0,
        "%s", schema->format);
  for (int i = 0; i < 6; i++) {
    const struct ArrowSchema *child = schema->children[i];
    CHECK(strcmp(child->format, formats[i]) == 0 &&
            child->flags == ARROW_FLAG_NULLABLE && child->n_children == 0,
          "%s: %s", child->name, child->format);
    CHECK((child->metadata != NULL) == (i == 3), "metadata of %s", child->name);
  }
  /* Native numbers and bytes: one pair, the key, the value. */
  const char *metadata = schema->children[3]->metadata;
  int32_t numbers[3];
  memcpy(&numbers[0], metadata, 4);
  memcpy(&numbers[1], metadata + 4, 4);
  memcpy(&numbers[2], metadata + 28, 4);
  CHECK(numbers[0] == 1 && numbers[1] == 20 && numbers[2] == 10 &&
          memcmp(metadata + 8, "ARROW:extension:name", 20) == 0 &&
          memcmp(metadata + 32, "arrow.json", 10) == 0,
        "metadata");
}

static void holds_the_values(const struct ArrowArray *array)
{
  CHECK(array->length == 4 && array->n_children == 6 && array->n_buffers == 1 &&
          !array->buffers[0] && array->offset == 0,
        "the struct");
  const struct ArrowArray *n = array->children[0];
  CHECK(n->null_count == 1 && n->n_buffers == 2 &&
          *(const uint8_t *)n->buffers[0] == 0x0b &&
          ((const int64_t *)n->buffers[1])[3] == 42,
        "n");
  const struct ArrowArray *flag = array->children[1];
  CHECK((*(const uint8_t *)flag->buffers[1] & 0x0b) == 0x02, "bits");
  const struct ArrowArray *text = array->children[2];
  const peri_view *view = (const peri_view *)text->buffers[1] + 3;
  CHECK(text->n_buffers == 4, "%lld buffers", (long long)text->n_buffers);
  const int64_t *sizes = text->buffers[3];
  CHECK(view->len == 26 && view->u.ref.buffer == 0 && sizes[0] >= 26 &&
          memcmp((const char *)text->buffers[2] + view->u.ref.offset,
                 "a text of more than twelve", 26) == 0,
        "text");
  const struct ArrowArray *none = array->children[5];
  CHECK(none->n_buffers == 0 && none->null_count == 4, "none");
}

static void shares_and_releases(void)
{
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct pg_batch *batch = make();
  CHECK(pg_arrow_export(batch, &schema, &array), "no memory");
  pg_batch_unref(batch); /* the arrays keep what they need */
  says_what_the_columns_are(&schema);
  holds_the_values(&array);
  /* A child that is moved out lives longer than its parent. */
  struct ArrowArray text = *array.children[2];
  struct ArrowSchema name = *schema.children[2];
  array.children[2]->release = NULL;
  schema.children[2]->release = NULL;
  array.release(&array);
  schema.release(&schema);
  CHECK(!array.release && !schema.release, "not marked as released");
  CHECK(((const peri_view *)text.buffers[1])[3].len == 26 &&
          strcmp(name.name, "text") == 0,
        "the child is gone");
  text.release(&text);
  name.release(&name);
  CHECK(pg_block_live_bytes() == 0, "%zu bytes", pg_block_live_bytes());
}

static void exports_slices(void)
{
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct pg_batch *batch = make(), *slice = pg_batch_slice(batch, 1, 2);
  CHECK(pg_arrow_export(slice, &schema, &array), "no memory");
  CHECK(array.length == 2 && array.children[0]->offset == 1 &&
          array.children[0]->length == 2 && array.children[0]->null_count == 1,
        "slice");
  pg_batch_unref(slice);
  pg_batch_unref(batch);
  array.release(&array);
  schema.release(&schema);
}

static struct pg_batch *shared;

static bool export_one(void)
{
  struct ArrowSchema schema;
  struct ArrowArray array;
  if (!pg_arrow_export(shared, &schema, &array)) {
    return false;
  }
  array.release(&array);
  schema.release(&schema);
  return true;
}

static bool make_one(void)
{
  struct pg_batch *batch = make();
  pg_batch_unref(batch);
  return batch;
}

int main(void)
{
  shares_and_releases();
  exports_slices();
  shared = make();
  pg_block_trim();
  no_memory_each(export_one, NULL);
  pg_batch_unref(shared);
  pg_block_trim();
  no_memory_each(make_one, pg_block_trim);
  return 0;
}
