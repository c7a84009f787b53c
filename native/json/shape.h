/* shape.h - what the keys of the records look like, learned from them.
 *
 *   node (an object)       slot (a key)            slot
 *   first ---------------> "ts":   next ---------> "level":  next --> ...
 *   table: name -> slot    column, or child node
 *
 * Records of one program mostly have the same keys in the same order.  So every
 * slot remembers which slot came after it the last time, and the reader first
 * compares the bytes at hand with that key's text, quotes and colon included.
 * Only when they differ does it look the key up by name.
 *
 * The path a.b.c can be met as three keys, as "a" then "b.c", as "a.b" then
 * "c" or as one key with dots; each way leads to the same column, and the fewer
 * keys, the higher it ranks.
 */
#ifndef JSON_SHAPE_H
#define JSON_SHAPE_H
#include "scan.h"

#include <perigee/plugin.h>

#define JSON_COLUMNS_MAX 4096
#define JSON_SLOTS_MAX 16384 /* learned keys, of all objects together */
#define JSON_RANKS 256       /* ranks that are not given yet begin here */
#define JSON_LEARN_MAX 64    /* bytes of a key worth learning when not wanted */

struct json_column;
struct json_node;

struct json_slot {
  char head[32]; /* of `text` */
  uint32_t mask; /* of the first 16 bytes; no value of 16 bits: never equal */
  uint32_t len;  /* of `text` */
  struct json_slot *next;     /* came next the last time */
  struct json_column *column; /* what is made of the value; may be NULL */
  struct json_node *child;    /* keys within that are wanted; may be NULL */
  uint32_t depth;             /* of its object: 1 for the record itself */
  uint32_t hash;
  uint32_t rank;    /* keys of lower rank mostly come before: keyed.c */
  uint64_t seen;    /* `line_count` of the last record with it, parents only */
  uint32_t times;   /* how often it came in that, or has yet to come */
  const char *text; /* `"name":` as it stands in the input */
  peri_str name;
};

struct json_node {
  struct json_slot *first; /* began the last time */
  struct json_slot none;   /* a key that is not learned; never equal */
  struct json_slot **table;
  uint32_t table_size; /* a power of two, or 0 */
  uint32_t count;
};

struct json_shape {
  struct json_node *root; /* owned, as all below it */
  uint32_t slots;
};

/* The slot called `name`, or NULL. */
struct json_slot *json_slot_find(const struct json_node *node, peri_str name,
                                 uint32_t hash);
uint32_t json_name_hash(peri_str name);

/* Adds a slot; `raw`: the name as it stands in the input, without quotes.
 * NULL: no memory. */
struct json_slot *json_slot_add(peri_cx *cx, struct json_shape *shape,
                                struct json_node *node, peri_str name,
                                peri_str raw, uint32_t depth);

/* Makes an empty shape.  False: no memory. */
bool json_shape_init(peri_cx *cx, struct json_shape *shape);
void json_shape_fini(peri_cx *cx, struct json_shape *shape);

/* Leads every way to write the path `name` to `column`.  False: no memory. */
bool json_shape_want(peri_cx *cx, struct json_shape *shape, peri_str name,
                     struct json_column *column);

/* Do the bytes at p begin with this key?  `limit`: how far may be read. */
static inline bool json_is_key(const struct json_slot *slot, const char *p,
                               const char *limit)
{
#ifdef __SSE2__
  __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p),
                               _mm_loadu_si128((const __m128i *)slot->head));
  if (((uint32_t)_mm_movemask_epi8(low) & slot->mask) != slot->mask) {
    return false;
  }
  return slot->len <= 16 || ((size_t)(limit - p) >= slot->len &&
                             memcmp(p, slot->text, slot->len) == 0);
#else
  return slot->mask <= 0xFFFF && (size_t)(limit - p) >= slot->len &&
         memcmp(p, slot->text, slot->len) == 0;
#endif
}
#endif
