/* short_text.h - texts of a few bytes, without a loop over them. */
#ifndef PERIGEE_SHORT_TEXT_H
#define PERIGEE_SHORT_TEXT_H
#include <perigee/plugin.h>

/* Does row i lie within its view?  Returns the view, or NULL. */
static inline const peri_view *short_row(const peri_col *column, int64_t i)
{
  const peri_view *view = (const peri_view *)column->data + i;
  return column->layout == PERI_L_VIEW && view->len <= 12 ? view : NULL;
}

#ifdef __SSE2__
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t short_load(const char *from, size_t size)
{
  uint64_t word = 0;
  memcpy(&word, from, size);
  return word;
}

/* Up to 16 bytes, and zeros behind them; reads nothing else. */
static inline __m128i short_text(const char *text, size_t len)
{
  uint64_t low = 0, high = 0;
  if (len > 8) {
    low = short_load(text, 8);
    high = short_load(text + len - 8, 8) >> (8 * (16 - len));
  } else if (len >= 4) {
    low = short_load(text, 4) | short_load(text + len - 4, 4) << 8 * (len - 4);
  } else if (len > 0) {
    low = (uint64_t)(unsigned char)text[0] |
          (uint64_t)(unsigned char)text[len / 2] << 8 * (len / 2) |
          (uint64_t)(unsigned char)text[len - 1] << 8 * (len - 1);
  }
  return _mm_set_epi64x((long long)high, (long long)low);
}
/* The text of a view, of up to 12 bytes, and zeros behind it. */
static inline __m128i short_view(const peri_view *view)
{
  return _mm_srli_si128(_mm_loadu_si128((const __m128i *)(const void *)view),
                        4);
}
#endif
#endif
