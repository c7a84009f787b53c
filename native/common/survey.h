/* survey.h - what one pass over a chunk tells. */
#ifndef PERIGEE_SURVEY_H
#define PERIGEE_SURVEY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_survey {
  int64_t newlines;
  size_t noted; /* how many of them, from the first one on, are in `lines` */
  bool valid;   /* all of it is UTF-8 */
};

/* Where newlines are noted, with room for `max` offsets. */
struct text_lines {
  uint32_t *at;
  size_t max; /* 0: none */
};

/* Reads [bytes, bytes + len) only.  Thread: any. */
struct text_survey text_survey(const char *bytes, size_t len,
                               struct text_lines lines);

/* The two ways; the second only where the machine has AVX2. */
struct text_survey text_survey_plain(const char *bytes, size_t len,
                                     struct text_lines lines);
struct text_survey text_survey_avx2(const char *bytes, size_t len,
                                    struct text_lines lines);
#endif
