/* fill.h - the columns of a batch from the fields of its records. */
#ifndef PERIGEE_CSV_FILL_H
#define PERIGEE_CSV_FILL_H
#include "cut.h"
#include "scan.h"
#include "text_column.h"

/* A record that is no row; `why` as text is made when it is reported. */
struct csv_fault {
  uint32_t row;    /* its number among the records of the chunk */
  uint32_t column; /* whose declared type refuses the field */
  enum { CSV_FIELD_COUNT, CSV_QUOTES, CSV_OPEN_QUOTE, CSV_VALUE } why;
};

/* What filling needs; `rows` and `faults` have room for every record. */
struct csv_fill {
  struct text_batch batch;
  const struct csv_syntax *syntax;
  const struct csv_cut *cut;
  const peri_list_str *nulls;
  bool empty_is_null;          /* and nothing else is */
  struct text_column *columns; /* PERI_T_NULL: the type is to be found */
  const bool *texts;           /* PERI_T_NULL: all fields are texts */
  size_t column_count;
  uint32_t *rows; /* the records that are rows: where in `mark` each begins */
  size_t row_count;
  struct csv_fault *faults;
  size_t fault_count;
};

/* A field, in place. */
struct csv_field {
  const char *text; /* without the quotes around it */
  size_t len;
  bool quoted;
};

/* Reads the fields of one column.  A copy of what is needed, because a compiler
 * has to load anything behind a pointer again after each value it stores. */
struct csv_reader {
  const char *text;
  const uint32_t *mark; /* of this column */
  char quote;
  bool quotes, last;
};

static inline struct csv_reader csv_reader_of(const struct csv_fill *fill,
                                              size_t column)
{
  return (struct csv_reader){.text = fill->batch.chunk->bytes,
                             .mark = fill->cut->mark + column,
                             .quote = fill->syntax->quote,
                             .quotes = fill->syntax->quotes,
                             .last = column + 1 == fill->column_count};
}

static inline struct csv_field csv_read(const struct csv_reader *reader,
                                        uint32_t row)
{
  const uint32_t *mark = reader->mark + row;
  const char *from = reader->text + (uint32_t)(mark[-1] + 1);
  const char *to = reader->text + mark[0];
  if (reader->last && to > from && to[-1] == '\r') {
    to--;
  }
  if (reader->quotes && *from == reader->quote && to - from >= 2) {
    return (struct csv_field){from + 1, (size_t)(to - from) - 2, true};
  }
  return (struct csv_field){from, (size_t)(to - from), false};
}

static inline struct csv_field csv_field_at(const struct csv_fill *fill,
                                            uint32_t row, size_t column)
{
  const struct csv_reader reader = csv_reader_of(fill, column);
  return csv_read(&reader, row);
}

/* Is the field one of the texts? */
bool csv_is_one_of(const peri_list_str *nulls, const struct csv_field *field);

static inline bool csv_is_null(const struct csv_fill *fill,
                               const struct csv_field *field)
{
  return !field->quoted &&
         (fill->empty_is_null ? field->len == 0
                              : csv_is_one_of(fill->nulls, field));
}

/* Does it hold a quote, which then stands there twice? */
static inline bool csv_has_doubled(const struct csv_field *field, char quote)
{
  return field->quoted && scan_has(field->text, field->len, quote);
}

/* Stores a field as the column's type; false: it is no such value. */
bool csv_put_field(struct csv_fill *fill, struct text_column *column,
                   int64_t row, const struct csv_field *field);

/* Sorts the records of the chunk from number `first` on into rows and faults,
 * by their shape. */
void csv_fill_rows(struct csv_fill *fill, size_t first);

/* Makes all wanted columns, in order. */
void csv_fill_columns(struct csv_fill *fill);

/* guess.c: fills the columns that are `guessed`, which are part of the batch.
 */
void csv_fill_guessed(struct csv_fill *fill, const bool *guessed);

/* guess.c: is a field of the rows that begin in the first `sample` bytes a
 * text, or are there numbers beside truth values? */
bool csv_has_texts(const struct csv_fill *fill, size_t column, uint64_t sample);
#endif
