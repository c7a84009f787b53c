/* escape.h - between texts and JSON strings. */
#ifndef PERIGEE_ESCAPE_H
#define PERIGEE_ESCAPE_H
#include <stddef.h>

/* The text of the JSON string whose bytes between the quotes are [from, end).
 * What is no escape stays as it is; a surrogate without its other half becomes
 * U+FFFD.  Writes at most end - from bytes; returns the end of what it wrote.
 */
char *json_unescape(char *to, const char *from, const char *end);

/* Room that json_escape() needs for a text, quotes and 16 spare bytes
 * included. */
size_t json_escape_room(const char *text, size_t len);

/* Writes the text as a JSON string, in quotes.  What is not UTF-8 becomes
 * U+FFFD.  Returns the end. */
char *json_escape(char *to, const char *text, size_t len);
#endif
