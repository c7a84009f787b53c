/* json_oracle.h - NDJSON read the slow and simple way, for comparison.
 *
 * Written without a look at the plugin's own code: recursive descent, byte by
 * byte, a tree per record, strtod() for numbers.
 */
#ifndef PERIGEE_JSON_ORACLE_H
#define PERIGEE_JSON_ORACLE_H
#include "mock_text.h"

#include <stdbool.h>

/* What decoding and encoding again must give: a line a good record, columns in
 * the order in which they first came, and after it a line "reject at OFFSET" a
 * bad one.  `paths`: the columns, or NULL for all.  Free the result. */
char *oracle_rows(const char *bytes, size_t len, const char *const *paths,
                  int path_count);

/* The shortest text of a double, as the encoder is meant to print it. */
void oracle_print_double(struct mock_text *text, double value);
/* A string with quotes and escapes. */
void oracle_print_string(struct mock_text *text, const char *bytes, size_t len);
#endif
