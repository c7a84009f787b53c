/* utf8_text.h - is it UTF-8, and what to do when it is not. */
#ifndef PERIGEE_UTF8_TEXT_H
#define PERIGEE_UTF8_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define UTF8_BROKEN "\xEF\xBF\xBD" /* U+FFFD */

/* Length of the well-formed sequence at `at`, 0 when there is none (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). */
static inline size_t utf8_sequence(const unsigned char *at, size_t len)
{
  unsigned char c = at[0];
  if (c < 0x80) {
    return 1;
  }
  if (c < 0xC2 || c > 0xF4) {
    return 0;
  }
  size_t n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  if (len < n) {
    return 0;
  }
  unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high || (n > 2 && (at[2] & 0xC0) != 0x80) ||
      (n > 3 && (at[3] & 0xC0) != 0x80)) {
    return 0;
  }
  return n;
}

/* Code point of a well-formed sequence of n bytes. */
static inline uint32_t utf8_code_point(const unsigned char *at, size_t n)
{
  uint32_t code = n == 1   ? at[0]
                  : n == 2 ? at[0] & 0x1Fu
                  : n == 3 ? at[0] & 0x0Fu
                           : at[0] & 0x07u;
  for (size_t i = 1; i < n; i++) {
    code = code << 6 | (at[i] & 0x3Fu);
  }
  return code;
}

/* How many bytes from the start are ASCII, or a few fewer. */
static inline size_t utf8_ascii(const char *text, size_t len)
{
  size_t i = 0;
  for (; i + 32 <= len; i += 32) {
    uint64_t words[4];
    memcpy(words, text + i, 32);
    if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) {
      break;
    }
  }
  return i;
}

/* Length of the longest well-formed start of the text. */
static inline size_t utf8_good(const char *text, size_t len)
{
  const unsigned char *bytes = (const unsigned char *)text;
  size_t i = 0;
  while (i < len) {
    if (bytes[i] < 0x80) {
      i += utf8_ascii(text + i, len - i);
      while (i < len && bytes[i] < 0x80) {
        i++;
      }
      continue;
    }
    size_t n = utf8_sequence(bytes + i, len - i);
    if (n == 0) {
      return i;
    }
    i += n;
  }
  return len;
}

/* The bits that ASCII has not, of the bytes at `text`, up to 16 of them: the
 * first and the last ones, which may be the same. */
static inline uint64_t utf8_high_bits(const char *text, size_t len)
{
  uint64_t first = 0, last = 0;
  if (len >= 8) {
    memcpy(&first, text, 8);
    memcpy(&last, text + len - 8, 8);
  } else if (len >= 4) {
    memcpy(&first, text, 4);
    memcpy(&last, text + len - 4, 4);
  } else if (len > 0) {
    first = (uint64_t)((unsigned char)text[0] | (unsigned char)text[len / 2]);
    last = (unsigned char)text[len - 1];
  }
  return (first | last) & 0x8080808080808080u;
}

/* Most texts are ASCII, and many are short. */
static inline bool utf8_valid(const char *text, size_t len)
{
  size_t ascii = utf8_ascii(text, len);
  for (; ascii + 16 <= len && !utf8_high_bits(text + ascii, 16); ascii += 16) {
  }
  if (len - ascii <= 16 && !utf8_high_bits(text + ascii, len - ascii)) {
    return true;
  }
  return ascii + utf8_good(text + ascii, len - ascii) == len;
}

/* Copies the text with U+FFFD for every byte that is part of no well-formed
 * sequence; `to` has room for 3 * len bytes.  Returns the new length. */
static inline size_t utf8_repair(char *to, const char *text, size_t len)
{
  char *at = to;
  while (len > 0) {
    size_t good = utf8_good(text, len);
    memcpy(at, text, good);
    at += good;
    text += good;
    len -= good;
    if (len > 0) {
      memcpy(at, UTF8_BROKEN, 3);
      at += 3;
      text++;
      len--;
    }
  }
  return (size_t)(at - to);
}
#endif
