/* program_logic.c - not, and, or, if: the host's own steps.
 *
 * The bytes of a bool are 0 where it is null, so they are its truth. */
#include "flow/program_parts.h"

#include <string.h>

static int64_t whole(int64_t n)
{
  return (n + 63) & ~(int64_t)63;
}

static bool is_bool(const struct pg_register *reg)
{
  return reg->col.type == PERI_T_BOOL;
}

void pg_chunk_truth(const struct pg_chunk *chunk, int step, uint64_t *mask)
{
  const struct pg_register *reg = pg_chunk_register(chunk, step);
  if (!reg->null && is_bool(reg)) {
    pg_mask_pack(mask, reg->col.data, chunk->n);
  } else if (!reg->null && reg->col.valid) {
    memcpy(mask, reg->col.valid, PG_CHUNK_WORDS * sizeof *mask);
  } else {
    memset(mask, reg->null ? 0 : 0xFF, PG_CHUNK_WORDS * sizeof *mask);
  }
}

/* The value of another register of the same type, or null. */
static void take(struct pg_register *reg, const struct pg_register *from)
{
  uint32_t type = reg->col.type;
  reg->null = from->null;
  reg->col = from->col;
  reg->col.type = type;
}

/* ---------------------------------------------------------------- one bool */

static void flip(uint8_t *restrict out, const uint8_t *restrict in, int64_t n)
{
  for (int64_t i = 0; i < whole(n); i++) {
    out[i] = in[i] ^ 1;
  }
}

/* TRUTH, or NOT */
static void run_truth(const struct pg_chunk *chunk, struct pg_register *reg,
                      const struct pg_register *a, bool negate)
{
  uint8_t *bytes = reg->values;
  reg->null = false;
  reg->col.data = bytes;
  reg->col.valid = NULL;
  if (a->null || (!is_bool(a) && !a->col.valid)) {
    memset(bytes, a->null == negate, PG_CHUNK_ROWS);
  } else if (!is_bool(a)) {
    pg_mask_spread(bytes, pg_register_valid(a), chunk->n);
    for (int64_t i = 0; negate && i < whole(chunk->n); i++) {
      bytes[i] ^= 1;
    }
  } else if (negate) {
    flip(bytes, a->col.data, chunk->n);
  } else {
    reg->col.data = a->col.data;
  }
}

/* --------------------------------------------------------------- two bools */

static const uint8_t no_bytes[PG_CHUNK_ROWS];

static const uint8_t *bytes_of(const struct pg_register *reg)
{
  return reg->null ? no_bytes : reg->col.data;
}

static void and_bytes(uint8_t *restrict out, const uint8_t *restrict a,
                      const uint8_t *restrict b, int64_t n)
{
  for (int64_t i = 0; i < whole(n); i++) {
    out[i] = a[i] & b[i];
  }
}

static void or_bytes(uint8_t *restrict out, const uint8_t *restrict a,
                     const uint8_t *restrict b, int64_t n)
{
  for (int64_t i = 0; i < whole(n); i++) {
    out[i] = a[i] | b[i];
  }
}

/* A word of the rows that are not null. */
static uint64_t valid_word(const struct pg_register *reg, int64_t i)
{
  const uint64_t *valid = pg_register_valid(reg);
  return reg->null ? 0 : valid ? valid[i] : ~(uint64_t)0;
}

/* Where a is false the result is false, whatever b is; where a is null it is
 * null. */
static void and_bools(const struct pg_chunk *chunk, struct pg_register *reg,
                      const struct pg_register *a, const struct pg_register *b)
{
  and_bytes(reg->values, bytes_of(a), bytes_of(b), chunk->n);
  reg->col.data = reg->values;
  reg->col.valid = NULL;
  if (a->col.valid || b->null || b->col.valid) {
    uint64_t truth[PG_CHUNK_WORDS];
    pg_mask_pack(truth, bytes_of(a), chunk->n);
    for (int64_t i = 0; i < whole(chunk->n) / 64; i++) {
      reg->valid[i] = valid_word(a, i) & (~truth[i] | valid_word(b, i));
    }
    reg->col.valid = (const uint8_t *)reg->valid;
  }
}

/* Where a is true the result is true, else it is b. */
static void or_bools(const struct pg_chunk *chunk, struct pg_register *reg,
                     const struct pg_register *a, const struct pg_register *b)
{
  or_bytes(reg->values, bytes_of(a), bytes_of(b), chunk->n);
  reg->col.data = reg->values;
  reg->col.valid = NULL;
  if (b->null || b->col.valid) {
    uint64_t truth[PG_CHUNK_WORDS];
    pg_mask_pack(truth, bytes_of(a), chunk->n);
    for (int64_t i = 0; i < whole(chunk->n) / 64; i++) {
      reg->valid[i] = truth[i] | valid_word(b, i);
    }
    reg->col.valid = (const uint8_t *)reg->valid;
  }
}

/* ----------------------------------------------------- two of another type */

