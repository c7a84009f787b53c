/* scan.h - the innermost loops over JSON text.
 *
 * Everything here relies on one invariant of the reader: a '\n' lies at or
 * behind every position it looks at, and 64 bytes behind that '\n' may be read.
 * As no token of a record holds a raw '\n', no loop asks for the end.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H
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
