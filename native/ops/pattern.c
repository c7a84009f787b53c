/* pattern.c - reads Lua patterns: the meaning of Lua 5.4's string library,
 * where letters, digits and so on are those of ASCII. */
#include "pattern.h"
#include "number.h"

/* Ranges of bytes, two characters each. */
static const char *class_ranges(char class)
{
  switch (class | 0x20) {
  case 'a':
    return "AZaz";
  case 'd':
    return "09";
  case 'g':
    return "!~";
  case 'l':
    return "az";
  case 'p':
    return "!/:@[`{~";
  case 's':
    return "\t\r  ";
  case 'u':
    return "AZ";
  case 'w':
    return "09AZaz";
  case 'x':
    return "09AFaf";
  default:
    return NULL;
  }
}

static bool is_upper(char c)
{
  return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
  return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_class(char c)
{
  return is_letter(c) && (class_ranges(c) || strchr("cCzZ", c));
}

static void add_byte(struct set *set, char c)
{
  uint8_t byte = (uint8_t)c;
  set->words[byte >> 6] |= (uint64_t)1 << (byte & 63);
}

static void add_range(struct set *set, uint8_t low, uint8_t high)
{
  for (unsigned byte = low; byte <= high; byte++) {
    add_byte(set, (char)byte);
  }
}

/* What "%c" stands for; a character that names no class stands for itself. */
static void add_class(struct set *set, char c)
{
  struct set class = {{0}};
  const char *ranges = class_ranges(c);
  if (!is_class(c)) {
    add_byte(set, c);
    return;
  }
  if ((c | 0x20) == 'c') {
    add_range(&class, 0, 31);
    add_byte(&class, 127);
  } else if ((c | 0x20) == 'z') {
    add_byte(&class, '\0');
  }
  for (; ranges && *ranges; ranges += 2) {
    add_range(&class, (uint8_t)ranges[0], (uint8_t)ranges[1]);
  }
  for (int i = 0; i < 4; i++) {
    set->words[i] |= is_upper(c) ? ~class.words[i] : class.words[i];
  }
}

/* -------------------------------------------------------------- the reader */

struct reader {
  struct pattern *pattern;
  const char *at, *end;
  int open[CAPTURES_MAX], open_count; /* captures without an end */
  bool closed[CAPTURES_MAX];
};

static struct node *add_node(struct reader *r, enum node_kind kind)
{
  struct node *node = &r->pattern->nodes[r->pattern->count++];
  *node = (struct node){.kind = (uint8_t)kind, .follow = -1};
  return node;
}

static void add_error(struct reader *r, const char *why)
{
  add_node(r, NODE_ERROR)->u.bytes = why;
  r->at = r->end; /* nothing behind it is ever reached */
}

/* The ']' that ends a set, from behind its '['; NULL: there is none.  In the
 * first place a ']' stands for itself. */
static const char *find_close(const struct reader *r)
{
  const char *at = r->at + (r->at < r->end && *r->at == '^');
  do {
    if (at >= r->end) {
      return NULL;
    }
    at += *at == '%' && at + 1 < r->end ? 2 : 1;
  } while (at >= r->end || *at != ']');
  return at;
}

/* "[...]", from behind the '['; NULL: malformed.  A range may end with a '%',
 * which then also begins an escape: so it is in Lua. */
static const struct set *read_set(struct reader *r)
{
  const char *close = find_close(r), *at = r->at;
  if (!close) {
    return NULL;
  }
  struct set *set = &r->pattern->sets[r->pattern->set_count++];
  *set = (struct set){{0}};
  bool inverse = *at == '^';
  for (at += inverse; at < close; at++) {
    if (*at == '%') {
      add_class(set, *++at);
    } else if (at[1] == '-' && at + 2 < close) {
      add_range(set, (uint8_t)at[0], (uint8_t)at[2]);
      at += 2;
    } else {
      add_byte(set, *at);
    }
  }
  for (int i = 0; inverse && i < 4; i++) {
    set->words[i] = ~set->words[i];
  }
  r->at = close + 1;
  return set;
}

/* A byte that stands for itself, and no sign behind it: joins the text before.
 */
static void add_text(struct reader *r, char c)
{
  struct pattern *p = r->pattern;
  struct node *last = p->count > 0 ? &p->nodes[p->count - 1] : NULL;
  p->bytes[p->byte_count] = c;
  if (!last || last->kind != NODE_TEXT) {
    last = add_node(r, NODE_TEXT);
    last->u.bytes = &p->bytes[p->byte_count];
  }
  p->byte_count++;
  last->number++;
}

static char read_repeat(struct reader *r)
{
  char c = r->at < r->end ? *r->at : '\0';
  if (c != '*' && c != '+' && c != '-' && c != '?') {
    return '\0';
  }
  r->at++;
  return c;
}

static void read_char(struct reader *r, char c)
{
  char repeat = read_repeat(r);
  if (!repeat) {
    add_text(r, c);
    return;
  }
  struct node *node = add_node(r, NODE_CHAR);
  node->number = (uint8_t)c;
  node->repeat = repeat;
}

static void add_set(struct reader *r, const struct set *set)
{
  if (!set) {
    add_error(r, "malformed pattern (missing ']')");
    return;
  }
  struct node *node = add_node(r, NODE_SET);
  node->u.set = set;
  node->repeat = read_repeat(r);
}

static void read_class(struct reader *r, char c)
{
  if (!is_class(c)) {
    read_char(r, c);
    return;
  }
  struct set *set = &r->pattern->sets[r->pattern->set_count++];
  *set = (struct set){{0}};
  add_class(set, c);
  add_set(r, set);
}

static void read_frontier(struct reader *r)
{
  if (r->at >= r->end || *r->at != '[') {
    add_error(r, "missing '[' after '%f' in pattern");
    return;
  }
  r->at++;
  const struct set *set = read_set(r);
  if (!set) {
    add_error(r, "malformed pattern (missing ']')");
    return;
  }
  add_node(r, NODE_FRONTIER)->u.set = set;
}

/* From behind a '%'. */
static void read_escape(struct reader *r)
{
  if (r->at >= r->end) {
    add_error(r, "malformed pattern (ends with '%')");
    return;
  }
  char c = *r->at++;
  if (c == 'f') {
    read_frontier(r);
  } else if (c == 'b' && r->end - r->at < 2) {
    add_error(r, "malformed pattern (missing arguments to '%b')");
  } else if (c == 'b') {
    add_node(r, NODE_BALANCE)->u.bytes = r->at;
    r->at += 2;
  } else if (c >= '0' && c <= '9') {
    int i = c - '1';
    if (i < 0 || i >= r->pattern->captures || !r->closed[i]) {
      add_error(r, "invalid capture index in pattern");
    } else {
      add_node(r, NODE_AGAIN)->number = i;
    }
  } else {
    read_class(r, c);
  }
}

/* From behind a '('. */
static void read_open(struct reader *r)
{
  int number = r->pattern->captures;
  if (number >= CAPTURES_MAX) {
    add_error(r, "too many captures");
    return;
  }
  bool position = r->at < r->end && *r->at == ')';
  r->at += position;
  r->closed[number] = position;
  if (!position) {
    r->open[r->open_count++] = number;
  }
  add_node(r, position ? NODE_POSITION : NODE_OPEN)->number = number;
  r->pattern->captures++;
}

static void read_close(struct reader *r)
{
  if (r->open_count == 0) {
    add_error(r, "invalid pattern capture");
    return;
  }
  int number = r->open[--r->open_count];
  r->closed[number] = true;
  add_node(r, NODE_CLOSE)->number = number;
}

static void read_node(struct reader *r)
{
  char c = *r->at++;
  switch (c) {
  case '(':
    read_open(r);
    break;
  case ')':
    read_close(r);
    break;
  case '%':
    read_escape(r);
    break;
  case '[':
    add_set(r, read_set(r));
    break;
  case '.':
    add_node(r, NODE_ANY)->repeat = read_repeat(r);
    break;
  default:
    if (c == '$' && r->at == r->end) {
      add_node(r, NODE_LAST);
    } else {
      read_char(r, c);
    }
  }
}

/* ---------------------------------------------------------- what it begins */

/* What node i and those behind it must begin with, when the one behind must
 * begin with `behind`; -1: not known. */
static int first_byte(const struct node *node, int behind)
{
  switch (node->kind) {
  case NODE_TEXT:
    return (uint8_t)node->u.bytes[0];
  case NODE_CHAR:
    return node->repeat == '+' ? node->number : -1;
  case NODE_BALANCE:
    return (uint8_t)node->u.bytes[0];
  case NODE_OPEN:
  case NODE_CLOSE:
  case NODE_POSITION:
  case NODE_FRONTIER:
    return behind;
  default:
    return -1;
  }
}

static void set_first(struct pattern *p)
{
  int first = -1;
  for (int i = p->count - 1; i >= 0; i--) {
    p->nodes[i].follow = (int16_t)first;
    first = first_byte(&p->nodes[i], first);
  }
  p->first = (int16_t)first;
  const struct node *node = p->nodes;
  while (node->kind == NODE_OPEN || node->kind == NODE_POSITION) {
    node++;
  }
  p->start = node->kind == NODE_TEXT
               ? (peri_str){node->u.bytes, (size_t)node->number}
               : (peri_str){"", 0};
  bool takes_one = !node->repeat || node->repeat == '+';
  p->starts = node->kind == NODE_SET && takes_one ? node->u.set : NULL;
}

static bool is_plain(peri_str text)
{
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] && strchr("^$*+?.([%-", text.ptr[i])) {
      return false;
    }
  }
  return true;
}

