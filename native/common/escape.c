/* escape.c - between texts and JSON strings. */
#include "escape.h"

#include "short_text.h"
#include "special.h"
#include "utf8_text.h"

/* The value of four hex digits, or -1. */
static int hex4(const char *p, const char *end)
{
  int value = 0;
  for (int i = 0; i < 4; i++, p++) {
    char low = p < end ? (char)(*p | 0x20) : ' ';
    if (p < end && *p >= '0' && *p <= '9') {
      value = value * 16 + (*p - '0');
    } else if (low >= 'a' && low <= 'f') {
      value = value * 16 + (low - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

static char *put_utf8(char *to, unsigned code)
{
  if (code < 0x80) {
    *to++ = (char)code;
    return to;
  }
  if (code < 0x800) {
    *to++ = (char)(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      *to++ = (char)(0xE0 | code >> 12);
    } else {
      *to++ = (char)(0xF0 | code >> 18);
      *to++ = (char)(0x80 | (code >> 12 & 63));
    }
    *to++ = (char)(0x80 | (code >> 6 & 63));
  }
  *to++ = (char)(0x80 | (code & 63));
  return to;
}

static char plain_escape(char c)
{
  switch (c) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c; /* quote, backslash, slash */
  }
}

static bool is_low_surrogate(int code)
{
  return code >= 0xDC00 && code < 0xE000;
}

/* Turns the escape at *from, a backslash, into bytes. */
static char *one_escape(char *to, const char **from, const char *end)
{
  const char *p = *from + 1;
  int code = p < end && *p == 'u' ? hex4(p + 1, end) : -1;
  if (code < 0) {
    *to = p < end ? plain_escape(*p) : '\\';
    *from = p + (p < end);
    return to + 1;
  }
  p += 5;
  if (code >= 0xD800 && code < 0xDC00) {
    int low =
      end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
    if (is_low_surrogate(low)) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      p += 6;
    } else {
      code = 0xFFFD;
    }
  }
  *from = p;
  return put_utf8(to, is_low_surrogate(code) ? 0xFFFD : (unsigned)code);
}

char *json_unescape(char *to, const char *from, const char *end)
{
  while (from < end) {
    const char *stop = memchr(from, '\\', (size_t)(end - from));
    size_t len = (size_t)((stop ? stop : end) - from);
    memcpy(to, from, len);
    to += len;
    from += len;
    if (stop) {
      to = one_escape(to, &from, end);
    }
  }
  return to;
}

/* ------------------------------------------------------------------- escaping
 */

#define FEW 256 /* texts up to here are not measured first */

size_t json_escape_room(const char *text, size_t len)
{
  if (len <= FEW) {
    return len * 6 + 18;
  }
  size_t room = len + 18;
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    room += c < ' ' ? 5 : c == '"' || c == '\\' ? 1 : c >= 0x80 ? 2 : 0;
  }
  return room;
}

static char *escape_byte(char *to, unsigned char c)
{
  static const char names[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
  static const char hex[] = "0123456789abcdef";
  *to++ = '\\';
  if (c >= ' ') {
    *to++ = (char)c;
    return to;
  }
  *to++ = names[c];
  if (names[c] == 'u') {
    to[0] = to[1] = '0';
    to[2] = hex[c >> 4];
    to[3] = hex[c & 15];
    to += 4;
  }
  return to;
}

static char *escape_bytes(char *to, const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (json_is_special(text[i])) {
      to = escape_byte(to, (unsigned char)text[i]);
    } else {
      *to++ = text[i];
    }
  }
  return to;
}

#ifdef __SSE2__
/* The same for what is left of a text, less than 16 bytes. */
static char *escape_few(char *to, const char *text, size_t len, int *high)
{
  __m128i block = short_text(text, len);
  *high |= _mm_movemask_epi8(block);
  if (JSON_NEVER(json_specials(block) & ((1u << len) - 1))) {
    return escape_bytes(to, text, len);
  }
  _mm_storeu_si128((__m128i *)to, block);
  return to + len;
}

/* Copies with escapes; *high gets a bit when a byte is not ASCII. */
static char *escape_ascii(char *to, const char *text, size_t len, int *high)
{
  size_t i = 0;
  while (len - i >= 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)(text + i));
    uint32_t found = json_specials(block);
    *high |= _mm_movemask_epi8(block);
    _mm_storeu_si128((__m128i *)to, block);
    if (!found) {
      i += 16;
      to += 16;
      continue;
    }
    unsigned plain = (unsigned)__builtin_ctz(found);
    i += plain;
    to = escape_byte(to + plain, (unsigned char)text[i++]);
  }
  return escape_few(to, text + i, len - i, high);
}
#else
static char *escape_ascii(char *to, const char *text, size_t len, int *high)
{
  for (size_t i = 0; i < len; i++) {
    *high |= (unsigned char)text[i] & 0x80;
  }
  return escape_bytes(to, text, len);
}
#endif

/* Every byte that no valid sequence begins with becomes one U+FFFD. */
static char *escape_dirty(char *to, const char *text, size_t len)
{
  size_t i = 0;
  while (i < len) {
    size_t good = utf8_good(text + i, len - i);
    to = escape_bytes(to, text + i, good);
    i += good;
    if (i < len) {
      memcpy(to, "\xEF\xBF\xBD", 3);
      to += 3;
      i++;
    }
  }
  return to;
}

char *json_escape(char *to, const char *text, size_t len)
{
  int high = 0;
  *to++ = '"';
  char *end = escape_ascii(to, text, len, &high);
  if (JSON_NEVER(high) && utf8_good(text, len) < len) {
    end = escape_dirty(to, text, len);
  }
  *end++ = '"';
  return end;
}
