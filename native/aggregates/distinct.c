/* distinct.c - how many different values: a set of their hashes, and from
 * HASHES_MAX on HyperLogLog.  How many there are decides which of the two it
 * is, never who stepped them. */
#include "hash.h"
#include "registers.h"
#include "state.h"

#include <math.h>

#define HASHES_MAX 3072 /* three quarters of the slots: 32 KB */
#define HASHES_TEXT "3072"
#define SLOTS_MAX 4096
#define SLOTS_FIRST 16

struct distinct_state {
  uint64_t *slots;    /* owned; 0: free */
  uint8_t *registers; /* owned; NULL: all are in the slots */
  uint32_t slot_count, used;
};
typedef struct distinct_state distinct_state;
PERI_STATE(distinct_state);

/* --------------------------------------------------------------------- the set
 */

static inline uint64_t not_free(uint64_t hash)
{
  return hash ? hash : 1;
}

/* The slot of `hash`, or the free one where it belongs. */
static inline uint64_t *find_slot(uint64_t *slots, uint32_t count,
                                  uint64_t hash)
{
  uint32_t at = (uint32_t)hash & (count - 1);
  while (slots[at] && slots[at] != hash) {
    at = (at + 1) & (count - 1);
  }
  return &slots[at];
}

static bool begin_registers(peri_cx *cx, distinct_state *st)
{
  uint8_t *registers = state_resize(cx, NULL, REGISTERS);
  if (!registers) {
    return false;
  }
  memset(registers, 0, REGISTERS);
  for (uint32_t i = 0; i < st->slot_count; i++) {
    if (st->slots[i]) {
      registers_add(registers, st->slots[i]);
    }
  }
  cx->sv->realloc(cx, st->slots, 0);
  *st = (distinct_state){.registers = registers};
  return true;
}

static bool grow(peri_cx *cx, distinct_state *st)
{
  uint32_t count = st->slot_count ? st->slot_count * 2 : SLOTS_FIRST;
  uint64_t *slots = state_resize(cx, NULL, count * sizeof *slots);
  if (!slots) {
    return false;
  }
  memset(slots, 0, count * sizeof *slots);
  for (uint32_t i = 0; i < st->slot_count; i++) {
    if (st->slots[i]) {
      *find_slot(slots, count, st->slots[i]) = st->slots[i];
    }
  }
  cx->sv->realloc(cx, st->slots, 0);
  st->slots = slots;
  st->slot_count = count;
  return true;
}

/* Adds one that is not there; the set is as full as it may be. */
static bool add_to_full(peri_cx *cx, distinct_state *st, uint64_t hash)
{
  if (st->used == HASHES_MAX) {
    if (!begin_registers(cx, st)) {
      return false;
    }
    registers_add(st->registers, hash);
    return true;
  }
  if (!grow(cx, st)) {
    return false;
  }
  *find_slot(st->slots, st->slot_count, hash) = hash;
  st->used++;
  return true;
}

static inline bool add(peri_cx *cx, distinct_state *st, uint64_t hash)
{
  hash = not_free(hash);
  if (st->registers) {
    registers_add(st->registers, hash);
    return true;
  } else if (st->slot_count > 0) {
    uint64_t *slot = find_slot(st->slots, st->slot_count, hash);
    if (*slot == hash) {
      return true;
    } else if (st->used < st->slot_count / 4 * 3) {
      *slot = hash;
      st->used++;
      return true;
    }
  }
  return add_to_full(cx, st, hash);
}

static peri_status distinct_join(peri_cx *cx, void *into, void *other)
{
  distinct_state *st = into;
  const distinct_state *from = other;
  if (from->registers) {
    if (!st->registers && !begin_registers(cx, st)) {
      return cx->failed;
    }
    registers_join(st->registers, from->registers);
    return PERI_OK;
  }
  for (uint32_t i = 0; i < from->slot_count; i++) {
    if (from->slots[i] && !add(cx, st, from->slots[i])) {
      return cx->failed;
    }
  }
  return PERI_OK;
}

static peri_status distinct_final(peri_cx *cx PERI_UNUSED, const void *state,
                                  peri_slot *result, uint8_t *valid)
{
  const distinct_state *st = state;
  result->i64 = st->registers
                  ? (int64_t)llround(registers_estimate(st->registers))
                  : (int64_t)st->used;
  *valid = 1;
  return PERI_OK;
}

static void distinct_drop(peri_cx *cx, void *state)
{
  distinct_state *st = state;
  cx->sv->realloc(cx, st->slots, 0);
  cx->sv->realloc(cx, st->registers, 0);
  *st = (distinct_state){0};
}

/* ------------------------------------------------------------------- the
 * values
 */

static inline void add_i64(peri_cx *cx, distinct_state *st, int64_t x)
{
  add(cx, st, hash_u64((uint64_t)x));
}

#define ABOVE_I64                                                              \
  UINT64_C(0xA5A5A5A5A5A5A5A5) /* apart from negative numbers                  \
                                */

static inline void add_u64(peri_cx *cx, distinct_state *st, uint64_t x)
{
  uint64_t hash = hash_u64(x);
  add(cx, st, x <= INT64_MAX ? hash : hash_u64(hash ^ ABOVE_I64));
}

/* An integer is the same value as f64 and as i64; all NaN are one value. */
static inline void add_f64(peri_cx *cx, distinct_state *st, double x)
{
  uint64_t bits;
  if (x >= -0x1p63 && x < 0x1p63 && (double)(int64_t)x == x) {
    add_i64(cx, st, (int64_t)x);
    return;
  }
  x = isnan(x) ? (double)NAN : x;
  memcpy(&bits, &x, sizeof bits);
  add(cx, st, hash_u64(hash_u64(bits) ^ HASH_D));
}

static inline void add_bool(peri_cx *cx, distinct_state *st, bool x)
{
  add_i64(cx, st, x);
}

static inline void add_str(peri_cx *cx, distinct_state *st, peri_str x)
{
  add(cx, st, hash_bytes(x.ptr, x.len));
}

STEP_LOOP(step_i64, distinct_state, i64, add_i64)
STEP_LOOP(step_u64, distinct_state, u64, add_u64)
STEP_LOOP(step_f64, distinct_state, f64, add_f64)
STEP_LOOP(step_bool, distinct_state, bool, add_bool)
STEP_LOOP(step_str, distinct_state, str, add_str)

#define DISTINCT_OF(ID, TYPE, STEP)                                            \
  AGGREGATE(                                                                   \
    i64, ID, distinct, distinct_state, STEP, distinct_join, distinct_final,    \
    "How many different values there are; null is none. Exact for up "         \
    "to " HASHES_TEXT " of them in a group, estimated for more, with "         \
    "a standard error of " REGISTERS_ERROR ". JSON is compared as text.",      \
    (TYPE, x));                                                                \
  AGGREGATE_DROP(ID, distinct_drop)
DISTINCT_OF(distinct_bool, bool, step_bool);
DISTINCT_OF(distinct_i64, i64, step_i64);
DISTINCT_OF(distinct_u64, u64, step_u64);
DISTINCT_OF(distinct_f64, f64, step_f64);
DISTINCT_OF(distinct_time, time, step_i64);
DISTINCT_OF(distinct_str, str, step_str);
DISTINCT_OF(distinct_bin, bin, step_str);
DISTINCT_OF(distinct_json, json, step_str);
