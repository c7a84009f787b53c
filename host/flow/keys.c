/* keys.c - a table of open addressing over rows of 16-byte cells.
 *
 * Rows are taken in blocks that stay in the cache: cells and hashes are made
 * column by column, then each row is looked up.  Measured: see the benchmark
 * `group` of spec/bench. */
#include "flow/keys.h"

#include "flow/hash.h"
#include "flow/keys_cells.h"
#include "flow/widen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BLOCK_ROWS 1024
#define SLOTS_MIN 4096
#define AHEAD 6  /* rows between two prefetches that follow one another */
#define NEAR 512 /* so many rows lie in the first cache */

bool pg_keys_init(struct pg_keys *keys, int column_count)
{
  size_t columns = (size_t)column_count;
  *keys = (struct pg_keys){.column_count = column_count,
                           .mask = SLOTS_MIN - 1,
                           .seed = (uint64_t)(uintptr_t)keys};
  if (getrandom(&keys->seed, sizeof keys->seed, GRND_NONBLOCK) < 0) {
    keys->seed ^= PG_HASH_C; /* early in a boot: an address has to do */
  }
  keys->types = calloc(columns + 1, sizeof *keys->types);
  keys->slots = calloc(SLOTS_MIN, sizeof *keys->slots);
  keys->block_cells =
    malloc((BLOCK_ROWS * columns + 1) * sizeof *keys->block_cells);
  keys->block_hashes = malloc(BLOCK_ROWS * sizeof *keys->block_hashes);
  return keys->types && keys->slots && keys->block_cells && keys->block_hashes;
}

void pg_keys_fini(struct pg_keys *keys)
{
  free(keys->types);
  free(keys->cells);
  free(keys->hashes);
  free(keys->slots);
  free(keys->block_cells);
  free(keys->block_hashes);
  pg_arena_fini(&keys->texts);
  *keys = (struct pg_keys){0};
}

/* ------------------------------------------------------------------- the table
 */

static bool grow_rows(struct pg_keys *keys)
{
  size_t max = keys->count_max ? (size_t)keys->count_max * 2 : 1024;
  size_t columns = (size_t)keys->column_count;
  max = max > UINT32_MAX - 1 ? UINT32_MAX - 1 : max;
  struct pg_cell *cells =
    realloc(keys->cells, (max * columns + 1) * sizeof *cells);
  keys->cells = cells ? cells : keys->cells;
  uint64_t *hashes = realloc(keys->hashes, max * sizeof *hashes);
  keys->hashes = hashes ? hashes : keys->hashes;
  if (!cells || !hashes) {
    return false;
  }
  keys->count_max = (uint32_t)max;
  return true;
}

static void put_slot(struct pg_keys_slot *slots, uint64_t mask, uint64_t hash,
                     uint32_t row)
{
  uint64_t at = hash & mask;
  while (slots[at].index) {
    at = (at + 1) & mask;
  }
  slots[at] = (struct pg_keys_slot){(uint32_t)(hash >> 32), row + 1};
}

static bool set_slots(struct pg_keys *keys, uint64_t count)
{
  /* No calloc(), which compilers make of malloc() and memset(): new pages that
   * are read before they are written to cost two faults, and the second one
   * interrupts the other threads. */
  struct pg_keys_slot *slots = aligned_alloc(64, count * sizeof *slots);
  if (!slots) {
    return false;
  }
  memset(slots, 0, count * sizeof *slots);
  for (uint32_t i = 0; i < keys->count; i++) {
    put_slot(slots, count - 1, keys->hashes[i], i);
  }
  free(keys->slots);
  keys->slots = slots;
  keys->mask = count - 1;
  return true;
}

/* Room for `more` rows, at most half of the slots in use. */
static bool make_room(struct pg_keys *keys, uint32_t more)
{
  uint64_t slots = keys->mask + 1;
  while (((uint64_t)keys->count + more) * 2 > slots) {
    slots *= 2;
  }
  return slots == keys->mask + 1 || set_slots(keys, slots);
}

