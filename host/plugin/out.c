/* out.c - the services that fill a peri_out. */
#include "plugin/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX ((int64_t)INT32_MAX)
#define NAME_LEN_MAX ((size_t)1 << 16)
#define WHY_LEN_MAX ((size_t)500)
#define HEAP_BLOCK_BYTES ((size_t)64 << 10)

void pg_out_init(struct peri_out *out, struct pg_context *context)
{
  *out = (struct peri_out){.context = context};
}

void pg_out_fini(struct peri_out *out)
{
  pg_out_drop(out);
  pg_build_fini(&out->build);
  pg_arena_fini(&out->texts);
  free(out->rows);
  free(out->batches);
  free(out->rejects);
  *out = (struct peri_out){.context = NULL};
}

void pg_out_drop(struct peri_out *out)
{
  for (size_t i = 0; i < out->batch_count; i++) {
    pg_batch_unref(out->batches[i]);
  }
  out->batch_count = 0;
  out->row_count = 0;
  out->in = NULL;
  pg_build_abandon(&out->build);
}

bool pg_out_begin(struct peri_out *out, unsigned may, struct pg_batch *in,
                  struct pg_block *chunk, const char *base, size_t chunk_len)
{
  pg_out_drop(out);
  pg_arena_reset(&out->texts);
  out->reject_count = 0;
  out->may = may;
  out->in = in;
  out->chunk_len = chunk_len;
  out->made = out->no_memory = false;
  out->open = NULL;
  out->broken[0] = '\0';
  bool columns = may & (PG_OUT_COLUMNS | PG_OUT_NAMES);
  return !columns || pg_build_begin(&out->build, chunk, base);
}

void pg_out_break(struct peri_out *out, const char *format, ...)
{
  if (out->broken[0] == '\0') {
    va_list args;
    va_start(args, format);
    vsnprintf(out->broken, sizeof out->broken, format, args);
    va_end(args);
  }
}

/* May the hook do this?  One that may not makes the call fail. */
static bool may(struct peri_out *out, unsigned what, const char *service)
{
  if (out->may & what) {
    return true;
  }
  pg_out_break(out, "it called %s() where it may not", service);
  return false;
}

/* ------------------------------------------------------------------ columns */

int32_t pg_out_column(peri_out *out, const char *name, size_t len,
                      uint32_t type)
{
  if (!may(out, PG_OUT_COLUMNS | PG_OUT_NAMES, "out_column")) {
    return PERI_EBUG;
  }
  if (type >= PG_TYPE_COUNT || len > NAME_LEN_MAX || (!name && len > 0)) {
    pg_out_break(out,
                 "it asked for a column of type %u with a name of %zu "
                 "bytes",
                 type, len);
    return PERI_EBUG;
  }
  int count = out->build.count;
  int column =
    pg_build_column(&out->build, (peri_str){name ? name : "", len}, type);
  out->made = true;
  if (column < 0 && count == PG_COLUMNS_MAX) {
    char text[80];
    int n = snprintf(text, sizeof text, "more than %d columns", PG_COLUMNS_MAX);
    return pg_services()->fail(&out->context->cx, PERI_EDATA, text, (size_t)n);
  }
  out->no_memory = out->no_memory || column < 0;
  return column < 0 ? PERI_ENOMEM : column;
}

/* A column of this call, and as many rows as memory could ever hold?  What
 * out_column() said when it failed may come back unread: that is no lie. */
static bool is_column(struct peri_out *out, int32_t column, int64_t rows,
                      const char *service)
{
  bool failed = out->no_memory || out->context->cx.failed != PERI_OK;
  if (!may(out, PG_OUT_COLUMNS, service) || (column < 0 && failed)) {
    return false;
  }
  if (column < 0 || column >= out->build.count ||
      !out->build.columns[column].used) {
    pg_out_break(out,
                 "it called %s() for column %d, which out_column() did "
                 "not give",
                 service, column);
    return false;
  }
  if (rows < 0 || rows > ROWS_MAX) {
    pg_out_break(out, "it called %s() for %lld rows", service, (long long)rows);
    return false;
  }
  return true;
}

void *pg_out_values(peri_out *out, int32_t column, int64_t rows,
                    uint8_t **valid)
{
  if (!is_column(out, column, rows, "out_values")) {
    return NULL;
  }
  out->made = true;
  return pg_build_values(&out->build, column, rows, valid);
}

void *pg_out_retype(peri_out *out, int32_t column, uint32_t type, int64_t rows,
                    uint8_t **valid)
{
  if (!is_column(out, column, rows, "out_retype")) {
    return NULL;
  }
  if (type >= PG_TYPE_COUNT) {
    pg_out_break(out, "it called out_retype() with type %u", type);
    return NULL;
  }
  out->made = true;
  return pg_build_retype(&out->build, column, type, rows, valid);
}

/* Every answer begins a buffer, as plugins count from its first byte; several
 * of them lie in one block. */
char *pg_out_heap(peri_out *out, size_t n, int32_t *buffer)
{
  if (!may(out, PG_OUT_COLUMNS, "out_heap") || n > INT32_MAX) {
    return NULL;
  }
  struct pg_block *block = out->open;
  if (!block || block->size_max - out->open_used < n) {
    block = pg_block_new(n > HEAP_BLOCK_BYTES ? n : HEAP_BLOCK_BYTES);
    out->open_used = 0;
  } else {
    pg_block_ref(block);
  }
  if (!block) {
    return NULL;
  }
  char *at = block->bytes + out->open_used;
  int number = pg_heap_add(out->build.heap, block, at);
  if (number < 0) {
    out->open = NULL; /* the heap may have dropped the last reference */
    return NULL;
  }
  out->open = block;
  out->open_used += n;
  *buffer = number;
  return at;
}

