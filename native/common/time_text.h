/* time_text.h - moments from text and back, alike in every plugin.
 *
 * A moment is int64 nanoseconds since 1970, UTC, which is from 1677-09-21 to
 * 2262-04-11; others are refused.  A text without a zone is UTC.
 */
#ifndef PERIGEE_TIME_TEXT_H
#define PERIGEE_TIME_TEXT_H
#include "number_text.h"

#define TIME_ROOM 32             /* longest text that time_print() writes */
#define TIME_ACCESS_LOG_BYTES 26 /* 01/Jun/2025:00:00:00 +0000 */

struct time_parts {
  int32_t year, month, day, hour, minute, second; /* as in a calendar */
  int32_t nanosecond;
  int32_t zone; /* seconds east of UTC */
};

/* Days since 1970 of a date of the Gregorian calendar, and back: the 400-year
 * arithmetic of Howard Hinnant's "chrono-compatible low-level date
 * algorithms", where a year begins in March. */
static inline int64_t time_days(int32_t year, int32_t month, int32_t day)
{
  int64_t y = (int64_t)year - (month <= 2);
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year =
    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era =
    year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static inline void time_date(int64_t days, struct time_parts *parts)
{
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day = days - era * 146097;
  int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * day_of_year + 2) / 153;
  parts->day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1);
  parts->month = (int32_t)(month < 10 ? month + 3 : month - 9);
  parts->year = (int32_t)(year + era * 400 + (parts->month <= 2));
}

