/* head.c - names and kinds of the columns of a stream. */
#include "head.h"

#include <stdio.h>

void csv_head_fini(peri_cx *cx, struct csv_head *head)
{
  csv_names_fini(cx, &head->names);
  cx->sv->realloc(cx, head->texts, 0);
  *head = (struct csv_head){0};
}

static peri_status no_memory(peri_cx *cx)
{
  return peri_fail(cx, PERI_ENOMEM, "no memory for the header");
}

static peri_status check_header(peri_cx *cx, const struct csv_head_rules *rules,
                                const struct csv_fill *fill, size_t row)
{
  char message[160];
  const struct csv_cut *cut = fill->cut;
  size_t fields = cut->row[row + 1] - cut->row[row];
  if (cut->open && row + 1 == cut->row_count) {
    return peri_fail(cx, PERI_EDATA,
                     "the header has a quote that does not close");
  }
  if (csv_next_crooked(cut, row) == row) {
    return peri_fail(cx, PERI_EDATA,
                     "the header has text behind a closing quote");
  }
  if (rules->names->len == 0 || fields == rules->names->len) {
    return PERI_OK;
  }
  snprintf(message, sizeof message,
           "the header has %zu fields, but parameter 'names' names %zu", fields,
           rules->names->len);
  return peri_fail(cx, PERI_EDATA, message);
}

/* The names, by a header in record `row` or without one. */
static peri_status find_names(peri_cx *cx, struct csv_head *head,
                              const struct csv_head_rules *rules,
                              const struct csv_fill *fill, size_t row)
{
  const struct csv_cut *cut = fill->cut;
  bool done;
  if (rules->header) {
    peri_status status = check_header(cx, rules, fill, row);
    if (status != PERI_OK) {
      return status;
    }
  }
  if (rules->names->len > 0) {
    done = csv_names_given(cx, &head->names, rules->names);
  } else if (rules->header) {
    done = csv_names_of_header(cx, &head->names, fill->syntax, cut, row,
                               fill->batch.chunk->bytes, rules->warn);
  } else {
    done =
      csv_names_numbered(cx, &head->names, cut->row[row + 1] - cut->row[row]);
  }
  return done ? PERI_OK : no_memory(cx);
}

/* Which columns hold texts, by the rows of the sample. */
static bool find_texts(peri_cx *cx, struct csv_head *head,
                       const struct csv_head_rules *rules,
                       const struct csv_fill *fill)
{
  struct csv_fill rows = *fill;
  size_t records = fill->cut->row_count;
  rows.column_count = head->names.count;
  rows.rows = peri_alloc(cx, records * sizeof *rows.rows);
  rows.faults = peri_alloc(cx, records * sizeof *rows.faults);
  head->texts = cx->sv->realloc(cx, NULL, head->names.count);
  if (!rows.rows || !rows.faults || !head->texts) {
    return false;
  }
  csv_fill_rows(&rows, head->records);
  for (size_t i = 0; i < head->names.count; i++) {
    head->texts[i] = csv_has_texts(&rows, i, rules->sample);
  }
  return true;
}

peri_status csv_head_read(peri_cx *cx, struct csv_head *head,
                          const struct csv_head_rules *rules,
                          const struct csv_fill *fill)
{
  const struct csv_cut *cut = fill->cut;
  size_t row = 0;
  csv_head_fini(cx, head);
  while (row < cut->row_count &&
         csv_is_blank(cut, row, fill->batch.chunk->bytes)) {
    row++;
  }
  if (row == cut->row_count) {
    return PERI_OK;
  }
  peri_status status = find_names(cx, head, rules, fill, row);
  if (status != PERI_OK) {
    return status;
  }
  head->records = row + rules->header;
  if (!find_texts(cx, head, rules, fill)) {
    return no_memory(cx);
  }
  head->known = true;
  return PERI_OK;
}
