/* kinds.c - one of every kind of stage, codec and aggregate, for the specs of
 * what calls them. */
#include <perigee/plugin.h>

/* ----------------------------------------------------------------- decoders */

#define PAIRS(P)                                                               \
  P(str, separator, "=", "Between key and value.", "=" | ":")                  \
  P(i64, limit, 0, "At most so many rows in a batch; 0: all.", 0..)
PERI_PARAMS(pairs_params, PAIRS)

struct pairs_state {
  int64_t chunks;
};
typedef struct pairs_state pairs_state;
PERI_STATE(pairs_state);

PERI_DECODER_AS(pairs_decoder, pairs, 0, pairs_params, pairs_state,
                "Lines such as key=value.");

PERI_SCHEMA(pairs_decoder)
{
  cx->sv->out_column(out, "key", 3, PERI_T_STR);
  cx->sv->out_column(out, "value", 5, PERI_T_STR);
  return PERI_OK;
}

PERI_SPLIT(pairs_decoder)
{
  if (chunk->flags & PERI_CHUNK_LAST) {
    return (int64_t)chunk->len;
  }
  size_t len = chunk->len;
  while (len > 0 && chunk->bytes[len - 1] != '\n') {
    len--;
  }
  return (int64_t)len;
}

static const char *find(const char *at, const char *end, char c)
{
  const char *found = memchr(at, c, (size_t)(end - at));
  return found ? found : end;
}

PERI_DECODE(pairs_decoder)
{
  int32_t key = cx->sv->out_column(out, "key", 3, PERI_T_STR);
  int32_t value = cx->sv->out_column(out, "value", 5, PERI_T_STR);
  int64_t rows = 0, room = 0;
  peri_view *keys = NULL, *values = NULL;
  uint8_t *valid = NULL;
  const char *at = chunk->bytes, *end = at + chunk->len;
  st->chunks++;
  for (; at < end; at = find(at, end, '\n') + 1) {
    const char *line = find(at, end, '\n');
    const char *sign = find(at, line, params->separator.ptr[0]);
    if (sign == at) {
      cx->sv->out_reject(out, (size_t)(at - chunk->bytes), (size_t)(line - at),
                         "no key", 6);
      continue;
    }
    if (rows == room) {
      room = room * 2 + 1;
      keys = cx->sv->out_values(out, key, room, NULL);
      values = cx->sv->out_values(out, value, room, &valid);
      if (!keys || !values) {
        return PERI_ENOMEM;
      }
    }
    peri_view_set(&keys[rows], at, (size_t)(sign - at), 0, chunk->bytes);
    valid[rows] = sign < line;
    if (sign < line) {
      peri_view_set(&values[rows], sign + 1, (size_t)(line - sign - 1), 0,
                    chunk->bytes);
    }
    rows++;
  }
  cx->sv->out_rows(out, rows);
  return PERI_OK;
}

/* Without SPLIT; it keeps the texts in memory of its own. */
PERI_DECODER(upper, 0, peri_none, peri_none, "Every line, in capitals.");

