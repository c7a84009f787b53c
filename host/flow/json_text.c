/* json_text.c - values as JSON text. */
#include "flow/json_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NUMBER_ROOM 40

/* ------------------------------------------------------------------- numbers
 */

/* The fewest digits that read back as the same value: "d", "ddd" and the
 * exponent of the first one. */
static int shortest(double value, bool single, char *digits, int *exponent)
{
  char text[NUMBER_ROOM];
  for (int precision = 0; precision < 17; precision++) {
    snprintf(text, sizeof text, "%.*e", precision, value);
    if (single ? strtof(text, NULL) == (float)value
               : strtod(text, NULL) == value) {
      break;
    }
  }
  int count = 0;
  const char *at = text;
  for (; *at != 'e'; at++) {
    if (*at != '.') {
      digits[count++] = *at;
    }
  }
  *exponent = atoi(at + 1);
  while (count > 1 && digits[count - 1] == '0') {
    count--;
  }
  return count;
}

static size_t put_real(char *to, double value, bool single)
{
  char digits[NUMBER_ROOM];
  int exponent;
  if (!isfinite(value)) {
    return (size_t)sprintf(to, "null");
  }
  if (value == 0) {
    return (size_t)sprintf(to, signbit(value) ? "-0.0" : "0");
  }
  bool whole =
    single ? fabs(value) < 0x1p24 : value >= -0x1p63 && value < 0x1p63;
  if (whole && value == floor(value)) {
    return (size_t)sprintf(to, "%lld", (long long)value);
  }
  const char *sign = value < 0 ? "-" : "";
  int count = shortest(fabs(value), single, digits, &exponent);
  int before = exponent + 1; /* digits before the point */
  if (count > before && before > 0) {
    return (size_t)sprintf(to, "%s%.*s.%.*s", sign, before, digits,
                           count - before, digits + before);
  }
  if (count > before && before > -6) {
    return (size_t)sprintf(to, "%s0.%.*s%.*s", sign, -before, "00000", count,
                           digits);
  }
  if (count <= before && before <= 18) {
    return (size_t)sprintf(to, "%s%.*s%.*s", sign, count, digits,
                           before - count, "000000000000000000");
  }
  return (size_t)sprintf(to, "%s%c%s%.*se%d", sign, digits[0],
                         count > 1 ? "." : "", count - 1, digits + 1, exponent);
}

/* ----------------------------------------------------------------- times
 * Civil dates after Howard Hinnant, "chrono-compatible low-level date
 * algorithms". */
static size_t put_time(char *to, int64_t time)
{
  int64_t ns = time % NS_PER_S, seconds = time / NS_PER_S;
  if (ns < 0) {
    ns += NS_PER_S;
    seconds--;
  }
  int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
  int second = (int)(seconds - days * 86400);
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int in_era = (int)(days - era * 146097);
  int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int in_year = in_era - (365 * year + year / 4 - year / 100);
  int month = (5 * in_year + 2) / 153; /* from March */
  int day = in_year - (153 * month + 2) / 5 + 1;
  month = month < 10 ? month + 3 : month - 9;
  year += (int)(era * 400) + (month <= 2);
  size_t n = (size_t)sprintf(to, "\"%04d-%02d-%02dT%02d:%02d:%02d", year, month,
                             day, second / 3600, second / 60 % 60, second % 60);
  if (ns != 0) {
    int places = ns % 1000000 == 0 ? 3 : ns % 1000 == 0 ? 6 : 9;
    int64_t unit = places == 3 ? 1000000 : places == 6 ? 1000 : 1;
    n += (size_t)sprintf(to + n, ".%0*d", places, (int)(ns / unit));
  }
  return n + (size_t)sprintf(to + n, "Z\"");
}

/* ------------------------------------------------------------------- texts */

static size_t escape(char *to, unsigned char c)
{
  static const char names[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
  if (c >= ' ') {
    return (size_t)sprintf(to, "\\%c", c);
  }
  return names[c] == 'u' ? (size_t)sprintf(to, "\\u%04x", c)
                         : (size_t)sprintf(to, "\\%c", names[c]);
}

static bool put_string(struct pg_text *text, peri_str string)
{
  char room[8];
  size_t from = 0;
  bool done = pg_text_append(text, "\"", 1);
  for (size_t i = 0; i < string.len && done; i++) {
    unsigned char c = (unsigned char)string.ptr[i];
    if (c >= ' ' && c != '"' && c != '\\') {
      continue;
    }
    done = pg_text_append(text, string.ptr + from, i - from) &&
           pg_text_append(text, room, escape(room, c));
    from = i + 1;
  }
  return done && pg_text_append(text, string.ptr + from, string.len - from) &&
         pg_text_append(text, "\"", 1);
}

/* --------------------------------------------------------------------- values
 */

static size_t put_fixed(char *to, const struct pg_column *column, int64_t row)
{
  if (column->type == PERI_T_BOOL) {
    return (size_t)sprintf(to, pg_column_bool(column, row) ? "true" : "false");
  }
  const void *at = pg_column_value(column, row);
  switch (column->type) {
  case PERI_T_I8:
    return (size_t)sprintf(to, "%d", *(const int8_t *)at);
  case PERI_T_U8:
    return (size_t)sprintf(to, "%d", *(const uint8_t *)at);
  case PERI_T_I16:
    return (size_t)sprintf(to, "%d", *(const int16_t *)at);
  case PERI_T_U16:
    return (size_t)sprintf(to, "%d", *(const uint16_t *)at);
  case PERI_T_I32:
    return (size_t)sprintf(to, "%d", *(const int32_t *)at);
  case PERI_T_U32:
    return (size_t)sprintf(to, "%u", *(const uint32_t *)at);
  case PERI_T_I64:
    return (size_t)sprintf(to, "%lld", (long long)*(const int64_t *)at);
  case PERI_T_U64:
    return (size_t)sprintf(to, "%llu",
                           (unsigned long long)*(const uint64_t *)at);
  case PERI_T_F32:
    return put_real(to, (double)*(const float *)at, true);
  case PERI_T_F64:
    return put_real(to, *(const double *)at, false);
  default:
    return put_time(to, *(const int64_t *)at);
  }
}

bool pg_json_text(struct pg_text *text, const struct pg_column *column,
                  int64_t row)
{
  char room[64];
  if (column->type == PERI_T_STR) {
    return put_string(text, pg_column_text(column, row));
  }
  if (column->type == PERI_T_JSON) {
    peri_str json = pg_column_text(column, row);
    return pg_text_append(text, json.ptr, json.len);
  }
  return pg_text_append(text, room, put_fixed(room, column, row));
}
