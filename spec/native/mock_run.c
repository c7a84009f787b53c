/* mock_run.c - runs one codec or kernel over test data, and prints rows. */
#define _GNU_SOURCE /* vasprintf */
#include "mock_host.h"
#include "mock_text.h"

#include <inttypes.h>
#include <perigee/plugin.h>
#include <stdarg.h>
#include <stdlib.h>

void mock_add(struct mock_text *text, const char *bytes, size_t len)
{
  if (text->len + len + 1 > text->room) {
    text->room = (text->len + len + 1) * 2;
    text->at = realloc(text->at, text->room);
  }
  memcpy(text->at + text->len, bytes, len);
  text->len += len;
  text->at[text->len] = '\0';
}

void mock_addf(struct mock_text *text, const char *format, ...)
{
  va_list arguments;
  char *made;
  va_start(arguments, format);
  int len = vasprintf(&made, format, arguments);
  va_end(arguments);
  mock_add(text, made, (size_t)len);
  free(made);
}

/* --------------------------------------------------------------- rows as text
 */

static void add_text(struct mock_text *text, peri_str s)
{
  mock_add(text, "\"", 1);
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c == '"' || c == '\\') {
      mock_addf(text, "\\%c", c);
    } else if (c < ' ') {
      mock_addf(text, "\\u%04x", c);
    } else {
      mock_add(text, s.ptr + i, 1);
    }
  }
  mock_add(text, "\"", 1);
}

static void add_double(struct mock_text *text, double value)
{
  char buffer[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (strtod(buffer, NULL) == value) {
      break;
    }
  }
  mock_addf(text, "%s", buffer);
}

static peri_str view_text(const struct peri_out *out, const peri_view *view)
{
  MOCK_CHECK(view->len >= 0, "a text of %d bytes", view->len);
  if (view->len <= 12) {
    return (peri_str){view->u.in, (size_t)view->len};
  }
  int32_t buffer = view->u.ref.buffer;
  MOCK_CHECK(buffer >= 0 && buffer < out->buffer_count, "no buffer %d", buffer);
  const char *text = out->buffers[buffer] + view->u.ref.offset;
  MOCK_CHECK(memcmp(text, view->u.ref.prefix, 4) == 0, "a false prefix");
  return (peri_str){text, (size_t)view->len};
}

static void add_integer(struct mock_text *text, const void *values,
                        uint32_t type, int64_t row)
{
  const char *at = values;
  switch (type) {
  case PERI_T_I8:
    mock_addf(text, "%d", ((const int8_t *)values)[row]);
    break;
  case PERI_T_U8:
    mock_addf(text, "%u", ((const uint8_t *)values)[row]);
    break;
  case PERI_T_I16:
    mock_addf(text, "%d", ((const int16_t *)values)[row]);
    break;
  case PERI_T_U16:
    mock_addf(text, "%u", ((const uint16_t *)values)[row]);
    break;
  case PERI_T_I32:
    mock_addf(text, "%d", ((const int32_t *)values)[row]);
    break;
  case PERI_T_U32:
    mock_addf(text, "%u", ((const uint32_t *)values)[row]);
    break;
  case PERI_T_U64:
    mock_addf(text, "%" PRIu64, ((const uint64_t *)values)[row]);
    break;
  default:
    mock_addf(text, type == PERI_T_TIME ? "@%" PRId64 : "%" PRId64,
              ((const int64_t *)(const void *)at)[row]);
  }
}

static void add_value(struct mock_text *text, const struct peri_out *out,
                      const struct mock_column *column, int64_t row)
{
  const void *values = column->values;
  switch (column->type) {
  case PERI_T_BOOL:
    MOCK_CHECK(((const uint8_t *)values)[row] <= 1, "a bool is 0 or 1");
    mock_addf(text, "%s", ((const uint8_t *)values)[row] ? "true" : "false");
    break;
  case PERI_T_F32:
    add_double(text, ((const float *)values)[row]);
    break;
  case PERI_T_F64:
    add_double(text, ((const double *)values)[row]);
    break;
  case PERI_T_STR:
  case PERI_T_BIN:
    add_text(text, view_text(out, (const peri_view *)values + row));
    break;
  case PERI_T_JSON: {
    peri_str json = view_text(out, (const peri_view *)values + row);
    mock_add(text, json.ptr, json.len);
    break;
  }
  default:
    add_integer(text, values, column->type, row);
  }
}

