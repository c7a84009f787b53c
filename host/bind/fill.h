/* fill.h - columns filled with values from Lua.
 *
 * The first value of a column decides its type: integers give i64, floats f64,
 * strings str, booleans bool.  An integer column that gets a float becomes f64
 * when all its integers are exact as such.  Any other mixture is refused.  What
 * was learnt stays for the next batch, so that a stream keeps its types. */
#ifndef PG_BIND_FILL_H
#define PG_BIND_FILL_H
#include "base/status.h"
#include "data/build.h"

#include <lua.h>

struct pg_fill_column {
  peri_str name;  /* owned */
  uint32_t type;  /* PERI_T_NULL: nothing but nil so far */
  bool declared;  /* the type was given, and stays */
  int index;      /* in the build */
  void *values;   /* in the build: the C type of a row; bool: a byte */
  uint8_t *valid; /* in the build: a byte a row, 0: null */
};

struct pg_fill { /* the zeroed struct has no columns */
  struct pg_build build;
  struct pg_fill_column *columns; /* owned */
  int count, count_max;
  int64_t rows; /* of the batch begun */
};

/* Adds a column, which the batch that is begun has from here on.  Its index,
 * or -1: no memory, or too many columns. */
int pg_fill_add(struct pg_fill *fill, peri_str name, uint32_t type,
                bool declared);

/* Begins a batch of `rows` rows, all null.  False: no memory. */
bool pg_fill_begin(struct pg_fill *fill, int64_t rows);

/* Writes the Lua value at `index`.  Never raises.
 * Fails: PG_BAD_INPUT (another type, does not fit, text that is not UTF-8),
 *        PG_NO_MEMORY */
enum pg_status pg_fill_set(struct pg_fill *fill, int column, int64_t row,
                           lua_State *L, int index, struct pg_error *err);

/* Gives a column another type before it has values in this batch; with values,
 * only i64 can become f64.
 * Fails: PG_BAD_INPUT (an integer that is not exact as f64), PG_NO_MEMORY */
enum pg_status pg_fill_retype(struct pg_fill *fill, int column, uint32_t type,
                              struct pg_error *err);

/* The batch; its columns are those of the fill, in their order.  NULL: no
 * memory. */
struct pg_batch *pg_fill_finish(struct pg_fill *fill);

void pg_fill_fini(struct pg_fill *fill);

/* True when the f64 nearest to it is that integer. */
bool pg_fill_is_exact(int64_t integer);

#endif
