/* json_check.h - is a text one JSON value?  For columns declared as json. */
#ifndef PERIGEE_JSON_CHECK_H
#define PERIGEE_JSON_CHECK_H
#include "number_text.h"

#define JSON_DEPTH_MAX 512

static inline const char *json_space(const char *at, const char *end)
{
  while (at < end &&
         (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
    at++;
  }
  return at;
}

static inline const char *json_hex4(const char *at, const char *end)
{
  if (end - at < 4) {
    return NULL;
  }
  for (int i = 0; i < 4; i++, at++) {
    char low = (char)(*at | 0x20);
    if (!number_is_digit(*at) && (low < 'a' || low > 'f')) {
      return NULL;
    }
  }
  return at;
}

/* Each of these returns the place behind what it read, or NULL. */
static inline const char *json_string(const char *at, const char *end)
{
  if (at == end || *at++ != '"') {
    return NULL;
  }
  while (at && at < end && *at != '"') {
    if ((unsigned char)*at < ' ') {
      return NULL;
    }
    if (*at++ == '\\') {
      if (at == end || !*at || !strchr("\"\\/bfnrtu", *at)) {
        return NULL;
      }
      at = *at == 'u' ? json_hex4(at + 1, end) : at + 1;
    }
  }
  return at && at < end ? at + 1 : NULL;
}

static inline const char *json_scalar(const char *at, const char *end)
{
  static const char *const words[] = {"true", "false", "null"};
  if (*at == '"') {
    return json_string(at, end);
  }
  for (int i = 0; i < 3; i++) {
    size_t len = strlen(words[i]);
    if ((size_t)(end - at) >= len && memcmp(at, words[i], len) == 0) {
      return at + len;
    }
  }
  const char *first = at;
  while (at < end && (number_is_digit(*at) || *at == '-' || *at == '+' ||
                      *at == '.' || *at == 'e' || *at == 'E')) {
    at++;
  }
  struct number_parts parts;
  return number_scan(&parts, first, (size_t)(at - first), true) ? at : NULL;
}

static inline const char *json_key(const char *at, const char *end)
{
  at = json_string(json_space(at, end), end);
  at = at ? json_space(at, end) : NULL;
  return at && at < end && *at == ':' ? json_space(at + 1, end) : NULL;
}

/* What follows a value: closes lists and objects, and passes one comma.  Sets
 * *depth to 0 after the last. */
static inline const char *json_after(const char *at, const char *end,
                                     const char *open, int *depth)
{
  at = json_space(at, end);
  while (*depth > 0) {
    if (at == end) {
      return NULL;
    }
    char closer = open[*depth - 1] == '{' ? '}' : ']';
    if (*at == ',') {
      return open[*depth - 1] == '{' ? json_key(at + 1, end)
                                     : json_space(at + 1, end);
    }
    if (*at++ != closer) {
      return NULL;
    }
    --*depth;
    at = json_space(at, end);
  }
  return at;
}

static inline bool json_valid(const char *text, size_t len)
{
  char open[JSON_DEPTH_MAX];
  int depth = 0;
  const char *end = text + len, *at = json_space(text, end);
  do {
    if (at == end) {
      return false;
    }
    if (*at == '{' || *at == '[') {
      if (depth == JSON_DEPTH_MAX) {
        return false;
      }
      char opener = *at;
      open[depth++] = opener;
      at = json_space(at + 1, end);
      if (at < end && *at == (opener == '{' ? '}' : ']')) {
        depth--;
        at = json_after(at + 1, end, open, &depth);
      } else if (opener == '{') {
        at = json_key(at, end);
      }
    } else {
      at = json_scalar(at, end);
      at = at ? json_after(at, end, open, &depth) : NULL;
    }
  } while (at && depth > 0);
  return at == end;
}
#endif
