/* line.h - a line of an access log, taken apart. */
#ifndef PERIGEE_COMBINED_LINE_H
#define PERIGEE_COMBINED_LINE_H
#include "time_text.h"

#include <perigee/plugin.h>

enum column {
  REMOTE_ADDR,
  IDENT,
  USER,
  TIME,
  METHOD,
  PATH,
  PROTOCOL,
  STATUS,
  BYTES,
  REFERER,
  AGENT,
  COLUMNS
};

/* A field of a line; `text` NULL: null. */
struct field {
  const char *text; /* borrowed from the chunk */
  size_t len;
  bool escaped; /* has a backslash that means something */
};

struct line {
  const char *at, *end; /* what is left */
  struct field fields[COLUMNS];
  int64_t time, status, bytes;
};

/* The time of the line before: most lines of a busy log share it. */
struct last_time {
  char text[TIME_ACCESS_LOG_BYTES];
  int64_t ns;
};

/* careful.c: takes a line apart, whose fields are all null before.  NULL, or
 * what was expected at line->at and not found, in this column. */
const char *line_take(struct line *line, struct last_time *last,
                      enum column *column);

/* The time at `text` into last->ns; false: it is none. */
bool line_read_time(struct last_time *last, const char *text);

/* Is it a request "METHOD PATH PROTOCOL"?  [out] where the path is */
bool line_split_request(const char *text, size_t len, peri_str *path);

/* A line in less memory: offsets in the chunk. */
struct quick_line {
  uint32_t from[COLUMNS], len[COLUMNS]; /* len QUICK_NULL: null */
  int64_t time, status, bytes;
  uint32_t escaped; /* bit i: column i has a backslash */
  uint32_t odd;     /* bit i: that, or the line is not UTF-8 */
};
#define QUICK_NULL UINT32_MAX

/* The quotes of a line that are not escaped. */
struct quotes {
  const char *at[7];
  uint32_t count;   /* two or six of them, or it is no such line */
  uint32_t escaped; /* bit i: text i of those in quotes has a backslash */
  uint32_t marks;   /* up to the end of the line */
};

/* quick.c: takes the line [from, end) of the chunk apart that has no backslash
 * outside of these quotes.  False: it has to be done carefully. */
bool line_take_quickly(struct quick_line *line, struct last_time *last,
                       const char *chunk, const char *from, const char *end,
                       const struct quotes *quotes);
#endif
