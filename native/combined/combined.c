/* combined.c - decodes the access logs of nginx and Apache, "combined" and
 * "common" format:
 *
 *   addr ident user [time] "request" status bytes "referer" "agent"
 *
 * A line is first taken apart into fields, which checks all of it; then the
 * wanted columns are filled.  Both servers write odd bytes as \xHH and \".
 *
 * A line is taken apart by where its quotes are (quick.c); what does not look
 * as expected there, and every malformed line, is read from left to right
 * (careful.c).
 *
 * PERI_STATELESS: a chunk decodes to what it says, and nothing is kept.
 */
#include "line.h"
#include "marks.h"
#include "scan.h"
#include "text_column.h"

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
 * no longer than the text; up to 15 bytes may be written behind it. */
static size_t unescape(char *to, const char *text, size_t len)
{
  static const char letters[] = "\"\\/abfnrtv", meant[] = "\"\\/\a\b\f\n\r\t\v";
  char *at = to;
  const char *end = text + len;
  while (true) {
    size_t plain = scan_copy(at, text, end, '\\');
    at += plain;
    text += plain;
    if (end - text < 2) {
      break;
    }
    char c = text[1];
    const char *letter = c ? strchr(letters, c) : NULL;
    int high = c == 'x' && end - text > 3 ? hex_digit(text[2]) : -1;
    int low = high >= 0 ? hex_digit(text[3]) : -1;
    text += 2;
    if (low >= 0) {
      *at++ = (char)(high << 4 | low);
      text += 2;
    } else if (letter) {
      *at++ = meant[letter - letters];
    } else {
      *at++ = '\\';
      *at++ = c;
    }
  }
  if (text < end) {
    *at++ = *text; /* a backslash with nothing behind it */
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
    char *to = text_room(batch, field->len * 4 + 15);
    return !to || text_put_made(batch, column, row,
                                unescape(to, field->text, field->len));
  }
  return text_put(batch, column, row, field->text, field->len);
}

#define LINES_AT_ONCE 128

/* The columns of a batch, and lines that go into them column by column. */
struct table {
  struct text_batch *batch;
  struct text_column columns[COLUMNS];
  enum column wanted[COLUMNS];
  int count;
  int64_t rows;
  bool quick;                 /* no column has another type than usual */
  int64_t by_quotes, careful; /* how lines were taken apart */
  int64_t waiting;
  uint32_t odd; /* of any line that waits */
  struct quick_line lines[LINES_AT_ONCE];
};

/* Stores one field; false: the declared type refuses it. */
static bool put_cell(struct table *table, enum column index,
                     const struct line *line)
{
  struct text_column *column = &table->columns[index];
  const struct field *field = &line->fields[index];
  if (field->text && column->type == layout[index].type &&
      column->type != PERI_T_STR) {
    ((int64_t *)column->values)[table->rows] = index == TIME     ? line->time
                                               : index == STATUS ? line->status
                                                                 : line->bytes;
    text_set_valid(column, table->rows);
    return true;
  }
  return put_field(table->batch, column, table->rows, field);
}

/* Adds a row, or rejects the line that begins at `first`. */
static void put_row(struct table *table, const struct line *line,
                    const char *first)
{
  for (int i = 0; i < table->count; i++) {
    enum column index = table->wanted[i];
    if (!put_cell(table, index, line)) {
      const struct field *field = &line->fields[index];
      text_reject_value(table->batch, &table->columns[index], first,
                        (size_t)(line->end - first), field->text, field->len);
      return;
    }
  }
  table->rows++;
}

static void put_texts(struct table *table, enum column index)
{
  struct text_column *column = &table->columns[index];
  const char *chunk = table->batch->chunk->bytes;
  const struct quick_line *lines = table->lines;
  peri_view *views = (peri_view *)column->values + table->rows;
  bool odd = table->odd >> index & 1;
  for (int64_t i = 0; i < table->waiting; i++) {
    if (lines[i].len[index] == QUICK_NULL) {
      text_put_null(table->batch, column, table->rows + i);
      views = (peri_view *)column->values + table->rows;
      continue;
    }
    struct field field = {chunk + lines[i].from[index], lines[i].len[index],
                          lines[i].escaped >> index & 1};
    if (odd && lines[i].odd >> index & 1) {
      put_field(table->batch, column, table->rows + i, &field);
      continue;
    }
    view_set_chunk(views + i, field.text, field.len, 0, chunk);
    text_set_valid(column, table->rows + i);
  }
}

static void put_numbers(struct table *table, enum column index)
{
  struct text_column *column = &table->columns[index];
  const struct quick_line *lines = table->lines;
  for (int64_t i = 0; i < table->waiting; i++) {
    int64_t row = table->rows + i;
    if (lines[i].len[index] == QUICK_NULL) {
      text_put_null(table->batch, column, row);
      continue;
    }
    ((int64_t *)column->values)[row] = index == TIME     ? lines[i].time
                                       : index == STATUS ? lines[i].status
                                                         : lines[i].bytes;
    text_set_valid(column, row);
  }
}

/* Puts the lines that wait into the columns. */
static void put_waiting(struct table *table)
{
  for (int i = 0; i < table->count; i++) {
    if (layout[table->wanted[i]].type == PERI_T_STR) {
      put_texts(table, table->wanted[i]);
    } else {
      put_numbers(table, table->wanted[i]);
    }
  }
  table->rows += table->waiting;
  table->by_quotes += table->waiting;
  table->waiting = 0;
  table->odd = 0;
}