static bool is_null(const struct mock_column *column, int64_t row)
{
  return column->type == PERI_T_NULL || !column->values ||
         (column->valid && !column->valid[row]);
}

static int compare_names(const void *a, const void *b)
{
  return strcmp((*(const struct mock_column *const *)a)->name,
                (*(const struct mock_column *const *)b)->name);
}

/* Columns in the order in which they are printed; free the result. */
static const struct mock_column **in_order(const struct peri_out *out)
{
  const struct mock_column **order =
    malloc(((size_t)out->count + 1) * sizeof *order);
  for (int i = 0; i < out->count; i++) {
    order[i] = &out->columns[i];
  }
  if (out->mock->sorted) {
    qsort(order, (size_t)out->count, sizeof *order, compare_names);
  }
  return order;
}

static const char *type_name(uint32_t type)
{
  static const char *const names[] = {
    "null", "bool", "i8",  "u8",  "i16",  "u16", "i32", "u32",
    "i64",  "u64",  "f32", "f64", "time", "str", "bin", "json"};
  return names[type];
}

static void add_types(struct mock_text *text, const struct peri_out *out,
                      const struct mock_column **order)
{
  for (int i = 0; i < out->count; i++) {
    mock_addf(text, "%s%s %s", i ? ", " : "", order[i]->name,
              type_name(order[i]->type));
  }
}

static void add_rows(struct mock_text *text, const struct peri_out *out)
{
  MOCK_CHECK(out->count == 0 || out->rows >= 0, "out_rows() was not called");
  const struct mock_column **order = in_order(out);
  if (out->mock->typed) {
    add_types(text, out, order);
    mock_add(text, "\n", 1);
  }
  for (int64_t row = 0; row < out->rows; row++) {
    mock_add(text, "{", 1);
    const char *comma = "";
    for (int i = 0; i < out->count; i++) {
      MOCK_CHECK(!order[i]->values || order[i]->rows_max >= out->rows,
                 "column '%s' has room for too few rows", order[i]->name);
      if (!is_null(order[i], row)) {
        mock_addf(text, "%s", comma);
        add_text(text, (peri_str){order[i]->name, order[i]->name_len});
        mock_add(text, ":", 1);
        add_value(text, out, order[i], row);
        comma = ",";
      }
    }
    mock_add(text, "}\n", 2);
  }
  free(order);
}

char *mock_rows(const struct peri_out *out)
{
  struct mock_text text = {0};
  mock_add(&text, "", 0);
  add_rows(&text, out);
  return text.at;
}

/* -------------------------------------------------------------------- decoders
 */

/* The bytes in a block of their own, with 64 bytes of noise behind them. */
static char *padded(const char *bytes, size_t len)
{
  void *room = NULL;
  MOCK_CHECK(posix_memalign(&room, 64, len + 64) == 0, "no memory");
  char *block = room;
  memcpy(block, bytes, len);
  for (size_t i = 0; i < 64; i++) {
    block[len + i] = "\"}\\1,{\n\xC3"[i % 8];
  }
  return block;
}

static peri_chunk chunk_of(const struct mock_wanted *wanted, const char *bytes,
                           size_t len, uint32_t flags)
{
  return (peri_chunk){.size = sizeof(peri_chunk),
                      .flags = flags,
                      .bytes = bytes,
                      .len = len,
                      .all = wanted ? wanted->all : 1,
                      .n_fields = wanted ? wanted->count : 0,
                      .fields = wanted ? wanted->fields : NULL};
}

typedef peri_status decode_fn(peri_cx *, const void *, void *,
                              const peri_chunk *, peri_out *);
typedef peri_status pick_fn(peri_cx *, const void *, void *, const peri_chunk *,
                            const uint32_t *, int64_t, peri_out *);
typedef int64_t split_fn(peri_cx *, const void *, void *, const peri_chunk *);

