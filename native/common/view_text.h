/* view_text.h - views of texts that lie in a chunk. */
#ifndef PERIGEE_VIEW_TEXT_H
#define PERIGEE_VIEW_TEXT_H
#include "load.h"

#include <perigee/plugin.h>

/* As peri_view_set(), without a branch on the length; 12 bytes can be read at
 * `text`. */
static inline void view_set_chunk(peri_view *view, const char *text, size_t len,
                                  int32_t buffer, const char *base)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  static const uint64_t masks[13][2] = {
    {0, 0},
    {0xFFu, 0},
    {0xFFFFu, 0},
    {0xFFFFFFu, 0},
    {0xFFFFFFFFu, 0},
    {0xFFFFFFFFu, 0xFFu},
    {0xFFFFFFFFu, 0xFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFFFFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFFFFFFFFFu},
    {0xFFFFFFFFu, 0xFFFFFFFFFFFFFFFFu},
  };
  const uint64_t *mask = masks[len < 12 ? len : 12];
  uint64_t far = (uint32_t)buffer | (uint64_t)(text - base) << 32;
  uint64_t near = load64(text + 4) & mask[1];
  uint64_t word[2] = {(uint32_t)len | (load32(text) & mask[0]) << 32,
                      len <= 12 ? near : far};
  memcpy(view, word, sizeof word);
#else
  peri_view_set(view, text, len, buffer, base);
#endif
}
#endif
