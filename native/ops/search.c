/* search.c - finds text in text, without patterns. */
#include "fast.h"
#include "text.h"

#ifdef __x86_64__
#include <immintrin.h>
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

#ifdef __x86_64__
/* A bit for each place behind `from` where the first byte is right, and the
 * last one as far behind `to`. */
typedef uint32_t places_fn(const char *from, const char *to, char first,
                           char last);

static inline uint32_t places_16(const char *from, const char *to, char first,
                                 char last)
{
  __m128i a = _mm_loadu_si128((const __m128i *)(const void *)from);
  __m128i b = _mm_loadu_si128((const __m128i *)(const void *)to);
  return (uint32_t)_mm_movemask_epi8(
    _mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8(first)),
                  _mm_cmpeq_epi8(b, _mm_set1_epi8(last))));
}

WIDE static inline uint32_t places_32(const char *from, const char *to,
                                      char first, char last)
{
  __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)from);
  __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)to);
  return (uint32_t)_mm256_movemask_epi8(
    _mm256_and_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8(first)),
                     _mm256_cmpeq_epi8(b, _mm256_set1_epi8(last))));
}

/* `width` places at a time, of which there are at least as many.  The last ones
 * may overlap those before, so no byte behind the subject is read. */
static inline __attribute__((always_inline)) const char *
find_blocks(const char *s, const char *last, const char *text, size_t len,
            ptrdiff_t width, places_fn *places)
{
  for (;;) {
    uint32_t hits = places(s, s + len - 1, text[0], text[len - 1]);
    for (; hits; hits &= hits - 1) {
      const char *at = s + __builtin_ctz(hits);
      if (same_bytes(at, text, len)) {
        return at;
      }
    }
    if (last - s < width) {
      return NULL;
    }
    s = last - s >= 2 * width - 1 ? s + width : last - (width - 1);
  }
}

static const char *find_plainly(const char *s, const char *last,
                                const char *text, size_t len)
{
  return find_blocks(s, last, text, len, 16, places_16);
}

WIDE static const char *find_widely(const char *s, const char *last,
                                    const char *text, size_t len)
{
  return find_blocks(s, last, text, len, 32, places_32);
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
#ifdef __x86_64__
  if (n - len >= 31 && HAS_WIDE) {
    return find_widely(s, s + n - len, text, len);
  }
  if (n - len >= 15) {
    return find_plainly(s, s + n - len, text, len);
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
  peri_str text;
  bool constant = rows_constant(&c[1], &text);
  EACH_ROW(i, c, 3, n)
  {
    places[i] = find_text(peri_row_str(&c[0], i),
                          constant ? text : peri_row_str(&c[1], i), inits[i]);
    valid[i] = places[i] != 0;
  }
}
