/* scan.h - the innermost loops over JSON text.
 *
 * Everything here relies on one invariant of the reader: a '\n' lies at or
 * behind every position it looks at, and 64 bytes behind that '\n' may be read.
 * As no token of a record holds a raw '\n', no loop asks for the end.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H
#include "blocks.h"
#include "load.h"
#include "special.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
/* The next quote, backslash or control character. */
static inline const char *json_text_end(const char *p)
{
  for (;; p += 16) {
    uint32_t found = json_specials(_mm_loadu_si128((const __m128i *)p));
    if (found) {
      return p + __builtin_ctz(found);
    }
  }
}
#else
static inline const char *json_text_end(const char *p)
{
  while (!json_is_special(*p)) {
    p++;
  }
  return p;
}
#endif

#ifdef __x86_64__
/* The same, 32 bytes at a time. */
BLOCKS_AVX2 static inline const char *json_text_end_avx2(const char *p)
{
  for (;; p += 32) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i flipped = _mm256_xor_si256(bytes, _mm256_set1_epi8((char)0x82));
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21 - 0x80), flipped);
    __m256i slash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    uint32_t found =
      (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, slash));
    if (found) {
      return p + __builtin_ctz(found);
    }
  }
}
#else
#define json_text_end_avx2 json_text_end
#endif

/* Skips what JSON calls whitespace, within a line. */
static inline const char *json_space(const char *p)
{
  while (*p == ' ' || *p == '\t' || *p == '\r') {
    p++;
  }
  return p;
}

/* The same where there mostly is none. */
static inline const char *json_rare_space(const char *p)
{
  return JSON_NEVER((unsigned char)*p <= ' ') ? json_space(p) : p;
}
#endif
