/* text.c - bytes that grow.  Blocks come in powers of two, so growing by what
 * is needed doubles. */
#include "plugin/text.h"

#include <string.h>

#define ROOM_MIN ((size_t)16 << 10)

static bool reserve(struct pg_text *text, size_t n)
{
  size_t max = text->block ? text->block->size_max : 0;
  if (n <= max - text->len && text->block) {
    return true;
  }
  if (n > SIZE_MAX / 2 - text->len) {
    return false;
  }
  size_t size = text->len + n < ROOM_MIN ? ROOM_MIN : text->len + n;
  struct pg_block *larger = pg_block_new(size);
  if (!larger) {
    return false;
  }
  if (text->len > 0) {
    memcpy(larger->bytes, text->block->bytes, text->len);
  }
  pg_block_unref(text->block);
  text->block = larger;
  return true;
}

void pg_text_fini(struct pg_text *text)
{
  pg_block_unref(text->block);
  *text = (struct pg_text){0};
}

bool pg_text_append(struct pg_text *text, const char *bytes, size_t n)
{
  if (!reserve(text, n)) {
    return false;
  }
  if (n > 0) {
    memcpy(text->block->bytes + text->len, bytes, n);
  }
  text->len += n;
  return true;
}

static void show_room(struct pg_text *text, peri_bytes *bytes)
{
  *bytes = (peri_bytes){text->block->bytes + text->len,
                        text->block->bytes + text->block->size_max, text};
}

bool pg_text_lend(struct pg_text *text, peri_bytes *bytes)
{
  if (!reserve(text, 0)) {
    return false;
  }
  show_room(text, bytes);
  return true;
}

static bool is_within(const struct pg_text *text, const peri_bytes *bytes)
{
  uintptr_t first = (uintptr_t)text->block->bytes, at = (uintptr_t)bytes->at;
  return at >= first + text->len && at <= first + text->block->size_max;
}

bool pg_text_take_bytes(struct pg_text *text, const peri_bytes *bytes)
{
  if (!is_within(text, bytes)) {
    return false;
  }
  text->len = (size_t)(bytes->at - text->block->bytes);
  return true;
}

/* text->len follows what has been written: it is what growing keeps. */
peri_status pg_text_grow(peri_bytes *bytes, size_t n)
{
  struct pg_text *text = bytes->origin;
  if (!pg_text_take_bytes(text, bytes)) {
    return PERI_EBUG;
  }
  if (!reserve(text, n)) {
    return PERI_ENOMEM;
  }
  show_room(text, bytes);
  return PERI_OK;
}
