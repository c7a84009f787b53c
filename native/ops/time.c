/* time.c - moments: int64 nanoseconds since 1970, UTC.
 *
 * What does not fit 64 bits has no result. */
#include "number.h"
#include "time_text.h"

#define SECOND 1000000000

static inline peri_opt_time some_time(int64_t ns)
{
  return (peri_opt_time){.value = ns, .has = 1};
}

/* Seconds to nanoseconds, rounded; false: too many, or not a number. */
static bool nanoseconds(double seconds, int64_t *ns)
{
  double rounded = rint(seconds * SECOND);
  if (!(rounded >= -I64_END && rounded < I64_END)) {
    return false;
  }
  *ns = (int64_t)rounded;
  return true;
}

static peri_opt_time plus(int64_t time, int64_t ns)
{
  int64_t sum;
  return __builtin_add_overflow(time, ns, &sum) ? NONE(time) : some_time(sum);
}

static peri_opt_time minus(int64_t time, int64_t ns)
{
  int64_t rest;
  return __builtin_sub_overflow(time, ns, &rest) ? NONE(time) : some_time(rest);
}

PERI_FN(opt_time, time_add_i64, "So many seconds later.", (time, t),
        (i64, seconds))
{
  int64_t ns;
  return __builtin_mul_overflow(seconds, SECOND, &ns) ? NONE(time)
                                                      : plus(t, ns);
}

PERI_FN(opt_time, time_sub_i64, "So many seconds earlier.", (time, t),
        (i64, seconds))
{
  int64_t ns;
  return __builtin_mul_overflow(seconds, SECOND, &ns) ? NONE(time)
                                                      : minus(t, ns);
}

PERI_FN(opt_time, time_add_f64, "So many seconds later.", (time, t),
        (f64, seconds))
{
  int64_t ns;
  return nanoseconds(seconds, &ns) ? plus(t, ns) : NONE(time);
}

PERI_FN(opt_time, time_sub_f64, "So many seconds earlier.", (time, t),
        (f64, seconds))
{
  int64_t ns;
  return nanoseconds(seconds, &ns) ? minus(t, ns) : NONE(time);
}

PERI_FN(f64, time_diff, "Seconds from b to a.", (time, a), (time, b))
{
  int64_t ns;
  if (__builtin_sub_overflow(a, b, &ns)) {
    return ((double)a - (double)b) / SECOND;
  }
  return (double)ns / SECOND;
}

PERI_FN(opt_time, time_of_str, "RFC 3339, an access log's time, or a number.",
        (str, s))
{
  int64_t ns;
  return time_text(s.ptr, s.len, &ns) ? some_time(ns) : NONE(time);
}

PERI_FN(opt_time, time_of_i64,
        "Since 1970: seconds, ms, us or ns, told by magnitude.", (i64, n))
{
  char text[NUMBER_ROOM];
  int64_t ns;
  size_t len = number_print_i64(text, n);
  return time_epoch(text, len, &ns) ? some_time(ns) : NONE(time);
}

/* From 1e11 on floats count ms, us or ns, like integers. */
PERI_FN(opt_time, time_of_f64,
        "Since 1970: seconds, ms, us or ns, told by magnitude.", (f64, n))
{
  double size = fabs(n);
  double unit = size < 1e11 ? 1e9 : size < 1e14 ? 1e6 : size < 1e17 ? 1e3 : 1;
  int64_t ns;
  return nanoseconds(n * unit / SECOND, &ns) ? some_time(ns) : NONE(time);
}

/* Seconds since 1970, rounded down. */
static inline int64_t seconds_of(int64_t ns)
{
  return ns / SECOND - (ns % SECOND < 0);
}

static inline struct time_parts date_of(int64_t ns)
{
  struct time_parts parts = {0};
  int64_t seconds = seconds_of(ns);
  time_date(seconds / 86400 - (seconds % 86400 < 0), &parts);
  return parts;
}

static inline int64_t second_of_day(int64_t ns)
{
  int64_t second = seconds_of(ns) % 86400;
  return second < 0 ? second + 86400 : second;
}

PERI_FN(i64, year, "The year, UTC.", (time, t))
{
  return date_of(t).year;
}

PERI_FN(i64, month, "The month, 1 to 12, UTC.", (time, t))
{
  return date_of(t).month;
}

PERI_FN(i64, day, "The day of the month, 1 to 31, UTC.", (time, t))
{
  return date_of(t).day;
}

PERI_FN(i64, hour, "The hour, 0 to 23, UTC.", (time, t))
{
  return second_of_day(t) / 3600;
}

PERI_FN(i64, minute, "The minute, 0 to 59.", (time, t))
{
  return second_of_day(t) / 60 % 60;
}

PERI_FN(i64, second, "The second, 0 to 59.", (time, t))
{
  return second_of_day(t) % 60;
}

PERI_FN_AS(opt_time, trunc_time, trunc,
        "The moment rounded down to a multiple of so many seconds.", (time, t),
        (f64, seconds))
{
  int64_t step;
  if (!nanoseconds(seconds, &step) || step <= 0) {
    return NONE(time);
  }
  int64_t rest = t % step;
  return minus(t, rest < 0 ? rest + step : rest);
}

PERI_FN_PURE_CX(str, text_time, "RFC 3339, with as many decimals as needed.",
                (time, t))
{
  char *text = arena_text(cx, TIME_ROOM);
  return (peri_str){text, text ? time_print(text, t) : 0};
}
