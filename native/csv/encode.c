/* encode.c - the encoder "csv".
 *
 * The first batch fixes the columns, because its names are in the header line
 * by the time a later batch comes.
 */
#include "value_text.h"

#include <stdio.h>

#define CSV_OUT(P)                                                             \
  P(str, sep, ",", "One byte between fields.")                                 \
  P(bool, header, true, "Begin with a line of column names.")                  \
  P(str, nulls, "", "What to write for null.")
PERI_PARAMS(csv_encoder_params, CSV_OUT)

struct csv_encoder_state {
  peri_str *names; /* owned, and each `ptr` too */
  size_t count;
  const peri_col *
    *columns;        /* owned: of the batch, by name; NULL: it has none */
  bool begun;        /* the columns are fixed */
  bool special[256]; /* a field with such a byte needs quotes */
};
typedef struct csv_encoder_state csv_encoder_state;
PERI_STATE(csv_encoder_state);

PERI_ENCODER_AS(
  csv_encoder, csv, 0, csv_encoder_params, csv_encoder_state,
  "Comma-separated values, RFC 4180, lines ended by a newline. Fields are "
  "quoted where they must be, and a text that equals `nulls` is. The columns "
  "are those of the first rows: a later row without one of them gets null "
  "there, and one with another column fails; `select` before this names the "
  "columns for good.");

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory to encode csv");
}

/* ----------------------------------------------------------------- the columns
 */

static void drop_columns(peri_cx *cx, csv_encoder_state *st)
{
  for (size_t i = 0; i < st->count; i++) {
    cx->sv->realloc(cx, (char *)(uintptr_t)st->names[i].ptr, 0);
  }
  cx->sv->realloc(cx, st->names, 0);
  cx->sv->realloc(cx, st->columns, 0);
  st->names = NULL;
  st->columns = NULL;
  st->count = 0;
}

/* Takes the columns of the batch. */
static bool take_columns(peri_cx *cx, csv_encoder_state *st,
                         const peri_batch *in)
{
  size_t count = (size_t)in->n_cols;
  drop_columns(cx, st);
  st->names = cx->sv->realloc(cx, NULL, (count + 1) * sizeof *st->names);
  st->columns = cx->sv->realloc(cx, NULL, (count + 1) * sizeof *st->columns);
  if (!st->names || !st->columns) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    char *name = cx->sv->realloc(cx, NULL, in->names[i].len + 1);
    if (!name) {
      return false;
    }
    memcpy(name, in->names[i].ptr, in->names[i].len);
    st->names[st->count++] = (peri_str){name, in->names[i].len};
  }
  return true;
}

/* The place of a column, or `count`.  `guess`: where it probably is. */
static size_t find_column(const csv_encoder_state *st, peri_str name,
                          size_t guess)
{
  for (size_t i = 0; i < st->count; i++) {
    size_t at = guess + i < st->count ? guess + i : guess + i - st->count;
    if (at < st->count && peri_str_eq(st->names[at], name)) {
      return at;
    }
  }
  return st->count;
}

static peri_status unknown_column(peri_cx *cx, peri_str name)
{
  char text[300];
  snprintf(text, sizeof text,
           "csv: column '%.*s' comes after the header was written; name the "
           "columns with select before the csv encoder",
           (int)(name.len < 100 ? name.len : 100), name.ptr);
  return peri_fail(cx, PERI_EDATA, text);
}

/* Finds the columns of the batch by name. */
static peri_status bind_columns(peri_cx *cx, csv_encoder_state *st,
                                const peri_batch *in)
{
  for (size_t i = 0; i < st->count; i++) {
    st->columns[i] = NULL;
  }
  for (size_t i = 0; i < (size_t)in->n_cols; i++) {
    size_t at = find_column(st, in->names[i], i < st->count ? i : 0);
    if (at < st->count) {
      st->columns[at] = &in->cols[i];
    } else if (in->cols[i].type != PERI_T_NULL) {
      return unknown_column(cx, in->names[i]);
    }
  }
  return PERI_OK;
}

