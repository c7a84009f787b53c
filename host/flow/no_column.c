/* no_column.c - "no column 'staus'; did you mean 'status'?" */
#include "flow/no_column.h"

#include "flow/kept.h"
#include "plugin/suggest.h"

#include <stdio.h>

#define SHOWN_MAX 12 /* names; as in lua/perigee/plan/schema.lua */

/* "; there are: path, status" */
static void list_names(const struct pg_schema *schema, char *text, size_t size)
{
  size_t len = 0;
  int shown = 0;
  text[0] = '\0';
  for (int i = 0; i < schema->count && len < size; i++) {
    peri_str name = schema->fields[i].name;
    if (pg_kept_is(name)) {
      continue;
    }
    if (shown == SHOWN_MAX) {
      snprintf(text + len, size - len, ", ...");
      return;
    }
    int n = snprintf(text + len, size - len, "%s%.*s",
                     shown++ == 0 ? "; there are: " : ", ",
                     (int)(name.len < 60 ? name.len : 60), name.ptr);
    len += (size_t)n;
  }
}

enum pg_status pg_no_column(const struct pg_stage *stage,
                            const struct pg_schema *schema, peri_str name,
                            struct pg_error *err)
{
  char hint[400];
  struct pg_suggest best = {0};
  for (int i = 0; i < schema->count; i++) {
    pg_suggest_offer(&best, name.ptr, name.len, schema->fields[i].name.ptr);
  }
  if (best.nearest) {
    snprintf(hint, sizeof hint, "; did you mean '%s'?", best.nearest);
  } else {
    list_names(schema, hint, sizeof hint);
  }
  return pg_stage_fail(stage, PG_BAD_INPUT, err, "no column '%.*s'%s",
                       (int)(name.len < 100 ? name.len : 100), name.ptr, hint);
}
