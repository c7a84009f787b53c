/* sort.c - the kernel `sort`.
 *
 * The rows lie in one array, and a segment of it is what is equal by all that
 * was looked at so far.  Sorting a segment by the next 64 bits (a number, or
 * eight bytes of a text) leaves smaller segments of equals, which wait on a
 * stack for the bits that come next.  Nothing compares two rows.
 */
#include "json.h"
#include "keys.h"

#include <stdio.h>

#define BY_INSERTION 48 /* up to here, insertion beats the radix sort */
#define BLOCK 512       /* rows that are looked at together, in the cache */

#define SORT(P)                                                                \
  P(list_str, by, required,                                                    \
    "The columns, the most important first; \"-name\" sorts it downwards.")    \
  P(i64, limit, 0, "Keep only the first so many rows; 0: all of them.", 0..)
PERI_PARAMS(sort_params, SORT)

PERI_KERNEL(sort, PERI_WHOLE, sort_params, peri_none, "", "",
            "All rows, sorted. Rows that are equal keep their order. Numbers "
            "that are no numbers (NaN) come last, nulls after them, upwards "
            "and downwards. Texts are sorted by their bytes. In a column of "
            "JSON values numbers come first, then texts, then the others by "
            "their bytes, upwards and downwards.");

struct segment {
  size_t from, n;
  size_t order; /* the column that it is to be sorted by */
  size_t depth; /* of a text: so many bytes are equal */
};

struct sorting {
  peri_cx *cx;
  struct order *orders;
  size_t order_count;
  struct entry *entries, *spare; /* each with room for all rows */
  struct segment *stack;
  size_t stack_count, stack_room;
  size_t keep; /* rows that are asked for */
};

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory to sort");
}

/* ------------------------------------------------------- sort one array of
 * keys
 */

static void sort_by_insertion(struct entry *entries, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    struct entry entry = entries[i];
    size_t at = i;
    for (; at > 0 && entries[at - 1].key > entry.key; at--) {
      entries[at] = entries[at - 1];
    }
    entries[at] = entry;
  }
}

static void pass(struct entry *to, const struct entry *from, size_t n,
                 uint32_t *counts, int shift)
{
  uint32_t sum = 0;
  for (int i = 0; i < 256; i++) {
    uint32_t count = counts[i];
    counts[i] = sum;
    sum += count;
  }
  for (size_t i = 0; i < n; i++) {
    to[counts[from[i].key >> shift & 255]++] = from[i];
  }
}

/* By bytes, the lowest first; bytes that never differ cost nothing. */
static void sort_by_radix(struct entry *entries, struct entry *spare, size_t n,
                          uint64_t differ)
{
  static const int bytes = 8;
  uint32_t counts[8][256] = {{0}};
  for (size_t i = 0; i < n; i++) {
    for (int byte = 0; byte < bytes; byte++) {
      counts[byte][entries[i].key >> 8 * byte & 255]++;
    }
  }
  struct entry *from = entries, *to = spare;
  for (int byte = 0; byte < bytes; byte++) {
    if (differ >> 8 * byte & 255) {
      pass(to, from, n, counts[byte], 8 * byte);
      struct entry *swap = from;
      from = to;
      to = swap;
    }
  }
  if (from != entries) {
    memcpy(entries, from, n * sizeof *entries);
  }
}

static void sort_keys(struct sorting *sorting, struct entry *entries, size_t n)
{
  uint64_t differ = 0;
  for (size_t i = 1; i < n; i++) {
    differ |= entries[i].key ^ entries[0].key;
  }
  if (differ == 0) {
    return;
  } else if (n <= BY_INSERTION) {
    sort_by_insertion(entries, n);
  } else {
    sort_by_radix(entries, sorting->spare, n, differ);
  }
}

/* ----------------------------------------------------------------- segments */

/* Puts a segment aside, unless nothing can change in it. */
static bool push(struct sorting *sorting, struct segment segment)
{
  if (segment.n < 2 || segment.order == sorting->order_count ||
      segment.from >= sorting->keep) {
    return true;
  }
  if (sorting->stack_count == sorting->stack_room) {
    size_t room = sorting->stack_room ? sorting->stack_room * 2 : 64;
    struct segment *stack = peri_alloc(sorting->cx, room * sizeof *stack);
    if (!stack) {
      return false;
    }
    if (sorting->stack_count > 0) {
      memcpy(stack, sorting->stack, sorting->stack_count * sizeof *stack);
    }
    sorting->stack = stack;
    sorting->stack_room = room;
  }
  sorting->stack[sorting->stack_count++] = segment;
  return true;
}

