/* flow_parts.c - sources, kernels and sinks for the specs of the engine: small
 * enough to know by heart what must come out. */
#include <perigee/plugin.h>
#include <unistd.h>

/* ------------------------------------------------------------------- functions
 */

PERI_FN(bool, is_even, "Is it?", (i64, x))
{
  return x % 2 == 0;
}
PERI_FN(bool, is_long, "More than three bytes.", (str, s))
{
  return s.len > 3;
}
PERI_FN(i64, twice, "Two of it.", (i64, x))
{
  return x * 2;
}
PERI_FN(f64, real, "The same.", (i64, x))
{
  return (double)x;
}

/* --------------------------------------------------------- a source of bytes
 */

/* Streams are the parts of the text between '|'. */
#define PIECES(P)                                                              \
  P(str, text, required, "What it gives.")                                     \
  P(i64, size, 0, "Bytes at once; 0: as many as fit.", 0..)                    \
  P(i64, times, 1, "Gives it so many times over.", 1..)                        \
  P(bool, flags, true, "Whether it tells where streams begin and end.")        \
  P(bool, again, false, "Whether nothing comes between two pieces.")           \
  P(bool, endless, false,                                                      \
    "Whether it says AGAIN for ever, in place of the end.")                    \
  P(bool, hangs, false, "Whether it does not come back then.")
PERI_PARAMS(pieces_params, PIECES)

struct pieces_state {
  size_t at;
  int64_t round, streams;
  bool begun, waited;
};
typedef struct pieces_state pieces_state;
PERI_STATE(pieces_state);

PERI_SOURCE_AS(pieces_source, pieces, PERI_BYTES, pieces_params, pieces_state,
               "A text in pieces.");

static size_t stream_end(const pieces_params *params, size_t at)
{
  while (at < params->text.len && params->text.ptr[at] != '|') {
    at++;
  }
  return at;
}

static peri_status end_of(peri_cx *cx, const pieces_params *params,
                          peri_poll *poll)
{
  while (params->hangs && !peri_stopped(cx)) {
    pause();
  }
  poll->wait_ns = 1000;
  return params->endless ? PERI_AGAIN : PERI_END;
}

static void name_stream(pieces_state *st, peri_poll *poll)
{
  static const char *const names[] = {"one", "two", "three", "more"};
  const char *name = names[st->streams < 3 ? st->streams : 3];
  st->streams++;
  poll->flags |= PERI_CHUNK_FIRST;
  poll->name = (peri_str){name, strlen(name)};
}

PERI_POLL(pieces_source)
{
  size_t end = stream_end(params, st->at), left = end - st->at;
  size_t size = params->size ? (size_t)params->size : poll->room_len;
  if (st->round == params->times) {
    return end_of(cx, params, poll);
  }
  st->waited = params->again && !st->waited;
  if (st->waited) {
    poll->wait_ns = 1000;
    return PERI_AGAIN;
  }
  size = size < left ? size : left;
  poll->len = size < poll->room_len ? size : poll->room_len;
  memcpy(poll->room, params->text.ptr + st->at, poll->len);
  if (params->flags && !st->begun) {
    name_stream(st, poll);
  }
  st->begun = true;
  st->at += poll->len;
  if (st->at == end) { /* over '|', or back to the start */
    bool all = end == params->text.len;
    bool last = !all || (st->round + 1 == params->times && !params->endless &&
                         !params->hangs);
    poll->flags |= params->flags && last ? PERI_CHUNK_LAST : 0;
    st->begun = !last;
    st->round += all;
    st->at = all ? 0 : end + 1;
  }
  return PERI_OK;
}

/* --------------------------------------------------------- a source of batches
 */

#define NUMBERS(P)                                                             \
  P(i64, count, 10, "How many rows; below 0: it never ends.")                  \
  P(i64, step, 4, "Rows in a batch.", 1..)                                     \
  P(i64, fail_at, -1, "Fails when it comes to this number.")
PERI_PARAMS(numbers_params, NUMBERS)

struct numbers_state {
  int64_t next;
};
typedef struct numbers_state numbers_state;
PERI_STATE(numbers_state);

PERI_SOURCE_AS(numbers_source, numbers, 0, numbers_params, numbers_state,
               "x: 0, 1, 2, ...");

