/* decode.c - the decoder "json": chunks into records, good and bad.
 *
 * PERI_STATELESS: what is learned from one chunk makes the next one quicker,
 * and shows nowhere.  A batch has the columns of its chunk, in the order in
 * which they came there, each as the narrowest type for the values of this
 * batch; a value has the same text as any of the types that can hold it, so
 * that what comes out in the end does not depend on where chunks end.
 *
 * PERI_KEEPS: keep.h.
 */
#define _GNU_SOURCE /* memrchr */
#include "reader.h"
#include "survey.h"
#include "utf8_text.h"

#define CHUNK_MAX INT32_MAX /* offsets of views */
#define LINE_BYTES 16       /* if lines are shorter, not all ends are noted */

typedef struct json_reader json_reader;
PERI_STATE(json_reader);

PERI_DECODER_AS(json_decoder, json, PERI_STATELESS | PERI_KEEPS | PERI_RAGGED,
                peri_none, json_reader,
                "Newline-delimited JSON: one object per line.  Keys become "
                "columns, types are inferred, nested values stay JSON text; "
                "\"geo.country\" reaches into objects.");

/* ------------------------------------------------------------- what is wanted
 */

/* A path needs no column when everything is decoded and it has no type: it is
 * part of the column of its first key. */
static bool is_extra(const json_reader *r, const peri_field *field)
{
  return r->all && field->type == PERI_T_NULL;
}

/* When everything is decoded, a key that leads to wanted ones is wanted too. */
static bool want_parents(json_reader *r)
{
  const struct json_node *root = r->shape.root;
  for (uint32_t i = 0; i < root->table_size; i++) {
    struct json_slot *slot = root->table[i];
    if (slot && !slot->column) {
      slot->column = json_column_new(r, slot->name, PERI_T_NULL);
      if (!slot->column) {
        return false;
      }
      json_keep_column(r, slot->column);
    }
  }
  return true;
}

static bool learn_fields(json_reader *r, const peri_chunk *chunk)
{
  json_shape_fini(r->cx, &r->shape);
  json_columns_fini(r->cx, &r->columns);
  if (!json_shape_init(r->cx, &r->shape)) {
    return false;
  }
  for (uint32_t i = 0; i < chunk->n_fields; i++) {
    const peri_field *field = &chunk->fields[i];
    if (is_extra(r, field)) {
      continue;
    }
    struct json_column *column = json_column_new(r, field->name, field->type);
    if (!column || !json_shape_want(r->cx, &r->shape, field->name, column)) {
      return false;
    }
    json_keep_column(r, column);
  }
  return json_keep_name_chosen(r) && (!r->all || want_parents(r));
}

static bool prepare_shape(json_reader *r, const peri_chunk *chunk)
{
  /* Keys that are data, such as numbers of users, must not pile up. */
  uint32_t keep = json_keep_asked(chunk);
  uint32_t all = keep ? keep == PERI_KEEP_ALL : chunk->all;
  bool is_full = all && r->columns.count > JSON_COLUMNS_MAX;
  if (r->shape.root && !is_full && r->fields == chunk->fields &&
      r->n_fields == chunk->n_fields && r->all == all &&
      json_keep_is_same(r, chunk)) {
    return true;
  }
  json_keep_learn(r, chunk);
  r->fields = chunk->fields;
  r->n_fields = chunk->n_fields;
  r->all = all;
  if (learn_fields(r, chunk)) {
    return true;
  }
  json_shape_fini(r->cx, &r->shape);
  r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for the list of fields");
  return false;
}

/* --------------------------------------------------------------------- records
 */

struct span {
  const char *at, *end; /* whole lines */
  size_t offset;        /* of `at` in the chunk */
  bool dirty;           /* not all of it is UTF-8 */
  bool first;           /* nothing of the stream came before */
};

static const char *line_end(const char *p, const struct span *span)
{
  return memchr(p, '\n', (size_t)(span->end - p));
}

static void reject(json_reader *r, const struct span *span, const char *line,
                   const char *why, size_t len)
{
  size_t offset = span->offset + (size_t)(line - span->at);
  r->cx->sv->out_reject(r->out, offset, (size_t)(line_end(line, span) - line),
                        why, len);
}