static void open_table(struct table *table, struct text_batch *batch)
{
  table->batch = batch;
  table->count = 0;
  table->rows = table->waiting = 0;
  table->odd = 0;
  table->by_quotes = table->careful = 0;
  table->quick = true;
  int64_t lines = text_batch_lines(batch);
  for (enum column i = 0; i < COLUMNS; i++) {
    struct text_column *column = &table->columns[i];
    text_column_want(column, batch->chunk, layout[i].name, layout[i].type);
    text_column_open(batch, column, lines);
    if (column->wanted) {
      table->wanted[table->count++] = i;
      table->quick = table->quick && column->type == layout[i].type;
    }
  }
}

/* ------------------------------------------------------------------- the lines
 */

static void take_carefully(struct table *table, struct last_time *last,
                           const char *first, const char *end)
{
  struct line line = {.at = first, .end = end};
  enum column column;
  put_waiting(table);
  const char *wrong = line_take(&line, last, &column);
  if (!wrong) {
    put_row(table, &line, first);
    return;
  }
  text_reject(table->batch, first, (size_t)(end - first),
              "column '%s': expected %s at byte %zu", layout[column].name.ptr,
              wrong, (size_t)(line.at - first) + 1);
}

/* Is this one of the marks within the line? */
static inline bool in_line(const struct marks *marks, uint32_t i)
{
  i += marks->first;
  return i < marks->count && marks->at[i] < marks->len &&
         marks->text[marks->at[i]] != '\n';
}

/* Finds the quotes of a line that has a backslash at mark `i`. */
static bool find_unescaped(const struct marks *marks, struct quotes *quotes,
                           uint32_t i)
{
  const uint32_t *at = marks->at + marks->first;
  for (; in_line(marks, i); i++) {
    const char *mark = marks->text + at[i];
    bool inside = quotes->count % 2 == 1;
    if (*mark == '\\' && inside) {
      quotes->escaped |= 1u << quotes->count / 2;
      /* It takes the next byte with it. */
      i += in_line(marks, i + 1) && at[i + 1] == at[i] + 1;
    } else if (*mark == '"' && quotes->count < 6) {
      quotes->at[quotes->count++] = mark;
    } else {
      return false;
    }
  }
  quotes->marks = i;
  return true;
}

/* Finds the quotes of the line that begins at the first mark.  False: they are
 * not two or six, or there is a backslash outside of them. */
static inline bool find_quotes(const struct marks *marks, struct quotes *quotes)
{
  const uint32_t *at = marks->at + marks->first;
  uint32_t left = marks->count - marks->first, i = 0;
  for (; i < left && i < 7; i++) {
    quotes->at[i] = marks->text + at[i];
    if (at[i] == marks->len || *quotes->at[i] != '"') {
      break;
    }
  }
  quotes->count = quotes->marks = i;
  quotes->escaped = 0;
  if (in_line(marks, i) && !find_unescaped(marks, quotes, i)) {
    return false;
  }
  return marks->first + quotes->marks < marks->count &&
         (quotes->count == 2 || quotes->count == 6);
}

static bool take_quickly(struct table *table, struct last_time *last,
                         const struct quotes *quotes, const char *first,
                         const char *end)
{
  const struct text_batch *batch = table->batch;
  struct quick_line *line = &table->lines[table->waiting];
  if (!line_take_quickly(line, last, batch->chunk->bytes, first, end, quotes)) {
    return false;
  }
  line->odd = batch->utf8 || utf8_valid(first, (size_t)(end - first))
                ? line->escaped
                : UINT32_MAX;
  table->odd |= line->odd;
  if (++table->waiting == LINES_AT_ONCE) {
    put_waiting(table);
  }
  return true;
}

static void take_line(struct table *table, struct last_time *last,
                      struct marks *marks, const char **at)
{
  const char *first = *at, *end = marks->text + marks->len, *stop;
  struct quotes quotes;
  bool quick = table->quick && find_quotes(marks, &quotes);
  stop = quick ? marks->text + marks->at[marks->first + quotes.marks]
               : memchr(first, '\n', (size_t)(end - first));
  stop = stop ? stop : end;
  *at = stop + 1;
  end = stop - (stop > first && stop[-1] == '\r');
  if (quick && take_quickly(table, last, &quotes, first, end)) {
    marks->first += quotes.marks + 1;
    return;
  }
  marks_pass(marks, (size_t)(stop - marks->text));
  if (end > first) {
    table->careful++;
    take_carefully(table, last, first, end);
  }
}

/* ------------------------------------------------------------------- the hooks
 */

PERI_DECODER(
  combined, PERI_STATELESS, peri_none, peri_none,
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
  struct table table;
  struct last_time last = {0};
  struct marks marks;
  text_batch_init(&batch, cx, chunk, out);
  open_table(&table, &batch);
  const char *at = text_batch_start(&batch), *end = chunk->bytes + chunk->len;
  marks_init(&marks, at, (size_t)(end - at), "\n\"\\");
  while (batch.status == PERI_OK && at < end && marks_look(&marks)) {
    take_line(&table, &last, &marks, &at);
  }
  put_waiting(&table);
  peri_count(cx, "lines by their quotes", (uint64_t)table.by_quotes);
  peri_count(cx, "lines from left to right", (uint64_t)table.careful);
  return text_batch_end(&batch, table.rows);
}

PERI_PLUGIN("combined", "0.1.0", "perigee", "MIT",
            "Decoder of nginx and Apache access logs.");
