/* keys_cells.h - columns as cells of keys.h, and back. */
#ifndef PG_FLOW_KEYS_CELLS_H
#define PG_FLOW_KEYS_CELLS_H
#include "flow/keys.h"

/* The text of a cell that is no null. [borrow] from the cell */
static inline peri_str pg_cell_text(const struct pg_cell *cell)
{
  size_t len = (uint32_t)cell->a;
  return (peri_str){
    len <= 12 ? (const char *)cell + 4 : (const char *)(uintptr_t)cell->b, len};
}

static inline bool pg_cell_is_null(const struct pg_cell *cell)
{
  return cell->a == 0 && cell->b == 1;
}

/* Cells of rows [from, from + n) of the column; they lie `stride` cells apart.
 * Long texts stay where they are. */
void pg_cells_load(struct pg_cell *cells, int stride,
                   const struct pg_column *column, int64_t from, int64_t n);

/* Hashes of n cells; `first`, or else mixed into those that are there. */
void pg_cells_hash(const struct pg_cell *cells, int stride, bool text,
                   int64_t n, uint64_t seed, bool first, uint64_t *hashes);

#endif
