/* perigee/helpers.h - short functions over abi.h, for perigee/plugin.h. */
#ifndef PERIGEE_HELPERS_H
#define PERIGEE_HELPERS_H
#if defined __GNUC__ && !defined PERI_WARN_IN_HEADER
#pragma GCC system_header
#endif
#include <perigee/abi.h>
#include <perigee/dialect.h>
#include <stdbool.h>
#include <string.h>

/* True when the run is being cancelled: return PERI_ECANCEL soon. */
static inline bool peri_stopped(const peri_cx *cx)
{
  return __atomic_load_n(cx->stop, __ATOMIC_RELAXED) != 0;
}

/* n bytes, 16-byte aligned, gone when the call returns; NULL: no memory. */
static inline void *peri_alloc(peri_cx *cx, size_t n)
{
  n = (n + 15) & ~(size_t)15;
  if ((size_t)(cx->arena_end - cx->arena) < n) {
    return cx->sv->arena(cx, n);
  }
  void *p = cx->arena;
  cx->arena += n;
  return p;
}

static inline void peri_log(peri_cx *cx, int32_t level, const char *text)
{
  cx->sv->log(cx, level, text, strlen(text));
}

/* Adds n to a counter that `perigee run -v` shows: peri_counts. */
static inline void peri_count(peri_cx *cx, const char *name, uint64_t n)
{
  const peri_counts *counts =
    (const peri_counts *)cx->sv->query(cx, "perigee.counts/1");
  if (counts) {
    counts->add(cx, name, strlen(name), n);
  }
}

/* Says why the call fails; returns `status`: return peri_fail(...). */
static inline peri_status peri_fail(peri_cx *cx, peri_status status,
                                    const char *text)
{
  return cx->sv->fail(cx, status, text, strlen(text));
}

#define PERI_STR(literal) PERI_MAKE(peri_str, (literal), sizeof(literal) - 1)

static inline bool peri_str_eq(peri_str a, peri_str b)
{
  return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Fills one view.  `text` lies in buffer `buffer`, which begins at `base`;
 * texts of up to 12 bytes are copied into the view. */
static inline void peri_view_set(peri_view *view, const char *text, size_t len,
                                 int32_t buffer, const char *base)
{
  view->len = (int32_t)len;
  if (len <= 12) {
    memset(view->u.in, 0, 12);
    memcpy(view->u.in, text, len);
    return;
  }
  memcpy(view->u.ref.prefix, text, 4);
  view->u.ref.buffer = buffer;
  view->u.ref.offset = (int32_t)(text - base);
}

static inline bool peri_valid(const peri_col *c, int64_t i)
{
  int64_t bit = c->bit0 + i;
  return !c->valid || (c->valid[bit >> 3] >> (bit & 7) & 1);
}

/* Row i of a str, bin or json column, whatever its layout.  [borrow] */
static inline peri_str peri_row_str(const peri_col *c, int64_t i)
{
  if (c->layout == PERI_L_DICT) {
    i = ((const int32_t *)c->data)[i];
    c = (const peri_col *)c->aux;
  }
  if (c->layout == PERI_L_SPAN) {
    return ((const peri_str *)c->data)[i];
  }
  if (c->layout == PERI_L_PLAIN) {
    const int32_t *at = (const int32_t *)c->aux;
    return PERI_MAKE(peri_str, (const char *)c->data + at[i],
                     (size_t)(at[i + 1] - at[i]));
  }
  const peri_view *view = (const peri_view *)c->data + i;
  const char *const *buffers = (const char *const *)c->aux;
  size_t len = (size_t)view->len;
  return PERI_MAKE(peri_str,
                   len <= 12 ? view->u.in
                             : buffers[view->u.ref.buffer] + view->u.ref.offset,
                   len);
}

/* Encoders: a place to write at least n bytes, or NULL: no memory.  Advance
 * out->at by what was written. */
static inline char *peri_room(peri_cx *cx, peri_bytes *out, size_t n)
{
  if ((size_t)(out->end - out->at) < n && cx->sv->grow(out, n) != PERI_OK) {
    return NULL;
  }
  return out->at;
}

#endif
