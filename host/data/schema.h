/* schema.h - the names and types of a batch's columns, counted and immutable.
 * Stages compare schemas by address first: a stream that does not change keeps
 * one schema, so that names are looked up when it changes, not per batch. */
#ifndef PG_DATA_SCHEMA_H
#define PG_DATA_SCHEMA_H
#include "data/type.h"

#include <stdatomic.h>

struct pg_field {
  peri_str name; /* borrowed from the schema; NUL-ended */
  uint32_t type;
};

struct pg_schema {
  atomic_int refs;
  int count;
  struct pg_field fields[]; /* the names follow */
};

/* A schema with copies of these names; NULL: no memory. */
struct pg_schema *pg_schema_new(const struct pg_field *fields, int count);
struct pg_schema *pg_schema_ref(struct pg_schema *schema);
void pg_schema_unref(struct pg_schema *schema);

/* Same names and types in the same order. */
bool pg_schema_equal(const struct pg_schema *schema,
                     const struct pg_field *fields, int count);

/* The index of column `name`, or -1. */
int pg_schema_find(const struct pg_schema *schema, peri_str name);

#endif
