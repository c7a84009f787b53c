/* value.h - passes over JSON values, strictly, and says what is wrong.
 *
 * This is the only judge of what a record may look like: the quick reader only
 * says that something is wrong, and every message is made here.
 */
#ifndef JSON_VALUE_H
#define JSON_VALUE_H
#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 256 /* levels, the record itself included */
#define JSON_WHY_MAX 160   /* bytes of a message */

/* What is wrong with a record, and where. */
struct json_fault {
  const char *at; /* within the line */
  const char *what;
  bool says_found; /* the message ends with what stands at `at` */
};

/* The end of the value at p, which lies `depth` levels deep, or NULL and the
 * fault.  Whitespace before the value is not expected. */
const char *json_skip(const char *p, int depth, struct json_fault *fault);

/* The same for an object or array at p that holds scalars only, quickly; NULL:
 * it is something else, or malformed. */
const char *json_skip_flat(const char *p);

/* The end of the string whose first byte after the quote is p: behind the
 * closing quote. */
const char *json_skip_string(const char *p, struct json_fault *fault);

/* The end of the record (an object and the '\n' behind it) at p, or NULL. */
const char *json_skip_record(const char *p, struct json_fault *fault);

/* Writes the message; its length.  Columns count from 1 at `line`. */
size_t json_fault_text(const struct json_fault *fault, const char *line,
                       char why[JSON_WHY_MAX]);
#endif