static void reject_utf8(json_reader *r, const struct span *span,
                        const char *line, size_t at)
{
  struct json_fault fault = {line + at, "invalid UTF-8", false};
  char why[JSON_WHY_MAX];
  reject(r, span, line, why, json_fault_text(&fault, line, why));
}

static void reject_record(json_reader *r, const struct span *span,
                          const char *line)
{
  static const char array[] =
    "this is one JSON array; perigee reads one object per line";
  struct json_fault fault;
  char why[JSON_WHY_MAX];
  json_take_back(r);
  if (span->first && *json_space(line) == '[') {
    reject(r, span, line, array, sizeof array - 1);
  } else if (!json_skip_record(line, &fault)) {
    reject(r, span, line, why, json_fault_text(&fault, line, why));
  } else {
    const char *problem = r->problem[0] ? r->problem : "malformed record";
    reject(r, span, line, problem, strlen(problem));
  }
}

/* The record that begins on this line; the next line. */
static const char *take_line(json_reader *r, struct span *span, const char *p)
{
  const char *line = p;
  if (JSON_NEVER(span->dirty)) {
    size_t len = (size_t)(line_end(line, span) - line);
    size_t good = utf8_good(line, len);
    if (good < len) {
      span->first = false;
      reject_utf8(r, span, line, good);
      return line + len + 1;
    }
  }
  p = json_space(p);
  if (*p == '\n') {
    return p + 1;
  }
  r->line = line;
  r->line_count++;
  r->sound = false;
  r->problem[0] = '\0';
  p = *p == '{' ? json_read_record(r, p) : NULL;
  if (p) {
    r->row++;
    r->last = line;
  } else if (r->status == PERI_OK) {
    reject_record(r, span, line);
    p = line_end(line, span) + 1;
  }
  span->first = false;
  return p;
}

/* A group by the plan that is taken; how many records kept to it. */
static int take_group(json_reader *r, const struct json_plan *plan,
                      const char *const *lines, int count)
{
  if (plan == &r->plan) {
    int good = json_plan_read(r, lines, count);
    r->by_plan += good;
    return good;
  }
  int good = json_keyed_read(r, lines, count);
  r->by_key += good;
  r->plan.wait -= good < r->plan.wait ? good : r->plan.wait;
  return good;
}

/* Reads records as long as they keep to the plan, which is taken; the first
 * line that does not. */
static const char *take_groups(json_reader *r, struct json_plan *plan,
                               const char *p)
{
  const char *lines[JSON_GROUP + 1];
  int count = 0, good = 0;
  while (r->line_ends < r->line_ends_end && *r->line_ends < p - r->chunk) {
    r->line_ends++;
  }
  /* Without the order of keys only as long as that is not to be tried. */
  while (good == count && r->line_ends < r->line_ends_end &&
         (plan == &r->plan || r->plan.wait > 0)) {
    ptrdiff_t left = r->line_ends_end - r->line_ends;
    count = left < plan->group ? (int)left : plan->group;
    lines[0] = p;
    for (int i = 0; i < count; i++) {
      lines[i + 1] = r->chunk + r->line_ends[i] + 1;
    }
    good = take_group(r, plan, lines, count);
    json_plan_judge(plan, good, count);
    p = lines[good];
    r->row += good;
    r->line_ends += good;
  }
  json_plan_leave(r);
  return p;
}

static bool take_lines(json_reader *r, struct span *span)
{
  const char *p = span->at;
  while (p && p < span->end && r->status == PERI_OK) {
    bool lines = !span->dirty && r->line_ends < r->line_ends_end;
    struct json_plan *plan = lines ? json_plan_take(r) : NULL;
    if (plan) {
      p = take_groups(r, plan, p);
    }
    if (p < span->end && r->status == PERI_OK) {
      p = take_line(r, span, p);
    }
  }
  return p != NULL && r->status == PERI_OK;
}

/* The last record of a stream may lack its newline, on which all scanning
 * relies: a copy gets it. */
