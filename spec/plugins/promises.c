/* promises.c - stages that break what they promise, each in the way that its
 * parameter names.  None of it may reach further than a message. */
#include <perigee/plugin.h>

#define HOW(P) P(str, how, required, "Which promise to break.")
PERI_PARAMS(how_params, HOW)

static bool is(const how_params *params, const char *how)
{
  return peri_str_eq(params->how, (peri_str){how, strlen(how)});
}

/* ----------------------------------------------------------------- decoders */

PERI_DECODER_AS(breaks_decoder, breaks, 0, how_params, peri_none, "Breaks.");

PERI_SPLIT(breaks_decoder)
{
  int64_t len = (int64_t)chunk->len;
  return is(params, "split_more")       ? len + 1
         : is(params, "split_negative") ? -1000
         : is(params, "split_some")     ? len - 1
         : is(params, "split_fails")    ? peri_fail(cx, PERI_EDATA, "no border")
                                        : len;
}

PERI_SCHEMA(breaks_decoder)
{
  if (is(params, "schema_values")) {
    cx->sv->out_values(out, 0, 1, NULL);
  }
  if (is(params, "schema_type")) {
    cx->sv->out_column(out, "x", 1, 99);
  }
  return PERI_OK;
}

static void one_view(peri_cx *cx, peri_out *out, int32_t len, int32_t buffer,
                     int32_t offset, uint8_t is_valid)
{
  uint8_t *valid;
  int32_t column = cx->sv->out_column(out, "text", 4, PERI_T_STR);
  peri_view *views = cx->sv->out_values(out, column, 3, &valid);
  if (views) {
    memset(views, 0, 3 * sizeof *views);
    views[1].len = len;
    views[1].u.ref.buffer = buffer;
    views[1].u.ref.offset = offset;
    valid[0] = valid[2] = 1;
    valid[1] = is_valid;
    cx->sv->out_rows(out, 3);
  }
}

static void break_views(peri_cx *cx, const how_params *params,
                        const peri_chunk *chunk, peri_out *out)
{
  int32_t len = (int32_t)chunk->len;
  if (is(params, "view_fits")) {
    one_view(cx, out, len, 0, 0, 1);
  } else if (is(params, "view_long")) {
    one_view(cx, out, len, 0, 1, 1);
  } else if (is(params, "view_after")) {
    one_view(cx, out, 13, 0, len, 1);
  } else if (is(params, "view_before")) {
    one_view(cx, out, 13, 0, -1, 1);
  } else if (is(params, "view_negative")) {
    one_view(cx, out, -5, 0, 0, 1);
  } else if (is(params, "view_buffer")) {
    one_view(cx, out, 13, 1, 0, 1);
  } else if (is(params, "view_minus")) {
    one_view(cx, out, 13, -1, 0, 1);
  } else if (is(params, "view_heap")) {
    int32_t buffer;
    cx->sv->out_heap(out, 13, &buffer);
    one_view(cx, out, 1 << 20, buffer, 0, 1);
  } else if (is(params, "view_null")) {
    one_view(cx, out, -5, 77, -1, 0);
  }
}

static void break_columns(peri_cx *cx, const how_params *params, peri_out *out)
{
  int32_t column = cx->sv->out_column(out, "n", 1, PERI_T_I64);
  if (is(params, "few_values")) {
    cx->sv->out_values(out, column, 1, NULL);
    cx->sv->out_rows(out, 100000);
  } else if (is(params, "bad_column")) {
    cx->sv->out_values(out, 7, 1, NULL);
  } else if (is(params, "minus_column")) {
    cx->sv->out_retype(out, -3, PERI_T_F64, 1, NULL);
  } else if (is(params, "minus_rows")) {
    cx->sv->out_rows(out, -1);
  } else if (is(params, "many_rows")) {
    cx->sv->out_rows(out, INT64_MAX);
  } else if (is(params, "minus_values")) {
    cx->sv->out_values(out, column, -1, NULL);
  } else if (is(params, "many_values")) {
    cx->sv->out_values(out, column, INT64_MAX / 2, NULL);
  } else if (is(params, "bad_retype")) {
    cx->sv->out_retype(out, column, 16, 1, NULL);
  }
}

static peri_status break_answer(const how_params *params)
{
  return is(params, "again")     ? PERI_AGAIN
         : is(params, "ends")    ? PERI_END
         : is(params, "bug")     ? PERI_EBUG
         : is(params, "unknown") ? -77
         : is(params, "strange") ? 12
                                 : PERI_OK;
}

PERI_DECODE(breaks_decoder)
{
  const uint32_t row = 0;
  break_views(cx, params, chunk, out);
  if (params->how.ptr[0] != 'v' && params->how.ptr[0] != 'g') {
    break_columns(cx, params, out);
    if (!is(params, "no_rows")) {
      cx->sv->out_rows(out, 0);
    }
  }
  if (is(params, "few_values")) {
    cx->sv->out_rows(out, 100000);
  }
  if (is(params, "bad_type")) {
    cx->sv->out_column(out, "x", 1, 16);
  }
  if (is(params, "reject_far")) {
    cx->sv->out_reject(out, 1, chunk->len, "too far", 7);
  }
  if (is(params, "reject_wrap")) {
    cx->sv->out_reject(out, 2, SIZE_MAX - 1, "too far", 7);
  }
  if (is(params, "reject_fits")) {
    cx->sv->out_reject(out, 0, chunk->len, "bad", 3);
  }
  if (is(params, "picks")) {
    cx->sv->out_pick(out, &row, 1);
  }
  if (is(params, "many_columns")) {
    for (int i = 0; i < 5000; i++) {
      char name[5] = {(char)('a' + i / 1000 % 10), (char)('a' + i / 100 % 10),
                      (char)('a' + i / 10 % 10), (char)('a' + i % 10), 0};
      int32_t column = cx->sv->out_column(out, name, 4, PERI_T_I64);
      if (column < 0) {
        return column;
      }
    }
  }
  return break_answer(params);
}

