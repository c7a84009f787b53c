/* keys.h - numbers for the distinct rows of some columns: equal rows have the
 * same, counted from 0 in the order in which they first come.
 *
 * Null is a value of its own; -0 equals 0 and NaN equals NaN; texts are
 * compared as bytes.  A column whose type changes in the middle of a stream
 * widens as widen.h says, and the rows that came before with it. */
#ifndef PG_FLOW_KEYS_H
#define PG_FLOW_KEYS_H
#include "base/arena.h"
#include "base/status.h"
#include "data/build.h"

/* One value: a number and 0, a view of a text up to 12 bytes, or the first 8
 * bytes of such a view and the address of the text.  Null is {0, 1}. */
struct pg_cell {
  uint64_t a, b;
};

struct pg_keys { /* pg_keys_init() */
  int column_count;
  uint32_t *types; /* owned: of each column; PERI_T_NULL: all null so far */
  uint32_t count;  /* distinct rows */
  uint32_t count_max;
  struct pg_cell *cells; /* owned; column_count of them for each row */
  uint64_t *hashes;      /* owned; of each row */
  struct pg_arena texts; /* longer than 12 bytes */
  uint64_t seed;
  struct pg_keys_slot {
    uint32_t tag;              /* high half of the hash */
    uint32_t index;            /* of the row, and 1; 0: the slot is free */
  } * slots;                   /* owned */
  uint64_t mask;               /* slots - 1 */
  struct pg_cell *block_cells; /* owned; of a block of rows being looked up */
  uint64_t *block_hashes;      /* owned */
};

/* False: no memory.  Release with pg_keys_fini() in any case. */
bool pg_keys_init(struct pg_keys *keys, int column_count);
void pg_keys_fini(struct pg_keys *keys);

/* Numbers `rows` rows.  A column that had to widen is replaced in `columns`,
 * which are owned by the caller.
 *
 * Fails: PG_NO_MEMORY, PG_BAD_INPUT (types that nothing holds, too many rows)
 */
enum pg_status pg_keys_number(struct pg_keys *keys, struct pg_column **columns,
                              int64_t rows, uint32_t *numbers,
                              struct pg_error *err);

/* Whether rows of `other`, which has the same seed, may be looked up as they
 * are: the types are the same.  Takes over the types of columns that were all
 * null so far. */
bool pg_keys_match(struct pg_keys *keys, const struct pg_keys *other);

/* The numbers of the rows [from, from + n) of `other`, which match; those that
 * are not there get PG_KEYS_NONE.  Thread: any, while neither changes */
#define PG_KEYS_NONE UINT32_MAX
void pg_keys_find(const struct pg_keys *keys, const struct pg_keys *other,
                  uint32_t from, uint32_t n, uint32_t *numbers);

/* Adds and numbers the rows of `other` whose number is PG_KEYS_NONE.
 * Fails: PG_NO_MEMORY, PG_BAD_INPUT (too many rows) */
enum pg_status pg_keys_add(struct pg_keys *keys, const struct pg_keys *other,
                           uint32_t *numbers, struct pg_error *err);

/* Makes column `index` of the batch being built: the values of the rows that
 * are listed.  False: no memory. */
bool pg_keys_build(const struct pg_keys *keys, int index, peri_str name,
                   const uint32_t *rows, int64_t n, struct pg_build *build);

#endif
