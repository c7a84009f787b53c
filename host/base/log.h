/* log.h - one line on stderr per event, at or above a level.  Thread: any. */
#ifndef PG_BASE_LOG_H
#define PG_BASE_LOG_H
#include "base/status.h"

#include <stddef.h>

enum pg_log_level { PG_LOG_DEBUG, PG_LOG_INFO, PG_LOG_WARN, PG_LOG_ERROR };

void pg_log_set_level(enum pg_log_level level);
enum pg_log_level pg_log_get_level(void);
void pg_log(enum pg_log_level level, const char *format, ...) PG_PRINTF(2, 3);

/* A line of n bytes as it is, at any level. */
void pg_log_line(const char *text, size_t n);

/* A line of progress that the next log line or pg_log_progress(NULL) erases;
 * only for a stderr that is a terminal. */
void pg_log_progress(const char *text);

/* To be called before bytes are written to `fd`: where that is a terminal too,
 * the line of progress is erased. */
void pg_log_make_way(int fd);

#endif
