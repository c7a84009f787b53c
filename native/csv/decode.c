/* decode.c - the decoder "csv": its parameters, its state and its hooks. */
#include "fill.h"
#include "names.h"

#define CSV(P)                                                                 \
  P(str, separator, ",", "One byte between fields.")                           \
  P(bool, header, true, "The first record of a stream names the columns.")     \
  P(list_str, columns, {},                                                     \
    "Names of the columns, in place of those in the header. Without a header " \
    "and without this they are c1, c2, ...")                                   \
  P(str, quote, "\"", "One byte around fields, or '' for none.")               \
  P(list_str, nulls, {""},                                                     \
    "Texts that mean null, when they stand without quotes.")
PERI_PARAMS(csv_params, CSV)

struct csv_state {
  struct csv_syntax syntax;
  struct csv_cut cut;
  struct csv_names names;
  bool at_start; /* the next record is the first of its stream */
};
typedef struct csv_state csv_state;
PERI_STATE(csv_state);

PERI_DECODER_AS(
  csv_decoder, csv, 0, csv_params, csv_state,
  "Comma-separated values, RFC 4180. A column without a declared type is i64 "
  "when all its fields of a batch are whole numbers (without + and leading "
  "zeros, so that \"007\" stays a text), f64 when all are numbers, bool when "
  "all are true or false, and otherwise str with the texts as they are. Fields "
  "that are one of `nulls` are null, but a quoted \"\" is an empty text. The "
  "header line names the columns; an empty name becomes cN and a second 'a' "
  "a_2. With `columns`, the header line is passed over. A record with another "
  "number of fields is malformed; empty lines are passed over, unless there is "
  "one column. Bytes that are not UTF-8 become U+FFFD.");

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory to decode csv");
}

/* Checks the parameters, and makes the syntax of them. */
static peri_status check(peri_cx *cx, const csv_params *params,
                         struct csv_syntax *syntax)
{
  char message[200];
  if (!csv_syntax_init(cx, syntax, params->separator, params->quote)) {
    return PERI_EINVAL;
  }
  size_t fault = csv_names_fault(&params->columns);
  if (fault == params->columns.len) {
    return PERI_OK;
  }
  peri_str name = params->columns.ptr[fault];
  snprintf(message, sizeof message,
           name.len ? "parameter 'columns': '%.*s' is there twice"
                    : "parameter 'columns': a name is empty",
           (int)(name.len < 100 ? name.len : 100), name.ptr);
  return peri_fail(cx, PERI_EINVAL, message);
}

