/* survey.h - what one pass over a chunk tells. */
#ifndef PERIGEE_SURVEY_H
#define PERIGEE_SURVEY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_survey {
  int64_t newlines;
  bool valid; /* all of it is UTF-8 */
};

/* Reads [bytes, bytes + len) only.  Thread: any. */
struct text_survey text_survey(const char *bytes, size_t len);

/* The two ways; the second only where the machine has AVX2. */
struct text_survey text_survey_plain(const char *bytes, size_t len);
struct text_survey text_survey_avx2(const char *bytes, size_t len);
#endif
