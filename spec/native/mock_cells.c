/* mock_cells.c - columns for the C tests of plugins, made from plain values. */
#include "mock_cells.h"
#include "mock_host.h"

#include <stdlib.h>
#include <string.h>

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

void mock_random_seed(uint64_t seed)
{
  state = seed * 2 + 1;
}

uint64_t mock_random(void)
{
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * UINT64_C(0x2545F4914F6CDD1D)) >> 8;
}

static const char noise[] = "\xFFnoise of a null";

static peri_str text_of(const struct mock_cell *cell)
{
  return cell->null ? (peri_str){noise, sizeof noise - 1} : cell->s;
}

/* Places of exactly the size, so that the sanitizers see what lies behind. */
static void *room_of(struct mock_cells *made, int index, size_t size)
{
  made->owned[index] = malloc(size > 0 ? size : 1);
  memset(made->owned[index], 0xA5, size);
  return made->owned[index];
}

/* ------------------------------------------------------------------- numbers
 */

static size_t width_of(uint32_t type)
{
  static const uint8_t widths[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8};
  return widths[type];
}

static void put_number(char *at, uint32_t type, const struct mock_cell *cell)
{
  size_t width = width_of(type);
  int64_t integer = cell->null ? (int64_t)mock_random() : cell->i;
  double number = cell->null ? -1e300 : cell->f;
  float single = cell->null ? -1e30f : (float)cell->f;
  integer &= type == PERI_T_BOOL ? 1 : -1;
  const void *from = type == PERI_T_F64   ? (const void *)&number
                     : type == PERI_T_F32 ? (const void *)&single
                                          : (const void *)&integer;
  memcpy(at, from, width);
}

static void make_numbers(struct mock_cells *made, const struct mock_cell *cells,
                         int64_t skip)
{
  size_t width = width_of(made->col.type);
  char *at = room_of(made, 0, width * (size_t)(skip + made->col.n));
  at += width * (size_t)skip;
  made->col.data = at;
  for (int64_t i = 0; i < made->col.n; i++) {
    put_number(at + width * (size_t)i, made->col.type, &cells[i]);
  }
}

/* --------------------------------------------------------------------- texts
 */

static void make_spans(struct mock_cells *made, const struct mock_cell *cells,
                       int64_t skip)
{
  peri_str *spans =
    room_of(made, 0, sizeof *spans * (size_t)(skip + made->col.n));
  made->col.data = spans + skip;
  for (int64_t i = 0; i < made->col.n; i++) {
    spans[skip + i] = text_of(&cells[i]);
  }
}

static void make_plain(struct mock_cells *made, const struct mock_cell *cells,
                       int64_t skip)
{
  int32_t *offsets =
    room_of(made, 0, sizeof *offsets * (size_t)(skip + made->col.n + 1));
  size_t len = 7; /* what the rows before the slice hold */
  for (int64_t i = 0; i < made->col.n; i++) {
    len += text_of(&cells[i]).len;
  }
  char *bytes = room_of(made, 1, len);
  int32_t at = 7;
  for (int64_t i = 0; i < made->col.n; i++) {
    peri_str text = text_of(&cells[i]);
    offsets[skip + i] = at;
    memcpy(bytes + at, text.ptr, text.len);
    at += (int32_t)text.len;
  }
  offsets[skip + made->col.n] = at;
  made->col.data = bytes;
  made->col.aux = offsets + skip;
}

/* A buffer for every row. */
static void make_views(struct mock_cells *made, const struct mock_cell *cells,
                       int64_t skip)
{
  peri_view *views =
    room_of(made, 0, sizeof *views * (size_t)(skip + made->col.n));
  const char **buffers =
    room_of(made, 1, sizeof *buffers * (size_t)made->col.n);
  for (int64_t i = 0; i < made->col.n; i++) {
    peri_str text = text_of(&cells[i]);
    peri_view *view = &views[skip + i];
    memset(view, 0, sizeof *view);
    view->len = (int32_t)text.len;
    memcpy(view->u.in, text.ptr, text.len <= 12 ? text.len : 4);
    if (text.len > 12) {
      view->u.ref.buffer = (int32_t)i;
    }
    buffers[i] = text.ptr;
  }
  made->col.data = views + skip;
  made->col.aux = buffers;
}

/* Every value once, in an order of its own. */
static void make_dictionary(struct mock_cells *made,
                            const struct mock_cell *cells, int64_t skip)
{
  int64_t n = made->col.n;
  int32_t *codes = room_of(made, 0, sizeof *codes * (size_t)(skip + n));
  peri_str *words = room_of(made, 1, sizeof *words * (size_t)(n + 1));
  peri_col *values = room_of(made, 2, sizeof *values);
  int32_t count = 0;
  for (int64_t i = n; i-- > 0;) {
    peri_str text = text_of(&cells[i]);
    int32_t code = 0;
    while (code < count && (words[code].len != text.len ||
                            memcmp(words[code].ptr, text.ptr, text.len) != 0)) {
      code++;
    }
    words[code] = text;
    count += code == count;
    codes[skip + i] = code;
  }
  *values = (peri_col){
    .n = count, .data = words, .type = made->col.type, .layout = PERI_L_SPAN};
  made->col.data = codes + skip;
  made->col.aux = values;
}

/* --------------------------------------------------------------- all of them
 */

static void make_bitmap(struct mock_cells *made, const struct mock_cell *cells,
                        int64_t skip)
{
  size_t bytes = (size_t)(skip + made->col.n + 7) / 8;
  uint8_t *bits = room_of(made, 3, bytes);
  for (int64_t i = 0; i < made->col.n; i++) {
    int64_t bit = skip + i;
    bits[bit / 8] &= (uint8_t) ~(1 << bit % 8);
    bits[bit / 8] |= (uint8_t)(!cells[i].null << bit % 8);
  }
  made->col.valid = bits;
  made->col.bit0 = skip;
}

struct mock_cells mock_cells_new(uint32_t type, uint32_t layout,
                                 const struct mock_cell *cells, int64_t n,
                                 int64_t skip, bool bitmap)
{
  struct mock_cells made = {.col = {.n = n, .type = type}};
  for (int64_t i = 0; i < n; i++) {
    bitmap |= cells[i].null;
  }
  if (bitmap && type != PERI_T_NULL) {
    make_bitmap(&made, cells, skip);
  }
  if (type == PERI_T_NULL) {
    return made;
  } else if (type < PERI_T_STR) {
    make_numbers(&made, cells, skip);
    return made;
  }
  made.col.layout = layout;
  void (*const make[])(struct mock_cells *, const struct mock_cell *,
                       int64_t) = {make_views, make_plain, make_dictionary,
                                   make_spans};
  make[layout](&made, cells, skip);
  return made;
}

void mock_cells_free(struct mock_cells *cells)
{
  for (int i = 0; i < 4; i++) {
    free(cells->owned[i]);
  }
  *cells = (struct mock_cells){0};
}
