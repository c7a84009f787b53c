/* model.h - the oracle of the data tests: values that are written down twice,
 * once into a column and once as plain text. */
#ifndef PG_SPEC_MODEL_H
#define PG_SPEC_MODEL_H
#include "data/build.h"

/* Row `row` of the column that `seed` stands for: as text in `text`, a literal
 * or one of 16 buffers in turn; NULL: null. */
const char *model_value(uint32_t type, unsigned seed, int64_t row, bool nulls);

/* That column, made by a pg_build; values of null rows are noise.  Without
 * `nulls` no validity is asked for.  NULL: no memory. */
struct pg_column *model_column(uint32_t type, unsigned seed, int64_t rows,
                               bool nulls);

/* Ends the test unless row `row` of `column` is that value (text, or NULL). */
void model_check(const struct pg_column *column, int64_t row,
                 const char *expected, const char *what);

/* The value in `row` of a column as a plugin sees it, as above. */
const char *model_seen(const peri_col *column, int64_t row);

#endif
