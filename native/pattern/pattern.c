/* pattern.c - decodes lines with a regular expression whose named groups are
 * the columns.
 *
 * PCRE2 with its JIT.  Backtracking is bounded by a match limit, so that a
 * pattern that explodes on some line gives a reject and not a hang.
 *
 * PERI_STATELESS: a chunk decodes to what it says; the state is memory to match
 * in.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "scan.h"
#include "text_column.h"
#include <pcre2.h>

#define JIT_STACK_START (32 * 1024)
#define JIT_STACK_MAX (4 * 1024 * 1024)

#define PATTERN(P)                                                             \
  P(str, regex, required,                                                      \
    "The regular expression (PCRE2). Its named groups, (?<name>...), are the " \
    "columns.")                                                                \
  P(i64, match_limit, 1000000,                                                 \
    "Give a line up, as malformed, after about so many steps of "              \
    "backtracking.",                                                           \
    1..4294967295)
PERI_PARAMS(pattern_params, PATTERN)

/* A column: the groups of that name; more than one needs (?J) in the regex. */
struct group {
  peri_str name;     /* borrowed from `code` */
  uint32_t *numbers; /* owned */
  uint32_t count;
};

struct pattern_state {
  pcre2_code *code;
  pcre2_match_data *match;
  pcre2_match_context *limits;
  pcre2_jit_stack *jit_stack;  /* NULL: the JIT cannot run here */
  struct group *groups;        /* owned, in the order of the regex */
  struct text_column *columns; /* owned, of `groups` */
  uint32_t group_count;
};
typedef struct pattern_state pattern_state;
PERI_STATE(pattern_state);

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory for the pattern");
}

/* ----------------------------------------------------------- compile the regex
 */

