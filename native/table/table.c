/* table.c - encodes rows as an aligned table, for a terminal.
 *
 * The widths are known only after the last row, so the first rows are kept as
 * finished texts until then, and the others are only counted.
 */
#include "shown.h"
#include "value_text.h"

#include <stdio.h>

#define CELL_WIDTH 60      /* longer ones are cut */
#define CUT "\xE2\x80\xA6" /* U+2026, three dots in one column */
#define BETWEEN 2          /* spaces between columns */

#define TABLE(P)                                                               \
  P(i64, rows, 1000, "Print at most so many rows, and count the others.", 1..) \
  P(bool, wide, false, "Do not cut long values.")
PERI_PARAMS(table_params, TABLE)

/* A text in `table_state.text`; `set` false: null. */
struct cell {
  size_t offset;
  uint32_t len;
  uint32_t width;
  bool set;
};

struct column {
  char *name; /* owned, as it came */
  size_t name_len;
  struct cell title;
  struct cell *cells; /* owned, rows_room of them; zeroed means null */
  uint32_t width;
  bool numbers, texts; /* what types it has had */
};

struct table_state {
  struct column *columns; /* owned */
  size_t count;
  char *text; /* owned: all cells, one after the other */
  size_t text_len, text_room;
  int64_t rows, rows_room; /* kept */
  int64_t more;            /* only counted */
};
typedef struct table_state table_state;
PERI_STATE(table_state);

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory for the table");
}

/* ------------------------------------------------------------------- the cells
 */

static bool text_add(peri_cx *cx, table_state *st, const char *text, size_t len)
{
  if (st->text_room - st->text_len < len) {
    size_t room = (st->text_room + len + 4096) * 2;
    char *moved = cx->sv->realloc(cx, st->text, room);
    if (!moved) {
      return false;
    }
    st->text = moved;
    st->text_room = room;
  }
  memcpy(st->text + st->text_len, text, len);
  st->text_len += len;
  return true;
}

/* Is every byte shown as it is, in one column? */
static bool is_plain(peri_str text)
{
  bool plain = true;
  for (size_t i = 0; i < text.len; i++) {
    plain &= text.ptr[i] >= ' ' && text.ptr[i] <= '~';
  }
  return plain;
}

/* Adds the text as it will be shown, cut at width_max columns. */
static bool cell_set(peri_cx *cx, table_state *st, struct cell *cell,
                     peri_str text, uint32_t width_max)
{
  size_t first = st->text_len, cut = first; /* where CUT would go */
  uint32_t width = 0, cut_width = 0;
  if (text.len <= width_max && text.len <= INT32_MAX && is_plain(text)) {
    *cell = (struct cell){first, (uint32_t)text.len, (uint32_t)text.len, true};
    return text_add(cx, st, text.ptr, text.len);
  }
  for (size_t at = 0; at < text.len;) {
    struct shown_piece piece;
    at += shown_next(&piece, text.ptr + at, text.len - at);
    if (!text_add(cx, st, piece.text, piece.len)) {
      return false;
    }
    width += (uint32_t)piece.width;
    if (width > width_max || st->text_len - first > INT32_MAX) {
      st->text_len = cut;
      width = cut_width + 1;
      if (!text_add(cx, st, CUT, sizeof CUT - 1)) {
        return false;
      }
      break;
    }
    if (width < width_max) {
      cut = st->text_len;
      cut_width = width;
    }
  }
  *cell = (struct cell){first, (uint32_t)(st->text_len - first), width, true};
  return true;
}

/* At most six decimals, also before an exponent: a table is for reading. */
static peri_str short_f64(char *room, double value)
{
  size_t n = number_print_f64(room, value);
  const char *e = memchr(room, 'e', n), *point = memchr(room, '.', n);
  size_t body = e ? (size_t)(e - room) : n, tail_len = n - body;
  if (!point || room + body - point <= 7) {
    return (peri_str){room, n};
  }
  char tail[NUMBER_ROOM];
  memcpy(tail, room + body, tail_len);
  number_f64(room, body, &value);
  n = number_print_f64(room, round(value * 1e6) / 1e6);
  memcpy(room + n, tail, tail_len);
  return (peri_str){room, n + tail_len};
}

/* What a cell shows, and is it a number?  JSON text is shown as the columns are
 * that can hold the same value.  False: no memory. */
