/* search.c - finds text in text, without patterns. */
#include "fast.h"
#include "text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Places one after another, for few of them: `last` is the last one. */
static const char *find_slowly(const char *s, const char *last,
                               const char *text, size_t len)
{
  for (; s <= last; s++) {
    if (s[0] == text[0] && s[len - 1] == text[len - 1] &&
        same_bytes(s, text, len)) {
      return s;
    }
  }
  return NULL;
}

#ifdef __SSE2__
/* Sixteen places at a time: where the first and the last byte are right.  The
 * last sixteen may overlap those before, so no byte behind the subject is read.
 */
static const char *find_blocks(const char *s, const char *last,
                               const char *text, size_t len)
{
  __m128i first_byte = _mm_set1_epi8(text[0]);
  __m128i last_byte = _mm_set1_epi8(text[len - 1]);
  for (;;) {
    const char *end = s + len - 1;
    __m128i from = _mm_loadu_si128((const __m128i *)(const void *)s);
    __m128i to = _mm_loadu_si128((const __m128i *)(const void *)end);
    int hits = _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(from, first_byte),
                                               _mm_cmpeq_epi8(to, last_byte)));
    for (; hits; hits &= hits - 1) {
      const char *at = s + __builtin_ctz((unsigned)hits);
      if (same_bytes(at, text, len)) {
        return at;
      }
    }
    if (s + 15 >= last) {
      return NULL;
    }
    s = s + 31 <= last ? s + 16 : last - 15;
  }
}
#endif

const char *find_bytes(const char *s, size_t n, const char *text, size_t len)
{
  if (len == 0) {
    return s;
  }
  if (len > n) {
    return NULL;
  }
  if (len == 1) {
    return memchr(s, text[0], n);
  }
#ifdef __SSE2__
  if (n - len >= 15) {
    return find_blocks(s, s + n - len, text, len);
  }
#endif
  return find_slowly(s, s + n - len, text, len);
}

int64_t find_text(peri_str s, peri_str text, int64_t init)
{
  int64_t first = first_position(init, s.len);
  if (first > (int64_t)s.len + 1) {
    return 0;
  }
  const char *hit = find_bytes(s.ptr + (first - 1), s.len - (size_t)(first - 1),
                               text.ptr, text.len);
  return hit ? hit - s.ptr + 1 : 0;
}

MAPPED_FN(opt_i64, find_plain, "Where the text begins, at init or later.",
          (str, s), (str, text), (i64, init))
{
  int64_t at = find_text(s, text, init);
  return (peri_opt_i64){.value = at, .has = at != 0};
}

OPS_MAP(find_plain)
{
  int64_t *places = out;
  const int64_t *inits = c[2].data;
  EACH_ROW(i, c, 3, n)
  {
    places[i] =
      find_text(peri_row_str(&c[0], i), peri_row_str(&c[1], i), inits[i]);
    valid[i] = places[i] != 0;
  }
}
