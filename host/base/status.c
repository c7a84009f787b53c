/* status.c - texts of failures. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

enum pg_status pg_fail(struct pg_error *err, enum pg_status status,
                       const char *format, ...)
{
  if (err) {
    err->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
  }
  return status;
}
