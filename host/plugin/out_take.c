/* out_take.c - what a plugin has made, checked and taken.
 *
 * A view leads anywhere that the plugin says.  Looking at every one costs about
 * 0.3 ns a row (one pass over 16 bytes, no branches), so it is always done. */
#include "plugin/out.h"

enum pg_status pg_out_check(const struct peri_out *out, const char *what,
                            struct pg_error *err)
{
  if (out->broken[0] != '\0') {
    return pg_fail(err, PG_BAD_INPUT, "%s broke a promise: %s", what,
                   out->broken);
  }
  return out->no_memory ? pg_fail(err, PG_NO_MEMORY, "%s: no memory", what)
                        : PG_OK;
}

/* -------------------------------------------------------------------- views */

/* Bytes of each buffer that views may lead to. */
static size_t buffer_size(const struct peri_out *out, int buffer)
{
  const struct pg_heap *heap = out->build.heap;
  const struct pg_block *block = heap->blocks[buffer];
  if (buffer == 0 && out->may & PG_OUT_REJECTS) {
    return out->chunk_len; /* decoders: the chunk, within a larger block */
  }
  return (size_t)(block->bytes + block->size_max - heap->bases[buffer]);
}

/* Is the view neither short nor within [0, size) of buffer `buffer`?  Null rows
 * (valid[i] == 0) may hold anything. */
static uint32_t is_outside(const peri_view *view, int32_t buffer, uint32_t size)
{
  uint32_t len = (uint32_t)view->len;
  uint32_t offset = (uint32_t)view->u.ref.offset;
  uint32_t elsewhere = view->u.ref.buffer != buffer;
  return (len > 12) & (elsewhere | (offset > size) | (len > size - offset));
}

/* Most columns: every long text lies in the chunk. */
static bool all_in_first(const peri_view *views, const uint8_t *valid,
                         int64_t rows, uint32_t size)
{
  uint32_t bad = 0;
  if (!valid) {
    for (int64_t i = 0; i < rows; i++) {
      bad |= is_outside(&views[i], 0, size);
    }
  } else {
    for (int64_t i = 0; i < rows; i++) {
      bad |= is_outside(&views[i], 0, size) & (valid[i] != 0);
    }
  }
  return !bad;
}

static int64_t find_bad_view(const struct peri_out *out, const peri_view *views,
                             const uint8_t *valid, int64_t rows)
{
  int count = out->build.heap->count;
  for (int64_t i = 0; i < rows; i++) {
    const peri_view *view = &views[i];
    int32_t buffer = view->u.ref.buffer;
    if ((valid && !valid[i]) || (view->len >= 0 && view->len <= 12)) {
      continue;
    }
    if (view->len < 0 || buffer < 0 || buffer >= count ||
        is_outside(view, buffer, (uint32_t)buffer_size(out, buffer))) {
      return i;
    }
  }
  return -1;
}

static void check_views(struct peri_out *out, struct pg_build_column *column)
{
  const peri_view *views = (const peri_view *)column->data->bytes;
  const uint8_t *valid =
    column->valid ? (const uint8_t *)column->valid->bytes : NULL;
  int64_t rows = out->build.rows;
  uint32_t first =
    out->build.heap->count > 0 ? (uint32_t)buffer_size(out, 0) : 0;
  if (out->build.heap->count > 0 && first <= INT32_MAX &&
      all_in_first(views, valid, rows, first)) {
    return;
  }
  int64_t row = find_bad_view(out, views, valid, rows);
  if (row >= 0) {
    pg_out_break(out,
                 "column '%.100s', row %lld: a text of %d bytes at byte %d of "
                 "buffer %d, which is not there",
                 column->name.ptr, (long long)row, views[row].len,
                 views[row].u.ref.offset, views[row].u.ref.buffer);
  }
}

/* ------------------------------------------------------------------ columns */

static void check_columns(struct peri_out *out)
{
  struct pg_build *build = &out->build;
  if (build->rows < 0) {
    pg_out_break(out, "it made columns without out_rows()");
    return;
  }
  for (int i = 0; i < build->count && build->columns[i].used; i++) {
    struct pg_build_column *column = &build->columns[i];
    if (column->data && column->rows_max < build->rows) {
      pg_out_break(out,
                   "column '%.100s' has room for %lld rows, the batch has "
                   "%lld",
                   column->name.ptr, (long long)column->rows_max,
                   (long long)build->rows);
    } else if (column->data && pg_type_is_text(column->type)) {
      check_views(out, column);
    }
  }
}

/* Does a decoder tell columns though no row came? */
static bool tells_columns(const struct peri_out *out)
{
  const struct pg_build *build = &out->build;
  return out->may & PG_OUT_REJECTS && build->count > 0 &&
         build->columns[0].used;
}

enum pg_status pg_out_take(struct peri_out *out, const char *what,
                           struct pg_batch **batch, struct pg_error *err)
{
  struct pg_build *build = &out->build;
  *batch = NULL;
  if (out->broken[0] == '\0' && (out->made || build->rows > 0)) {
    check_columns(out);
  }
  enum pg_status status = pg_out_check(out, what, err);
  if (status != PG_OK || build->rows < 0 ||
      (build->rows == 0 && !tells_columns(out))) {
    return status;
  }
  *batch = pg_build_finish(build);
  return *batch ? PG_OK : pg_fail(err, PG_NO_MEMORY, "%s: no memory", what);
}
