/* when.c - RFC 3339 and epoch numbers. */
#include "when.h"

#include <math.h>

#define NS_PER_S INT64_C(1000000000)

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* `count` digits, or -1. */
static int digits_at(const char *p, int count)
{
  int value = 0;
  for (int i = 0; i < count; i++) {
    if (!is_digit(p[i])) {
      return -1;
    }
    value = value * 10 + (p[i] - '0');
  }
  return value;
}

/* Days since 1970-01-01; years begin in March, so that leap days come last. */
static int64_t days_of_date(int year, int month, int day)
{
  int64_t y = year - (month <= 2);
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t in_era = y - era * 400;
  int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year -
         719468;
}

static bool is_date(int year, int month, int day)
{
  static const uint8_t days[] = {31, 29, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
         day <= days[month - 1] - (month == 2 && !leap);
}

/* "Z" or "+01:30" and nothing after it; the offset in seconds. */
static bool read_zone(const char *p, const char *end, int *offset)
{
  *offset = 0;
  if (end - p == 1 && (*p == 'Z' || *p == 'z')) {
    return true;
  }
  if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':') {
    return false;
  }
  int hours = digits_at(p + 1, 2), minutes = digits_at(p + 4, 2);
  *offset = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
  return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static bool to_ns(int64_t seconds, int64_t ns, int64_t *time)
{
  /* Seconds below 0 with a fraction may only fit once the fraction is added. */
  bool minus = seconds < 0 && ns > 0;
  return !__builtin_mul_overflow(seconds + minus, NS_PER_S, time) &&
         !__builtin_add_overflow(*time, ns - (minus ? NS_PER_S : 0), time);
}

bool json_time_of_text(const char *text, size_t len, int64_t *time)
{
  const char *p = text, *end = text + len;
  if (len < 20 || p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':' ||
      (p[10] != 'T' && p[10] != 't' && p[10] != ' ')) {
    return false;
  }
  int year = digits_at(p, 4), month = digits_at(p + 5, 2);
  int day = digits_at(p + 8, 2), hour = digits_at(p + 11, 2);
  int minute = digits_at(p + 14, 2), second = digits_at(p + 17, 2);
  int64_t ns = 0, unit = NS_PER_S;
  p += 19;
  if (*p == '.') {
    const char *first = ++p;
    for (; p < end && is_digit(*p); p++) {
      unit /= 10;
      ns += (*p - '0') * unit;
    }
    if (p == first) {
      return false;
    }
  }
  int offset;
  if (!is_date(year, month, day) || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60 || !read_zone(p, end, &offset)) {
    return false;
  }
  int64_t seconds = days_of_date(year, month, day) * 86400 + hour * 3600 +
                    minute * 60 + second - offset;
  return to_ns(seconds, ns, time);
}

/* Seconds with a fraction, from their digits: a double has too few. */
static bool from_fraction(double seconds, const char *text, int64_t *time)
{
  int64_t whole = (int64_t)seconds, ns = 0, unit = NS_PER_S;
  const char *p = text + (*text == '-');
  while (is_digit(*p)) {
    p++;
  }
  const char *point = p;
  for (p += *p == '.'; is_digit(*p); p++) {
    unit /= 10;
    ns += (*p - '0') * unit;
  }
  if (*point != '.' || *p == 'e' || *p == 'E') {
    *time = (int64_t)llround(seconds * 1e9);
    return fabs(seconds) < 9.2e9;
  }
  return !__builtin_mul_overflow(whole, NS_PER_S, time) &&
         !__builtin_add_overflow(*time, seconds < 0 ? -ns : ns, time);
}

bool json_time_of_number(const struct json_number *number, const char *text,
                         int64_t *time)
{
  int64_t value = number->integer;
  if (number->kind == JSON_HUGE) {
    return false;
  }
  if (number->kind == JSON_DOUBLE) {
    if (fabs(number->f64) < 1e11) {
      return from_fraction(number->f64, text, time);
    }
    if (fabs(number->f64) >= 9.2e18 || number->f64 != floor(number->f64)) {
      return false;
    }
    value = (int64_t)number->f64;
  }
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  int64_t unit = size < 100000000000u         ? NS_PER_S
                 : size < 100000000000000u    ? 1000000
                 : size < 100000000000000000u ? 1000
                                              : 1;
  return !__builtin_mul_overflow(value, unit, time);
}

/* -------------------------------------------------------------------- printing
 */

static char *put_digits(char *to, unsigned value, int count)
{
  for (int i = count - 1; i >= 0; i--) {
    to[i] = (char)('0' + value % 10);
    value /= 10;
  }
  return to + count;
}

static char *put_date(char *to, int64_t days)
{
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  unsigned in_era = (unsigned)(days - era * 146097);
  unsigned year =
    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
  unsigned month = (5 * in_year + 2) / 153; /* from March */
  unsigned day = in_year - (153 * month + 2) / 5 + 1;
  month = month < 10 ? month + 3 : month - 9;
  year += (unsigned)(era * 400) + (month <= 2);
  to = put_digits(to, year, 4);
  *to++ = '-';
  to = put_digits(to, month, 2);
  *to++ = '-';
  return put_digits(to, day, 2);
}

char *json_print_time(char *to, int64_t time)
{
  int64_t ns = time % NS_PER_S, seconds = time / NS_PER_S;
  if (ns < 0) {
    ns += NS_PER_S;
    seconds--;
  }
  int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
  unsigned second = (unsigned)(seconds - days * 86400);
  to = put_date(to, days);
  *to++ = 'T';
  to = put_digits(to, second / 3600, 2);
  *to++ = ':';
  to = put_digits(to, second / 60 % 60, 2);
  *to++ = ':';
  to = put_digits(to, second % 60, 2);
  if (ns != 0) {
    *to++ = '.';
    to = ns % 1000000 == 0 ? put_digits(to, (unsigned)(ns / 1000000), 3)
         : ns % 1000 == 0  ? put_digits(to, (unsigned)(ns / 1000), 6)
                           : put_digits(to, (unsigned)ns, 9);
  }
  *to++ = 'Z';
  return to;
}
