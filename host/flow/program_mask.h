/* program_mask.h - rows of a chunk as bits in words, and as bytes.
 *
 * Masks have room for whole words, bytes for whole multiples of 64; what lies
 * behind row n is read and written, and means nothing unless said. */
#ifndef PG_FLOW_PROGRAM_MASK_H
#define PG_FLOW_PROGRAM_MASK_H
#include <stdbool.h>
#include <stdint.h>

static inline bool pg_mask_bit(const uint64_t *mask, int64_t i)
{
  return mask[i >> 6] >> (i & 63) & 1;
}

/* out := a & b; each may be NULL for all rows, not both. */
void pg_mask_and(uint64_t *out, const uint64_t *a, const uint64_t *b,
                 int64_t n);

/* out := the rows whose byte is 1 (bytes are 0 or 1); 0 behind row n. */
void pg_mask_pack(uint64_t *out, const uint8_t *bytes, int64_t n);

/* bytes := 1 for the rows of the mask, 0 for the others. */
void pg_mask_spread(uint8_t *bytes, const uint64_t *mask, int64_t n);

/* bytes := 0 for rows that are not in the mask. */
void pg_mask_keep(uint8_t *bytes, const uint64_t *mask, int64_t n);

/* bytes := 1 for the rows of the mask; the others stay. */
void pg_mask_add(uint8_t *bytes, const uint64_t *mask, int64_t n);

enum pg_rows { PG_ROWS_NONE, PG_ROWS_SOME, PG_ROWS_ALL };
enum pg_rows pg_mask_state(const uint64_t *mask, int64_t n);

/* How many of n rows are in the mask. */
int64_t pg_mask_count(const uint64_t *mask, int64_t n);

/* Appends the numbers of the rows in the mask, counted from `first`; returns
 * how many.  `rows` has room for n numbers. */
int64_t pg_mask_rows(uint32_t *rows, const uint64_t *mask, uint32_t first,
                     int64_t n);

#endif
