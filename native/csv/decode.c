/* decode.c - the decoder "csv": its parameters, its state and its hooks.
 *
 * PERI_STATELESS: what a chunk decodes to follows from it and from the head of
 * its stream, which comes with every chunk.  What an instance keeps is that
 * head as it last read it.
 */
#include "head.h"

#include <stdio.h>
#include <stdlib.h>

#define CSV(P)                                                                 \
  P(str, sep, ",", "One byte between fields.")                                 \
  P(bool, header, true, "The first record of a stream names the columns.")     \
  P(list_str, names, {},                                                       \
    "Names of the columns, in place of those in the header. Without a header " \
    "and without this they are c1, c2, ...")                                   \
  P(str, quote, "\"", "One byte around fields, or '' for none.")               \
  P(list_str, nulls, {""},                                                     \
    "Texts that mean null, when they stand without quotes.")                   \
  P(i64, sample, 16384,                                                        \
    "Bytes at the start of a stream in which columns of texts are found, and " \
    "that must be there before the first row comes; 0: no column is looked "   \
    "at, and rows come at once.",                                              \
    0..1073741824)
PERI_PARAMS(csv_params, CSV)

struct csv_state {
  struct csv_syntax syntax;
  struct csv_cut cut;
  struct csv_head head;
  uint64_t stream;     /* that `head` is of */
  uint64_t cut_stream; /* `cut` is that of the chunk at `cut_offset` here, */
  uint64_t cut_offset; /* and the chunk is */
  uint64_t cut_len;    /* so long; 0: none */
  /* For PICK: `rows` of the fill that DECODE made. */
  uint32_t *rows; /* owned */
  size_t rows_room;
  bool utf8; /* the chunk is */
};
typedef struct csv_state csv_state;
PERI_STATE(csv_state);

PERI_DECODER_AS(
  csv_decoder, csv, PERI_STATELESS, csv_params, csv_state,
  "Comma-separated values, RFC 4180. In a column without a declared type, a "
  "field is a number if JSON would call it one (so that \"007\" and \"+1\" are "
  "texts), true, false, or a text; where the first rows (see `sample`) have "
  "texts, all fields of the column are. Fields that are one of `nulls` are "
  "null, but a quoted \"\" is an empty text. The header line names the "
  "columns; "
  "an empty name becomes cN and a second 'a' a_2. With `names`, the header "
  "line is passed over. A record with another number of fields is malformed; "
  "empty lines are passed over, unless there is one column. Bytes that are not "
  "UTF-8 become U+FFFD.");

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory to decode csv");
}

/* Checks the parameters, and makes the syntax of them. */
static peri_status check(peri_cx *cx, const csv_params *params,
                         struct csv_syntax *syntax)
{
  char message[200];
  if (!csv_syntax_init(cx, syntax, params->sep, params->quote)) {
    return PERI_EINVAL;
  }
  size_t fault = csv_names_fault(&params->names);
  if (fault == params->names.len) {
    return PERI_OK;
  }
  peri_str name = params->names.ptr[fault];
  snprintf(message, sizeof message,
           name.len ? "parameter 'names': '%.*s' is there twice"
                    : "parameter 'names': a name is empty",
           (int)(name.len < 100 ? name.len : 100), name.ptr);
  return peri_fail(cx, PERI_EINVAL, message);
}

PERI_SCHEMA(csv_decoder)
{
  struct csv_syntax syntax;
  peri_status status = check(cx, params, &syntax);
  for (size_t i = 0; status == PERI_OK && i < params->names.len; i++) {
    peri_str name = params->names.ptr[i];
    if (cx->sv->out_column(out, name.ptr, name.len, PERI_T_NULL) < 0) {
      status = no_memory(cx);
    }
  }
  return status;
}

PERI_OPEN(csv_decoder)
{
  return check(cx, params, &st->syntax);
}

PERI_CLOSE(csv_decoder)
{
  csv_cut_fini(cx, &st->cut);
  cx->sv->realloc(cx, st->rows, 0);
  csv_head_fini(cx, &st->head);
}

/* Bytes of a UTF-8 byte order mark before the first record. */
static size_t mark_len(const peri_chunk *chunk)
{
  return chunk->flags & PERI_CHUNK_FIRST && chunk->len >= 3 &&
             memcmp(chunk->bytes, "\xEF\xBB\xBF", 3) == 0
           ? 3
           : 0;
}

