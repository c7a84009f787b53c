/* values.h - reads the values of a plan's steps: the innermost code of
 * follow.c, which alone includes it. */
#ifndef JSON_VALUES_H
#define JSON_VALUES_H
#include "blocks.h"
#include "reader.h"
#include "time_text.h"

#define EXACT_MAX ((int64_t)1 << 53)

/* Everything is compiled twice, for any machine and for one with AVX2: `wide`,
 * always a constant. */
BLOCKS_INLINE const char *text_end(bool wide, const char *p)
{
  return wide ? json_text_end_avx2(p) : json_text_end(p);
}

/* All that follow return the end of the value at p, or NULL: the plan does not
 * fit. */

/* Where the values of a step go.  A copy of what is needed, because a compiler
 * has to load anything behind a pointer again after each value it stores. */
struct place {
  void *values;
  uint8_t *valid;
  const char *base; /* of views, and its buffer */
  int32_t buffer;
};

static inline struct place place_of(const struct json_reader *r,
                                    const struct json_step *step)
{
  return (struct place){step->place.values, step->place.valid, r->base,
                        r->buffer};
}

#ifdef __x86_64__
/* As view_set_chunk(); a record's first 5 bytes come before the text. */
BLOCKS_AVX2 static inline void set_view_avx2(peri_view *view, const char *text,
                                             size_t len,
                                             const struct place *place)
{
  static const uint8_t ones[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                   255, 255, 255, 255, 255, 255, 255, 255};
  const uint8_t *mask = ones + 12 - (len < 12 ? len : 12);
  __m128i near =
    _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)(text - 4)),
                  _mm_loadu_si128((const __m128i *)(const void *)mask));
  near = _mm_insert_epi32(near, (int)len, 0);
  _mm_storeu_si128((__m128i *)(void *)view, near);
  if (len > 12) {
    uint64_t far = (uint32_t)place->buffer | (uint64_t)(text - place->base)
                                               << 32;
    memcpy((char *)view + 8, &far, sizeof far);
  }
}
#else
static inline void set_view_avx2(peri_view *view, const char *text, size_t len,
                                 const struct place *place)
{
  view_set_chunk(view, text, len, place->buffer, place->base);
}
#endif

static const char *read_escaped(struct json_reader *r,
                                const struct json_step *step, const char *p,
                                int64_t row, const char *stop)
{
  struct json_fault fault;
  struct json_value value = {.kind = JSON_K_STRING, .escaped = true};
  const char *end = *stop == '\\' ? json_skip_string(stop, &fault) : NULL;
  if (!end) {
    return NULL;
  }
  value.raw = (peri_str){p, (size_t)(end - p)};
  return json_store_string(r, (peri_view *)step->place.values + row, &value)
           ? end
           : NULL;
}

BLOCKS_INLINE const char *read_str(struct json_reader *r,
                                   const struct json_step *step,
                                   const struct place *place, const char *p,
                                   int64_t row, bool wide)
{
  const char *stop = text_end(wide, p + 1);
  if (*p != '"') {
    return NULL;
  }
  if (JSON_NEVER(*stop != '"')) {
    return read_escaped(r, step, p, row, stop);
  }
  peri_view *view = (peri_view *)place->values + row;
  size_t len = (size_t)(stop - p) - 1;
  if (wide) {
    set_view_avx2(view, p + 1, len, place);
  } else {
    view_set_chunk(view, p + 1, len, place->buffer, place->base);
  }
  return stop + 1;
}

static inline bool may_be_number(char c)
{
  return (unsigned char)(c - '0') <= 9 || c == '-';
}

static inline bool ends_value(char c)
{
  return c == ',' || c == '}';
}

/* What most numbers are: one to seven digits and, with `point`, as many behind
 * a point.  NULL: another one, or none. */
BLOCKS_INLINE const char *read_usual(const char *p, bool point,
                                     struct json_number *number)
{
  uint64_t word = load64(p), decimals;
  unsigned n = json_digit_count(word), k = 0;
  const char *end = p + n;
  if (n - 1 >= 7 || (*p == '0' && n > 1)) {
    return NULL;
  }
  if (point) {
    decimals = load64(end + 1);
    k = json_digit_count(decimals);
    if (*end != '.' || k - 1 >= 7) {
      return NULL;
    }
    end += k + 1;
  }
  if (!ends_value(*end)) {
    return NULL;
  }
  number->integer = (int64_t)json_digits(word, n);
  if (point) {
    json_number_join(number, decimals, k);
  }
  return end;
}

/* A number that is not a usual one, as an integer, or a double. */
static const char *read_odd_i64(const char *p, int64_t *integer)
{
  struct json_number number;
  const char *end = may_be_number(*p) ? json_number(p, &number) : NULL;
  if (!end || number.kind != JSON_INTEGER) {
    return NULL;
  }
  *integer = number.integer;
  return end;
}

