/* heads.h - compares the bytes before a value with those that a step expects.
 */
#ifndef JSON_HEADS_H
#define JSON_HEADS_H
#include "plan.h"
#include "scan.h"

/* The bytes before a value, at hand. */
struct head {
  const char *text; /* JSON_STEP_HEAD bytes */
  uint32_t mask, len;
  const char *rest; /* what does not fit, or NULL */
};

static inline struct head head_of(const struct json_step *step)
{
  return (struct head){step->head, step->mask, step->len,
                       step->len > JSON_STEP_HEAD ? step->text + JSON_STEP_HEAD
                                                  : NULL};
}

#ifdef __SSE2__
/* Bit i: byte i of the 16 is the same. */
static inline uint32_t same16(const char *a, const char *b)
{
  return (uint32_t)_mm_movemask_epi8(
    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
                   _mm_loadu_si128((const __m128i *)(const void *)b)));
}

BLOCKS_INLINE bool begins_plain(const struct head *head, const char *p)
{
  uint32_t same = same16(p, head->text);
  if (head->len > 16) {
    same |= same16(p + 16, head->text + 16) << 16;
  }
  return (~same & head->mask) == 0;
}
#else
static inline bool begins_plain(const struct head *head, const char *p)
{
  size_t some = head->len < JSON_STEP_HEAD ? head->len : JSON_STEP_HEAD;
  return memcmp(p, head->text, some) == 0;
}
#endif

#ifdef __x86_64__
BLOCKS_AVX2 static inline bool begins_avx2(const struct head *head,
                                           const char *p)
{
  __m256i same = _mm256_cmpeq_epi8(
    _mm256_loadu_si256((const __m256i *)(const void *)p),
    _mm256_loadu_si256((const __m256i *)(const void *)head->text));
  return (~(uint32_t)_mm256_movemask_epi8(same) & head->mask) == 0;
}
#else
#define begins_avx2 begins_plain
#endif

BLOCKS_INLINE bool begins_head(const struct head *head, const char *p,
                               bool wide)
{
  return wide ? begins_avx2(head, p) : begins_plain(head, p);
}

/* Is what does not fit there as well?  `limit`: how far may be read. */
static inline bool ends_head(const struct head *head, const char *p,
                             const char *limit)
{
  return !head->rest || ((size_t)(limit - p) >= head->len &&
                         memcmp(p + JSON_STEP_HEAD, head->rest,
                                head->len - JSON_STEP_HEAD) == 0);
}

/* Do the bytes at p begin with the head? */
BLOCKS_INLINE bool is_head(const struct head *head, const char *p,
                           const char *limit, bool wide)
{
  return !JSON_NEVER(!begins_head(head, p, wide)) && ends_head(head, p, limit);
}
#endif