/* Brings values before NaN before null, in their order.  [out] counts */
static void part_by_rank(struct sorting *sorting, const peri_col *column,
                         struct segment segment, size_t counts[3])
{
  struct entry *entries = sorting->entries + segment.from;
  size_t values = 0, others = 0;
  counts[RANK_NAN] = counts[RANK_NULL] = 0;
  counts[RANK_VALUE] = segment.n;
  if (segment.depth > 0 || key_all_values(column)) {
    return;
  }
  for (size_t i = 0; i < segment.n; i++) {
    enum rank rank = key_rank(column, entries[i].row);
    counts[rank] += rank != RANK_VALUE;
    sorting->spare[others].row = entries[i].row;
    sorting->spare[others].key = rank;
    others += rank != RANK_VALUE;
    entries[values] = entries[i];
    values += rank == RANK_VALUE;
  }
  counts[RANK_VALUE] = values;
  size_t nan = values, null = values + counts[RANK_NAN];
  for (size_t i = 0; i < others; i++) {
    entries[sorting->spare[i].key == RANK_NAN ? nan++ : null++].row =
      sorting->spare[i].row;
  }
}

/* `run` is equal in the bytes at its depth: a text that ends there comes before
 * one that has a zero in its place, and those that go on come last. */
static bool push_texts(struct sorting *sorting, struct segment run)
{
  const struct order *order = &sorting->orders[run.order];
  struct entry *entries = sorting->entries + run.from;
  const uint64_t flip = order->down ? ~UINT64_C(0) : 0;
  for (size_t i = 0; i < run.n; i++) {
    entries[i].key = flip ^ key_rest(order->column, run.depth, entries[i].row);
  }
  sort_keys(sorting, entries, run.n);
  for (size_t from = 0, to; from < run.n; from = to) {
    uint64_t key = entries[from].key;
    for (to = from + 1; to < run.n && entries[to].key == key; to++) {
    }
    struct segment next = {run.from + from, to - from, run.order + 1, 0};
    if ((flip ^ key) > KEY_BYTES) {
      next.order = run.order;
      next.depth = run.depth + KEY_BYTES;
    }
    if (!push(sorting, next)) {
      return false;
    }
  }
  return true;
}

static void fill_keys(const struct order *order, size_t depth,
                      struct entry *entries, size_t n)
{
  key_fill(order->column, depth, entries, n);
  for (size_t i = 0; order->down && i < n; i++) {
    entries[i].key = ~entries[i].key;
  }
}

/* Sorts by the next 64 bits and puts aside what is equal in them. */
static bool sort_segment(struct sorting *sorting, struct segment segment)
{
  const struct order *order = &sorting->orders[segment.order];
  struct entry *entries = sorting->entries + segment.from;
  size_t counts[3];
  part_by_rank(sorting, order->column, segment, counts);
  size_t n = counts[RANK_VALUE];
  fill_keys(order, segment.depth, entries, n);
  sort_keys(sorting, entries, n);
  for (size_t from = 0, to; from < n; from = to) {
    for (to = from + 1; to < n && entries[to].key == entries[from].key; to++) {
    }
    struct segment run = {segment.from + from, to - from, segment.order,
                          segment.depth};
    bool texts = key_is_text(order->column) && run.n > 1;
    run.order += !texts;
    run.depth = texts ? run.depth : 0;
    if (!(texts ? push_texts(sorting, run) : push(sorting, run))) {
      return false;
    }
  }
  size_t next = segment.order + 1, nan = segment.from + n;
  return push(sorting, (struct segment){nan, counts[RANK_NAN], next, 0}) &&
         push(sorting, (struct segment){nan + counts[RANK_NAN],
                                        counts[RANK_NULL], next, 0});
}

static peri_status sort_all(struct sorting *sorting, size_t n)
{
  bool room = push(sorting, (struct segment){0, n, 0, 0});
  while (room && sorting->stack_count > 0) {
    if (peri_stopped(sorting->cx)) {
      return PERI_ECANCEL;
    }
    room = sort_segment(sorting, sorting->stack[--sorting->stack_count]);
  }
  return room ? PERI_OK : no_memory(sorting->cx);
}

/* -------------------------------------------------------------- a few of many
 */

/* The smallest keys so far, the largest of them on top. */
struct heap {
  uint64_t *keys;
  size_t count, room;
};

static void heap_add(struct heap *heap, uint64_t key)
{
  uint64_t *keys = heap->keys;
  size_t at = heap->count++;
  for (; at > 0 && keys[(at - 1) / 2] < key; at = (at - 1) / 2) {
    keys[at] = keys[(at - 1) / 2];
  }
  keys[at] = key;
}

static void heap_replace(struct heap *heap, uint64_t key)
{
  uint64_t *keys = heap->keys;
  size_t at, child;
  for (at = 0; (child = 2 * at + 1) < heap->room; at = child) {
    child += child + 1 < heap->room && keys[child + 1] > keys[child];
    if (keys[child] <= key) {
      break;
    }
    keys[at] = keys[child];
  }
  keys[at] = key;
}

/* Brings entries of a block that may be among the first to its begin; how many.
 */
