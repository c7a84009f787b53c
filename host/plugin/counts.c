/* counts.c - counters by name. */
#include "plugin/counts.h"

#include <stdlib.h>
#include <string.h>

static void copy_name(char *to, size_t size, const char *name, size_t len)
{
  size_t n = len < size - 1 ? len : size - 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)name[i];
    to[i] = c < 32 || c == 127 ? ' ' : (char)c;
  }
  to[n] = '\0';
}

void pg_counts_add(struct pg_counts *counts, const char *name, size_t len,
                   uint64_t n)
{
  struct pg_count one = {.n = n};
  copy_name(one.name, sizeof one.name, name, len);
  for (int i = 0; i < counts->count; i++) {
    if (strcmp(counts->list[i].name, one.name) == 0) {
      counts->list[i].n += n;
      return;
    }
  }
  if (n == 0 || counts->count == PG_COUNTS_MAX) {
    return;
  }
  struct pg_count *list =
    realloc(counts->list, ((size_t)counts->count + 1) * sizeof *list);
  if (list) {
    list[counts->count++] = one;
    counts->list = list;
  }
}

void pg_count(struct pg_counts *counts, const char *name, uint64_t n)
{
  pg_counts_add(counts, name, strlen(name), n);
}

void pg_counts_join(struct pg_counts *counts, const struct pg_counts *more)
{
  for (int i = 0; i < more->count; i++) {
    pg_count(counts, more->list[i].name, more->list[i].n);
  }
}

void pg_counts_fini(struct pg_counts *counts)
{
  free(counts->list);
  *counts = (struct pg_counts){0};
}
