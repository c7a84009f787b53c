/* cut.h - where the records and fields of a CSV text end. */
#ifndef PERIGEE_CSV_CUT_H
#define PERIGEE_CSV_CUT_H
#include <perigee/plugin.h>

struct csv_syntax {
  char separator, quote;
  bool quotes; /* false: the quote is a byte like any other */
};

/* A record with quotes where none belong: within a field that does not begin
 * with one, where they are bytes like any other, or behind text that stands
 * behind a closing quote. */
struct csv_odd {
  uint32_t row;
  bool crooked; /* there is text behind a closing quote */
};

/* The borders of a text.  mark[0] is the byte before the text; every other mark
 * is the offset of a separator, of a newline, or of the end.  Record r has the
 * marks [row[r], row[r + 1]), one for each field, so that field c of it is
 *
 *   [mark[row[r] + c - 1] + 1, mark[row[r] + c])
 */
struct csv_cut {
  uint32_t *mark, *row; /* owned */
  size_t mark_count, mark_room;
  size_t row_count, row_room;
  struct csv_odd *odd; /* owned, in the order of the records */
  size_t odd_count, odd_room;
  bool open; /* the last field begins with a quote that does not close */
};

/* Makes the syntax of one-byte texts; false: a message was given to fail(). */
bool csv_syntax_init(peri_cx *cx, struct csv_syntax *syntax, peri_str separator,
                     peri_str quote);

/* Cuts [from, len) of the text, which begins with a record and is followed by
 * 64 readable bytes.  Unless it is the last of the stream, a record without a
 * newline is left out.  False: no memory. */
bool csv_cut(peri_cx *cx, struct csv_cut *cut, const struct csv_syntax *syntax,
             const char *text, size_t from, size_t len, bool last);

/* How many bytes of the text the records are, up to the last newline. */
size_t csv_cut_len(const struct csv_cut *cut);

/* Releases the arrays; an empty one is fine. */
void csv_cut_fini(peri_cx *cx, struct csv_cut *cut);

/* The first record from `row` on that has text behind a closing quote;
 * SIZE_MAX: none. */
size_t csv_next_crooked(const struct csv_cut *cut, size_t row);

/* Is record `row` an empty line? */
bool csv_is_blank(const struct csv_cut *cut, size_t row, const char *text);

/* Are all records empty lines? */
bool csv_is_empty(const struct csv_cut *cut, const char *text);

/* Takes the quotes off the inside of a quoted field; the new length. */
size_t csv_unquote(char *to, const char *text, size_t len, char quote);
#endif