static bool cell_text(peri_cx *cx, const peri_col *values, int64_t row,
                      char *room, peri_str *text, bool *number)
{
  int64_t whole;
  double value;
  int guess = NUMBER_NONE;
  *number = value_is_number(values->type);
  if (values->type == PERI_T_F64) {
    *text = short_f64(room, peri_row_f64(values, row));
    return true;
  }
  *text = value_text(values, row, room);
  if (values->type != PERI_T_JSON) {
    return true;
  }
  guess = number_guess(text->ptr, text->len, &whole, &value);
  *number = guess != NUMBER_NONE;
  if (guess == NUMBER_F64) {
    *text = short_f64(room, value);
  }
  return *number || value_json_text(cx, text);
}

/* ----------------------------------------------------------------- the columns
 */

static struct cell *cells_of(peri_cx *cx, struct cell *cells, int64_t had,
                             int64_t room)
{
  cells = cx->sv->realloc(cx, cells, (size_t)room * sizeof *cells);
  if (cells) {
    memset(cells + had, 0, (size_t)(room - had) * sizeof *cells);
  }
  return cells;
}

static bool column_add(peri_cx *cx, table_state *st, peri_str name,
                       uint32_t width_max)
{
  struct column *columns =
    cx->sv->realloc(cx, st->columns, (st->count + 1) * sizeof *columns);
  if (!columns) {
    return false;
  }
  st->columns = columns;
  struct column *column = &columns[st->count++];
  *column = (struct column){.name = cx->sv->realloc(cx, NULL, name.len + 1)};
  if (!column->name || !cell_set(cx, st, &column->title, name, width_max)) {
    return false;
  }
  memcpy(column->name, name.ptr, name.len);
  column->name_len = name.len;
  column->width = column->title.width > 0 ? column->title.width : 1;
  if (st->rows_room > 0) {
    column->cells = cells_of(cx, NULL, 0, st->rows_room);
  }
  return st->rows_room == 0 || column->cells;
}

/* The column called `name`, a new one if there is none; NULL: no memory.
 * `guess`: where it probably is. */
static struct column *column_of(peri_cx *cx, table_state *st, peri_str name,
                                size_t guess, uint32_t width_max)
{
  for (size_t i = 0; i < st->count; i++) {
    struct column *column = &st->columns[(guess + i) % st->count];
    if (peri_str_eq((peri_str){column->name, column->name_len}, name)) {
      return column;
    }
  }
  return column_add(cx, st, name, width_max) ? &st->columns[st->count - 1]
                                             : NULL;
}

static bool rows_reserve(peri_cx *cx, table_state *st, int64_t rows)
{
  if (rows <= st->rows_room) {
    return true;
  }
  int64_t room = rows + st->rows_room;
  for (size_t i = 0; i < st->count; i++) {
    struct column *column = &st->columns[i];
    struct cell *cells = cells_of(cx, column->cells, st->rows_room, room);
    if (!cells) {
      return false;
    }
    column->cells = cells;
  }
  st->rows_room = room;
  return true;
}

/* Adds the first n rows of a column of the batch. */
static bool column_fill(peri_cx *cx, table_state *st, struct column *column,
                        const peri_col *values, int64_t n, uint32_t width_max)
{
  char room[VALUE_ROOM];
  for (int64_t i = 0; i < n; i++) {
    if (value_is_null(values, i)) {
      continue;
    }
    struct cell *cell = &column->cells[st->rows + i];
    peri_str text;
    bool number;
    if (!cell_text(cx, values, i, room, &text, &number) ||
        !cell_set(cx, st, cell, text, width_max)) {
      return false;
    }
    column->numbers |= number;
    column->texts |= !number;
    column->width = cell->width > column->width ? cell->width : column->width;
  }
  return true;
}

/* -------------------------------------------------------------------- printing
 */

static char *put_spaces(char *to, size_t n)
{
  memset(to, ' ', n);
  return to + n;
}

static char *put_cell(char *to, const table_state *st,
                      const struct column *column, const struct cell *cell,
                      size_t before, bool last)
{
  const char *text = cell->set ? st->text + cell->offset : "-";
  size_t len = cell->set ? cell->len : 1, width = cell->set ? cell->width : 1;
  bool right = column->numbers && !column->texts;
  to = put_spaces(to, before + (right ? column->width - width : 0));
  memcpy(to, text, len);
  return put_spaces(to + len, right || last ? 0 : column->width - width);
}

