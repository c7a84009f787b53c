/* when.h - RFC 3339 and epoch numbers; nanoseconds since 1970, UTC. */
#ifndef JSON_WHEN_H
#define JSON_WHEN_H
#include "json_number.h"

#define JSON_TIME_MAX 40 /* bytes that json_print_time() writes at most */

/* Both are false when the text is no time that int64 can hold. */
bool json_time_of_text(const char *text, size_t len, int64_t *time);
/* By magnitude: below 1e11 seconds, below 1e14 milliseconds, below 1e17
 * microseconds, else nanoseconds; seconds may have a fraction.  `text`: the
 * number as it was written. */
bool json_time_of_number(const struct json_number *number, const char *text,
                         int64_t *time);

/* "2025-06-01T00:00:00Z", with 0, 3, 6 or 9 digits of a fraction. */
char *json_print_time(char *to, int64_t time);
#endif