/* A copy of the row's cells whose texts lie in our own memory. */
static bool add_row(struct pg_keys *keys, const struct pg_cell *cells,
                    uint64_t hash)
{
  if (keys->count == keys->count_max && !grow_rows(keys)) {
    return false;
  }
  int columns = keys->column_count;
  struct pg_cell *to = keys->cells + (size_t)keys->count * (size_t)columns;
  for (int i = 0; i < columns; i++) {
    to[i] = cells[i];
    if (pg_type_is_text(keys->types[i]) && (uint32_t)cells[i].a > 12) {
      peri_str text = pg_cell_text(&cells[i]);
      char *copy = pg_arena_copy(&keys->texts, text.ptr, text.len);
      if (!copy) {
        return false;
      }
      to[i].b = (uint64_t)(uintptr_t)copy;
    }
  }
  keys->hashes[keys->count++] = hash;
  return true;
}

static inline bool same_cell(const struct pg_cell *x, const struct pg_cell *y,
                             bool text)
{
  if (x->a != y->a) {
    return false;
  }
  uint32_t len = (uint32_t)x->a;
  return x->b == y->b ||
         (text && len > 12 &&
          pg_hash_same_text((const char *)(uintptr_t)x->b,
                            (const char *)(uintptr_t)y->b, len));
}

static inline bool same_row(const struct pg_keys *keys, const struct pg_cell *x,
                            const struct pg_cell *y)
{
  for (int i = 0; i < keys->column_count; i++) {
    if (!same_cell(&x[i], &y[i], pg_type_is_text(keys->types[i]))) {
      return false;
    }
  }
  return true;
}

enum shape { ONE_FIXED, ONE_TEXT, SEVERAL };

/* A row is found in three steps, each of which may miss the cache: the slot,
 * its cells, its text.  For long texts, those of column `text`, all are fetched
 * rows ahead; for others the processor looks ahead well enough once it has the
 * slot. */
static inline __attribute__((always_inline)) void
fetch(const struct pg_keys *keys, size_t columns, size_t text,
      const uint64_t *hashes, int64_t i, int64_t n)
{
  const struct pg_keys_slot *slots = keys->slots;
  if (i + 2 * AHEAD < n) {
    uint32_t index = slots[hashes[i + 2 * AHEAD] & keys->mask].index;
    __builtin_prefetch(keys->cells + (index - (index > 0)) * columns);
  }
  if (i + AHEAD < n) {
    uint32_t index = slots[hashes[i + AHEAD] & keys->mask].index;
    const struct pg_cell *cell =
      keys->cells + (index - (index > 0)) * columns + text;
    __builtin_prefetch((uint32_t)cell->a > 12 ? (const char *)(uintptr_t)cell->b
                                              : (const char *)cell);
  }
}

static size_t first_text(const struct pg_keys *keys)
{
  int i = 0;
  while (i + 1 < keys->column_count && !pg_type_is_text(keys->types[i])) {
    i++;
  }
  return (size_t)i;
}

/* Looks up n rows of the block.  False: no memory. */
static inline __attribute__((always_inline)) bool
look_up(struct pg_keys *keys, enum shape shape, int64_t n, uint32_t *numbers)
{
  size_t columns = shape == SEVERAL ? (size_t)keys->column_count : 1;
  const struct pg_cell *cells = keys->block_cells, *rows = keys->cells;
  const uint64_t *hashes = keys->block_hashes;
  struct pg_keys_slot *slots = keys->slots;
  uint64_t mask = keys->mask;
  size_t text = shape == SEVERAL ? first_text(keys) : 0;
  bool far = shape != ONE_FIXED && keys->count > NEAR && keys->texts.parts;
  for (int64_t i = 0; i < n; i++, cells += columns) {
    if (i + 3 * AHEAD < n) {
      __builtin_prefetch(&slots[hashes[i + 3 * AHEAD] & mask]);
    }
    if (far) {
      fetch(keys, columns, text, hashes, i, n);
    }
    uint64_t hash = hashes[i], at = hash & mask;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (;; at = (at + 1) & mask) {
      struct pg_keys_slot slot = slots[at];
      if (slot.index == 0) {
        slots[at] = (struct pg_keys_slot){tag, keys->count + 1};
        numbers[i] = keys->count;
        if (!add_row(keys, cells, hash)) {
          return false;
        }
        rows = keys->cells; /* they may have moved */
        break;
      }
      const struct pg_cell *row = rows + (slot.index - 1) * columns;
      if (slot.tag == tag &&
          (shape == SEVERAL ? same_row(keys, cells, row)
                            : same_cell(cells, row, shape == ONE_TEXT))) {
        numbers[i] = slot.index - 1;
        break;
      }
    }
  }
  return true;
}

