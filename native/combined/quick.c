/* quick.c - takes a line apart by where its quotes are. */
#include "line.h"
#include "load.h"
#include "scan.h"

/* Where a field lies; all offsets are in the chunk. */
static inline void set(struct quick_line *line, enum column column,
                       const char *chunk, const char *from, const char *end)
{
  line->from[column] = (uint32_t)(from - chunk);
  line->len[column] = (uint32_t)(end - from);
}

static inline void set_or_dash(struct quick_line *line, enum column column,
                               const char *chunk, const char *from,
                               const char *end)
{
  bool is_dash = end - from == 1 && *from == '-';
  line->from[column] = (uint32_t)(from - chunk);
  line->len[column] = is_dash ? QUICK_NULL : (uint32_t)(end - from);
}

/* addr ident user [time] before the quote. */
static inline bool take_start(struct quick_line *line, struct last_time *last,
                              const char *chunk, const char *from,
                              const char *quote)
{
  /* What is shorter than "a b c [time] " cannot be it. */
  if (quote - from < TIME_ACCESS_LOG_BYTES + 9) {
    return false;
  }
  const char *time = quote - 2 - TIME_ACCESS_LOG_BYTES;
  if (time[-2] != ' ' || time[-1] != '[' || quote[-2] != ']' ||
      quote[-1] != ' ' || !line_read_time(last, time)) {
    return false;
  }
  line->time = last->ns;
  set(line, TIME, chunk, time, time + TIME_ACCESS_LOG_BYTES);
  const char *end = time - 2, *space = scan_one(from, end, ' ');
  if (space == from || space == end) {
    return false;
  }
  set(line, REMOTE_ADDR, chunk, from, space);
  from = space + 1;
  space = scan_one(from, end, ' ');
  if (space == from || end - space < 2) {
    return false;
  }
  set_or_dash(line, IDENT, chunk, from, space);
  set_or_dash(line, USER, chunk, space + 1, end);
  return end - space == 2 || !memchr(space, '[', (size_t)(end - space));
}

/* "GET /index.html HTTP/1.1" between two quotes. */
static inline void take_request(struct quick_line *line, const char *chunk,
                                const char *from, const char *end, bool escaped)
{
  const char *protocol = end - 8;
  size_t method = load32(from) == load32("GET ")                     ? 3
                  : load32(from) == load32("POST") && from[4] == ' ' ? 4
                                                                     : 0;
  peri_str path = {from + method + 1, 0};
  if (method > 0 && end - from > (ptrdiff_t)method + 10 &&
      protocol[-1] == ' ' && load32(protocol) == load32("HTTP") &&
      protocol[4] == '/' && protocol[5] != ' ' && protocol[6] != ' ' &&
      protocol[7] != ' ') {
    path.len = (size_t)(protocol - 1 - path.ptr);
  } else if (!line_split_request(from, (size_t)(end - from), &path)) {
    line->len[METHOD] = line->len[PROTOCOL] = QUICK_NULL;
    set(line, PATH, chunk, from, end);
    return;
  }
  line->escaped |= escaped ? 1 << PATH | 1 << PROTOCOL : 0;
  set(line, METHOD, chunk, from, path.ptr - 1);
  set(line, PATH, chunk, path.ptr, path.ptr + path.len);
  set(line, PROTOCOL, chunk, path.ptr + path.len + 1, end);
}

/* Up to 18 digits; their end. */
static inline const char *take_digits(const char *at, const char *end,
                                      int64_t *value)
{
  const char *stop = end - at > 18 ? at + 18 : end;
  int64_t number = 0;
  for (; at < stop && number_is_digit(*at); at++) {
    number = number * 10 + (*at - '0');
  }
  *value = number;
  return at;
}

/* " 200 3593" up to `end`. */
static inline bool take_numbers(struct quick_line *line, const char *chunk,
                                const char *at, const char *end)
{
  if (end - at < 4 || *at++ != ' ') {
    return false;
  }
  const char *stop = take_digits(at, end, &line->status);
  set(line, STATUS, chunk, at, stop);
  if (stop == at || end - stop < 2 || *stop != ' ') {
    return false;
  }
  at = stop + 1;
  if (*at == '-') {
    line->len[BYTES] = QUICK_NULL;
    return at + 1 == end;
  }
  set(line, BYTES, chunk, at, end);
  return take_digits(at, end, &line->bytes) == end;
}

bool line_take_quickly(struct quick_line *line, struct last_time *last,
                       const char *chunk, const char *from, const char *end,
                       const struct quotes *quotes)
{
  const char *const *at = quotes->at;
  if (!take_start(line, last, chunk, from, at[0])) {
    return false;
  }
  line->escaped = (quotes->escaped & 2 ? 1u << REFERER : 0) |
                  (quotes->escaped & 4 ? 1u << AGENT : 0);
  take_request(line, chunk, at[0] + 1, at[1], quotes->escaped & 1);
  if (quotes->count == 2) {
    line->len[REFERER] = line->len[AGENT] = QUICK_NULL;
    return take_numbers(line, chunk, at[1] + 1, end);
  }
  set_or_dash(line, REFERER, chunk, at[2] + 1, at[3]);
  set_or_dash(line, AGENT, chunk, at[4] + 1, at[5]);
  return at[2][-1] == ' ' && take_numbers(line, chunk, at[1] + 1, at[2] - 1) &&
         at[4] - at[3] == 2 && at[3][1] == ' ' && at[5] + 1 == end;
}
