/* every_macro.cpp - every macro of plugin.h in C++, and what C++ throws. */
#include <new>
#include <perigee/plugin.h>
#include <stdexcept>
#include <string>

PERI_FN(bool, big, "Above 100?", (f64, x))
{
  return x > 100;
}
PERI_FN_TOTAL(f64, axpy, "a*x+y.", (f64, a), (f64, x), (f64, y))
{
  return a * x + y;
}
PERI_FN_AS(i64, my_abs, absolute, "Without its sign.", (i64, a))
{
  return a < 0 ? -a : a;
}
PERI_FN_PURE_CX(f64, inverse, "One through x.", (f64, x))
{
  if (x == 0) {
    throw std::domain_error("division by zero");
  }
  return 1 / x;
}
PERI_FN_CX(i64, throws, "Throws one of several things.", (str, what))
{
  std::string kind(what.ptr, what.len);
  if (kind == "memory") {
    throw std::bad_alloc();
  } else if (kind == "number") {
    throw 5;
  } else if (kind == "text") {
    throw std::runtime_error("thrown from C++");
  }
  return peri_fail(cx, PERI_EINVAL, "did not throw");
}

#define POINT(F) F(f64, x, "East.") F(f64, y, "North.")
PERI_RECORD(point, POINT)
PERI_LIST(point)
PERI_OPT(point)
PERI_FN_CX(point, middle, "Half way.", (point, a), (point, b))
{
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}
PERI_FN_CX(opt_point, last, "The last, if any.", (list_point, path))
{
  return path.len > 0 ? peri_opt_point{path.ptr[path.len - 1], 1, 0}
                      : peri_opt_point{};
}
#define CIRCLE(F) F(f64, r, "Radius.")
PERI_RECORD(circle, CIRCLE)
#define SHAPE(C) C(circle, round, "A circle.") C(none, dot, "A point.")
PERI_VARIANT(shape, SHAPE)
PERI_FN_CX(f64, area, "Of a shape, with 3 for pi.", (shape, s))
{
  return s.tag == PERI_TAG(shape, round) ? 3 * s.u.round.r * s.u.round.r : 0;
}
PERI_FN_CX(shape, circle_of, "A circle.", (f64, r))
{
  return PERI_CASE(shape, round, {r});
}
PERI_FN_CX(i64, fill, "Fills a buffer.", (buf_i32, at), (i32, value))
{
  for (size_t i = 0; i < at.len; i++) {
    at.ptr[i] = value;
  }
  return static_cast<int64_t>(at.len);
}

#define COUNTER(F) F(i64, n, "How many so far.")
PERI_RECORD(counter, COUNTER)
PERI_CLASS(counter, "Counts.", (i64, start))
{
  if (start < 0) {
    throw std::out_of_range("cannot start below zero");
  }
  self->n = start;
  return PERI_OK;
}
PERI_DESTROY(counter)
{
  self->n = -1;
}
PERI_METHOD(i64, counter, add, "Adds; the sum.", (i64, by))
{
  if (by == 13) {
    throw std::runtime_error("13 is not added");
  }
  return self->n += by;
}
PERI_VIEW(counter)
{
  *view = {&self->n, 1, PERI_T_I64, 1};
  return PERI_OK;
}

struct label {
  peri_str text;
  int64_t hidden;
};
#define LABEL(F) F(str, text, "What it says.")
PERI_FIELDS(label, LABEL)
PERI_CLASS(label, "Says something.")
{
  self->text = PERI_STR("hello");
  return PERI_OK;
}

#define NUMBERS(P)                                                             \
  P(i64, count, 3, "How many.", 0..1000)                                       \
  P(str, mode, "all", "Which.", all | even)
PERI_PARAMS(numbers_params, NUMBERS)
struct numbers_state {
  int64_t next;
};
PERI_STATE(numbers_state);
PERI_SOURCE(numbers, 0, numbers_params, numbers_state, "Numbers from 0.");
PERI_SCHEMA(numbers)
{
  cx->sv->out_column(out, "n", 1, PERI_T_I64);
  return PERI_OK;
}
PERI_OPEN(numbers)
{
  st->next = 0;
  return PERI_OK;
}
PERI_POLL(numbers)
{
  int64_t step = peri_str_eq(params->mode, PERI_STR("even")) ? 2 : 1;
  if (st->next >= params->count) {
    return PERI_END;
  }
  int32_t column = cx->sv->out_column(out, "n", 1, PERI_T_I64);
  auto *value =
    static_cast<int64_t *>(cx->sv->out_values(out, column, 1, nullptr));
  if (!value) {
    throw std::bad_alloc();
  }
  *value = st->next;
  st->next += step;
  cx->sv->out_rows(out, 1);
  return PERI_OK;
}
PERI_CLOSE(numbers)
{
  st->next = -1;
}

PERI_KERNEL(picky, 0, peri_none, peri_none, "n: i64", "", "Throws at 2.");
PERI_PROCESS(picky)
{
  for (int64_t i = 0; i < in->n; i++) {
    if (static_cast<const int64_t *>(in->cols[0].data)[i] == 2) {
      throw std::runtime_error("2 is too much");
    }
  }
  return cx->sv->out_slice(out, 0, in->n);
}
PERI_FLUSH(picky)
{
  return PERI_OK;
}

PERI_DECODER(words, 0, peri_none, peri_none, "One row for each chunk.");
PERI_SPLIT(words)
{
  return static_cast<int64_t>(chunk->len);
}
PERI_DECODE(words)
{
  cx->sv->out_rows(out, 0);
  return chunk->len > 0 ? PERI_OK : PERI_EDATA;
}
PERI_ENCODER_AS(words_encoder, words, 0, peri_none, peri_none, "Nothing.");
PERI_ENCODE(words_encoder)
{
  return peri_room(cx, out, static_cast<size_t>(in->n)) ? PERI_OK : PERI_ENOMEM;
}
PERI_FINISH(words_encoder)
{
  return PERI_OK;
}
PERI_SINK(rows_away, 0, peri_none, peri_none, "Throws rows away.");
PERI_WRITE(rows_away)
{
  return PERI_OK;
}
PERI_SINK(bytes_away, PERI_BYTES, peri_none, peri_none, "Throws bytes away.");
PERI_PUT(bytes_away)
{
  return PERI_OK;
}

PERI_PLUGIN("every_macro", "1.0.0", "perigee authors", "MIT",
            "Every macro in C++.");
