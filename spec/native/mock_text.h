/* mock_text.h - a growing text, for the mock host. */
#ifndef PERIGEE_MOCK_TEXT_H
#define PERIGEE_MOCK_TEXT_H
#include <stddef.h>

struct mock_text {
  char *at; /* NUL-ended, or NULL while empty */
  size_t len, room;
};

void mock_add(struct mock_text *text, const char *bytes, size_t len);
void mock_addf(struct mock_text *text, const char *format, ...)
  __attribute__((format(printf, 2, 3)));
#endif
