/* lines.c - decodes every line into one column.
 *
 * PERI_STATELESS: a chunk decodes to what it says.
 */
#include "scan.h"
#include "text_column.h"

#define LINES(P) P(str, column, "line", "The name of the column.")
PERI_PARAMS(lines_params, LINES)

PERI_DECODER(lines, PERI_STATELESS, lines_params, peri_none,
             "Every line is a row with one str column, without its newline and "
             "a carriage return before it. Empty lines are rows, NUL bytes are "
             "kept, and bytes that are not UTF-8 become U+FFFD.");

PERI_SCHEMA(lines)
{
  if (params->column.len == 0) {
    return peri_fail(cx, PERI_EINVAL, "parameter 'column': a name is empty");
  }
  if (cx->sv->out_column(out, params->column.ptr, params->column.len,
                         PERI_T_STR) < 0) {
    return peri_fail(cx, PERI_ENOMEM, "no memory for the schema");
  }
  return PERI_OK;
}

PERI_SPLIT(lines)
{
  return (int64_t)scan_whole_lines(chunk->bytes, chunk->len,
                                   chunk->flags & PERI_CHUNK_LAST);
}

/* Stores a line; false: it is no value of the type that was declared. */
static bool put_row(struct text_batch *batch, struct text_column *column,
                    int64_t row, const char *text, size_t len)
{
  if (column->wanted && !text_put(batch, column, row, text, len)) {
    text_reject_value(batch, column, text, len, text, len);
    return false;
  }
  return true;
}

PERI_DECODE(lines)
{
  struct text_batch batch;
  struct text_column column;
  int64_t rows = 0;
  text_batch_init(&batch, cx, chunk, out);
  text_column_want(&column, chunk, params->column, PERI_T_STR);
  text_column_open(&batch, &column, text_batch_lines(&batch));
  const char *at = text_batch_start(&batch);
  const char *end = chunk->bytes + chunk->len;
  while (at < end && batch.status == PERI_OK) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline : end;
    size_t len = (size_t)(stop - at);
    len -= len > 0 && at[len - 1] == '\r';
    rows += put_row(&batch, &column, rows, at, len);
    at = stop + 1;
  }
  return text_batch_end(&batch, rows);
}

PERI_PLUGIN("lines", "0.1.0", "perigee", "MIT",
            "Decoder of lines into one column.");
