/* no_column.h - the failure of a stage that lacks a column, in the words of a
 * check: with the name that was probably meant, or those that there are. */
#ifndef PG_FLOW_NO_COLUMN_H
#define PG_FLOW_NO_COLUMN_H
#include "flow/stage.h"

/* Fails: PG_BAD_INPUT */
enum pg_status pg_no_column(const struct pg_stage *stage,
                            const struct pg_schema *schema, peri_str name,
                            struct pg_error *err);

#endif
