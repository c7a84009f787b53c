/* combined.c - decodes the access logs of nginx and Apache, "combined" and
 * "common" format:
 *
 *   addr ident user [time] "request" status bytes "referer" "agent"
 *
 * A line is first taken apart into fields, which checks all of it; then the
 * wanted columns are filled.  Both servers write odd bytes as \xHH and \".
 */
#include "scan.h"
#include "text_column.h"

enum column {
  REMOTE_ADDR,
  IDENT,
  USER,
  TIME,
  METHOD,
  PATH,
  PROTOCOL,
  STATUS,
  BYTES,
  REFERER,
  AGENT,
  COLUMNS
};

static const struct {
  peri_str name;
  uint32_t type;
} layout[COLUMNS] = {
  [REMOTE_ADDR] = {{"remote_addr", 11}, PERI_T_STR},
  [IDENT] = {{"ident", 5}, PERI_T_STR},
  [USER] = {{"user", 4}, PERI_T_STR},
  [TIME] = {{"time", 4}, PERI_T_TIME},
  [METHOD] = {{"method", 6}, PERI_T_STR},
  [PATH] = {{"path", 4}, PERI_T_STR},
  [PROTOCOL] = {{"protocol", 8}, PERI_T_STR},
  [STATUS] = {{"status", 6}, PERI_T_I64},
  [BYTES] = {{"bytes", 5}, PERI_T_I64},
  [REFERER] = {{"referer", 7}, PERI_T_STR},
  [AGENT] = {{"agent", 5}, PERI_T_STR},
};

/* A field of a line; `text` NULL: null. */
struct field {
  const char *text;
  size_t len;
  bool escaped; /* has a backslash that means something */
};

struct line {
  const char *at, *end; /* what is left */
  struct field fields[COLUMNS];
  int64_t time, status, bytes;
};

/* The time of the line before: most lines of a busy log share it. */
struct last_time {
  char text[TIME_ACCESS_LOG_BYTES];
  int64_t ns;
};

