/* type.h - column types by name, width and Arrow format. */
#ifndef PG_DATA_TYPE_H
#define PG_DATA_TYPE_H
#include <perigee/abi.h>
#include <stdbool.h>
#include <stddef.h>

#define PG_TYPE_COUNT 16

/* "i64", "str", ...; static. */
const char *pg_type_name(uint32_t type);

/* The type called name[0..len), or -1. */
int pg_type_find(const char *name, size_t len);

/* Bytes of one value as a plugin writes it: 1 for bool, 16 (a view) for str,
 * bin and json, 0 for null. */
size_t pg_type_width(uint32_t type);

/* str, bin or json. */
bool pg_type_is_text(uint32_t type);

/* The Arrow format letters of a column of this type; static. */
const char *pg_type_arrow_format(uint32_t type);

#endif