/* Cuts the chunk.  SPLIT leaves the result to DECODE, which is to get the same
 * bytes; `cut_len` says how many. */
static bool cut_chunk(peri_cx *cx, csv_state *st, const peri_chunk *chunk,
                      bool last)
{
  st->cut_len = 0;
  if (!csv_cut(cx, &st->cut, &st->syntax, chunk->bytes, mark_len(chunk),
               chunk->len, last)) {
    return false;
  }
  st->cut_stream = chunk->stream;
  st->cut_offset = chunk->offset;
  st->cut_len = last ? 0 : csv_cut_len(&st->cut);
  return true;
}

static bool has_cut(const csv_state *st, const peri_chunk *chunk)
{
  return st->cut_len > 0 && st->cut_len == chunk->len &&
         st->cut_offset == chunk->offset && st->cut_stream == chunk->stream;
}

PERI_SPLIT(csv_decoder)
{
  if (chunk->flags & PERI_CHUNK_LAST) {
    return (int64_t)chunk->len;
  }
  if (chunk->len > INT32_MAX) {
    return peri_fail(cx, PERI_EDATA, "a record of more than 2 GiB");
  }
  if (!cut_chunk(cx, st, chunk, false)) {
    return no_memory(cx);
  }
  bool waits = chunk->flags & PERI_CHUNK_FIRST &&
               (st->cut_len < (uint64_t)params->sample ||
                csv_is_empty(&st->cut, chunk->bytes));
  return waits ? 0 : (int64_t)st->cut_len;
}

/* ---------------------------------------------------------------- the head
 */

/* The first chunk of the chunk's stream. */
static bool first_chunk(const peri_chunk *chunk, peri_chunk *first)
{
  *first = *chunk;
  if (chunk->flags & PERI_CHUNK_FIRST) {
    return true;
  }
  if (chunk->size < offsetof(peri_chunk, head_len) + sizeof chunk->head_len ||
      !chunk->head) {
    return false;
  }
  first->flags = PERI_CHUNK_FIRST;
  first->bytes = chunk->head;
  first->len = chunk->head_len;
  first->offset = 0;
  return true;
}

/* Reads the head of the chunk's stream, unless it is known. */
static peri_status learn_head(peri_cx *cx, const csv_params *params,
                              csv_state *st, const peri_chunk *chunk,
                              struct csv_fill fill)
{
  bool is_first = chunk->flags & PERI_CHUNK_FIRST;
  peri_chunk first;
  if (!is_first && st->head.known && st->stream == chunk->stream) {
    return PERI_OK;
  }
  if (!first_chunk(chunk, &first)) {
    return peri_fail(cx, PERI_EBUG, "the head of the stream is missing");
  }
  struct csv_head_rules rules = {.names = &params->names,
                                 .header = params->header,
                                 .sample = (uint64_t)params->sample,
                                 .warn = is_first};
  fill.batch.chunk = &first;
  st->stream = chunk->stream;
  if (!has_cut(st, &first) && !cut_chunk(cx, st, &first, true)) {
    return no_memory(cx);
  }
  return csv_head_read(cx, &st->head, &rules, &fill);
}

/* ----------------------------------------------------------------- the rejects
 */

static int compare_faults(const void *a, const void *b)
{
  uint32_t x = ((const struct csv_fault *)a)->row;
  uint32_t y = ((const struct csv_fault *)b)->row;
  return x < y ? -1 : x > y;
}

static void report_fault(struct csv_fill *fill, const struct csv_fault *fault)
{
  const struct csv_cut *cut = fill->cut;
  const char *text = fill->batch.chunk->bytes;
  uint32_t first = cut->row[fault->row], end = cut->row[fault->row + 1];
  const char *from = text + (uint32_t)(cut->mark[first - 1] + 1);
  size_t len = (size_t)(text + cut->mark[end - 1] - from);
  len -= len > 0 && from[len - 1] == '\r';
  struct csv_field field;
  switch (fault->why) {
  case CSV_FIELD_COUNT:
    text_reject(&fill->batch, from, len, "row has %u field%s, expected %zu",
                end - first, end - first == 1 ? "" : "s", fill->column_count);
    break;
  case CSV_QUOTES:
    text_reject(&fill->batch, from, len, "text behind a closing quote");
    break;
  case CSV_OPEN_QUOTE:
    text_reject(&fill->batch, from, len,
                "the quote of field %u, at byte %zu of the row, does not close",
                end - first,
                (size_t)(text + (uint32_t)(cut->mark[end - 2] + 1) - from) + 1);
    break;
  case CSV_VALUE:
    field = csv_field_at(fill, first, fault->column);
    text_reject_value(&fill->batch, &fill->columns[fault->column], from, len,
                      field.text, field.len);
  }
}