static inline int32_t time_month_days(int32_t year, int32_t month)
{
  static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

/* False: no such date or time of day, or one that does not fit.  Second 60 is
 * the next minute. */
static inline bool time_join(const struct time_parts *parts, int64_t *ns)
{
  if (parts->year < 1 || parts->month < 1 || parts->month > 12 ||
      parts->day < 1 ||
      parts->day > time_month_days(parts->year, parts->month) ||
      parts->hour > 23 || parts->minute > 59 || parts->second > 60) {
    return false;
  }
  int64_t seconds = time_days(parts->year, parts->month, parts->day) * 86400 +
                    parts->hour * 3600 + parts->minute * 60 + parts->second -
                    parts->zone;
  /* Seconds below 0 may only fit once the fraction is added. */
  bool below = seconds < 0 && parts->nanosecond > 0;
  return !__builtin_mul_overflow(seconds + below, INT64_C(1000000000), ns) &&
         !__builtin_add_overflow(
           *ns, parts->nanosecond - (below ? 1000000000 : 0), ns);
}

/* Exactly n digits; false when there are fewer. */
static inline bool time_digits(const char **at, const char *end, int n,
                               int32_t *value)
{
  *value = 0;
  if (end - *at < n) {
    return false;
  }
  for (int i = 0; i < n; i++, ++*at) {
    if (!number_is_digit(**at)) {
      return false;
    }
    *value = *value * 10 + (**at - '0');
  }
  return true;
}

static inline bool time_char(const char **at, const char *end, char c)
{
  return *at < end && *(*at)++ == c;
}

/* "+0200" or "+02:00" */
static inline bool time_zone(const char **at, const char *end, int32_t *zone)
{
  int32_t hours, minutes;
  bool west = **at == '-';
  ++*at;
  if (!time_digits(at, end, 2, &hours)) {
    return false;
  }
  *at += *at < end && **at == ':';
  if (!time_digits(at, end, 2, &minutes) || hours > 23 || minutes > 59) {
    return false;
  }
  *zone = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

/* ".5" or ",747": any number of digits, of which nine count. */
static inline bool time_fraction(const char **at, const char *end, int32_t *ns)
{
  const char *first = ++*at;
  int32_t unit = 100000000;
  for (; *at < end && number_is_digit(**at); ++*at, unit /= 10) {
    *ns += (**at - '0') * unit;
  }
  return *at > first;
}

/* "Z", "+02:00", " +0200" or nothing */
static inline bool time_end(const char **at, const char *end, int32_t *zone)
{
  *at += end - *at > 1 && **at == ' ';
  if (*at == end) {
    return true;
  }
  if (**at == 'Z' || **at == 'z') {
    ++*at;
    return *at == end;
  }
  return (**at == '+' || **at == '-') && time_zone(at, end, zone) && *at == end;
}

/* RFC 3339, and its relatives in logs: a space for the T, a comma before the
 * fraction, "/" in the date, no zone, no seconds, or only the date. */
static inline bool time_iso(const char *text, size_t len, int64_t *ns)
{
  struct time_parts parts = {0};
  const char *at = text, *end = text + len;
  if (!time_digits(&at, end, 4, &parts.year) || at == end ||
      (*at != '-' && *at != '/')) {
    return false;
  }
  char dash = *at++;
  if (!time_digits(&at, end, 2, &parts.month) || !time_char(&at, end, dash) ||
      !time_digits(&at, end, 2, &parts.day)) {
    return false;
  }
  if (at == end) {
    return time_join(&parts, ns);
  }
  char between = *at++;
  if ((between != 'T' && between != 't' && between != ' ') ||
      !time_digits(&at, end, 2, &parts.hour) || !time_char(&at, end, ':') ||
      !time_digits(&at, end, 2, &parts.minute)) {
    return false;
  }
  if (at < end && *at == ':') {
    at++;
    if (!time_digits(&at, end, 2, &parts.second) ||
        (at < end && (*at == '.' || *at == ',') &&
         !time_fraction(&at, end, &parts.nanosecond))) {
      return false;
    }
  }
  return time_end(&at, end, &parts.zone) && time_join(&parts, ns);
}

/* 1 to 12, or 0 */
static inline int32_t time_month(const char *name)
{
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int32_t i = 0; i < 12; i++) {
    if (memcmp(names + i * 3, name, 3) == 0) {
      return i + 1;
    }
  }
  return 0;
}

/* 01/Jun/2025:00:00:00 +0000, exactly TIME_ACCESS_LOG_BYTES bytes */
static inline bool time_access_log(const char *at, int64_t *ns)
{
  struct time_parts parts = {0};
  const char *end = at + TIME_ACCESS_LOG_BYTES;
  if (!time_digits(&at, end, 2, &parts.day) || !time_char(&at, end, '/')) {
    return false;
  }
  parts.month = time_month(at);
  at += 3;
  return time_char(&at, end, '/') && time_digits(&at, end, 4, &parts.year) &&
         time_char(&at, end, ':') && time_digits(&at, end, 2, &parts.hour) &&
         time_char(&at, end, ':') && time_digits(&at, end, 2, &parts.minute) &&
         time_char(&at, end, ':') && time_digits(&at, end, 2, &parts.second) &&
         time_char(&at, end, ' ') && (*at == '+' || *at == '-') &&
         time_zone(&at, end, &parts.zone) && at == end && time_join(&parts, ns);
}

/* A number is seconds below 1e11, milliseconds below 1e14, microseconds below
 * 1e17, nanoseconds from there on; only seconds have a fraction. */
static inline bool time_epoch(const char *text, size_t len, int64_t *ns)
{
  const char *at = text, *end = text + len;
  bool negative = at < end && *at == '-';
  at += negative;
  const char *first = at;
  uint64_t value = 0;
  int32_t fraction = 0;
  for (; at < end && number_is_digit(*at) && at - first < 19; at++) {
    value = value * 10 + (uint64_t)(*at - '0');
  }
  if (at == first || value > INT64_MAX) {
    return false;
  }
  bool seconds = value < 100000000000;
  if (at < end && *at == '.' && seconds &&
      !time_fraction(&at, end, &fraction)) {
    return false;
  }
  int64_t scale = seconds                      ? 1000000000
                  : value < 100000000000000    ? 1000000
                  : value < 100000000000000000 ? 1000
                                               : 1;
  int64_t result;
  if (at != end || __builtin_mul_overflow((int64_t)value, scale, &result) ||
      __builtin_add_overflow(result, (int64_t)fraction, &result)) {
    return false;
  }
  *ns = negative ? -result : result;
  return true;
}

/* Two digits; `bad` gets a bit when they are none. */
static inline int32_t time_two(const char *at, uint32_t *bad)
{
  uint32_t tens = (uint32_t)(unsigned char)at[0] - '0';
  uint32_t ones = (uint32_t)(unsigned char)at[1] - '0';
  *bad |= (tens > 9) | (ones > 9);
  return (int32_t)(tens * 10 + ones);
}

/* What most programs write, 2025-06-01T00:00:00Z with up to 9 decimals, without
 * a branch for each digit.  False: it may still be one of the other forms. */
static inline bool time_usual(const char *text, size_t len, int64_t *ns)
{
  if (len < 20 || len > 30 || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[len - 1] != 'Z' || (len > 20) != (text[19] == '.') || len == 21) {
    return false;
  }
  uint32_t bad = 0;
  struct time_parts parts = {.year = time_two(text, &bad) * 100 +
                                     time_two(text + 2, &bad),
                             .month = time_two(text + 5, &bad),
                             .day = time_two(text + 8, &bad),
                             .hour = time_two(text + 11, &bad),
                             .minute = time_two(text + 14, &bad),
                             .second = time_two(text + 17, &bad)};
  int32_t unit = 100000000;
  for (size_t i = 20; i + 1 < len; i++, unit /= 10) {
    uint32_t digit = (uint32_t)(unsigned char)text[i] - '0';
    bad |= digit > 9;
    parts.nanosecond += (int32_t)digit * unit;
  }
  return !bad && time_join(&parts, ns);
}

/* Any of the forms above. */
static inline bool time_text(const char *text, size_t len, int64_t *ns)
{
  return time_usual(text, len, ns) || time_iso(text, len, ns) ||
         (len == TIME_ACCESS_LOG_BYTES && time_access_log(text, ns)) ||
         time_epoch(text, len, ns);
}

/* Writes "2025-06-01T00:00:00" */
static inline char *time_put_second(char *to, int64_t seconds)
{
  struct time_parts parts;
  char date[8], time[8]; /* 20250601, 00hhmmss */
  int64_t days = seconds / 86400;
  int32_t of_day = (int32_t)(seconds % 86400);
  days -= of_day < 0;
  of_day += of_day < 0 ? 86400 : 0;
  time_date(days, &parts);
  digits_store(date, digits8((uint32_t)(parts.year * 10000 + parts.month * 100 +
                                        parts.day)));
  digits_store(time, digits8((uint32_t)(of_day / 3600 * 10000 +
                                        of_day / 60 % 60 * 100 + of_day % 60)));
  memcpy(to, date, 4);
  to[4] = to[7] = '-';
  memcpy(to + 5, date + 4, 2);
  memcpy(to + 8, date + 6, 2);
  to[10] = 'T';
  memcpy(to + 11, time + 2, 2);
  memcpy(to + 14, time + 4, 2);
  to[13] = to[16] = ':';
  memcpy(to + 17, time + 6, 2);
  return to + 19;
}

/* Writes ".747", ".747001" or ".747001002" */
static inline char *time_put_fraction(char *to, uint32_t ns)
{
  int digits = ns % 1000000 == 0 ? 3 : ns % 1000 == 0 ? 6 : 9;
  *to++ = '.';
  digits_store(to, digits8(ns / 10));
  to[8] = (char)('0' + ns % 10);
  return to + digits;
}

/* Writes RFC 3339 with 0, 3, 6 or 9 decimals, at most TIME_ROOM bytes and no
 * NUL; returns how many. */
static inline size_t time_print(char *to, int64_t ns)
{
  int64_t seconds = ns / 1000000000;
  int32_t fraction = (int32_t)(ns % 1000000000);
  seconds -= fraction < 0;
  fraction += fraction < 0 ? 1000000000 : 0;
  char *at = time_put_second(to, seconds);
  if (fraction) {
    at = time_put_fraction(at, (uint32_t)fraction);
  }
  *at++ = 'Z';
  return (size_t)(at - to);
}
#endif
