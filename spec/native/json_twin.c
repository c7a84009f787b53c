/* json_twin.c - the decoder against its slow twin, on generated records.
 *
 * Records mostly have the same keys in the same order, as real ones do; some
 * lack keys, repeat them, shuffle them, nest, bring other types, odd spacing
 * or damage.  Small documents are cut at every byte.
 */
#include "json_oracle.h"
#include "json_run.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed;

static unsigned pick(unsigned n)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

#define PICK(list) ((list)[pick(sizeof(list) / sizeof *(list))])

static const char *const keys[] = {
  "a",
  "b",
  "c",
  "status",
  "a_key_longer_than_sixteen_bytes",
  "a_key_that_is_even_longer_than_thirty_two_bytes",
  "a.b",
  "a.b.c",
  "b.c",
  "\\u0061",
  "\\\"quoted\\\"",
  "\xC3\xA9t\xC3\xA9",
  "",
  "b.",
  "a_key_that_is_even_longer_than_others"};
enum { KEYS = sizeof keys / sizeof *keys };

static const char *const scalars[] = {
  "1",
  "0",
  "-7",
  "200",
  "1234567",
  "12345678",
  "-123456789012345678",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "9007199254740993",
  "123456789012345678901234567890",
  "-0",
  "1.5",
  "-0.0",
  "5.932",
  "0.1",
  "1e5",
  "1E+2",
  "1.25e-3",
  "1e999",
  "-1e-400",
  "1.0",
  "123.4567890123456789",
  "1e22",
  "1e16",
  "10000000000000000",
  "4.9e-324",
  "true",
  "false",
  "null",
  "null",
  "\"\"",
  "\"x\"",
  "\"twelve bytes\"",
  "\"thirteen byte\"",
  "\"a text that is longer than a view can hold inline\"",
  "\"tab\\tnewline\\n\"",
  "\"\\u00e9\\ud83d\\ude00 \\/ \\\\ \\\" \\b\\f\\r\"",
  "\"\\u0000\\u001f\"",
  "\"\xE5\x87\xA6\xE7\x90\x86 \xF0\x9F\x98\x80\"",
  "\"plain text with one escape far behind: \\u0041 and more text after it\"",
  "\"2025-06-01T00:00:00Z\"",
  "\"\x7F\""};

static const char *const damages[] = {"\"",
                                      "\\",
                                      ",",
                                      "}",
                                      "]",
                                      ":",
                                      "{",
                                      "[",
                                      "\x01",
                                      "\xFF",
                                      "\xC3",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xC0\x80",
                                      "\t",
                                      "0",
                                      "-",
                                      ".",
                                      "e",
                                      "x",
                                      "\\ud800",
                                      "\\u12",
                                      "tru",
                                      " ",
                                      "\xE2\x82"};

static void add_spaces(struct mock_text *text, bool spaced)
{
  static const char *const spaces[] = {"", " ", "  ", "\t", " \r"};
  if (spaced) {
    mock_addf(text, "%s", PICK(spaces));
  }
}

static void add_object(struct mock_text *text, int depth, bool spaced);

static void add_value(struct mock_text *text, int depth, bool spaced)
{
  unsigned kind = pick(depth > 4 ? 8 : 12);
  if (kind < 8) {
    mock_addf(text, "%s", PICK(scalars));
  } else if (kind < 11) {
    add_object(text, depth + 1, spaced);
  } else {
    mock_add(text, "[", 1);
    for (unsigned i = pick(4); i > 0; i--) {
      add_spaces(text, spaced);
      add_value(text, depth + 1, spaced);
      mock_addf(text, "%s", i > 1 ? "," : "");
    }
    add_spaces(text, spaced);
    mock_add(text, "]", 1);
  }
}