void pg_out_rows(peri_out *out, int64_t rows)
{
  if (!may(out, PG_OUT_COLUMNS, "out_rows")) {
    return;
  }
  if (rows < 0 || rows > ROWS_MAX) {
    pg_out_break(out, "it called out_rows() with %lld", (long long)rows);
    return;
  }
  out->build.rows = rows;
}

/* -------------------------------------------------------- rows of the input */

static bool add_batch(struct peri_out *out, struct pg_batch *batch)
{
  if (batch && out->batch_count == out->batch_max) {
    size_t max = out->batch_max ? out->batch_max * 2 : 8;
    struct pg_batch **batches =
      realloc(out->batches, max * sizeof *out->batches);
    if (!batches) {
      pg_batch_unref(batch);
      return false;
    }
    out->batches = batches;
    out->batch_max = max;
  }
  if (batch) {
    out->batches[out->batch_count++] = batch;
  }
  return batch;
}

bool pg_out_end_picks(struct peri_out *out)
{
  size_t n = out->row_count;
  out->row_count = 0;
  return n == 0 ||
         add_batch(out, pg_batch_pick(out->in, out->rows, (int64_t)n));
}

static uint32_t highest(const uint32_t *rows, int64_t n)
{
  uint32_t high = 0;
  for (int64_t i = 0; i < n; i++) {
    high = rows[i] > high ? rows[i] : high;
  }
  return high;
}

static bool reserve_rows(struct peri_out *out, size_t n)
{
  if (n <= out->row_max) {
    return true;
  }
  size_t max = n < out->row_max * 2 ? out->row_max * 2 : n;
  uint32_t *rows = realloc(out->rows, max * sizeof *rows);
  if (rows) {
    out->rows = rows;
    out->row_max = max;
  }
  return rows;
}

peri_status pg_out_pick(peri_out *out, const uint32_t *rows, int64_t n)
{
  if (!may(out, PG_OUT_PICKS, "out_pick")) {
    return PERI_EBUG;
  }
  if (n < 0 || n > ROWS_MAX - (int64_t)out->row_count) {
    pg_out_break(out, "it called out_pick() for %lld rows", (long long)n);
    return PERI_EBUG;
  }
  if (n == 0) {
    return PERI_OK;
  }
  uint32_t high = highest(rows, n);
  if (high >= out->in->rows) {
    pg_out_break(out, "it picked row %u of %lld", high,
                 (long long)out->in->rows);
    return PERI_EBUG;
  }
  if (!reserve_rows(out, out->row_count + (size_t)n)) {
    out->no_memory = true;
    return PERI_ENOMEM;
  }
  memcpy(out->rows + out->row_count, rows, (size_t)n * sizeof *rows);
  out->row_count += (size_t)n;
  return PERI_OK;
}

peri_status pg_out_slice(peri_out *out, int64_t from, int64_t n)
{
  if (!may(out, PG_OUT_PICKS, "out_slice")) {
    return PERI_EBUG;
  }
  int64_t rows = out->in->rows;
  if (from < 0 || n < 0 || from > rows || n > rows - from) {
    pg_out_break(out, "it took %lld rows from row %lld of %lld", (long long)n,
                 (long long)from, (long long)rows);
    return PERI_EBUG;
  }
  if (n == 0) {
    return PERI_OK;
  }
  if (!pg_out_end_picks(out) ||
      !add_batch(out, pg_batch_slice(out->in, from, n))) {
    out->no_memory = true;
    return PERI_ENOMEM;
  }
  return PERI_OK;
}

/* ------------------------------------------------------------------ rejects */

/* The same reason comes again and again: one copy serves neighbours. */
static const char *keep_why(struct peri_out *out, const char *why, size_t len)
{
  if (out->reject_count > 0) {
    peri_str last = out->rejects[out->reject_count - 1].why;
    if (last.len == len && memcmp(last.ptr, why, len) == 0) {
      return last.ptr;
    }
  }
  return pg_arena_copy(&out->texts, why, len);
}

static bool reserve_reject(struct peri_out *out)
{
  if (out->reject_count < out->reject_max) {
    return true;
  }
  size_t max = out->reject_max ? out->reject_max * 2 : 64;
  struct pg_reject *rejects = realloc(out->rejects, max * sizeof *rejects);
  if (rejects) {
    out->rejects = rejects;
    out->reject_max = max;
  }
  return rejects;
}

void pg_out_reject(peri_out *out, size_t offset, size_t len, const char *why,
                   size_t why_len)
{
  if (!may(out, PG_OUT_REJECTS, "out_reject")) {
    return;
  }
  if (offset > out->chunk_len || len > out->chunk_len - offset) {
    pg_out_break(out, "it rejected %zu bytes from byte %zu of %zu", len, offset,
                 out->chunk_len);
    return;
  }
  why_len = why_len < WHY_LEN_MAX ? why_len : WHY_LEN_MAX;
  const char *copy = keep_why(out, why ? why : "", why ? why_len : 0);
  if (!copy || !reserve_reject(out)) {
    out->no_memory = true;
    return;
  }
  out->rejects[out->reject_count++] =
    (struct pg_reject){offset, len, {copy, why ? why_len : 0}};
}
