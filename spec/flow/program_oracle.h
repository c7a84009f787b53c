/* program_oracle.h - what a program gives, row by row. */
#ifndef PG_SPEC_PROGRAM_ORACLE_H
#define PG_SPEC_PROGRAM_ORACLE_H
#include "flow/program.h"

#define ORACLE_MAX 64 /* registers */

struct cell {
  bool null, known;
  peri_slot slot;
};

struct oracle {
  const struct pg_instruction *code;
  const uint32_t *types; /* of the registers */
  int count;
  const struct pg_batch *batch;
  struct pg_context context;     /* of the functions; one plugin */
  struct cell cells[ORACLE_MAX]; /* of the row at hand */
};

/* The value of the last register in this row; texts live until the next call.
 */
struct cell oracle_row(struct oracle *oracle, int64_t row);

/* Ends the test unless the column holds what the oracle says. */
void oracle_check(struct oracle *oracle, const struct pg_column *column,
                  const char *what);
/* The same for the rows that a filter gave. */
void oracle_check_rows(struct oracle *oracle, const uint32_t *rows,
                       int64_t count, const char *what);

#endif
