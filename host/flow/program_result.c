/* program_result.c - the result of a program as a column.
 *
 * Texts become views.  Those that lie in a buffer of the batch stay there; what
 * was computed, and constants, are copied. */
#include "flow/program_parts.h"

#include <string.h>

#define OPEN_MIN ((size_t)1 << 14) /* bytes of the first block of texts */
#define OPEN_MAX ((size_t)1 << 20)

/* ------------------------------------------------------------------ texts */

/* How many sources begin at `at` or before it. */
static int sources_up_to(const struct pg_result *result, const char *at)
{
  int first = 0, last = result->source_count;
  while (first < last) {
    int middle = (first + last) / 2;
    if ((uintptr_t)result->sources[middle].begin <= (uintptr_t)at) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

static void add_source(struct pg_result *result, struct pg_block *block,
                       const char *base)
{
  const char *end = block->bytes + block->size_max;
  int at = sources_up_to(result, base);
  bool known = at > 0 && result->sources[at - 1].begin == base;
  if (known || result->source_count == PG_SOURCES_MAX ||
      end - base > INT32_MAX) {
    return;
  }
  struct pg_text_source *source = &result->sources[at];
  memmove(source + 1, source,
          (size_t)(result->source_count - at) * sizeof *source);
  *source = (struct pg_text_source){base, end, block, -1};
  result->source_count++;
}

/* The buffer that the text lies in, or NULL. */
static struct pg_text_source *find_source(struct pg_result *result,
                                          peri_str text)
{
  int count = sources_up_to(result, text.ptr);
  struct pg_text_source *source = &result->sources[count > 0 ? count - 1 : 0];
  bool inside =
    count > 0 && (uintptr_t)text.ptr + text.len <= (uintptr_t)source->end;
  return inside ? source : NULL;
}

/* Room for a text that is copied; NULL: no memory. */
static char *open_room(struct pg_result *result, size_t len)
{
  struct pg_block *open = result->open;
  if (!open || open->size_max - result->open_used < len) {
    size_t size = open ? 2 * open->size_max : OPEN_MIN;
    size = size > OPEN_MAX ? OPEN_MAX : size;
    open = pg_block_new(size > len ? size : len);
    result->open_buffer =
      open ? pg_heap_add(result->heap, open, open->bytes) : -1;
    if (result->open_buffer < 0) {
      result->open = NULL;
      return NULL;
    }
    result->open = open;
    result->open_used = 0;
  }
  char *at = open->bytes + result->open_used;
  result->open_used += len;
  return at;
}

static inline uint32_t load_four(const char *at)
{
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/* Up to 12 bytes: loads that overlap are quicker than a memcpy() of a length
 * that the compiler does not know. */
static void set_short(peri_view *view, const char *text, size_t len)
{
  uint64_t low = 0, high = 0;
  if (len >= 8) {
    memcpy(&low, text, 8);
    high = (uint64_t)load_four(text + len - 4) >> (8 * (12 - len));
  } else if (len >= 4) {
    low = load_four(text) | (uint64_t)load_four(text + len - 4)
                              << (8 * (len - 4));
  } else if (len > 0) {
    low = (uint64_t)(uint8_t)text[0] |
          (uint64_t)(uint8_t)text[len / 2] << (8 * (len / 2)) |
          (uint64_t)(uint8_t)text[len - 1] << (8 * (len - 1));
  }
  uint32_t last = (uint32_t)high;
  view->len = (int32_t)len;
  memcpy(view->u.in, &low, 8);
  memcpy(view->u.in + 8, &last, 4);
}

static enum pg_status set_long(struct pg_result *result, peri_view *view,
                               peri_str text, struct pg_error *err)
{
  if (text.len > INT32_MAX) {
    return pg_fail(err, PG_BAD_INPUT,
                   "a text of %zu bytes is longer than a column can hold",
                   text.len);
  }
  if (!result->heap) {
    result->heap = pg_heap_new();
  }
  struct pg_text_source *source = find_source(result, text);
  const char *at = text.ptr;
  int buffer = -1;
  if (result->heap && source) {
    if (source->buffer < 0) {
      source->buffer =
        pg_heap_add(result->heap, pg_block_ref(source->block), source->begin);
    }
    buffer = source->buffer;
  } else if (result->heap) {
    char *copy = open_room(result, text.len);
    buffer = copy ? result->open_buffer : -1;
    if (copy) {
      memcpy(copy, text.ptr, text.len);
    }
    at = copy;
  }
  if (buffer < 0) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for the texts of a column");
  }
  view->len = (int32_t)text.len;
  memcpy(view->u.ref.prefix, at, 4);
  view->u.ref.buffer = buffer;
  view->u.ref.offset = (int32_t)(at - result->heap->bases[buffer]);
  return PG_OK;
}

static enum pg_status add_texts(struct pg_result *result,
                                const struct pg_register *reg, int64_t n,
                                struct pg_error *err)
{
  peri_view *views = (peri_view *)result->column->data->bytes + result->done;
  const uint64_t *valid = pg_register_valid(reg);
  peri_str last = {NULL, 0}; /* and in its view */
  peri_view last_view;
  for (int64_t i = 0; i < n; i++) {
    if (reg->null || (valid && !pg_mask_bit(valid, i))) {
      memset(&views[i], 0, sizeof views[i]);
      continue;
    }
    peri_str text = pg_register_text(reg, i);
    if (text.len <= 12) {
      set_short(&views[i], text.ptr, text.len);
      continue;
    }
    if (text.ptr != last.ptr || text.len != last.len) {
      enum pg_status status = set_long(result, &last_view, text, err);
      if (status != PG_OK) {
        return status;
      }
      last = text;
    }
    views[i] = last_view; /* a constant is copied once for a chunk */
  }
  return PG_OK;
}

/* -------------------------------------------------------------- the others */

static void add_values(struct pg_result *result, const struct pg_register *reg,
                       int64_t n)
{
  struct pg_column *column = result->column;
  size_t width = pg_type_width(column->type);
  char *out = column->data->bytes + width * (size_t)result->done;
  if (column->type == PERI_T_BOOL) {
    uint64_t bits[PG_CHUNK_WORDS] = {0};
    if (!reg->null) {
      pg_mask_pack(bits, reg->col.data, n);
    }
    memcpy(column->data->bytes + result->done / 8, bits, (size_t)(n + 7) / 8);
  } else if (reg->null) {
    memset(out, 0, width * (size_t)n);
  } else if (reg->col.data != out) {
    memcpy(out, reg->col.data, width * (size_t)n);
  }
}

static enum pg_status add_valid(struct pg_result *result,
                                const struct pg_register *reg, int64_t n,
                                struct pg_error *err)
{
  struct pg_column *column = result->column;
  bool some = reg->null || reg->col.valid;
  if (some && !column->valid) {
    column->valid = pg_block_new((size_t)(column->length + 7) / 8);
    if (!column->valid) {
      return pg_fail(err, PG_NO_MEMORY, "no memory for a column");
    }
    memset(column->valid->bytes, 0xFF, (size_t)result->done / 8);
  }
  if (!column->valid) {
    return PG_OK;
  }
  char *bits = column->valid->bytes + result->done / 8;
  if (some && !reg->null) {
    memcpy(bits, reg->col.valid, (size_t)(n + 7) / 8);
    column->nulls += n - pg_mask_count(pg_register_valid(reg), n);
  } else {
    memset(bits, some ? 0 : 0xFF, (size_t)(n + 7) / 8);
    column->nulls += some ? n : 0;
  }
  return PG_OK;
}

/* -------------------------------------------------------------- the column */

enum pg_status pg_result_init(struct pg_result *result,
                              const struct pg_program *program,
                              const struct pg_frame *frame,
                              const struct pg_batch *batch,
                              struct pg_error *err)
{
  uint32_t type = frame->registers[program->count - 1].col.type;
  *result = (struct pg_result){.column = pg_column_new(type, batch->rows)};
  struct pg_column *column = result->column;
  size_t rows = (size_t)batch->rows;
  if (column && type == PERI_T_NULL) {
    column->nulls = batch->rows;
    return PG_OK;
  }
  if (column) {
    column->data = pg_block_new(
      type == PERI_T_BOOL ? (rows + 7) / 8 : rows * pg_type_width(type));
  }
  if (!column || !column->data) {
    pg_result_fini(result);
    return pg_fail(err, PG_NO_MEMORY, "no memory for a column");
  }
  for (int i = 0; pg_type_is_text(type) && i < program->count; i++) {
    int index = frame->registers[i].column;
    const struct pg_heap *heap =
      program->steps[i].used && index >= 0 ? batch->columns[index]->heap : NULL;
    for (int k = 0; heap && k < heap->count; k++) {
      add_source(result, heap->blocks[k], heap->bases[k]);
    }
  }
  return PG_OK;
}

void pg_result_fini(struct pg_result *result)
{
  pg_column_unref(result->column);
  pg_heap_unref(result->heap);
  *result = (struct pg_result){0};
}

void *pg_result_place(const struct pg_result *result)
{
  const struct pg_column *column = result->column;
  if (column->type == PERI_T_NULL || column->type == PERI_T_BOOL ||
      pg_type_is_text(column->type)) {
    return NULL;
  }
  return column->data->bytes +
         pg_type_width(column->type) * (size_t)result->done;
}

enum pg_status pg_result_add(struct pg_result *result,
                             const struct pg_register *reg, int64_t n,
                             struct pg_error *err)
{
  enum pg_status status = PG_OK;
  if (result->column->type != PERI_T_NULL) {
    status = add_valid(result, reg, n, err);
  }
  if (status != PG_OK) {
    return status;
  }
  if (pg_type_is_text(result->column->type)) {
    status = add_texts(result, reg, n, err);
  } else if (result->column->type != PERI_T_NULL) {
    add_values(result, reg, n);
  }
  result->done += n;
  return status;
}