static peri_status compile(peri_cx *cx, peri_str regex, pcre2_code **code)
{
  int error;
  PCRE2_SIZE at;
  *code = pcre2_compile((PCRE2_SPTR)regex.ptr, regex.len,
                        PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
  if (*code) {
    return PERI_OK;
  }
  char why[200], message[300];
  pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
  snprintf(message, sizeof message, "parameter 'regex': %s at byte %zu", why,
           (size_t)at + 1);
  return peri_fail(cx, PERI_EINVAL, message);
}

static peri_str name_of_entry(PCRE2_SPTR entry)
{
  return (peri_str){(const char *)entry + 2, strlen((const char *)entry + 2)};
}

/* Adds the group of one entry of PCRE2's table, which is sorted by name. */
static bool add_entry(peri_cx *cx, pattern_state *st, PCRE2_SPTR entry)
{
  uint32_t number = (uint32_t)entry[0] << 8 | entry[1];
  peri_str name = name_of_entry(entry);
  struct group *group = st->groups + st->group_count - 1;
  if (st->group_count == 0 || !peri_str_eq(group->name, name)) {
    *++group = (struct group){.name = name};
    st->group_count++;
  }
  uint32_t *numbers =
    cx->sv->realloc(cx, group->numbers, (group->count + 1) * sizeof *numbers);
  if (!numbers) {
    return false;
  }
  group->numbers = numbers;
  numbers[group->count++] = number;
  return true;
}

static void sort_groups(struct group *groups, uint32_t count)
{
  for (uint32_t i = 1; i < count; i++) {
    struct group group = groups[i];
    uint32_t to = i;
    for (; to > 0 && groups[to - 1].numbers[0] > group.numbers[0]; to--) {
      groups[to] = groups[to - 1];
    }
    groups[to] = group;
  }
}

/* Fills `groups` from `code`. */
static peri_status find_groups(peri_cx *cx, pattern_state *st)
{
  uint32_t count = 0, width = 0;
  PCRE2_SPTR table = NULL;
  pcre2_pattern_info(st->code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(st->code, PCRE2_INFO_NAMEENTRYSIZE, &width);
  pcre2_pattern_info(st->code, PCRE2_INFO_NAMETABLE, &table);
  if (count == 0) {
    return peri_fail(cx, PERI_EINVAL,
                     "parameter 'regex': it has no named group, such as "
                     "(?<name>...), and so gives no column");
  }
  st->groups = cx->sv->realloc(cx, NULL, count * sizeof *st->groups);
  if (!st->groups) {
    return no_memory(cx);
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!add_entry(cx, st, table + i * width)) {
      return no_memory(cx);
    }
  }
  sort_groups(st->groups, st->group_count);
  return PERI_OK;
}

/* What matching needs besides the regex. */
static peri_status prepare(peri_cx *cx, const pattern_params *params,
                           pattern_state *st)
{
  st->match = pcre2_match_data_create_from_pattern(st->code, NULL);
  st->limits = pcre2_match_context_create(NULL);
  st->columns =
    cx->sv->realloc(cx, NULL, st->group_count * sizeof *st->columns);
  if (!st->match || !st->limits || !st->columns) {
    return no_memory(cx);
  }
  pcre2_set_match_limit(st->limits, (uint32_t)params->match_limit);
  size_t jit_size = 0;
  pcre2_jit_compile(st->code, PCRE2_JIT_COMPLETE);
  pcre2_pattern_info(st->code, PCRE2_INFO_JITSIZE, &jit_size);
  if (jit_size > 0) {
    st->jit_stack =
      pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
  }
  if (st->jit_stack) {
    pcre2_jit_stack_assign(st->limits, NULL, st->jit_stack);
  } else {
    peri_log(cx, PERI_WARN,
             "pattern: no JIT on this machine, matching is slow");
  }
  return PERI_OK;
}

/* Releases everything; an empty state is fine. */
static void state_fini(peri_cx *cx, pattern_state *st)
{
  for (uint32_t i = 0; i < st->group_count; i++) {
    cx->sv->realloc(cx, st->groups[i].numbers, 0);
  }
  cx->sv->realloc(cx, st->groups, 0);
  cx->sv->realloc(cx, st->columns, 0);
  pcre2_match_data_free(st->match);
  pcre2_jit_stack_free(st->jit_stack);
  pcre2_match_context_free(st->limits);
  pcre2_code_free(st->code);
  *st = (pattern_state){0};
}

/* ------------------------------------------------------------------- a line
 */

/* `text` is UTF-8. */
static int match_line(pattern_state *st, const char *text, size_t len)
{
  if (st->jit_stack) {
    return pcre2_jit_match(st->code, (PCRE2_SPTR)text, len, 0, 0, st->match,
                           st->limits);
  }
  return pcre2_match(st->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_UTF_CHECK,
                     st->match, st->limits);
}

static const char *why_not(int result, char *room, size_t size)
{
  switch (result) {
  case PCRE2_ERROR_NOMATCH:
    return "line does not match the pattern";
  case PCRE2_ERROR_MATCHLIMIT:
    return "pattern gave up: match limit";
  case PCRE2_ERROR_JIT_STACKLIMIT:
  case PCRE2_ERROR_DEPTHLIMIT:
  case PCRE2_ERROR_HEAPLIMIT:
    return "pattern gave up: memory limit";
  default:
    pcre2_get_error_message(result, (PCRE2_UCHAR *)room, size);
    return room;
  }
}

/* The text of the first group of that name that took part in the match; its
 * `ptr` is NULL when none did. */
static peri_str group_text(const struct group *group, const char *text,
                           const PCRE2_SIZE *ends)
{
  for (uint32_t i = 0; i < group->count; i++) {
    const PCRE2_SIZE *at = ends + 2 * group->numbers[i];
    if (at[0] != PCRE2_UNSET) {
      /* \K in a lookahead can put the end before the start. */
      return (peri_str){text + at[0], at[1] > at[0] ? at[1] - at[0] : 0};
    }
  }
  return (peri_str){NULL, 0};
}

/* Stores what a group took.  A repaired line lies in the heap, and so its
 * values are copied. */
static bool put_value(struct text_batch *batch, struct text_column *column,
                      int64_t row, peri_str value, bool repaired)
{
  if (!value.ptr) {
    text_put_null(batch, column, row);
    return true;
  }
  if (!repaired) {
    return text_put(batch, column, row, value.ptr, value.len);
  }
  char *copy = text_room(batch, value.len * 4);
  if (!copy) {
    return true;
  }
  memcpy(copy, value.ptr, value.len);
  return text_put_made(batch, column, row, value.len);
}

static bool put_row(struct text_batch *batch, pattern_state *st, int64_t row,
                    peri_str line)
{
  char room[200];
  peri_str text = line;
  bool repaired = !batch->utf8 && !utf8_valid(line.ptr, line.len);
  if (repaired) {
    char *to = text_room(batch, line.len * 3);
    if (!to) {
      return false;
    }
    text = (peri_str){to, utf8_repair(to, line.ptr, line.len)};
    batch->at += text.len;
  }
  int result = match_line(st, text.ptr, text.len);
  if (result < 0) {
    text_reject(batch, line.ptr, line.len, "%s",
                why_not(result, room, sizeof room));
    return false;
  }
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(st->match);
  for (uint32_t i = 0; i < st->group_count; i++) {
    struct text_column *column = &st->columns[i];
    peri_str value = group_text(&st->groups[i], text.ptr, ends);
    if (column->wanted && !put_value(batch, column, row, value, repaired)) {
      text_reject_value(batch, column, line.ptr, line.len, value.ptr,
                        value.len);
      return false;
    }
  }
  return true;
}

/* ------------------------------------------------------------------- the hooks
 */

PERI_DECODER(pattern, PERI_STATELESS, pattern_params, pattern_state,
             "Lines that a regular expression with named groups takes apart. "
             "Columns are str unless `types` says otherwise; a group that took "
             "no part in the match is null, and a line that does not match is "
             "malformed. The regex may match anywhere in the line: ^ and $ "
             "fix it. A time may be RFC 3339 or look like "
             "\"2025-07-29 17:41:44,747\", and is UTC without a zone. Bytes "
             "that are not UTF-8 become U+FFFD before the match.");

PERI_SCHEMA(pattern)
{
  pattern_state st = {0};
  peri_status status = compile(cx, params->regex, &st.code);
  status = status == PERI_OK ? find_groups(cx, &st) : status;
  for (uint32_t i = 0; status == PERI_OK && i < st.group_count; i++) {
    peri_str name = st.groups[i].name;
    if (cx->sv->out_column(out, name.ptr, name.len, PERI_T_STR) < 0) {
      status = no_memory(cx);
    }
  }
  state_fini(cx, &st);
  return status;
}

PERI_OPEN(pattern)
{
  peri_status status = compile(cx, params->regex, &st->code);
  status = status == PERI_OK ? find_groups(cx, st) : status;
  status = status == PERI_OK ? prepare(cx, params, st) : status;
  if (status != PERI_OK) {
    state_fini(cx, st);
  }
  return status;
}

PERI_CLOSE(pattern)
{
  state_fini(cx, st);
}

PERI_SPLIT(pattern)
{
  return (int64_t)scan_whole_lines(chunk->bytes, chunk->len,
                                   chunk->flags & PERI_CHUNK_LAST);
}

PERI_DECODE(pattern)
{
  struct text_batch batch;
  int64_t rows = 0;
  text_batch_init(&batch, cx, chunk, out);
  int64_t lines = text_batch_lines(&batch);
  for (uint32_t i = 0; i < st->group_count; i++) {
    text_column_want(&st->columns[i], chunk, st->groups[i].name, PERI_T_STR);
    text_column_open(&batch, &st->columns[i], lines);
  }
  const char *at = text_batch_start(&batch);
  const char *end = chunk->bytes + chunk->len;
  while (at < end && batch.status == PERI_OK) {
    if (peri_stopped(cx)) {
      return PERI_ECANCEL;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline : end;
    size_t len = (size_t)(stop - at);
    len -= len > 0 && at[len - 1] == '\r';
    rows += put_row(&batch, st, rows, (peri_str){at, len});
    at = stop + 1;
  }
  return text_batch_end(&batch, rows);
}

PERI_PLUGIN("pattern", "0.1.0", "perigee", "MIT",
            "Decoder of lines by a regular expression with named groups.");
