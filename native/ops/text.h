/* text.h - positions in strings, for the files of this plugin. */
#ifndef OPS_TEXT_H
#define OPS_TEXT_H
#include "number.h"
#include "rows.h"

/* A first position as Lua reads it: at least 1, perhaps beyond the end. */
static inline int64_t first_position(int64_t at, size_t len)
{
  if (at > 0) {
    return at;
  }
  return at == 0 || at < -(int64_t)len ? 1 : (int64_t)len + at + 1;
}

/* The first place in [s, s + n) where `text` begins; NULL: none. */
const char *find_bytes(const char *s, size_t n, const char *text, size_t len);

/* Where `text` begins in s, from position `init` on; 0: nowhere. */
int64_t find_text(peri_str s, peri_str text, int64_t init);
#endif
