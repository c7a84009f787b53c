/* shown.h - text made fit for a terminal: its width, and no control bytes. */
#ifndef PERIGEE_SHOWN_H
#define PERIGEE_SHOWN_H
#include <stddef.h>
#include <stdint.h>

#define SHOWN_PIECE_MAX 16 /* bytes that one character may become */

/* What one character becomes. */
struct shown_piece {
  char text[SHOWN_PIECE_MAX];
  size_t len;
  int
    width; /* columns of the terminal: 0, 1 or 2, or the length of an escape */
};

/* How many columns a terminal gives to a code point that is no control. */
int shown_width(uint32_t code);

/* Shows the first character of the text and returns how many bytes it has; a
 * byte that is not UTF-8 counts as one.  len > 0. */
size_t shown_next(struct shown_piece *piece, const char *text, size_t len);
#endif
