/* special.h - the bytes that a JSON string cannot hold as they are. */
#ifndef PERIGEE_SPECIAL_H
#define PERIGEE_SPECIAL_H
#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define JSON_NEVER(x) __builtin_expect(!!(x), 0)

/* True for what may not stand in a string as it is. */
static inline bool json_is_special(char c)
{
  return c == '"' || c == '\\' || (unsigned char)c < ' ';
}

#ifdef __SSE2__
/* A bit for each of 16 bytes that is special. */
static inline uint32_t json_specials(__m128i bytes)
{
  __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  __m128i control =
    _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  return (uint32_t)_mm_movemask_epi8(
    _mm_or_si128(_mm_or_si128(quote, slash), control));
}
#endif
#endif