static void begin_decoding(struct mock *mock, const peri_chunk *chunk)
{
  mock_reset(mock);
  mock->out.buffers = malloc(sizeof *mock->out.buffers);
  mock->out.buffers[0] = (char *)(uintptr_t)chunk->bytes;
  mock->out.buffer_count = 1;
}

static void check_rejects(const struct mock *mock, const peri_chunk *chunk)
{
  for (int i = 0; i < mock->out.reject_count; i++) {
    MOCK_CHECK(mock->out.rejects[i].offset + mock->out.rejects[i].len <=
                 chunk->len,
               "a reject lies outside of the chunk");
  }
}

peri_status mock_decode_this(struct mock *mock, const peri_chunk *chunk)
{
  begin_decoding(mock, chunk);
  decode_fn *decode =
    (decode_fn *)mock_hook(mock->plugin, mock->item, PERI_H_DECODE);
  peri_status status =
    decode(&mock->cx, mock->params, mock->state, chunk, &mock->out);
  check_rejects(mock, chunk);
  return status;
}

peri_status mock_decode_chunk(struct mock *mock,
                              const struct mock_wanted *wanted,
                              const char *bytes, size_t len, uint32_t flags)
{
  peri_chunk chunk = chunk_of(wanted, bytes, len, flags);
  return mock_decode_this(mock, &chunk);
}

peri_status mock_decode_pick(struct mock *mock, const struct mock_wanted *first,
                             const struct mock_wanted *wanted,
                             const char *bytes, size_t len, uint32_t flags,
                             const uint32_t *rows, int64_t n)
{
  peri_chunk chunk = chunk_of(first, bytes, len, flags);
  peri_status status = mock_decode_this(mock, &chunk);
  if (status != PERI_OK) {
    return status;
  }
  chunk = chunk_of(wanted, bytes, len, flags);
  begin_decoding(mock, &chunk);
  pick_fn *pick = (pick_fn *)mock_hook(mock->plugin, mock->item, PERI_H_PICK);
  status =
    pick(&mock->cx, mock->params, mock->state, &chunk, rows, n, &mock->out);
  check_rejects(mock, &chunk);
  MOCK_CHECK(status != PERI_OK || mock->out.rows + mock->out.reject_count == n,
             "PICK of %lld rows gave %lld and rejected %d", (long long)n,
             (long long)mock->out.rows, mock->out.reject_count);
  return status;
}

int64_t mock_split(struct mock *mock, const char *bytes, size_t len,
                   uint32_t flags)
{
  split_fn *split =
    (split_fn *)mock_hook(mock->plugin, mock->item, PERI_H_SPLIT);
  char *block = padded(bytes, len);
  peri_chunk chunk = chunk_of(NULL, block, len, flags);
  int64_t whole = split(&mock->cx, mock->params, mock->state, &chunk);
  free(block);
  MOCK_CHECK(whole <= (int64_t)len, "SPLIT gave more than it got");
  return whole;
}

struct decoding {
  struct mock *mock;   /* splits */
  struct mock *others; /* decode in turns */
  int other_count, turn;
  char *head; /* owned: the first chunk */
  size_t head_len;
  const struct mock_wanted *wanted;
  struct mock_text rows, rejects;
  const char *bytes;
  size_t done; /* bytes of the stream that are decoded */
};

static bool decode_some(struct decoding *run, size_t len, uint32_t flags)
{
  struct mock *mock = &run->others[run->turn++ % run->other_count];
  char *block = padded(run->bytes + run->done, len);
  if (!run->head) {
    run->head = padded(block, len);
    run->head_len = len;
  }
  peri_chunk chunk = chunk_of(run->wanted, block, len, flags);
  chunk.offset = run->done;
  chunk.head = run->head;
  chunk.head_len = run->head_len;
  peri_status status = mock_decode_this(mock, &chunk);
  if (status == PERI_OK) {
    add_rows(&run->rows, &mock->out);
  } else {
    mock_addf(&run->rejects, "failed %d: %s\n", status,
              mock->message ? mock->message : "");
  }
  for (int i = 0; i < mock->out.reject_count; i++) {
    const struct mock_reject *reject = &mock->out.rejects[i];
    mock_addf(&run->rejects, "reject at %zu+%zu: %s\n",
              run->done + reject->offset, reject->len, reject->why);
  }
  mock_reset(mock);
  free(block);
  run->done += len;
  return status == PERI_OK;
}

