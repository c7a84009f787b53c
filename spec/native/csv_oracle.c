/* csv_oracle.c - what the decoder "csv" should make of a stream: one byte after
 * the other, one value after the other, and only ever the whole stream. */
#include "csv_run.h"

#include <stdlib.h>

struct field {
  struct mock_text text; /* without quotes */
  bool quoted;
};

struct record {
  size_t from, to; /* without the line break */
  struct field *fields;
  int count;
  bool open, crooked; /* a quote is not closed, or something is behind it */
  size_t open_at;     /* of the quote in the record */
};

struct reading {
  const struct csv_in *params;
  const char *at, *from, *end;
  struct mock_text rows, rejects;
  char **names;
  int name_count;
  int *kinds; /* what the sample has: 0, 'b', 'n', 't' for good */
};

/* ----------------------------------------------------------------- the records
 */

static bool is_border(const struct reading *r, const char *at)
{
  return at == r->end || *at == '\n' || *at == *r->params->sep.ptr;
}

static bool is_end_of_line(const struct reading *r, const char *at)
{
  return at == r->end || *at == '\n';
}

static void read_quoted(struct reading *r, struct record *record,
                        struct field *field)
{
  char quote = *r->params->quote.ptr;
  field->quoted = true;
  record->open_at = (size_t)(r->at - r->from) - record->from;
  for (r->at++; r->at < r->end; r->at++) {
    if (*r->at == quote && (r->at + 1 == r->end || r->at[1] != quote)) {
      break;
    }
    mock_add(&field->text, r->at, 1);
    r->at += *r->at == quote;
  }
  if (r->at == r->end) {
    record->open = true;
    return;
  }
  r->at++;
  if (r->at < r->end && *r->at == '\r' && is_end_of_line(r, r->at + 1)) {
    r->at++;
  }
  record->crooked |= !is_border(r, r->at);
  while (!is_border(r, r->at)) {
    r->at++;
  }
}

static void read_plain(struct reading *r, struct field *field)
{
  while (!is_border(r, r->at)) {
    mock_add(&field->text, r->at++, 1);
  }
  size_t len = field->text.len;
  if (is_end_of_line(r, r->at) && len && field->text.at[len - 1] == '\r') {
    field->text.len--;
  }
}

static struct record read_record(struct reading *r)
{
  struct record record = {.from = (size_t)(r->at - r->from)};
  const char *begin;
  do {
    record.fields = realloc(record.fields,
                            (size_t)(record.count + 1) * sizeof *record.fields);
    struct field *field = &record.fields[record.count++];
    *field = (struct field){0};
    mock_add(&field->text, "", 0);
    begin = r->at;
    if (r->at < r->end && r->params->quote.len &&
        *r->at == *r->params->quote.ptr) {
      read_quoted(r, &record, field);
    } else {
      read_plain(r, field);
    }
  } while (!is_end_of_line(r, r->at++));
  record.to = (size_t)(r->at - 1 - r->from);
  r->at = r->at > r->end ? r->end : r->at;
  record.to -= record.to > record.from && r->from[record.to - 1] == '\r' &&
               r->from + record.to > begin;
  return record;
}

static void free_record(struct record *record)
{
  for (int i = 0; i < record->count; i++) {
    free(record->fields[i].text.at);
  }
  free(record->fields);
}

static bool is_blank(const struct record *record)
{
  return record->count == 1 && !record->fields[0].quoted &&
         record->fields[0].text.len == 0;
}

/* ------------------------------------------------------------------ the values
 */

static bool is_null(const struct reading *r, const struct field *field)
{
  bool found = false;
  for (size_t i = 0; i < r->params->nulls.len; i++) {
    peri_str null = r->params->nulls.ptr[i];
    found |= null.len == field->text.len &&
             memcmp(null.ptr, field->text.at, null.len) == 0;
  }
  return found && !field->quoted;
}

static int skip_digits(const char **at)
{
  int count = 0;
  for (; **at >= '0' && **at <= '9'; ++*at) {
    count++;
  }
  return count;
}

/* JSON's grammar; numbers of the tests are short. */
static bool is_number(const struct mock_text *text)
{
  const char *at = text->at;
  at += *at == '-';
  bool zero = *at == '0';
  int digits = skip_digits(&at);
  if (digits == 0 || (zero && digits > 1)) {
    return false;
  }
  if (*at == '.') {
    at++;
    if (skip_digits(&at) == 0) {
      return false;
    }
  }
  if (*at == 'e' || *at == 'E') {
    at++;
    at += *at == '+' || *at == '-';
    if (skip_digits(&at) == 0) {
      return false;
    }
  }
  return at == text->at + text->len;
}

static int kind_of(const struct mock_text *text)
{
  bool truth = (text->len == 4 && strcmp(text->at, "true") == 0) ||
               (text->len == 5 && strcmp(text->at, "false") == 0);
  return truth ? 'b' : is_number(text) ? 'n' : 't';
}