/* Every node and every byte of text comes from a character of its own, every
 * set from two or more. */
static bool give_room(peri_cx *cx, struct pattern *p, size_t len)
{
  p->nodes = p->small_nodes;
  p->sets = p->small_sets;
  p->bytes = p->small_bytes;
  if (len <= PATTERN_SMALL) {
    return true;
  }
  size_t nodes = (len + 1) * sizeof *p->nodes;
  size_t sets = len / 2 * sizeof *p->sets;
  char *room = arena_text(cx, nodes + sets + len);
  if (room) {
    p->nodes = (struct node *)(void *)room;
    p->sets = (struct set *)(void *)(room + nodes);
    p->bytes = room + nodes + sets;
  }
  return room != NULL;
}

bool pattern_read(peri_cx *cx, struct pattern *p, peri_str text)
{
  struct reader r = {.pattern = p, .at = text.ptr, .end = text.ptr + text.len};
  p->count = p->set_count = p->byte_count = p->captures = 0;
  p->plain = is_plain(text);
  p->anchored = text.len > 0 && text.ptr[0] == '^';
  if (!give_room(cx, p, text.len)) {
    return false;
  }
  r.at += p->anchored;
  while (r.at < r.end) {
    read_node(&r);
  }
  add_node(&r, NODE_END);
  p->unfinished = r.open_count > 0;
  set_first(p);
  return true;
}