/* Gives bytes [done, end) to SPLIT and what it takes to DECODE. */
static bool feed(struct decoding *run, size_t end, bool last)
{
  uint32_t flags =
    (run->done == 0 ? PERI_CHUNK_FIRST : 0) | (last ? PERI_CHUNK_LAST : 0);
  size_t len = end - run->done;
  int64_t whole = mock_split(run->mock, run->bytes + run->done, len, flags);
  if (whole < 0) {
    mock_addf(&run->rejects, "failed %d: %s\n", (int)whole,
              run->mock->message ? run->mock->message : "");
    return false;
  }
  MOCK_CHECK(!last || (size_t)whole == len, "SPLIT left bytes at the end");
  if (whole == 0 && !(last && run->done == 0)) {
    return true;
  }
  return decode_some(run, (size_t)whole,
                     flags & (last ? ~0u : ~PERI_CHUNK_LAST));
}

static char *finish_decoding(struct decoding *run)
{
  mock_add(&run->rows, "", 0);
  if (run->rejects.at) {
    mock_add(&run->rows, run->rejects.at, run->rejects.len);
  }
  free(run->rejects.at);
  free(run->head);
  return run->rows.at;
}

char *mock_decode(struct mock *mock, const struct mock_wanted *wanted,
                  const char *bytes, size_t len, size_t cut)
{
  struct decoding run = {.mock = mock,
                         .others = mock,
                         .other_count = 1,
                         .wanted = wanted,
                         .bytes = bytes};
  if (cut == 0 || feed(&run, cut, false)) {
    feed(&run, len, true);
  }
  return finish_decoding(&run);
}

char *mock_decode_steps(struct mock *mock, const struct mock_wanted *wanted,
                        const char *bytes, size_t len, size_t step)
{
  return mock_decode_in_turns(mock, mock, 1, wanted, bytes, len, step);
}

char *mock_decode_in_turns(struct mock *mock, struct mock *others, int count,
                           const struct mock_wanted *wanted, const char *bytes,
                           size_t len, size_t step)
{
  struct decoding run = {.mock = mock,
                         .others = others,
                         .other_count = count,
                         .wanted = wanted,
                         .bytes = bytes};
  bool going = true;
  for (size_t end = step; going && end < len; end += step) {
    going = feed(&run, end, false);
  }
  if (going) {
    feed(&run, len, true);
  }
  return finish_decoding(&run);
}

char *mock_schema(struct mock *mock)
{
  typedef peri_status schema_fn(peri_cx *, const void *, peri_out *);
  schema_fn *schema =
    (schema_fn *)mock_hook(mock->plugin, mock->item, PERI_H_SCHEMA);
  MOCK_CHECK(schema, "'%s' has no SCHEMA", mock->plugin->name);
  mock_reset(mock);
  if (schema(&mock->cx, mock->params, &mock->out) != PERI_OK) {
    return NULL;
  }
  struct mock_text text = {0};
  mock_add(&text, "", 0);
  const struct mock_column **order = in_order(&mock->out);
  add_types(&text, &mock->out, order);
  free(order);
  return text.at;
}

/* -------------------------------------------------------- encoders and kernels
 */

struct peri_batch *mock_batch(const struct peri_out *out)
{
  size_t count = (size_t)out->count;
  size_t bits = ((size_t)(out->rows < 0 ? 0 : out->rows) + 8) / 8;
  struct peri_batch *batch = calloc(1, sizeof *batch);
  peri_col *columns = calloc(count + 1, sizeof *columns);
  peri_str *names = calloc(count + 1, sizeof *names);
  for (size_t i = 0; i < count; i++) {
    const struct mock_column *from = &out->columns[i];
    uint8_t *valid = calloc(1, bits);
    for (int64_t row = 0; row < out->rows; row++) {
      valid[row / 8] |= (uint8_t)(!is_null(from, row) << row % 8);
    }
    names[i] = (peri_str){from->name, from->name_len};
    columns[i] = (peri_col){.n = out->rows,
                            .data = from->values,
                            .aux = out->buffers,
                            .valid = valid,
                            .type = from->type};
  }
  *batch = (peri_batch){out->rows, out->count, columns, names, NULL};
  return batch;
}

