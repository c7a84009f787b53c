/* suggest.c - distances between names: edits of one character, and swaps of two
 * neighbours.  The same rule as lua/perigee/suggest.lua. */
#include "plugin/suggest.h"

#include <ctype.h>
#include <string.h>

#define LENGTH_MAX 64 /* longer names are not mistyped by hand */

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

static int same(char a, char b)
{
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
  size_t rows[3][LENGTH_MAX * 2 + 1];
  for (size_t j = 0; j <= b_len; j++) {
    rows[0][j] = j;
  }
  for (size_t i = 1; i <= a_len; i++) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
      size_t cost = least(least(above[j], row[j - 1]) + 1,
                          above[j - 1] + !same(a[i - 1], b[j - 1]));
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
          same(a[i - 2], b[j - 1])) {
        cost = least(cost, rows[(i + 1) % 3][j - 2] + 1);
      }
      row[j] = cost;
    }
  }
  return rows[a_len % 3][b_len];
}

void pg_suggest_offer(struct pg_suggest *best, const char *name, size_t len,
                      const char *other)
{
  size_t allowed = len < 2 ? 0 : len < 6 ? 1 : len / 3;
  size_t other_len = strlen(other);
  if (len > LENGTH_MAX || other_len > len + allowed ||
      len > other_len + allowed) {
    return;
  }
  size_t cost = distance(name, len, other, other_len);
  if (cost <= allowed && (!best->nearest || cost < best->cost)) {
    best->nearest = other;
    best->cost = cost;
  }
}
