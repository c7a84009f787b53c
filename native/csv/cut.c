/* cut.c - finds the borders of records and fields, 64 bytes at a time.
 *
 * In well-formed text a quote byte always changes between inside and outside
 * (a doubled quote leaves and comes back), so a running xor over the quote bits
 * of a block says which separators count.  A quote in the middle of an unquoted
 * field, or text behind a closing quote, breaks that: then the text is cut
 * again, byte by byte, by the rule that only a quote at the start of a field
 * opens.  Both ways find the same borders in well-formed text.
 */
#include "cut.h"
#include "blocks.h"
#include "scan.h"

#define MARKS_AT_ONCE 8
#define TOP_BIT ((uint64_t)1 << 63)

bool csv_syntax_init(peri_cx *cx, struct csv_syntax *syntax, peri_str separator,
                     peri_str quote)
{
  if (separator.len != 1 || *separator.ptr == '\n' || *separator.ptr == '\r') {
    peri_fail(cx, PERI_EINVAL,
              "parameter 'sep': expected one byte, and no line break");
    return false;
  }
  if (quote.len > 1 ||
      (quote.len == 1 && (*quote.ptr == '\n' || *quote.ptr == '\r' ||
                          *quote.ptr == *separator.ptr))) {
    peri_fail(cx, PERI_EINVAL,
              "parameter 'quote': expected one byte other than the separator, "
              "or '' for none");
    return false;
  }
  *syntax = (struct csv_syntax){.separator = *separator.ptr,
                                .quote = quote.len ? *quote.ptr : '\0',
                                .quotes = quote.len == 1};
  return true;
}

/* ------------------------------------------------------------------ the arrays
 */

static bool array_grow(peri_cx *cx, uint32_t **array, size_t *room, size_t need)
{
  if (need <= *room) {
    return true;
  }
  size_t more = need + *room + 1024;
  uint32_t *moved = cx->sv->realloc(cx, *array, more * sizeof *moved);
  if (!moved) {
    return false;
  }
  *array = moved;
  *room = more;
  return true;
}

/* A block full of borders, and the end. */
#define MARKS_NEEDED (BLOCK_BYTES + MARKS_AT_ONCE)
#define ROWS_NEEDED (BLOCK_BYTES + 2)

static inline bool cut_has_room(const struct csv_cut *cut)
{
  return cut->mark_count + MARKS_NEEDED <= cut->mark_room &&
         cut->row_count + ROWS_NEEDED <= cut->row_room;
}

static bool cut_reserve(peri_cx *cx, struct csv_cut *cut)
{
  return array_grow(cx, &cut->mark, &cut->mark_room,
                    cut->mark_count + MARKS_NEEDED) &&
         array_grow(cx, &cut->row, &cut->row_room,
                    cut->row_count + ROWS_NEEDED);
}

static bool cut_begin(peri_cx *cx, struct csv_cut *cut, size_t from)
{
  cut->mark_count = cut->row_count = 0;
  cut->careful = cut->open = false;
  if (!cut_reserve(cx, cut)) {
    return false;
  }
  cut->mark[cut->mark_count++] = (uint32_t)from - 1;
  cut->row[0] = 1;
  return true;
}

static void cut_end_row(struct csv_cut *cut, size_t mark_count)
{
  cut->row[++cut->row_count] = (uint32_t)mark_count;
}

/* A last record without a newline ends with the text. */
static void cut_finish(struct csv_cut *cut, size_t len)
{
  if (cut->mark[cut->mark_count - 1] + 1 != (uint32_t)len ||
      cut->row[cut->row_count] != cut->mark_count) {
    cut->mark[cut->mark_count++] = (uint32_t)len;
    cut_end_row(cut, cut->mark_count);
  }
}

/* Forgets the fields of a record that is not whole. */
static void cut_drop_rest(struct csv_cut *cut)
{
  cut->mark_count = cut->row[cut->row_count];
  cut->open = false;
}

void csv_cut_fini(peri_cx *cx, struct csv_cut *cut)
{
  cx->sv->realloc(cx, cut->mark, 0);
  cx->sv->realloc(cx, cut->row, 0);
  *cut = (struct csv_cut){0};
}

/* -------------------------------------------------------------- block by block
 */

/* What one block leaves to the next. */
struct walk {
  uint64_t inside;      /* all ones: within quotes */
  uint64_t after_start; /* 1: the byte before ends a field, or is a quote */
  uint64_t after_close; /* 1: the byte before is a closing quote */
  uint64_t after_cr;    /* 1: and so was the one before that, then a \r */
};

