/* keys.h - finds keys by their text, and the ends of values: keyed.c, which
 * alone includes it. */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H
#include "heads.h"
#include "values.h"

/* ------------------------------------------------------------------------ keys
 */

/* Of the key whose quote is at p, of n bytes, at least one.  8 bytes can be
 * read behind the quote. */
static inline uint32_t hash_of(const char *p, size_t n)
{
  static const uint64_t masks[16] = {
    0,
    0xFF,
    0xFFFF,
    0xFFFFFF,
    0xFFFFFFFF,
    0xFFFFFFFFFF,
    0xFFFFFFFFFFFF,
    0xFFFFFFFFFFFFFF,
    [8 ... 15] = ~(uint64_t)0,
  };
  uint64_t first = load64(p + 1) & masks[n < 15 ? n : 15];
  uint64_t last = load16(p + n - 1);
  uint64_t hash = (first ^ last << 48) * 0x9E3779B97F4A7C15u;
  return (uint32_t)(hash >> (64 - JSON_INDEX_BITS));
}

static struct head key_head(const struct json_key *key)
{
  return (struct head){key->head, key->mask, key->len,
                       key->len > JSON_STEP_HEAD ? key->text + JSON_STEP_HEAD
                                                 : NULL};
}

/* The place of the key at p, of n bytes, or 0. */
static __attribute__((noinline)) uint32_t find_far(const struct json_reader *r,
                                                   const char *p, size_t n)
{
  const struct json_keyed *keyed = &r->keyed;
  uint32_t at = n ? hash_of(p, n) : 0;
  for (; n && keyed->index[at]; at = (at + 1) % JSON_INDEX) {
    const struct head head = key_head(&keyed->keys[keyed->index[at]]);
    if (is_head(&head, p, r->limit, false)) {
      return keyed->index[at];
    }
  }
  return 0;
}

/* The place of the key at p, or 0. */
BLOCKS_INLINE uint32_t find_key(const struct json_reader *r, const char *p,
                                bool wide)
{
#ifdef __SSE2__
  __m128i quotes =
    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 1)),
                   _mm_set1_epi8('"'));
  uint32_t found = (uint32_t)_mm_movemask_epi8(quotes);
  if (found > 1) {
    size_t n = (size_t)__builtin_ctz(found);
    uint32_t key = r->keyed.index[hash_of(p, n)];
    const struct json_key *k = &r->keyed.keys[key];
    const struct head head = {k->head, k->mask, JSON_STEP_HEAD, NULL};
    return is_head(&head, p, r->limit, wide) ? key : find_far(r, p, n);
  }
#endif
  return find_far(r, p, (size_t)(text_end(wide, p + 1) - p) - 1);
}

/* ---------------------------------------------------------------------- values
 */

/* Where the text or the plain value that goes on at p has its end: its quote or
 * backslash; ',' or '}'; or what is in neither. */
static __attribute__((noinline)) const char *far_end(const char *p, bool text)
{
  p = text ? json_text_end(p) : p;
  while (!text && *p != ',' && *p != '}' && *p != '"' &&
         (unsigned char)*p >= ' ') {
    p++;
  }
  return p;
}

#ifdef __x86_64__
/* Of texts and others alike, so that the processor need not guess which. */
BLOCKS_AVX2 static inline const char *
near_end_avx2(const struct json_bytes *with, const char *p, bool text)
{
#define LOAD(at) _mm256_loadu_si256((const __m256i *)(const void *)(at))
  __m256i bytes = LOAD(p);
  __m256i low = _mm256_cmpgt_epi8(LOAD(with->low),
                                  _mm256_xor_si256(bytes, LOAD(with->flip)));
  __m256i slash = _mm256_cmpeq_epi8(bytes, LOAD(with->slash));
  __m256i ends = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, LOAD(with->comma)),
                                 _mm256_cmpeq_epi8(bytes, LOAD(with->brace)));
#undef LOAD
  uint32_t in_text =
    (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, slash));
  uint32_t other = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, ends));
  uint32_t found = other ^ ((in_text ^ other) & -(uint32_t)text);
  return JSON_NEVER(!found) ? far_end(p + 32, text) : p + __builtin_ctz(found);
}
#else
#define near_end_avx2(with, p, text) far_end(p, text)
#endif

/* The end of the value at p, which is no object or array; NULL: it is
 * malformed, as far as that shows. */
BLOCKS_INLINE const char *value_end(const struct json_bytes *with,
                                    const char *p, bool wide)
{
  struct json_fault fault;
  bool text = *p == '"';
  const char *end =
    wide ? near_end_avx2(with, p + 1, text) : far_end(p + 1, text);
  if (JSON_NEVER((*end == '"') != text)) {
    return text && *end == '\\' ? json_skip_string(end, &fault) : NULL;
  }
  return end + text;
}

/* Behind a value: the next key, or the end of the line; NULL: neither. */
BLOCKS_INLINE const char *next_member(const char *end)
{
  if (*end == ',') {
    return end + 1 + (end[1] == ' ');
  }
  if (*end != '}') {
    return NULL;
  }
  end = json_rare_space(end + 1);
  return *end == '\n' ? end : NULL;
}

#endif