PERI_POLL(numbers_source)
{
  int64_t n = params->step;
  if (params->fail_at >= 0 && st->next >= params->fail_at) {
    return peri_fail(cx, PERI_EIO, "no more numbers");
  }
  if (params->count >= 0 && n > params->count - st->next) {
    n = params->count - st->next;
  }
  if (n == 0) {
    return PERI_END;
  }
  int32_t column = cx->sv->out_column(out, "x", 1, PERI_T_I64);
  int64_t *x = cx->sv->out_values(out, column, n, NULL);
  if (!x) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < n; i++) {
    x[i] = st->next++;
  }
  cx->sv->out_rows(out, n);
  return PERI_OK;
}

/* --------------------------------------------------------------------- kernels
 */

#define FIRST(P) P(i64, n, required, "How many rows.")
PERI_PARAMS(first_params, FIRST)

struct first_state {
  int64_t seen;
};
typedef struct first_state first_state;
PERI_STATE(first_state);

PERI_KERNEL(first, 0, first_params, first_state, "", "", "The first n rows.");

PERI_PROCESS(first)
{
  int64_t left = params->n - st->seen;
  int64_t n = in->n < left ? in->n : left;
  st->seen += n;
  peri_status status = n > 0 ? cx->sv->out_slice(out, 0, n) : PERI_OK;
  return status == PERI_OK && st->seen == params->n ? PERI_END : status;
}

PERI_KERNEL(backwards, PERI_WHOLE, peri_none, peri_none, "", "",
            "All rows, the last first.");

PERI_PROCESS(backwards)
{
  uint32_t *rows = peri_alloc(cx, (size_t)in->n * sizeof *rows);
  if (!rows) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    rows[i] = (uint32_t)(in->n - 1 - i);
  }
  return cx->sv->out_pick(out, rows, in->n);
}

PERI_KERNEL(half, PERI_ADDS | PERI_STATELESS, peri_none, peri_none, "x: f64",
            "half: f64", "Half of x.");

PERI_PROCESS(half)
{
  uint8_t *valid;
  int32_t column = cx->sv->out_column(out, "half", 4, PERI_T_F64);
  double *half = cx->sv->out_values(out, column, in->n, &valid);
  if (!half) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    valid[i] = peri_valid(&in->cols[0], i);
    half[i] = valid[i] ? ((const double *)in->cols[0].data)[i] / 2 : 0;
  }
  cx->sv->out_rows(out, in->n);
  return PERI_OK;
}

PERI_KERNEL(odd_rows, PERI_STATELESS, peri_none, peri_none, "x: f64", "",
            "Rows where x is odd, with all their columns.");

PERI_PROCESS(odd_rows)
{
  uint32_t *rows = peri_alloc(cx, (size_t)in->n * sizeof *rows);
  int64_t n = 0;
  if (!rows) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    double x = ((const double *)in->cols[0].data)[i];
    if (peri_valid(&in->cols[0], i) && (int64_t)x % 2 != 0) {
      rows[n++] = (uint32_t)i;
    }
  }
  return n > 0 ? cx->sv->out_pick(out, rows, n) : PERI_OK;
}

/* Holds the last batch back until FLUSH. */
struct total_state {
  int64_t sum;
};
typedef struct total_state total_state;
PERI_STATE(total_state);

PERI_KERNEL(total, 0, peri_none, total_state, "x: i64", "total: i64",
            "The sum of x, at the end.");

PERI_PROCESS(total)
{
  for (int64_t i = 0; i < in->n; i++) {
    st->sum += ((const int64_t *)in->cols[0].data)[i];
  }
  return PERI_OK;
}

PERI_FLUSH(total)
{
  int32_t column = cx->sv->out_column(out, "total", 5, PERI_T_I64);
  int64_t *total = cx->sv->out_values(out, column, 1, NULL);
  if (!total) {
    return PERI_ENOMEM;
  }
  *total = st->sum;
  cx->sv->out_rows(out, 1);
  return PERI_OK;
}

/* ----------------------------------------------------------------------- sinks
 */

#define PIPE(P) P(i64, bytes, required, "The reader goes after so many.")
PERI_PARAMS(pipe_params, PIPE)

struct pipe_state {
  int64_t bytes;
};
typedef struct pipe_state pipe_state;
PERI_STATE(pipe_state);

PERI_SINK_AS(pipe_sink, pipe, PERI_BYTES, pipe_params, pipe_state,
             "A pipe whose reader goes.");

PERI_PUT(pipe_sink)
{
  (void)bytes;
  st->bytes += (int64_t)len;
  return st->bytes > params->bytes ? PERI_EPIPE : PERI_OK;
}

PERI_PLUGIN("flow_parts", "1.0.0", "perigee", "MIT", "Parts of pipelines.");