PERI_PICK(breaks_decoder)
{
  int64_t made = is(params, "pick_few")    ? n - 1
                 : is(params, "pick_many") ? n + 1
                                           : n;
  if (is(params, "pick_rejects")) {
    cx->sv->out_reject(out, 0, 1, "bad", 3);
    made--;
  }
  int32_t column = cx->sv->out_column(out, "row", 3, PERI_T_I64);
  int64_t *values = cx->sv->out_values(out, column, made, NULL);
  if (!values) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < made; i++) {
    values[i] = i < n ? (int64_t)rows[i] : -1;
  }
  cx->sv->out_rows(out, made);
  return break_answer(params);
}

/* ----------------------------------------------------------------- encoders */

PERI_ENCODER(breaks, 0, how_params, peri_none, "Breaks.");

PERI_ENCODE(breaks)
{
  (void)in;
  char *at = peri_room(cx, out, 16);
  memcpy(at, "0123456789abcdef", 16);
  out->at += 16;
  if (is(params, "beyond")) {
    out->at = out->end + 1;
  } else if (is(params, "back")) {
    out->at -= 17;
  } else if (is(params, "nowhere")) {
    out->at = NULL;
  } else if (is(params, "grow_beyond")) {
    out->at = out->end + 1;
    return cx->sv->grow(out, 100);
  } else if (is(params, "grow_all")) {
    return cx->sv->grow(out, SIZE_MAX);
  } else if (is(params, "fails")) {
    return peri_fail(cx, PERI_EDATA, "not like this");
  }
  return break_answer(params);
}

/* ------------------------------------------------------------------ kernels */

PERI_KERNEL(strays, 0, how_params, peri_none, "value: i64", "",
            "Takes rows that are not there.");

PERI_PROCESS(strays)
{
  const uint32_t rows[2] = {0, (uint32_t)in->n};
  if (is(params, "pick_far")) {
    cx->sv->out_pick(out, rows, 2); /* its answer is ignored: no excuse */
  } else if (is(params, "pick_minus")) {
    return cx->sv->out_pick(out, rows, -1);
  } else if (is(params, "slice_far")) {
    cx->sv->out_slice(out, 1, in->n);
  } else if (is(params, "slice_minus")) {
    cx->sv->out_slice(out, -1, 1);
  } else if (is(params, "slice_wrap")) {
    cx->sv->out_slice(out, 1, INT64_MAX);
  } else if (is(params, "column")) {
    cx->sv->out_column(out, "more", 4, PERI_T_I64);
  } else if (is(params, "rows")) {
    cx->sv->out_rows(out, 1);
  } else if (is(params, "heap")) {
    int32_t buffer;
    cx->sv->out_heap(out, 10, &buffer);
  } else if (is(params, "reject")) {
    cx->sv->out_reject(out, 0, 0, "no", 2);
  }
  return break_answer(params);
}

PERI_FLUSH(strays)
{
  const uint32_t row = 0;
  return is(params, "flush_pick") ? cx->sv->out_pick(out, &row, 1) : PERI_OK;
}

PERI_KERNEL(misfits, PERI_ADDS, how_params, peri_none, "value: i64",
            "more: i64", "Adds a column that does not fit.");

PERI_PROCESS(misfits)
{
  int64_t rows = is(params, "longer") ? in->n + 1 : in->n;
  int32_t column = cx->sv->out_column(out, "more", 4, PERI_T_I64);
  int64_t *values = cx->sv->out_values(out, column, rows, NULL);
  if (values) {
    memset(values, 0, (size_t)rows * sizeof *values);
  }
  if (is(params, "undeclared")) {
    cx->sv->out_column(out, "other", 5, PERI_T_I64);
  } else if (is(params, "retyped")) {
    cx->sv->out_retype(out, column, PERI_T_F64, rows, NULL);
  }
  if (!is(params, "no_rows")) {
    cx->sv->out_rows(out, rows);
  }
  return PERI_OK;
}

/* ----------------------------------------------------------- sources, sinks */

PERI_SOURCE(spills, PERI_BYTES, how_params, peri_none, "Breaks.");

PERI_POLL(spills)
{
  if (is(params, "long")) {
    poll->len = poll->room_len + 1;
  } else if (is(params, "column")) {
    cx->sv->out_column(out, "x", 1, PERI_T_I64);
  } else if (is(params, "nameless")) {
    poll->name.len = 5;
  }
  return break_answer(params);
}

PERI_SINK(odd, 0, how_params, peri_none, "Answers what no sink may.");

PERI_WRITE(odd)
{
  (void)in;
  return break_answer(params);
}

PERI_PLUGIN("promises", "1.0.0", "perigee", "MIT", "Breaks its promises.");
