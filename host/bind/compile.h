/* compile.h - what the expressions of a config become for the columns of a
 * batch. */
#ifndef PG_BIND_COMPILE_H
#define PG_BIND_COMPILE_H
#include "bind/script.h"

/* pg_script.programs */
enum pg_status pg_compile_programs(void *self, int node,
                                   const struct pg_schema *schema,
                                   struct pg_program **made,
                                   struct pg_error *err);

/* pg_script.aggregate */
enum pg_status pg_compile_aggregate(void *self, int node, int index,
                                    const struct pg_schema *schema,
                                    struct pg_aggregate_use *use,
                                    struct pg_error *err);

#endif
