/* json.c - looking into JSON text, and JSON values as other types.
 *
 * The text is one value that a decoder has checked; whatever it is, nothing is
 * read outside of it.  A JSON null has no value. */
#include "number.h"
#include "utf8_text.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static peri_str trim(peri_str s)
{
  while (s.len && is_blank(s.ptr[0])) {
    s.ptr++;
    s.len--;
  }
  while (s.len && is_blank(s.ptr[s.len - 1])) {
    s.len--;
  }
  return s;
}

static const char *skip_blank(const char *at, const char *end)
{
  while (at < end && is_blank(*at)) {
    at++;
  }
  return at;
}

/* Behind the string that begins at `at`, with its quote. */
static const char *skip_string(const char *at, const char *end)
{
  for (at++; at < end && *at != '"'; at++) {
    at += *at == '\\' && at + 1 < end;
  }
  return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`. */
static const char *skip_value(const char *at, const char *end)
{
  int64_t depth = 0;
  while (at < end) {
    char c = *at;
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
      return at;
    }
    if (c == '"') {
      at = skip_string(at, end);
      continue;
    }
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    at++;
  }
  return at;
}

static bool read_hex4(const char *at, const char *end, uint32_t *code)
{
  *code = 0;
  for (int i = 0; i < 4; i++) {
    char c = at + i < end ? at[i] : '\0', low = (char)(c | 0x20);
    bool letter = low >= 'a' && low <= 'f';
    if (!letter && (c < '0' || c > '9')) {
      return false;
    }
    *code = *code * 16 + (uint32_t)(letter ? low - 'a' + 10 : c - '0');
  }
  return true;
}

static size_t put_utf8(char out[4], uint32_t code)
{
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = n - 1; i > 0; i--, code >>= 6) {
    out[i] = (char)(0x80 | (code & 0x3F));
  }
  out[0] = (char)((0xF00 >> n & 0xF0) | code);
  return n;
}

/* "\u1234" or a pair of them, from behind the 'u'; half a pair is U+FFFD. */
static size_t read_unicode(const char **at, const char *end, char out[4])
{
  uint32_t code, low;
  if (!read_hex4(*at, end, &code)) {
    return put_utf8(out, 0xFFFD);
  }
  *at += 4;
  if (code - 0xD800 >= 0x800) {
    return put_utf8(out, code);
  }
  if (code < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' &&
      (*at)[1] == 'u' && read_hex4(*at + 2, end, &low) &&
      low - 0xDC00 < 0x400) {
    *at += 6;
    return put_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
  }
  return put_utf8(out, 0xFFFD);
}

/* The next character of a string's inside: up to 4 bytes; moves *at. */
static size_t next_char(const char **at, const char *end, char out[4])
{
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  char c = *(*at)++;
  if (c == '\\' && *at < end) {
    c = *(*at)++;
    if (c == 'u') {
      return read_unicode(at, end, out);
    }
    const char *known = c ? strchr(from, c) : NULL;
    c = known ? to[known - from] : c;
  }
  out[0] = c;
  return 1;
}

/* The inside of a string, without its quotes; false: it is no string. */
static bool inside(peri_str s, peri_str *text)
{
  if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"') {
    return false;
  }
  *text = (peri_str){s.ptr + 1, s.len - 2};
  return true;
}

static bool is_key(peri_str raw, peri_str key)
{
  if (!memchr(raw.ptr, '\\', raw.len)) {
    return peri_str_eq(raw, key);
  }
  const char *at = raw.ptr, *end = raw.ptr + raw.len;
  char bytes[4];
  size_t done = 0;
  while (at < end) {
    size_t n = next_char(&at, end, bytes);
    if (key.len - done < n || memcmp(key.ptr + done, bytes, n) != 0) {
      return false;
    }
    done += n;
  }
  return done == key.len;
}

/* The value of the first member with this key; false: there is none. */
static bool find_member(peri_str object, peri_str key, peri_str *value)
{
  const char *at = object.ptr + 1, *end = object.ptr + object.len;
  while ((at = skip_blank(at, end)) < end && *at == '"') {
    const char *close = skip_string(at, end);
    peri_str name = {at, (size_t)(close - at)};
    at = skip_blank(close, end);
    if (at >= end || *at != ':') {
      return false;
    }
    const char *from = skip_blank(at + 1, end);
    at = skip_value(from, end);
    if (inside(name, &name) && is_key(name, key)) {
      *value = trim((peri_str){from, (size_t)(at - from)});
      return true;
    }
    at += at < end && *at == ',';
  }
  return false;
}

static bool is_word(peri_str s, const char *word)
{
  return s.len == strlen(word) && memcmp(s.ptr, word, s.len) == 0;
}

PERI_FN(opt_str, json_get, "The member of an object, as JSON.", (str, json),
        (str, key))
{
  peri_str object = trim(json), value;
  if (object.len == 0 || object.ptr[0] != '{' ||
      !find_member(object, key, &value) || is_word(value, "null")) {
    return NONE(str);
  }
  return some_str(value);
}

PERI_FN(opt_bool, json_to_bool, "A JSON true or false.", (str, json))
{
  peri_str s = trim(json);
  bool value = is_word(s, "true");
  return (peri_opt_bool){.value = value, .has = value || is_word(s, "false")};
}

/* A JSON number; false: it is none. */
static bool read_json_number(peri_str json, struct number *number)
{
  peri_str s = trim(json);
  int kind = number_guess(s.ptr, s.len, &number->i, &number->f);
  number->whole = kind == NUMBER_I64;
  return kind == NUMBER_BIG ? number_f64(s.ptr, s.len, &number->f)
                            : kind != NUMBER_NONE;
}

PERI_FN(opt_i64, json_to_i64, "A JSON number that is an integer.", (str, json))
{
  struct number n;
  if (!read_json_number(json, &n) || (!n.whole && !exact_i64(n.f, &n.i))) {
    return NONE(i64);
  }
  return some_i64(n.i);
}

PERI_FN(opt_f64, json_to_f64, "A JSON number.", (str, json))
{
  struct number n;
  if (!read_json_number(json, &n)) {
    return NONE(f64);
  }
  return some_f64(n.whole ? (double)n.i : n.f);
}

static peri_opt_str text_of(peri_cx *cx, peri_str raw)
{
  if (!memchr(raw.ptr, '\\', raw.len)) {
    return some_str(raw);
  }
  /* An escape is never shorter than what it stands for. */
  char *text = arena_text(cx, raw.len), bytes[4];
  size_t len = 0;
  const char *at = raw.ptr, *end = raw.ptr + raw.len;
  while (text && at < end) {
    size_t n = next_char(&at, end, bytes);
    memcpy(text + len, bytes, n);
    len += n;
  }
  return text ? some_str((peri_str){text, len}) : NONE(str);
}

PERI_FN_PURE_CX(opt_str, json_to_str, "A JSON string.", (str, json))
{
  peri_str raw;
  return inside(trim(json), &raw) ? text_of(cx, raw) : NONE(str);
}

PERI_FN(opt_f64, json_number, "A JSON number, or a string that is one.",
        (str, json))
{
  struct number n;
  peri_str raw;
  if (!read_json_number(json, &n) &&
      !(inside(trim(json), &raw) && read_number(raw, &n))) {
    return NONE(f64);
  }
  return some_f64(n.whole ? (double)n.i : n.f);
}

PERI_FN_PURE_CX(opt_str, json_concat, "A JSON string or number as text.",
                (str, json))
{
  struct number n;
  peri_str raw;
  if (inside(trim(json), &raw)) {
    return text_of(cx, raw);
  }
  if (!read_json_number(json, &n)) {
    return NONE(str);
  }
  char *text = arena_text(cx, NUMBER_ROOM);
  if (!text) {
    return NONE(str);
  }
  size_t len = n.whole ? number_print_i64(text, n.i) : print_f64(text, n.f);
  return some_str((peri_str){text, len});
}

PERI_FN_PURE_CX(opt_str, json_text,
                "The text of a JSON string, any other value as JSON.",
                (str, json))
{
  peri_str s = trim(json);
  struct number n;
  if (s.len == 0 || is_word(s, "null")) {
    return NONE(str);
  }
  return s.ptr[0] == '"' || read_json_number(s, &n) ? json_concat(cx, s)
                                                    : some_str(s);
}

PERI_FN(bool, json_truth, "False for JSON false and null.", (str, json))
{
  peri_str s = trim(json);
  return !is_word(s, "false") && !is_word(s, "null");
}
