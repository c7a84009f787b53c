/* clock.h - time. */
#ifndef PG_BASE_CLOCK_H
#define PG_BASE_CLOCK_H
#include <stdint.h>

/* Nanoseconds of a clock that never goes back. */
uint64_t pg_clock_ns(void);

void pg_clock_sleep_ns(uint64_t ns);

#endif
