/* encode.c - the encoder "json": a line a row.
 *
 * A row is written cell by cell, each as `,"key":value` with a key text that is
 * made once; the first comma of a row becomes its opening brace.  Room for all
 * cells of fixed size is asked for once a row, room for texts when they come.
 *
 * PERI_STATELESS: a row's text follows from its batch.
 * PERI_KEEPS: the text of a row may be there already.
 */
#include "escape.h"
#include "print.h"
#include "short_text.h"
#include "special.h"
#include "time_text.h"

#include <math.h>
#include <perigee/plugin.h>

#define CELL_MAX 48  /* bytes of the value of a cell that is no text */
#define KEY_SLACK 16 /* keys are copied 16 bytes at a time */

#define JSON_ENCODING(P)                                                       \
  P(bool, nulls, false,                                                        \
    "Write null values, instead of leaving their keys out. After a select or " \
    "group every row has every column. Columns of JSON are there from the "    \
    "first row on when they are in the first 496 KiB of the input, any other " \
    "from the row on that has a value in it.")
PERI_PARAMS(json_encoding, JSON_ENCODING)

struct key {
  char *text; /* owned: `,"name":`; the name itself lies behind it */
  size_t len, name_len;
};

typedef struct json_writer {
  struct key *keys; /* owned */
  int64_t count;
  int64_t kept;   /* the column of rows as they stand, or -1 */
  size_t row_max; /* bytes of a row without its texts */
} json_writer;
PERI_STATE(json_writer);

PERI_ENCODER_AS(json_encoder, json, PERI_STATELESS | PERI_KEEPS, json_encoding,
                json_writer,
                "Newline-delimited JSON: one object per row, keys in the "
                "order of the columns, times as RFC 3339.");

/* ------------------------------------------------------------------------ keys
 */

static void free_keys(peri_cx *cx, json_writer *w)
{
  for (int64_t i = 0; i < w->count; i++) {
    cx->sv->realloc(cx, w->keys[i].text, 0);
  }
  cx->sv->realloc(cx, w->keys, 0);
  *w = (json_writer){0};
}

static bool make_key(peri_cx *cx, struct key *key, peri_str name)
{
  size_t room = json_escape_room(name.ptr, name.len) + 2;
  key->text = cx->sv->realloc(cx, NULL, room + KEY_SLACK + name.len);
  if (!key->text) {
    return false;
  }
  key->text[0] = ',';
  char *end = json_escape(key->text + 1, name.ptr, name.len);
  *end++ = ':';
  key->len = (size_t)(end - key->text);
  key->name_len = name.len;
  memcpy(end + KEY_SLACK, name.ptr, name.len);
  return true;
}

static bool keys_fit(const json_writer *w, const peri_batch *in)
{
  if (!w->keys || w->count != in->n_cols) {
    return false;
  }
  for (int64_t i = 0; i < w->count; i++) {
    const struct key *key = &w->keys[i];
    peri_str name = {key->text + key->len + KEY_SLACK, key->name_len};
    if (!peri_str_eq(name, in->names[i])) {
      return false;
    }
  }
  return true;
}

static bool is_kept(peri_str name)
{
  static const char kept[] = PERI_KEPT_NAME;
  return name.len == sizeof kept - 1 && memcmp(name.ptr, kept, name.len) == 0;
}

static bool make_keys(peri_cx *cx, json_writer *w, const peri_batch *in)
{
  if (keys_fit(w, in)) {
    return true;
  }
  free_keys(cx, w);
  w->keys =
    cx->sv->realloc(cx, NULL, ((size_t)in->n_cols + 1) * sizeof *w->keys);
  w->row_max = 2 * KEY_SLACK;
  w->kept = -1;
  for (int64_t i = 0; w->keys && i < in->n_cols; i++) {
    if (!make_key(cx, &w->keys[i], in->names[i])) {
      return false;
    }
    w->count++;
    w->kept = is_kept(in->names[i]) ? i : w->kept;
    w->row_max += w->keys[i].len + CELL_MAX;
  }
  return w->keys != NULL;
}

/* ----------------------------------------------------------------------- cells
 */

static char *put_key(char *to, const struct key *key)
{
  /* Most keys are short; what is copied too much is overwritten. */
  memcpy(to, key->text, KEY_SLACK);
  if (key->len > KEY_SLACK) {
    memcpy(to + KEY_SLACK, key->text + KEY_SLACK, key->len - KEY_SLACK);
  }
  return to + key->len;
}

static char *put_bool(char *to, bool value)
{
  memcpy(to, value ? "true " : "false", 5);
  return to + (value ? 4 : 5);
}

static char *put_f64(char *to, double value)
{
  if (!isfinite(value)) {
    memcpy(to, "null", 4);
    return to + 4;
  }
  return number_put_f64(to, value);
}

static char *put_f32(char *to, float value)
{
  return isfinite(value) ? number_put_f32(to, value) : put_f64(to, value);
}

static char *put_time(char *to, int64_t time)
{
  *to = '"';
  to += 1 + time_print(to + 1, time);
  *to = '"';
  return to + 1;
}

