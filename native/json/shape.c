/* shape.c - what the keys of the records look like, learned from them. */
#include "shape.h"

#define NEVER_EQUAL 0x10000 /* as json_slot.mask */

/* Two words that hold all bytes of up to 16, and some of more. */
static void ends_of(peri_str name, uint64_t *first, uint64_t *last)
{
  const char *p = name.ptr;
  size_t len = name.len;
  if (len >= 8) {
    *first = load64(p);
    *last = load64(p + len - 8);
  } else if (len >= 4) {
    *first = load32(p);
    *last = load32(p + len - 4);
  } else {
    *first = len > 0 ? (unsigned char)p[0] : 0;
    *last =
      len > 0 ? (unsigned char)p[len / 2] << 8 | (unsigned char)p[len - 1] : 0;
  }
}

uint32_t json_name_hash(peri_str name)
{
  const uint64_t odd = 0x9E3779B97F4A7C15u;
  uint64_t first, last, hash = name.len * odd;
  ends_of(name, &first, &last);
  for (size_t i = 8; i + 8 < name.len; i += 8) {
    hash = (hash ^ load64(name.ptr + i)) * odd;
    hash ^= hash >> 29;
  }
  hash = (hash ^ first) * odd;
  hash = (hash ^ hash >> 32 ^ last) * odd;
  return (uint32_t)(hash >> 32);
}

struct json_slot *json_slot_find(const struct json_node *node, peri_str name,
                                 uint32_t hash)
{
  if (node->table_size == 0) {
    return NULL;
  }
  uint32_t mask = node->table_size - 1;
  for (uint32_t i = hash & mask; node->table[i]; i = (i + 1) & mask) {
    struct json_slot *slot = node->table[i];
    if (slot->hash == hash && peri_str_eq(slot->name, name)) {
      return slot;
    }
  }
  return NULL;
}

static void insert(struct json_slot **table, uint32_t size,
                   struct json_slot *slot)
{
  uint32_t i = slot->hash & (size - 1);
  while (table[i]) {
    i = (i + 1) & (size - 1);
  }
  table[i] = slot;
}

/* Keeps at least half of the table empty. */
static bool make_room(peri_cx *cx, struct json_node *node)
{
  if (node->count * 2 < node->table_size) {
    return true;
  }
  uint32_t size = node->table_size ? node->table_size * 2 : 32;
  struct json_slot **table = cx->sv->realloc(cx, NULL, size * sizeof *table);
  if (!table) {
    return false;
  }
  memset(table, 0, size * sizeof *table);
  for (uint32_t i = 0; i < node->table_size; i++) {
    if (node->table[i]) {
      insert(table, size, node->table[i]);
    }
  }
  cx->sv->realloc(cx, node->table, 0);
  node->table = table;
  node->table_size = size;
  return true;
}

struct json_slot *json_slot_add(peri_cx *cx, struct json_shape *shape,
                                struct json_node *node, peri_str name,
                                peri_str raw, uint32_t depth)
{
  size_t len = raw.len + 3;
  if (!make_room(cx, node)) {
    return NULL;
  }
  struct json_slot *slot =
    cx->sv->realloc(cx, NULL, sizeof *slot + name.len + len);
  if (!slot) {
    return NULL;
  }
  char *copy = (char *)(slot + 1), *text = copy + name.len;
  memcpy(copy, name.ptr, name.len);
  text[0] = '"';
  memcpy(text + 1, raw.ptr, raw.len);
  memcpy(text + 1 + raw.len, "\":", 2);
  *slot = (struct json_slot){.mask = len < 16 ? (1u << len) - 1 : 0xFFFF,
                             .len = (uint32_t)len,
                             .next = &node->none,
                             .depth = depth,
                             .hash = json_name_hash(name),
                             .rank = JSON_RANKS + shape->slots,
                             .text = text,
                             .name = {copy, name.len}};
  memcpy(slot->head, text, len < 32 ? len : 32);
  insert(node->table, node->table_size, slot);
  node->count++;
  shape->slots++;
  return slot;
}

static struct json_node *new_node(peri_cx *cx, uint32_t depth)
{
  struct json_node *node = cx->sv->realloc(cx, NULL, sizeof *node);
  if (node) {
    *node = (struct json_node){.none = {.mask = NEVER_EQUAL, .depth = depth}};
    node->first = node->none.next = &node->none;
  }
  return node;
}

bool json_shape_init(peri_cx *cx, struct json_shape *shape)
{
  *shape = (struct json_shape){new_node(cx, 1), 0};
  return shape->root != NULL;
}

static void free_node(peri_cx *cx, struct json_node *node)
{
  if (!node) {
    return;
  }
  for (uint32_t i = 0; i < node->table_size; i++) {
    if (node->table[i]) {
      free_node(cx, node->table[i]->child);
      cx->sv->realloc(cx, node->table[i], 0);
    }
  }
  cx->sv->realloc(cx, node->table, 0);
  cx->sv->realloc(cx, node, 0);
}

void json_shape_fini(peri_cx *cx, struct json_shape *shape)
{
  free_node(cx, shape->root);
  *shape = (struct json_shape){0};
}

static bool has_specials(peri_str name)
{
  for (size_t i = 0; i < name.len; i++) {
    if (json_is_special(name.ptr[i])) {
      return true;
    }
  }
  return false;
}

static struct json_slot *find_or_add(peri_cx *cx, struct json_shape *shape,
                                     struct json_node *node, peri_str name,
                                     uint32_t depth)
{
  struct json_slot *slot = json_slot_find(node, name, json_name_hash(name));
  if (slot) {
    return slot;
  }
  slot = json_slot_add(cx, shape, node, name, name, depth);
  if (slot && has_specials(name)) {
    slot->mask = NEVER_EQUAL; /* it has another text in records */
  }
  return slot;
}

static bool want(peri_cx *cx, struct json_shape *shape, struct json_node *node,
                 peri_str name, uint32_t depth, struct json_column *column)
{
  struct json_slot *slot = find_or_add(cx, shape, node, name, depth);
  if (!slot) {
    return false;
  }
  slot->column = column;
  for (size_t i = 0; i < name.len; i++) {
    if (name.ptr[i] != '.' || shape->slots >= JSON_SLOTS_MAX) {
      continue;
    }
    peri_str head = {name.ptr, i};
    peri_str rest = {name.ptr + i + 1, name.len - i - 1};
    struct json_slot *parent = find_or_add(cx, shape, node, head, depth);
    if (parent && !parent->child) {
      parent->child = new_node(cx, depth + 1);
    }
    if (!parent || !parent->child ||
        !want(cx, shape, parent->child, rest, depth + 1, column)) {
      return false;
    }
  }
  return true;
}

bool json_shape_want(peri_cx *cx, struct json_shape *shape, peri_str name,
                     struct json_column *column)
{
  return want(cx, shape, shape->root, name, 1, column);
}