static void add_member(struct mock_text *text, const char *key, int depth,
                       bool spaced)
{
  add_spaces(text, spaced);
  mock_addf(text, "\"%s\"", key);
  add_spaces(text, spaced);
  mock_add(text, ":", 1);
  add_spaces(text, spaced);
  add_value(text, depth, spaced);
  add_spaces(text, spaced);
}

static void add_object(struct mock_text *text, int depth, bool spaced)
{
  unsigned count = depth == 1 ? 6 : pick(4);
  bool shuffled = pick(4) == 0;
  mock_add(text, "{", 1);
  const char *comma = "";
  for (unsigned i = 0; i < count; i++) {
    if (pick(6) == 0) {
      continue;
    }
    mock_addf(text, "%s", comma);
    add_member(text, shuffled ? PICK(keys) : keys[i], depth, spaced);
    comma = ",";
  }
  add_spaces(text, spaced && *comma);
  mock_add(text, "}", 1);
}

/* Damages a line at one place. */
static void damage(struct mock_text *line)
{
  size_t at = pick((unsigned)line->len);
  struct mock_text damaged = {0};
  mock_add(&damaged, line->at, at);
  mock_addf(&damaged, "%s", pick(3) ? PICK(damages) : "");
  size_t skip = at + pick(3);
  if (pick(8) && skip < line->len) {
    mock_add(&damaged, line->at + skip, line->len - skip);
  }
  free(line->at);
  *line = damaged;
}

static void add_line(struct mock_text *text)
{
  struct mock_text line = {0};
  unsigned kind = pick(20);
  if (kind == 0) {
    mock_addf(&line, "%s", pick(2) ? "" : " \t");
  } else {
    add_object(&line, 1, kind < 5);
  }
  if (kind >= 16) {
    damage(&line);
  }
  if (line.len) {
    mock_add(text, line.at, line.len);
  }
  mock_addf(text, "%s\n", kind == 9 ? "\r" : "");
  free(line.at);
}

/* ------------------------------------------------------ records that are alike
 */

/* Values of one kind each. */
static const char *const alike[][4] = {
  {"1", "-20", "300", "12345678901"},
  {"1.5", "0.25", "-3.75", "2"},
  {"\"info\"", "\"a text that is longer than sixteen bytes\"", "\"\"",
   "\"\xC3\xB6 \\n \\u00e9\""},
  {"true", "false", "true", "false"},
  {"{\"x\":1,\"y\":\"z\"}", "{\"x\":null}", "{\"x\":{\"y\":[1]}}", "[1,2]"},
  {"{\"b\":1}", "{\"b\":{\"c\":2}}", "{\"b\":null,\"c\":3}", "{\"b.c\":4}"},
  {"null", "5", "null", "6"},
  {"\"one\"", "null", "\"two\"", "\"three is a longer text\""},
  {"9007199254740992", "0.5", "9007199254740993", "1"},
  {"{\"b\":1,\"c\":\"PL\"}", "{\"b\":-2,\"c\":\"\"}",
   "{\"b\":3,\"c\":\"a text, longer than twelve\"}", "{\"b\":4}"},
  {"{\"a\":{\"b\":1,\"c\":2.5},\"d\":true}",
   "{\"a\":{\"b\":20,\"c\":0.5},\"d\":false}",
   "{\"a\":{\"b\":3,\"c\":4.5},\"d\":true}",
   "{\"a\":{\"b\":3,\"c\":4.5},\"d\":[]}"},
  {"{\"b\":{\"c\":1}}", "{\"b\":{\"c\":22}}", "{\"b\":{\"c\":333}}",
   "{\"b\":{\"c\":null}}"},
  {"{\"c\":1,\"b\":{\"c\":2}}", "{\"c\":[1],\"b\":{\"c\":[2]}}",
   "{\"c\":-1,\"b\":{\"c\":null}}", "{\"c\":3}"},
  {"{\"b\":{\"c\":2}}", "{\"b\":{\"c\":22}}", "{\"b\":{\"c\":222}}",
   "{\"b\":{\"c\":2.5}}"},
  {"{\"b\":{\"c\":1}}", "{\"b\":{\"c\":2},\"b\":{\"c\":3}}",
   "{\"b\":{\"c\":4},\"b\":5}", "{\"b.c\":6,\"b\":{\"c\":7}}"},
  {"0", "7", "1234567", "12345678"},
  {"0.5", "1234567.1234567", "0.0", "12345678.5"},
  {"\"twelve bytes\"", "\"thirteen byte\"",
   "\"just as long as one load is, -1\"",
   "\"just as long as one load of AVX2\""},
  {"null", "null", "null", "null"},
  {"{}", "{}", "[]", "[ 1 ]"}};

