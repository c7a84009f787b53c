/* utf8.c - UTF-8 is checked where text comes from Lua, which takes any bytes:
 * all that reads a column relies on it. */
#include "bind/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the character that begins at p, or 0: it is none. */
static size_t character(const unsigned char *p, size_t left)
{
  unsigned lead = p[0], low = 0x80, high = 0xbf;
  size_t n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || left < n) {
    return 0;
  }
  /* Only the second byte has bounds of its own: no overlong form, no
   * surrogate, nothing beyond U+10FFFF. */
  low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : low;
  high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : high;
  if (p[1] < low || p[1] > high) {
    return 0;
  }
  for (size_t i = 2; i < n; i++) {
    if ((p[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return n;
}

bool pg_utf8_check(const char *text, size_t len)
{
  const unsigned char *p = (const unsigned char *)text, *end = p + len;
  while (p < end) {
    uint64_t eight;
    if (end - p >= 8 &&
        (memcpy(&eight, p, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
      p += 8;
      continue;
    }
    size_t n = *p < 0x80 ? 1 : character(p, (size_t)(end - p));
    if (n == 0) {
      return false;
    }
    p += n;
  }
  return true;
}
