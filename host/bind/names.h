/* names.h - names of columns, found by the address of the Lua string.
 *
 * Lua keeps one copy of each short string, so that for those the address is
 * the name: no hashing, no comparing.  A table anchors the strings and finds
 * the long ones, of which there may be several copies. */
#ifndef PG_BIND_NAMES_H
#define PG_BIND_NAMES_H
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct pg_names { /* the zeroed struct is empty */
  struct pg_name {
    const char *text; /* NULL: free */
    int number;
  } * slots;       /* owned */
  int count, size; /* a power of two, or 0 */
};

static inline uint32_t pg_names_hash(const char *text)
{
  return (uint32_t)(((uintptr_t)text >> 4) * UINT64_C(0x9e3779b97f4a7c15) >>
                    32);
}

/* The number of the name whose Lua string begins at `text`, or -1. */
static inline int pg_names_find(const struct pg_names *names, const char *text)
{
  if (names->size == 0) {
    return -1;
  }
  uint32_t mask = (uint32_t)names->size - 1;
  uint32_t i = pg_names_hash(text) & mask;
  for (; names->slots[i].text; i = (i + 1) & mask) {
    if (names->slots[i].text == text) {
      return names->slots[i].number;
    }
  }
  return -1;
}

/* The same for the string at `index`, long or short, with the table at
 * `anchor`.  Never raises. */
int pg_names_of(const struct pg_names *names, lua_State *L, int anchor,
                int index);

/* Gives the string at `index`, which has none, a number.  Raises when there is
 * no memory; nothing has changed then. */
void pg_names_add(struct pg_names *names, lua_State *L, int anchor, int index,
                  int number);

void pg_names_fini(struct pg_names *names);

#endif