/* Row `row`, or the titles when it is below 0. */
static peri_status put_row(peri_cx *cx, const table_state *st, int64_t row,
                           peri_bytes *out)
{
  size_t size = 1;
  for (size_t i = 0; i < st->count; i++) {
    const struct column *column = &st->columns[i];
    const struct cell *cell = row < 0 ? &column->title : &column->cells[row];
    size += cell->len + column->width + BETWEEN + 1;
  }
  char *to = peri_room(cx, out, size);
  if (!to) {
    return no_memory(cx);
  }
  for (size_t i = 0; i < st->count; i++) {
    const struct column *column = &st->columns[i];
    const struct cell *cell = row < 0 ? &column->title : &column->cells[row];
    to = put_cell(to, st, column, cell, i ? BETWEEN : 0, i + 1 == st->count);
  }
  *to++ = '\n';
  out->at = to;
  return PERI_OK;
}

static peri_status put_rule(peri_cx *cx, const table_state *st, peri_bytes *out)
{
  size_t size = 1;
  for (size_t i = 0; i < st->count; i++) {
    size += st->columns[i].width + BETWEEN;
  }
  char *to = peri_room(cx, out, size);
  if (!to) {
    return no_memory(cx);
  }
  for (size_t i = 0; i < st->count; i++) {
    to = put_spaces(to, i ? BETWEEN : 0);
    memset(to, '-', st->columns[i].width);
    to += st->columns[i].width;
  }
  *to++ = '\n';
  out->at = to;
  return PERI_OK;
}

static peri_status put_note(peri_cx *cx, peri_bytes *out, const char *format,
                            long long count)
{
  char *to = peri_room(cx, out, 80);
  if (!to) {
    return no_memory(cx);
  }
  out->at += snprintf(to, 80, format, count);
  return PERI_OK;
}

/* ------------------------------------------------------------------- the hooks
 */

PERI_ENCODER(
  table, 0, table_params, table_state,
  "An aligned table for the terminal, printed after the last row. "
  "Numbers stand right and have at most six decimals, null is \"-\", "
  "values of more than 60 columns are cut, control characters are "
  "shown as escapes.");

PERI_ENCODE(table)
{
  (void)out; /* nothing is known to be final before the end */
  uint32_t width_max = params->wide ? UINT32_MAX : CELL_WIDTH;
  int64_t left = params->rows - st->rows;
  int64_t n = in->n < left ? in->n : left;
  if (!rows_reserve(cx, st, st->rows + n)) {
    return no_memory(cx);
  }
  for (int64_t i = 0; i < in->n_cols && (n > 0 || in->n == 0); i++) {
    struct column *column =
      column_of(cx, st, in->names[i], (size_t)i, width_max);
    if (!column || !column_fill(cx, st, column, &in->cols[i], n, width_max)) {
      return no_memory(cx);
    }
  }
  st->rows += n;
  st->more += in->n - n;
  return PERI_OK;
}

PERI_FINISH(table)
{
  peri_status status = PERI_OK;
  if (st->count > 0) {
    status = put_row(cx, st, -1, out);
    status = status == PERI_OK ? put_rule(cx, st, out) : status;
  }
  if (st->rows == 0 && status == PERI_OK) {
    return put_note(cx, out, "(no rows)\n", 0);
  }
  for (int64_t i = 0; i < st->rows && status == PERI_OK; i++) {
    status = put_row(cx, st, i, out);
  }
  if (status == PERI_OK && st->more > 0) {
    status = put_note(cx, out,
                      st->more == 1 ? "... and %lld more row\n"
                                    : "... and %lld more rows\n",
                      (long long)st->more);
  }
  return status;
}

PERI_CLOSE(table)
{
  for (size_t i = 0; i < st->count; i++) {
    cx->sv->realloc(cx, st->columns[i].name, 0);
    cx->sv->realloc(cx, st->columns[i].cells, 0);
  }
  cx->sv->realloc(cx, st->columns, 0);
  cx->sv->realloc(cx, st->text, 0);
}

PERI_PLUGIN("table", "0.1.0", "perigee", "MIT",
            "Encoder of aligned tables for the terminal.");