PERI_DECODE(upper)
{
  int32_t buffer = 0, column = cx->sv->out_column(out, "line", 4, PERI_T_STR);
  const char *at = chunk->bytes, *end = at + chunk->len;
  int64_t rows = 0;
  char *copy = cx->sv->out_heap(out, chunk->len + 1, &buffer);
  peri_view *views =
    cx->sv->out_values(out, column, (int64_t)chunk->len + 1, NULL);
  if (!copy || !views) {
    return PERI_ENOMEM;
  }
  for (size_t i = 0; i < chunk->len; i++) {
    char c = chunk->bytes[i];
    copy[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
  }
  for (; at < end; at = find(at, end, '\n') + 1) {
    const char *line = find(at, end, '\n');
    peri_view_set(&views[rows++], copy + (at - chunk->bytes),
                  (size_t)(line - at), buffer, copy);
  }
  cx->sv->out_rows(out, rows);
  return PERI_OK;
}

/* Names a stream's columns by its options, or refuses them. */
#define NAMED(P) P(list_str, columns, required, "Their names.")
PERI_PARAMS(named_params, NAMED)
PERI_DECODER(named, 0, named_params, peri_none, "Columns as they are named.");

PERI_SCHEMA(named)
{
  for (size_t i = 0; i < params->columns.len; i++) {
    peri_str name = params->columns.ptr[i];
    if (name.len == 0) {
      return peri_fail(cx, PERI_EINVAL, "a column without a name");
    }
    cx->sv->out_column(out, name.ptr, name.len, PERI_T_I64);
  }
  return PERI_OK;
}

PERI_DECODE(named)
{
  (void)chunk;
  cx->sv->out_rows(out, 2);
  return PERI_OK;
}

/* ----------------------------------------------------------------- encoders */

struct lines_state {
  int64_t rows;
};
typedef struct lines_state lines_state;
PERI_STATE(lines_state);

PERI_ENCODER(pairs, 0, pairs_params, lines_state, "Lines such as key=value.");

static peri_status put(peri_cx *cx, peri_bytes *out, peri_str text)
{
  char *at = peri_room(cx, out, text.len);
  if (!at) {
    return PERI_ENOMEM;
  }
  memcpy(at, text.ptr, text.len);
  out->at += text.len;
  return PERI_OK;
}

PERI_ENCODE(pairs)
{
  peri_status status = PERI_OK;
  if (in->n_cols < 2 || in->cols[0].type != PERI_T_STR ||
      in->cols[1].type != PERI_T_STR) {
    return peri_fail(cx, PERI_EDATA, "expected two columns of text");
  }
  for (int64_t i = 0; i < in->n && status == PERI_OK; i++) {
    status = put(cx, out, peri_row_str(&in->cols[0], i));
    if (status == PERI_OK && peri_valid(&in->cols[1], i)) {
      put(cx, out, params->separator);
      status = put(cx, out, peri_row_str(&in->cols[1], i));
    }
    if (status == PERI_OK) {
      status = put(cx, out, PERI_STR("\n"));
    }
    st->rows++;
  }
  return status;
}

PERI_FINISH(pairs)
{
  return put(cx, out, st->rows > 0 ? PERI_STR("end\n") : PERI_STR("none\n"));
}

/* ------------------------------------------------------------------ kernels */

#define KEEP(P) P(f64, limit, 0.5, "Keep rows at or above this.")
PERI_PARAMS(keep_params, KEEP)
PERI_KERNEL(keep, PERI_STATELESS, keep_params, peri_none, "value: f64", "",
            "Keeps rows that reach the limit.");

PERI_PROCESS(keep)
{
  uint32_t *rows = peri_alloc(cx, sizeof *rows * ((size_t)in->n + 1));
  const double *values = in->cols[0].data;
  int64_t n = 0;
  if (!rows) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    rows[n] = (uint32_t)i;
    n += peri_valid(&in->cols[0], i) && values[i] >= params->limit;
  }
  return cx->sv->out_pick(out, rows, n);
}

PERI_KERNEL(half, PERI_ADDS, peri_none, peri_none, "value: f64", "half: f64",
            "Adds a column with the half.");

PERI_PROCESS(half)
{
  uint8_t *valid;
  int32_t column = cx->sv->out_column(out, "half", 4, PERI_T_F64);
  double *halves = cx->sv->out_values(out, column, in->n, &valid);
  if (!halves) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    valid[i] = peri_valid(&in->cols[0], i);
    halves[i] = valid[i] ? ((const double *)in->cols[0].data)[i] / 2 : 0;
  }
  cx->sv->out_rows(out, in->n);
  return PERI_OK;
}

/* The second half of a batch, then the first, then its first row twice. */
PERI_KERNEL(shuffle, 0, peri_none, peri_none, "", "", "Changes the order.");

PERI_PROCESS(shuffle)
{
  static const uint32_t first[1];
  int64_t half = in->n / 2;
  if (in->n == 0) {
    return PERI_OK;
  }
  cx->sv->out_slice(out, half, in->n - half);
  cx->sv->out_slice(out, 0, half);
  cx->sv->out_pick(out, first, 1);
  return cx->sv->out_pick(out, first, 1);
}

#define COUNTED(P) P(i64, stop_after, 0, "Rows after which it ends; 0: never.")
PERI_PARAMS(counted_params, COUNTED)
struct counted_state {
  int64_t rows, *history, length;
};
typedef struct counted_state counted_state;
PERI_STATE(counted_state);
PERI_KERNEL(counted, 0, counted_params, counted_state, "flag: bool, any: any",
            "rows: i64, note: str",
            "Counts rows, and says how many at the end.");

PERI_PROCESS(counted)
{
  int64_t *more = cx->sv->realloc(
    cx, st->history, (size_t)(st->length + 1) * sizeof *st->history);
  if (!more) {
    return PERI_ENOMEM;
  }
  st->history = more;
  st->history[st->length++] = in->n;
  const uint8_t *flags = in->cols[0].data;
  for (int64_t i = 0; i < in->n; i++) {
    st->rows += peri_valid(&in->cols[0], i) && flags[i];
  }
  (void)out;
  peri_count(cx, "batches", 1);
  return params->stop_after > 0 && st->rows >= params->stop_after ? PERI_END
                                                                  : PERI_OK;
}

