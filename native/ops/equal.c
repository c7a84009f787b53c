/* equal.c - texts compared with texts: equality, prefixes, suffixes.
 *
 * A view begins with its length and first four bytes, and holds all of a text
 * of up to 12: most comparisons with a constant need no more.  Views are there
 * for rows that are null too; only what they refer to is not. */
#include "fast.h"
#include "rows.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What the 16 bytes of a view must be under a mask. */
struct key {
  uint64_t want[2], mask[2];
};

static struct key make_key(peri_str text, bool with_len)
{
  peri_view want = {.len = with_len ? (int32_t)text.len : 0}, mask = {0};
  size_t known = text.len <= 12 ? text.len : 4;
  struct key key;
  mask.len = with_len ? -1 : 0;
  memcpy(want.u.in, text.ptr, known);
  memset(mask.u.in, 0xFF, known);
  memcpy(key.want, &want, sizeof key.want);
  memcpy(key.mask, &mask, sizeof key.mask);
  return key;
}

static inline bool has_key(const struct key *key, const peri_view *view)
{
  uint64_t words[2];
  memcpy(words, view, sizeof words);
  return (((words[0] & key->mask[0]) ^ key->want[0]) |
          ((words[1] & key->mask[1]) ^ key->want[1])) == 0;
}

#ifdef __SSE2__
static inline __m128i match_four(const peri_view *views, __m128i want,
                                 __m128i mask)
{
  __m128i same[4];
  for (int k = 0; k < 4; k++) {
    __m128i view = _mm_loadu_si128((const __m128i *)(const void *)&views[k]);
    same[k] = _mm_cmpeq_epi32(_mm_and_si128(view, mask), want);
  }
  __m128i low = _mm_packs_epi32(same[0], same[1]);
  __m128i high = _mm_packs_epi32(same[2], same[3]);
  return _mm_cmpeq_epi32(_mm_packs_epi16(low, high), _mm_set1_epi32(-1));
}

/* out[i] := whether view i has the key, for a multiple of 16 rows. */
static void match_blocks(uint8_t *out, const peri_view *views, int64_t n,
                         const struct key *key)
{
  __m128i want = _mm_loadu_si128((const __m128i *)(const void *)key->want);
  __m128i mask = _mm_loadu_si128((const __m128i *)(const void *)key->mask);
  for (int64_t i = 0; i < n; i += 16) {
    __m128i four[4];
    for (int k = 0; k < 4; k++) {
      four[k] = match_four(views + i + 4 * k, want, mask);
    }
    __m128i all = _mm_packs_epi16(_mm_packs_epi32(four[0], four[1]),
                                  _mm_packs_epi32(four[2], four[3]));
    _mm_storeu_si128((__m128i *)(void *)(out + i),
                     _mm_and_si128(all, _mm_set1_epi8(1)));
  }
}
#endif

/* out[i] := whether view i has the key. */
static void match_views(uint8_t *restrict out, const peri_view *views,
                        int64_t n, const struct key *key)
{
  int64_t i = 0;
#ifdef __SSE2__
  i = n & ~(int64_t)15;
  match_blocks(out, views, i, key);
#endif
  for (; i < n; i++) {
    out[i] = has_key(key, &views[i]);
  }
}

/* ---------------------------------------------------------------- equality */

MAPPED_FN(bool, eq_str, "a == b, byte by byte.", (str, a), (str, b))
{
  return a.len == b.len && same_bytes(a.ptr, b.ptr, a.len);
}

static void equal_view(const peri_col *c, int64_t n, peri_str text,
                       uint8_t *restrict out)
{
  const peri_view *views = c->data;
  const char *const *buffers = c->aux;
  struct key key = make_key(text, true);
  match_views(out, views, n, &key);
  for (int64_t i = 0; text.len > 12 && i < n; i++) {
    if (out[i]) {
      out[i] = peri_valid(c, i) && memcmp(rows_view(&views[i], buffers).ptr,
                                          text.ptr, text.len) == 0;
    }
  }
}

OPS_MAP(eq_str)
{
  uint8_t *bytes = out;
  peri_str text;
  for (int k = 0; k < 2; k++) {
    if (c[k].layout == PERI_L_VIEW && rows_constant(&c[1 - k], &text) &&
        text.len <= INT32_MAX) {
      equal_view(&c[k], n, text, bytes);
      return;
    }
  }
  EACH_ROW(i, c, 2, n)
  {
    bytes[i] = eq_str(peri_row_str(&c[0], i), peri_row_str(&c[1], i));
  }
}

/* ------------------------------------------------------- prefixes, suffixes */

MAPPED_FN(bool, starts_with, "Whether s begins with the prefix.", (str, s),
          (str, prefix))
{
  return s.len >= prefix.len && same_bytes(s.ptr, prefix.ptr, prefix.len);
}

static inline bool view_starts(const peri_col *c, int64_t i, peri_str prefix)
{
  const peri_view *view = (const peri_view *)c->data + i;
  if ((size_t)(uint32_t)view->len < prefix.len) {
    return false;
  }
  return prefix.len <= 4 ||
         (peri_valid(c, i) && starts_with(rows_view(view, c->aux), prefix));
}

static void starts_view(const peri_col *c, int64_t n, peri_str prefix,
                        uint8_t *restrict out)
{
  peri_str first = {prefix.ptr, prefix.len < 4 ? prefix.len : 4};
  struct key key = make_key(first, false);
  match_views(out, c->data, n, &key);
  for (int64_t i = 0; i < n; i++) {
    if (out[i]) {
      out[i] = view_starts(c, i, prefix);
    }
  }
}

OPS_MAP(starts_with)
{
  uint8_t *bytes = out;
  peri_str prefix;
  if (c[0].layout == PERI_L_VIEW && rows_constant(&c[1], &prefix)) {
    starts_view(&c[0], n, prefix, bytes);
    return;
  }
  EACH_ROW(i, c, 2, n)
  {
    bytes[i] = starts_with(peri_row_str(&c[0], i), peri_row_str(&c[1], i));
  }
}

MAPPED_FN(opt_i64, find_prefix, "1 when s begins with the prefix.", (str, s),
          (str, prefix))
{
  return (peri_opt_i64){.value = 1, .has = starts_with(s, prefix)};
}

OPS_MAP(find_prefix)
{
  int64_t *places = out;
  starts_with__map(cx, n, c, valid, NULL);
  for (int64_t i = 0; i < n; i++) {
    places[i] = 1;
  }
}

MAPPED_FN(bool, ends_with, "Whether s ends with the suffix.", (str, s),
          (str, suffix))
{
  return s.len >= suffix.len &&
         same_bytes(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len);
}

OPS_MAP(ends_with)
{
  uint8_t *bytes = out;
  EACH_ROW(i, c, 2, n)
  {
    bytes[i] = ends_with(peri_row_str(&c[0], i), peri_row_str(&c[1], i));
  }
}
