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
/* A bit for each of 16 bytes that is special.  With bit 1 flipped, the quote is
 * next to the control characters; with bit 7 flipped as well, bytes compare as
 * if they were unsigned. */
static inline uint32_t json_specials(__m128i bytes)
{
  __m128i flipped = _mm_xor_si128(bytes, _mm_set1_epi8((char)0x82));
  __m128i low = _mm_cmpgt_epi8(_mm_set1_epi8(0x21 - 0x80), flipped);
  __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, slash));
}
#endif
#endif
