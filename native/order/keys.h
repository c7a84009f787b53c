/* keys.h - values of columns as numbers that sort as the values do. */
#ifndef PERIGEE_ORDER_KEYS_H
#define PERIGEE_ORDER_KEYS_H
#include <perigee/plugin.h>

/* What rows are sorted by. */
struct order {
  const peri_col *column;
  bool down;
};

/* A row and the key it is sorted by. */
struct entry {
  uint64_t key;
  uint32_t row;
};

/* What a row is sorted as, in both directions in this order. */
enum rank { RANK_VALUE, RANK_NAN, RANK_NULL };
enum rank key_rank(const peri_col *column, int64_t row);
/* Every row is a value. */
bool key_all_values(const peri_col *column);

bool key_is_text(const peri_col *column);

/* Sets the rows of entries to those of [from, from + n) that are values; how
 * many there are. */
size_t key_values(const peri_col *column, size_t from, size_t n,
                  struct entry *entries);

/* Fills the keys of entries whose rows are values.  Of a text: the KEY_BYTES
 * bytes from `depth` on, zeros behind its end. */
#define KEY_BYTES 8
void key_fill(const peri_col *column, size_t depth, struct entry *entries,
              size_t n);

/* How much of a text there is behind `depth`: 0 to KEY_BYTES, or one more when
 * it goes on after that. */
#define KEY_RESTS (KEY_BYTES + 2)
size_t key_rest(const peri_col *column, size_t depth, int64_t row);
#endif