struct masks {
  uint64_t separators, newlines, quotes;
};

BLOCKS_INLINE struct masks masks_of(const struct csv_syntax *syntax,
                                    const char *block, size_t left,
                                    block_mask_fn *mask)
{
  uint64_t real = block_real(left);
  return (struct masks){mask(block, syntax->separator) & real,
                        mask(block, '\n') & real,
                        syntax->quotes ? mask(block, syntax->quote) & real : 0};
}

/* Clears the borders that lie within quotes.  False: a quote is where none
 * belongs. */
BLOCKS_INLINE bool walk_quotes(struct walk *walk, struct masks *masks,
                               const char *block, size_t left,
                               block_mask_fn *mask)
{
  uint64_t borders = masks->separators | masks->newlines;
  uint64_t quotes = masks->quotes;
  if ((quotes | walk->after_close | walk->after_cr) == 0) {
    masks->separators &= ~walk->inside;
    masks->newlines &= ~walk->inside;
    walk->after_start = borders >> 63;
    return true;
  }
  uint64_t inside = block_xor_prefix(quotes) ^ walk->inside;
  uint64_t closes = quotes & ~inside;
  uint64_t starts = (borders | quotes) << 1 | walk->after_start;
  uint64_t behind = closes << 1 | walk->after_close;
  uint64_t returns = behind & mask(block, '\r');
  uint64_t behind_cr = returns << 1 | walk->after_cr;
  uint64_t wrong = (quotes & inside & ~starts) |
                   (behind & ~(borders | quotes | returns)) |
                   (behind_cr & ~masks->newlines);
  wrong &= block_real(left);
  *walk = (struct walk){.inside = (uint64_t)((int64_t)inside >> 63),
                        .after_start = (borders | quotes) >> 63,
                        .after_close = closes >> 63,
                        .after_cr = returns >> 63};
  masks->separators &= ~inside;
  masks->newlines &= ~inside;
  return wrong == 0;
}

/* Stores the borders of one block that begins at byte `base`.  Some marks are
 * written that are not there: cheaper than to ask after each of them. */
BLOCKS_INLINE void store_block(struct csv_cut *cut, const struct masks *masks,
                               size_t base)
{
  uint64_t borders = masks->separators | masks->newlines;
  for (uint64_t lines = masks->newlines; lines; lines &= lines - 1) {
    uint64_t upto = lines ^ (lines - 1); /* the lowest bit, and those below */
    cut_end_row(cut,
                cut->mark_count + (size_t)__builtin_popcountll(borders & upto));
  }
  uint32_t *to = cut->mark + cut->mark_count;
  cut->mark_count += (size_t)__builtin_popcountll(borders);
  while (borders) {
    for (int i = 0; i < MARKS_AT_ONCE; i++) {
      to[i] = (uint32_t)base + (uint32_t)__builtin_ctzll(borders | TOP_BIT);
      borders &= borders - 1;
    }
    to += MARKS_AT_ONCE;
  }
}

enum outcome { CUT_DONE, CUT_MALFORMED, CUT_NO_MEMORY };

BLOCKS_INLINE enum outcome cut_blocks(peri_cx *cx, struct csv_cut *cut,
                                      const struct csv_syntax *syntax,
                                      const char *text, size_t from, size_t len,
                                      block_mask_fn *mask)
{
  struct walk walk = {.after_start = 1};
  /* Copies, because a compiler has to load anything behind a pointer again
   * after each mark it stores. */
  const struct csv_syntax kinds = *syntax;
  struct csv_cut made = *cut;
  for (size_t base = from; base < len; base += BLOCK_BYTES) {
    const char *block = text + base;
    struct masks masks = masks_of(&kinds, block, len - base, mask);
    if (!walk_quotes(&walk, &masks, block, len - base, mask)) {
      *cut = made;
      return CUT_MALFORMED;
    }
    if (!cut_has_room(&made)) {
      *cut = made;
      if (!cut_reserve(cx, cut)) {
        return CUT_NO_MEMORY;
      }
      made = *cut;
    }
    store_block(&made, &masks, base);
  }
  *cut = made;
  cut->open = walk.inside != 0;
  return CUT_DONE;
}

static enum outcome cut_plain(peri_cx *cx, struct csv_cut *cut,
                              const struct csv_syntax *syntax, const char *text,
                              size_t from, size_t len)
{
  return cut_blocks(cx, cut, syntax, text, from, len, block_mask_plain);
}

