/* scan.h - finds bytes in text, 16 at a time where the machine can.
 *
 * Everything here may read, and ignores, up to 63 bytes behind `end`: it is for
 * text inside of a chunk, which has that room.
 */
#ifndef PERIGEE_SCAN_H
#define PERIGEE_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first `a` or `b` in [at, end), or `end`. */
static inline const char *scan_two(const char *at, const char *end, char a,
                                   char b)
{
#ifdef __SSE2__
  const __m128i want_a = _mm_set1_epi8(a), want_b = _mm_set1_epi8(b);
  for (; at < end; at += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
    int hits = _mm_movemask_epi8(
      _mm_or_si128(_mm_cmpeq_epi8(text, want_a), _mm_cmpeq_epi8(text, want_b)));
    if (hits) {
      at += __builtin_ctz((unsigned)hits);
      return at < end ? at : end;
    }
  }
  return end;
#else
  while (at < end && *at != a && *at != b) {
    at++;
  }
  return at;
#endif
}

/* The first `c` in [at, end), or `end`.  For distances of some ten bytes;
 * memchr() is faster over hundreds. */
static inline const char *scan_one(const char *at, const char *end, char c)
{
  return scan_two(at, end, c, c);
}

/* Copies the bytes before the first `c` in [at, end), or all of them; how many.
 * Up to 15 bytes may be written behind them. */
static inline size_t scan_copy(char *to, const char *at, const char *end,
                               char c)
{
  const char *from = at;
#ifdef __SSE2__
  const __m128i want = _mm_set1_epi8(c);
  for (; at < end; at += 16, to += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
    int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(text, want));
    _mm_storeu_si128((__m128i *)(void *)to, text);
    if (hits) {
      at += __builtin_ctz((unsigned)hits);
      break;
    }
  }
  return (size_t)((at < end ? at : end) - from);
#else
  while (at < end && *at != c) {
    *to++ = *at++;
  }
  return (size_t)(at - from);
#endif
}

/* Is `c` in the text?  Without a loop where that is short. */
static inline bool scan_has(const char *text, size_t len, char c)
{
#ifdef __SSE2__
  if (len <= 32) {
    const __m128i want = _mm_set1_epi8(c);
    const __m128i *at = (const __m128i *)(const void *)text;
    __m128i a = _mm_cmpeq_epi8(_mm_loadu_si128(at), want);
    __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128(at + 1), want);
    uint64_t hits =
      (uint32_t)_mm_movemask_epi8(a) | (uint64_t)_mm_movemask_epi8(b) << 16;
    return hits & (((uint64_t)1 << len) - 1);
  }
#endif
  return memchr(text, c, len) != NULL;
}

/* How many bytes from the start are whole lines; all of them when `last`. */
static inline size_t scan_whole_lines(const char *text, size_t len, bool last)
{
  if (last) {
    return len;
  }
  while (len > 0 && text[len - 1] != '\n') {
    len--;
  }
  return len;
}
#endif