PERI_FLUSH(counted)
{
  int32_t column = cx->sv->out_column(out, "rows", 4, PERI_T_I64);
  int64_t *rows = cx->sv->out_values(out, column, 1, NULL);
  if (!rows) {
    return PERI_ENOMEM;
  }
  rows[0] = st->rows;
  cx->sv->out_rows(out, 1);
  return PERI_OK;
}

PERI_CLOSE(counted)
{
  cx->sv->realloc(cx, st->history, 0);
  peri_count(cx, "rows with a flag", (uint64_t)st->rows);
}

/* ----------------------------------------------------------- sources, sinks */

#define NUMBERS(P) P(i64, count, 3, "How many.", 0..1000000)
PERI_PARAMS(numbers_params, NUMBERS)
struct numbers_state {
  int64_t next, polls;
};
typedef struct numbers_state numbers_state;
PERI_STATE(numbers_state);
PERI_SOURCE(numbers, 0, numbers_params, numbers_state,
            "Numbers from 0, two at a time; every other poll has nothing yet.");

PERI_POLL(numbers)
{
  int64_t left = params->count - st->next, n = left < 2 ? left : 2;
  if (left == 0) {
    return PERI_END;
  }
  if (st->polls++ % 2) {
    poll->wait_ns = 1000;
    return PERI_AGAIN;
  }
  int32_t column = cx->sv->out_column(out, "n", 1, PERI_T_I64);
  int64_t *values = cx->sv->out_values(out, column, n, NULL);
  if (!values) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < n; i++) {
    values[i] = st->next++;
  }
  cx->sv->out_rows(out, n);
  return PERI_OK;
}

#define FILES(P) P(str, path, required, "A file.")
PERI_PARAMS(file_params, FILES)
struct file_state {
  const peri_io *io;
  int32_t fd;
  int32_t first;
};
typedef struct file_state file_state;
PERI_STATE(file_state);

static peri_status open_file(peri_cx *cx, file_state *st, peri_str path,
                             int32_t flags)
{
  st->io = cx->sv->query(cx, "perigee.io/1");
  st->first = 1;
  st->fd = st->io->open(cx, path.ptr, flags, 0600);
  return st->fd < 0 ? peri_fail(cx, PERI_EIO, "cannot open the file") : PERI_OK;
}

PERI_SOURCE_AS(file_source, file, PERI_BYTES, file_params, file_state,
               "The bytes of a file.");
PERI_OPEN(file_source)
{
  return open_file(cx, st, params->path, 0);
}
PERI_POLL(file_source)
{
  (void)out;
  int64_t got = st->io->read(cx, st->fd, poll->room, poll->room_len);
  if (got < 0) {
    return peri_fail(cx, PERI_EIO, "cannot read the file");
  }
  if (st->first) {
    poll->flags |= PERI_CHUNK_FIRST;
    poll->name = params->path;
    st->first = 0;
  }
  poll->len = (size_t)got;
  poll->done += (uint64_t)got;
  if (got == 0) {
    poll->flags |= PERI_CHUNK_LAST;
    return PERI_END;
  }
  return PERI_OK;
}
PERI_CLOSE(file_source)
{
  st->io->close(cx, st->fd);
}

/* Creating, writing, emptying: 1 | 0100 | 01000 on Linux. */
#define CREATE_FLAGS (1 | 0100 | 01000)
PERI_SINK_AS(file_sink, file, PERI_BYTES, file_params, file_state,
             "Bytes to a file, and a full stop at the end.");
PERI_OPEN(file_sink)
{
  return open_file(cx, st, params->path, CREATE_FLAGS);
}
PERI_PUT(file_sink)
{
  int64_t put_now = st->io->write(cx, st->fd, bytes, len);
  return put_now == (int64_t)len ? PERI_OK
                                 : peri_fail(cx, PERI_EPIPE, "no reader");
}
PERI_FLUSH(file_sink)
{
  (void)out;
  st->io->write(cx, st->fd, ".", 1);
  return PERI_OK;
}
PERI_CLOSE(file_sink)
{
  st->io->write(cx, st->fd, "closed\n", 7);
  st->io->close(cx, st->fd);
}

