/* encode.c - the encoder "csv".
 *
 * The first batch that has columns fixes them, because its names are in the
 * header line by the time a later batch comes.  Where the plan knows them all
 * the first batch is one without rows.
 */
#include "short_text.h"
#include "value_text.h"

#include <ctype.h>
#include <stdio.h>

#define CELL_MAX 48 /* bytes of a value that is no text, and of a border */

#define CSV_OUT(P)                                                             \
  P(str, sep, ",", "One byte between fields.")                                 \
  P(bool, header, true, "Begin with a line of column names.")                  \
  P(str, nulls, "", "What to write for null.")
PERI_PARAMS(csv_encoder_params, CSV_OUT)

struct csv_encoder_state {
  peri_str *names; /* owned, and each `ptr` too */
  size_t count;
  const peri_col *
    *columns;     /* owned: of the batch, by name; NULL: it has none */
  size_t row_max; /* bytes of a row without its texts, and a little more */
  int64_t rows;   /* written */
  bool begun;     /* the columns are fixed */
  bool quick;     /* a number never needs quotes */
  char sep, sep_block[16];
};
typedef struct csv_encoder_state csv_encoder_state;
PERI_STATE(csv_encoder_state);

PERI_ENCODER_AS(
  csv_encoder, csv, 0, csv_encoder_params, csv_encoder_state,
  "Comma-separated values, RFC 4180, lines ended by a newline. Fields are "
  "quoted where they must be, and a text that equals `nulls` is. Where the "
  "plan "
  "knows the columns, as behind `select` and `group`, the header has them, "
  "even "
  "if no row comes. Elsewhere it has those of the first row, or of what was "
  "decoded, if no row is left. All members in the first 496 KiB of JSON are "
  "columns of every row, so that no row comes before those or the end of the "
  "input. A later row without one of the columns gets null there, and the "
  "first "
  "with a value in another column fails. `select` before this names the "
  "columns "
  "for good, and rows come at once.");

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
static bool take_columns(peri_cx *cx, const csv_encoder_params *params,
                         csv_encoder_state *st, const peri_batch *in)
{
  size_t count = (size_t)in->n_cols;
  drop_columns(cx, st);
  st->names = cx->sv->realloc(cx, NULL, (count + 1) * sizeof *st->names);
  st->columns = cx->sv->realloc(cx, NULL, (count + 1) * sizeof *st->columns);
  if (!st->names || !st->columns) {
    return false;
  }
  st->row_max = (count + 1) * (CELL_MAX + params->nulls.len);
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

/* The first row with a value that no column of the header takes, or in->n;
 * which `name` the value has. */
static int64_t find_late(const csv_encoder_state *st, const peri_batch *in,
                         peri_str *name)
{
  int64_t first = in->n;
  for (int64_t i = 0; i < in->n_cols; i++) {
    if (find_column(st, in->names[i], 0) < st->count) {
      continue;
    }
    for (int64_t row = 0; row < first; row++) {
      if (!value_is_null(&in->cols[i], row)) {
        *name = in->names[i];
        first = row;
      }
    }
  }
  return first;
}

static peri_status late_column(peri_cx *cx, const csv_encoder_state *st,
                               const peri_batch *in)
{
  peri_str name = {0};
  int64_t row = find_late(st, in, &name);
  if (row == in->n) {
    return PERI_OK;
  }
  char text[300];
  snprintf(text, sizeof text,
           "row %lld is the first with a column '%.*s', which the header does "
           "not have; name the columns with select before this",
           (long long)(st->rows + row) + 1,
           (int)(name.len < 100 ? name.len : 100), name.ptr);
  return peri_fail(cx, PERI_EDATA, text);
}

/* Finds the columns of the batch by name. */
static peri_status bind_columns(peri_cx *cx, csv_encoder_state *st,
                                const peri_batch *in)
{
  size_t found = 0;
  for (size_t i = 0; i < st->count; i++) {
    st->columns[i] = NULL;
  }
  for (size_t i = 0; i < (size_t)in->n_cols; i++) {
    size_t at = find_column(st, in->names[i], i < st->count ? i : 0);
    if (at < st->count) {
      st->columns[at] = &in->cols[i];
      found++;
    }
  }
  return found == (size_t)in->n_cols ? PERI_OK : late_column(cx, st, in);
}

/* ---------------------------------------------------------------------- fields
 */

#ifdef __SSE2__
/* A bit for each byte that needs quotes around it. */
static inline uint32_t specials(const csv_encoder_state *st, __m128i text)
{
  const __m128i sep =
    _mm_loadu_si128((const __m128i *)(const void *)st->sep_block);
  __m128i breaks = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('\n')),
                                _mm_cmpeq_epi8(text, _mm_set1_epi8('\r')));
  __m128i others = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(text, sep));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(breaks, others));
}

/* Writes a short text that needs no quotes, without asking for room: it fits
 * where a number would.  False: it has to be written otherwise. */
static inline bool put_short(const csv_encoder_state *st,
                             const peri_col *column, int64_t row,
                             peri_bytes *out)
{
  const peri_view *view = short_row(column, row);
  if (!view || view->len == 0) {
    return false;
  }
  __m128i block = short_view(view);
  if (specials(st, block) & ((1u << view->len) - 1)) {
    return false;
  }
  _mm_storeu_si128((__m128i *)(void *)out->at, block);
  out->at += view->len;
  return true;
}

