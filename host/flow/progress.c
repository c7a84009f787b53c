/* progress.c - "42 %, 1.2 GB, 9.8 M rows, 2.1 M rows/s, 3 s left" */
#include "flow/progress.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>

#define PERIOD_NS 100000000u

void pg_progress_init(struct pg_progress *progress, bool shown)
{
  uint64_t now = pg_clock_ns();
  *progress = (struct pg_progress){
    .shown = shown, .start_ns = now, .next_ns = now + PERIOD_NS};
}

/* "950", "9.8 k", "12 M" */
static void short_number(char *text, size_t size, double value)
{
  static const char *const units[] = {"", " k", " M", " G", " T", " P"};
  int unit = 0;
  while (value >= 999.5 && unit < 5) {
    value /= 1000;
    unit++;
  }
  snprintf(text, size, unit > 0 && value < 9.95 ? "%.1f%s" : "%.0f%s", value,
           units[unit]);
}

static void short_time(char *text, size_t size, double seconds)
{
  unsigned long whole = (unsigned long)(seconds + 0.5);
  if (whole < 60) {
    snprintf(text, size, "%lu s", whole);
  } else if (whole < 3600) {
    snprintf(text, size, "%lu min %lu s", whole / 60, whole % 60);
  } else {
    snprintf(text, size, "%lu h %lu min", whole / 3600, whole / 60 % 60);
  }
}

void pg_progress_text(char *text, uint64_t size, double seconds, uint64_t done,
                      uint64_t total, uint64_t bytes, uint64_t rows)
{
  char part[16] = "", left[48] = "", volume[16], count[16], rate[16], time[32];
  if (seconds <= 0) {
    seconds = 1e-9;
  }
  if (total > 0) {
    double share = done < total ? (double)done / (double)total : 1;
    snprintf(part, sizeof part, "%.0f %%, ", share * 100);
    if (share > 0.005) {
      short_time(time, sizeof time, seconds / share - seconds);
      snprintf(left, sizeof left, ", %s left", time);
    }
  }
  short_number(volume, sizeof volume, (double)bytes);
  short_number(count, sizeof count, (double)rows);
  short_number(rate, sizeof rate, (double)rows / seconds);
  snprintf(text, size, "%s%s%s, %s rows, %s rows/s%s", part, volume,
           bytes < 1000 ? " B" : "B", count, rate, left);
}

bool pg_progress_due(struct pg_progress *progress)
{
  if (!progress->shown) {
    return false;
  }
  uint64_t now = pg_clock_ns();
  bool due = now >= progress->next_ns;
  progress->next_ns = due ? now + PERIOD_NS : progress->next_ns;
  return due;
}

void pg_progress_tell(struct pg_progress *progress, uint64_t done,
                      uint64_t total, uint64_t bytes, uint64_t rows)
{
  char text[160];
  uint64_t ns = pg_clock_ns() - progress->start_ns;
  pg_progress_text(text, sizeof text, (double)ns / 1e9, done, total, bytes,
                   rows);
  pg_log_progress(text);
}

void pg_progress_clear(struct pg_progress *progress)
{
  if (progress->shown) {
    pg_log_progress(NULL);
  }
}