static int join(int kind, const struct mock_text *text)
{
  int other = kind_of(text);
  return kind == 0 || kind == other ? other : 't';
}

static void add_text(struct mock_text *to, const struct mock_text *text)
{
  mock_add(to, "\"", 1);
  for (size_t i = 0; i < text->len; i++) {
    char c = text->at[i];
    if (c == '\n' || c == '\r' || c == '\t') {
      mock_addf(to, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if ((unsigned char)c < ' ') {
      mock_addf(to, "\\u%04x", c);
    } else if (c == '"' || c == '\\') {
      mock_addf(to, "\\%c", c);
    } else if ((unsigned char)c < 0x80) {
      mock_add(to, &c, 1);
    } else if ((unsigned char)c < 0xE0 && i + 1 < text->len &&
               (text->at[i + 1] & 0xC0) == 0x80) {
      mock_add(to, text->at + i++, 2); /* the tests have no longer ones */
    } else {
      mock_add(to, "\xEF\xBF\xBD", 3);
    }
  }
  mock_add(to, "\"", 1);
}

static void add_field(struct reading *r, int index, struct field *field)
{
  mock_add(&field->text, "", 0);
  field->text.at[field->text.len] = '\0';
  int kind = r->kinds[index] == 't' ? 't' : kind_of(&field->text);
  if (kind == 't') {
    add_text(&r->rows, &field->text);
  } else if (kind == 'n' && strpbrk(field->text.at, ".eE")) {
    mock_addf(&r->rows, "%.15g", strtod(field->text.at, NULL));
  } else {
    mock_addf(&r->rows, "%s", field->text.at);
  }
}

/* -------------------------------------------------------------------- the rows
 */

static void add_row(struct reading *r, struct record *record)
{
  const char *comma = "";
  mock_add(&r->rows, "{", 1);
  for (int i = 0; i < record->count; i++) {
    if (!is_null(r, &record->fields[i])) {
      mock_addf(&r->rows, "%s\"%s\":", comma, r->names[i]);
      add_field(r, i, &record->fields[i]);
      comma = ",";
    }
  }
  mock_add(&r->rows, "}\n", 2);
}

static void add_reject(struct reading *r, const struct record *record)
{
  mock_addf(&r->rejects, "reject at %zu+%zu: ", record->from,
            record->to - record->from);
  if (record->open) {
    mock_addf(&r->rejects,
              "the quote of field %d, at byte %zu of the row, does not close\n",
              record->count, record->open_at + 1);
  } else if (record->crooked) {
    mock_addf(&r->rejects, "text behind a closing quote\n");
  } else {
    mock_addf(&r->rejects, "row has %d field%s, expected %d\n", record->count,
              record->count == 1 ? "" : "s", r->name_count);
  }
}

static bool is_row(const struct reading *r, const struct record *record)
{
  return !record->open && !record->crooked && record->count == r->name_count;
}

static void take_record(struct reading *r, struct record *record)
{
  if (is_row(r, record)) {
    add_row(r, record);
  } else if (record->open || !is_blank(record)) {
    add_reject(r, record);
  }
}

/* Names are a, b, ... here, whatever the header says. */
static void take_names(struct reading *r, int count)
{
  r->name_count = count;
  r->names = calloc((size_t)count, sizeof *r->names);
  r->kinds = calloc((size_t)count, sizeof *r->kinds);
  for (int i = 0; i < count; i++) {
    r->names[i] = calloc(1, 12);
    snprintf(r->names[i], 12, r->params->header ? "%c" : "c%d",
             r->params->header ? 'a' + i : i + 1);
  }
}

/* The kinds that the sample tells. */
static void look_ahead(struct reading *r)
{
  const char *at = r->at;
  while (r->at < r->end && r->at - r->from < r->params->sample) {
    struct record record = read_record(r);
    for (int i = 0; is_row(r, &record) && i < record.count; i++) {
      struct field *field = &record.fields[i];
      field->text.at[field->text.len] = '\0';
      r->kinds[i] =
        is_null(r, field) ? r->kinds[i] : join(r->kinds[i], &field->text);
    }
    free_record(&record);
  }
  r->at = at;
}

char *csv_oracle(const struct csv_in *params, const char *bytes, size_t len)
{
  struct reading r = {
    .params = params, .at = bytes, .from = bytes, .end = bytes + len};
  mock_add(&r.rows, "", 0);
  mock_add(&r.rejects, "", 0);
  if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
    r.at += 3;
  }
  while (r.at < r.end) {
    const char *begin = r.at;
    struct record record = read_record(&r);
    if (!r.names && !is_blank(&record)) {
      take_names(&r, record.count);
      r.at = params->header ? r.at : begin;
      look_ahead(&r);
    } else if (r.names) {
      take_record(&r, &record);
    }
    free_record(&record);
  }
  mock_add(&r.rows, r.rejects.at, r.rejects.len);
  for (int i = 0; i < r.name_count; i++) {
    free(r.names[i]);
  }
  free(r.names);
  free(r.kinds);
  free(r.rejects.at);
  return r.rows.at;
}
