/* log.c - the log is stderr; a progress line is kept out of its way. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int log_level = PG_LOG_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool progress_shown;

void pg_log_set_level(enum pg_log_level level)
{
  atomic_store(&log_level, (int)level);
}

enum pg_log_level pg_log_get_level(void)
{
  return (enum pg_log_level)atomic_load(&log_level);
}

static void erase_progress(void)
{
  if (progress_shown) {
    fputs("\r\033[K", stderr);
    progress_shown = false;
  }
}

void pg_log(enum pg_log_level level, const char *format, ...)
{
  static const char *const names[] = {"debug", "info", "warning", "error"};
  if ((int)level < atomic_load(&log_level)) {
    return;
  }
  char text[2000];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  pthread_mutex_lock(&lock);
  erase_progress();
  fprintf(stderr, "perigee: %s: %s\n", names[level], text);
  pthread_mutex_unlock(&lock);
}

void pg_log_progress(const char *text)
{
  pthread_mutex_lock(&lock);
  erase_progress();
  if (text) {
    fputs(text, stderr);
    progress_shown = true;
  }
  fflush(stderr);
  pthread_mutex_unlock(&lock);
}

void pg_log_line(const char *text, size_t n)
{
  pthread_mutex_lock(&lock);
  erase_progress();
  fwrite(text, 1, n, stderr);
  fputc('\n', stderr);
  pthread_mutex_unlock(&lock);
}

void pg_log_make_way(int fd)
{
  if (atomic_load(&progress_shown) && isatty(fd)) {
    pg_log_progress(NULL);
  }
}
