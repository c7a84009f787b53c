/* value.c - passes over JSON values, strictly. */
#include "value.h"

#include "json_number.h"
#include "scan.h"
#include "utf8_text.h"

#include <stdio.h>

static const char *found(struct json_fault *fault, const char *at,
                         const char *expected)
{
  *fault = (struct json_fault){at, expected, true};
  return NULL;
}

static const char *wrong(struct json_fault *fault, const char *at,
                         const char *what)
{
  *fault = (struct json_fault){at, what, false};
  return NULL;
}

/* --------------------------------------------------------------------- strings
 */

/* The four hex digits at p, or -1. */
static int hex4(const char *p)
{
  int value = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i];
    int low = c | 0x20;
    if (c >= '0' && c <= '9') {
      value = value << 4 | (c - '0');
    } else if (low >= 'a' && low <= 'f') {
      value = value << 4 | (low - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

/* The end of the escape whose backslash is at p. */
static const char *skip_escape(const char *p, struct json_fault *fault)
{
  static const bool good[256] = {
    ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
    ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true};
  if (p[1] != 'u') {
    return good[(unsigned char)p[1]] ? p + 2 : wrong(fault, p, "bad escape");
  }
  int code = hex4(p + 2);
  if (code < 0) {
    return wrong(fault, p, "bad \\u escape");
  }
  if (code < 0xD800 || code > 0xDFFF) {
    return p + 6;
  }
  bool paired = code < 0xDC00 && p[6] == '\\' && p[7] == 'u';
  int low = paired ? hex4(p + 8) : -1;
  return low >= 0xDC00 && low <= 0xDFFF ? p + 12
                                        : wrong(fault, p, "lone surrogate");
}

const char *json_skip_string(const char *p, struct json_fault *fault)
{
  const char *first = p - 1;
  for (;;) {
    p = json_text_end(p);
    if (*p == '"') {
      return p + 1;
    }
    if (*p == '\n') {
      return wrong(fault, first, "no end of the string that begins");
    }
    if (*p != '\\') {
      return wrong(fault, p, "control character in a string");
    }
    p = skip_escape(p, fault);
    if (!p) {
      return NULL;
    }
  }
}

/* --------------------------------------------------------------------- numbers
 */

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

static const char *skip_digits(const char *p)
{
  while (is_digit(*p)) {
    p++;
  }
  return p;
}

static const char *skip_number(const char *p, struct json_fault *fault)
{
  p += *p == '-';
  if (!is_digit(*p)) {
    return found(fault, p, "expected a digit");
  }
  if (*p == '0' && is_digit(p[1])) {
    return wrong(fault, p, "number with a leading zero");
  }
  p = skip_digits(p);
  if (*p == '.') {
    if (!is_digit(*++p)) {
      return found(fault, p, "expected a digit");
    }
    p = skip_digits(p);
  }
  if (*p == 'e' || *p == 'E') {
    p++;
    p += *p == '-' || *p == '+';
    if (!is_digit(*p)) {
      return found(fault, p, "expected a digit");
    }
    p = skip_digits(p);
  }
  return p;
}

/* ---------------------------------------------------------------------- values
 */

/* The end of a value that holds no others. */
static const char *skip_scalar(const char *p, struct json_fault *fault)
{
  if (*p == '"') {
    return json_skip_string(p + 1, fault);
  }
  if (*p == '-' || is_digit(*p)) {
    return skip_number(p, fault);
  }
  if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0) {
    return p + 4;
  }
  if (memcmp(p, "false", 5) == 0) {
    return p + 5;
  }
  return found(fault, p, "expected a value");
}

/* A key and its colon; the place of the value. */
static const char *skip_key(const char *p, const char *expected,
                            struct json_fault *fault)
{
  if (*p != '"') {
    return found(fault, p, expected);
  }
  p = json_skip_string(p + 1, fault);
  if (!p) {
    return NULL;
  }
  p = json_space(p);
  return *p == ':' ? json_space(p + 1) : found(fault, p, "expected ':'");
}

/* The kinds of the open levels: a bit each, 1 for objects. */
struct levels {
  uint64_t objects[JSON_DEPTH_MAX / 64 + 1];
  int from, depth; /* the level around the value; the innermost open one */
  bool empty;      /* the one that was entered last holds nothing */
};

static bool in_object(const struct levels *levels)
{
  return levels->objects[levels->depth / 64] >> (levels->depth % 64) & 1;
}

/* Enters the object or array at p; the place of the first value in it, or, when
 * it is empty, of the closing bracket. */
static const char *enter(const char *p, struct levels *levels,
                         struct json_fault *fault)
{
  if (levels->depth == JSON_DEPTH_MAX) {
    return wrong(fault, p, "nested deeper than 256 levels");
  }
  uint64_t bit = (uint64_t)1 << (++levels->depth % 64);
  uint64_t *word = &levels->objects[levels->depth / 64];
  bool object = *p == '{';
  *word = object ? *word | bit : *word & ~bit;
  p = json_space(p + 1);
  levels->empty = *p == (object ? '}' : ']');
  if (!object || levels->empty) {
    return p;
  }
  return skip_key(p, "expected a key or '}'", fault);
}

/* After a value: closes what ends here; the place of the next value, or behind
 * the outermost bracket. */
static const char *leave(const char *p, struct levels *levels,
                         struct json_fault *fault)
{
  while (levels->depth > levels->from) {
    bool object = in_object(levels);
    p = json_space(p);
    if (*p == ',') {
      p = json_space(p + 1);
      return object ? skip_key(p, "expected a key", fault) : p;
    }
    if (*p != (object ? '}' : ']')) {
      return found(fault, p,
                   object ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    p++;
    levels->depth--;
  }
  return p;
}

/* A scalar, as a rule; NULL: something else, or malformed. */
static inline const char *skip_plain(const char *p)
{
  struct json_number number;
  switch (*p) {
  case '"':
    p = json_text_end(p + 1);
    return *p == '"' ? p + 1 : NULL;
  case 't':
  case 'n':
    return memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0 ? p + 4
                                                                  : NULL;
  case 'f':
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
  default:
    return (unsigned char)(*p - '0') < 10 || *p == '-' ? json_number(p, &number)
                                                       : NULL;
  }
}

const char *json_skip_flat(const char *p)
{
  bool object = *p == '{';
  char end = object ? '}' : ']';
  do {
    p++;
    p += *p == ' ';
    if (object) {
      if (*p != '"' || *(p = json_text_end(p + 1)) != '"' || p[1] != ':') {
        return NULL;
      }
      p += 2;
      p += *p == ' ';
    }
    p = skip_plain(p);
  } while (p && *p == ',');
  return p && *p == end ? p + 1 : NULL;
}

const char *json_skip(const char *p, int depth, struct json_fault *fault)
{
  struct levels levels = {.from = depth - 1, .depth = depth - 1};
  do {
    if (*p == '{' || *p == '[') {
      p = enter(p, &levels, fault);
      if (!p || !levels.empty) {
        continue;
      }
    } else {
      p = skip_scalar(p, fault);
    }
    if (p) {
      p = leave(p, &levels, fault);
    }
  } while (p && levels.depth >= depth);
  return p;
}

const char *json_skip_record(const char *p, struct json_fault *fault)
{
  p = json_space(p);
  if (*p != '{') {
    return found(fault, p, "expected '{'");
  }
  p = json_skip(p, 1, fault);
  if (!p) {
    return NULL;
  }
  p = json_space(p);
  return *p == '\n' ? p + 1 : found(fault, p, "expected the end of the line");
}

/* -------------------------------------------------------------------- messages
 */

static int print_found(char *to, size_t room, const char *at)
{
  unsigned char c = (unsigned char)*at;
  if (c == '\n') {
    return snprintf(to, room, ", found the end of the line");
  }
  if (c < ' ' || c == 0x7F) {
    return snprintf(to, room, ", found byte 0x%02x", c);
  }
  return snprintf(to, room, ", found '%.*s'",
                  (int)utf8_sequence((const unsigned char *)at, 4), at);
}

size_t json_fault_text(const struct json_fault *fault, const char *line,
                       char why[JSON_WHY_MAX])
{
  int len = snprintf(why, JSON_WHY_MAX, "%s at column %zu", fault->what,
                     (size_t)(fault->at - line) + 1);
  if (fault->says_found) {
    len += print_found(why + len, (size_t)(JSON_WHY_MAX - len), fault->at);
  }
  return (size_t)len;
}