BLOCKS_INLINE const char *read_i64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  int64_t *to = (int64_t *)place->values + row;
  const char *end = read_usual(p, false, &number);
  if (JSON_NEVER(!end)) {
    return read_odd_i64(p, to);
  }
  *to = number.integer;
  return end;
}

static const char *read_odd_f64(const char *p, double *f64)
{
  struct json_number number;
  const char *end = may_be_number(*p) ? json_number(p, &number) : NULL;
  if (!end || number.kind == JSON_HUGE) {
    return NULL;
  }
  if (number.kind == JSON_INTEGER) {
    number.f64 = (double)number.integer;
    if (number.integer > EXACT_MAX || number.integer < -EXACT_MAX) {
      return NULL;
    }
  }
  *f64 = number.f64;
  return end;
}

BLOCKS_INLINE const char *read_f64(const struct place *place, const char *p,
                                   int64_t row)
{
  struct json_number number;
  double *to = (double *)place->values + row;
  const char *end = read_usual(p, true, &number);
  if (JSON_NEVER(!end)) {
    return read_odd_f64(p, to);
  }
  *to = number.f64;
  return end;
}

BLOCKS_INLINE const char *read_bool(const struct place *place, const char *p,
                                    int64_t row)
{
  bool truth = load32(p) == load32("true");
  if (!truth && memcmp(p, "false", 5) != 0) {
    return NULL;
  }
  ((uint8_t *)place->values)[row] = truth;
  return p + (truth ? 4 : 5);
}

BLOCKS_INLINE const char *read_time(const struct place *place, const char *p,
                                    int64_t row, bool wide)
{
  const char *stop = text_end(wide, p + 1);
  bool good =
    *p == '"' && *stop == '"' &&
    time_text(p + 1, (size_t)(stop - p) - 1, (int64_t *)place->values + row);
  return good ? stop + 1 : NULL;
}

BLOCKS_INLINE const char *read_nested(const struct place *place, const char *p,
                                      int64_t row)
{
  struct json_fault fault;
  if (*p != '{' && *p != '[') {
    return NULL;
  }
  const char *end = json_skip_flat(p);
  end = end ? end : json_skip(p, 2, &fault);
  if (end) {
    view_set_chunk((peri_view *)place->values + row, p, (size_t)(end - p),
                   place->buffer, place->base);
  }
  return end;
}

BLOCKS_INLINE const char *skip_value(const struct json_step *step,
                                     const char *p, bool wide)
{
  struct json_fault fault;
  struct json_number number;
  const char *end = NULL;
  if (*p == '"') {
    end = text_end(wide, p + 1);
    return *end == '"' ? end + 1 : json_skip_string(end, &fault);
  }
  if (may_be_number(*p)) {
    unsigned n = json_digit_count(load64(p));
    if (n - 1 < 7 && ends_value(p[n]) && (*p != '0' || n == 1)) {
      return p + n;
    }
    end = json_number(p, &number);
  } else if (*p == '{' || *p == '[') {
    end = json_skip_flat(p);
  }
  return end ? end : json_skip(p, step->depth + 1, &fault);
}

/* Row `row` of a column that other records write as well, through json_put().
 */
static const char *read_other(struct json_reader *r,
                              const struct json_step *step, const char *p,
                              const char *line, int64_t row)
{
  int64_t first = r->row;
  uint64_t number = r->line_count;
  r->row = row;
  r->line = line;
  r->line_count += (uint64_t)(row - first) + 1;
  r->sound = false;
  const char *end = json_read_value(r, step->place.slot, p);
  r->line_count = number;
  r->row = first;
  return end;
}

/* The value at p as this kind of step, which is not OTHER.  Null is a value of
 * any column that tracks nulls. */
BLOCKS_INLINE const char *read_kind(struct json_reader *r,
                                    const struct json_step *step,
                                    const struct place *place,
                                    enum json_step_kind kind, const char *p,
                                    int64_t row, bool wide)
{
  const char *end;
  switch (kind) {
  case JSON_STEP_STR:
    end = read_str(r, step, place, p, row, wide);
    break;
  case JSON_STEP_I64:
    end = read_i64(place, p, row);
    break;
  case JSON_STEP_F64:
    end = read_f64(place, p, row);
    break;
  case JSON_STEP_BOOL:
    end = read_bool(place, p, row);
    break;
  case JSON_STEP_TIME:
    end = read_time(place, p, row, wide);
    break;
  case JSON_STEP_NESTED:
    end = read_nested(place, p, row);
    break;
  case JSON_STEP_NULL:
    return load32(p) == load32("null") ? p + 4 : NULL;
  default:
    return skip_value(step, p, wide);
  }
  if (JSON_NEVER(!end)) {
    return load32(p) == load32("null") && place->valid ? p + 4 : NULL;
  }
  if (place->valid) {
    place->valid[row] = 1;
  }
  return end;
}
#endif
