/* mock_aggregate.h - runs one overload of an aggregate, over states of the
 * test's: see mock_host.h. */
#ifndef PERIGEE_MOCK_AGGREGATE_H
#define PERIGEE_MOCK_AGGREGATE_H
#include "mock_host.h"

struct mock_aggregate {
  const peri_item *item;
  peri_status (*step)(peri_cx *, void *, const uint32_t *, int64_t,
                      const peri_col *);
  peri_status (*join)(peri_cx *, void *, void *);
  peri_status (*final)(peri_cx *, const void *, peri_slot *, uint8_t *);
  void (*drop)(peri_cx *, void *); /* or NULL */
};

/* The overload whose declaration begins with `signature`, such as
 * "sum(x: f64)"; ends the test when there is none. */
struct mock_aggregate mock_aggregate_find(const peri_plugin *plugin,
                                          const char *signature);
/* `count` zeroed states, in a place of exactly the size and the alignment.
 * Release with free(), after mock_aggregate_drop(). */
void *mock_aggregate_states(const struct mock_aggregate *aggregate, int count);
/* Moves them as bytes, as a host does whose table grows; frees the old place.
 */
void *mock_aggregate_move(const struct mock_aggregate *aggregate, void *states,
                          int count);
void *mock_aggregate_at(const struct mock_aggregate *aggregate, void *states,
                        int index);
/* The result as text: "null", "@5" (time), "true", "\"text\"", a number; or
 * "failed STATUS: MESSAGE".  Free it. */
char *mock_aggregate_text(struct mock *mock,
                          const struct mock_aggregate *aggregate,
                          const void *state);
void mock_aggregate_drop(struct mock *mock,
                         const struct mock_aggregate *aggregate, void *states,
                         int count);
#endif
