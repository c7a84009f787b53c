/* careful.c - takes a line apart from left to right.
 *
 * Each take_*() returns NULL, or what was expected and not found. */
#include "line.h"
#include "scan.h"

bool line_read_time(struct last_time *last, const char *text)
{
  if (memcmp(text, last->text, TIME_ACCESS_LOG_BYTES) != 0) {
    if (!time_access_log(text, &last->ns)) {
      last->text[0] = '\0';
      return false;
    }
    memcpy(last->text, text, TIME_ACCESS_LOG_BYTES);
  }
  return true;
}

/* A word that ends with a space. */
static const char *take_word(struct line *line, enum column column)
{
  const char *end = scan_one(line->at, line->end, ' ');
  if (end == line->end || end == line->at) {
    return "a word and a space";
  }
  line->fields[column] = (struct field){line->at, (size_t)(end - line->at), 0};
  line->at = end + 1;
  return NULL;
}

/* The user's name may hold spaces: it ends before " [". */
static const char *take_user(struct line *line)
{
  const char *end = line->at;
  do {
    end = scan_one(end + 1, line->end, '[');
  } while (end < line->end && end[-1] != ' ');
  if (end >= line->end || end - line->at < 2) {
    return "a name and ' ['";
  }
  size_t len = (size_t)(end - line->at) - 1;
  line->fields[USER] =
    (struct field){line->at, len, memchr(line->at, '\\', len) != NULL};
  line->at = end + 1;
  return NULL;
}

static const char *take_time(struct line *line, struct last_time *last)
{
  const char *text = line->at;
  if (line->end - text < TIME_ACCESS_LOG_BYTES + 2 ||
      memcmp(text + TIME_ACCESS_LOG_BYTES, "] ", 2) != 0) {
    return "[day/month/year:hour:minute:second zone]";
  }
  if (!line_read_time(last, text)) {
    return "a date and time that exist";
  }
  line->time = last->ns;
  line->fields[TIME] = (struct field){text, TIME_ACCESS_LOG_BYTES, 0};
  line->at = text + TIME_ACCESS_LOG_BYTES + 2;
  return NULL;
}

/* Text in quotes; a backslash takes the next byte with it. */
static const char *take_quoted(struct line *line, struct field *field)
{
  if (line->at == line->end || *line->at != '"') {
    return "a quote";
  }
  const char *first = ++line->at;
  const char *at = scan_two(first, line->end, '"', '\\');
  while (at < line->end && *at == '\\') {
    field->escaped = true;
    at =
      at + 2 > line->end ? line->end : scan_two(at + 2, line->end, '"', '\\');
  }
  if (at == line->end) {
    return "a closing quote";
  }
  field->text = first;
  field->len = (size_t)(at - first);
  line->at = at + 1;
  return NULL;
}

static bool is_method(const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if ((text[i] < 'A' || text[i] > 'Z') && text[i] != '-' && text[i] != '_') {
      return false;
    }
  }
  return len > 0;
}

bool line_split_request(const char *text, size_t len, peri_str *path)
{
  const char *end = text + len, *last = end;
  const char *first = scan_one(text, end, ' ');
  while (last > first && last[-1] != ' ') {
    last--;
  }
  if (last - first < 3 || end - last < 6 || memcmp(last, "HTTP/", 5) != 0 ||
      !is_method(text, (size_t)(first - text))) {
    return false;
  }
  *path = (peri_str){first + 1, (size_t)(last - first) - 2};
  return true;
}

/* "GET /index.html HTTP/1.1"; whatever else came is the path, as it stands. */
static const char *take_request(struct line *line)
{
  struct field request = {0}, *fields = line->fields;
  peri_str path;
  const char *wrong = take_quoted(line, &request);
  if (wrong) {
    return wrong;
  }
  const char *text = request.text, *end = text + request.len;
  if (!line_split_request(text, request.len, &path)) {
    fields[PATH] = (struct field){text, request.len, false};
    return NULL;
  }
  const char *last = path.ptr + path.len + 1;
  fields[METHOD] = (struct field){text, (size_t)(path.ptr - text) - 1, false};
  fields[PATH] = (struct field){path.ptr, path.len, request.escaped};
  fields[PROTOCOL] =
    (struct field){last, (size_t)(end - last), request.escaped};
  return NULL;
}

/* A whole number that ends with a space or the line. */
static const char *take_number(struct line *line, enum column column,
                               int64_t *value)
{
  const char *at = line->at;
  int64_t number = 0;
  for (; at < line->end && number_is_digit(*at) && at - line->at < 18; at++) {
    number = number * 10 + (*at - '0');
  }
  if (at == line->at || (at < line->end && *at != ' ')) {
    return "a whole number";
  }
  line->fields[column] = (struct field){line->at, (size_t)(at - line->at), 0};
  *value = number;
  line->at = at;
  return NULL;
}

static const char *take_char(struct line *line, char c)
{
  if (line->at == line->end || *line->at != c) {
    return c == ' ' ? "a space" : "a quote";
  }
  line->at++;
  return NULL;
}

static const char *take_bytes(struct line *line)
{
  if (line->end - line->at >= 1 && *line->at == '-' &&
      (line->end - line->at == 1 || line->at[1] == ' ')) {
    line->at++;
    return NULL;
  }
  return take_number(line, BYTES, &line->bytes);
}

static void dash_is_null(struct field *field)
{
  if (field->len == 1 && *field->text == '-') {
    field->text = NULL;
  }
}

/* Referer and agent, which the common format lacks. */
static const char *take_rest(struct line *line, enum column *column)
{
  const char *wrong = NULL;
  if (line->at == line->end) {
    return NULL;
  }
  for (*column = REFERER; !wrong && *column <= AGENT; ++*column) {
    wrong = take_char(line, ' ');
    wrong = wrong ? wrong : take_quoted(line, &line->fields[*column]);
    if (wrong) {
      return wrong;
    }
    dash_is_null(&line->fields[*column]);
  }
  *column = AGENT;
  return line->at == line->end ? NULL : "the end of the line";
}

const char *line_take(struct line *line, struct last_time *last,
                      enum column *column)
{
  const char *wrong;
  *column = REMOTE_ADDR;
  if ((wrong = take_word(line, REMOTE_ADDR))) {
    return wrong;
  }
  *column = IDENT;
  if ((wrong = take_word(line, IDENT))) {
    return wrong;
  }
  *column = USER;
  if ((wrong = take_user(line))) {
    return wrong;
  }
  *column = TIME;
  if ((wrong = take_time(line, last))) {
    return wrong;
  }
  *column = PATH;
  if ((wrong = take_request(line))) {
    return wrong;
  }
  *column = STATUS;
  if ((wrong = take_char(line, ' ')) ||
      (wrong = take_number(line, STATUS, &line->status))) {
    return wrong;
  }
  *column = BYTES;
  if ((wrong = take_char(line, ' ')) || (wrong = take_bytes(line))) {
    return wrong;
  }
  dash_is_null(&line->fields[IDENT]);
  dash_is_null(&line->fields[USER]);
  return take_rest(line, column);
}