#define SELECT(T)                                                              \
  static void select_##T(void *out, const void *a, const void *b,              \
                         const uint64_t *valid, int64_t n)                     \
  {                                                                            \
    for (int64_t i = 0; i < n; i++) {                                          \
      ((T *)out)[i] =                                                          \
        pg_mask_bit(valid, i) ? ((const T *)a)[i] : ((const T *)b)[i];         \
    }                                                                          \
  }
SELECT(uint8_t)
SELECT(uint16_t)
SELECT(uint32_t)
SELECT(uint64_t)

static void select_texts(peri_str *out, const struct pg_register *a,
                         const struct pg_register *b, int64_t n)
{
  const uint64_t *x = pg_register_valid(a), *y = pg_register_valid(b);
  for (int64_t i = 0; i < n; i++) {
    if (pg_mask_bit(x, i)) {
      out[i] = pg_register_text(a, i);
    } else if (!y || pg_mask_bit(y, i)) {
      out[i] = pg_register_text(b, i);
    }
  }
}

/* a where it is not null, which is in some rows, else b. */
static void select_values(const struct pg_chunk *chunk, struct pg_register *reg,
                          const struct pg_register *a,
                          const struct pg_register *b)
{
  const uint64_t *valid = pg_register_valid(a);
  reg->col = (peri_col){.data = reg->values, .type = reg->col.type};
  switch (pg_type_width(reg->col.type)) {
  case 1:
    select_uint8_t(reg->values, a->col.data, b->col.data, valid, chunk->n);
    break;
  case 2:
    select_uint16_t(reg->values, a->col.data, b->col.data, valid, chunk->n);
    break;
  case 4:
    select_uint32_t(reg->values, a->col.data, b->col.data, valid, chunk->n);
    break;
  case 8:
    select_uint64_t(reg->values, a->col.data, b->col.data, valid, chunk->n);
    break;
  default:
    reg->col.layout = PERI_L_SPAN;
    select_texts(reg->values, a, b, chunk->n);
  }
  if (b->col.valid) {
    for (int64_t i = 0; i < whole(chunk->n) / 64; i++) {
      reg->valid[i] = valid[i] | pg_register_valid(b)[i];
    }
    reg->col.valid = (const uint8_t *)reg->valid;
  }
}

/* ------------------------------------------------------------- and, or, if */

/* b where the mask is set, else null. */
static void run_if(const struct pg_chunk *chunk, struct pg_register *reg,
                   const struct pg_register *b, const uint64_t *mask)
{
  enum pg_rows rows = pg_mask_state(mask, chunk->n);
  take(reg, b);
  reg->null |= rows == PG_ROWS_NONE;
  if (reg->null || rows == PG_ROWS_ALL) {
    return;
  }
  if (is_bool(reg)) {
    memcpy(reg->values, b->col.data, PG_CHUNK_ROWS);
    pg_mask_keep(reg->values, mask, chunk->n);
    reg->col.data = reg->values;
  }
  pg_mask_and(reg->valid, mask, pg_register_valid(b), chunk->n);
  reg->col.valid = (const uint8_t *)reg->valid;
}

static void run_and(const struct pg_chunk *chunk, struct pg_register *reg,
                    const struct pg_register *a, const struct pg_register *b)
{
  if (a->null) {
    reg->null = true;
  } else if (is_bool(reg)) {
    reg->null = false;
    and_bools(chunk, reg, a, b);
  } else if (!a->col.valid) {
    take(reg, b);
  } else {
    run_if(chunk, reg, b, pg_register_valid(a));
  }
}

static void run_or(const struct pg_chunk *chunk, struct pg_register *reg,
                   const struct pg_register *a, const struct pg_register *b)
{
  if (a->null) {
    take(reg, b);
  } else if (is_bool(reg)) {
    reg->null = false;
    or_bools(chunk, reg, a, b);
  } else if (!a->col.valid || b->null) {
    take(reg, a);
  } else {
    reg->null = false;
    select_values(chunk, reg, a, b);
  }
}

void pg_chunk_logic(const struct pg_chunk *chunk, int step)
{
  const struct pg_step *at = &chunk->program->steps[step];
  struct pg_register *reg = pg_chunk_register(chunk, step);
  const struct pg_register *a = pg_chunk_arg(chunk, step, 0);
  if (at->in.arg_count == 1) {
    run_truth(chunk, reg, a, at->in.op == PG_OP_NOT);
    return;
  }
  const struct pg_register *b = pg_chunk_arg(chunk, step, 1);
  uint64_t mask[PG_CHUNK_WORDS];
  if (at->guards && reg->rows == PG_ROWS_NONE) { /* b has not been run */
    take(reg, a);
    reg->null |= at->in.op == PG_OP_IF;
    return;
  }
  switch (at->in.op) {
  case PG_OP_AND:
    run_and(chunk, reg, a, b);
    break;
  case PG_OP_OR:
    run_or(chunk, reg, a, b);
    break;
  default:
    pg_chunk_truth(chunk, at->in.args[0], mask);
    run_if(chunk, reg, b, mask);
  }
}