static size_t leave_of_block(struct heap *heap, struct entry *block, size_t n)
{
  size_t left = 0, i = 0;
  for (; i < n && heap->count < heap->room; i++) {
    heap_add(heap, block[i].key);
    left++;
  }
  for (; i < n; i++) {
    uint64_t key = block[i].key;
    if (key <= heap->keys[0]) {
      block[left++] = block[i];
      heap_replace(heap, key);
    }
  }
  return left;
}

static void take_all_rows(struct sorting *sorting, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    sorting->entries[i].row = (uint32_t)i;
  }
}

/* Takes only rows that may be among the first sorting->keep, unless there are
 * too few values; how many. */
static size_t take_first(struct sorting *sorting, size_t n)
{
  const struct order *order = &sorting->orders[0];
  struct entry *entries = sorting->entries;
  struct heap heap = {(uint64_t *)sorting->spare, 0, sorting->keep};
  size_t found = 0, left = 0;
  for (size_t from = 0; from < n; from += BLOCK) {
    struct entry *block = entries + found;
    size_t count = key_values(order->column, from,
                              n - from < BLOCK ? n - from : BLOCK, block);
    fill_keys(order, 0, block, count);
    found += leave_of_block(&heap, block, count);
  }
  if (heap.count < heap.room) {
    take_all_rows(sorting, n);
    return n;
  }
  for (size_t i = 0; i < found; i++) {
    entries[left] = entries[i];
    left += entries[i].key <= heap.keys[0];
  }
  return left;
}

/* ------------------------------------------------------------------ the kernel
 */

/* Adds what the column is sorted by. */
static peri_status add_order(struct sorting *sorting, const peri_batch *in,
                             peri_str by)
{
  char text[300];
  peri_cx *cx = sorting->cx;
  struct order *order = &sorting->orders[sorting->order_count++];
  order->down = by.len > 0 && by.ptr[0] == '-';
  if (by.len > 0 && (by.ptr[0] == '-' || by.ptr[0] == '+')) {
    by = (peri_str){by.ptr + 1, by.len - 1};
  }
  for (int64_t i = 0; i < in->n_cols; i++) {
    if (peri_str_eq(in->names[i], by)) {
      order->column = &in->cols[i];
      if (in->cols[i].type != PERI_T_JSON) {
        return PERI_OK;
      }
      sorting->order_count += JSON_ORDERS - 1;
      return json_orders(cx, order) ? PERI_OK : no_memory(cx);
    }
  }
  snprintf(text, sizeof text, "parameter 'by': no column '%.*s'",
           by.len < 200 ? (int)by.len : 200, by.ptr);
  return peri_fail(cx, PERI_EINVAL, text);
}

static peri_status prepare(struct sorting *sorting, const sort_params *params,
                           const peri_batch *in)
{
  peri_cx *cx = sorting->cx;
  size_t n = (size_t)in->n, count = params->by.len;
  sorting->orders =
    peri_alloc(cx, count * JSON_ORDERS * sizeof *sorting->orders);
  sorting->entries = peri_alloc(cx, n * sizeof *sorting->entries);
  sorting->spare = peri_alloc(cx, n * sizeof *sorting->spare);
  if (!sorting->orders || !sorting->entries || !sorting->spare) {
    return no_memory(cx);
  }
  for (size_t i = 0; i < count; i++) {
    peri_status status = add_order(sorting, in, params->by.ptr[i]);
    if (status != PERI_OK) {
      return status;
    }
  }
  sorting->keep =
    params->limit > 0 && params->limit < in->n ? (size_t)params->limit : n;
  return PERI_OK;
}

static peri_status check(peri_cx *cx, const sort_params *params)
{
  return params->by.len > 0
           ? PERI_OK
           : peri_fail(cx, PERI_EINVAL, "parameter 'by' names no column");
}

PERI_SCHEMA(sort)
{
  (void)out; /* it gives the columns that came */
  return check(cx, params);
}

PERI_OPEN(sort)
{
  return check(cx, params);
}

PERI_PROCESS(sort)
{
  struct sorting sorting = {.cx = cx};
  size_t n = (size_t)in->n;
  if (n == 0) {
    return PERI_OK;
  } else if (n > UINT32_MAX) {
    return peri_fail(cx, PERI_EINVAL, "more rows than can be sorted: 2^32");
  }
  peri_status status = prepare(&sorting, params, in);
  if (status == PERI_OK && sorting.keep < n / 4) {
    n = take_first(&sorting, n);
  } else if (status == PERI_OK) {
    take_all_rows(&sorting, n);
  }
  status = status == PERI_OK ? sort_all(&sorting, n) : status;
  if (status != PERI_OK) {
    return status;
  }
  /* Row numbers take less room than entries, and go where those were. */
  uint32_t *rows = (uint32_t *)sorting.spare;
  for (size_t i = 0; i < sorting.keep; i++) {
    rows[i] = sorting.entries[i].row;
  }
  return cx->sv->out_pick(out, rows, (int64_t)sorting.keep);
}