/* ---------------------------------------------------------------------- fields
 */

static bool needs_quotes(const csv_encoder_state *st, peri_str text)
{
  for (size_t i = 0; i < text.len; i++) {
    if (st->special[(unsigned char)text.ptr[i]]) {
      return true;
    }
  }
  return false;
}

static char *put_quoted(char *to, peri_str text)
{
  *to++ = '"';
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] == '"') {
      *to++ = '"';
    }
    *to++ = text.ptr[i];
  }
  *to++ = '"';
  return to;
}

/* Writes the text and one byte behind it. */
static peri_status put_field(peri_cx *cx, const csv_encoder_state *st,
                             peri_str text, bool quote, char behind,
                             peri_bytes *out)
{
  char *to = peri_room(cx, out, text.len * 2 + 3);
  if (!to) {
    return no_memory(cx);
  }
  if (quote || needs_quotes(st, text)) {
    to = put_quoted(to, text);
  } else {
    memcpy(to, text.ptr, text.len);
    to += text.len;
  }
  *to++ = behind;
  out->at = to;
  return PERI_OK;
}

static peri_status put_header(peri_cx *cx, const csv_encoder_params *params,
                              const csv_encoder_state *st, peri_bytes *out)
{
  peri_status status = PERI_OK;
  for (size_t i = 0; i < st->count && status == PERI_OK; i++) {
    char behind = i + 1 == st->count ? '\n' : *params->sep.ptr;
    status =
      put_field(cx, st, st->names[i], st->names[i].len == 0, behind, out);
  }
  return status;
}

static peri_status put_row(peri_cx *cx, const csv_encoder_params *params,
                           const csv_encoder_state *st, int64_t row,
                           peri_bytes *out)
{
  char room[VALUE_ROOM];
  peri_status status = PERI_OK;
  for (size_t i = 0; i < st->count && status == PERI_OK; i++) {
    const peri_col *column = st->columns[i];
    char behind = i + 1 == st->count ? '\n' : *params->sep.ptr;
    if (!column || value_is_null(column, row)) {
      status = put_field(cx, st, params->nulls, false, behind, out);
    } else {
      peri_str text = value_text(column, row, room);
      bool like_null = peri_str_eq(text, params->nulls);
      status = put_field(cx, st, text, like_null, behind, out);
    }
  }
  return status;
}

/* ------------------------------------------------------------------- the hooks
 */

PERI_OPEN(csv_encoder)
{
  peri_str sep = params->sep;
  if (sep.len != 1 || strchr("\"\r\n", *sep.ptr)) {
    return peri_fail(cx, PERI_EINVAL,
                     "parameter 'sep': expected one byte, and no quote "
                     "or line break");
  }
  st->special['"'] = st->special['\n'] = st->special['\r'] = true;
  st->special[(unsigned char)*sep.ptr] = true;
  if (needs_quotes(st, params->nulls)) {
    return peri_fail(cx, PERI_EINVAL,
                     "parameter 'nulls': a text that needs quotes would read "
                     "back as a text");
  }
  return PERI_OK;
}

/* A batch without rows may lack columns that the rows will have, so it fixes
 * nothing, but if no row ever comes its names are the header. */
PERI_ENCODE(csv_encoder)
{
  peri_status status = PERI_OK;
  if (!st->begun && in->n_cols > 0) {
    if (!take_columns(cx, st, in)) {
      return no_memory(cx);
    }
    st->begun = in->n > 0;
    if (st->begun && params->header) {
      status = put_header(cx, params, st, out);
    }
  }
  if (status == PERI_OK && in->n > 0) {
    status = bind_columns(cx, st, in);
  }
  for (int64_t row = 0; row < in->n && status == PERI_OK; row++) {
    status = put_row(cx, params, st, row, out);
  }
  return status;
}

PERI_FINISH(csv_encoder)
{
  if (st->begun || !params->header) {
    return PERI_OK;
  }
  return put_header(cx, params, st, out);
}

PERI_CLOSE(csv_encoder)
{
  drop_columns(cx, st);
}
