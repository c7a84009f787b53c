/* json_oracle.c - NDJSON read the slow and simple way, for comparison. */
#include "json_oracle.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NOTHING, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT };

struct member;
struct node {
  enum kind kind;
  const char *raw; /* in the input */
  size_t raw_len;
  struct mock_text text; /* STRING: unescaped */
  struct member *members;
  int count;
};
struct member {
  struct mock_text key;
  struct node value;
};

struct parser {
  const char *at, *end;
  bool bad;
};

static char peek(struct parser *p)
{
  return p->at < p->end ? *p->at : '\0';
}

static bool take(struct parser *p, const char *word)
{
  size_t len = strlen(word);
  if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0) {
    return false;
  }
  p->at += len;
  return true;
}

static void spaces(struct parser *p)
{
  while (take(p, " ") || take(p, "\t") || take(p, "\r")) {
  }
}

static void add_code_point(struct mock_text *text, long c)
{
  char b[4];
  if (c < 0x80) {
    b[0] = (char)c;
    mock_add(text, b, 1);
  } else if (c < 0x800) {
    b[0] = (char)(0xC0 + c / 64);
    b[1] = (char)(0x80 + c % 64);
    mock_add(text, b, 2);
  } else if (c < 0x10000) {
    b[0] = (char)(0xE0 + c / 4096);
    b[1] = (char)(0x80 + c / 64 % 64);
    b[2] = (char)(0x80 + c % 64);
    mock_add(text, b, 3);
  } else {
    b[0] = (char)(0xF0 + c / 262144);
    b[1] = (char)(0x80 + c / 4096 % 64);
    b[2] = (char)(0x80 + c / 64 % 64);
    b[3] = (char)(0x80 + c % 64);
    mock_add(text, b, 4);
  }
}

static long parse_hex(struct parser *p)
{
  long value = 0;
  for (int i = 0; i < 4; i++) {
    const char *digits = "0123456789abcdefABCDEF";
    const char *d = peek(p) ? strchr(digits, peek(p)) : NULL;
    if (!d) {
      p->bad = true;
      return 0;
    }
    long digit = d - digits;
    value = value * 16 + (digit > 15 ? digit - 6 : digit);
    p->at++;
  }
  return value;
}

static void parse_escape(struct parser *p, struct mock_text *text)
{
  const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t";
  char c = peek(p);
  const char *found = c ? strchr(from, c) : NULL;
  if (found) {
    mock_add(text, to + (found - from), 1);
    p->at++;
    return;
  }
  if (!take(p, "u")) {
    p->bad = true;
    return;
  }
  long code = parse_hex(p);
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (!take(p, "\\u")) {
      p->bad = true;
      return;
    }
    long low = parse_hex(p);
    p->bad |= low < 0xDC00 || low > 0xDFFF;
    code = 0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    p->bad = true;
  }
  if (!p->bad) {
    add_code_point(text, code);
  }
}

static void parse_string(struct parser *p, struct mock_text *text)
{
  mock_add(text, "", 0);
  p->bad |= !take(p, "\"");
  while (!p->bad && !take(p, "\"")) {
    if (p->at == p->end || (unsigned char)*p->at < 32) {
      p->bad = true;
    } else if (take(p, "\\")) {
      parse_escape(p, text);
    } else {
      mock_add(text, p->at++, 1);
    }
  }
}

static int parse_digits(struct parser *p)
{
  int count = 0;
  while (peek(p) >= '0' && peek(p) <= '9') {
    p->at++;
    count++;
  }
  return count;
}

static void parse_number(struct parser *p)
{
  take(p, "-");
  const char *first = p->at;
  int whole = parse_digits(p);
  p->bad |= whole == 0 || (whole > 1 && *first == '0');
  if (take(p, ".")) {
    p->bad |= parse_digits(p) == 0;
  }
  if (take(p, "e") || take(p, "E")) {
    if (!take(p, "+")) {
      take(p, "-");
    }
    p->bad |= parse_digits(p) == 0;
  }
}

static void parse_value(struct parser *p, struct node *node, int depth);

/* Members of an object, or elements of an array (members without a key). */
static void parse_members(struct parser *p, struct node *node, int depth)
{
  const char *close = node->kind == OBJECT ? "}" : "]";
  p->bad |= depth > 256;
  spaces(p);
  if (take(p, close)) {
    return;
  }
  while (!p->bad) {
    node->members =
      realloc(node->members, (size_t)(node->count + 1) * sizeof *node->members);
    struct member *member = &node->members[node->count++];
    memset(member, 0, sizeof *member);
    spaces(p);
    if (node->kind == OBJECT) {
      parse_string(p, &member->key);
      spaces(p);
      p->bad |= !take(p, ":");
      spaces(p);
    }
    if (!p->bad) {
      parse_value(p, &member->value, depth + 1);
    }
    spaces(p);
    if (p->bad || take(p, close)) {
      return;
    }
    p->bad |= !take(p, ",");
  }
}

