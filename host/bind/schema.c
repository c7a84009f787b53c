/* schema.c - schemas, pushed. */
#include "bind/schema.h"

void pg_schema_push(lua_State *L, const struct pg_schema *schema)
{
  lua_createtable(L, schema->count, 0);
  for (int i = 0; i < schema->count; i++) {
    const struct pg_field *field = &schema->fields[i];
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, field->name.ptr, field->name.len);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, pg_type_name(field->type));
    lua_setfield(L, -2, "type");
    lua_rawseti(L, -2, i + 1);
  }
}