enum { KINDS = sizeof alike / sizeof *alike };

/* What a document's records have in common. */
struct form {
  unsigned count, kinds[6];
  unsigned first, step;            /* of `keys` */
  const char *comma, *colon, *end; /* of a line */
  unsigned odds;                   /* one record in so many is odd */
  unsigned twice;                  /* this key is there twice in the others */
};

static void add_alike(struct mock_text *text, const struct form *form)
{
  bool odd = pick(form->odds) == 0;
  unsigned skip = odd ? pick(form->count * 2) : form->count;
  unsigned twice = odd ? pick(form->count * 3) : form->twice;
  mock_add(text, "{", 1);
  const char *comma = "";
  for (unsigned i = 0; i < form->count; i++) {
    if (i == skip) {
      continue;
    }
    unsigned kind = odd && pick(5) == 0 ? pick(KINDS) : form->kinds[i];
    const char *key = odd && pick(12) == 0
                        ? PICK(keys)
                        : keys[(form->first + i * form->step) % KEYS];
    for (unsigned n = i == twice ? 2 : 1; n > 0; n--) {
      mock_addf(text, "%s\"%s\"%s%s", comma, key, form->colon,
                alike[kind][pick(4)]);
      comma = form->comma;
    }
  }
  mock_addf(text, "}%s", form->end);
}

/* One record of a form whose keys come in any order, or lack, or with others in
 * between; its values are of the same kind, as a rule. */
static void add_loose(struct mock_text *text, const struct form *form,
                      unsigned how)
{
  unsigned order[6], more = how == 3 ? pick(form->count + 1) : 6;
  for (unsigned i = 0; i < form->count; i++) {
    unsigned k = how == 1 ? pick(i + 1) : i;
    order[i] = order[k];
    order[k] = i;
  }
  const char *comma = "";
  mock_add(text, "{", 1);
  for (unsigned i = 0; i < form->count; i++) {
    if (i == more) {
      mock_addf(text, "%s\"%s\"%s%s", comma, PICK(keys), form->colon,
                alike[pick(KINDS)][pick(4)]);
      comma = form->comma;
    }
    if (how == 2 && pick(3) == 0) {
      continue;
    }
    unsigned kind = form->kinds[order[i]];
    kind = pick(form->odds * 8) == 0 ? pick(KINDS) : kind;
    mock_addf(text, "%s\"%s\"%s%s", comma,
              keys[(form->first + order[i] * form->step) % KEYS], form->colon,
              alike[kind][pick(4)]);
    comma = form->comma;
  }
  mock_addf(text, "}%s", form->end);
}

static struct form make_form(void)
{
  static const unsigned steps[] = {2, 4, 7, 11}; /* none divides KEYS */
  bool spaced = pick(3) == 0;
  struct form form = {.count = 1 + pick(6),
                      .first = pick(2) ? pick(KEYS) : 0,
                      .step = pick(2) ? PICK(steps) : 1,
                      .comma = spaced ? ", " : ",",
                      .colon = spaced ? ": " : ":",
                      .end = pick(5) ? "\n" : "\r\n",
                      .odds = 2 + pick(30),
                      .twice = pick(8) ? 6 : pick(6)};
  for (unsigned i = 0; i < form.count; i++) {
    form.kinds[i] = pick(KINDS);
  }
  return form;
}