/* ------------------------------------------------------------ a line, in parts
 * Each of these returns NULL, or what was expected and not found. */

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
  if (memcmp(text, last->text, TIME_ACCESS_LOG_BYTES) != 0) {
    if (!time_access_log(text, &last->ns)) {
      last->text[0] = '\0';
      return "a date and time that exist";
    }
    memcpy(last->text, text, TIME_ACCESS_LOG_BYTES);
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

/* "GET /index.html HTTP/1.1"; whatever else came is the path. */
static const char *take_request(struct line *line)
{
  struct field *path = &line->fields[PATH];
  const char *wrong = take_quoted(line, path);
  if (wrong) {
    return wrong;
  }
  const char *text = path->text, *end = text + path->len, *last = end;
  const char *first = scan_one(text, end, ' ');
  while (last > first && last[-1] != ' ') {
    last--;
  }
  if (last - first < 3 || end - last < 6 || memcmp(last, "HTTP/", 5) != 0 ||
      !is_method(text, (size_t)(first - text))) {
    path->escaped = false;
    return NULL;
  }
  line->fields[METHOD] = (struct field){text, (size_t)(first - text), 0};
  line->fields[PROTOCOL] =
    (struct field){last, (size_t)(end - last), path->escaped};
  path->text = first + 1;
  path->len = (size_t)(last - first) - 2;
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

/* Takes the whole line apart.  `column`: where it went wrong. */
static const char *take_line(struct line *line, struct last_time *last,
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

/* ----------------------------------------------------------------- the columns
 */

static int hex_digit(char c)
{
  if (number_is_digit(c)) {
    return c - '0';
  }
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes \" \\ \n \t ... and \xHH; any other backslash stays.  The result is
 * no longer than the text. */
static size_t unescape(char *to, const char *text, size_t len)
{
  static const char letters[] = "\"\\/abfnrtv", meant[] = "\"\\/\a\b\f\n\r\t\v";
  char *at = to;
  for (size_t i = 0; i < len; i++) {
    if (text[i] != '\\' || i + 1 == len) {
      *at++ = text[i];
      continue;
    }
    char c = text[++i];
    const char *letter = c ? strchr(letters, c) : NULL;
    int high = c == 'x' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
    int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      *at++ = (char)(high << 4 | low);
      i += 2;
    } else if (letter) {
      *at++ = meant[letter - letters];
    } else {
      *at++ = '\\';
      *at++ = c;
    }
  }
  return (size_t)(at - to);
}

static bool put_field(struct text_batch *batch, struct text_column *column,
                      int64_t row, const struct field *field)
{
  if (!field->text) {
    text_put_null(batch, column, row);
    return true;
  }
  if (field->escaped) {
    char *to = text_room(batch, field->len * 4);
    return !to || text_put_made(batch, column, row,
                                unescape(to, field->text, field->len));
  }
  return text_put(batch, column, row, field->text, field->len);
}

/* Fills row `row`; the column whose declared type refuses the value, or
 * COLUMNS. */
static enum column put_line(struct text_batch *batch,
                            struct text_column *columns, int64_t row,
                            const struct line *line)
{
  for (enum column i = 0; i < COLUMNS; i++) {
    struct text_column *column = &columns[i];
    if (!column->wanted) {
      continue;
    }
    const struct field *field = &line->fields[i];
    if (field->text && column->type == layout[i].type &&
        column->type != PERI_T_STR) {
      ((int64_t *)column->values)[row] = i == TIME     ? line->time
                                         : i == STATUS ? line->status
                                                       : line->bytes;
      text_set_valid(column, row);
    } else if (!put_field(batch, column, row, field)) {
      return i;
    }
  }
  return COLUMNS;
}

static bool put_row(struct text_batch *batch, struct text_column *columns,
                    int64_t row, struct line *line, struct last_time *last)
{
  const char *first = line->at;
  size_t len = (size_t)(line->end - first);
  enum column column;
  const char *wrong = take_line(line, last, &column);
  if (wrong) {
    text_reject(batch, first, len, "column '%s': expected %s at byte %zu",
                layout[column].name.ptr, wrong, (size_t)(line->at - first) + 1);
    return false;
  }
  column = put_line(batch, columns, row, line);
  if (column < COLUMNS) {
    const struct field *field = &line->fields[column];
    text_reject_value(batch, &columns[column], first, len, field->text,
                      field->len);
    return false;
  }
  return true;
}

/* ------------------------------------------------------------------- the hooks
 */

PERI_DECODER(
  combined, 0, peri_none, peri_none,
  "Access logs of nginx and Apache, in the combined or the common "
  "format: addr ident user [time] \"request\" status bytes "
  "\"referer\" \"agent\". \"-\" is null in ident, user, bytes, "
  "referer and agent, and the common format has no referer and "
  "agent. Escapes (\\xHH, \\\") are undone. A request that is not "
  "\"METHOD PATH HTTP/n\" becomes the path, as it was written. "
  "Empty lines are skipped. Bytes that are not UTF-8 become U+FFFD.");

PERI_SCHEMA(combined)
{
  for (int i = 0; i < COLUMNS; i++) {
    if (cx->sv->out_column(out, layout[i].name.ptr, layout[i].name.len,
                           layout[i].type) < 0) {
      return peri_fail(cx, PERI_ENOMEM, "no memory for the schema");
    }
  }
  return PERI_OK;
}

PERI_SPLIT(combined)
{
  return (int64_t)scan_whole_lines(chunk->bytes, chunk->len,
                                   chunk->flags & PERI_CHUNK_LAST);
}

PERI_DECODE(combined)
{
  struct text_batch batch;
  struct text_column columns[COLUMNS];
  struct last_time last = {0};
  int64_t rows = 0;
  text_batch_init(&batch, cx, chunk, out);
  int64_t lines = text_batch_lines(&batch);
  for (int i = 0; i < COLUMNS; i++) {
    text_column_want(&columns[i], chunk, layout[i].name, layout[i].type);
    text_column_open(&batch, &columns[i], lines);
  }
  const char *at = chunk->bytes, *end = at + chunk->len;
  while (at < end && batch.status == PERI_OK) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline : end;
    struct line line = {.at = at, .end = stop};
    at = stop + 1;
    line.end -= line.end > line.at && line.end[-1] == '\r';
    if (line.at < line.end) {
      rows += put_row(&batch, columns, rows, &line, &last);
    }
  }
  return text_batch_end(&batch, rows);
}

PERI_PLUGIN("combined", "0.1.0", "perigee", "MIT",
            "Decoder of nginx and Apache access logs.");