/* Copies a text, with up to 16 bytes too much; NULL: it needs quotes. */
static inline char *put_plain(const csv_encoder_state *st, char *to,
                              peri_str text)
{
  __m128i block;
  if (text.len <= 16) {
    block = short_text(text.ptr, text.len);
    _mm_storeu_si128((__m128i *)(void *)to, block);
    return specials(st, block) & ((1u << text.len) - 1) ? NULL : to + text.len;
  }
  /* The last block may overlap the one before. */
  for (size_t i = 0; i < text.len; i += 16) {
    size_t at = i + 16 <= text.len ? i : text.len - 16;
    block = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + at));
    if (specials(st, block)) {
      return NULL;
    }
    _mm_storeu_si128((__m128i *)(void *)(to + at), block);
  }
  return to + text.len;
}
#else
static inline bool put_short(const csv_encoder_state *st,
                             const peri_col *column, int64_t row,
                             peri_bytes *out)
{
  (void)st, (void)column, (void)row, (void)out;
  return false;
}

static inline char *put_plain(const csv_encoder_state *st, char *to,
                              peri_str text)
{
  for (size_t i = 0; i < text.len; i++) {
    if (strchr("\"\n\r", text.ptr[i]) || text.ptr[i] == st->sep) {
      return NULL;
    }
    to[i] = text.ptr[i];
  }
  return to + text.len;
}
#endif

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

/* Writes the text at out->at, and leaves room for the rest of the row. */
static inline bool put_text(peri_cx *cx, const csv_encoder_state *st,
                            peri_str text, bool quote, peri_bytes *out)
{
  char *to = peri_room(cx, out, text.len * 2 + st->row_max), *end;
  if (!to) {
    return false;
  }
  end = quote ? NULL : put_plain(st, to, text);
  out->at = end ? end : put_quoted(to, text);
  return true;
}

static bool put_value(peri_cx *cx, const csv_encoder_params *params,
                      const csv_encoder_state *st, const peri_col *column,
                      int64_t row, peri_bytes *out)
{
  char room[VALUE_ROOM];
  switch (st->quick ? column->type : PERI_T_NULL) {
  case PERI_T_I64:
    out->at = number_put_i64(out->at, ((const int64_t *)column->data)[row]);
    return true;
  case PERI_T_F64:
    out->at = number_put_f64(out->at, ((const double *)column->data)[row]);
    return true;
  case PERI_T_TIME:
    out->at += time_print(out->at, ((const int64_t *)column->data)[row]);
    return true;
  case PERI_T_STR:
    if (put_short(st, column, row, out)) {
      return true;
    }
  }
  peri_str text = value_text(column, row, room);
  if (column->type == PERI_T_JSON && !value_json_text(cx, &text)) {
    return false;
  }
  return put_text(cx, st, text, peri_str_eq(text, params->nulls), out);
}

static bool put_row(peri_cx *cx, const csv_encoder_params *params,
                    const csv_encoder_state *st, int64_t row, peri_bytes *out)
{
  if (!peri_room(cx, out, st->row_max)) {
    return false;
  }
  for (size_t i = 0; i < st->count; i++) {
    const peri_col *column = st->columns[i];
    if (!column || value_is_null(column, row)) {
      memcpy(out->at, params->nulls.ptr, params->nulls.len);
      out->at += params->nulls.len;
    } else if (!put_value(cx, params, st, column, row, out)) {
      return false;
    }
    *out->at++ = i + 1 == st->count ? '\n' : st->sep;
  }
  return true;
}

static bool put_header(peri_cx *cx, csv_encoder_state *st, peri_bytes *out)
{
  for (size_t i = 0; i < st->count; i++) {
    if (!put_text(cx, st, st->names[i], st->names[i].len == 0, out)) {
      return false;
    }
    *out->at++ = i + 1 == st->count ? '\n' : st->sep;
  }
  return true;
}

/* ------------------------------------------------------------------- the hooks
 */

static peri_status check(peri_cx *cx, const csv_encoder_params *params)
{
  peri_str sep = params->sep;
  if (sep.len != 1 || strchr("\"\r\n", *sep.ptr)) {
    return peri_fail(cx, PERI_EINVAL,
                     "parameter 'sep': expected one byte, and no quote or line "
                     "break");
  }
  for (size_t i = 0; i < params->nulls.len; i++) {
    char c = params->nulls.ptr[i];
    if (c == *sep.ptr || c == '"' || c == '\n' || c == '\r') {
      return peri_fail(cx, PERI_EINVAL,
                       "parameter 'nulls': a text that needs quotes would read "
                       "back as a text");
    }
  }
  return PERI_OK;
}

PERI_SCHEMA(csv_encoder)
{
  (void)out; /* it gives no columns */
  return check(cx, params);
}

PERI_OPEN(csv_encoder)
{
  peri_status status = check(cx, params);
  if (status != PERI_OK) {
    return status;
  }
  st->sep = *params->sep.ptr;
  memset(st->sep_block, st->sep, sizeof st->sep_block);
  st->quick = params->nulls.len == 0 && !isalnum((unsigned char)st->sep) &&
              !strchr("+-.:", st->sep);
  return PERI_OK;
}

PERI_ENCODE(csv_encoder)
{
  if (!st->begun && in->n_cols > 0) {
    if (!take_columns(cx, params, st, in)) {
      return no_memory(cx);
    }
    st->begun = true;
    if (params->header && !put_header(cx, st, out)) {
      return no_memory(cx);
    }
  }
  if (in->n > 0) {
    peri_status status = bind_columns(cx, st, in);
    if (status != PERI_OK) {
      return status;
    }
  }
  for (int64_t row = 0; row < in->n; row++) {
    if (!put_row(cx, params, st, row, out)) {
      return no_memory(cx);
    }
  }
  st->rows += in->n;
  return PERI_OK;
}

PERI_CLOSE(csv_encoder)
{
  drop_columns(cx, st);
}