static void parse_value(struct parser *p, struct node *node, int depth)
{
  const char *from = p->at;
  char c = peek(p);
  if (c == '"') {
    node->kind = STRING;
    parse_string(p, &node->text);
  } else if (c == '{' || c == '[') {
    node->kind = c == '{' ? OBJECT : ARRAY;
    p->at++;
    parse_members(p, node, depth);
  } else if (take(p, "true") || take(p, "false")) {
    node->kind = BOOLEAN;
  } else if (!take(p, "null")) {
    node->kind = NUMBER;
    parse_number(p);
  }
  node->raw = from;
  node->raw_len = (size_t)(p->at - from);
}

static void free_node(struct node *node)
{
  for (int i = 0; i < node->count; i++) {
    free(node->members[i].key.at);
    free_node(&node->members[i].value);
  }
  free(node->members);
  free(node->text.at);
}

/* By code point: decodes, and refuses what encodes otherwise. */
static bool is_utf8(const char *bytes, size_t len)
{
  for (size_t i = 0; i < len;) {
    unsigned char b = (unsigned char)bytes[i];
    int more = b < 0x80             ? 0
               : (b & 0xE0) == 0xC0 ? 1
               : (b & 0xF0) == 0xE0 ? 2
               : (b & 0xF8) == 0xF0 ? 3
                                    : -1;
    if (more < 0 || i + (size_t)more >= len) {
      return false;
    }
    long code = more == 0 ? b : b & (0x3F >> more);
    for (int k = 1; k <= more; k++) {
      unsigned char c = (unsigned char)bytes[i + (size_t)k];
      if ((c & 0xC0) != 0x80) {
        return false;
      }
      code = code * 64 + (c & 0x3F);
    }
    static const long least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10FFFF ||
        (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    i += (size_t)more + 1;
  }
  return true;
}

static bool parse_record(const char *line, size_t len, struct node *node)
{
  struct parser p = {line, line + len, false};
  memset(node, 0, sizeof *node);
  spaces(&p);
  if (!is_utf8(line, len) || peek(&p) != '{') {
    return false;
  }
  parse_value(&p, node, 1);
  spaces(&p);
  return !p.bad && p.at == p.end;
}

/* -------------------------------------------------------------------- printing
 */

void oracle_print_string(struct mock_text *text, const char *bytes, size_t len)
{
  mock_add(text, "\"", 1);
  for (size_t i = 0; i < len; i++) {
    const char *from = "\b\f\n\r\t\"\\", *to = "bfnrt\"\\";
    const char *found = bytes[i] ? strchr(from, bytes[i]) : NULL;
    if (found) {
      mock_addf(text, "\\%c", to[found - from]);
    } else if ((unsigned char)bytes[i] < 32) {
      mock_addf(text, "\\u%04x", bytes[i]);
    } else {
      mock_add(text, bytes + i, 1);
    }
  }
  mock_add(text, "\"", 1);
}

void oracle_print_double(struct mock_text *text, double value)
{
  if (value == 0 && signbit(value)) {
    mock_addf(text, "-0.0");
    return;
  }
  if (value == floor(value) && value >= -9223372036854775808.0 &&
      value < 9223372036854775808.0) {
    mock_addf(text, "%.0f", value);
    return;
  }
  char e[40];
  for (int digits = 0; digits < 17; digits++) {
    snprintf(e, sizeof e, "%.*e", digits, value);
    if (strtod(e, NULL) == value) {
      break;
    }
  }
  char *mark = strchr(e, 'e');
  int exponent = atoi(mark + 1), decimals = (int)(mark - e) - (e[0] == '-') - 1;
  decimals -= decimals > 0;
  if (exponent >= -6 && exponent < decimals) {
    mock_addf(text, "%.*f", decimals - exponent, value);
  } else {
    mock_addf(text, "%.*se%d", (int)(mark - e), e, exponent);
  }
}

static void print_number(struct mock_text *text, const char *raw, size_t len)
{
  char *copy = strndup(raw, len), *end;
  if (!strpbrk(copy, ".eE")) {
    long long value = strtoll(copy, &end, 10);
    char again[32];
    snprintf(again, sizeof again, "%lld", value);
    mock_addf(text, "%s", strcmp(copy, "-0") == 0 ? "0" : copy);
  } else if (isinf(strtod(copy, NULL))) {
    mock_addf(text, "%s", copy);
  } else {
    oracle_print_double(text, strtod(copy, NULL));
  }
  free(copy);
}

static void print_value(struct mock_text *text, const struct node *node)
{
  if (node->kind == STRING) {
    oracle_print_string(text, node->text.at, node->text.len);
  } else if (node->kind == NUMBER) {
    print_number(text, node->raw, node->raw_len);
  } else {
    mock_add(text, node->raw, node->raw_len);
  }
}

/* --------------------------------------------------------------------- columns
 */

struct columns {
  struct mock_text *names;
  int count;
};

static bool is_called(const struct mock_text *name, const char *bytes,
                      size_t len)
{
  return name->len == len && memcmp(name->at, bytes, len) == 0;
}

static void see(struct columns *columns, const char *name, size_t len)
{
  for (int i = 0; i < columns->count; i++) {
    if (is_called(&columns->names[i], name, len)) {
      return;
    }
  }
  columns->names = realloc(columns->names, (size_t)(columns->count + 1) *
                                             sizeof *columns->names);
  columns->names[columns->count] = (struct mock_text){0};
  mock_add(&columns->names[columns->count++], name, len);
}

/* The last member of that name, or NULL. */
static const struct node *member_of(const struct node *object, const char *name,
                                    size_t len)
{
  const struct node *found = NULL;
  for (int i = 0; i < object->count; i++) {
    if (is_called(&object->members[i].key, name, len)) {
      found = &object->members[i].value;
    }
  }
  return found;
}

struct found {
  const struct node *node;
  int depth;
};

/* The fewest keys win; of as many, what stands last. */
static void find(const struct node *object, const char *path, size_t len,
                 int depth, struct found *best)
{
  const struct node *node = member_of(object, path, len);
  if (node && (!best->node || depth < best->depth ||
               (depth == best->depth && node->raw > best->node->raw))) {
    *best = (struct found){node, depth};
  }
  for (size_t i = 0; i < len; i++) {
    const struct node *child =
      path[i] == '.' ? member_of(object, path, i) : NULL;
    if (child && child->kind == OBJECT) {
      find(child, path + i + 1, len - i - 1, depth + 1, best);
    }
  }
}

static void print_record(struct mock_text *text, const struct node *record,
                         const struct columns *columns)
{
  const char *comma = "";
  mock_add(text, "{", 1);
  for (int i = 0; i < columns->count; i++) {
    const struct mock_text *name = &columns->names[i];
    struct found found = {0};
    find(record, name->at, name->len, 1, &found);
    if (found.node && found.node->kind != NOTHING) {
      mock_addf(text, "%s", comma);
      oracle_print_string(text, name->at, name->len);
      mock_add(text, ":", 1);
      print_value(text, found.node);
      comma = ",";
    }
  }
  mock_add(text, "}\n", 2);
}

/* All columns: no paths, only keys of the record. */
static void print_keys(struct mock_text *text, const struct node *record,
                       struct columns *columns)
{
  const char *comma = "";
  for (int i = 0; i < record->count; i++) {
    see(columns, record->members[i].key.at, record->members[i].key.len);
  }
  mock_add(text, "{", 1);
  for (int i = 0; i < columns->count; i++) {
    const struct mock_text *name = &columns->names[i];
    const struct node *node = member_of(record, name->at, name->len);
    if (node && node->kind != NOTHING) {
      mock_addf(text, "%s", comma);
      oracle_print_string(text, name->at, name->len);
      mock_add(text, ":", 1);
      print_value(text, node);
      comma = ",";
    }
  }
  mock_add(text, "}\n", 2);
}

static bool is_blank(const char *line, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (!strchr(" \t\r", line[i]) || line[i] == '\0') {
      return false;
    }
  }
  return true;
}

char *oracle_rows(const char *bytes, size_t len, const char *const *paths,
                  int path_count)
{
  struct mock_text rows = {0}, rejects = {0};
  struct columns columns = {0};
  for (int i = 0; i < path_count; i++) {
    see(&columns, paths[i], strlen(paths[i]));
  }
  mock_add(&rows, "", 0);
  for (size_t at = 0; at < len;) {
    const char *newline = memchr(bytes + at, '\n', len - at);
    size_t size = newline ? (size_t)(newline - bytes) - at : len - at;
    struct node record = {0};
    if (is_blank(bytes + at, size)) {
    } else if (!parse_record(bytes + at, size, &record)) {
      mock_addf(&rejects, "reject at %zu\n", at);
    } else if (paths) {
      print_record(&rows, &record, &columns);
    } else {
      print_keys(&rows, &record, &columns);
    }
    free_node(&record);
    at += size + 1;
  }
  if (rejects.at) {
    mock_add(&rows, rejects.at, rejects.len);
  }
  for (int i = 0; i < columns.count; i++) {
    free(columns.names[i].at);
  }
  free(columns.names);
  free(rejects.at);
  return rows.at;
}
