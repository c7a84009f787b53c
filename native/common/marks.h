/* marks.h - where some bytes are in a text, found a window ahead.
 *
 *   struct marks marks;
 *   marks_init(&marks, text, len, "\n\"\\");
 *   while (marks_look(&marks)) {
 *     ... marks.at[marks.first], marks.at[marks.first + 1], ...
 *     marks_pass(&marks, offset);
 *   }
 *
 * After the last byte of the text there is one more mark, at `len`.
 */
#ifndef PERIGEE_MARKS_H
#define PERIGEE_MARKS_H
#include "blocks.h"

#define MARKS_MAX 1024
#define MARKS_AHEAD 64 /* at least so many after marks_look(), or all */

struct marks {
  const char *text; /* borrowed; 64 readable bytes follow it */
  size_t len;
  size_t done; /* bytes that were looked at */
  uint32_t first, count;
  char bytes[4]; /* the last ones may be the same */
  bool avx2;
  bool ended; /* the mark at `len` is there */
  uint32_t at[MARKS_MAX + BLOCK_BYTES + 8];
};

/* `bytes`: one to four of them. */
void marks_init(struct marks *marks, const char *text, size_t len,
                const char *bytes);

/* Finds more marks when there are few; see marks_look().  By one of the two
 * ways, the second only where the machine has AVX2. */
void marks_find(struct marks *marks);
void marks_find_plain(struct marks *marks);
void marks_find_avx2(struct marks *marks);

/* Is a mark left? */
static inline bool marks_look(struct marks *marks)
{
  if (marks->count - marks->first < MARKS_AHEAD && !marks->ended) {
    marks_find(marks);
  }
  return marks->first < marks->count;
}

/* Passes the marks up to `offset`, and that one. */
static inline void marks_pass(struct marks *marks, size_t offset)
{
  while (marks_look(marks) && marks->at[marks->first] <= offset) {
    marks->first++;
  }
}
#endif