void mock_batch_free(struct peri_batch *batch)
{
  for (int64_t i = 0; i < batch->n_cols; i++) {
    free((void *)(uintptr_t)batch->cols[i].valid);
  }
  free((void *)(uintptr_t)batch->cols);
  free((void *)(uintptr_t)batch->names);
  free(batch);
}

char *mock_encode(struct mock *mock, const peri_batch *batch, bool finish)
{
  typedef peri_status encode_fn(peri_cx *, const void *, void *,
                                const peri_batch *, peri_bytes *);
  typedef peri_status finish_fn(peri_cx *, const void *, void *, peri_bytes *);
  encode_fn *encode =
    (encode_fn *)mock_hook(mock->plugin, mock->item, PERI_H_ENCODE);
  finish_fn *end =
    (finish_fn *)mock_hook(mock->plugin, mock->item, PERI_H_FINISH);
  char *at = mock->written.at;
  peri_bytes bytes = {at ? at + mock->written.len : NULL,
                      at ? at + mock->written.room : NULL, mock};
  peri_status status = PERI_OK;
  if (batch) {
    status = encode(&mock->cx, mock->params, mock->state, batch, &bytes);
  }
  if (status == PERI_OK && finish && end) {
    status = end(&mock->cx, mock->params, mock->state, &bytes);
  }
  mock->written.len = bytes.at ? (size_t)(bytes.at - mock->written.at) : 0;
  return status == PERI_OK && mock->written.at
           ? strndup(mock->written.at, mock->written.len)
         : status == PERI_OK ? strdup("")
                             : NULL;
}

peri_status mock_process(struct mock *mock, const peri_batch *batch)
{
  typedef peri_status process_fn(peri_cx *, const void *, void *,
                                 const peri_batch *, peri_out *);
  typedef peri_status flush_fn(peri_cx *, const void *, void *, peri_out *);
  mock_reset(mock);
  if (batch) {
    return ((process_fn *)mock_hook(mock->plugin, mock->item, PERI_H_PROCESS))(
      &mock->cx, mock->params, mock->state, batch, &mock->out);
  }
  flush_fn *flush =
    (flush_fn *)mock_hook(mock->plugin, mock->item, PERI_H_FLUSH);
  return flush ? flush(&mock->cx, mock->params, mock->state, &mock->out)
               : PERI_OK;
}

static peri_status poll_with(struct mock *mock, peri_poll *poll)
{
  typedef peri_status poll_fn(peri_cx *, const void *, void *, peri_out *,
                              peri_poll *);
  mock_reset(mock);
  peri_status status =
    ((poll_fn *)mock_hook(mock->plugin, mock->item, PERI_H_POLL))(
      &mock->cx, mock->params, mock->state, &mock->out, poll);
  MOCK_CHECK(poll->len <= poll->room_len, "POLL wrote beyond its room");
  return status;
}

peri_status mock_poll(struct mock *mock, char *room, size_t room_len,
                      peri_poll *poll)
{
  *poll = (peri_poll){
    .size = offsetof(peri_poll, in_file), .room = room, .room_len = room_len};
  return poll_with(mock, poll);
}

peri_status mock_poll_file(struct mock *mock, char *room, size_t room_len,
                           peri_poll *poll)
{
  *poll = (peri_poll){.size = sizeof *poll, .room = room, .room_len = room_len};
  return poll_with(mock, poll);
}

peri_status mock_put(struct mock *mock, const char *bytes, size_t len)
{
  typedef peri_status put_fn(peri_cx *, const void *, void *, const char *,
                             size_t);
  mock_reset(mock);
  return ((put_fn *)mock_hook(mock->plugin, mock->item, PERI_H_PUT))(
    &mock->cx, mock->params, mock->state, bytes, len);
}
