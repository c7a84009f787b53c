/* when.h - moments from numbers: nanoseconds since 1970, UTC. */
#ifndef JSON_WHEN_H
#define JSON_WHEN_H
#include "json_number.h"

/* By magnitude: below 1e11 seconds, below 1e14 milliseconds, below 1e17
 * microseconds, else nanoseconds; seconds may have a fraction.  `text`: the
 * number as it was written.  False: int64 cannot hold it. */
bool json_time_of_number(const struct json_number *number, const char *text,
                         int64_t *time);
#endif