static bool number_block(struct pg_keys *keys, struct pg_column *const *columns,
                         int64_t from, int64_t n, uint32_t *numbers)
{
  if (!make_room(keys, (uint32_t)n)) {
    return false;
  }
  for (int i = 0; i < keys->column_count; i++) {
    pg_cells_load(keys->block_cells + i, keys->column_count, columns[i], from,
                  n);
    pg_cells_hash(keys->block_cells + i, keys->column_count,
                  pg_type_is_text(keys->types[i]), n, keys->seed, i == 0,
                  keys->block_hashes);
  }
  if (keys->column_count != 1) {
    return look_up(keys, SEVERAL, n, numbers);
  }
  return pg_type_is_text(keys->types[0]) ? look_up(keys, ONE_TEXT, n, numbers)
                                         : look_up(keys, ONE_FIXED, n, numbers);
}

/* -------------------------------------------------------------------- widening
 */

/* Fills column `index` of all rows again, with the values of `column`. */
static bool refill(struct pg_keys *keys, int index,
                   const struct pg_column *column)
{
  size_t columns = (size_t)keys->column_count;
  pg_cells_load(keys->cells + index, keys->column_count, column, 0,
                keys->count);
  for (uint32_t i = 0; i < keys->count; i++) {
    struct pg_cell *cell = &keys->cells[i * columns + (size_t)index];
    if (pg_type_is_text(column->type) && (uint32_t)cell->a > 12) {
      peri_str text = pg_cell_text(cell);
      char *copy = pg_arena_copy(&keys->texts, text.ptr, text.len);
      if (!copy) {
        return false;
      }
      cell->b = (uint64_t)(uintptr_t)copy;
    }
  }
  return true;
}

static bool hash_again(struct pg_keys *keys)
{
  for (int i = 0; i < keys->column_count; i++) {
    pg_cells_hash(keys->cells + i, keys->column_count,
                  pg_type_is_text(keys->types[i]), keys->count, keys->seed,
                  i == 0, keys->hashes);
  }
  return set_slots(keys, keys->mask + 1);
}

/* The values of column `index` of all rows; NULL: no memory. */
static struct pg_column *column_of(const struct pg_keys *keys, int index)
{
  struct pg_build build = {0};
  struct pg_column *column = NULL;
  uint32_t *rows = malloc(((size_t)keys->count + 1) * sizeof *rows);
  for (uint32_t i = 0; rows && i < keys->count; i++) {
    rows[i] = i;
  }
  if (rows && pg_build_begin(&build, NULL, NULL) &&
      pg_keys_build(keys, index, (peri_str){"", 0}, rows, keys->count,
                    &build)) {
    build.rows = keys->count;
    struct pg_batch *batch = pg_build_finish(&build);
    column = batch ? pg_column_ref(batch->columns[0]) : NULL;
    pg_batch_unref(batch);
  }
  free(rows);
  pg_build_fini(&build);
  return column;
}

static enum pg_status change_type(struct pg_keys *keys, int index,
                                  struct pg_column **column,
                                  struct pg_error *err)
{
  uint32_t type = pg_widen_type(keys->types[index], (*column)->type);
  if (type == PG_WIDEN_NONE) {
    return pg_fail(err, PG_BAD_INPUT, "a key changes between bin and %s",
                   pg_type_name((*column)->type == PERI_T_BIN
                                  ? keys->types[index]
                                  : (*column)->type));
  }
  struct pg_column *both[2] = {column_of(keys, index), pg_column_ref(*column)};
  bool done = both[0] != NULL;
  if (done) {
    type = pg_widen_all(both, 2, type);
    done = type != PG_WIDEN_NONE;
  }
  if (done && type != keys->types[index]) {
    keys->types[index] = type;
    done = refill(keys, index, both[0]) && hash_again(keys);
  }
  pg_column_unref(both[0]);
  if (!done) {
    pg_column_unref(both[1]);
    return pg_fail(err, PG_NO_MEMORY, "no memory for the groups");
  }
  pg_column_unref(*column);
  *column = both[1];
  return PG_OK;
}

/* --------------------------------------------------------------------- numbers
 */