static void add_form(struct mock_text *text, unsigned lines)
{
  struct form form = make_form();
  for (; lines > 0; lines--) {
    struct mock_text line = {0};
    add_alike(&line, &form);
    if (pick(form.odds * 4) == 0) {
      damage(&line);
    }
    mock_add(text, line.at, line.len);
    free(line.at);
  }
}

/* Enough of them that they are read by their keys; how: as of add_loose(), 0
 * and above 3 for now this, now that. */
static void add_loose_form(struct mock_text *text, unsigned how, unsigned lines)
{
  struct form form = make_form();
  form.count = 3 + form.count % 4;
  for (unsigned i = 0; i < form.count; i++) {
    form.kinds[i] = pick(KINDS);
  }
  for (; lines > 0; lines--) {
    struct mock_text line = {0};
    add_loose(&line, &form, how == 0 || how > 3 ? pick(4) : how);
    if (pick(form.odds * 10) == 0) {
      damage(&line);
    }
    mock_add(text, line.at, line.len);
    free(line.at);
  }
}

static const char *const paths[] = {
  "b",        "a.b", "a",     "a.b.c", "b.c", "a.a", "status",
  "c.status", "b.",  "zz.zz", "c.a.b", "a.c", "b.b"};
enum { PATHS = sizeof paths / sizeof *paths };

static char *without_reasons(const char *text)
{
  struct mock_text plain = {0};
  mock_add(&plain, "", 0);
  while (*text) {
    size_t len = strcspn(text, "\n");
    size_t kept = strncmp(text, "reject", 6) == 0 ? strcspn(text, ":") : len;
    mock_add(&plain, text, kept);
    mock_add(&plain, "\n", 1);
    text += len + (text[len] != '\0');
  }
  return plain.at;
}

/* One document: uncut against the twin, then cut against uncut. */
static void compare(const peri_plugin *plugin, const struct mock_text *text,
                    size_t step, const char *const *some, int count)
{
  char *expected = oracle_rows(text->at, text->len, some, count);
  char *whole = json_transcode(plugin, text->at, text->len, text->len, 1, some,
                               count, true);
  char *plain = without_reasons(whole);
  MOCK_SAME_OF(plain, expected, text->len < 4000 ? text->at : "");
  for (size_t cut = 1; cut <= text->len; cut += step) {
    char *parts = json_transcode(plugin, text->at, text->len, cut,
                                 cut % 3 ? text->len : 60, some, count, true);
    /* Rejects come after all rows, so the order is the same. */
    MOCK_SAME_OF(parts, whole, text->len < 4000 ? text->at : "");
    free(parts);
  }
  free(plain);
  free(whole);
  free(expected);
}

/* Strings with this byte at any place, in records that are alike. */
static void add_byte(struct mock_text *text, char byte)
{
  for (int i = 0; i < 70; i++) {
    mock_addf(text, "{\"a\":\"%.*s", i,
              "a text that is longer than sixteen and thirty-two bytes, and "
              "than sixty-four");
    mock_add(text, &byte, i % 3 == 0);
    mock_addf(text, "a\",\"b\":%d}\n", i);
  }
}

/* Records that lack keys and objects, and ones with a bracket too few or too
 * many, which only those show that were read before.  ordered: keys have one
 * order */