/* Every type but texts. */
static char *put_fixed(char *to, const peri_col *column, int64_t i)
{
  const void *data = column->data;
  switch (column->type) {
  case PERI_T_BOOL:
    return put_bool(to, ((const uint8_t *)data)[i] != 0);
  case PERI_T_I8:
    return number_put_i64(to, ((const int8_t *)data)[i]);
  case PERI_T_U8:
    return number_put_u64(to, ((const uint8_t *)data)[i]);
  case PERI_T_I16:
    return number_put_i64(to, ((const int16_t *)data)[i]);
  case PERI_T_U16:
    return number_put_u64(to, ((const uint16_t *)data)[i]);
  case PERI_T_I32:
    return number_put_i64(to, ((const int32_t *)data)[i]);
  case PERI_T_U32:
    return number_put_u64(to, ((const uint32_t *)data)[i]);
  case PERI_T_I64:
    return number_put_i64(to, ((const int64_t *)data)[i]);
  case PERI_T_U64:
    return number_put_u64(to, ((const uint64_t *)data)[i]);
  case PERI_T_F32:
    return put_f32(to, ((const float *)data)[i]);
  case PERI_T_F64:
    return put_f64(to, ((const double *)data)[i]);
  default:
    return put_time(to, ((const int64_t *)data)[i]);
  }
}

/* A text at out->at, and room for the rest of the row behind it. */
static bool put_text(peri_cx *cx, const json_writer *w, const peri_col *column,
                     int64_t i, peri_bytes *out)
{
  peri_str text = peri_row_str(column, i);
  bool raw = column->type == PERI_T_JSON;
  size_t room = raw ? text.len : json_escape_room(text.ptr, text.len);
  char *to = peri_room(cx, out, room + w->row_max);
  if (!to) {
    return false;
  }
  if (raw) {
    memcpy(to, text.ptr, text.len);
    out->at = to + text.len;
  } else {
    out->at = json_escape(to, text.ptr, text.len);
  }
  return true;
}

/* Writes a short text that needs no escapes, without asking for room: it fits
 * where a number would.  False: it has to be written otherwise. */
static inline bool put_short(const peri_col *column, int64_t i, peri_bytes *out)
{
#ifdef __SSE2__
  const peri_view *view = short_row(column, i);
  if (!view) {
    return false;
  }
  __m128i block = short_view(view);
  uint32_t odd = json_specials(block) | (uint32_t)_mm_movemask_epi8(block);
  if (odd & ((1u << view->len) - 1)) {
    return false;
  }
  *out->at = '"';
  _mm_storeu_si128((__m128i *)(out->at + 1), block);
  out->at[view->len + 1] = '"';
  out->at += view->len + 2;
  return true;
#else
  (void)column, (void)i, (void)out;
  return false;
#endif
}

static bool put_cell(peri_cx *cx, const json_writer *w, const peri_col *column,
                     int64_t i, peri_bytes *out)
{
  if (column->type == PERI_T_STR && put_short(column, i, out)) {
    return true;
  }
  if (column->type >= PERI_T_STR) {
    return put_text(cx, w, column, i, out);
  }
  out->at = put_fixed(out->at, column, i);
  return true;
}

/* Writes the row as it stands, but for its end; *more gets the first column
 * that is not in it, *first whether it is empty. */
static bool put_kept(peri_cx *cx, const json_writer *w, const peri_batch *in,
                     int64_t i, peri_bytes *out, int64_t *more, bool *first)
{
  const peri_col *column = w->kept < 0 ? NULL : &in->cols[w->kept];
  if (!column || column->type == PERI_T_NULL || !peri_valid(column, i)) {
    return true;
  }
  peri_str text = peri_row_str(column, i);
  if (!peri_room(cx, out, text.len + w->row_max)) {
    return false;
  }
  *more = w->kept + 1;
  *first = text.len <= 2;
  if (!*first) {
    memcpy(out->at, text.ptr, text.len - 1);
    out->at += text.len - 1;
  }
  return true;
}

static bool put_row(peri_cx *cx, const json_writer *w, const peri_batch *in,
                    int64_t i, bool nulls, peri_bytes *out)
{
  bool first = true;
  int64_t c = 0;
  if (!peri_room(cx, out, w->row_max) ||
      !put_kept(cx, w, in, i, out, &c, &first)) {
    return false;
  }
  for (; c < in->n_cols; c++) {
    const peri_col *column = &in->cols[c];
    bool is_null = column->type == PERI_T_NULL || !peri_valid(column, i);
    if (is_null && (!nulls || c == w->kept)) {
      continue;
    }
    char *key = out->at;
    out->at = put_key(key, &w->keys[c]);
    key[0] = first ? '{' : ',';
    first = false;
    if (is_null) {
      memcpy(out->at, "null", 4);
      out->at += 4;
    } else if (!put_cell(cx, w, column, i, out)) {
      return false;
    }
  }
  if (first) {
    *out->at++ = '{';
  }
  memcpy(out->at, "}\n", 2);
  out->at += 2;
  return true;
}

/* ----------------------------------------------------------------------- hooks
 */

PERI_ENCODE(json_encoder)
{
  if (!make_keys(cx, st, in)) {
    return peri_fail(cx, PERI_ENOMEM, "no memory for the keys");
  }
  for (int64_t i = 0; i < in->n; i++) {
    if (!put_row(cx, st, in, i, params->nulls, out)) {
      return peri_fail(cx, PERI_ENOMEM, "no memory to write a row");
    }
  }
  return PERI_OK;
}

PERI_CLOSE(json_encoder)
{
  free_keys(cx, st);
}
