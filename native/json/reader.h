/* reader.h - the state of the decoder, and what its files call of each other.
 *
 * Reading a record has side effects (columns begin, types widen), which a
 * record that turns out malformed must not leave behind.  So before the first
 * of them the whole record is checked, once: json_is_sound().  What a malformed
 * or rejected record did write into columns is taken back by json_take_back().
 */
#ifndef JSON_READER_H
#define JSON_READER_H
#include "json_number.h"
#include "keep.h"
#include "plan.h"
#include "shape.h"
#include "value.h"
#include "view_text.h"

#define JSON_SLOW                                                              \
  0xFF /* json_column.quick: no value may be written quickly                   \
        */

enum json_kind {
  JSON_K_NULL,
  JSON_K_BOOL,
  JSON_K_INTEGER,
  JSON_K_DOUBLE,
  JSON_K_HUGE, /* a number that is neither */
  JSON_K_STRING,
  JSON_K_NESTED,
};

/* One value of a record.  [borrow] from the chunk */
struct json_value {
  enum json_kind kind;
  bool truth;   /* JSON_K_BOOL */
  bool escaped; /* JSON_K_STRING: a backslash is in it */
  struct json_number number;
  peri_str raw; /* as it stands in the input, quotes and all */
};

struct json_column {
  void *values;   /* of this batch, or NULL; belongs to the host */
  uint8_t *valid; /* a byte a row; NULL: no null so far */
  int64_t next;   /* rows [0, next) are settled */
  uint32_t quick; /* the type that may be written without json_put() */
  const struct json_slot *from; /* that wrote last */
  uint32_t type;    /* of this batch; PERI_T_NULL: no value so far */
  uint32_t asked;   /* by the plan; PERI_T_NULL: as found */
  int32_t index;    /* in this batch, or -1 */
  uint64_t blocked; /* `line_count` of the last record where it was null,
                       when `paths` */
  bool paths;       /* a dot is in the name: several slots lead here */
  bool named;       /* only its name is wanted: see keep.h */
  bool left_out;    /* of the texts of records that are kept */
  int32_t place;    /* there, of one that is chosen */
  const peri_member *member; /* that has its name there, or NULL */
  peri_str name;             /* owned, behind the struct */
};

struct json_columns {
  struct json_column **list; /* owned; all that may come */
  struct json_column **seen; /* borrowed from list: those that came in this
                                batch, in the order in which they came first */
  uint32_t count, max, seen_count;
};

/* Bytes for views that the chunk cannot give. */
struct json_heap {
  char *base;
  size_t used, size;
  int32_t buffer;
};

struct json_reader {
  /* of one call */
  peri_cx *cx;
  peri_out *out;
  const char *chunk; /* the bytes of buffer 0 */
  const char *base;  /* of the views into the input, and their buffer: the
                        chunk, or a copy of the last record */
  const char *limit; /* how far the input may be read */
  int32_t buffer;
  int64_t row, rows_max;
  int64_t by_plan, by_key;                   /* of those rows */
  const uint32_t *line_ends, *line_ends_end; /* of lines that are left */
  const char *line;                          /* the record at hand */
  const char *last;                          /* one that was read, or NULL */
  int keys;                                  /* that were met in it */
  bool repeats, again; /* a parent came twice in the record; that is known */
  bool sound;          /* it was checked and found good */
  bool wide;           /* this machine has AVX2 */
  struct json_heap *heaps; /* the last one is open; lies in the arena */
  uint32_t heap_count, heap_max;
  peri_status status;         /* below 0: give up */
  char problem[JSON_WHY_MAX]; /* why a sound record is rejected, or empty */
  /* of the instance */
  uint64_t line_count;
  struct json_shape shape;
  struct json_plan plan;
  struct json_keyed keyed;
  struct json_columns columns;
  const peri_field *fields; /* that the shape was made for */
  uint32_t n_fields, all;
  struct json_keep keep;
};

/* column.c */

/* Puts the value into the current row of the slot's column.  False: the row is
 * rejected, or r->status says why not. */
bool json_put(struct json_reader *r, const struct json_slot *slot,
              const struct json_value *value);
/* Makes a column; NULL: no memory. */
struct json_column *json_column_new(struct json_reader *r, peri_str name,
                                    uint32_t asked);
/* Makes the rows that the column lacks before this one null. */
bool json_close_gap(struct json_reader *r, struct json_column *column);
/* Begins and ends a batch.  False: r->status. */
void json_columns_begin(struct json_reader *r);
bool json_columns_end(struct json_reader *r);
void json_columns_fini(peri_cx *cx, struct json_columns *columns);
/* The current row is as if it had not been read. */
void json_take_back(struct json_reader *r);
/* Rows from this one on have no value of the slot, nor of what lies in it. */
void json_take_back_rows(struct json_reader *r, const struct json_slot *slot,
                         int64_t from);
/* Is the record at hand well-formed? */
bool json_is_sound(struct json_reader *r);
/* False, with the problem and the column of the record's text. */
bool json_problem(struct json_reader *r, const char *at, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/* heap.c */

/* Room for n bytes, or NULL and r->status. */
char *json_heap_room(struct json_reader *r, size_t n);
/* Sets the view to the `len` bytes that were written there. */
void json_heap_view(struct json_reader *r, peri_view *view, size_t len);
/* The text of a view of this batch. */
peri_str json_view_text(const struct json_reader *r, const peri_view *view);

/* convert.c */

/* Writes what a string says. */
bool json_store_string(struct json_reader *r, peri_view *view,
                       const struct json_value *value);
/* Writes the value as the type that was asked for. */
bool json_convert(struct json_reader *r, struct json_column *column,
                  const struct json_value *value);
/* Writes the value, whose kind the column's type can hold. */
bool json_store(struct json_reader *r, struct json_column *column,
                const struct json_value *value);
/* Writes the canonical text of the value: what the encoder would print. */
bool json_store_text(struct json_reader *r, peri_view *view,
                     const struct json_value *value);
/* The same for a text that is not escaped yet, which becomes a string. */
bool json_store_quoted(struct json_reader *r, peri_view *view, peri_str text);

/* record.c */

/* Reads the record at p, which begins with '{'.  The next line, or NULL: the
 * record is rejected, or r->status. */
const char *json_read_record(struct json_reader *r, const char *p);
/* Reads the value at p into the slot's column; its end, or NULL: the record is
 * rejected, or r->status. */
const char *json_read_value(struct json_reader *r, struct json_slot *slot,
                            const char *p);

/* Sets a view to a text in the input.  At least 12 bytes can be read there. */
static inline void json_input_view(const struct json_reader *r, peri_view *view,
                                   const char *text, size_t len)
{
  view_set_chunk(view, text, len, r->buffer, r->base);
}
#endif
