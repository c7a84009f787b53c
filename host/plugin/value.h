/* value.h - parameters as a tree that belongs to no language: what a config
 * gave, or what a declaration names as default. */
#ifndef PG_PLUGIN_VALUE_H
#define PG_PLUGIN_VALUE_H
#include "base/arena.h"

#include <perigee/abi.h>
#include <stdbool.h>

enum pg_value_kind {
  PG_VALUE_NIL,
  PG_VALUE_BOOL,
  PG_VALUE_INT,
  PG_VALUE_NUM,
  PG_VALUE_STR,
  PG_VALUE_LIST,
  PG_VALUE_MAP,
};

struct pg_value_entry;

/* An empty table may come as a list or as a map: both read as either. */
struct pg_value {
  enum pg_value_kind kind;
  union {
    bool flag;
    int64_t integer;
    double number;
    peri_str text;
    struct {
      const struct pg_value *at;
      size_t count;
    } list;
    struct {
      const struct pg_value_entry *at;
      size_t count;
    } map;
  } u;
};

struct pg_value_entry {
  peri_str key;
  struct pg_value value;
};

/* Reads one literal in Lua's spelling: nil, true, -1, 0x10, 0.5, "text", {},
 * {1, 2}; no lists in lists.  Strings are copied to `arena`.  False: it is
 * none, or no memory. */
bool pg_value_parse(const char *text, size_t len, struct pg_arena *arena,
                    struct pg_value *value);

/* The entry of a map, or NULL. */
const struct pg_value *pg_value_find(const struct pg_value *map,
                                     const char *name);

/* "'text'", "12", "a table": at most `size` bytes with the NUL, for messages.
 */
void pg_value_show(const struct pg_value *value, char *out, size_t size);

/* -1, 0, 1 for numbers (PG_VALUE_INT, PG_VALUE_NUM); exact; NaN: 2. */
int pg_value_compare(const struct pg_value *a, const struct pg_value *b);

#endif
