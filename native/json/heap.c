/* heap.c - bytes for views that the chunk cannot give.
 *
 * The host gives blocks; values take them bit by bit, as a call of the host for
 * every unescaped string would cost more than the unescaping.
 */
#include "reader.h"

#define HEAP_BYTES ((size_t)32 << 10)

static bool add_entry(struct json_reader *r)
{
  if (r->heap_count < r->heap_max) {
    return true;
  }
  uint32_t max = r->heap_max ? r->heap_max * 2 : 8;
  struct json_heap *heaps = peri_alloc(r->cx, max * sizeof *heaps);
  if (!heaps) {
    return false;
  }
  if (r->heap_count) {
    memcpy(heaps, r->heaps, r->heap_count * sizeof *heaps);
  }
  r->heaps = heaps;
  r->heap_max = max;
  return true;
}

char *json_heap_room(struct json_reader *r, size_t n)
{
  struct json_heap *open = r->heap_count ? &r->heaps[r->heap_count - 1] : NULL;
  if (open && open->size - open->used >= n) {
    return open->base + open->used;
  }
  struct json_heap heap = {.size = n > HEAP_BYTES ? n : HEAP_BYTES};
  heap.base =
    add_entry(r) ? r->cx->sv->out_heap(r->out, heap.size, &heap.buffer) : NULL;
  if (!heap.base) {
    r->status = peri_fail(r->cx, PERI_ENOMEM, "no memory for strings");
    return NULL;
  }
  r->heaps[r->heap_count++] = heap;
  return heap.base;
}

void json_heap_view(struct json_reader *r, peri_view *view, size_t len)
{
  struct json_heap *open = &r->heaps[r->heap_count - 1];
  peri_view_set(view, open->base + open->used, len, open->buffer, open->base);
  open->used += len > 12 ? len : 0;
}

peri_str json_view_text(const struct json_reader *r, const peri_view *view)
{
  size_t len = (size_t)view->len;
  if (len <= 12) {
    return (peri_str){view->u.in, len};
  }
  const char *base = r->chunk;
  for (uint32_t i = 0; i < r->heap_count; i++) {
    if (r->heaps[i].buffer == view->u.ref.buffer) {
      base = r->heaps[i].base;
    }
  }
  return (peri_str){base + view->u.ref.offset, len};
}