static bool take_unended(json_reader *r, struct span *span)
{
  static const char more[64] = "\n";
  size_t len = (size_t)(span->end - span->at);
  char *copy = json_heap_room(r, len + sizeof more);
  if (!copy) {
    return false;
  }
  struct json_heap *heap = &r->heaps[r->heap_count - 1];
  heap->used += len + sizeof more;
  memcpy(copy, span->at, len);
  memcpy(copy + len, more, sizeof more);
  r->base = heap->base;
  r->buffer = heap->buffer;
  r->limit = copy + len + sizeof more;
  r->line_ends = r->line_ends_end; /* those of the chunk */
  span->at = copy;
  span->end = copy + len + 1;
  return take_lines(r, span);
}

/* How many bytes end with a newline. */
static size_t whole_lines(const char *bytes, size_t len)
{
  const char *last = len ? memrchr(bytes, '\n', len) : NULL;
  return last ? (size_t)(last - bytes) + 1 : 0;
}

static void begin_call(json_reader *r, peri_cx *cx, const peri_chunk *chunk,
                       peri_out *out)
{
  r->cx = cx;
  r->out = out;
  r->chunk = r->base = chunk->bytes;
  r->limit = chunk->bytes + chunk->len + 64;
  r->buffer = 0;
  r->row = r->by_plan = r->by_key = 0;
  r->last = NULL;
  r->wide = blocks_have_avx2();
  r->heaps = NULL;
  r->heap_count = r->heap_max = 0;
  r->status = PERI_OK;
}

static bool take_chunk(json_reader *r, const peri_chunk *chunk)
{
  const char *bytes = chunk->bytes, *end = bytes + chunk->len;
  struct text_lines lines = {NULL, chunk->len / LINE_BYTES + 64};
  lines.at = peri_alloc(r->cx, lines.max * sizeof *lines.at);
  lines.max = lines.at ? lines.max : 0;
  struct text_survey survey = text_survey(bytes, chunk->len, lines);
  r->line_ends = lines.at;
  r->line_ends_end = lines.at + survey.noted;
  r->rows_max = survey.newlines + 1;
  struct span span = {bytes, end, 0, !survey.valid,
                      (chunk->flags & PERI_CHUNK_FIRST) != 0};
  if (span.first && chunk->len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
    span.at += 3;
    span.offset = 3;
  }
  const char *tail = span.at + whole_lines(span.at, (size_t)(end - span.at));
  span.end = tail;
  if (!prepare_shape(r, chunk)) {
    return false;
  }
  json_columns_begin(r);
  if ((r->keep.on && !json_keep_begin(r)) || !take_lines(r, &span)) {
    return false;
  }
  struct span rest = {tail, end, (size_t)(tail - bytes), span.dirty,
                      span.first};
  return (tail == end || take_unended(r, &rest)) && json_columns_end(r);
}

/* ----------------------------------------------------------------------- hooks
 */

PERI_SPLIT(json_decoder)
{
  return chunk->flags & PERI_CHUNK_LAST
           ? (int64_t)chunk->len
           : (int64_t)whole_lines(chunk->bytes, chunk->len);
}

static void count_records(peri_cx *cx, const json_reader *r)
{
  int64_t single = r->row - r->by_plan - r->by_key;
  peri_count(cx, "records by plan", (uint64_t)r->by_plan);
  peri_count(cx, "records by key", (uint64_t)r->by_key);
  peri_count(cx, "records one by one", (uint64_t)single);
  if (r->keep.on) {
    peri_count(cx, "records written anew", (uint64_t)r->keep.anew);
  }
}

PERI_DECODE(json_decoder)
{
  if (chunk->len > CHUNK_MAX - 128) {
    return peri_fail(cx, PERI_EDATA, "a record is longer than 2 GiB");
  }
  begin_call(st, cx, chunk, out);
  bool done = take_chunk(st, chunk);
  if (done) {
    cx->sv->out_rows(out, st->row);
    count_records(cx, st);
  }
  return done ? PERI_OK : st->status;
}

PERI_CLOSE(json_decoder)
{
  json_shape_fini(cx, &st->shape);
  json_columns_fini(cx, &st->columns);
}
