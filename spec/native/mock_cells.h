/* mock_cells.h - columns for the C tests of plugins, made from plain values: of
 * every type and layout, as slices that begin in the middle of something, with
 * nulls whose values are noise. */
#ifndef PERIGEE_MOCK_CELLS_H
#define PERIGEE_MOCK_CELLS_H
#include <perigee/abi.h>
#include <stdbool.h>

/* One value; which field counts follows from the type of the column. */
struct mock_cell {
  bool null;
  int64_t i; /* bool, integers, time */
  double f;
  peri_str s; /* borrowed while columns made of it live */
};

struct mock_cells {
  peri_col col;
  void *owned[4];
};

/* `skip`: rows before the slice.  `layout` of texts only.  Without nulls there
 * is a bitmap only when `bitmap`. */
struct mock_cells mock_cells_new(uint32_t type, uint32_t layout,
                                 const struct mock_cell *cells, int64_t n,
                                 int64_t skip, bool bitmap);
void mock_cells_free(struct mock_cells *cells);

/* The same numbers on every machine: xorshift64* of Vigna. */
uint64_t mock_random(void);
void mock_random_seed(uint64_t seed);
#endif
