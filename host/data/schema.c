/* schema.c - one block per schema: the fields, then their names. */
#include "data/schema.h"

#include <stdlib.h>
#include <string.h>

struct pg_schema *pg_schema_new(const struct pg_field *fields, int count)
{
  size_t size = sizeof(struct pg_schema) + (size_t)count * sizeof *fields;
  size_t text = size;
  for (int i = 0; i < count; i++) {
    size += fields[i].name.len + 1;
  }
  struct pg_schema *schema = malloc(size);
  if (!schema) {
    return NULL;
  }
  atomic_init(&schema->refs, 1);
  schema->count = count;
  char *at = (char *)schema + text;
  for (int i = 0; i < count; i++) {
    peri_str name = fields[i].name;
    if (name.len > 0) {
      memcpy(at, name.ptr, name.len);
    }
    at[name.len] = '\0';
    schema->fields[i] =
      (struct pg_field){.name = {at, name.len}, .type = fields[i].type};
    at += name.len + 1;
  }
  return schema;
}

struct pg_schema *pg_schema_ref(struct pg_schema *schema)
{
  if (schema) {
    atomic_fetch_add_explicit(&schema->refs, 1, memory_order_relaxed);
  }
  return schema;
}

void pg_schema_unref(struct pg_schema *schema)
{
  if (schema && atomic_fetch_sub_explicit(&schema->refs, 1,
                                          memory_order_acq_rel) == 1) {
    free(schema);
  }
}

static bool same_name(peri_str a, peri_str b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool pg_schema_equal(const struct pg_schema *schema,
                     const struct pg_field *fields, int count)
{
  if (schema->count != count) {
    return false;
  }
  for (int i = 0; i < count; i++) {
    if (schema->fields[i].type != fields[i].type ||
        !same_name(schema->fields[i].name, fields[i].name)) {
      return false;
    }
  }
  return true;
}

int pg_schema_find(const struct pg_schema *schema, peri_str name)
{
  for (int i = 0; i < schema->count; i++) {
    if (same_name(schema->fields[i].name, name)) {
      return i;
    }
  }
  return -1;
}
