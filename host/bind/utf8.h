/* utf8.h - is a text UTF-8? */
#ifndef PG_BIND_UTF8_H
#define PG_BIND_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/* Surrogates and overlong forms are not. */
bool pg_utf8_check(const char *text, size_t len);

#endif
