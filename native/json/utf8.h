/* utf8.h - is it UTF-8? */
#ifndef JSON_UTF8_H
#define JSON_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one pass over a chunk tells. */
struct json_survey {
  int64_t newlines;
  bool valid; /* all of it is UTF-8 */
};
struct json_survey json_survey(const char *bytes, size_t len);

/* Offset of the first byte that is not part of valid UTF-8, or len. */
size_t json_utf8_error(const char *bytes, size_t len);

/* Bytes of the valid sequence at p, of `len` bytes; 0: not valid. */
size_t json_utf8_sequence(const char *p, size_t len);
#endif