static void add_lacking(struct mock_text *text, bool ordered)
{
  static const char *const good[] = {
    "{\"a\":1,\"c\":{\"status\":2,\"d\":{\"e\":3,\"f\":4}},\"b\":5,\"g\":6}",
    "{\"a\":1,\"b\":5,\"g\":6}",
    "{\"a\":1,\"c\":{\"status\":2},\"b\":5,\"g\":6}",
    "{\"a\":1,\"c\":{\"d\":{\"e\":3,\"f\":4}},\"b\":5}",
    "{\"a\":1,\"c\":{\"status\":2,\"d\":{\"f\":4}},\"b\":5,\"g\":6}",
    "{\"c\":{\"status\":2,\"d\":{\"e\":3,\"f\":4}},\"g\":6}",
    "{\"a\":1,\"c\":{\"status\":2,\"d\":{\"e\":3}}}",
    "{\"b\":5}",
    "{}",
    "{\"a\":1,\"x\":{\"c\":[1]},\"c\":{\"status\":2},\"y\":7,\"b\":5}",
    "{\"a\":1,\"status\":8,\"b\":5,\"f\":9}"};
  unsigned n = sizeof good / sizeof *good - (ordered ? 2 : 0);
  static const char *const bad[] = {
    "}",
    ",\"b\":5}",
    ",\"a\":1,\"b\":5}",
    "{\"a\":1},\"b\":5}",
    "{\"a\":1,\"b\":5}}",
    "{\"a\":1,\"d\":{\"e\":3}},\"b\":5}",
    "{\"a\":1,\"c\":{\"status\":2,\"b\":5,\"g\":6}",
    "{\"a\":1,\"c\":{\"status\":2,\"d\":{\"e\":3,\"f\":4},\"b\":5,\"g\":6}",
    "{\"a\":1,\"x\":{\"c\":[1},\"b\":5}"};
  for (int i = 0; i < 400; i++) {
    bool full = pick(3) > 0;
    mock_addf(text, "%s\n",
              full            ? good[0]
              : pick(20) == 0 ? PICK(bad)
                              : good[pick(n)]);
  }
}

void json_check_twin(const peri_plugin *plugin)
{
  int kept = 0;
  for (unsigned round = 0; round < 300; round++) {
    struct mock_text text = {0};
    seed = round + 1000;
    add_form(&text, 1 + pick(round % 50 ? 40 : 2000));
    compare(plugin, &text, text.len / 5 + 1, NULL, 0);
    compare(plugin, &text, text.len / 5 + 1, paths, PATHS);
    kept += json_compare_kept(plugin, text.at, text.len);
    free(text.at);
  }
  MOCK_CHECK(kept > 500, "records were kept %d times", kept);
  kept = 0;
  for (unsigned round = 0; round < 30; round++) {
    struct mock_text text = {0};
    seed = round;
    add_lacking(&text, false);
    compare(plugin, &text, text.len / 3, NULL, 0);
    compare(plugin, &text, text.len / 3, paths, PATHS);
    text.len = 0;
    add_lacking(&text, true);
    kept += json_compare_kept(plugin, text.at, text.len);
    free(text.at);
  }
  MOCK_CHECK(kept > 60, "records that lack some were kept %d times", kept);
  for (unsigned round = 0; round < 60; round++) {
    struct mock_text text = {0};
    seed = round;
    add_loose_form(&text, round % 5, 300 + pick(300));
    compare(plugin, &text, text.len / 2 + 1, NULL, 0);
    compare(plugin, &text, text.len / 2 + 1, paths, PATHS);
    free(text.at);
  }
  for (int byte = 0; byte < 256; byte++) {
    struct mock_text text = {0};
    add_byte(&text, (char)byte);
    compare(plugin, &text, text.len / 2, NULL, 0);
    free(text.at);
  }
  for (unsigned round = 0; round < 200; round++) {
    struct mock_text text = {0};
    seed = round + 1;
    bool large = round % 100 == 50;
    for (unsigned lines = large ? 1000 : 1 + pick(6); lines > 0; lines--) {
      add_line(&text);
    }
    if (pick(2)) {
      text.at[--text.len] = '\0'; /* no newline at the end */
    }
    size_t step = large ? text.len / 3 : round % 10 == 0 ? 1 : 37;
    compare(plugin, &text, step, NULL, 0);
    compare(plugin, &text, step, paths, PATHS);
    json_compare_kept(plugin, text.at, text.len);
    free(text.at);
  }
}