#define LIMITED(P) P(i64, rows_max, 4, "Takes no more than these.")
PERI_PARAMS(limited_params, LIMITED)
PERI_SINK(limited, 0, limited_params, lines_state, "Wants only so many rows.");
PERI_WRITE(limited)
{
  st->rows += in->n;
  return st->rows > params->rows_max ? PERI_EPIPE : PERI_OK;
}

/* --------------------------------------------------------------- aggregates */

struct sum_state {
  double sum;
};
typedef struct sum_state sum_state;
PERI_STATE(sum_state);
PERI_AGGREGATE(f64, sum, sum, sum_state, "Adds up.", (f64, x))
static inline void sum_step(peri_cx *cx PERI_UNUSED, sum_state *st, double x)
{
  st->sum += x;
}
static inline peri_status sum_join(peri_cx *cx PERI_UNUSED, sum_state *into,
                                   const sum_state *from)
{
  into->sum += from->sum;
  return PERI_OK;
}
static inline peri_status sum_final(peri_cx *cx PERI_UNUSED,
                                    const sum_state *st, double *result,
                                    uint8_t *valid PERI_UNUSED)
{
  *result = st->sum;
  return PERI_OK;
}

/* Holds constants to a range. */
PERI_AGGREGATE(f64, scaled, scaled, sum_state, "Adds up, scaled.", (f64, x),
               (f64, by, 0..10))
static inline void scaled_step(peri_cx *cx PERI_UNUSED, sum_state *st, double x,
                               double by)
{
  st->sum += x * by;
}
static inline peri_status scaled_join(peri_cx *cx PERI_UNUSED, sum_state *into,
                                      const sum_state *from)
{
  into->sum += from->sum;
  return PERI_OK;
}
static inline peri_status scaled_final(peri_cx *cx PERI_UNUSED,
                                       const sum_state *st, double *result,
                                       uint8_t *valid PERI_UNUSED)
{
  *result = st->sum;
  return PERI_OK;
}

/* Owns memory, has an option as its result, and fails on a text "bad". */
struct longest_state {
  char *text;
  size_t len;
};
typedef struct longest_state longest_state;
PERI_STATE(longest_state);
PERI_AGGREGATE(opt_str, longest, longest, longest_state, "The longest text.",
               (str, text))
static inline void longest_step(peri_cx *cx, longest_state *st, peri_str text)
{
  if (peri_str_eq(text, PERI_STR("bad"))) {
    peri_fail(cx, PERI_EDATA, "a bad text");
  } else if (!st->text || text.len > st->len) {
    char *copy = cx->sv->realloc(cx, st->text, text.len + 1);
    if (!copy) {
      peri_fail(cx, PERI_ENOMEM, "no memory for a text");
      return;
    }
    memcpy(copy, text.ptr, text.len);
    st->text = copy;
    st->len = text.len;
  }
}
static inline peri_status longest_join(peri_cx *cx, longest_state *into,
                                       const longest_state *from)
{
  if (from->text) {
    longest_step(cx, into, (peri_str){from->text, from->len});
  }
  return cx->failed;
}
static inline peri_status longest_final(peri_cx *cx, const longest_state *st,
                                        peri_opt_str *result,
                                        uint8_t *valid PERI_UNUSED)
{
  char *copy = peri_alloc(cx, st->len + 1);
  if (!copy) {
    return PERI_ENOMEM;
  }
  memcpy(copy, st->text ? st->text : "", st->len);
  *result = (peri_opt_str){{copy, st->len}, st->text != NULL, 0};
  return PERI_OK;
}
PERI_DROP(longest)
{
  cx->sv->realloc(cx, st->text, 0);
  st->text = NULL;
}

/* ------------------------------------------------------------------ opening */

#define OPENED(P)                                                              \
  P(str, how, "good", "What OPEN answers.", good | fail | stopped | quiet)
PERI_PARAMS(opened_params, OPENED)
PERI_SINK(opened, 0, opened_params, lines_state, "A sink that may not open.");
PERI_OPEN(opened)
{
  if (peri_str_eq(params->how, PERI_STR("fail"))) {
    return peri_fail(cx, PERI_EIO, "the door\x1b[31m is locked");
  }
  if (peri_str_eq(params->how, PERI_STR("stopped"))) {
    return peri_stopped(cx) ? PERI_ECANCEL : PERI_OK;
  }
  return peri_str_eq(params->how, PERI_STR("quiet")) ? PERI_EINVAL : PERI_OK;
}
PERI_WRITE(opened)
{
  (void)in;
  return PERI_OK;
}

PERI_PLUGIN("kinds", "1.2.3", "perigee", "MIT", "One of every kind.");