/* Number rows that cannot become one more type need not be looked at. */
static enum pg_status match_types(struct pg_keys *keys,
                                  struct pg_column **columns,
                                  struct pg_error *err)
{
  for (int i = 0; i < keys->column_count; i++) {
    uint32_t type = columns[i]->type;
    if (type == keys->types[i]) {
      continue;
    }
    if (keys->types[i] == PERI_T_NULL) {
      /* Null cells look the same whatever the type. */
      keys->types[i] = type;
      continue;
    }
    if (type == PERI_T_NULL) {
      continue;
    }
    enum pg_status status = change_type(keys, i, &columns[i], err);
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

enum pg_status pg_keys_number(struct pg_keys *keys, struct pg_column **columns,
                              int64_t rows, uint32_t *numbers,
                              struct pg_error *err)
{
  enum pg_status status = match_types(keys, columns, err);
  if (status != PG_OK) {
    return status;
  }
  for (int64_t from = 0; from < rows; from += BLOCK_ROWS) {
    int64_t n = rows - from < BLOCK_ROWS ? rows - from : BLOCK_ROWS;
    if (keys->count > UINT32_MAX - 2 - BLOCK_ROWS) {
      return pg_fail(err, PG_BAD_INPUT, "more than %u groups", keys->count);
    }
    if (!number_block(keys, columns, from, n, numbers + from)) {
      return pg_fail(err, PG_NO_MEMORY, "no memory for the groups");
    }
  }
  return PG_OK;
}

/* --------------------------------------------------------------------- joining
 */

bool pg_keys_match(struct pg_keys *keys, const struct pg_keys *other)
{
  for (int i = 0; i < keys->column_count; i++) {
    uint32_t ours = keys->types[i], theirs = other->types[i];
    if (ours != theirs && ours != PERI_T_NULL && theirs != PERI_T_NULL) {
      return false;
    }
  }
  for (int i = 0; i < keys->column_count; i++) {
    keys->types[i] =
      keys->types[i] == PERI_T_NULL ? other->types[i] : keys->types[i];
  }
  assert(keys->seed == other->seed);
  return true;
}

static uint32_t find_row(const struct pg_keys *keys, const struct pg_cell *row,
                         uint64_t hash)
{
  uint64_t at = hash & keys->mask;
  uint32_t tag = (uint32_t)(hash >> 32);
  for (;; at = (at + 1) & keys->mask) {
    struct pg_keys_slot slot = keys->slots[at];
    if (slot.index == 0) {
      return PG_KEYS_NONE;
    }
    size_t cell = (size_t)(slot.index - 1) * (size_t)keys->column_count;
    if (slot.tag == tag && same_row(keys, row, keys->cells + cell)) {
      return slot.index - 1;
    }
  }
}

void pg_keys_find(const struct pg_keys *keys, const struct pg_keys *other,
                  uint32_t from, uint32_t n, uint32_t *numbers)
{
  size_t columns = (size_t)keys->column_count;
  const uint64_t *hashes = other->hashes + from;
  const struct pg_cell *rows = other->cells + from * columns;
  for (uint32_t i = 0; i < n; i++) {
    if (i + 3 * AHEAD < n) {
      __builtin_prefetch(&keys->slots[hashes[i + 3 * AHEAD] & keys->mask]);
      fetch(keys, columns, 0, hashes, i, n);
    }
    numbers[i] = find_row(keys, rows + i * columns, hashes[i]);
  }
}

enum pg_status pg_keys_add(struct pg_keys *keys, const struct pg_keys *other,
                           uint32_t *numbers, struct pg_error *err)
{
  size_t columns = (size_t)keys->column_count;
  uint32_t more = 0;
  for (uint32_t i = 0; i < other->count; i++) {
    more += numbers[i] == PG_KEYS_NONE;
  }
  if (more > UINT32_MAX - 2 - BLOCK_ROWS - keys->count) {
    return pg_fail(err, PG_BAD_INPUT, "more than %u groups", keys->count);
  }
  bool good = make_room(keys, more);
  for (uint32_t i = 0; i < other->count && good; i++) {
    if (numbers[i] == PG_KEYS_NONE) {
      numbers[i] = keys->count;
      put_slot(keys->slots, keys->mask, other->hashes[i], keys->count);
      good = add_row(keys, other->cells + i * columns, other->hashes[i]);
    }
  }
  return good ? PG_OK : pg_fail(err, PG_NO_MEMORY, "no memory for the groups");
}
