/* json.c - JSON values as columns that sort as they do. */
#include "json.h"
#include "value_text.h"

enum kind { KIND_NUMBER, KIND_TEXT, KIND_OTHER };

struct parts {
  uint8_t *kinds;
  double *numbers;
  int64_t *wholes; /* part integers that are the same float */
  peri_str *texts;
};

static int64_t nearest_i64(double value)
{
  return value >= 0x1p63    ? INT64_MAX
         : value <= -0x1p63 ? INT64_MIN
         : isnan(value)     ? 0
                            : (int64_t)value;
}

/* False: it is no number.  A null is a float that JSON has no word for. */
static bool split_number(struct parts *parts, size_t i, peri_str json)
{
  switch (
    number_guess(json.ptr, json.len, &parts->wholes[i], &parts->numbers[i])) {
  case NUMBER_I64:
    parts->numbers[i] = (double)parts->wholes[i];
    return true;
  case NUMBER_BIG:
    number_f64(json.ptr, json.len, &parts->numbers[i]);
    break;
  case NUMBER_NONE:
    if (!peri_str_eq(json, PERI_STR("null"))) {
      return false;
    }
    parts->numbers[i] = (double)NAN;
  }
  parts->wholes[i] = nearest_i64(parts->numbers[i]);
  return true;
}

static bool split(peri_cx *cx, const peri_col *json, struct parts *parts)
{
  for (int64_t i = 0; i < json->n; i++) {
    peri_str text = peri_valid(json, i) ? peri_row_str(json, i) : PERI_STR("0");
    bool number = split_number(parts, (size_t)i, text);
    if (number) {
      text.len = 0;
    } else {
      parts->numbers[i] = 0;
      parts->wholes[i] = 0;
    }
    bool quoted = text.len > 0 && *text.ptr == '"';
    parts->kinds[i] = number ? KIND_NUMBER : quoted ? KIND_TEXT : KIND_OTHER;
    if (!value_json_text(cx, &text)) {
      return false;
    }
    parts->texts[i] = text;
  }
  return true;
}

bool json_orders(peri_cx *cx, struct order *orders)
{
  const peri_col *json = orders->column;
  size_t n = (size_t)json->n;
  struct parts parts = {.kinds = peri_alloc(cx, n),
                        .numbers = peri_alloc(cx, n * sizeof *parts.numbers),
                        .wholes = peri_alloc(cx, n * sizeof *parts.wholes),
                        .texts = peri_alloc(cx, n * sizeof *parts.texts)};
  peri_col *columns = peri_alloc(cx, JSON_ORDERS * sizeof *columns);
  if (!parts.kinds || !parts.numbers || !parts.wholes || !parts.texts ||
      !columns || !split(cx, json, &parts)) {
    return false;
  }
  columns[0] = (peri_col){.n = json->n,
                          .data = parts.kinds,
                          .valid = json->valid,
                          .bit0 = json->bit0,
                          .type = PERI_T_U8};
  columns[1] =
    (peri_col){.n = json->n, .data = parts.numbers, .type = PERI_T_F64};
  columns[2] =
    (peri_col){.n = json->n, .data = parts.wholes, .type = PERI_T_I64};
  columns[3] = (peri_col){.n = json->n,
                          .data = parts.texts,
                          .type = PERI_T_STR,
                          .layout = PERI_L_SPAN};
  bool down = orders->down;
  for (int i = 0; i < JSON_ORDERS; i++) {
    orders[i] = (struct order){&columns[i], down && i > 0};
  }
  return true;
}
