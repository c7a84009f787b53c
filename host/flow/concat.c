/* concat.c - column by column. */
#include "flow/concat.h"

#include "flow/widen.h"

#include <stdlib.h>

/* The fields of all batches, in `fields`, which has room; the count. */
static int join_fields(struct pg_batch *const *batches, int count,
                       struct pg_field *fields)
{
  int n = 0;
  const struct pg_schema *last = NULL;
  for (int i = 0; i < count; i++) {
    const struct pg_schema *schema = batches[i]->schema;
    for (int k = 0; schema != last && k < schema->count; k++) {
      peri_str name = schema->fields[k].name;
      int at = 0;
      while (at < n &&
             (fields[at].name.len != name.len ||
              __builtin_memcmp(fields[at].name.ptr, name.ptr, name.len) != 0)) {
        at++;
      }
      if (at == n) {
        fields[n++] = (struct pg_field){.name = name, .type = PERI_T_NULL};
      }
      if (fields[at].type != PG_WIDEN_NONE) {
        fields[at].type =
          pg_widen_type(fields[at].type, schema->fields[k].type);
      }
    }
    last = schema;
  }
  return n;
}

static struct pg_column *part_of(const struct pg_batch *batch, peri_str name)
{
  int index = pg_schema_find(batch->schema, name);
  return index < 0 ? pg_column_nulls(PERI_T_NULL, batch->rows)
                   : pg_column_ref(batch->columns[index]);
}

/* Column `field` of all; the type may still become JSON.  NULL: no memory. */
static struct pg_column *join_column(struct pg_batch *const *batches, int count,
                                     struct pg_field *field,
                                     struct pg_column **parts)
{
  int n = 0;
  struct pg_column *whole = NULL;
  while (n < count && (parts[n] = part_of(batches[n], field->name))) {
    n++;
  }
  if (n == count) {
    field->type = pg_widen_all(parts, count, field->type);
    whole = field->type == PG_WIDEN_NONE
              ? NULL
              : pg_column_concat(parts, count, field->type);
  }
  for (int i = 0; i < n; i++) {
    pg_column_unref(parts[i]);
  }
  return whole;
}

static enum pg_status check(const struct pg_field *fields, int count,
                            struct pg_error *err)
{
  for (int i = 0; i < count; i++) {
    if (fields[i].type == PG_WIDEN_NONE) {
      return pg_fail(err, PG_BAD_INPUT,
                     "column '%.*s' is bin at first and no text later, or the "
                     "other way round",
                     (int)fields[i].name.len, fields[i].name.ptr);
    }
  }
  return PG_OK;
}

enum pg_status pg_concat(struct pg_batch *const *batches, int count,
                         struct pg_batch **all, struct pg_error *err)
{
  size_t room = 1;
  int64_t rows = 0;
  for (int i = 0; i < count; i++) {
    room += (size_t)batches[i]->schema->count;
    rows += batches[i]->rows;
  }
  struct pg_field *fields = malloc(room * sizeof *fields);
  struct pg_column **columns = calloc(room, sizeof *columns);
  struct pg_column **parts = malloc(((size_t)count + 1) * sizeof *parts);
  enum pg_status status = PG_NO_MEMORY;
  *all = NULL;
  if (fields && columns && parts) {
    int n = join_fields(batches, count, fields);
    status = check(fields, n, err);
    for (int i = 0; i < n && status == PG_OK; i++) {
      columns[i] = join_column(batches, count, &fields[i], parts);
    }
    if (status == PG_OK) {
      *all = pg_batch_of(fields, columns, n, rows, NULL);
      status = *all ? PG_OK : PG_NO_MEMORY;
    }
  }
  free(fields);
  free(columns);
  free(parts);
  return status == PG_NO_MEMORY
           ? pg_fail(err, PG_NO_MEMORY, "no memory for %lld rows",
                     (long long)rows)
           : status;
}
