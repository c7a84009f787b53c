/* cut.c - finds the borders of records and fields, 64 bytes at a time.
 *
 * In well-formed text a quote byte always changes between inside and outside
 * (a doubled quote leaves and comes back), so a running xor over the quote bits
 * of a block says which separators count.  But only a quote at the start of a
 * field opens: one in the middle of an unquoted field, and whatever is behind
 * the text behind a closing quote, means nothing up to the end of the field.
 * Such quotes are taken away from the block, which is then looked at again.
 */
#include "cut.h"
#include "blocks.h"

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
  cut->mark_count = cut->row_count = cut->odd_count = 0;
  cut->open = false;
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

/* Forgets a record that is not whole. */
static void cut_drop_rest(struct csv_cut *cut)
{
  cut->mark_count = cut->row[cut->row_count];
  cut->odd_count -=
    cut->odd_count > 0 && cut->odd[cut->odd_count - 1].row == cut->row_count;
  cut->open = false;
}

void csv_cut_fini(peri_cx *cx, struct csv_cut *cut)
{
  cx->sv->realloc(cx, cut->mark, 0);
  cx->sv->realloc(cx, cut->row, 0);
  cx->sv->realloc(cx, cut->odd, 0);
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

/* A text that is being cut. */
struct cutting {
  struct csv_cut *cut;
  const struct csv_syntax *syntax;
  const char *text;
  size_t at, len; /* [at, len) is left */
  struct walk walk;
};

/* Where the bytes that count are in a block. */
struct masks {
  const char *block;
  uint64_t real; /* bytes of the text */
  uint64_t separators, newlines, quotes;
};

BLOCKS_INLINE struct masks masks_of(const struct csv_syntax *syntax,
                                    const char *block, size_t left,
                                    block_mask_fn *mask)
{
  uint64_t real = block_real(left);
  return (struct masks){
    .block = block,
    .real = real,
    .separators = mask(block, syntax->separator) & real,
    .newlines = mask(block, '\n') & real,
    .quotes = syntax->quotes ? mask(block, syntax->quote) & real : 0};
}

/* What the quotes of a block say. */
struct sense {
  uint64_t inside;  /* within quotes, opening ones included */
  uint64_t closes;  /* closing quotes */
  uint64_t returns; /* carriage returns behind those */
  uint64_t stray;   /* opening quotes where no field begins */
  uint64_t crooked; /* text behind a closing quote */
};

BLOCKS_INLINE struct sense sense_of(const struct walk *walk,
                                    const struct masks *masks,
                                    block_mask_fn *mask,
                                    block_xor_fn *xor_prefix)
{
  uint64_t borders = masks->separators | masks->newlines;
  uint64_t quotes = masks->quotes;
  uint64_t inside = xor_prefix(quotes) ^ walk->inside;
  uint64_t closes = quotes & ~inside;
  uint64_t starts = (borders | quotes) << 1 | walk->after_start;
  uint64_t behind = closes << 1 | walk->after_close;
  uint64_t returns = behind & mask(masks->block, '\r');
  uint64_t behind_cr = returns << 1 | walk->after_cr;
  return (struct sense){.inside = inside,
                        .closes = closes,
                        .returns = returns,
                        .stray = quotes & inside & ~starts,
                        .crooked = ((behind & ~(borders | quotes | returns)) |
                                    (behind_cr & ~masks->newlines)) &
                                   masks->real};
}

BLOCKS_INLINE void walk_on(struct walk *walk, struct masks *masks,
                           const struct sense *sense)
{
  uint64_t borders = masks->separators | masks->newlines;
  *walk = (struct walk){.inside = (uint64_t)((int64_t)sense->inside >> 63),
                        .after_start = (borders | masks->quotes) >> 63,
                        .after_close = sense->closes >> 63,
                        .after_cr = sense->returns >> 63};
  masks->separators &= ~sense->inside;
  masks->newlines &= ~sense->inside;
}

/* Clears the borders that lie within quotes.  False: a quote is where none
 * belongs. */
BLOCKS_INLINE bool walk_quotes(struct walk *walk, struct masks *masks,
                               block_mask_fn *mask, block_xor_fn *xor_prefix)
{
  if ((masks->quotes | walk->after_close | walk->after_cr) == 0) {
    walk->after_start = (masks->separators | masks->newlines) >> 63;
    masks->separators &= ~walk->inside;
    masks->newlines &= ~walk->inside;
    return true;
  }
  struct sense sense = sense_of(walk, masks, mask, xor_prefix);
  if (sense.stray | sense.crooked) {
    return false;
  }
  walk_on(walk, masks, &sense);
  return true;
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

enum outcome { CUT_DONE, CUT_ODD, CUT_NO_MEMORY };

/* Cuts up to the end, or to a block with quotes where none belong. */
BLOCKS_INLINE enum outcome cut_blocks(peri_cx *cx, struct cutting *cutting,
                                      block_mask_fn *mask,
                                      block_xor_fn *xor_prefix)
{
  /* Copies, because a compiler has to load anything behind a pointer again
   * after each mark it stores. */
  const struct csv_syntax kinds = *cutting->syntax;
  struct csv_cut made = *cutting->cut;
  struct walk walk = cutting->walk;
  enum outcome outcome = CUT_DONE;
  size_t base = cutting->at, len = cutting->len;
  for (; base < len; base += BLOCK_BYTES) {
    struct masks masks =
      masks_of(&kinds, cutting->text + base, len - base, mask);
    if (!walk_quotes(&walk, &masks, mask, xor_prefix)) {
      outcome = CUT_ODD;
      break;
    }
    if (!cut_has_room(&made)) {
      *cutting->cut = made;
      if (!cut_reserve(cx, cutting->cut)) {
        return CUT_NO_MEMORY;
      }
      made = *cutting->cut;
    }
    store_block(&made, &masks, base);
  }
  *cutting->cut = made;
  cutting->walk = walk;
  cutting->at = base;
  return outcome;
}

static enum outcome cut_plain(peri_cx *cx, struct cutting *cutting)
{
  return cut_blocks(cx, cutting, block_mask_plain, block_xor_plain);
}

BLOCKS_AVX2 static enum outcome cut_avx2(peri_cx *cx, struct cutting *cutting)
{
  return cut_blocks(cx, cutting, block_mask_avx2, block_xor_avx2);
}

/* ------------------------------------------------------------------- odd
 * quotes
 */

/* Notes that record `row`, the one noted last or a later one, is odd. */
static bool note_odd(peri_cx *cx, struct csv_cut *cut, size_t row, bool crooked)
{
  if (cut->odd_count > 0 && cut->odd[cut->odd_count - 1].row == row) {
    cut->odd[cut->odd_count - 1].crooked |= crooked;
    return true;
  }
  if (cut->odd_count == cut->odd_room) {
    size_t room = cut->odd_room * 2 + 64;
    struct csv_odd *odd = cx->sv->realloc(cx, cut->odd, room * sizeof *odd);
    if (!odd) {
      return false;
    }
    cut->odd = odd;
    cut->odd_room = room;
  }
  cut->odd[cut->odd_count++] = (struct csv_odd){(uint32_t)row, crooked};
  return true;
}

/* Cuts one block, having taken the quotes away that mean nothing, field by
 * field, and noted their records.  False: no memory. */
static bool cut_odd(peri_cx *cx, struct cutting *cutting)
{
  struct csv_cut *cut = cutting->cut;
  struct masks masks = masks_of(cutting->syntax, cutting->text + cutting->at,
                                cutting->len - cutting->at, block_mask_plain);
  uint64_t borders = masks.separators | masks.newlines, wrong, first;
  struct sense sense =
    sense_of(&cutting->walk, &masks, block_mask_plain, block_xor_plain);
  for (wrong = sense.stray | sense.crooked; wrong != 0;
       wrong = (sense.stray | sense.crooked) & (-first << 1)) {
    first = wrong & -wrong;
    uint64_t ends = borders & -first;
    uint64_t lines = masks.newlines & ~sense.inside & (first - 1);
    size_t row = cut->row_count + (size_t)__builtin_popcountll(lines);
    if (!note_odd(cx, cut, row, sense.crooked & first)) {
      return false;
    }
    masks.quotes &= ~((ends & -ends) - first);
    sense = sense_of(&cutting->walk, &masks, block_mask_plain, block_xor_plain);
  }
  if (!cut_reserve(cx, cut)) {
    return false;
  }
  walk_on(&cutting->walk, &masks, &sense);
  store_block(cut, &masks, cutting->at);
  cutting->at += BLOCK_BYTES;
  return true;
}

/* -------------------------------------------------------------- the whole text
 */

static bool cut_all(peri_cx *cx, struct cutting *cutting, bool avx2)
{
  enum outcome outcome;
  while ((outcome = avx2 ? cut_avx2(cx, cutting) : cut_plain(cx, cutting)) ==
           CUT_ODD &&
         cut_odd(cx, cutting)) {
  }
  cutting->cut->open = cutting->walk.inside != 0;
  return outcome == CUT_DONE;
}

bool csv_cut(peri_cx *cx, struct csv_cut *cut, const struct csv_syntax *syntax,
             const char *text, size_t from, size_t len, bool last)
{
  if (!cut_begin(cx, cut, from)) {
    return false;
  }
  if (from >= len) {
    return true;
  }
  struct cutting cutting = {.cut = cut,
                            .syntax = syntax,
                            .text = text,
                            .at = from,
                            .len = len,
                            .walk = {.after_start = 1}};
  if (!cut_all(cx, &cutting, blocks_have_avx2()) || !cut_reserve(cx, cut)) {
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

size_t csv_next_crooked(const struct csv_cut *cut, size_t row)
{
  size_t low = 0, high = cut->odd_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (cut->odd[middle].row < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  while (low < cut->odd_count && !cut->odd[low].crooked) {
    low++;
  }
  return low < cut->odd_count ? cut->odd[low].row : SIZE_MAX;
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
