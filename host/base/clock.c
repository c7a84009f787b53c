/* clock.c - the one place that asks the system for the time. */
#include "base/clock.h"

#include <time.h>

uint64_t pg_clock_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void pg_clock_sleep_ns(uint64_t ns)
{
  struct timespec span = {.tv_sec = (time_t)(ns / 1000000000u),
                          .tv_nsec = (long)(ns % 1000000000u)};
  nanosleep(&span, NULL);
}