static void report_faults(struct csv_fill *fill)
{
  if (fill->fault_count > 1) {
    qsort(fill->faults, fill->fault_count, sizeof *fill->faults,
          compare_faults);
  }
  for (size_t i = 0; i < fill->fault_count; i++) {
    report_fault(fill, &fill->faults[i]);
  }
}

/* -------------------------------------------------------------------- decoding
 */

/* What all filling needs. */
static struct csv_fill fill_of(const csv_params *params, const csv_state *st)
{
  return (struct csv_fill){.syntax = &st->syntax,
                           .cut = &st->cut,
                           .nulls = &params->nulls,
                           .empty_is_null = params->nulls.len == 1 &&
                                            params->nulls.ptr->len == 0};
}

/* The columns that the chunk asks for, of the rows that are in `fill`. */
static peri_status fill_columns(peri_cx *cx, const csv_state *st,
                                struct csv_fill *fill)
{
  fill->columns = peri_alloc(cx, fill->column_count * sizeof *fill->columns);
  if (!fill->columns) {
    return no_memory(cx);
  }
  for (size_t i = 0; i < fill->column_count; i++) {
    text_column_want(&fill->columns[i], fill->batch.chunk,
                     st->head.names.name[i], PERI_T_NULL);
  }
  csv_fill_columns(fill);
  report_faults(fill);
  return text_batch_end(&fill->batch, (int64_t)fill->row_count);
}

/* Begins with rows and faults of the shapes. */
static bool begin_rows(peri_cx *cx, csv_state *st, struct csv_fill *fill,
                       size_t records)
{
  fill->column_count = st->head.names.count;
  fill->texts = st->head.texts;
  fill->faults = peri_alloc(cx, records * sizeof *fill->faults);
  if (st->rows_room < records) {
    uint32_t *rows = cx->sv->realloc(cx, st->rows, records * sizeof *rows);
    if (!rows) {
      return false;
    }
    st->rows = rows;
    st->rows_room = records;
  }
  fill->rows = st->rows;
  return fill->faults;
}

PERI_DECODE(csv_decoder)
{
  struct csv_fill fill = fill_of(params, st);
  bool is_first = chunk->flags & PERI_CHUNK_FIRST;
  text_batch_init(&fill.batch, cx, chunk, out);
  if (fill.batch.status != PERI_OK) {
    return fill.batch.status;
  }
  st->utf8 = fill.batch.utf8;
  peri_status status = learn_head(cx, params, st, chunk, fill);
  if (status != PERI_OK || !st->head.known) {
    return status == PERI_OK ? text_batch_end(&fill.batch, 0) : status;
  }
  if (!is_first && !has_cut(st, chunk) && !cut_chunk(cx, st, chunk, true)) {
    return no_memory(cx);
  }
  if (!begin_rows(cx, st, &fill, st->cut.row_count)) {
    return no_memory(cx);
  }
  csv_fill_rows(&fill, is_first ? st->head.records : 0);
  peri_count(cx, "records of regular quotes",
             st->cut.row_count - st->cut.odd_count);
  peri_count(cx, "records with stray quotes", st->cut.odd_count);
  return fill_columns(cx, st, &fill);
}

PERI_PICK(csv_decoder)
{
  struct csv_fill fill = fill_of(params, st);
  fill.batch =
    (struct text_batch){.cx = cx, .out = out, .chunk = chunk, .utf8 = st->utf8};
  fill.column_count = st->head.names.count;
  fill.texts = st->head.texts;
  fill.rows = peri_alloc(cx, (size_t)n * sizeof *fill.rows);
  fill.faults = peri_alloc(cx, (size_t)n * sizeof *fill.faults);
  if (!fill.rows || !fill.faults) {
    return no_memory(cx);
  }
  for (int64_t i = 0; i < n; i++) {
    fill.rows[i] = st->rows[rows[i]];
  }
  fill.row_count = (size_t)n;
  return fill_columns(cx, st, &fill);
}