PERI_SCHEMA(csv_decoder)
{
  struct csv_syntax syntax;
  peri_status status = check(cx, params, &syntax);
  for (size_t i = 0; status == PERI_OK && i < params->columns.len; i++) {
    peri_str name = params->columns.ptr[i];
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
  csv_names_fini(cx, &st->names);
}

/* Bytes of a UTF-8 byte order mark before the first record. */
static size_t mark_len(const peri_chunk *chunk)
{
  return chunk->flags & PERI_CHUNK_FIRST && chunk->len >= 3 &&
             memcmp(chunk->bytes, "\xEF\xBB\xBF", 3) == 0
           ? 3
           : 0;
}

PERI_SPLIT(csv_decoder)
{
  if (chunk->flags & PERI_CHUNK_LAST) {
    return (int64_t)chunk->len;
  }
  size_t from = mark_len(chunk);
  size_t whole = csv_whole(&st->syntax, chunk->bytes + from, chunk->len - from);
  return whole ? (int64_t)(from + whole) : 0;
}

/* ------------------------------------------------------------------- the
 * header
 */

/* Is record `row` an empty line? */
static bool is_blank(const struct csv_cut *cut, size_t row, const char *text)
{
  const uint32_t *mark = cut->mark + cut->row[row];
  uint32_t from = mark[-1] + 1, len = mark[0] - from;
  return cut->row[row + 1] - cut->row[row] == 1 &&
         (len == 0 || (len == 1 && text[from] == '\r'));
}

static peri_status check_header(peri_cx *cx, const csv_params *params,
                                const csv_state *st, size_t row)
{
  char message[160];
  size_t fields = st->cut.row[row + 1] - st->cut.row[row];
  if (st->cut.open && row + 1 == st->cut.row_count) {
    return peri_fail(cx, PERI_EDATA,
                     "the header has a quote that does not close");
  }
  if (params->columns.len == 0 || fields == params->columns.len) {
    return PERI_OK;
  }
  snprintf(message, sizeof message,
           "the header has %zu fields, but parameter 'columns' names %zu",
           fields, params->columns.len);
  return peri_fail(cx, PERI_EDATA, message);
}

/* Finds the names at the start of a stream.  `row`: the first record with data,
 * when the status is PERI_OK. */
static peri_status find_names(peri_cx *cx, const csv_params *params,
                              csv_state *st, const char *text, size_t *row)
{
  bool ok;
  while (*row < st->cut.row_count && is_blank(&st->cut, *row, text)) {
    ++*row;
  }
  if (*row == st->cut.row_count) {
    return PERI_OK; /* the next chunk will have it */
  }
  st->at_start = false;
  size_t fields = st->cut.row[*row + 1] - st->cut.row[*row];
  if (params->header) {
    peri_status status = check_header(cx, params, st, *row);
    if (status != PERI_OK) {
      return status;
    }
  }
  if (params->columns.len > 0) {
    ok = csv_names_given(cx, &st->names, &params->columns);
  } else if (params->header) {
    ok = csv_names_of_header(cx, &st->names, &st->syntax, &st->cut, *row, text);
  } else {
    ok = csv_names_numbered(cx, &st->names, fields);
  }
  *row += params->header;
  return ok ? PERI_OK : no_memory(cx);
}

/* ------------------------------------------------------------------- the
 * rejects
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
                (size_t)(text + cut->mark[end - 2] + 1 - from) + 1);
    break;
  case CSV_VALUE:
    field = csv_field_at(fill, fault->row, fault->column);
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

/* ---------------------------------------------------------------------
 * decoding
 */

static peri_status decode_rows(peri_cx *cx, csv_state *st,
                               struct csv_fill *fill, size_t first)
{
  size_t records = st->cut.row_count;
  fill->column_count = st->names.count;
  fill->columns = peri_alloc(cx, fill->column_count * sizeof *fill->columns);
  fill->rows = peri_alloc(cx, records * sizeof *fill->rows);
  fill->faults = peri_alloc(cx, records * sizeof *fill->faults);
  if (!fill->columns || !fill->rows || !fill->faults) {
    return no_memory(cx);
  }
  for (size_t i = 0; i < fill->column_count; i++) {
    text_column_want(&fill->columns[i], fill->batch.chunk, st->names.name[i],
                     PERI_T_NULL);
  }
  csv_fill_rows(fill, first);
  csv_fill_columns(fill);
  report_faults(fill);
  return text_batch_end(&fill->batch, (int64_t)fill->row_count);
}

PERI_DECODE(csv_decoder)
{
  struct csv_fill fill = {.syntax = &st->syntax,
                          .cut = &st->cut,
                          .nulls = &params->nulls,
                          .empty_is_null = params->nulls.len == 1 &&
                                           params->nulls.ptr->len == 0};
  size_t first = 0;
  peri_status status = PERI_OK;
  text_batch_init(&fill.batch, cx, chunk, out);
  if (fill.batch.status != PERI_OK) {
    return fill.batch.status;
  }
  if (!csv_cut(cx, &st->cut, &st->syntax, chunk->bytes, mark_len(chunk),
               chunk->len)) {
    return no_memory(cx);
  }
  st->at_start |= (chunk->flags & PERI_CHUNK_FIRST) != 0;
  if (st->at_start) {
    status = find_names(cx, params, st, chunk->bytes, &first);
  }
  if (status != PERI_OK || st->at_start) {
    return status == PERI_OK ? text_batch_end(&fill.batch, 0) : status;
  }
  return decode_rows(cx, st, &fill, first);
}