BLOCKS_AVX2 static enum outcome cut_avx2(peri_cx *cx, struct csv_cut *cut,
                                         const struct csv_syntax *syntax,
                                         const char *text, size_t from,
                                         size_t len)
{
  return cut_blocks(cx, cut, syntax, text, from, len, block_mask_avx2);
}

/* ---------------------------------------------------------------- byte by byte
 */

/* The end of the field that begins at `at`; NULL: its quote does not close. */
static const char *field_end(const struct csv_syntax *syntax, const char *at,
                             const char *end)
{
  if (syntax->quotes && at < end && *at == syntax->quote) {
    do {
      at = memchr(at + 1, syntax->quote, (size_t)(end - at - 1));
      if (!at) {
        return NULL;
      }
      at++;
    } while (at < end && *at == syntax->quote);
  }
  return scan_two(at, end, syntax->separator, '\n');
}

static bool cut_bytes(peri_cx *cx, struct csv_cut *cut,
                      const struct csv_syntax *syntax, const char *text,
                      size_t from, size_t len)
{
  const char *at = text + from, *end = text + len;
  while (at < end) {
    at = field_end(syntax, at, end);
    if (!at || at == end) {
      cut->open = !at;
      return true;
    }
    if (!cut_reserve(cx, cut)) {
      return false;
    }
    cut->mark[cut->mark_count++] = (uint32_t)(at - text);
    if (*at++ == '\n') {
      cut_end_row(cut, cut->mark_count);
    }
  }
  return true;
}

/* ------------------------------------------------------------------- both ways
 */

bool csv_cut(peri_cx *cx, struct csv_cut *cut, const struct csv_syntax *syntax,
             const char *text, size_t from, size_t len, bool last)
{
  if (!cut_begin(cx, cut, from)) {
    return false;
  }
  if (from >= len) {
    return true;
  }
  enum outcome result = blocks_have_avx2()
                          ? cut_avx2(cx, cut, syntax, text, from, len)
                          : cut_plain(cx, cut, syntax, text, from, len);
  if (result == CUT_MALFORMED) {
    if (!cut_begin(cx, cut, from) ||
        !cut_bytes(cx, cut, syntax, text, from, len)) {
      return false;
    }
    cut->careful = true;
  }
  if (result == CUT_NO_MEMORY || !cut_reserve(cx, cut)) {
    return false;
  }
  if (last) {
    cut_finish(cut, len);
  } else {
    cut_drop_rest(cut);
  }
  return true;
}

size_t csv_cut_len(const struct csv_cut *cut)
{
  return cut->row_count ? cut->mark[cut->mark_count - 1] + 1 : 0;
}

/* Is this a well-formed field? */
static bool field_ok(const struct csv_syntax *syntax, const char *text,
                     size_t len)
{
  if (!syntax->quotes || len == 0 || *text != syntax->quote) {
    return true;
  }
  if (len < 2 || text[len - 1] != syntax->quote) {
    return false;
  }
  for (size_t i = 1; i + 1 < len; i++) {
    if (text[i] == syntax->quote &&
        (++i + 1 == len || text[i] != syntax->quote)) {
      return false;
    }
  }
  return true;
}

bool csv_quotes_ok(const struct csv_syntax *syntax, const struct csv_cut *cut,
                   const char *text, size_t row)
{
  uint32_t end = cut->row[row + 1];
  for (uint32_t i = cut->row[row]; i < end; i++) {
    uint32_t from = cut->mark[i - 1] + 1, to = cut->mark[i];
    to -= i + 1 == end && to > from && text[to - 1] == '\r';
    if (!field_ok(syntax, text + from, to - from)) {
      return false;
    }
  }
  return true;
}

bool csv_is_blank(const struct csv_cut *cut, size_t row, const char *text)
{
  const uint32_t *mark = cut->mark + cut->row[row];
  uint32_t from = mark[-1] + 1, len = mark[0] - from;
  return cut->row[row + 1] - cut->row[row] == 1 &&
         (len == 0 || (len == 1 && text[from] == '\r'));
}

bool csv_is_empty(const struct csv_cut *cut, const char *text)
{
  size_t row = 0;
  while (row < cut->row_count && csv_is_blank(cut, row, text)) {
    row++;
  }
  return row == cut->row_count;
}

size_t csv_unquote(char *to, const char *text, size_t len, char quote)
{
  char *at = to;
  const char *end = text + len;
  while (text < end) {
    const char *found = memchr(text, quote, (size_t)(end - text));
    size_t n = (size_t)((found ? found + 1 : end) - text);
    memcpy(at, text, n);
    at += n;
    text += n + 1; /* without the second quote */
  }
  return (size_t)(at - to);
}
