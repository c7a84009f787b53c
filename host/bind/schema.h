/* schema.h - the columns of a batch as lua/perigee reads them. */
#ifndef PG_BIND_SCHEMA_H
#define PG_BIND_SCHEMA_H
#include "data/schema.h"

#include <lua.h>

/* Pushes { { name =, type = }, ... }. */
void pg_schema_push(lua_State *L, const struct pg_schema *schema);

#endif
