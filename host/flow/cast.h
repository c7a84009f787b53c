/* cast.h - columns of numbers as another type of number, without loss. */
#ifndef PG_FLOW_CAST_H
#define PG_FLOW_CAST_H
#include "data/column.h"

/* i8 to f64, without bool and time. */
bool pg_cast_is_number(uint32_t type);

/* The same values as `type`; both are numbers.
 *
 * [out]  row  when NULL: the first value that `type` cannot hold exactly; -1:
 *             no memory
 */
struct pg_column *pg_cast_column(const struct pg_column *column, uint32_t type,
                                 int64_t *row);

/* A number as text, for messages; at most `size` bytes with the NUL. */
void pg_cast_show(const struct pg_column *column, int64_t row, char *text,
                  size_t size);

#endif
