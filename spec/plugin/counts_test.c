/* counts_test.c - counters by name. */
#include "plugin/counts.h"

#include "check/check.h"
#include "check/no_memory.h"

#include <stdio.h>
#include <string.h>

static void adds_by_name(void)
{
  struct pg_counts counts = {0}, more = {0};
  pg_count(&counts, "rows", 2);
  pg_count(&counts, "chunks", 1);
  pg_counts_add(&counts, "rows again", 4, 3); /* of "rows" */
  pg_count(&more, "lines", 7);
  pg_count(&more, "chunks", UINT64_C(1) << 40);
  pg_counts_join(&counts, &more);
  CHECK(counts.count == 3, "%d", counts.count);
  CHECK(strcmp(counts.list[0].name, "rows") == 0 && counts.list[0].n == 5 &&
          counts.list[1].n == (UINT64_C(1) << 40) + 1 &&
          strcmp(counts.list[2].name, "lines") == 0 && counts.list[2].n == 7,
        "in the order in which they began");
  CHECK(more.count == 2 && more.list[0].n == 7, "what is joined stays");
  pg_counts_fini(&more);
  pg_counts_fini(&counts);
  CHECK(counts.count == 0 && !counts.list, "empty");
}

static void begins_with_the_first_that_is_not_0(void)
{
  struct pg_counts counts = {0};
  pg_count(&counts, "rows", 0);
  CHECK(counts.count == 0, "%d", counts.count);
  pg_count(&counts, "rows", 1);
  pg_count(&counts, "rows", 0);
  CHECK(counts.count == 1 && counts.list[0].n == 1, "%d", counts.count);
  pg_counts_fini(&counts);
}

static void takes_any_name(void)
{
  char longer[100];
  struct pg_counts counts = {0};
  memset(longer, 'x', sizeof longer);
  pg_counts_add(&counts, longer, sizeof longer, 1);
  pg_counts_add(&counts, longer, 64, 1); /* is cut to the same */
  pg_counts_add(&counts, "a\033[31m\n\0b", 9, 1);
  pg_counts_add(&counts, "", 0, 1);
  CHECK(counts.count == 3 && counts.list[0].n == 2 &&
          strlen(counts.list[0].name) == 63,
        "%d, %zu", counts.count, strlen(counts.list[0].name));
  CHECK(strcmp(counts.list[1].name, "a [31m  b") == 0, "%s",
        counts.list[1].name);
  pg_counts_fini(&counts);
}

static void does_not_pile_up_names(void)
{
  char name[20];
  struct pg_counts counts = {0};
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof name, "user %d", i);
    pg_count(&counts, name, 1);
  }
  pg_count(&counts, "user 3", 1);
  CHECK(counts.count == PG_COUNTS_MAX && counts.list[3].n == 2, "%d",
        counts.count);
  pg_counts_fini(&counts);
}

static bool count_two(void)
{
  struct pg_counts counts = {0};
  pg_count(&counts, "rows", 1);
  pg_count(&counts, "chunks", 1);
  bool all = counts.count == 2;
  pg_counts_fini(&counts);
  return all;
}

int main(void)
{
  adds_by_name();
  begins_with_the_first_that_is_not_0();
  takes_any_name();
  does_not_pile_up_names();
  no_memory_each(count_two, NULL);
  return 0;
}
